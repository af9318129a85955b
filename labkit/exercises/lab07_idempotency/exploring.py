"""Let the explorer deliver one event twice at the same moment, or kill the receiver.

First everything with one preemption (or one crash) is tried, in full; a last case goes
on with two, as far as the time of the check reaches.
"""

import re
import textwrap
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from labkit.checks import Mistake, NotTried, Question
from labkit.checks.calls import JSON
from labkit.checks.judging import work_left
from labkit.checks.verdicts import Picture
from labkit.errors import LabError
from labkit.exercises.lab07_idempotency import mistakes
from labkit.exercises.lab07_idempotency.asking import FIRST
from labkit.exercises.lab07_idempotency.shops import impatient
from labkit.explore import (
    Boot,
    Counterexample,
    Outcome,
    Report,
    Violation,
    World,
    crashes,
    interleavings,
)
from labkit.explore.memory import memory_of
from labkit.explore.waits import here
from labkit.explore.world import scratch
from labkit.model import Request, header_pairs
from labkit.running.fresh import not_tried
from labkit.running.sources import Sources
from labkit.transport import IN_BROWSER, AppTransport

DELIVERY = Request("POST", "/webhooks", header_pairs(JSON), FIRST.body)
ORDER = "A-1"
RESERVE = 0.5
"""Seconds that a check keeps to tell what was found."""

LEAST = 0.1
"""Seconds that each further try gets, however slow the machine is."""

PATIENCE = 4.0
"""Seconds that a search with one preemption may take; it mostly takes a tenth."""

SECOND_SWITCH = (
    "A second preemption needs threads, and Python in a browser has none: JupyterLab "
    "or Binder tries it."
)

_NUMBERS = re.compile(r"\d{6,}")
"""Identifiers of threads, say, which differ in every run."""

Judge = Callable[[Outcome], Violation | None]
Count = Callable[[Outcome], list[Any]]


def each_once(parcels: Count, noun: str = "shipped") -> Judge:
    """Make the judge of an event that comes at the same moment, or over a crash.

    It sees "doubled", "lost" (acknowledged, and yet no parcel) and "refused" (at last
    still not acknowledged).
    """

    def judge(outcome: Outcome) -> Violation | None:
        times = parcels(outcome).count(ORDER)
        if times > 1:
            often = "twice" if times == 2 else f"{times} times"
            return Violation(f"order {ORDER!r} was {noun} {often}", "doubled")
        if times == 0 and any(answer.acknowledged for answer in outcome.answers):
            harm = f"a 2xx was answered, and order {ORDER!r} was never {noun}"
            return Violation(harm, "lost")
        last = {answer.request: answer for answer in outcome.answers}
        for answer in last.values():
            if not answer.acknowledged:
                said = textwrap.shorten(
                    _NUMBERS.sub("…", str(answer)), 90, placeholder=" …"
                )
                harm = f"the last attempt was not acknowledged: it {said}"
                return Violation(harm, "refused")
        return None

    return judge


def none_undone(parcels: Count, noun: str = "shipped") -> Judge:
    """Make the judge of an event whose shipment fails: no 2xx without a parcel."""

    def judge(outcome: Outcome) -> Violation | None:
        if parcels(outcome):
            return None
        if any(answer.acknowledged for answer in outcome.answers):
            harm = f"a 2xx was answered, and order {ORDER!r} was never {noun}"
            return Violation(harm, "lost")
        return None

    return judge


AT_ONCE: Mapping[str, Mistake] = {
    "doubled": mistakes.CHECK_THEN_ACT,
    "lost": mistakes.LOST_TOGETHER,
    "refused": mistakes.NEVER_ACKED,
    "deadlock": mistakes.DEADLOCK,
}
OVER_PROCESSES: Mapping[str, Mistake] = {
    **AT_ONCE,
    "doubled": mistakes.LOCK_PER_PROCESS,
}
UNDONE: Mapping[str, Mistake] = {
    "lost": mistakes.ACKED_UNDONE,
    "deadlock": mistakes.DEADLOCK,
}


def at_once(
    ask: Question,
    boot: Boot,
    judge: Judge,
    known: Mapping[str, Mistake],
    *,
    retries: int = 1,
    preemptions: int = 1,
    processes: int = 1,
    seconds: float = PATIENCE,
) -> str:
    """Deliver the event twice at the same moment; harm ends the case.

    With one preemption everything must be tried, or the case counts as not tried. The
    remark says how much it was, and what was left out because it needs threads. Raises
    NotTried for more preemptions where there are none.
    """
    if IN_BROWSER and preemptions > 1:
        raise NotTried(SECOND_SWITCH)
    report = _reported(
        boot,
        lambda: interleavings(
            boot,
            [DELIVERY, DELIVERY],
            judge,
            preemptions=preemptions,
            retries=retries,
            processes=processes,
            seconds=seconds,
        ),
    )
    tell(ask, known, report, in_full=preemptions < 2)
    if report.skipped:
        left_out = (
            f"{report.skipped} more need threads, and Python in a browser has none"
        )
        return f"{report.tried} interleavings with up to one preemption; {left_out}."
    return f"all {report.tried} interleavings with up to one preemption."


def dying(
    ask: Question,
    boot: Boot,
    judge: Judge,
    known: Mapping[str, Mistake],
    *,
    times: int = 1,
    seconds: float = PATIENCE,
) -> str:
    """Deliver the event and let the process die everywhere; harm ends the case.

    Single deaths must all be tried, or the case counts as not tried. The remark says
    how many there are.
    """
    report = _reported(
        boot,
        lambda: crashes(boot, [DELIVERY], judge, crashes=times, seconds=seconds),
    )
    tell(ask, known, report, in_full=times == 1)
    return f"at each of {report.points} places, {report.tried} different histories."


def deeper(tries: Iterable[Callable[[float], object]]) -> None:
    """Make further tries, each with its share of the seconds that are left."""
    waiting = list(tries)
    while waiting:
        share = (work_left() - RESERVE) / len(waiting)
        waiting.pop(0)(max(LEAST, share))


def quickly() -> None:
    """Take no time."""


def slowly() -> None:
    """Let half a minute go by for the worker that calls this, but not for the check."""
    worker = here()
    if worker is None:
        return
    deadline = worker.deadline(30)
    while worker.wait(deadline, "the warehouse"):
        continue  # another one had to wait as well; time has not passed yet


def _reported(boot: Boot, search: Callable[[], Report]) -> Report:
    if _starts_threads(boot):
        raise NotTried(
            "Not tried here: your code starts threads of its own, and what they do "
            "can't be put in order from outside."
        )
    try:
        return search()
    except LabError as reason:
        raise NotTried(f"Not tried here: {reason}.") from None


def _starts_threads(boot: Boot) -> bool:
    """Say whether a receiver starts threads while it handles one request."""
    started: list[threading.Thread] = []
    owner, real = threading.get_ident(), threading.Thread.start

    def noting(thread: threading.Thread) -> None:
        if threading.get_ident() == owner:
            started.append(thread)
        real(thread)

    memory = memory_of(Sources([boot]))
    memory.freshen()
    threading.Thread.start = noting  # type: ignore[method-assign, assignment]  # put back below
    try:
        with scratch() as directory, impatient():
            AppTransport(boot(World(directory))).send(DELIVERY, timeout=1.0)
    except Exception:  # noqa: BLE001 - what fails here is told by the search
        return False
    finally:
        threading.Thread.start = real  # type: ignore[method-assign]  # as it was
        memory.restore()
    return bool(started)


def tell(
    ask: Question, known: Mapping[str, Mistake], report: Report, *, in_full: bool
) -> None:
    """End the case if harm was found, or if not all was tried that should be."""
    if report.first is not None:
        violation = report.first.violation
        mistake = known.get(violation.kind)
        if "created in a thread" in violation.harm:
            mistake = mistakes.OTHER_THREAD
        ask.fail(violation.harm, mistake, picture=_picture(report.first))
    if report.not_tried:
        raise NotTried(not_tried(report.not_tried, "make_app"))
    if in_full and not report.complete:
        raise NotTried(
            "This machine was too busy to try everything; run the check again when it "
            "has less to do."
        )


def _picture(first: Counterexample) -> Picture:
    steps = tuple(
        step if step.file else replace(step, text=_NUMBERS.sub("…", step.text))
        for step in first.steps
    )
    shown = _Shown(first.violation, steps, first.code, first.harm_at)
    return Picture(str(shown), shown.svg())


class _Shown(Counterexample):
    """A counterexample in a verdict: the learner need not replay it by hand."""

    __slots__ = ()

    @property
    def replay(self) -> str:
        """Say how to see it again."""
        return "run this check again"
