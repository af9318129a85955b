"""Judge a solution by the cases of an exercise, within the time of a check.

Whatever the solution does, loops and exits included, a verdict comes back.
"""

import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, TypeVar

from labkit.checks.cases import (
    CALLED,
    MISSING,
    STUB_CALLED,
    STUCK,
    Case,
    Exercise,
    Mistake,
    NotAttempted,
    NotTried,
    NotYet,
    Question,
    name_of,
)
from labkit.checks.verdicts import (
    KIT_FAILED,
    NOT_ATTEMPTED,
    NOT_YET,
    PASSED,
    Failure,
    Verdict,
)
from labkit.checks.wording import describe, lines_of, short
from labkit.running.fresh import FreshProcess
from labkit.running.ownership import is_learners
from labkit.running.sandbox import Run, run_bounded, seconds_used
from labkit.running.sources import Sources
from labkit.transport import IN_BROWSER

SECONDS = 7.8 if IN_BROWSER else 1.8
"""How long one check may take; with the interrupt it stays under two seconds.

A browser's Python is slower, and there each line of a solution is traced. A correct
solution of 2.1 takes longer than two seconds there.
"""

SEARCHING = 8.0
"""How long the searches of one check may take on a machine that has much else to do."""

LINES = 20
"""How many lines of what a solution printed a verdict shows."""

PATIENT = 4
"""How much longer the cases of an exercise with `patience` may take: it has many."""

MOST_KEPT = 10_000
"""If a solution keeps more objects, a check does not try whether they are the cause.

To look through so many takes 0.1 s of the check, whatever the solution is.
"""

_time = threading.local()
_Made = TypeVar("_Made")


def judge_solution(
    exercise: Exercise, answer: object, *, seconds: float | None = None
) -> Verdict:
    """Judge an answer by the exercise's cases, in order, up to the first failure."""
    if not callable(answer) or _is_app_already(exercise, answer):
        return _not_callable(exercise, answer)
    if seconds is None:
        seconds = SECONDS if exercise.patience is None else SECONDS * PATIENT
    progress = _Progress(exercise, monotonic() + seconds)
    # Not at the top: it loads Flask, which not every part of the kit needs.
    from labkit.explore.starting import cheap_starts

    with cheap_starts():
        return _examine(exercise, answer, progress, seconds)


def _examine(
    exercise: Exercise, answer: object, progress: "_Progress", seconds: float
) -> Verdict:
    allowed = max(SECONDS, seconds)
    run = run_bounded(lambda: progress.go(exercise.cases, answer), seconds=seconds)
    if run.error is None and not run.timed_out and exercise.searches:
        printed, allowed = run.printed, exercise.patience or SEARCHING
        run = run_bounded(
            lambda: progress.go(exercise.searches, answer), seconds=allowed
        )
        run = replace(run, printed=printed + run.printed)
        if run.timed_out and exercise.patience is None:
            run = replace(run, timed_out=False, error=None)
            progress.give_up()
    return _judge(exercise, run, progress, allowed)


def seconds_left() -> float:
    """Return how many seconds the check that runs in this thread should still take."""
    return getattr(_time, "ends", monotonic() + SECONDS) - monotonic()


def work_left() -> float:
    """Return `seconds_left`, but count only what the machine had for this check.

    The limit of the sandbox counts in the same way, so this is for work that should
    not depend on how busy the machine is.
    """
    used = seconds_used()
    return seconds_left() if used is None else SECONDS - used


def keep(failure: Failure) -> None:
    """Keep a failure of this check, in case that time is up before it is explained."""
    if progress := getattr(_time, "progress", None):
        progress.kept = failure


def keep_printed(text: str) -> None:
    """Keep what the solution printed in the trial that the verdict will show."""
    if progress := getattr(_time, "progress", None):
        progress.printed = text


def memory_of(solution: Any) -> FreshProcess | None:
    """Return what a solution keeps now, or None if that cannot be put back."""
    try:
        sources = Sources([solution], most=MOST_KEPT)
        memory = FreshProcess(sources, most=MOST_KEPT)
    except Exception:  # noqa: BLE001 - a learner's object may raise anything
        return None
    return None if memory.doubts else memory


def memory_before() -> FreshProcess | None:
    """Return the solution's memory as it was before this check, or None."""
    progress = getattr(_time, "progress", None)
    return progress.memory if progress else None


def tried_all() -> bool:
    """Whether this check has left out no case so far."""
    progress = getattr(_time, "progress", None)
    return progress is not None and not progress.untried


def once_in_check(thing: object, make: Callable[[], _Made]) -> _Made:
    """Return what `make` makes of a thing; in one check it is made once.

    It is made again when a module was imported meanwhile, and outside of a check.
    """
    progress = getattr(_time, "progress", None)
    if progress is None:
        return make()
    key = id(thing), len(sys.modules)
    if key not in progress.made:
        progress.made[key] = thing, make()
    made: _Made = progress.made[key][1]
    return made


class _Progress:
    """How far a check has come: the cases that passed, and those not tried."""

    def __init__(self, exercise: Exercise, ends: float) -> None:
        self.cases = (*exercise.cases, *exercise.searches)
        self.passed: list[str] = []
        self.untried: list[str] = []
        self.remarks: list[str] = []
        self.kept: Failure | None = None
        self.printed: str | None = None
        self.memory: FreshProcess | None = None
        self._compares = exercise.judge is not None
        self.made: dict[tuple[int, int], tuple[object, Any]] = {}
        self._ends = ends

    @property
    def next_case(self) -> str:
        """What the case proves that is to come next; empty after the last one."""
        done = len(self.passed) + len(self.untried)
        return name_of(self.cases[done]) if done < len(self.cases) else ""

    def go(self, cases: Sequence[Case], answer: object) -> None:
        """Try these cases, up to the first failure, which is raised."""
        _time.ends, _time.progress = self._ends, self
        if self._compares and self.memory is None:
            self.memory = memory_of(answer)
        try:
            for case in cases:
                self._try(case, answer)
        finally:
            _time.progress = None

    def _try(self, case: Case, answer: object) -> None:
        try:
            remark = case(answer)
            self.passed.append(name_of(case))
        except NotTried as reason:
            self.untried.append(name_of(case))
            remark = str(reason)
        if remark and remark not in self.remarks:
            self.remarks.append(remark)

    def give_up(self) -> None:
        """Count all that is left as not tried."""
        while self.next_case:
            self.untried.append(self.next_case)
        self.remarks.append(
            f"This machine was too busy to try all within {SEARCHING:.0f} s; run the "
            "check again when it has less to do."
        )


def _judge(
    exercise: Exercise, run: Run, progress: _Progress, allowed: float
) -> Verdict:
    verdict = Verdict(
        exercise.id,
        PASSED,
        tuple(progress.passed),
        len(progress.cases),
        printed=_few_lines(
            run.printed if progress.printed is None else progress.printed
        ),
        untried=tuple(progress.untried),
    )
    failing = progress.next_case
    if run.timed_out:
        where = (str(run.stuck),) if run.stuck else ()
        failure = progress.kept or _plain(
            f"still running after {allowed:.0f} s", STUCK, where
        )
        return replace(verdict, outcome=NOT_YET, failing=failing, failure=failure)
    error = run.error
    if error is None:
        return replace(verdict, note=" ".join(progress.remarks))
    if isinstance(error, NotYet):
        failing = error.failing or failing
        return replace(verdict, outcome=NOT_YET, failing=failing, failure=error.failure)
    if isinstance(error, (NotAttempted, NotImplementedError)):
        if stub := _stub_that_was_called(error.__cause__ or error):
            failure = _plain(f"{STUB_CALLED}{stub}", MISSING, lines_of(error))
            return replace(verdict, outcome=NOT_YET, failing=failing, failure=failure)
        return _not_attempted(exercise)
    if lines := lines_of(error):
        failure = _plain(describe(error), None, lines)
        return replace(verdict, outcome=NOT_YET, failing=failing, failure=failure)
    return Verdict(
        exercise.id,
        KIT_FAILED,
        note=(
            f"The check itself failed with {describe(error)}, in the case "
            f"{failing!r}. That is a fault of the kit, not of your solution: please "
            "report this line together with your function."
        ),
    )


def _few_lines(text: str) -> str:
    """Return what was printed, without the lines in the middle if there are many."""
    lines = text.splitlines()
    if len(lines) <= LINES:
        return text
    left_out = f"… {len(lines) - LINES} more lines …"
    return "\n".join([*lines[: LINES // 2], left_out, *lines[-LINES // 2 :], ""])


def _plain(answered: str, mistake: Mistake | None, lines: tuple[str, ...]) -> Failure:
    return Failure(
        sent="",
        answered=answered,
        expected="an answer",
        why=mistake.why if mistake else "Your function raised an exception.",
        try_next=mistake.try_next
        if mistake
        else ("Start with the line of your code shown above."),
        mistake=mistake.id if mistake else None,
        lines=lines,
    )


def _stub_that_was_called(error: BaseException) -> str:
    """Return the name of the learner's other function that is still a stub, or ""."""
    names = [
        frame.f_code.co_qualname.partition(".")[0]
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if is_learners(frame.f_code.co_filename)
    ]
    return names[-1] if names and names[-1] != names[0] else ""


def _not_attempted(exercise: Exercise) -> Verdict:
    return Verdict(
        exercise.id,
        NOT_ATTEMPTED,
        note=(
            f"Write `{exercise.wants}` instead of the line with `NotImplementedError`, "
            f'then run the cell again. `hint("{exercise.id}")` helps.'
        ),
    )


def _is_app_already(exercise: Exercise, answer: object) -> bool:
    """Whether this is an app instead of the make_app that makes one.

    A Flask app can be called, too; its attribute tells it without importing Flask.
    """
    made = hasattr(answer, "wsgi_app") and not isinstance(answer, type)
    return made and exercise.answer == "make_app"


def _not_callable(exercise: Exercise, answer: object) -> Verdict:
    if answer is None:
        return _not_attempted(exercise)
    question = Question(
        sent=f'check("{exercise.id}", …)',
        expected=f"the function {exercise.answer} itself",
        why=CALLED.why,
        try_next=f'check("{exercise.id}", {exercise.answer})',
    )
    try:
        question.fail(
            f"{type(answer).__name__} {short(answer)}",
            replace(CALLED, try_next=question.try_next),
        )
    except NotYet as not_yet:
        return Verdict(
            exercise.id,
            NOT_YET,
            total=len(exercise.cases) + len(exercise.searches),
            failure=not_yet.failure,
        )
