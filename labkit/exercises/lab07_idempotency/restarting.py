"""A restart between two attempts, with a process of its own for each of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from labkit.checks import Case, Question
from labkit.checks.calls import JSON, AppCaller
from labkit.checks.restarted import Left, ships_once, wait_for_threads
from labkit.model import Event
from labkit.samples import payments

FILE = "shop.db"

Start = Callable[[Any, Path, list[Any]], tuple[Any, Callable[[], list[Any]]]]
"""Calls `make_app` over the file; returns the app, and what lists the orders shipped.

The list that it is given is kept over the restart.
"""


def real_restart(start: Start, parcel: str = "parcel") -> Case:
    """Return the case of an event, a restart and a duplicate.

    `parcel` is the word for what is shipped.
    """

    def life(
        make_app: Any, directory: Path, event_id: str, before: Left | None
    ) -> Left:
        (first,) = payments(1)
        event = Event(first.type, first.data, id=event_id, created_at=first.created_at)
        kept = before["kept"] if before else []
        app, orders = start(make_app, directory / FILE, kept)
        status = AppCaller(app).send(event.body, JSON).status
        wait_for_threads()
        return {"status": status, "parcels": orders(), "kept": kept}

    ask = Question(
        sent="POST /webhooks, then a restart: a new process and the same file; then "
        "POST /webhooks once more, with the same event",
        expected=f"a 2xx the second time, and one {parcel}",
        why="A new process remembers nothing. Only what is in the file survives a "
        "restart, and hash() differs in each process.",
        try_next="Look for what your code keeps outside of the file, and for values "
        "that every process makes up for itself.",
    )

    def survives_a_real_restart(make_app: Any) -> None:
        ships_once(ask, make_app, life, f"{parcel}s")

    survives_a_real_restart.__doc__ = (
        f"A restart, with a process of its own for each attempt, adds no {parcel}."
    )

    return survives_a_real_restart
