"""What a receiver is given for its night shift."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that `make_app` is given; it is called again whenever the process starts.

    `secrets()` returns the signing secrets that are valid at this moment, as a list of
    `whsec_…` texts, the newest first. During a rotation there are two of them.

    `now()` returns the time in seconds since the epoch, by the lab's clock.

    `tolerance` is how many seconds a timestamp may be away from `now()`, either way.

    `db_path` is an SQLite file. It is empty at first, and stays when the process dies.

    `ship(order_id, idempotency_key=…)` asks the remote parcel service for a parcel. It
    raises TimeoutError when no answer came, and may have acted all the same. It acts
    once for each key, and forgets a key after 24 hours.

    `page(text)` wakes the person on call. Calls within four hours of each other are
    one alarm.
    """

    secrets: Callable[[], list[str]]
    now: Callable[[], float]
    tolerance: float
    db_path: str
    ship: Callable[..., Any]
    page: Callable[[str], Any]
