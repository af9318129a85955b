"""What an exercise is: its cases, and what a case asks. Knows none of the exercises.

An exercise is a row of cases. A case is a function with a one-line docstring that says
what must hold. It gets the learner's solution, asks it questions, and ends at the first
one that is not answered as expected.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from labkit.checks.verdicts import Failure, Picture
from labkit.checks.wording import describe, lines_of, short

Case = Callable[[Any], str | None]
"""What it returns, if anything, says how far it looked; a passed verdict tells it."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that answers make, known by its `id`: why it matters, what to try."""

    id: str
    why: str
    try_next: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: its cases in order, its hints from vague to plain.

    `wants` is the signature that the learner writes, `lab` the notebook it is in.
    `searches` are cases that come last and go through very many possibilities: on a
    busy machine they may take longer than a check should, and what is left then counts
    as not tried. Where that won't do, `patience` is for how many seconds they may take
    before the answer fails; then the cases may take longer, too.
    """

    id: str
    lab: str
    wants: str
    cases: Sequence[Case]
    hints: Sequence[str]
    searches: Sequence[Case] = ()
    patience: float | None = None
    judge: Any = None  # a labkit.checks.proving.Judge, or None

    @property
    def answer(self) -> str:
        """The name of the function that the learner writes."""
        return self.wants.partition("(")[0]


class NotAttempted(Exception):
    """The answer is still the stub."""


class NotTried(Exception):
    """A case can't be tried in this place; its text says why, in a sentence."""


class NotYet(Exception):
    """A question was not answered as expected; `failure` has the five fields.

    `failing` is the case that the verdict names, if it is not the one that ran.
    """

    def __init__(self, failure: Failure, failing: str = "") -> None:
        self.failure = failure
        self.failing = failing
        super().__init__(failure.answered)


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is asked in one case: sent, expected, and why it matters."""

    sent: str
    expected: str
    why: str
    try_next: str

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        known: dict[type[BaseException], Mistake] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call the learner's function; an exception that it lets out ends the case.

        `known` maps exception classes to the mistakes that they give away.
        """
        try:
            value = function(*args, **kwargs)
        except NotImplementedError as error:
            raise NotAttempted from error
        except (NotAttempted, NotYet):
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner raises anything
            mistake = next(
                (m for kind, m in (known or {}).items() if isinstance(error, kind)),
                None,
            )
            self.fail(describe(error), mistake, lines=lines_of(error))
        if inspect.iscoroutine(value):
            value.close()
            self.fail("a coroutine that nothing awaits", ASYNC)
        return value

    def expect(
        self, answered: object, wanted: object, mistake: Mistake | None = None
    ) -> None:
        """End the case unless exactly that was answered, in value and in type."""
        if type(answered) is not type(wanted) or answered != wanted:
            self.fail(short(answered), mistake)

    def fail(
        self,
        answered: str,
        mistake: Mistake | None = None,
        *,
        lines: Sequence[str] = (),
        picture: Picture | None = None,
    ) -> NoReturn:
        """End the case: this was answered, and this mistake, if known, is why."""
        raise NotYet(
            Failure(
                sent=self.sent,
                answered=answered,
                expected=self.expected,
                why=mistake.why if mistake else self.why,
                try_next=mistake.try_next if mistake else self.try_next,
                mistake=mistake.id if mistake else None,
                lines=tuple(lines),
                picture=picture,
            )
        )


ASYNC = Mistake(
    "async-function",
    (
        "Your function is an `async def`. Calling it runs none of its lines, because "
        "nothing awaits it here."
    ),
    "Write `def` instead of `async def`.",
)
STUCK = Mistake(
    "still-running",
    (
        "Your code does not finish. A sender waits a few seconds, then counts"
        " the attempt as failed and retries."
    ),
    "Look at the line above: what must happen so that it ends?",
)
MISSING = Mistake(
    "earlier-exercise-missing",
    "Your code calls a function of yours that is not written yet.",
    "Write that function first, run its cell, and then run this check again.",
)
STUB_CALLED = "NotImplementedError in "
"""What precedes the name of a function that is still a stub."""

CALLED = Mistake(
    "called-too-early",
    "The check calls your function itself, many times and with different arguments.",
    "Pass the function without parentheses after its name.",
)


def quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the learner's function to find a mistake; an exception is its answer."""
    try:
        value = function(*args, **kwargs)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner raises anything
        return error
    if inspect.iscoroutine(value):
        value.close()
    return value


def name_of(case: Case) -> str:
    """Return what a case proves: its docstring."""
    return (case.__doc__ or "").strip()
