"""What can be observed of a Flask app: a list of steps, and what each of them does.

The field `steps` of a trial is a list of `Post`, `Endless`, `Restart`, `MakeAnother`,
`Fail`, `Wait` and `Do`. After each step the observer notes the class of
the status and the side effects since the step before. The exercise says what the
effects are with a `World`.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import flask

from labkit.checks.calls import JSON, Answered, AppCaller, send_endless, shown
from labkit.checks.cases import NotTried
from labkit.checks.judging import once_in_check
from labkit.checks.observing import (
    Seen,
    caught_exceptions,
    exactly,
    outcome,
)
from labkit.checks.space import Fields
from labkit.checks.wording import describe, short
from labkit.explore.memory import memory_of
from labkit.running.fresh import FreshProcess, not_tried
from labkit.running.sources import Sources

NO_APP = "no app"
NO_RESPONSE = "no response"
LATE = " after the response"
"""What is added to the name of a callback that was called when it was too late."""

LONG, SHORT, FEW = 240, 60, 2
"""How many characters of an effect are shown: LONG in trials of at most FEW steps."""

PATIENCE = 0.2
"""Seconds to wait for work that another thread still does."""


@dataclass(frozen=True, slots=True)
class Post:
    """Send one request to an app; `app` counts the apps of the trial from 0."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    method: str = "POST"
    path: str = "/webhooks"
    chunked: bool = False
    app: int = 0
    note: str = ""

    def __str__(self) -> str:
        text = f"{self.method} {self.path}\n{shown(self.body, self.headers)}".rstrip()
        if not self.body and self.method == "POST":
            text += "\n(the body is empty)"
        return f"{text}\n({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class Endless:
    """Send a body of `most` bytes that has no announced length.

    What is seen is the status, and whether more than `enough` bytes were read.
    """

    most: int
    enough: int
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    path: str = "/webhooks"
    app: int = 0

    def __str__(self) -> str:
        head = [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([f"POST {self.path}", *head, "a body that does not end"])


@dataclass(frozen=True, slots=True)
class Restart:
    """End the process of an app: make_app is called again with the same arguments.

    With `App.fresh`, the new process knows nothing of what the old one kept in memory.
    """

    app: int = 0

    def __str__(self) -> str:
        return "the receiver restarts"


@dataclass(frozen=True, slots=True)
class MakeAnother:
    """Call make_app once more, for an app with its own arguments."""

    def __str__(self) -> str:
        return "make_app is called for another app"


@dataclass(frozen=True, slots=True)
class Fail:
    """Let the next call of the named callback raise; `error` makes the exception.

    If `acts`, the callback does its work before it raises.
    """

    error: Callable[[], BaseException]
    callback: str = "process"
    acts: bool = False

    def __str__(self) -> str:
        error = self.error()
        text = f"the next call of {self.callback} raises {describe(error)}"
        if error.__cause__ is not None:
            text += f", with the cause {describe(error.__cause__)}"
        return text


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass, on the clocks that the app may look at."""

    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:,.0f} seconds pass"


@dataclass(frozen=True, slots=True)
class Do:
    """Change something in the world of the trial; `text` says what."""

    change: Callable[[Any], object]
    text: str

    def __str__(self) -> str:
        return self.text


Step = Post | Endless | Restart | MakeAnother | Fail | Wait | Do


class World(Protocol):
    """The surroundings of the apps of one trial."""

    def arguments(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with for this app."""

    def fail(self, step: Fail) -> None:
        """Let the next call of a callback fail."""

    def effects(self) -> Sequence[Any]:
        """Return the side effects since this was last called."""

    def begins(self) -> None:
        """Learn that a request is sent."""

    def responding(self) -> None:
        """Learn that the response begins."""

    def ends(self, answered: Answered) -> None:
        """Learn what the response is."""


def status_class(status: int) -> str:
    """Return a status as "2xx", "4xx" and so on."""
    return f"{status // 100}xx"


@dataclass(frozen=True, slots=True)
class App:
    """Observes an app that `make_app` makes, step by step.

    `world` sets up the surroundings of a trial. `normal_status` says what of a status
    is compared, `normal_effects` what of the effects. `normal` gets the whole response
    where a contract also fixes headers or the body, and `told` makes what is shown of
    it. `prepared(world, post)` makes of a
    step the request that is sent at this moment: signed, say. `clock(make_app,
    seconds)` shifts the clocks for `Wait`. If `fresh`, a trial and each `Restart` begin
    with the memory of a new process; NotTried is raised where that can't be. `compared`
    makes of the values of all steps what is compared; the value of a step is a pair:
    what came back, and the effects. What came back is None for other steps than `Post`,
    and NO_RESPONSE or a pair for a request: what is compared of its status and of the
    response. If a trial has the field `traced`, the exceptions that the learner's code
    caught are kept. The `result` of what was seen has a pair for each step: what was
    answered, or None, and the effects.
    """

    world: Callable[[Fields], AbstractContextManager[World]]
    normal_status: Callable[[int], Any] = status_class
    normal_effects: Callable[[Sequence[Any]], Any] = exactly
    normal: Callable[[Answered], Any] = lambda _: None
    told: Callable[[Answered], str] = str
    prepared: Callable[[Any, Post], Post] = lambda _, step: step
    clock: Callable[[Any, float], AbstractContextManager[Any]] = lambda *_: (
        nullcontext()
    )
    compared: Callable[[Fields, tuple[Any, ...]], Any] = lambda _, values: values
    fresh: bool = False

    def show(self, fields: Fields) -> str:
        """Return the steps as a verdict shows them."""
        return in_steps(fields["steps"])

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Make an app, and take the steps."""
        tracing: AbstractContextManager[Sequence[tuple[BaseException, object]]]
        tracing = caught_exceptions() if fields.get("traced") else nullcontext([])
        with (
            self._memory(solution) as memory,
            self.world(fields) as world,
            tracing as caught,
        ):
            limit = LONG if len(fields["steps"]) <= FEW else SHORT
            run = _Run(self, solution, world, memory, limit)
            for step in [None, *fields["steps"]]:
                run.take(step)
                if run.failed is not None:
                    return run.failed
            seen = run.seen()
        errors = tuple(error for error, _ in caught)
        return replace(seen, value=self.compared(fields, seen.value), caught=errors)

    @contextmanager
    def _memory(self, solution: Any) -> Iterator[FreshProcess | None]:
        if not self.fresh:
            yield None
            return
        memory = once_in_check(solution, lambda: memory_of(Sources([solution])))
        memory.freshen()
        try:
            yield memory
        finally:
            memory.restore()


def in_steps(steps: Sequence[object]) -> str:
    """Return the steps with their numbers, without those in the middle of many."""
    if len(steps) <= 1:
        return "".join(map(str, steps))
    numbered = [f"{at}. {step}" for at, step in enumerate(steps, start=1)]
    if len(numbered) > 8:
        left_out = f"… {len(numbered) - 6} more steps …"
        numbered = [*numbered[:3], left_out, *numbered[-3:]]
    return "\n".join(numbered)


class _Run:
    """One trial: the apps so far, and what was seen of each step."""

    def __init__(
        self,
        observer: App,
        make_app: Any,
        world: World,
        memory: FreshProcess | None,
        limit: int,
    ) -> None:
        self._limit = limit
        self._observer = observer
        self._memory = memory
        self._make_app = make_app
        self._world = world
        self._callers: list[AppCaller] = []
        self._values: list[Any] = []
        self._all: list[tuple[Answered | None, Sequence[Any]]] = []
        self._texts: list[str] = []
        self._error: BaseException | None = None
        self._waited = 0.0
        self.failed: Seen | None = None

    def take(self, step: Step | None) -> None:
        """Take one step; None makes the first app."""
        with contextlib.ExitStack() as stack:
            if self._waited:
                shifted = self._observer.clock(self._make_app, self._waited)
                stack.enter_context(shifted)
            if step is None or isinstance(step, (Restart, MakeAnother)):
                self._make(step)
            elif isinstance(step, Fail):
                self._world.fail(step)
                self._note(None, "done")
            elif isinstance(step, Do):
                step.change(self._world)
                self._note(None, "done")
            elif isinstance(step, Wait):
                self._waited += step.seconds
                self._note(None, "done")
            elif isinstance(step, Endless):
                self._send_endless(step)
            else:
                self._send(step)

    def seen(self) -> Seen:
        """Return what was seen of all steps."""
        text = in_steps(self._texts)
        return Seen(tuple(self._values), text, self._error, tuple(self._all))

    def _make(self, step: Restart | MakeAnother | None) -> None:
        if isinstance(step, Restart) and self._memory is not None:
            if doubts := self._memory.doubts:
                raise NotTried(not_tried(doubts, "make_app"))
            self._memory.freshen()
        number = step.app if isinstance(step, Restart) else len(self._callers)
        made = outcome(
            lambda: self._make_app(*self._world.arguments(number)), lambda _: None
        )
        if made.error is not None or made.value is not None:
            self.failed = self._without_app(made)
        elif not isinstance(made.result, flask.Flask):
            text = f"make_app returned {short(made.result, 80)}"
            self.failed = self._without_app(Seen(NO_APP, text))
        else:
            caller = AppCaller(made.result, responding=self._world.responding)
            self._callers[number : number + 1] = [caller]
        if self.failed is None and step is not None:
            self._note(None, "done")

    def _without_app(self, seen: Seen) -> Seen:
        """Return what was seen of a call that made no app, with its effects."""
        return replace(seen, result=((None, self._world.effects()),))

    def _send(self, step: Post) -> None:
        while len(self._callers) <= step.app:
            self.take(MakeAnother())
            if self.failed is not None:
                return
        step = self._observer.prepared(self._world, step)
        self._world.begins()
        answered = self._callers[step.app].send(
            step.body,
            step.headers,
            path=step.path,
            method=step.method,
            chunked=step.chunked,
        )
        self._world.ends(answered)
        self._error = answered.error or self._error
        observer = self._observer
        status = observer.normal_status(answered.status)
        value = (status, observer.normal(answered))
        text = observer.told(answered)
        if asked := answered.headers.get("Retry-After"):
            text += f"; Retry-After: {asked}"
        if answered.status == 404 and answered.error is None:
            text += f"; {self._callers[step.app].paths}"
        self._note(NO_RESPONSE if answered.silent else value, text, answered)

    def _send_endless(self, step: Endless) -> None:
        app = self._callers[step.app].app
        status, taken = send_endless(app, step.path, step.headers, step.most)
        seen = self._observer.normal_status(status)
        text = f"{status}, after {taken:,} bytes were read"
        self._note((seen, taken > step.enough), text)

    def _note(self, value: Any, text: str, answered: Answered | None = None) -> None:
        effects = self._world.effects()
        self._all.append((answered, effects))
        shown_effects = [
            f"{name}({', '.join(short(each, self._limit) for each in what)})"
            if what
            else name
            for name, *what in effects
            if not name.startswith("_")
        ]
        self._values.append((value, self._observer.normal_effects(effects)))
        self._texts.append("; ".join([text, *shown_effects]))
