"""How an alert performs in one month: outages found, and false alarms."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from labkit.checks.verdicts import Note
from labkit.drawing.canvas import framed
from labkit.drawing.embedding import embedded
from labkit.errors import shown_plainly
from labkit.exercises.lab09_watch import calendar
from labkit.exercises.lab09_watch.month import (
    DAY,
    HOUR,
    TEN_MINUTES,
    Month,
    Outage,
    clock,
)

Attempt = dict[str, Any]
Window = list[Attempt]
Alert = Callable[[Window], bool]

IN_TIME = TEN_MINUTES
"""How many seconds an alert has to find an outage."""

WEEK = 7 * DAY
APART = 4 * HOUR
"""Firings that are at most so far apart, in seconds, count as one alarm."""

AGAIN = 6 * HOUR
"""An alarm that lasts for longer than that, in seconds, counts as one more."""


@dataclass(frozen=True, slots=True)
class Found:
    """An outage, and when the alert first fired in it; None for never."""

    outage: Outage
    at: float | None

    @property
    def in_time(self) -> bool:
        """Whether it fired within ten minutes."""
        return self.at is not None and self.at - self.outage.starts <= IN_TIME

    def __str__(self) -> str:
        if self.at is None:
            told = "not found"
        else:
            told = f"found after {(self.at - self.outage.starts) / 60:.0f} min"
        return f"{clock(self.outage.starts)}: {self.outage.what}; {told}"


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """An alarm at a moment at which nothing was wrong, and the window it saw."""

    at: float
    window: Window

    def __str__(self) -> str:
        return f"{clock(self.at)}: {summed_up(self.window)}"


@dataclass(frozen=True, slots=True, repr=False)
class Trial:
    """What an alert found in one month, and when it fired without an incident."""

    month: Month
    found: tuple[Found, ...]
    false_alarms: tuple[FalseAlarm, ...]

    @property
    def missed(self) -> tuple[Found, ...]:
        """The outages that were not found within ten minutes."""
        return tuple(each for each in self.found if not each.in_time)

    @property
    def too_many(self) -> tuple[FalseAlarm, FalseAlarm] | None:
        """The first two false alarms within one week, or None."""
        pairs = pairwise(self.false_alarms)
        return next((pair for pair in pairs if pair[1].at - pair[0].at <= WEEK), None)

    def __str__(self) -> str:
        in_time = len(self.found) - len(self.missed)
        number = len(self.false_alarms)
        lines = [
            (
                f"{self.month.name}: {in_time} of {len(self.found)} outages found "
                f"within 10 minutes, {number} false alarm{'' if number == 1 else 's'}"
            ),
            *(f"  {'✓' if each.in_time else '✗'} {each}" for each in self.found),
            *(f"  ✗ {each}" for each in self.false_alarms[:MOST]),
        ]
        if number > MOST:
            lines.append(f"  … and {number - MOST} more")
        return "\n".join(lines)

    __repr__ = __str__

    def svg(self) -> str:
        """Draw the month with its outages and the false alarms."""
        return calendar.draw(
            self.month.name,
            self.month.hours(),
            outages=[
                calendar.Judged(
                    each.outage.what, each.outage.starts, each.outage.ends, each.in_time
                )
                for each in self.found
            ],
            alarms=[(each.at, str(each)) for each in self.false_alarms],
            starts=self.month.starts,
            label=str(self).partition("\n")[0],
        )

    def _repr_html_(self) -> str:
        head, *lines = map(html.escape, str(self).splitlines())
        rows = "".join(f'<div style="{_HANGING}">{line}</div>' for line in lines)
        text = f'<div class="labkit-text" style="{_TEXT}"><b>{head}</b>{rows}</div>'
        return f"<div>{framed(embedded(self.svg()))}{text}</div>"


_TEXT = "margin:4px 0 0 12px;font-size:13px;line-height:1.45"
_HANGING = "padding-left:1.4em;text-indent:-1.4em"
"""The second line of a long entry begins where its words do, not at its sign."""


MOST = 6
"""How many false alarms a trial lists."""


@shown_plainly
def rehearse(alert: Alert, month: Month) -> Trial | Note:
    """Run an alert over a month, and say what it found and when it fired.

    Exceptions of the alert reach the caller; for the stub there is only a note.
    """
    try:
        return try_out(alert, month)
    except NotImplementedError:
        return Note("This alert is not written yet.")


def try_out(alert: Alert, month: Month) -> Trial:
    """Run an alert over a month.

    Once it has found an outage, it is not asked again until an hour after that outage,
    because the window contains the failures for so long.
    """
    found: dict[Outage, float] = {}
    rang: list[FalseAlarm] = []
    for moment, window in month.windows():
        outage = month.outage_at(moment)
        if outage is None:
            if alert(window):
                rang.append(FalseAlarm(moment, window))
            continue
        looked_for = outage.counted and outage not in found
        if looked_for and moment <= outage.ends and alert(window):
            found[outage] = moment
    counted = [outage for outage in month.outages if outage.counted]
    return Trial(
        month,
        tuple(Found(outage, found.get(outage)) for outage in counted),
        tuple(_alarms(rang)),
    )


def summed_up(window: Window) -> str:
    """Say in one line what a window contains."""
    if not window:
        return "no attempt in an hour"
    counts: dict[str, int] = {}
    for attempt in window:
        name = "no answer" if attempt["status"] is None else str(attempt["status"])
        counts[name] = counts.get(name, 0) + 1
    told = ", ".join(f"{name} ×{counts[name]}" for name in sorted(counts))
    failed = sum(map(is_failure, window))
    line = f"{len(window)} attempts in an hour, {failed} failed ({told})"
    recent = [a for a in window if a["at"] > window[-1]["at"] - IN_TIME]
    if failed:
        recently = sum(map(is_failure, recent))
        line += f", {recently} of {len(recent)} in the last 10 min"
    mean = sum(attempt["seconds"] for attempt in window) / len(window)
    if mean >= 1:
        line += f", {mean:.1f} s each on average"
    return line


def is_failure(attempt: Attempt) -> bool:
    """Whether the receiver failed: it did not answer, or with 5xx."""
    status = attempt["status"]
    return status is None or status >= 500


def _alarms(rings: list[FalseAlarm]) -> list[FalseAlarm]:
    """Join firings to alarms of at most six hours."""
    alarms: list[FalseAlarm] = []
    last = 0.0
    for ring in rings:
        if not alarms or ring.at - last > APART or ring.at - alarms[-1].at >= AGAIN:
            alarms.append(ring)
        last = ring.at
    return alarms
