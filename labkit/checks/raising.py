"""Exceptions that the functions of a trial raise, from ordinary ones to rare ones."""

import asyncio
import json
from collections.abc import Callable, Sequence

from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
    Unauthorized,
)
from werkzeug.wrappers import Response

Make = Callable[[], BaseException]


class Surprise(Exception):
    """An exception that no code expects."""


class Exit(BaseException):
    """An exception that `except Exception` does not catch."""


BUGS: Sequence[Make] = (
    lambda: RuntimeError("the parcel service is down"),
    lambda: ValueError("no such country"),
    lambda: json.JSONDecodeError("no JSON", "x", 0),
    lambda: KeyError("street"),
    lambda: TypeError("an amount is not a string"),
    lambda: AttributeError("street"),
    lambda: IndexError(0),
    lambda: ZeroDivisionError("division by zero"),
    lambda: OSError("disk full"),
    lambda: TimeoutError("timed out"),
    lambda: ConnectionResetError("reset"),
    lambda: PermissionError("not yours"),
    lambda: RecursionError("too deep"),
    AssertionError,
    MemoryError,
    StopIteration,
    lambda: Surprise("never seen before"),
)
EXITS: Sequence[Make] = (
    lambda: SystemExit(1),
    asyncio.CancelledError,
    lambda: SystemExit(0),
    GeneratorExit,
    lambda: Exit("stop"),
)
"""Exceptions that `except Exception` does not catch."""

HTTP: Sequence[Make] = (
    NotFound,
    BadRequest,
    Unauthorized,
    Conflict,
    RequestEntityTooLarge,
    ServiceUnavailable,
    lambda: HTTPException("no code"),
    lambda: HTTPException(response=Response("", 200)),
)
"""Exceptions of which Flask makes a response with their own status."""
