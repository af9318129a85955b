"""A restart between two attempts, with a process of its own for each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.checks import Case, Question
from labkit.checks.calls import AppCaller
from labkit.checks.restarted import Left, ships_once, wait_for_threads
from labkit.checks.steps import Post
from labkit.exercises.lab07_idempotency.trials import named
from labkit.exercises.lab07_idempotency.worlds import FILE, post

Start = Callable[[Any, Path, list[Any]], tuple[Any, Callable[[], list[Any]]]]
"""Calls `make_app` over the file; returns the app, and what lists the orders shipped.

The list that it is given is kept over the restart.
"""


def _attempt(id_: str, again: bool) -> Post:
    return post(named(id_), 2 if again else 1)


@dataclass(frozen=True, slots=True)
class _Life:
    """One life of a receiver: it starts and gets one attempt."""

    start: Start
    attempt: Callable[[str, bool], Post]

    def __call__(
        self, make_app: Any, directory: Path, event_id: str, before: Left | None
    ) -> Left:
        kept = before["kept"] if before else []
        app, orders = self.start(make_app, directory / FILE, kept)
        sent = self.attempt(event_id, before is not None)
        status = AppCaller(app).send(sent.body, sent.headers).status
        wait_for_threads()
        return {"status": status, "parcels": orders(), "kept": kept}


def real_restart(
    start: Start,
    parcel: str = "parcel",
    *,
    attempt: Callable[[str, bool], Post] = _attempt,
    later: str = "",
    besides: str = "hash() differs in each process",
) -> Case:
    """Return the case of an event, a restart and a duplicate.

    `start` is a module's function, which a new process can import. `parcel` is the word
    for what is shipped. `attempt` makes the request for an event's
    id, the first one or the one after the restart; `later` says when that comes, and
    `besides` what else the restart changes.
    """
    ask = Question(
        sent="POST /webhooks, then a restart (a new process with the same file), "
        f"{later or 'then '}POST /webhooks again, with the same event",
        expected=f"a 2xx the second time, and one {parcel} in total",
        why="A new process remembers nothing. Only what is in the file survives a "
        f"restart, and {besides}.",
        try_next="Look for data that your code keeps outside the file, and for values "
        "that each process creates for itself.",
    )

    def survives_a_real_restart(make_app: Any) -> None:
        ships_once(ask, make_app, _Life(start, attempt), f"{parcel}s")

    survives_a_real_restart.__doc__ = (
        f"A restart with a new process for each attempt adds no {parcel}."
    )

    return survives_a_real_restart
