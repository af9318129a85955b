"""Callbacks for the app of a trial, which take notes and can be made to fail."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks.calls import Answered
from labkit.checks.copying import own_copy
from labkit.checks.observing import Record
from labkit.checks.steps import LATE, PATIENCE, Fail

A_WHILE = 0.4
"""For how many seconds a process takes work that the view may give up waiting for."""


class Callbacks:
    """A world whose effects are the calls of callbacks, in order.

    `arguments_of(world, app)` makes the arguments of make_app; `callback(name)` gives
    one that takes notes and can be made to fail. Positional and keyword arguments are
    noted as a copy; the name comes first. An effect whose name begins with "_" is not
    shown. `result` is what the callbacks return.
    If `slow`, a call in another thread waits for the response to begin, for at most
    `hold` seconds.
    A call after the beginning of the response has LATE in its name. After a 2xx without
    any call there is a short wait, `patience` in seconds, for a call in another thread.
    """

    def __init__(
        self,
        arguments_of: Callable[["Callbacks", int], Sequence[Any]],
        result: Any = None,
        *,
        slow: bool = False,
        hold: float = PATIENCE / 2,
        patience: float = PATIENCE,
    ) -> None:
        self.record = Record()
        self._patience = patience
        self._hold = hold if slow else 0
        self._responding = threading.Event()
        self._called = threading.Event()
        self._thread = threading.get_ident()
        self._arguments_of = arguments_of
        self._failures: dict[str, list[Fail]] = {}
        self._result = result
        self._told = 0

    def callback(self, name: str = "process") -> Callable[..., Any]:
        """Return a callback that notes its calls under this name."""

        def called(*args: Any, **named: Any) -> Any:
            elsewhere = threading.get_ident() != self._thread
            late = self._responding.wait(self._hold if elsewhere else 0)
            shown_as = name + LATE if late else name
            failure = self.failure(name)
            noted = [*args, *([named] if named else [])]
            if failure is None or failure.acts:
                self.record.note(shown_as, *own_copy(noted))
            if failure is not None:
                self.record.note(f"{shown_as} raises")
            self._called.set()
            if failure is not None:
                raise failure.error()
            return self._result

        return called

    def arguments(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with for this app."""
        return self._arguments_of(self, app)

    def fail(self, step: Fail) -> None:
        """Let the next call of a callback fail."""
        self._failures.setdefault(step.callback, []).append(step)

    def failure(self, name: str) -> Fail | None:
        """Return how this call of a callback must fail, or None."""
        waiting = self._failures.get(name)
        return waiting.pop(0) if waiting else None

    def effects(self) -> Sequence[Any]:
        """Return the calls since this was last called."""
        self._called.clear()
        new = self.record.calls[self._told :]
        self._told = len(self.record.calls)
        return new

    def begins(self) -> None:
        """Learn that a request is sent."""
        self._responding.clear()

    def responding(self) -> None:
        """Learn that the response begins."""
        self._responding.set()

    def ends(self, answered: Answered) -> None:
        """Wait for a late call after a 2xx."""
        if answered.acknowledged:
            self._called.wait(self._patience)
