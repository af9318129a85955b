"""Pictures of lab 06: how many requests arrive when, and when providers try again."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from labkit.drawing.canvas import WIDTH, canvas, dot, marked, with_text
from labkit.drawing.fitting import left
from labkit.drawing.strokes import bar, classes, line, write
from labkit.history import History
from labkit.profiles import PROFILES
from labkit.timeline.axis import Axis
from labkit.timeline.words import HOUR, MINUTE, clock, counted, lasting

_LEFT, _RIGHT = 96.0, WIDTH - 32
_BASE, _TALL = 212.0, 150.0
_PITCH = 22.0


@dataclass(frozen=True, slots=True, repr=False)
class Bars:
    """The numbers of requests that arrived in each interval.

    `counts` has one number for each `step` seconds from `start` on; a bar of `most`
    requests is as tall as the picture.
    """

    counts: tuple[int, ...]
    start: int
    step: int
    most: int

    def __str__(self) -> str:
        return "\n".join(
            f"{start:>4} s {count:>4}  {'█' * round(60 * count / self.most)}".rstrip()
            for start, count in self._rows()
        )

    __repr__ = __str__

    def svg(self) -> str:
        """Draw a bar for each step; its number stands above it."""
        wide = (_RIGHT - _LEFT) / len(self.counts)
        parts = [line(_LEFT, _BASE, _RIGHT, _BASE, "rule")]
        parts.append(write(24, 26, f"requests in each {self.step} s", "soft", "small"))
        for place, (start, count) in enumerate(self._rows()):
            x = _LEFT + wide * place
            tall = _TALL * min(1.0, count / self.most)
            drawn = bar(x + 2, _BASE - tall, wide - 4, tall, "solid")
            said = f"{start} s to {start + self.step} s: {counted(count, 'request')}"
            parts.append(f"<g{classes('answer')}>{marked(drawn, said)}</g>")
            parts.append(write(x + wide / 2, _BASE - tall - 6, f"{count}", "mid"))
            at = write(x, _BASE + 18, f"{start} s", "soft", "small")
            parts.append(at)
        total = f"{counted(sum(self.counts), 'request')} from {self.start} s on"
        return canvas("".join(parts), _BASE + 36, total)

    def _repr_html_(self) -> str:
        return with_text(self.svg(), str(self))

    def _rows(self) -> Iterator[tuple[int, int]]:
        for place, count in enumerate(self.counts):
            yield self.start + place * self.step, count


def arrivals(
    history: History, *, start: int = 60, end: int = 120, step: int = 5, most: int = 500
) -> Bars:
    """Count the requests in each `step` seconds from `start` to `end`."""
    moments = [attempt.sent_at - history.started_at for attempt in history.attempts]
    counts = [
        sum(begin <= moment < begin + step for moment in moments)
        for begin in range(start, end, step)
    ]
    return Bars(tuple(counts), start, step, most)


@dataclass(frozen=True, slots=True, repr=False)
class Schedules:
    """When each provider tries again, on one axis of time.

    `outage` is how long the receiver is down from the first attempt on, in seconds.
    """

    names: tuple[str, ...]
    outage: float

    def __str__(self) -> str:
        return "\n".join(self._line(name) for name in self.names)

    __repr__ = __str__

    def svg(self) -> str:
        """Draw a row for each provider, and a mark for each attempt."""
        last = max(PROFILES[name].horizon for name in self.names)
        # The letters of a narrow cell are up to 9 pixels wide.
        names = 24 + 9 * max(map(len, self.names))
        axis = Axis(last, MINUTE, names + 14, _RIGHT - 96)
        bottom = 56 + _PITCH * len(self.names)
        end = axis.x(self.outage)
        shade = bar(axis.left, 44, end - axis.left, bottom - 44, "pale")
        parts = [marked(shade, f"the outage, {lasting(self.outage)} long")]
        parts.append(write(axis.left + 6, 38, "outage", "silent", "small"))
        for moment, label in axis.ticks(56):
            parts.append(line(axis.x(moment), 44, axis.x(moment), bottom + 4, "rule"))
            parts.append(
                write(axis.x(moment), bottom + 18, label, "soft", "small", "mid")
            )
        parts.append(write(_RIGHT - 72, 38, "last attempt", "soft", "small"))
        for place, name in enumerate(self.names):
            parts += self._row(name, 62 + _PITCH * place, axis)
        said = f"when {counted(len(self.names), 'provider')} try again"
        return canvas("".join(parts), bottom + 36, said)

    def _repr_html_(self) -> str:
        return with_text(self.svg(), str(self))

    def _row(self, name: str, y: float, axis: Axis) -> Iterator[str]:
        moments = _moments(name)
        yield write(24, y + 4, name)
        yield line(axis.x(0), y, axis.x(moments[-1]), y, "rule")
        for number, moment in enumerate(moments, 1):
            hue = "silent" if moment < self.outage else "good"
            said = f"{name}, attempt {number}: {clock(moment)} after the first"
            yield marked(dot(axis.x(moment), y, 4, hue), said)
        # Colour is not the only sign of what becomes of the event.
        end = lasting(moments[-1]) if moments[-1] else "at once"
        lost = moments[-1] < self.outage
        words = f"{end}: lost" if lost else end
        yield write(_RIGHT - 72, y + 4, words, *["alarm"][: int(lost)], "small")

    def _line(self, name: str) -> str:
        moments = _moments(name)
        told = ", ".join(lasting(moment) for moment in moments[1:6]) or "none"
        more = f" and {len(moments) - 6} more" if len(moments) > 6 else ""
        lost = " (lost)" if moments[-1] < self.outage else ""
        return f"{left(name, 10)}attempts after the first: {told}{more}{lost}"


def schedules(names: Sequence[str], outage: float = HOUR) -> Schedules:
    """Show the retry schedules of these profiles, and an outage in seconds."""
    return Schedules(tuple(names), outage)


def _moments(name: str) -> list[float]:
    """Return when a profile's attempts are, in seconds after the first."""
    waits: Iterable[float] = PROFILES[name].delays
    return list(itertools.accumulate(waits, initial=0.0))
