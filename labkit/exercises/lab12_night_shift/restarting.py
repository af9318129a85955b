"""A restart between two attempts, with a process of its own for each of them."""

from pathlib import Path
from typing import Any

from labkit.checks import Question
from labkit.checks.calls import JSON, AppCaller
from labkit.checks.restarted import Left, ships_once, wait_for_threads
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.house import FILE, TOLERANCE, MakeApp
from labkit.exercises.lab12_night_shift.month import DAY, PAYMENT, SCHEME, STARTS
from labkit.exercises.lab12_night_shift.world import OLD
from labkit.model import Event


def survives_a_real_restart(make_app: MakeApp) -> None:
    """A restart with a new process for each attempt adds no parcel."""
    ask = Question(
        sent="POST /webhooks, then a restart (a new process with the same file), and "
        "36 hours later POST /webhooks again, with the same event",
        expected="a 2xx the second time, and one parcel in total",
        why="A new process remembers nothing. Only what is in the file survives a "
        "restart, and the parcel service forgets a key after 24 hours.",
        try_next="Look for data that your code keeps outside the file, and for values "
        "that each process creates for itself.",
    )
    ships_once(ask, make_app, _life)


def _life(make_app: Any, directory: Path, event_id: str, before: Left | None) -> Left:
    event = Event(PAYMENT, {"order_id": "A-1", "amount": 1990}, id=event_id)
    now = STARTS + (1.5 * DAY if before else 0)
    parcels = list(before["parcels"]) if before else []

    def ship(order_id: Any, idempotency_key: Any = None) -> None:
        del idempotency_key  # the service has forgotten it
        parcels.append(order_id)

    config = Config(
        secrets=lambda: [OLD],
        now=lambda: now,
        tolerance=TOLERANCE,
        db_path=str(directory / FILE),
        ship=ship,
        page=lambda *_: None,
    )
    headers = SCHEME.sign(event.body, secret=OLD, id=event.id, timestamp=int(now))
    app = AppCaller(make_app(config))
    status = app.send(event.body, {**JSON, **headers}).status
    wait_for_threads()
    return {"status": status, "parcels": parcels}
