"""Let a learner's code believe that it is later, without waiting."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from labkit.running.sources import Sources

_real = dt.datetime
_date = dt.date


@contextmanager
def later(function: Callable[..., Any], seconds: float) -> Iterator[None]:
    """Shift the clocks that the function may look at, in this thread, by `seconds`.

    That is `time` and `datetime`, whether they are imported as modules or by name; the
    clock of SQLite cannot be changed.
    """
    changed = _shifted(seconds)
    names = ["time", "time_ns", "monotonic", "perf_counter"]
    names += ["gmtime", "localtime", "strftime"]
    places: list[tuple[Any, str, Any]] = [
        *((vars(time), name, getattr(time, name)) for name in names),
        (vars(dt), "datetime", _real),
        (vars(dt), "date", _date),
    ]
    by_name = {id(value): name for _, name, value in places}
    spaces = {id(f.__globals__): f.__globals__ for f in Sources([function]).functions}
    for space in spaces.values():
        places += [
            (space, name, value)
            for name, value in list(space.items())
            if id(value) in by_name
        ]
    try:
        for space, name, value in places:
            space[name] = changed[by_name[id(value)]]
        yield
    finally:
        for space, name, value in places:
            space[name] = value


def _shifted(seconds: float) -> dict[str, Any]:
    """Return the clocks by their names; other threads see them unshifted."""
    owner = threading.get_ident()

    def moved(clock: Callable[[], Any], by: Any) -> Callable[[], Any]:
        return lambda: clock() + by if threading.get_ident() == owner else clock()

    class Like(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, _real)

    class Later(_real, metaclass=Like):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return moved(lambda: _real.now(tz), dt.timedelta(seconds=seconds))()

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(dt.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    class LikeDate(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, _date)

    class LaterDate(_date, metaclass=LikeDate):
        @classmethod
        def today(cls) -> Any:
            return Later.now().date()

    time_now, strftime = time.time, time.strftime

    def parts(make: Callable[[float], Any]) -> Callable[..., Any]:
        now = moved(time_now, seconds)
        return lambda at=None: make(now() if at is None else at)

    local = parts(time.localtime)
    return {
        "date": LaterDate,
        "gmtime": parts(time.gmtime),
        "localtime": local,
        "strftime": lambda form, at=None: strftime(form, at or local()),
        "time": moved(time.time, seconds),
        "time_ns": moved(time.time_ns, round(seconds * 1e9)),
        "monotonic": moved(time.monotonic, seconds),
        "perf_counter": moved(time.perf_counter, seconds),
        "datetime": Later,
    }
