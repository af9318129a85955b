"""Deliver one request to a receiver and say what came of it."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, got_request_exception

from labkit.explore.database import collect_forgotten
from labkit.explore.records import Answer
from labkit.transport import AppTransport, Interrupted

Deliver = Callable[[int], Answer]
"""Deliver the request of that number once."""


def delivery(receiver: Any, requests: tuple[Any, ...]) -> Deliver:
    """Make the function that delivers requests to `receiver`, by their numbers."""
    send = _to_app if isinstance(receiver, Flask) else _to_callable
    deliver = send(receiver, requests)

    def deliver_and_tidy(number: int) -> Answer:
        answer = deliver(number)
        collect_forgotten()
        return answer

    return deliver_and_tidy


class _Raised(threading.local):
    """The exceptions that apps raised in this thread, by app."""

    def __init__(self) -> None:
        self.by: dict[Flask, BaseException] = {}


_raised = _Raised()


def _note(app: Flask, exception: BaseException, **_more: Any) -> None:
    _raised.by[app] = exception


got_request_exception.connect(_note)


def _to_callable(handler: Callable[[Any], Any], requests: tuple[Any, ...]) -> Deliver:
    def deliver(number: int) -> Answer:
        try:
            value = handler(requests[number])
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as error:  # noqa: BLE001 - the learner's, whatever it is
            return Answer(number, None, _named(error), acknowledged=False)
        status = getattr(value, "status", 200)
        return Answer(number, value, "", acknowledged=_is_success(status))

    return deliver


def _to_app(app: Flask, requests: tuple[Any, ...]) -> Deliver:
    def deliver(number: int) -> Answer:
        transport = AppTransport(app)
        _raised.by.clear()
        response = transport.send(requests[number], timeout=0)
        error = _raised.by.pop(app, transport.last_error)
        return Answer(
            number,
            response,
            "" if error is None else _named(error),
            acknowledged=_is_success(response.status),
        )

    return deliver


def _is_success(status: Any) -> bool:
    return isinstance(status, int) and 200 <= status < 300


def _named(error: BaseException) -> str:
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
