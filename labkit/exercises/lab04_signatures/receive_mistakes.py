"""The mistakes of 4.3, and on which requests they show."""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.calls import NO_APP as NO_APP_MISTAKE
from labkit.checks.mistakes import Proof, Rule, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import NO_APP
from labkit.errors import BadSecret
from labkit.exercises.lab02_endpoint.apps import ACK_FIRST, late
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures import mistakes as m
from labkit.exercises.lab04_signatures.mixed_types import mixed_types
from labkit.exercises.lab04_signatures.signed_requests import WAYS
from labkit.exercises.verifiers import compares_early, misses, of

REFUSED = "401, 400 or 403"
"""How a status that rejects a forged request is compared."""

OTHER_PATH, OTHER_METHOD, OTHER_HEADER, NEVER, TWICE = mistakes("""
    other-path: Your app has no route for /webhooks, so every delivery gets a 404.
        Try: Write the route as @app.post("/webhooks").
    answers-another-method: Your route does not accept POST, but a webhook is a POST.
        Try: Use @app.post("/webhooks"), or methods=["POST"].
    reads-another-header: Your code looks for the signature in another header.
        Try: Read the header X-Webhook-Signature.
    acknowledged-not-processed: Your code acknowledges the event without calling
        process. The sender does not send it again, so it is lost.
        Try: Call process(event) before you respond.
    processes-twice: Your code calls process more than once for one request. That is a
        second parcel for one payment.
        Try: Call process in only one place.
""")
NO_DICT, OTHER_EVENT, KEEPS_STATE, SHARED, FORGED = mistakes("""
    process-gets-no-dict: Your code does not pass a dictionary to process.
        Try: Parse the body after it is verified, and pass the result.
    process-gets-something-else: Your code does not pass the event that arrived to
        process.
        Try: Pass the whole event: id, event, created_at and data.
    keeps-state: Your code did not process a legitimate request that came after other
        requests. It keeps something from an earlier request, such as an HMAC object or
        a list.
        Try: Compute everything from the current request.
    apps-share-state: Two apps share something in your code, such as the secret or
        process. After a second app was made, one of them uses what belongs to the
        other.
        Try: Let the route use make_app's own arguments instead of a global variable.
    forgery-processed: Your code passed a forged request to process, so somebody who
        does not know the secret can get a parcel.
        Try: Follow this request through your code: which line should have rejected it?
""")
AFTER, ACKNOWLEDGES, FORGERY_IS_500, OTHER_STATUS, PARSES_FIRST = mistakes("""
    checks-after-the-work: Your code calls process before it checks the signature. The
        response rejects the request, but the work is done.
        Try: Check the signature before anything else.
    acknowledges-what-it-refused: Your code acknowledges a request that it did not
        process. If your own secret is wrong, every event is lost without an error.
        Try: Respond with 401 if the request is not authentic.
    forgery-is-a-500: Your code responds with a 5xx to a forged request. A 5xx says that
        your receiver has failed, so anyone can fill your log with errors that mean
        nothing.
        Try: Let verify return False for it without an exception, and respond with 401.
    other-status: Your code rejects the request with another status. The sender cannot
        tell that the signature was wrong.
        Try: Respond with 400, 401 or 403 if a request is not authentic.
    parses-before-verifying: Your code parses the body before it is verified. An
        attacker who finds a body that breaks the parser needs no secret.
        Try: Read the raw body, check the signature, and only then parse.
""")
UNREADABLE_IS_500, UNREADABLE_ACKNOWLEDGED, LOSES, OWN_FAULT, TRIES_AGAIN = mistakes("""
    unreadable-is-a-500: Your code responds with 500 to a body that it cannot parse. The
        sender then retries the same body for days.
        Try: Respond with 400 if parsing raises a ValueError.
    unreadable-acknowledged: Your code acknowledges a body that it cannot parse. Nobody
        will ever look at the lost event.
        Try: Respond with 400.
    acknowledges-what-failed: Your code acknowledges the event although process raised
        an exception. The work is not done, and the sender does not send the event
        again.
        Try: Call process in the view itself, without a thread, and let its exception
        leave the view: Flask turns it into a 500, and the sender retries.
    own-failure-is-a-4xx: Your code responds with a 4xx if process raises an exception.
        A 4xx means that the request is wrong, and many senders do not retry after it.
        Try: Put only the parsing into the `try`, and call process(event) after it; let
        no error handler of the app respond with a 4xx either.
    tries-again-itself: Your code calls process again after it raised an exception. Any
        work from before the failure is then done twice.
        Try: Call process once, and leave retries to the sender.
""")
(TAKES_TEXT,) = mistakes("""
    the-kits-tool-takes-text: Your code uses the kit's own verify, which takes secrets
        as strings. Your make_app gets bytes.
        Try: Use the verify that you wrote in exercise 4.2.
""")

How = Callable[[Fields, Seen], bool]

_RIGHT = ("authentic", "spelled")
_WRONG = ("forged", "zeros", "garbage", "suffix", "missing", "empty")


def _last(seen: Seen) -> tuple[Any, Sequence[Any]]:
    """Return the status of the last request as it is compared, and the effects."""
    if not isinstance(seen.value, tuple) or not isinstance(seen.value[-1][0], tuple):
        return None, ()
    (status, _), effects = seen.value[-1]
    return status, [each for each in effects if each[0] == "process"]


def _is(*statuses: str, calls: int | None = None) -> How:
    """Accept these classes of statuses; `calls` is the number of calls of process."""

    def accepts(_: Fields, seen: Seen) -> bool:
        status, made = _last(seen)
        return status in statuses and calls in (None, len(made))

    return accepts


def _processed(_: Fields, seen: Seen) -> bool:
    return bool(_last(seen)[1])


def _acknowledged(_: Fields, seen: Seen) -> bool:
    return _processed(_, seen) and _last(seen)[0] == "2xx"


def _not_processed(_: Fields, seen: Seen) -> bool:
    status, calls = _last(seen)
    return status is not None and not calls


def _answered(status: int) -> How:
    return lambda _, seen: any(
        answered is not None and answered.status == status
        for answered, _ in seen.result or ()
    )


def _raises(*classes: type[BaseException]) -> How:
    return lambda _, seen: isinstance(seen.error, classes)


def _calls(accepts: Callable[[Sequence[Any]], bool]) -> How:
    """Accept an acknowledged request whose calls of process are like this."""

    def found(_: Fields, seen: Seen) -> bool:
        status, calls = _last(seen)
        return status == "2xx" and accepts(calls)

    return found


def _no_dict(calls: Sequence[Any]) -> bool:
    return len(calls) == 1 and calls[0][1][0] != "dict"


def _other_event(calls: Sequence[Any]) -> bool:
    return len(calls) == 1 and calls[0][1][0] == "dict"


_no_key = misses("X-Webhook-Signature")


def _fails(_: Fields, seen: Seen) -> bool:
    return _is("5xx", calls=0)(_, seen) and not _no_key(_, seen)


def _tried(seen: Seen) -> int:
    """Count the calls of process in the last step, those that raised included."""
    return sum(each[0].startswith("process") for each in seen.value[-1][1])


def _untouched(_: Fields, seen: Seen) -> bool:
    """Whether a request was acknowledged without any call, not even a late one."""
    return _last(seen)[0] == "2xx" and not _tried(seen)


def _parsed(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.value, tuple) and ("parsed",) in seen.value[-1][1]


def _some(mistake: Mistake, how: How, *kinds: str) -> Rule:
    """Return the rule for apps that handle some requests of these kinds in this way.

    They handle authentic requests as they should.
    """
    return Rule(mistake, of(*kinds), of("authentic"), how, some=True)


def _way(mistake: Mistake) -> Rule:
    """Return the rule for apps that expect signatures which are made in a wrong way.

    They reject the right signature, and accept one that is made in that way.
    """
    return Rule(
        mistake,
        lambda fields: fields["way"] == mistake.id,
        of("forged"),
        _processed,
        some=True,
        may=of(*_RIGHT),
    )


MISTAKES: Sequence[Proof] = (
    Rule(NO_APP_MISTAKE, of("authentic"), how=lambda _, seen: seen.value == NO_APP),
    Rule(OTHER_PATH, of("authentic", *_WRONG), how=_answered(404)),
    Rule(OTHER_METHOD, of("authentic", *_WRONG), how=_answered(405)),
    Rule(TAKES_TEXT, of("authentic"), how=_raises(BadSecret)),
    *mixed_types(of("authentic")),
    Rule(
        digests.INVERTED,
        of("authentic", "zeros"),
        how=lambda f, seen: (
            _processed(f, seen) if f["kind"] == "zeros" else _not_processed(f, seen)
        ),
    ),
    Rule(
        OTHER_HEADER,
        of("other header"),
        of("forged"),
        _processed,
        some=True,
        may=of("authentic"),
    ),
    *map(_way, dict.fromkeys(each.mistake for each in WAYS)),
    Rule(NEVER, of("authentic"), how=_untouched, some=True),
    Rule(ACK_FIRST, of("slow"), how=late, may=of("authentic")),
    Rule(TWICE, of("authentic"), how=_calls(lambda calls: len(calls) > 1)),
    Rule(NO_DICT, of("authentic"), how=_calls(_no_dict)),
    Rule(OTHER_EVENT, of("authentic"), how=_calls(_other_event)),
    Rule(SHARED, of("apps"), of(*_RIGHT, "again"), some=True),
    _some(FORGED, _acknowledged, "forged"),
    Rule(m.PREFIX, of("prefix"), of("forged", "authentic"), _processed, some=True),
    _some(AFTER, _is(REFUSED, "4xx", calls=1), "forged"),
    Rule(
        m.MISSING_ACCEPTED, of("missing", "empty"), of("forged"), _processed, some=True
    ),
    Rule(m.NO_HEADER, of("missing"), of("authentic"), _no_key),
    _some(FORGERY_IS_500, _fails, *_WRONG),
    _some(ACKNOWLEDGES, _is("2xx", calls=0), *_WRONG),
    Rule(OTHER_STATUS, of(*_WRONG), of("authentic"), _is("4xx", "3xx", calls=0)),
    Rule(m.FALLBACK, of("other bytes"), of("forged", *_RIGHT), _processed, some=True),
    Rule(digests.AS_TEXT, of("no text"), of("forged", "authentic"), some=True),
    Rule(PARSES_FIRST, of("order"), of("authentic"), _parsed),
    _some(KEEPS_STATE, _not_processed, "again"),
    _some(UNREADABLE_IS_500, _is("5xx", calls=0), "unreadable"),
    _some(UNREADABLE_ACKNOWLEDGED, _is("2xx", calls=0), "unreadable"),
    _some(LOSES, lambda f, seen: _is("2xx")(f, seen) and _tried(seen) == 1, "failure"),
    Rule(TRIES_AGAIN, of("failure"), of("authentic"), lambda _, seen: _tried(seen) > 1),
    _some(OWN_FAULT, _is("4xx", REFUSED), "failure"),
    _some(m.EMPTY_SECRET, _is("2xx"), "no secret"),
    *compares_early(m.EQUALS, m.STOPS),
)
