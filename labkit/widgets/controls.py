"""The sliders of the playground and its questions, without what they show."""

from collections.abc import Sequence
from typing import Any

import ipywidgets

from labkit.playground import WATCHED, Dial, Position

SEEDS = 100
"""How many runs a sweep takes: seeds 0 to 99."""

EVENTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
"""How many events can be chosen."""

_WIDE = {"width": "27em", "max_width": "100%"}
_LABEL = {"description_width": "9em"}
_WHOLE_LABEL = {"description_width": "initial"}


class Sliders:
    """Provider, events, seed, and a slider a fault: together a position."""

    def __init__(
        self, dials: Sequence[Dial], position: Position, profiles: Sequence[str]
    ) -> None:
        self._dials = dials
        self._source = position.source
        common = {"style": _LABEL, "layout": _WIDE}
        self.profile = ipywidgets.Dropdown(
            options=list(profiles),
            value=position.profile,
            description="provider",
            tooltip="whose retry schedule and timeout the sender uses",
            **common,
        )
        self.events = ipywidgets.SelectionSlider(
            options=sorted({*EVENTS, position.events}),
            value=position.events,
            description="events",
            **common,
        )
        self.seed = ipywidgets.IntSlider(
            value=position.seed,
            max=max(SEEDS - 1, position.seed),
            description="seed",
            tooltip="fixes all random choices: the same seed gives the same run",
            **common,
        )
        self.faults = {dial.name: _slider(dial, common) for dial in dials}

    @property
    def all(self) -> list[Any]:
        """Every control whose change is another position."""
        return [self.profile, self.events, self.seed, *self.faults.values()]

    @property
    def position(self) -> Position:
        """Where the sliders stand."""
        turned = (dial.turned(self.faults[dial.name].value) for dial in self._dials)
        return Position(
            self.profile.value,
            self.events.value,
            tuple(fault for fault in turned if fault),
            self.seed.value,
            self._source,
        )

    def laid_out(self) -> Any:
        """Put them in as many columns as there is room for, two at most."""
        layout = {
            "grid_template_columns": "repeat(auto-fill, minmax(27em, 1fr))",
            "max_width": "860px",
        }
        return ipywidgets.GridBox(self.all, layout=layout)


class Questions:
    """What the learner expects, and the buttons that put it to the test."""

    def __init__(self) -> None:
        self.watched = ipywidgets.Dropdown(
            options=list(WATCHED),
            value="doubled",
            description="how many events will be",
            style=_WHOLE_LABEL,
            layout={"width": "20em"},
        )
        self.guess = _number("I expect")
        self.compare = ipywidgets.Button(
            description="Compare", tooltip="compare your guess with the result"
        )
        self.cover = ipywidgets.Checkbox(
            description="hide the result until I have entered a guess",
            indent=False,
            layout={"width": "max-content", "margin": "2px 24px 2px 2px"},
        )
        self.form = ipywidgets.ToggleButtons(
            options=["picture", "text"], style={"button_width": "6em"}
        )
        self.guess_runs = _number(
            f"at least one, in how many of {SEEDS} seeds: I expect"
        )
        self.sweep = ipywidgets.Button(layout={"width": "12em"})
        self.progress = ipywidgets.IntProgress(max=SEEDS, layout={"width": "12em"})
        self.wait()

    def wait(self) -> None:
        """Show that no sweep is under way."""
        self.sweep.description, self.sweep.icon = f"Sweep {SEEDS} seeds", "play"
        self.progress.layout.visibility = "hidden"

    def go(self) -> None:
        """Show that a sweep is under way, and that the button stops it."""
        self.sweep.description, self.sweep.icon = "Stop", "stop"
        self.progress.value = 0
        self.progress.layout.visibility = "visible"

    def laid_out(self) -> tuple[Any, Any]:
        """Put the questions about one run in one box, those about many in another."""
        row = {"flex_flow": "row wrap", "align_items": "center"}
        one = ipywidgets.VBox(
            [
                ipywidgets.Box([self.watched, self.guess, self.compare], layout=row),
                ipywidgets.Box([self.cover, self.form], layout=row),
            ]
        )
        many = [self.guess_runs, self.sweep, self.progress]
        return one, ipywidgets.Box(many, layout=row)


def read(field: Any, most: int) -> int | None:
    """Read a whole number from 0 to `most` from a field; None for anything else."""
    digits = field.value.strip()
    number = int(digits) if digits.isascii() and digits.isdigit() else most + 1
    return number if number <= most else None


def _slider(dial: Dial, common: dict[str, Any]) -> Any:
    share = dial.unit == "%"
    return ipywidgets.FloatSlider(
        value=dial.start,
        max=dial.most,
        step=dial.step,
        readout_format=".0%" if share else ".0f",
        description=dial.name if share else f"{dial.name} ({dial.unit})",
        tooltip=dial.says,
        **common,
    )


def _number(label: str) -> Any:
    return ipywidgets.Text(
        description=label,
        placeholder="a number",
        style=_WHOLE_LABEL,
        layout={"width": "max-content"},
    )
