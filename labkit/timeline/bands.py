"""The bands: for hundreds and thousands of attempts, a band a kind of ending.

All bands share one time axis and one scale. Up to some hundreds of attempts each has a
mark of its own, stacked where several fall together; beyond that a column is a count.
A column too tall for the paper is cut, and its number is written on it. Where each
attempt has a mark, the steps of the picture are the attempts; otherwise the columns.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labkit.drawing.strokes import bar, classes, line, title, write
from labkit.timeline import phrases
from labkit.timeline.axis import Axis, axis_for
from labkit.timeline.lanes import scale
from labkit.timeline.reading import Reading, Seen
from labkit.timeline.sheet import MARGIN, WIDTH, foot, sheet
from labkit.timeline.signs import (
    ANSWERED,
    DOUBLED,
    FORGERY_TAKEN,
    UNFINISHED,
    UNHEARD,
    Kind,
    badge,
    mark,
)
from labkit.timeline.words import clock, counted

MARKS = 1_000
"""Up to so many attempts, each has a mark of its own."""

_LEFT, _RIGHT = 248.0, 776.0
_TOP = 56.0
_WIDE = 8.0
_BAR = 72.0
_STACKS = (128.0, 96.0, 72.0)
_PAPER = 360.0
_LOOSE, _TIGHT = 8.0, 3.0
_MARK = 0.74
_CUT = 6

_LABELS = {
    UNHEARD.name: "acknowledged, no response",
    ANSWERED.name: "not acknowledged",
    FORGERY_TAKEN.name: "changed and acknowledged",
    UNFINISHED.name: "unfinished",
    DOUBLED.name: "of these, duplicated",
}


@dataclass(frozen=True, slots=True)
class Band:
    """The attempts of one kind, by the column of the axis that they fall into."""

    kind: Kind
    columns: dict[int, list[Seen]]

    @property
    def fullest(self) -> int:
        """How many attempts the fullest column holds."""
        return max(map(len, self.columns.values()))


@dataclass(frozen=True, slots=True)
class Measure:
    """How tall things are: `unit` pixels an attempt, at most `limit` pixels a column.

    With `single` each attempt has a mark of its own.
    """

    unit: float
    limit: float
    single: bool

    def height(self, count: int) -> float:
        """Return the height of a column of so many attempts, in pixels."""
        return min(self.limit, count * self.unit)

    def cuts(self, count: int) -> bool:
        """Whether a column of so many attempts is too tall for the paper."""
        return count * self.unit > self.limit + 1


def draw(reading: Reading) -> str:
    """Draw the bands as an SVG."""
    axis = axis_for([s.sent for s in reading.seen], reading.span, _LEFT, _RIGHT)
    bands = _bands(reading, axis)
    measure = _measure(bands, len(reading.seen))
    bands += _doubled(bands)
    parts: list[str] = []
    y = _TOP
    columns = {column: n for n, column in enumerate(_used(bands))}
    attempts = reading.steps if _has_a_mark_each(bands, measure) else {}
    for band in bands:
        y += max(20.0, measure.height(band.fullest) + 14)
        y += 8 if measure.cuts(band.fullest) else 0
        parts.append(_head(band, y))
        parts += _columns(band, y, measure, axis, columns, attempts)
        y += 10
    under = foot(reading, (), y + 24)
    body = "".join(
        [*scale(axis, _TOP - 10, y - 6, reading.since), *parts, under.markup]
    )
    shapes = [band.kind for band in bands]
    size = _MARK if measure.single else 1.0
    return sheet(body, under.tip, reading.account, shapes, parts=False, size=size)


def moments(reading: Reading) -> Iterator[tuple[float, float, list[Seen]]]:
    """Yield from when to when each used column is, and the attempts sent then."""
    axis = axis_for([s.sent for s in reading.seen], reading.span, _LEFT, _RIGHT)
    bands = _bands(reading, axis)
    for column in _used(bands):
        found = [s for band in bands for s in band.columns.get(column, ())]
        left = axis.left + _WIDE * column
        ordered = sorted(found, key=lambda seen: seen.sent)
        yield axis.seconds(left), axis.seconds(left + _WIDE), ordered


def shows_each(reading: Reading) -> bool:
    """Whether each attempt has a mark of its own in the picture."""
    axis = axis_for([s.sent for s in reading.seen], reading.span, _LEFT, _RIGHT)
    bands = _bands(reading, axis)
    return _has_a_mark_each(bands, _measure(bands, len(reading.seen)))


def _has_a_mark_each(bands: Sequence[Band], measure: Measure) -> bool:
    sizes = (len(found) for band in bands for found in band.columns.values())
    return measure.single and not any(map(measure.cuts, sizes))


def _used(bands: Sequence[Band]) -> list[int]:
    """Return the columns in which anything was sent, in order."""
    return sorted({column for band in bands for column in band.columns})


def _bands(reading: Reading, axis: Axis) -> list[Band]:
    bands = {k.name: Band(k, defaultdict(list)) for k, _ in reading.kinds}
    last = int((axis.right - axis.left) / _WIDE) - 1
    for seen in reading.seen:
        column = min(int((axis.x(seen.sent) - axis.left) / _WIDE), last)
        bands[seen.kind.name].columns[column].append(seen)
    return list(bands.values())


def _doubled(bands: Sequence[Band]) -> list[Band]:
    """Gather the doubled attempts of all bands in one, if there are any."""
    gathered: dict[int, list[Seen]] = defaultdict(list)
    for band in bands:
        for column, found in band.columns.items():
            for seen in found:
                if seen.doubled:
                    gathered[column].append(seen)
    return [Band(DOUBLED, gathered)] if gathered else []


def _measure(bands: Sequence[Band], attempts: int) -> Measure:
    """Choose the largest measure with which all but a few columns fit the paper."""
    sizes = sorted(len(found) for band in bands for found in band.columns.values())
    for limit in _STACKS if attempts <= MARKS else ():
        fitting = [size for size in sizes if size * _TIGHT <= limit]
        if not fitting or len(sizes) - len(fitting) > _CUT:
            continue
        measure = Measure(min(_LOOSE, limit / fitting[-1]), limit, single=True)
        if sum(measure.height(band.fullest) for band in bands) <= _PAPER:
            return measure
    usual = sizes[int(len(sizes) * 0.9)]
    return Measure(_BAR / min(sizes[-1], 4 * usual), _BAR, single=False)


def _head(band: Band, base: float) -> str:
    """Write what the band holds, and how many."""
    count = sum(map(len, band.columns.values()))
    label = _LABELS.get(band.kind.name, band.kind.label)
    return (
        line(_LEFT, base + 0.5, _RIGHT, base + 0.5, "rule")
        + badge(band.kind, MARGIN + 5, base - 8)
        + write(MARGIN + 18, base - 4, label, "small")
        + write(WIDTH - MARGIN, base - 4, f"{count:,}", "bold", "end")
    )


def _columns(
    band: Band,
    base: float,
    measure: Measure,
    axis: Axis,
    columns: Mapping[int, int],
    attempts: Mapping[str, int],
) -> Iterator[str]:
    """Draw a band. The steps are the `attempts` if there are any, or the `columns`."""
    labelled = 0.0
    yield f"<g{classes(band.kind.hue)}>"
    for column, found in sorted(band.columns.items()):
        x = axis.left + _WIDE * (column + 0.5)
        cut = measure.cuts(len(found))
        step = "" if attempts else f' data-step="{columns[column]}"'
        yield f"<g{step}>"
        if measure.single and not cut:
            yield from _stack(band.kind, found, x, base, measure.unit, attempts)
            yield "</g>"
            continue
        yield _bar(found, x, base, measure, axis)
        if cut:
            y = base - measure.limit
            yield line(x - 6, y + 11, x + 6, y + 5, "cut")
        if cut and x - labelled >= 30:
            labelled = x
            words = f"{len(found):,}"
            y = base - measure.limit - 8
            yield write(x, y, words, band.kind.hue, "small", "mid")
        yield "</g>"
    yield "</g>"


def _stack(
    kind: Kind,
    found: Sequence[Seen],
    x: float,
    base: float,
    unit: float,
    attempts: Mapping[str, int],
) -> Iterator[str]:
    """Stack a mark an attempt."""
    for place, seen in enumerate(found):
        y = base - 5 - place * unit
        drawn = mark(kind, x, y, title(phrases.brief(seen)))
        step = attempts.get(seen.tag)
        yield drawn if step is None else f'<g data-step="{step}">{drawn}</g>'


def _bar(
    found: Sequence[Seen], x: float, base: float, measure: Measure, axis: Axis
) -> str:
    """Draw a count as a bar, no taller than the paper and never invisible."""
    tall = max(2.0, measure.height(len(found)))
    start, end = (clock(axis.seconds(x + side)) for side in (-_WIDE / 2, _WIDE / 2))
    words = title(f"{start} to {end}: {counted(len(found), 'attempt')}")
    column = bar(x - _WIDE / 2 + 1, base - tall, _WIDE - 2, tall, "solid")
    return column.removesuffix("/>") + f">{words}</rect>"
