"""Run a receiver under every interleaving and kill it at every line.

    from labkit.explore import World, crashes, each_once, interleavings

    def boot(world):
        return make_app(str(world.directory / "shop.db"), world.effect)

    def shipped(outcome):
        return [effect.args[0] for effect in outcome.effects]

    print(interleavings(boot, [request, request], each_once(["A1"], shipped)))
    print(crashes(boot, [request], each_once(["A1"], shipped)))

`boot(world)` starts a receiver over `world.directory`, which survives the process, and
returns a Flask app or any callable that takes one request. The requests are
`labkit.model.Request` records for an app and anything at all for a callable. The
invariant gets the `Outcome` of each run and returns None, or a sentence (or a
`Violation`) that says what harm was done.

Only the learner's code is paused: the file of `boot` and of the receiver's functions,
and the functions, classes and modules that these use, except for the kit, the standard
library and installed packages. `code` names others: functions, classes, modules or
files.

How it is built, from the ground up: `waits` and `connection` make waiting visible,
`tracer` finds the points, `footprint` notes what a step does, `successors` says who
goes on, `turn` gives the turn from worker to worker, `memory` and `world` let each run
start in a fresh process, `interleaving` and `crash` enumerate, `harm` finds the step
that did it, `story` and `picture` tell it, and `report` says how much was tried.
"""

from collections.abc import Iterable
from typing import Any

from labkit.arguments import (
    check_function,
    check_number,
    check_text,
    check_whole,
    listed,
)
from labkit.errors import BadSetting, shown_plainly
from labkit.explore import crash, interleaving
from labkit.explore.director import aside
from labkit.explore.pace import Pace, pace
from labkit.explore.records import (
    Answer,
    Effect,
    Invariant,
    Outcome,
    Step,
    Violation,
    each_once,
)
from labkit.explore.report import Counterexample, Report
from labkit.explore.setting import Boot
from labkit.explore.world import World

__all__ = [
    "Answer",
    "Boot",
    "Counterexample",
    "Effect",
    "Invariant",
    "Outcome",
    "Pace",
    "Report",
    "Step",
    "Violation",
    "World",
    "crashes",
    "each_once",
    "interleavings",
    "pace",
    "replay",
]

MOST = 100
"""So many preemptions, crashes in a row or retries are enough for every receiver."""


@shown_plainly
def interleavings(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    *,
    preemptions: int | None = None,
    limit: int = 5_000,
    seconds: float | None = None,
    retries: int = 1,
    processes: int = 1,
    code: Iterable[Any] = (),
) -> Report:
    """Deliver the requests at the same moment, under every interleaving.

    Each request has a worker thread of its own, and one thread runs at a time. First
    come the interleavings in which no worker is ever interrupted, then those with one
    preemption, then those with two; where a worker waits or is done, every other one
    that could go on is tried without one. So the first history that does harm is one of
    those with the fewest preemptions, and the exploration stops there. If there is
    none, it goes on without a bound: of the interleavings that differ only in the order
    of steps that share nothing, one is run. `preemptions` sets a bound instead. Equal
    requests are interchangeable: an interleaving and its mirror image count as one.

    A switch happens before a line of the learner's code; inside a line before its
    second statement to SQLite, call of `world.effect` or lock; and after a call in a
    line that goes on with objects that the workers share. Threads that the learner's
    code starts run freely and are not part of the interleaving.

    With `processes` the workers are spread over so many processes, each with a memory
    of its own, and `boot` starts the receiver in each of them. Every run begins with
    fresh processes: what the learner's code keeps is as it is now, and is so again at
    the end. If something can't be put back, nothing is tried, and the report says why.

    When all workers are done, what was not acknowledged is delivered again, one after
    the other, `retries` times; then the invariant judges.

    It stops after `limit` interleavings or `seconds` seconds, and the report says how
    far it came. In a browser, where there are no threads, a worker that is interrupted
    or waits lets another one do its whole job; interleavings that want more are left
    out, and the report counts them. Raises LabError under a debugger or coverage, and
    BadSetting where no code of a learner is found.
    """
    given = _checked(boot, requests, invariant, limit, seconds, retries)
    check_whole("processes", processes, least=1, most=max(1, len(given)))
    if preemptions is not None:
        check_whole("preemptions", preemptions, least=0, most=MOST)
    return aside(
        lambda: interleaving.explore(
            boot,
            given,
            invariant,
            preemptions=preemptions,
            limit=limit,
            seconds=seconds,
            retries=retries,
            processes=processes,
            code=listed("code", code),
        )
    )


@shown_plainly
def crashes(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    *,
    crashes: int = 2,
    really: bool = False,
    limit: int = 5_000,
    seconds: float | None = None,
    retries: int = 1,
    code: Iterable[Any] = (),
) -> Report:
    """Deliver the requests one after the other, and let the process crash at each line.

    At each line of the learner's code in turn, after each call of `world.effect` and
    before each answer is sent, the process dies: its memory and its uncommitted
    transactions are gone, its files stay. A fresh process is booted over them, and the
    sender delivers again what was not acknowledged, as it also does `retries` times
    after a response that does not acknowledge. Then that process dies at each of its
    places, start included, up to `crashes` deaths in a row. A process's memory is the
    learner's variables; the modules of other people are not loaded again.

    With `really`, each of these processes is a child that is killed (SIGKILL, and
    TerminateProcess on Windows) at the same places; it takes about ten times as long,
    and the history is told from the model. `limit` counts the histories. Raises
    LabError under a debugger or coverage.
    """
    given = _checked(boot, requests, invariant, limit, seconds, retries)
    check_whole("crashes", crashes, least=0, most=MOST)
    return aside(
        lambda: crash.explore(
            boot,
            given,
            invariant,
            crashes=crashes,
            really=really,
            limit=limit,
            seconds=seconds,
            retries=retries,
            code=listed("code", code),
        )
    )


@shown_plainly
def replay(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    history: str,
    *,
    retries: int = 1,
    processes: int = 1,
    code: Iterable[Any] = (),
) -> Counterexample | None:
    """Run exactly one history again; None if it does no harm any more.

    `history` is a counterexample's `code`: "AB 3B" lets A run first, and B after three
    steps; "crash 7" dies at the seventh place. Raises BadSetting for anything else.
    """
    given = _checked(boot, requests, invariant, 1, None, retries)
    check_whole("processes", processes, least=1, most=max(1, len(given)))
    check_text("history", history)
    names = listed("code", code)
    first, *rest = history.split() or [""]
    try:
        deaths = tuple(int(word) - 1 for word in rest) if first == "crash" else None
        order = interleaving.Interleaving.read(history if deaths is None else "A")
    except ValueError:
        raise BadSetting(
            f"{history!r} is not a history; use the `code` of a counterexample, such "
            "as 'AB 3B' or 'crash 7'"
        ) from None
    if deaths is None:
        return aside(
            lambda: interleaving.replay_interleaving(
                boot,
                given,
                invariant,
                order,
                retries=retries,
                processes=processes,
                code=names,
            )
        )
    return aside(
        lambda: crash.replay_crashes(
            boot, given, invariant, deaths, retries=retries, code=names
        )
    )


def _checked(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    limit: int,
    seconds: float | None,
    retries: int,
) -> list[Any]:
    """Return the requests as a list. Raises BadSetting."""
    check_function("boot", boot)
    check_function("invariant", invariant)
    check_whole("limit", limit, least=1)
    if seconds is not None:
        check_number("seconds", seconds, least=0)
    check_whole("retries", retries, least=0, most=MOST)
    return listed("requests", requests)
