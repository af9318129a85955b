"""The score sheet: the points of one month, and the delivery behind each lost one."""

import html
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labkit.checks.verdicts import Note
from labkit.drawing.canvas import with_text
from labkit.drawing.lettering import CONTAINER
from labkit.drawing.palette import EDGES
from labkit.errors import UnknownName, shown_plainly
from labkit.exercises.lab12_night_shift import lost
from labkit.exercises.lab12_night_shift.house import Visit
from labkit.exercises.lab12_night_shift.month import DAY, DAYS, STARTS, clock
from labkit.exercises.lab12_night_shift.scoring import ASPECTS, WORTH, Loss, label
from labkit.exercises.lab12_night_shift.shift import Shift
from labkit.history import History
from labkit.running.fresh import not_tried

SHOWN = 3
"""How many losses of an aspect the sheet shows; `lost_points` shows all."""

_HEADS = ("points", "delivery", "what happened, and the mistake")


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """The points of one month at the endpoint, from 0 to 100.

    `lost_points("doubled")` lists every lost point of one aspect, `story("evt_10007")`
    tells everything that happened to one event, and `history` is the provider's view.
    """

    shift: Shift = field(repr=False)
    losses: tuple[Loss, ...] = ()

    @property
    def history(self) -> History:
        """What the provider knows of the month."""
        return self.shift.history

    @property
    def points(self) -> int:
        """The points of all aspects together, at most 100."""
        return sum(map(self.points_of, ASPECTS))

    def points_of(self, aspect: str) -> int:
        """Return the points of one aspect, at most 20."""
        cost = sum(loss.points for loss in self.losses if loss.aspect == aspect)
        return max(0, WORTH - cost)

    @property
    def lost(self) -> int:
        """How many payments were never shipped."""
        return len(self._of("lost"))

    @property
    def doubled(self) -> int:
        """How many payments were shipped more than once."""
        return len(self._of("doubled"))

    @property
    def summary(self) -> str:
        """All points in one line."""
        each = ", ".join(f"{aspect} {self.points_of(aspect)}" for aspect in ASPECTS)
        return f"{self.points} of {WORTH * len(ASPECTS)} points: {each}"

    @shown_plainly
    def lost_points(self, aspect: str) -> Note:
        """List every loss of one aspect. Raises UnknownName for an unknown aspect."""
        if aspect not in ASPECTS:
            raise UnknownName("aspect", aspect, ASPECTS)
        found = self._of(aspect)
        lines = [line for loss in found for line in _loss_lines(loss)]
        return Note("\n".join(lines) or f"No point was lost for {aspect}.")

    def story(self, event_id: str) -> Note:
        """Tell what happened to one event, request by request."""
        visits = [v for v in self.shift.visits if v.event_id == event_id]
        if not visits:
            return Note(f"No request with the id {event_id!r} reached the receiver.")
        lines = [f"{event_id}, as it reached the receiver:"]
        lines += [f"  {line}" for visit in visits for line in _story_lines(visit)]
        return Note("\n".join(lines))

    def __str__(self) -> str:
        lines = [f"Night shift, month {self.shift.month.number}: {self.summary}", ""]
        for aspect, what in ASPECTS.items():
            points = self.points_of(aspect)
            sign = "✓" if points == WORTH else "✗"
            lines.append(f"  {sign} {aspect:<8} {points:>2} of {WORTH}  {what}")
        if self._restarts:
            lines += ["", self._restarts]
        for aspect in ASPECTS:
            found = self._of(aspect)
            if found:
                lines += ["", f"{aspect}: {self._counted(aspect)}"]
                lines += [line for loss in found[:SHOWN] for line in _loss_lines(loss)]
                if len(found) > SHOWN:
                    lines.append(self._more(aspect))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(self._aspect_row(aspect) for aspect in ASPECTS)
        parts = "".join(self._aspect_losses(aspect) for aspect in ASPECTS)
        if self._restarts:
            parts = f"<p>{html.escape(self._restarts)}</p>{parts}"
        number = self.shift.month.number
        return (
            f'<div style="{CONTAINER};max-width:70em;line-height:1.45">'
            f'<div style="font-weight:600">Night shift, month {number}: '
            f"{self.points} of {WORTH * len(ASPECTS)} points</div>"
            f'<table style="{_TABLE}">{rows}</table>{self._picture()}{parts}</div>'
        )

    def _picture(self) -> str:
        """Draw the lost points by day, if there are any; the tables below list them."""
        if not self.losses:
            return ""
        last = max(loss.at for loss in self.losses)
        days = max(DAYS, int((last - STARTS) // DAY) + 1)
        drawn = lost.draw(self.losses, STARTS, days)
        return with_text(drawn, lost.tell(self.losses, STARTS))

    @property
    def _restarts(self) -> str:
        if not self.shift.doubts:
            return ""
        return f"Restarts: {not_tried(self.shift.doubts, 'make_app')}"

    def _of(self, aspect: str) -> list[Loss]:
        return [loss for loss in self.losses if loss.aspect == aspect]

    def _counted(self, aspect: str) -> str:
        """Say how often each mistake caused a loss of an aspect."""
        found = Counter(
            loss.mistake.id if loss.mistake else "not recognised"
            for loss in self._of(aspect)
        )
        return ", ".join(f"{name} ×{count}" for name, count in found.most_common())

    def _more(self, aspect: str) -> str:
        left = len(self._of(aspect)) - SHOWN
        return f'  … and {left} more: sheet.lost_points("{aspect}")'

    def _aspect_row(self, aspect: str) -> str:
        points = self.points_of(aspect)
        sign = "✓" if points == WORTH else "✗"
        share = 100 * points // WORTH
        bar = (
            '<span aria-hidden="true" style="display:inline-block;width:8em;'
            f'height:.7em;border:1px solid {_BAR};vertical-align:middle">'
            f'<span style="display:block;height:100%;width:{share}%;'
            f'background:{_BAR}"></span></span>'
        )
        cells = (sign, aspect, bar, f"{points} of {WORTH}", ASPECTS[aspect])
        escaped = (c if c is bar else html.escape(c) for c in cells)
        return _html_row(escaped, "td", prose=4)

    def _aspect_losses(self, aspect: str) -> str:
        found = self._of(aspect)
        if not found:
            return ""
        heads = _html_row(_HEADS, "th", prose=2)
        rows = [_html_row(_stacked(loss), "td", prose=2) for loss in found]
        first = "".join(rows[:SHOWN])
        table = f'<table style="{_TABLE}">{heads}{first}</table>'
        rest = "".join(rows[SHOWN:])
        more = (
            f"<details><summary>{len(rows) - SHOWN} more</summary>"
            f'<table style="{_TABLE}">{heads}{rest}</table></details>'
            if rest
            else ""
        )
        head = html.escape(f"{aspect}: {self._counted(aspect)}")
        return f'<div style="margin-top:.6em;font-weight:600">{head}</div>{table}{more}'


_COLUMNS = 70
"""So many columns of text fit a narrow cell."""

_BAR = EDGES["not attempted"]
"""JupyterLab removes `currentColor` where it does not trust the notebook."""

_TABLE = "border:0;border-collapse:collapse;margin:.2em 0"
_CODE = "background:none;color:inherit;padding:0;overflow-wrap:anywhere"
_CELL = "text-align:left;vertical-align:top;padding:.1em 1em .1em 0;background:none"


def _html_row(cells: Iterable[str], tag: str, *, prose: int) -> str:
    """Write one row; only the cell at `prose`, counted from 0, may be wrapped."""
    weight = ";font-weight:600" if tag == "th" else ""
    inner = "".join(
        f'<{tag} style="{_CELL};{_wide(n, prose)}{weight}">{cell}</{tag}>'
        for n, cell in enumerate(cells)
    )
    return f'<tr style="background:none">{inner}</tr>'


def _wide(place: int, prose: int) -> str:
    """Return the style of the width of a cell, the same in all tables of losses."""
    if place == prose:
        return "white-space:normal"
    least = ";min-width:15.5em" if place == 1 and prose == len(_HEADS) - 1 else ""
    return f"white-space:nowrap{least}"


def _stacked(loss: Loss) -> Iterator[str]:
    """Put a loss in three cells of two lines, which also fit a narrow page."""
    points, delivery, when, happened, mistake = map(html.escape, _loss_cells(loss))
    named = f'<code style="{_CODE}">{mistake}</code>' if mistake else ""
    yield points
    yield f"{delivery}<br>{when}"
    yield f"{happened}<br>{named}"


def _loss_cells(loss: Loss) -> tuple[str, ...]:
    return (
        f"−{loss.points}",
        f"{loss.event_id}, {loss.label}".strip(", "),
        clock(loss.at),
        loss.answered,
        loss.mistake.id if loss.mistake else "",
    )


def _loss_lines(loss: Loss) -> Iterator[str]:
    points, delivery, when, happened, mistake = _loss_cells(loss)
    yield f"  {points:>3}  {when}  {delivery}"
    text = f"{happened} ({mistake})" if mistake else happened
    yield from textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=" " * 7,
        subsequent_indent=" " * 7,
        break_on_hyphens=False,
    )


def _story_lines(visit: Visit) -> Iterator[str]:
    struck = f" ({', '.join(visit.faults)})" if visit.faults else ""
    yield f"{clock(visit.at)}  {label(visit)}{struck}"
    told = [visit.flaw or "authentic"]
    for call in visit.calls:
        parcel = "a parcel left" if call.parcel else "no parcel left"
        raised = ", and no answer came" if call.raised else ""
        told.append(f"ship({call.order}): {parcel}{raised}")
    died = visit.status is None
    answered = "the process died" if died else f"answered {visit.status}"
    yield f"    {'; '.join(told)}; {answered}"
