"""What stays the same over all runs of one exploration."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.errors import BadSetting
from labkit.explore import database, waits
from labkit.explore.delivery import Deliver, delivery
from labkit.explore.instructions import seen_instructions
from labkit.explore.lines import attributes_set_by, stored_by
from labkit.explore.memory import memory_of
from labkit.explore.play import Play
from labkit.explore.records import (
    WORKER_NAMES,
    Answer,
    Effect,
    Invariant,
    Outcome,
    Step,
    Violation,
)
from labkit.explore.stage import Stage
from labkit.explore.starting import cheap_starts
from labkit.explore.world import Files, World, fresh_directory, scratch, write_files
from labkit.running.fresh import FreshProcess, State
from labkit.running.ownership import line_text
from labkit.running.sources import Sources
from labkit.running.stopping import stop_if_told
from labkit.transport import IN_BROWSER, Interrupted

Boot = Callable[[World], Any]


@dataclass(slots=True)
class Setting:
    """The receiver to explore, its code, and a place for its files."""

    boot: Boot
    requests: tuple[Any, ...]
    invariant: Invariant
    retries: int
    files: frozenset[str]
    shown: dict[str, str]
    memory: FreshProcess
    root: Path
    stage: Stage
    processes: int = 1
    receivers: list[Any] = field(default_factory=list)
    _lives: int = field(default=0)
    _states: list[State] = field(default_factory=list)
    _inside: int = field(default=0)

    def start(self, files: Files = (), effects: tuple[Effect, ...] = ()) -> World:
        """Make the world for a process that starts now, with fresh memory."""
        stop_if_told()
        database.close_all()
        self._states = []
        self.memory.freshen()
        directory = fresh_directory(self.root, self._lives)
        self._lives += 1
        write_files(directory, files)
        return World(directory, effects)

    def boot_in(self, world: World) -> Deliver:
        """Start the receiver; raises whatever the learner's code raises.

        With several processes it starts once in each, and each keeps its own memory.
        """
        started = []
        self.receivers = []
        self._states = []
        for number in range(self.processes):
            if number:
                self.memory.freshen()
            world.process = number
            receiver = self.boot(world)
            self.receivers.append(receiver)
            started.append(delivery(receiver, self.requests))
            if self.processes == 1:
                return started[0]
            self._states.append(self.memory.take())
            self._inside = number
        return lambda number: started[number % self.processes](number)

    def enter(self, worker: int) -> None:
        """Put the memory of a worker's process in the place of the one before."""
        process = worker % self.processes
        if process != self._inside and self._states:
            self._states[self._inside] = self.memory.take()
            self.memory.put(self._states[process])
            self._inside = process

    def judge(self, world: World, answers: Sequence[Answer]) -> Violation | None:
        """Ask the invariant what harm was done, if any."""
        outcome = Outcome(world.directory, world.effects, tuple(answers))
        said = self.invariant(outcome)
        return Violation(said) if isinstance(said, str) else said

    def steps_of(self, play: Play, life: int = 1) -> list[Step]:
        """Turn what happened in a play into steps for a reader."""
        steps = []
        notes = [*play.notes, (len(play.points) + 1, 0, "", "")]
        told = 0
        for index in range(len(play.points) + 1):
            while notes[told][0] <= index:
                _, worker, kind, text = notes[told]
                steps.append(Step(WORKER_NAMES[worker], kind, text, life=life))
                told += 1
            if index < len(play.points):
                worker, file, line = play.points[index]
                name, text = self.shown.get(file, file), line_text(file, line)
                step = Step(WORKER_NAMES[worker], "line", text, name, line, life)
                steps.append(step)
        return steps


@contextlib.contextmanager
def setting(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    *,
    code: Iterable[Any],
    retries: int,
    workers: int | None = None,
    processes: int = 1,
) -> Iterator[Setting]:
    """Prepare an exploration, and put everything back at its end."""
    requests = tuple(requests)
    if not 1 <= len(requests) <= len(WORKER_NAMES):
        raise BadSetting(
            f"{len(requests)} requests; an exploration takes 1 to {len(WORKER_NAMES)}"
        )
    with (
        scratch() as root,
        waits.seen_waiting(in_one_thread=IN_BROWSER),
        database.seen_connecting(),
        cheap_starts(),
    ):
        code = tuple(code)
        sources = Sources(code) if code else _found(boot, root / "first-look")
        memory = memory_of(Sources([boot, *code]))
        files = frozenset(sources.files)
        if not files:
            raise BadSetting(
                "no code to explore was found from boot; name the functions, modules "
                "or files in `code`"
            )
        codes = [function.__code__ for function in sources.functions]
        with contextlib.ExitStack() as undo:
            undo.callback(memory.restore)  # when the workers have ended
            undo.enter_context(seen_instructions(codes))
            stage = undo.enter_context(Stage(workers or len(requests), files))
            place = Setting(
                boot,
                requests,
                invariant,
                retries,
                files,
                sources.shown(),
                memory,
                root,
                stage,
                processes,
            )
            stage.turn.twins = {
                number: [i for i in range(number) if requests[i] == request]
                for number, request in enumerate(requests)
                if workers is None and request in requests[:number]
            }
            stage.common.stored = frozenset().union(*map(stored_by, codes))
            if sources.modules:  # their names are bound as attributes, too
                stage.common.stored |= set().union(*map(attributes_set_by, codes))
            stage.common.roots = lambda: (*sources.functions, *place.receivers)
            if processes > 1:
                stage.turn.enter = place.enter
            yield place


def _found(boot: Boot, directory: Path) -> Sources:
    """Find the learner's code by way of `boot` and of the receiver that it makes."""
    memory = memory_of(Sources([boot]))
    memory.freshen()
    directory.mkdir()
    try:
        receiver = boot(World(directory))
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException:  # noqa: BLE001 - it fails again, and is reported, when explored
        receiver = boot
    finally:
        memory.restore()
        database.close_all()
    return Sources([boot, receiver])


def unended(play: Play) -> Violation:
    """Say what is wrong with a play that did not come to its end."""
    harm = {
        "deadlock": "the handler waits for something that never comes",
        "endless": "the handler does not come to an end",
    }[play.ended]
    if play.ended == "deadlock" and len(play.done_at) > 1:
        harm = "the workers wait for each other forever (a deadlock)"
    return Violation(harm, play.ended)


def not_started(error: BaseException, *, again: bool = False) -> Violation:
    """Say that the receiver does not start; `again` is after a crash."""
    when = " again after the crash" if again else ""
    harm = f"the receiver does not start{when}: {type(error).__name__}: {error}"
    return Violation(harm, "no start")
