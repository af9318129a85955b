"""Find the mistake behind an exception of Flask, for the hand-made cases of lab 07."""

from labkit.checks import ASYNC, Mistake
from labkit.exercises.lab02_endpoint.apps import (
    NO_ANSWER_TYPE,
    RETURNS_NOTHING,
    UNDEFINED,
    WANTS_REQUEST,
)


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
