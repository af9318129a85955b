"""The timeline itself: one history, shown as text, as SVG or in a cell."""

import enum
from collections.abc import Container
from functools import cached_property

from labkit.drawing.canvas import folded, framed
from labkit.drawing.embedding import embedded
from labkit.drawing.player import player
from labkit.record import Record
from labkit.timeline import bands, diagram, facts, lanes, text
from labkit.timeline.reading import Reading


class Scale(enum.Enum):
    """How much of each attempt there is room for."""

    MESSAGES = "every message of a few deliveries"
    LANES = "a lane an event, for dozens"
    BANDS = "a band a kind of ending, for hundreds and thousands"


class Timeline:
    """A history as a picture and as text, which say the same.

    `str()` gives the text form, at most 100 columns wide; `svg()` a picture that
    stands alone, in a file, on a web page or in a README. Both are the same for the
    same history. A cell shows the picture with the text folded away under it.
    """

    def __init__(self, history: Record) -> None:
        self._history = history

    def svg(self) -> str:
        """Draw the picture: an SVG without scripts, under 200 kB."""
        return self._svg

    @property
    def scale(self) -> Scale:
        """How much of each attempt is shown, by the number of attempts."""
        deliveries, attempts = len(self._reading.courses), len(self._reading.seen)
        if deliveries <= 8 and attempts <= 25:
            return Scale.MESSAGES
        if deliveries <= 40 and attempts <= 150:
            return Scale.LANES
        return Scale.BANDS

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<Timeline of {self._reading.account}>"

    def _repr_html_(self) -> str:
        return folded(self._played, self._text)

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
    ) -> dict[str, str]:
        bundle = {"text/html": self._repr_html_(), "text/plain": self._text}
        return {
            kind: shown
            for kind, shown in bundle.items()
            if (not include or kind in include) and (not exclude or kind not in exclude)
        }

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self._history)

    @property
    def _played(self) -> str:
        """The picture, with what a page that runs scripts shows of each step."""
        if not self._reading.seen:
            return framed(embedded(self._svg))
        if self.scale is Scale.BANDS and not bands.shows_each(self._reading):
            items, noun = facts.moments(self._reading), "moment"
        else:
            items, noun = facts.attempts(self._history, self._reading), "attempt"
        hint = f"Point at the picture, or go through the {noun}s, to see the facts."
        zooms = self.scale is not Scale.MESSAGES
        return player(self._svg, items, noun=noun, hint=hint, zooms=zooms)

    @cached_property
    def _svg(self) -> str:
        draw = {
            Scale.MESSAGES: diagram.draw,
            Scale.LANES: lanes.draw,
            Scale.BANDS: bands.draw,
        }
        return draw[self.scale](self._reading)

    @cached_property
    def _text(self) -> str:
        write = {
            Scale.MESSAGES: text.messages,
            Scale.LANES: text.lanes,
            Scale.BANDS: text.counts,
        }
        return write[self.scale](self._reading)
