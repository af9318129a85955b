"""The text form: what the picture says, in lines of at most 100 columns."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from labkit.drawing.fitting import columns, fit, left, right
from labkit.timeline import phrases
from labkit.timeline.axis import axis_for
from labkit.timeline.reading import Reading, Seen, often
from labkit.timeline.signs import DOUBLED, Kind
from labkit.timeline.words import clock

COLUMNS = 100
"""No line is wider."""

_GAP = "  "
_MOST_SIGNS = 34


def messages(reading: Reading) -> str:
    """Write a line an attempt and a line an event, for a few deliveries."""
    rows = [_message(seen) for seen in reading.seen]
    heads = ("time", "no", "event", "there", "receiver", "back", "sender")
    lines = [*_table(heads, rows, shrink=(2, 4, 3)), ""] if rows else []
    for course in reading.courses:
        event = course.event
        name = f"{fit(event.type, 20)} {fit(event.id, 18)}"
        outcome = textwrap.wrap(phrases.outcome(course), COLUMNS - 3)
        lines += [f"{course.tag:<3}{name}", *(f"   {line}" for line in outcome)]
    return _page(reading, lines)


def lanes(reading: Reading) -> str:
    """Write a line an event with the signs of its attempts, for dozens."""
    rows = []
    for course in reading.courses:
        first = clock(course.seen[0].sent) if course.seen else ""
        last = clock(course.seen[-1].ended) if course.seen else ""
        signs = fit(" ".join(map(_sign, course.seen)), _MOST_SIGNS)
        event = fit(course.event.id, 20)
        rows.append((first, event, signs, last, course.ending, often(course.times)))
    heads = ("time", "event", "attempts", "until", "in the end", "acknowledged")
    return _page(reading, list(_table(heads, rows, shrink=(1, 2))))


def counts(reading: Reading) -> str:
    """Write a table of counts with bars, for hundreds and thousands."""
    axis = axis_for([seen.sent for seen in reading.seen], reading.span, 0, 560)
    starts = [moment for moment, _ in axis.ticks(40)]
    bins = [Counter[str]() for _ in starts]
    totals = [0] * len(starts)
    place = 0
    for seen in reading.seen:
        while place + 1 < len(starts) and seen.sent >= starts[place + 1]:
            place += 1
        bins[place][seen.kind.name] += 1
        bins[place][DOUBLED.name] += seen.doubled
        totals[place] += 1
    kinds = _kinds(reading)
    rows = [
        (clock(start), *(f"{found[k.name] or ''}" for k in kinds), f"{total:,}")
        for start, found, total in zip(starts, bins, totals, strict=True)
    ]
    heads = ("from", *(kind.sign for kind in kinds), "attempts")
    lines = list(_table(heads, rows, flush_left=()))
    room = COLUMNS - max(map(columns, lines)) - 2
    for index, total in enumerate(totals):
        lines[index + 1] += _GAP + _bar(total, max(totals), room)
    return _page(reading, [line.rstrip() for line in lines])


def _message(seen: Seen) -> tuple[str, ...]:
    receiver = ", ".join(
        f"{phrases.fate(seen, land)}{' again' if land.nth > 1 else ''}"
        for land in seen.landings
    )
    return (
        clock(seen.sent),
        seen.tag,
        fit(seen.event.type, 20),
        phrases.crossed(seen),
        receiver or "-",
        phrases.returned(seen),
        f"{_sign(seen)} {phrases.heard(seen)}",
    )


def _sign(seen: Seen) -> str:
    return seen.kind.sign + (DOUBLED.sign if seen.doubled else "")


def _kinds(reading: Reading) -> list[Kind]:
    kinds = [kind for kind, _ in reading.kinds]
    return kinds + ([DOUBLED] if reading.doubled else [])


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    shrink: Sequence[int] = (),
    flush_left: Sequence[int] | None = None,
) -> Iterator[str]:
    """Align cells in columns; those in `shrink` give way, in turn, if it is too wide.

    The first column is flush right, and so are the others unless in `flush_left`,
    which is all of them when left out.
    """
    widths = [max(map(columns, cells)) for cells in zip(heads, *rows, strict=True)]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - COLUMNS
    for column in shrink:
        give = min(max(over, 0), max(widths[column] - 8, 0))
        widths[column] -= give
        over -= give
    flush = range(1, len(heads)) if flush_left is None else flush_left
    for cells in (heads, *rows):
        yield _GAP.join(
            left(cell, width) if column in flush else right(cell, width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()


def _bar(count: int, most: int, room: int) -> str:
    """Draw a count as a bar of up to `room` columns, in eighths."""
    eighths = round(8 * room * count / most) if most else 0
    eighths = max(eighths, 1) if count else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def _page(reading: Reading, lines: Iterable[str]) -> str:
    """Put the legend and the account under a table."""
    signs = [f"{kind.sign} {kind.label}" for kind in _kinds(reading)]
    legend: list[str] = [""] if signs else []
    for sign in signs:
        if legend[-1] and columns(legend[-1]) + columns(sign) + 3 > COLUMNS:
            legend.append("")
        legend[-1] += ("   " if legend[-1] else "") + sign
    account = [*textwrap.wrap(reading.account, COLUMNS), *reading.sentences]
    blocks = [[line.rstrip() for line in block] for block in (lines, legend, account)]
    return "\n\n".join("\n".join(block) for block in blocks if block)
