"""Kill a receiver at every line, start it again, and deliver again."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from labkit.explore.harm import Harm
from labkit.explore.life import Left, Life, live
from labkit.explore.process import really_live
from labkit.explore.records import (
    Counterexample,
    Invariant,
    Report,
    Step,
    Violation,
)
from labkit.explore.setting import Boot, Setting, setting, steps_of



@dataclass(frozen=True, slots=True)
class History:
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
    run: Callable[..., Life] = really_live if really else live
    end = math.inf if seconds is None else time.monotonic() + seconds
    tried = points = 0
    known: set[Any] = set()
    with setting(
        boot, requests, invariant, code=code, retries=retries, workers=1
    ) as place:
        waiting = [History()]
        for bound in range(crashes + 1):
            following: list[History] = []
            for history in waiting:
                if tried >= limit or (tried and time.monotonic() > end):
                    return Report("histories", tried, points, bound - 1, complete=False)
                life = run(place, history.left, mortal=bound < crashes)
                tried += 1
                if life.violation is not None:
                    first = retell(place, history.deaths, life.violation)
                    return Report("histories", tried, points, bound - 1, False, first)
                points += len(life.deaths)
                for number, left in enumerate(life.deaths):
                    if left.future not in known:
                        known.add(left.future)
                        deaths = (*history.deaths, number)
                        following.append(History(deaths, left))
            waiting = following
        return Report("histories", tried, points, crashes, complete=True)


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
        told = steps_of(life.play, index + 1)
        if number is None:
            steps += told
            break
        left = life.deaths[number]
        # A life that was cut off has done only a part of its play.
        harm.cut(len(steps) + left.points + left.notes)
        steps += told[: left.points + left.notes]
        steps.append(Step("A", "crash", f"dies {left.where}", life=index + 1))
        steps.append(Step("A", "restart", "a new process starts", life=index + 2))
    return Counterexample(violation, tuple(steps), str(History(deaths)), harm.done_at)
