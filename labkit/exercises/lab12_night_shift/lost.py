"""The picture of the lost points: a row for each aspect, a column for each day."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from labkit.drawing.canvas import WIDTH, canvas, marked
from labkit.drawing.strokes import bar, classes, write
from labkit.exercises.lab12_night_shift.month import DAY, clock
from labkit.exercises.lab12_night_shift.scoring import ASPECTS, Loss
from labkit.timeline.words import counted

_LEFT, _TOP, _TALL = 96.0, 40.0, 24.0
_MANY = 5
_NAMED = 3


def draw(losses: Sequence[Loss], starts: float, days: int) -> str:
    """Draw the points lost on each day from `starts` on, in lab time."""
    wide = (WIDTH - 24 - _LEFT) / days
    found = _by_day(losses, starts)
    parts = list(_heads(starts, days, wide))
    for row, aspect in enumerate(ASPECTS):
        y = _TOP + _TALL * row
        parts.append(write(24, y + 16, aspect))
        for day in range(days):
            x = _LEFT + wide * day
            there = found.get((aspect, day), [])
            parts.append(_cell(there, x, y, wide))
    bottom = _TOP + _TALL * len(ASPECTS)
    said = f"{counted(sum(loss.points for loss in losses), 'point')} lost"
    words = "a number: points lost on that day"
    parts.append(write(24, bottom + 20, words, "soft", "small"))
    hint = "point at a number to see the deliveries"
    parts.append(write(WIDTH - 24, bottom + 20, hint, "soft", "small", "end", "live"))
    return canvas("".join(parts), bottom + 36, f"Lost points by day: {said}")


def tell(losses: Sequence[Loss], starts: float) -> str:
    """Return the same numbers as text: a line for each aspect, the days with losses."""
    found = _by_day(losses, starts)
    lines = []
    for aspect in ASPECTS:
        days = [
            f"{_date(starts, day)}: {sum(loss.points for loss in there)}"
            for (name, day), there in sorted(found.items())
            if name == aspect
        ]
        told = f"{aspect:<8} {', '.join(days) or 'no points lost'}"
        lines.append(textwrap.fill(told, 88, subsequent_indent=" " * 9))
    return "\n".join(lines)


def _by_day(losses: Sequence[Loss], starts: float) -> dict[tuple[str, int], list[Loss]]:
    """Return the losses by aspect and day, the days counted from 0."""
    found: dict[tuple[str, int], list[Loss]] = {}
    for loss in losses:
        found.setdefault((loss.aspect, int((loss.at - starts) // DAY)), []).append(loss)
    return found


def _date(starts: float, day: int) -> str:
    when = datetime.fromtimestamp(starts + day * DAY, tz=UTC)
    return f"{when.day} {when:%B}"


def _heads(starts: float, days: int, wide: float) -> Iterator[str]:
    for day in range(days):
        when = datetime.fromtimestamp(starts + day * DAY, tz=UTC)
        x = _LEFT + wide * (day + 0.5)
        yield write(x, 26, f"{when.day}", "soft", "small", "mid")


def _cell(losses: Sequence[Loss], x: float, y: float, wide: float) -> str:
    points = sum(loss.points for loss in losses)
    many = points >= _MANY
    drawn = bar(x + 0.5, y + 0.5, wide - 1, _TALL - 1, "solid" if many else "pale")
    if not points:
        return drawn
    on = ["on"][: int(many)]
    words = write(x + wide / 2, y + 16, f"{points}", "small", "mid", *on)
    hue = classes("alarm" if many else "ink")
    return f"<g{hue}>{marked(drawn + words, _told(losses))}</g>"


def _told(losses: Iterable[Loss]) -> str:
    each = [f"{clock(loss.at)} {loss.event_id}: {loss.answered}" for loss in losses]
    more = [f"and {len(each) - _NAMED} more"] if len(each) > _NAMED else []
    return "; ".join([*each[:_NAMED], *more])
