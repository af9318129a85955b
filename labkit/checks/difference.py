"""Where a solution and the reference differ, and what a verdict says of it."""

import re
import traceback
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from labkit.checks.observing import Seen
from labkit.checks.space import Trial
from labkit.checks.verdicts import Failure
from labkit.checks.wording import lines_of
from labkit.running.ownership import is_learners

_WRONG_CALL = re.compile(
    r"\(\) (missing \d|takes |got (an unexpected|multiple values))"
)

_OFTEN = 20
"""So often a function is on the stack only if it calls itself."""

Caught = Sequence[tuple[BaseException, tuple[str, ...]]]
"""Exceptions that were caught, each with the learner's lines that it went through."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A trial on which solution and reference differ, and what was seen of both."""

    trial: Trial
    seen: Seen
    wanted: Seen

    def failure(self, sent: str, sentence: str, caught: Caught) -> Failure:
        """Say what differs, without a name for it.

        `sent` shows the trial, and `sentence` is the one of the contract that it tests.
        """
        if self.trial.note:
            sent += f"\n({self.trial.note})"
        answered, expected = told_apart(self.seen, self.wanted)
        lines: tuple[str, ...] = ()
        why = f'The contract says: "{sentence}"'
        try_next = "Call your function with this input and follow it line by line."
        if self.seen.error is not None and self.seen.raised != self.wanted.raised:
            lines = lines_of(self.seen.error)
            if is_planned(self.seen.error):
                came = f"{self.seen.raised} came from a function that your code called."
                why = f"{getattr(self.seen.error, 'told', came)} {why}"
            else:
                why = f"Your code raised {_name(self.seen.error)} here. {why}"
            if _calls_itself(self.seen.error):
                try_next = (
                    "Look at the lines above: your function calls itself too often. "
                    "Use a loop instead."
                )
            elif lines:
                try_next = (
                    "Start with the line of your code shown above: which value does it "
                    "get here?"
                )
        elif caught and self.seen.error is None:
            error, lines = caught[-1]
            answered += f"\n(raised and caught: {type(error).__name__}: {error})"
            try_next = "Look at the line above: it raised an exception that was caught."
        errors = self._errors(caught)
        if any(_is_wrong_call(error) for error in errors):
            why = (
                "Your code called a function with arguments that the function does not "
                "take."
            )
        elif any(_is_wrong_type(error) for error in errors):
            why = (
                "An operation in your code got a value of a type that it does not "
                "accept. The input itself follows the contract."
            )
        return Failure(
            sent=sent,
            answered=answered,
            expected=expected,
            why=why,
            try_next=try_next,
            mistake=None,
            lines=lines,
        )

    def _errors(self, caught: Caught) -> list[BaseException]:
        """Return the exceptions behind it: what came out, or what was caught."""
        if self.seen.error is not None:
            return [self.seen.error]
        return [caught[-1][0]] if caught else []


def told_apart(seen: Seen, wanted: Seen) -> tuple[str, str]:
    """Return both texts, with escapes or types if they look the same otherwise."""
    one, other = seen.text, wanted.text
    if _looks(one) != _looks(other):
        return one, other
    one, other = (_escaped(each) for each in (one, other))
    if one == other and type(seen.result) is not type(wanted.result):
        one, other = (
            f"{each} (of type {type(which.result).__name__})"
            for each, which in ((one, seen), (other, wanted))
        )
    return one, other


def _looks(text: str) -> str:
    """Return a form that is equal for texts which look the same."""
    shown = unicodedata.normalize("NFKC", text)
    visible = (each for each in shown if unicodedata.category(each) not in ("Cf", "Mn"))
    return " ".join("".join(visible).split())


def _escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def of_state(failure: Failure) -> Failure:
    """Say that the input alone gives the right result, and what that means."""
    return replace(
        failure,
        sent=f"{failure.sent}\n(after the calls that the check made before this one)",
        why=(
            "Alone, this input gives the right result; after the calls before it, it "
            "does not. Your code keeps something from one call to the next."
        ),
        try_next=(
            "Look for what stays between two calls: a global variable, an attribute of "
            "a class, a default argument, or a cache."
        ),
    )


def of_earlier_steps(failure: Failure) -> Failure:
    """Say that only the requests before the last one make its result wrong."""
    return replace(
        failure,
        why=(
            "Alone, the last request gives the right result; after the steps before "
            "it, it does not. Something that your code keeps from an earlier request "
            "changes it."
        ),
        try_next=(
            "Look for what stays between two requests: a global variable, a variable "
            "of make_app, a cache, or a file. Where does your code use it?"
        ),
    )


def is_planned(error: BaseException) -> bool:
    """Whether the trial itself raised this: what it sends says so already.

    An attribute `told` of its class says in a sentence what the exception means.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    module = str(frames[-1].f_globals.get("__name__")) if frames else ""
    return module.startswith(("labkit.checks.", "labkit.exercises."))


def _name(error: BaseException) -> str:
    """Return the name of the class; of one such as re.error, with its module."""
    kind = type(error)
    name = kind.__name__
    return f"{kind.__module__}.{name}" if name.islower() else name


def _calls_itself(error: BaseException) -> bool:
    """Whether a RecursionError comes from a learner's function that calls itself."""
    if not isinstance(error, RecursionError):
        return False
    frames = (frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__))
    own = Counter(code for code in frames if is_learners(code.co_filename))
    return any(times > _OFTEN for times in own.values())


def is_slip(error: BaseException) -> bool:
    """Whether it comes from a name or a call that the code has wrong.

    If the code catches it, what it does then is not another mistake.
    """
    return isinstance(error, (NameError, AttributeError)) or _is_wrong_call(error)


def _is_wrong_call(error: BaseException) -> bool:
    """Whether a function was called with other arguments than it takes."""
    return isinstance(error, TypeError) and bool(_WRONG_CALL.search(str(error)))


def _is_wrong_type(error: BaseException) -> bool:
    """Whether a value had a wrong type; Flask says so of a missing `return` too."""
    return isinstance(error, TypeError) and "valid response" not in str(error)
