"""One search of the explorer, and what a check tells of it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from labkit.checks import Mistake, NotTried, Question
from labkit.checks.calls import JSON
from labkit.checks.judging import once_in_check
from labkit.checks.verdicts import Picture
from labkit.errors import LabError
from labkit.exercises.lab07_idempotency import mistakes
from labkit.exercises.lab07_idempotency.files import impatient
from labkit.exercises.lab07_idempotency.harm import (
    Judge,
    MakeApp,
    Name,
    without_numbers,
)
from labkit.exercises.lab07_idempotency.trials import FIRST
from labkit.explore import Boot, Counterexample, Report, World, interleavings
from labkit.explore.memory import memory_of
from labkit.explore.world import scratch
from labkit.model import Request, header_pairs
from labkit.running.fresh import not_tried
from labkit.running.sources import Sources
from labkit.transport import IN_BROWSER, AppTransport

DELIVERY = Request("POST", "/webhooks", header_pairs(JSON), FIRST.body)

PATIENCE = 4.0
"""Seconds that a search with one preemption may take; it mostly takes a tenth."""

SECOND_SWITCH = (
    "A second preemption needs threads, and Python in a browser has none. Run the "
    "check in JupyterLab or on Binder to try it."
)


def at_once(
    ask: Question,
    boot: Boot,
    judge: Judge,
    known: Mapping[str, Name],
    make_app: MakeApp,
    *,
    preemptions: int,
    processes: int,
    seconds: float,
    retries: int = 1,
) -> str:
    """Deliver the event twice at the same moment; harm ends the case.

    With one preemption everything must be tried, or the case counts as not tried. The
    remark says how much it was, and what was left out because it needs threads. Raises
    NotTried for more preemptions where there are none.
    """
    if IN_BROWSER and preemptions > 1:
        raise NotTried(SECOND_SWITCH)
    report = reported_of(
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
    tell(ask, known, report, in_full=preemptions < 2, make_app=make_app)
    if report.skipped:
        left_out = (
            f"{report.skipped} more need threads, and Python in a browser has none"
        )
        return f"{report.tried} interleavings with up to one preemption; {left_out}."
    return f"all {report.tried} interleavings with up to one preemption."


def reported_of(boot: Boot, search: Callable[[], Report]) -> Report:
    """Return what a search of this receiver finds; it must not start threads."""
    if once_in_check(boot, lambda: _starts_threads(boot)):
        raise NotTried(
            "Not tried here: your code starts threads of its own, and the explorer "
            "cannot control their order."
        )
    return reported(search)


def reported(search: Callable[[], Report]) -> Report:
    """Return what a search finds. Raises NotTried where the explorer cannot work."""
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
    ask: Question,
    known: Mapping[str, Name],
    report: Report,
    *,
    in_full: bool,
    make_app: Any = None,
) -> None:
    """End the case if harm was found, or if not all was tried that should be."""
    if report.first is not None:
        violation = report.first.violation
        name = known.get(violation.kind)
        if "created in a thread" in violation.harm:
            name = mistakes.OTHER_THREAD
        if not isinstance(name, Mistake | None):
            name = name(make_app, report.first)
        ask.fail(violation.harm, name, picture=_picture(report.first))
    if report.not_tried:
        raise NotTried(not_tried(report.not_tried, "make_app"))
    if in_full and not report.complete:
        raise NotTried(
            "This machine was too busy to try everything; run the check again when it "
            "has less to do."
        )


def _picture(first: Counterexample) -> Picture:
    steps = tuple(
        step if step.file else replace(step, text=without_numbers(step.text))
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
