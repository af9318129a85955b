"""The calendar of a month: failed attempts by the hour, outages, and alarms."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from labkit.drawing.canvas import canvas, marked
from labkit.drawing.strokes import bar, classes, line, number, write
from labkit.timeline.words import counted

HOUR = 3_600.0
_EDGE, _LEFT, _TOP = 16.0, 62.0, 44.0
_WIDE, _TALL = 32.0, 18.0
_MANY = 10
_SIGNS = {True: "✓", False: "✗"}


@dataclass(frozen=True, slots=True)
class Judged:
    """An outage, from when to when it was in lab time, and if it was found in time."""

    what: str
    starts: float
    ends: float
    in_time: bool


Hours = Mapping[int, tuple[int, int]]
"""Attempts and failed attempts, by the hour of the month."""


def draw(
    name: str,
    hours: Hours,
    *,
    outages: Iterable[Judged] = (),
    alarms: Iterable[tuple[float, str]] = (),
    starts: float = 0.0,
    label: str = "",
) -> str:
    """Draw a row for each day and a column for each hour.

    An alarm is a moment and what is known about it. Moments are in lab time, and so is
    `starts`, the month's beginning.
    """
    days = 1 + max(hours) // 24
    parts = [
        write(_LEFT + _WIDE * (hour + 0.5), 30, f"{hour}", "soft", "small", "mid")
        for hour in range(24)
    ]
    for day in range(days):
        y = _TOP + _TALL * day
        parts.append(write(_EDGE, y + 12, f"{name[:3]} {day + 1}", "soft", "small"))
    parts += _ground(hours, days)
    parts += [
        _cell(name, hour, attempts, failed)
        for hour, (attempts, failed) in sorted(hours.items())
        if failed
    ]
    for outage in outages:
        parts += _outage(outage, starts)
    for at, said in alarms:
        parts.append(_alarm((at - starts) / HOUR, said))
    y = _TOP + _TALL * days + 22
    for words in _legend(hours, days, judged=bool(label)):
        parts.append(write(_EDGE, y, words, "soft", "small"))
        y += _TALL
    said = label or f"{name}: failed attempts by the hour"
    return canvas("".join(parts), y - 1, said)


def _place(hours: float) -> tuple[float, float]:
    """Return where a moment is, in hours since the month began."""
    day, hour = divmod(hours, 24)
    return _LEFT + _WIDE * hour, _TOP + _TALL * day


def _ground(hours: Hours, days: int) -> Iterator[str]:
    """Draw the hours in which anything was attempted, and the lines between them."""
    for day in range(days):
        y = _TOP + _TALL * day
        inside = [hour in hours for hour in range(24 * day, 24 * day + 24)]
        begins = 0
        for is_there, run in itertools.groupby(inside):
            length = len(list(run))
            if is_there:
                x = _LEFT + _WIDE * begins
                yield bar(x, y, _WIDE * length, _TALL, "pale")
            begins += length
        yield line(_LEFT, y, _LEFT + 24 * _WIDE, y, "gap")
    for hour in range(1, 24):
        x = _LEFT + _WIDE * hour
        yield line(x, _TOP, x, _TOP + _TALL * days, "gap")


def _cell(name: str, hour: int, attempts: int, failed: int) -> str:
    x, y = _place(hour)
    many = failed >= _MANY
    drawn = bar(x + 0.5, y + 0.5, _WIDE - 1, _TALL - 1, "solid" if many else "pale")
    words = write(
        x + _WIDE / 2, y + 12.5, f"{failed}", "small", "mid", *["on"][: int(many)]
    )
    said = (
        f"{hour // 24 + 1} {name}, {hour % 24}:00: {counted(attempts, 'attempt')}, "
        f"{failed} failed"
    )
    return f"<g{classes('alarm' if many else 'ink')}>{marked(drawn + words, said)}</g>"


def _outage(outage: Judged, starts: float) -> Iterator[str]:
    begins, ends = (outage.starts - starts) / HOUR, (outage.ends - starts) / HOUR
    x, y = _place(begins)
    wide = max(4.0, _WIDE * (min(ends, 24 * (begins // 24 + 1)) - begins))
    drawn = bar(x, y + _TALL - 2, wide, 3.5, "solid")
    sign = write(_LEFT + 24 * _WIDE + 8, y + 13, _SIGNS[outage.in_time], "bold")
    found = "found in time" if outage.in_time else "not found in time"
    yield f"<g{classes('ink')}>{marked(drawn + sign, f'{outage.what}; {found}')}</g>"


def _alarm(hours: float, said: str) -> str:
    x, y = _place(int(hours))
    path = f"M{number(x + 5)} {number(y + 4)}l4 8h-8z"
    drawn = f'<path{classes("solid")} d="{path}"/>'
    return f"<g{classes('forged')}>{marked(drawn, said)}</g>"


def _legend(hours: Hours, days: int, *, judged: bool) -> Iterator[str]:
    said = f"a number: failed attempts in that hour, red from {_MANY} on"
    if len(hours) < 24 * days:
        said += "; no background: no attempt at all"
    yield said
    if judged:
        yield "a line: an outage, found in time (✓) or not (✗); ▲: a false alarm"
