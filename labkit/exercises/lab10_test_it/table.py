"""The table of a hunt: which line of a test kills which broken verifier."""

from collections import Counter
from collections.abc import Iterator, Sequence

from labkit.drawing.canvas import WIDTH, canvas, dot, marked
from labkit.drawing.fitting import fit
from labkit.drawing.strokes import line, write

_LEFT, _RIGHT = 540.0, WIDTH - 96
_TOP, _PITCH = 48.0, 19.0
_MOST = 8
"""So many lines have a column of their own."""

Row = tuple[str, int | None]
"""What a broken verifier does, and the line that kills it; None if none does."""


def draw(rows: Sequence[Row]) -> str:
    """Draw a row for each broken verifier, and a column for each line that kills."""
    counts = Counter(at for _, at in rows if at is not None)
    columns = sorted(at for at, _ in counts.most_common(_MOST))
    wide = (_RIGHT - _LEFT) / max(len(columns), 1)
    places = {at: _LEFT + wide * (n + 0.5) for n, at in enumerate(columns)}
    bottom = _TOP + _PITCH * len(rows)
    parts = [write(24, 30, "a broken verifier that", "soft", "small")]
    for at, x in places.items():
        parts.append(line(x, _TOP - 8, x, bottom, "rule"))
        name = f"line {at}" if wide > 44 and at else f"{at or '?'}"
        parts.append(write(x, 30, name, "soft", "small", "mid"))
    for place, row in enumerate(rows):
        parts += _row(row, _TOP + 4 + _PITCH * place, places)
    alive = sum(at is None for _, at in rows)
    said = f"{len(rows) - alive} of {len(rows)} broken verifiers are killed"
    parts.append(write(24, bottom + 22, said, "bold"))
    return canvas("".join(parts), bottom + 40, said)


def _row(row: Row, y: float, places: dict[int, float]) -> Iterator[str]:
    does, at = row
    yield write(24, y + 4, fit(does, 78), "small", *["bold"][: int(at is None)])
    if at is None:
        yield write(_RIGHT + 8, y + 4, "survives", "alarm", "bold", "small")
        return
    x = places.get(at)
    if x is None:
        yield write(_RIGHT + 8, y + 4, f"line {at}", "good", "small")
        return
    where = f"line {at} of the test" if at else "the test"
    yield marked(dot(x, y, 5, "good"), f"{where} kills the one that {does}")
