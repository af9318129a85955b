"""Run one chosen history: a crash before a given line, or a meeting of two workers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from labkit.explore.crash import replay_crashes
from labkit.explore.director import aside
from labkit.explore.interleaving import Interleaving, perform, replay_interleaving
from labkit.explore.life import live
from labkit.explore.records import TOLD, Outcome, Violation
from labkit.explore.report import Counterexample
from labkit.explore.setting import Boot, setting

Look = Callable[[Outcome], str]
"""Says in a few words what came of a run; called while its files are there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line that is about to run; `number` is its place in the run, from 0."""

    number: int
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Told:
    """One history, and in a few words what came of it."""

    result: str
    history: Counterexample


def crash_places(boot: Boot, request: Any) -> list[Place]:
    """List the lines of the handler before which the process can crash."""

    def look() -> list[Place]:
        with setting(boot, [request], _nothing, code=(), retries=0, workers=1) as place:
            life = live(place, None)
        found = []
        for number, left in enumerate(life.deaths):
            if left.tried and left.where.startswith("before line"):
                _, file, line = life.play.points[left.points]
                found.append(Place(number, file, line))
        return _first_times(found)

    return aside(look)


def crash_at(boot: Boot, request: Any, place: Place, look: Look) -> Told | None:
    """Deliver a request; the process crashes at the place, and the sender retries."""
    history = aside(
        lambda: replay_crashes(
            boot,
            [request],
            _telling(look),
            (place.number,),
            retries=1,
            code=(),
        )
    )
    return Told(str(history.violation), history) if history else None


def left_at(boot: Boot, request: Any, place: Place, look: Look) -> str:
    """Deliver a request; the process crashes at the place. Say what it leaves."""

    def left() -> str:
        with setting(boot, [request], _nothing, code=(), retries=0, workers=1) as at:
            found = live(at, None).deaths[place.number]
            world = at.start(found.files, found.effects)
            return look(Outcome(world.directory, world.effects, found.answers))

    return aside(left)


def meeting_places(boot: Boot, request: Any) -> list[Place]:
    """List the lines of the handler before which a worker can be paused."""

    def look() -> list[Place]:
        requests = [request, request]
        with setting(boot, requests, _nothing, code=(), retries=0) as place:
            run = perform(place, Interleaving((0, 1)))
        return _first_times(
            Place(number, file, line)
            for number, (worker, file, line) in enumerate(run.play.points)
            if worker == 0
        )

    return aside(look)


def meet_at(boot: Boot, request: Any, place: Place, look: Look) -> Told | None:
    """Deliver a request twice: the second arrives while the first is at the place.

    Nothing is delivered again afterwards.
    """
    history = aside(
        lambda: replay_interleaving(
            boot,
            [request, request],
            _telling(look),
            Interleaving((0, 1), ((place.number, 1),)),
            retries=0,
            processes=1,
            code=(),
        )
    )
    return Told(str(history.violation), history) if history else None


def _nothing(_: Outcome) -> None:
    return None


def _telling(look: Look) -> Callable[[Outcome], Violation | None]:
    return lambda outcome: Violation(look(outcome), TOLD)


def _first_times(places: Iterable[Place]) -> list[Place]:
    found: dict[tuple[str, int], Place] = {}
    for place in places:
        found.setdefault((place.file, place.line), place)
    return list(found.values())
