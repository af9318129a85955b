"""The memory of a process under exploration: fresh, and with locks that can be seen."""

import sqlite3
import threading
import time
from typing import Any

from labkit.explore import database, waits
from labkit.running.fresh import FreshProcess
from labkit.running.sources import Sources

_INSTEAD: list[tuple[Any, Any]] = [
    (threading.Lock, waits.PatientLock),
    (threading.RLock, waits.patient_rlock),
    (threading.get_ident, waits.identity),
    (time.sleep, waits.patient_sleep),
    (sqlite3.connect, database.connect),
]


def memory_of(sources: Sources) -> FreshProcess:
    """Make the memory of a process in which the explorer sees every wait."""
    return FreshProcess(
        sources,
        makers={
            waits.RealLock: waits.patient_lock_like,
            waits.RealRLock: lambda _: waits.patient_rlock(),
        },
        instead=_INSTEAD,
    )
