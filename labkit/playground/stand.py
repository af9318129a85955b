"""A receiver to be tried, and what one trial gave."""

import html
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import flask

from labkit.arguments import check_number, listed
from labkit.errors import BadSetting
from labkit.faults import Fault
from labkit.history import History
from labkit.model import Event
from labkit.playground.counts import Counts, added, count
from labkit.playground.position import Position
from labkit.running.capture import captured
from labkit.sender import simulate
from labkit.timeline import Timeline

PATIENCE = 300.0
"""Seconds after which an event is late, unless told otherwise."""

Receiver = flask.Flask | str | Callable[[], Any]
"""A function that makes the app, the app itself, or a receiver's URL."""

Effects = Callable[[], Iterable[object]] | Collection[object]
"""What the receiver has done so far, as event ids or order ids, or what gives it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulation: what happened, in numbers, and the line that shows it again.

    `code` is the line, `imports` the lines that its names come from.
    """

    history: History
    counts: Counts
    code: str
    imports: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([str(self.counts), "", *self.imports, self.code])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return (
            Timeline(self.history)._repr_html_()
            + f"<p>{html.escape(str(self.counts))}</p>"
            + f"<pre>{html.escape(chr(10).join((*self.imports, self.code)))}</pre>"
        )


class Stand:
    """The receiver that is tried, and how its work is counted.

    `receiver` is best a function without arguments that makes the app: each trial then
    starts with a fresh one. An app that is given itself remembers from trial to trial.

    `effects` is what the receiver has done so far, as event ids or order ids: the list
    that it adds to, or a function that looks it up. What a trial adds is counted.
    Without it, lost and doubled are told by the acknowledgements.

    With a `secret` requests are signed by `scheme`. Events that are acknowledged later
    than `late` seconds after they happened are late. `name` is how the line of code
    calls the receiver.

    Trials may be asked for from several threads; they run one after the other.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        effects: Effects | None = None,
        scheme: str = "generic",
        secret: str | None = None,
        late: float = PATIENCE,
        name: str | None = None,
    ) -> None:
        if not callable(receiver) and not isinstance(receiver, str):
            raise BadSetting(
                f"{receiver!r:.60} is not a receiver; give make_app, the function "
                "itself, or an app, or a URL"
            )
        if effects is not None and not callable(effects):
            listed("effects", effects)
        check_number("late", late, least=0)
        self._receiver = receiver
        self._effects = effects
        self._scheme = scheme
        self._secret = secret
        self._late = late
        self._name = name or _called(receiver)
        self._one_at_a_time = threading.Lock()

    @property
    def fresh(self) -> bool:
        """Whether each trial starts with an app of its own."""
        return not isinstance(self._receiver, flask.Flask | str)

    @property
    def signed(self) -> bool:
        """Whether the requests are signed."""
        return self._secret is not None

    def run(
        self,
        events: Sequence[Event],
        *,
        profile: str,
        faults: Iterable[Fault],
        seed: int,
    ) -> tuple[History, Counts]:
        """Deliver the events once and count. What the app prints is left out.

        Raises whatever the function that makes the app raises.
        """
        with self._one_at_a_time, captured():
            endpoint: Any = self._receiver
            if self.fresh:
                endpoint = endpoint()
            before = self._done()
            history = simulate(
                endpoint,
                events,
                profile=profile,
                faults=faults,
                seed=seed,
                scheme=self._scheme,
                secret=self._secret,
            )
            done = None if before is None else added(before, self._done() or [])
        return history, count(history, effects=done, patience=self._late)

    def trial(self, position: Position) -> Trial:
        """Try one position of the dials."""
        history, counts = self.run(
            position.source(position.events),
            profile=position.profile,
            faults=position.faults,
            seed=position.seed,
        )
        imports = ("from labkit import simulate", *position.imports())
        return Trial(history, counts, self.line(position), imports)

    def line(self, position: Position) -> str:
        """Write the one line of code that shows this position again."""
        return (
            f"simulate({self._name}, {position.arguments()}{self._signing()}"
            f", seed={position.seed}).timeline()"
        )

    def sweep_line(self, position: Position, seeds: int) -> str:
        """Write the one line of code that sweeps this position over so many seeds.

        Effects that have no name of their own are called as the argument is, and a
        comment says so.
        """
        receiver = self._name.removesuffix("()") if self.fresh else self._name
        effects = str(getattr(self._effects, "__name__", ""))
        named = effects.isidentifier()
        counted = f", effects={effects if named else 'effects'}"
        comment = "" if named else "  # effects: as given to the playground"
        if self._effects is None:
            counted = comment = ""
        return (
            f"sweep({receiver}, {position.arguments()}{self._signing()}"
            f"{counted}, seeds={seeds}){comment}"
        )

    def _done(self) -> list[object] | None:
        """Return a copy of what the receiver has done, or None if that isn't known."""
        if self._effects is None:
            return None
        done = self._effects() if callable(self._effects) else self._effects
        return listed("effects", done)

    def _signing(self) -> str:
        if self._secret is None:
            return ""
        return f', scheme="{self._scheme}", secret="{self._secret}"'


def _called(receiver: Receiver) -> str:
    """Guess how the learner calls it: a function by its own name."""
    if isinstance(receiver, str):
        return repr(receiver)
    if isinstance(receiver, flask.Flask):
        return "app"
    name = getattr(receiver, "__name__", "")
    return f"{name}()" if name.isidentifier() else "make_app()"
