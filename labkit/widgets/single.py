"""One slider and what follows it."""

from collections.abc import Callable, Container, Sequence
from typing import Any

import ipywidgets

from labkit.drawing.embedding import inlined
from labkit.widgets import pages
from labkit.widgets.newest import Newest


class Slide:
    """One slider over some values, and under it what `show(value)` returns."""

    def __init__(
        self,
        show: Callable[[float], object],
        values: Sequence[float],
        *,
        label: str,
        start: float,
    ) -> None:
        self._show = show
        self._text = ""
        self.slider = ipywidgets.SelectionSlider(
            options=[(f"{value:g}", value) for value in values],
            value=start,
            description=label,
            style={"description_width": "initial"},
            layout={"width": "32em", "max_width": "100%"},
        )
        self._shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.slider, self._shown])
        newest = Newest(self._draw)
        self.slider.observe(lambda _change: newest(), names="value")
        newest()

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
    ) -> dict[str, Any]:
        bundle = self.box._repr_mimebundle_(include=include, exclude=exclude)
        return {**bundle, "text/plain": self._text}

    def _draw(self) -> None:
        try:
            found = self._show(self.slider.value)
        except Exception as error:  # noqa: BLE001 - a learner's function raises anything
            self._text = f"{type(error).__name__}: {error}"
            self._shown.value = pages.sentences([self._text])
            return
        self._text = str(found)
        as_html = getattr(found, "_repr_html_", None)
        # A widget runs no script, and what it shows is trusted.
        self._shown.value = inlined(as_html()) if as_html else pages.table(self._text)
