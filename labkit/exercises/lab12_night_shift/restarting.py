"""A restart between two attempts, with a process of its own for each of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.house import TOLERANCE
from labkit.exercises.lab12_night_shift.month import DAY, STARTS
from labkit.exercises.lab12_night_shift.trials import named
from labkit.exercises.lab12_night_shift.world import OLD, SignedPost, deliver


def _time(again: bool) -> float:
    return STARTS + (1.5 * DAY if again else 0)


def _attempt(id_: str, again: bool) -> SignedPost:
    return deliver(named(id_)).at(_time(again))


def _start(
    make_app: Any, file: Path, kept: list[Any]
) -> tuple[Any, Callable[[], list[Any]]]:
    def ship(order_id: Any, idempotency_key: Any = None) -> None:
        del idempotency_key  # the service has forgotten it
        kept.append(order_id)

    again = file.exists()
    config = Config(
        secrets=lambda: [OLD],
        now=lambda: _time(again),
        tolerance=TOLERANCE,
        db_path=str(file),
        ship=ship,
        page=lambda _: None,
    )
    return make_app(config), kept.copy


survives_a_real_restart = real_restart(
    _start,
    attempt=_attempt,
    later="and 36 hours later ",
    besides="the parcel service forgets a key after 24 hours",
)
