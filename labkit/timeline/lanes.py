"""The lanes: for dozens of deliveries, a lane an event, a mark an attempt."""

from collections.abc import Iterator, Mapping, Sequence

from labkit.drawing.fitting import fit
from labkit.drawing.strokes import classes, line, title, write
from labkit.timeline import phrases
from labkit.timeline.axis import Axis, axis_for
from labkit.timeline.reading import Course, Reading, Seen, often
from labkit.timeline.sheet import MARGIN, Foot, foot, sheet, tip
from labkit.timeline.signs import DOUBLED, ECHO, badge, mark

_LEFT, _RIGHT = 188.0, 556.0
_SENDER, _RECEIVER = 580.0, 700.0
_TOP = 56.0
_FOCUS = 60
_APART = 11.0


def draw(reading: Reading) -> str:
    """Draw a lane an event as an SVG."""
    axis = axis_for([s.sent for s in reading.seen], reading.span, _LEFT, _RIGHT)
    pitch = 22 if len(reading.courses) <= 20 else 18
    bottom = _TOP + pitch * len(reading.courses)
    kinds = [kind for kind, _ in reading.kinds]
    kinds += [DOUBLED] if reading.doubled else []
    under = foot(reading, kinds, bottom + 34)
    visited = len(reading.seen) <= _FOCUS
    parts = [*scale(axis, _TOP - 10, bottom, reading.since), *_heads()]
    steps = reading.steps
    for place, course in enumerate(reading.courses):
        y = _TOP + pitch * (place + 0.5)
        parts += _lane(course, y, axis, under, steps, visited=visited)
    return sheet(
        "".join(parts) + under.markup,
        under.height,
        reading.account,
        [*kinds, ECHO],
        parts=visited,
    )


def scale(axis: Axis, top: float, bottom: float, since: str) -> Iterator[str]:
    """Draw the time axis: a rule and a label for each tick, and what it counts from."""
    for moment, label in axis.ticks(56):
        x = axis.x(moment)
        yield line(x, top, x, bottom + 4, "rule")
        yield write(x, bottom + 18, label, "soft", "small", "mid")
    words = f"time since {since}"
    if axis.knee is not None:
        words += "; later times are closer together"
    yield write(axis.left, top - 12, words, "soft", "small")


def _heads() -> Iterator[str]:
    y = _TOP - 22
    yield write(MARGIN, y, "event", "soft", "small")
    yield write(_SENDER, y, "for the sender", "soft", "small")
    yield write(_RECEIVER, y, "acknowledged", "soft", "small")


def _lane(
    course: Course,
    y: float,
    axis: Axis,
    under: Foot,
    steps: Mapping[str, int],
    *,
    visited: bool,
) -> Iterator[str]:
    yield write(MARGIN, y + 4, fit(course.event.id, 22), "small")
    if course.seen:
        start, end = axis.x(course.seen[0].sent), axis.x(course.seen[-1].ended)
        yield line(start, y, max(end, start + 1), y, "lane")
    places = apart([axis.x(seen.sent) for seen in course.seen], _RIGHT + 8)
    for seen, x in zip(course.seen, places, strict=True):
        yield _one(seen, x, y, under, steps[seen.tag], visited=visited)
    hue = {"acknowledged": "good", "dead letter": "silent"}.get(course.ending, "soft")
    yield write(_SENDER, y + 4, course.ending, hue, "small")
    if course.times == 1:
        yield write(_RECEIVER, y + 4, "once", "soft", "small")
    else:
        yield write(_RECEIVER, y + 4, often(course.times), "alarm", "bold", "small")


def apart(places: Sequence[float], limit: float) -> list[float]:
    """Move marks that would hide each other apart, up to `limit`, in their order."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + _APART) if moved else place)
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - _APART
    return moved


def _one(
    seen: Seen, x: float, y: float, under: Foot, step: int, *, visited: bool
) -> str:
    facts = phrases.facts(seen)
    shapes = f"<g{classes(seen.kind.hue)}>{mark(seen.kind, x, y)}</g>"
    if seen.doubled:
        shapes += badge(ECHO, x, y)
    focus = ' tabindex="0" role="img"' if visited else ""
    shown = f'<g{classes("at")} data-mark="">{shapes}</g>'
    words = f"{title(facts)}{shown}{tip(facts, under.tip)}"
    return f'<g{classes("one")} data-step="{step}"{focus}>{words}</g>'
