"""What a receiver is given for its night shift."""

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import request


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that `make_app` is given; it is called again whenever the process starts.

    `secrets()` returns the signing secrets that are valid at this moment, as a list of
    `whsec_…` texts, the newest first. During a rotation there are two of them.

    `now()` returns the time in seconds since the epoch, by the lab's clock.

    `tolerance` is how many seconds a timestamp may be away from `now()`, either way.

    `db_path` is an SQLite file. It is empty at first, and it remains when the process
    crashes.

    `ship(order_id, idempotency_key=…)` asks the remote parcel service for a parcel. It
    raises TimeoutError if no response came, and may have created the parcel
    nevertheless. It acts once for each key, and forgets a key after 24 hours.

    `page(text)` wakes the person on call. Calls within four hours of each other count
    as one alert.
    """

    secrets: Callable[[], list[str]]
    now: Callable[[], float]
    tolerance: float
    db_path: str
    ship: Callable[..., Any]
    page: Callable[[str], Any]


def for_playing(parcels: list[str], secret: str) -> Config:
    """Return what a receiver is given on the playground.

    `parcels` is the list to which each shipped order is added, once for each key.
    `now()` is the time in the current request, because the playground has no clock for
    receivers.
    """
    keys: set[str] = set()

    def ship(order_id: str, idempotency_key: object = None) -> None:
        if idempotency_key is None or str(idempotency_key) not in keys:
            parcels.append(order_id)
            keys.add(str(idempotency_key))

    return Config(
        secrets=lambda: [secret],
        now=lambda: float(request.headers.get("webhook-timestamp", 0)),
        tolerance=300.0,
        db_path=str(_folder() / f"shop-{next(_numbers)}.db"),
        ship=ship,
        page=lambda _: None,
    )


_numbers = itertools.count(1)


@cache
def _folder() -> Path:
    """Return a folder for this session's files; it is deleted when the session ends."""
    folder = tempfile.mkdtemp(prefix="labkit-night-shift-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
