"""The panel of the playground: its sliders, and what they show."""

import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets

from labkit.drawing.canvas import framed
from labkit.playground import Counts, Dial, Position, Stand, Sweep, Trial
from labkit.playground.rates import NOT_WRITTEN, so_far
from labkit.timeline import Timeline
from labkit.timeline.words import counted
from labkit.widgets import pages
from labkit.widgets.controls import EVENTS, SEEDS, Questions, Sliders, read
from labkit.widgets.newest import Newest
from labkit.widgets.pace import Pace, Rest
from labkit.widgets.steps import in_steps

_LATEST = 3
"""How many notes are shown; all are kept."""


class Panel:
    """Sliders for the wire, and under them counts, the line of code and the picture.

    `sliders.position` is where they stand, `trial` what came of it, `swept` the last
    sweep, `notes` what was expected beside what came. While a slider moves, `trial` may
    have fewer events than `position`; `state` says so.
    """

    def __init__(
        self,
        stand: Stand,
        dials: Sequence[Dial],
        position: Position,
        profiles: Sequence[str],
    ) -> None:
        self.trial: Trial | None = None
        self.swept: Sweep | None = None
        self.notes: list[str] = []
        self.sliders = Sliders(dials, position, profiles)
        self.questions = Questions()
        self._stand = stand
        self._uncovered: Position | None = None
        self._said: tuple[str, int] | None = None
        self._sweeping = False
        self._pace = Pace(EVENTS)
        self._rest = Rest(self._complete)
        self._whole: Position | None = position
        self.state = ipywidgets.HTML(pages.state(""))
        self._numbers, self._code, self._picture, self._noted, self._swept = (
            ipywidgets.HTML() for _ in range(5)
        )
        one, many = self.questions.laid_out()
        self.box = ipywidgets.VBox(
            [
                *(self.sliders.laid_out(), one, self._noted),
                *(self.state, self._numbers, self._code, self._picture),
                *(many, self._swept),
            ]
        )
        self._newest = Newest(self._draw)
        self._listen()
        self._newest()

    def __repr__(self) -> str:
        return str(self.trial or NOT_WRITTEN)

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
    ) -> dict[str, Any]:
        bundle = self.box._repr_mimebundle_(include=include, exclude=exclude)
        return {**bundle, "text/plain": repr(self)}

    def _listen(self) -> None:
        asked = self.questions
        for slider in self.sliders.all:
            slider.observe(lambda _change: self._newest(), names="value")
        for control in (asked.cover, asked.form, asked.watched):
            control.observe(lambda _change: self._complete(), names="value")
        asked.compare.on_click(lambda _button: self._compare())
        asked.sweep.on_click(lambda _button: self._sweep())

    def _complete(self) -> None:
        """Draw all events of where the sliders are now."""
        self._whole = self.sliders.position
        self._newest()

    def _draw(self) -> None:
        """Try the position that the sliders have now, and show what came of it."""
        began = time.perf_counter()
        position = self.sliders.position
        tried = replace(position, events=self._events(position))
        self.state.value = pages.state(f"Sending {counted(tried.events, 'event')} …")
        try:
            trial = self._stand.trial(tried)
        except Exception as error:  # noqa: BLE001 - a learner's make_app raises anything
            self.trial = None
            self.state.value = pages.state("")
            self._show(pages.sentences([_why_not(error)]), "", "")
            return
        self.trial = trial
        code = pages.code([*trial.imports, self._stand.line(position)])
        if position == self._uncovered:
            self._settle(trial.counts)
        elif self.questions.cover.value:
            veil = (
                f"The result is hidden. Guess how many of {position.events} events "
                f"will be {self.questions.watched.value}, then press Compare."
            )
            self.state.value = pages.state("")
            self._show(pages.sentences([veil]), code, "")
            return
        history = Timeline(trial.history)
        in_words = self.questions.form.value == "text"
        picture = pages.table(str(history)) if in_words else framed(history.svg())
        self._show(pages.numbers(trial.counts), code, picture)
        self._pace.note(tried.events, time.perf_counter() - began)
        fewer = (
            f"The first {tried.events:,} of {position.events:,} events, while you move"
        )
        self.state.value = pages.state("" if tried == position else fewer)

    def _events(self, position: Position) -> int:
        """Choose how many events to send: fewer while a slider moves."""
        if position in (self._whole, self._uncovered):
            return position.events
        fewer = self._pace.fitting(position.events)
        if fewer < position.events and self._rest.moved():
            return fewer
        return position.events

    def _show(self, numbers: str, code: str, picture: str) -> None:
        self._numbers.value = numbers
        self._code.value = code
        self._picture.value = picture

    def _compare(self) -> None:
        position = self.sliders.position
        guess = read(self.questions.guess, position.events)
        if guess is None:
            self._note(f"Write a number from 0 to {position.events} first.", keep=False)
            return
        self._said = self.questions.watched.value, guess
        self._uncovered = position
        self._newest()

    def _settle(self, counts: Counts) -> None:
        """Set what the learner said beside what came, once."""
        if self._said is None:
            return
        (watched, guess), self._said = self._said, None
        self._note(
            f"{watched}: you expected {guess} of {counts.events} events, "
            f"it was {getattr(counts, watched)}.",
            keep=True,
        )

    def _note(self, note: str, *, keep: bool) -> None:
        shown = [*self.notes, note]
        if keep:
            self.notes = shown
        self._noted.value = pages.sentences(shown[-_LATEST:])

    def _sweep(self) -> None:
        if self._sweeping:
            self._sweeping = False
            return
        self._sweeping = True
        in_steps(self._sweep_steps())

    def _sweep_steps(self) -> Iterator[None]:
        """Run a seed a step; stop when a slider moves or the button is pressed."""
        position = self._swept_position()
        guess = read(self.questions.guess_runs, SEEDS)
        expected = () if guess is None else ((self.questions.watched.value, guess),)
        runs: list[tuple[int, Counts]] = []
        self.questions.go()
        try:
            while len(runs) < SEEDS:
                trial = self._stand.trial(replace(position, seed=len(runs)))
                runs.append((len(runs), trial.counts))
                self.questions.progress.value = len(runs)
                yield
                if self._swept_position() != position or not self._sweeping:
                    break
            self._sum_up(
                position, replace(so_far(self._stand, runs), expected=expected)
            )
        except Exception as error:  # noqa: BLE001 - a learner's make_app raises anything
            self._swept.value = pages.sentences([_why_not(error)])
        finally:
            self._sweeping = False
            self.questions.wait()

    def _swept_position(self) -> Position:
        """Where the sliders stand, whatever the seed."""
        return replace(self.sliders.position, seed=0)

    def _sum_up(self, position: Position, swept: Sweep) -> None:
        if len(swept.runs) < SEEDS:
            head = f"Stopped after {len(swept.runs)} of {SEEDS} seeds.\n\n"
            swept = replace(swept, expected=())
        else:
            head = ""
        self.swept = swept
        self.notes += swept.compared()
        line = self._stand.sweep_line(position, len(swept.runs))
        source = ["from labkit.playground import sweep", *position.imports(), line]
        self._swept.value = pages.table(head + str(swept)) + pages.code(source)


def _why_not(error: Exception) -> str:
    """Say why there is nothing to show."""
    if isinstance(error, NotImplementedError):
        return NOT_WRITTEN
    return f"{type(error).__name__}: {error}"
