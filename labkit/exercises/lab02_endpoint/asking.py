"""Call an app in a case, for the exercises with hand-made cases."""

from collections.abc import Callable
from typing import Any

import flask

from labkit.checks import ASYNC, Mistake, Question, lines_of, quietly
from labkit.checks import describe as in_one_line
from labkit.checks.calls import Answered, AppCaller
from labkit.exercises.lab02_endpoint.apps import (
    METHODS_AS_TEXT,
    NO_ANSWER_TYPE,
    NO_POST,
    NO_ROUTE,
    NO_SLASH,
    OTHER_ARGUMENTS,
    REDIRECTS,
    RETURNS_NOTHING,
    SHARED_APP,
    UNDEFINED,
    VIEW_RAISES,
    WANTS_REQUEST,
    WRONG_PATH,
)

MakeApp = Callable[..., Any]


def receiver_of(ask: Question, make_app: MakeApp, *args: Any) -> AppCaller:
    """Call `make_app` and return its app on a bench; any other result ends the case."""
    return AppCaller.set_up(ask, _telling(ask, make_app), *args, known=_KNOWN)


def _telling(ask: Question, make_app: MakeApp) -> MakeApp:
    """Return `make_app` so that a TypeError with a known cause ends the case."""

    def telling(*args: Any) -> Any:
        try:
            return make_app(*args)
        except TypeError as error:
            if "methods must be a list" in str(error):
                ask.fail(in_one_line(error), METHODS_AS_TEXT, lines=lines_of(error))
            if not lines_of(error):  # never got into the body
                ask.fail(in_one_line(error), OTHER_ARGUMENTS)
            raise

    return telling


_KNOWN: dict[type[BaseException], Mistake] = {
    AssertionError: SHARED_APP,
    ValueError: NO_SLASH,
    NameError: UNDEFINED,
}


def expect_acknowledged(
    ask: Question, answered: Answered, make_app: MakeApp, *, otherwise: Mistake | None
) -> None:
    """End the case with the mistake behind a response that is not a 2xx."""
    if answered.acknowledged:
        return
    text = str(answered)
    mistake = otherwise
    if answered.status == 404 and answered.error is None:
        app = quietly(make_app)
        mistake = WRONG_PATH if _routes(app) else NO_ROUTE
        text += f"; {what_it_knows(app)}"
    elif answered.status == 405:
        mistake = NO_POST
    elif 300 <= answered.status < 400:
        mistake = REDIRECTS
    elif answered.error is not None:
        mistake = cause_of(answered.error) or VIEW_RAISES
    ask.fail(text, mistake, lines=answered.lines)


def cause_of(error: BaseException) -> Mistake | None:
    """Return the mistake that made Flask raise this over a view, or None."""
    text = str(error)
    if isinstance(error, RuntimeError) and "async" in text:
        return ASYNC
    if isinstance(error, NameError):
        return UNDEFINED
    if not isinstance(error, TypeError):
        return None
    if "returned None" in text:
        return RETURNS_NOTHING
    if "valid response" in text:
        return NO_ANSWER_TYPE
    if "missing 1 required positional argument" in text:
        return WANTS_REQUEST
    return None


def what_it_knows(app: object) -> str:
    """Return the paths of an app in words, to be shown after a 404."""
    return f"this app knows {', '.join(_routes(app)) or 'no path at all'}"


def _routes(app: object) -> list[str]:
    if not isinstance(app, flask.Flask):
        return []
    rules = (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")
    return [rule.rule for rule in rules]
