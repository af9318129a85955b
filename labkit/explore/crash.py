"""Kill a receiver at every line, start it again, and deliver again."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from labkit.errors import LabError
from labkit.explore.harm import Harm
from labkit.explore.life import Left, Life, live
from labkit.explore.records import (
    Invariant,
    Step,
    Violation,
)
from labkit.explore.report import Counterexample, Report
from labkit.explore.setting import Boot, Setting, setting
from labkit.transport import IN_BROWSER


@dataclass(frozen=True, slots=True)
class CrashHistory:
    """The deaths that lead to a life: of which number each, and what each left."""

    deaths: tuple[int, ...] = ()
    left: Left | None = None

    def __str__(self) -> str:
        return " ".join(["crash", *(str(number + 1) for number in self.deaths)])


def explore(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    *,
    crashes: int,
    really: bool,
    limit: int,
    seconds: float | None,
    retries: int,
    code: Iterable[Any],
) -> Report:
    """Let it die everywhere; see `labkit.explore.crashes`."""
    run: Callable[..., Life] = _killed if really else live
    end = math.inf if seconds is None else monotonic() + seconds
    tried = points = 0
    known: set[Any] = set()
    with setting(
        boot, requests, invariant, code=code, retries=retries, workers=1
    ) as place:
        if place.memory.doubts and not really:
            return Report("histories", 0, 0, -1, False, not_tried=place.memory.doubts)
        waiting = [CrashHistory()]
        for bound in range(crashes + 1):
            following: list[CrashHistory] = []
            places = 0
            for history in waiting:
                if tried >= limit or (tried and monotonic() > end):
                    return Report("histories", tried, points, bound - 1, complete=False)
                life = run(place, history.left, mortal=bound < crashes)
                tried += 1
                if life.violation is not None:
                    first = retell(place, history.deaths, life.violation)
                    return Report("histories", tried, points, bound - 1, False, first)
                places += len(life.deaths)
                for number, left in enumerate(life.deaths):
                    if left.future not in known:
                        known.add(left.future)
                        deaths = (*history.deaths, number)
                        following.append(CrashHistory(deaths, left))
            waiting, points = following, points + places
        return Report("histories", tried, points, crashes, complete=True)


def _killed(place: Setting, before: Left | None, *, mortal: bool) -> Life:
    if IN_BROWSER:
        raise LabError(
            "Python in a browser has no processes to kill; call it without `really` "
            "there"
        )
    # A browser's Python can't even import what a child process needs.
    from labkit.explore.process import really_live

    return really_live(place, before, mortal=mortal)


def replay_crashes(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    deaths: tuple[int, ...],
    *,
    retries: int,
    code: Iterable[Any],
) -> Counterexample | None:
    """Let it die at those places again; None where it does no harm."""
    with setting(
        boot, requests, invariant, code=code, retries=retries, workers=1
    ) as place:
        left = None
        for number in deaths:
            life = live(place, left)
            if number >= len(life.deaths):
                return None
            left = life.deaths[number]
        violation = live(place, left, mortal=False).violation
        return None if violation is None else retell(place, deaths, violation)


def retell(
    place: Setting, deaths: tuple[int, ...], violation: Violation
) -> Counterexample:
    """Run a harmful history once more, in this process, and tell it step by step."""
    harm = Harm(place, violation)
    steps: list[Step] = []
    left = None
    for index, number in enumerate((*deaths, None)):
        harm.told = len(steps)
        life = live(place, left, harm=harm)
        told = place.steps_of(life.play, index + 1)
        if number is None or number >= len(life.deaths):
            # The latter where chance or a clock decides what the receiver does.
            steps += told
            break
        left = life.deaths[number]
        # A life that was cut off has done only a part of its play.
        harm.cut(len(steps) + left.points + left.notes)
        steps += told[: left.points + left.notes]
        steps.append(Step("A", "crash", f"dies {left.where}", life=index + 1))
        steps.append(Step("A", "restart", "a new process starts", life=index + 2))
    done_at = len(steps) - 1 if life.play.ended else harm.done_at
    states = harm.states(steps)
    return Counterexample(
        violation, tuple(steps), str(CrashHistory(deaths)), done_at, states
    )
