"""Mistakes that any app can contain, each with its proof.

They concern the boundary between Flask and a view: the route, the method, what the view
returns. The exercises about apps add `app_rules` to their own mistakes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks import ASYNC, Mistake, lines_of
from labkit.checks.calls import NO_APP as RETURNS_NO_APP
from labkit.checks.calls import NO_PATH, Answered
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import LATE, NO_APP

SHARED_APP, NO_SLASH, NO_ROUTE, NO_POST = mistakes("""
    routes-added-to-a-shared-app: Your code adds the routes of every call to the same
        app. Flask raises an exception for the second call, and in a notebook every cell
        runs more than once.
        Try: Create the app inside make_app, before the routes.
    path-without-its-slash: The path in your decorator does not begin with a slash.
        Every path in a URL does, so Flask rejects the route.
        Try: Begin the path in the decorator with a slash.
    no-route-at-all: Your app has no route, so it responds to every request with 404.
        Only a decorator makes a function an endpoint.
        Try: Put @app.post(…) with the path directly above the function, inside
        make_app.
    no-post: Your route does not accept POST, so Flask responds with 405. Webhooks are
        sent with POST, and a plain @app.route accepts only GET.
        Try: Name the method in the decorator: @app.post(…), or methods=[…].
""")
REDIRECTS, RETURNS_NOTHING, NO_ANSWER_TYPE, WANTS_REQUEST = mistakes("""
    answers-with-a-redirect: Your path ends with a slash, so Flask redirects requests
        without it. Most providers do not follow a redirect; for them the attempt
        failed.
        Try: Remove the slash at the end of the path.
    view-returns-nothing: Your view returns None, and Flask cannot turn None into a
        response. The sender gets a 500 and retries, although the request was correct.
        Try: End the view with a return, for example: return "", 200.
    returns-what-is-no-answer: Your view returns a value that Flask cannot turn into a
        response. Flask accepts a string, bytes, a dictionary, a list, or one of them
        with a status.
        Try: Return a body and then the status: return "", 200.
    view-takes-the-request: Your view has a parameter for the request, but Flask passes
        only the variable parts of the path, and this path has none.
        Try: Remove the parameter, and import the request: from flask import request.
""")
UNDEFINED, METHODS_AS_TEXT, WRONG_PATH, VIEW_RAISES, ACK_FIRST = mistakes("""
    name-not-defined: Your code uses a name that is not defined: nothing above has
        imported it or assigned it. In a view this raises an exception, and the sender
        gets a 500.
        Try: Import the name, or assign it above your function; a word such as POST
        needs quotes.
    methods-as-one-text: Your code passes one string as `methods`, but Flask needs a
        list of names. It would read the string as the methods P, O, S and T.
        Try: Write the name into a list: methods=["POST"].
    other-path: Your app has no route for the path that the provider uses, so every
        delivery gets a 404. You never hear of these payments.
        Try: Compare your path with the one in the exercise: slashes, hyphens, spelling.
    view-ends-with-an-exception: Your view raises an exception that nothing catches, so
        Flask responds with 500. The sender counts the attempt as failed and retries.
        Try: Start with the line of your code shown above: what does the exception say
        about it?
    acknowledges-before-the-work: Your response is sent before the work is done. If the
        work then fails, or the process is restarted, the sender does not retry, and the
        event is lost.
        Try: Do the work in the view itself, and respond only after it is done.
""")

How = Callable[[Fields, Seen], bool]


def app_rules(plain: Callable[[Fields], bool], path: str) -> list[Proof]:
    """Return the proofs; `plain` accepts the trials that any app must answer with 2xx.

    Such a trial ends with a request to `path`.
    """

    def rule(mistake: Mistake, how: How) -> list[Proof]:
        return [
            Rule(mistake, plain, how=how, may=always, stateful=stateful)
            for stateful in (False, True)
        ]

    def to_slash(answered: Answered) -> bool:
        return answered.headers.get("Location", "").endswith(f"{path}/")

    return [
        *rule(RETURNS_NO_APP, lambda _, seen: bool(seen.value == NO_APP)),
        *rule(SHARED_APP, _raised("AssertionError", "setup method", "overwriting")),
        *rule(NO_SLASH, _raised("ValueError", "leading slash", "start with a slash")),
        *rule(METHODS_AS_TEXT, _raised("TypeError", "methods must be a list")),
        *rule(UNDEFINED, lambda _, seen: type(seen.error) is NameError),
        *rule(ASYNC, _raised("RuntimeError", "async")),
        *rule(RETURNS_NOTHING, _flask_raised("returned None")),
        *rule(WANTS_REQUEST, _flask_raised("required positional argument")),
        *rule(NO_ANSWER_TYPE, _flask_raised("valid response")),
        *rule(NO_ROUTE, lambda _, seen: seen.text.endswith(NO_PATH)),
        *rule(NO_POST, _answered(_no_post)),
        *rule(REDIRECTS, _answered(to_slash)),
        *rule(VIEW_RAISES, _view_raised),
    ]


def answers_of(seen: Seen) -> list[Answered]:
    """Return the responses of the trial, in order."""
    steps: Sequence[tuple[Answered | None, object]] = (
        seen.result if isinstance(seen.result, tuple) else ()
    )
    return [answered for answered, _ in steps if answered is not None]


def effects_of(seen: Seen) -> list[tuple[Any, ...]]:
    """Return the effects of all steps, in order."""
    steps = seen.result if isinstance(seen.result, tuple) else ()
    return [effect for _, effects in steps for effect in effects]


def late(_: Fields, seen: Seen) -> bool:
    """Whether work was done after the beginning of a response with a 2xx."""
    statuses = [each.status for each in answers_of(seen)]
    after = any(name.endswith(LATE) for name, *_ in effects_of(seen))
    return after and all(200 <= each < 300 for each in statuses)


def _answered(accepts: Callable[[Answered], bool]) -> How:
    return lambda _, seen: any(map(accepts, answers_of(seen)[-1:]))


def _no_post(answered: Answered) -> bool:
    """Whether Flask itself says that the path has other methods."""
    allowed = answered.headers.get("Allow", "")
    return answered.status == 405 and bool(allowed) and "POST" not in allowed


def _raised(kind: str, *texts: str) -> How:
    """Accept an exception of this class whose message contains one of the texts."""
    return lambda _, seen: (
        seen.raised == kind and any(text in str(seen.error) for text in texts)
    )


def _flask_raised(text: str) -> How:
    """Accept a TypeError that Flask raised itself, not the learner's code."""
    return lambda _, seen: (
        isinstance(seen.error, TypeError)
        and not lines_of(seen.error)
        and text in str(seen.error)
    )


def _view_raised(_: Fields, seen: Seen) -> bool:
    """Accept an exception of the learner's code before any effect."""
    return (
        isinstance(seen.error, Exception)
        and bool(answers_of(seen))
        and bool(lines_of(seen.error))
        and not effects_of(seen)
    )
