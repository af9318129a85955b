"""The time axis: readable over a second and over three days.

Up to its knee the axis is even; beyond it each tenfold stretch of time takes the same
room. The knee lies where half of the attempts have been sent, so that what happens
often gets the room, and a retry after two days is still on the paper.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.timeline.words import DAY, HOUR, MINUTE

_SECONDS = (1, 5, 10, 30)
_MINUTES = (MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE)
_HOURS = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
_DAYS = (DAY, 7 * DAY, 28 * DAY, 364 * DAY)
_STEPS = _SECONDS + _MINUTES + _HOURS + _DAYS
_KNEES = (1, 10, MINUTE, 600, HOUR, 6 * HOUR, DAY, 7 * DAY)


@dataclass(frozen=True, slots=True)
class Axis:
    """A map from seconds since the beginning to a place from `left` to `right`.

    `span` is in seconds. `knee` is where an even axis turns into a logarithmic one, in
    seconds; None for an axis that is even throughout.
    """

    span: float
    knee: float | None
    left: float
    right: float

    def x(self, seconds: float) -> float:
        """Return the place of a moment, `seconds` after the beginning."""
        share = self._bend(min(max(seconds, 0.0), self.span)) / self._bend(self.span)
        return self.left + (self.right - self.left) * share

    def seconds(self, x: float) -> float:
        """Return the moment at a place."""
        share = (x - self.left) / (self.right - self.left)
        bent = share * self._bend(self.span)
        return bent if self.knee is None else math.sinh(bent) * self.knee

    def ticks(self, room: float) -> list[tuple[int, str]]:
        """Choose round moments at least `room` apart, with labels, in order of time."""
        if self.knee is None:
            wide = room * self.span / (self.right - self.left)
            step = next((step for step in _STEPS if step >= wide), _STEPS[-1])
            moments = [count * step for count in range(int(self.span / step) + 1)]
        else:
            moments = self._spread(room)
        return [(moment, tick_label(moment)) for moment in moments]

    def _spread(self, room: float) -> list[int]:
        """Choose ticks for a bent axis: the largest units first, then what fits."""
        chosen = {0: self.x(0)}
        for step in reversed(_STEPS):
            for count in range(1, min(60, int(self.span / step)) + 1):
                place = self.x(count * step)
                if all(abs(place - other) >= room for other in chosen.values()):
                    chosen[count * step] = place
        return sorted(chosen)

    def _bend(self, seconds: float) -> float:
        return seconds if self.knee is None else math.asinh(seconds / self.knee)


def axis_for(moments: Sequence[float], span: float, left: float, right: float) -> Axis:
    """Fit an axis to moments in order, in seconds, and the length of the whole."""
    span = max(span, 1.0)
    middle = moments[len(moments) // 2] if moments else 0.0
    if span <= 2 * MINUTE or middle > span / 4:
        return Axis(span, None, left, right)
    knee = max(knee for knee in _KNEES if knee <= max(middle, 1))
    return Axis(span, knee, left, right)


def tick_label(seconds: int) -> str:
    """Write a round moment in its natural unit: `30 s`, `5 min`, `36 h`, `2 d`."""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s" if seconds else "0"
