"""Exercise 10.1: test_verify(verify), tests that are tested."""

import contextlib
import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from labkit.checks import (
    ASYNC,
    Exercise,
    Mistake,
    NotAttempted,
    Question,
    describe,
    lines_of,
    short,
)
from labkit.exercises.lab04_signatures.asking import takes
from labkit.exercises.lab10_test_it.broken import (
    BROKEN,
    CHANGING,
    HALF_LOOKING,
    NOT_LOOKING,
    RAISING,
    TRIPPING,
    Broken,
)
from labkit.exercises.lab10_test_it.demands import demand
from labkit.exercises.lab10_test_it.hunt import (
    Ran,
    Recorder,
    Tests,
    listed,
    run,
    survivors,
)
from labkit.exercises.lab10_test_it.sound import SOUND, Verify, authentic

WANTS = "test_verify(verify)"

NEVER_CALLS = Mistake(
    "never-calls-verify",
    (
        "Your tests never call the verifier that was passed in. So they give the same"
        " result for every verifier."
    ),
    (
        "Call the argument `verify`; a test inside a function or a class runs only if"
        " you call it."
    ),
)
GENERATOR = Mistake(
    "yields-instead-of-testing",
    (
        "Your function contains a `yield`, so it is a generator: calling it runs none"
        " of its lines."
    ),
    "Use assert in the function itself, without yield.",
)
RETURNS = Mistake(
    "returns-instead-of-asserts",
    (
        "Your tests return their result, and nobody looks at it. A test fails by "
        "raising an exception."
    ),
    "Write `assert` where you now return or compare.",
)
SWALLOWS = Mistake(
    "swallows-failures",
    (
        "Your tests catch the AssertionError, so it does not come out of them. A test"
        " that cannot fail proves nothing."
    ),
    (
        "Let exceptions out: no `except Exception`, no `except AssertionError`, no "
        "bare `except`."
    ),
)
NO_ASSERTS = Mistake(
    "asserts-nothing",
    (
        "Your tests call the verifier and do nothing with the result. A verifier that"
        " always returns True passes, and so does one that always returns False."
    ),
    (
        "Put `assert` before one call and `assert not` before another; `assert (a, "
        "b)` checks nothing, because a tuple is always true."
    ),
)
TOO_MANY_CASES = Mistake(
    "too-many-cases",
    (
        "Your tests have too many cases. Tests run often and must be fast, and "
        "thousands of cases of one kind find no more bugs than twenty."
    ),
    "Use tens of cases instead of thousands, of different kinds.",
)
MOST_CALLS = 3_000
"""How many calls of a verifier are enough; good tests make a few hundred."""


def passes_right_ones(tests: Tests) -> None:
    """The tests pass on right verifiers, however these go about it."""
    takes(WANTS, tests, authentic)
    ask = Question(
        sent="your tests, to a right verifier",
        expected="no exception: there is nothing to find",
        why="A test that fails on right code is switched off before long.",
        try_next="Start at the line of yours above.",
    )
    _count_calls(tests)
    for number, sound in enumerate(SOUND):
        ran = _run(ask, tests, sound.make(), aloud=not number)
        if ran.error is None:
            continue
        found_out = demand(tests, sound, ran)
        about = f"your tests, to a right verifier: it {sound.does}"
        if found_out.asked:
            about += f"\nthey asked\n{found_out.asked}"
        answered = describe(ran.error)
        if found_out.answered:
            answered = f"{found_out.answered} was its answer; then {answered}"
        replace(ask, sent=about).fail(
            answered, found_out.mistake, lines=lines_of(ran.error)
        )


def kills_those_that_do_not_look(tests: Tests) -> None:
    """They fail on verifiers that do not look at what they are given."""
    _kills(tests, NOT_LOOKING)


def kills_those_that_look_at_a_part(tests: Tests) -> None:
    """They fail on verifiers that look at a part of the signature."""
    _kills(tests, HALF_LOOKING)


def kills_those_that_trip(tests: Tests) -> None:
    """They fail on verifiers that trip over a missing header or secret."""
    _kills(tests, TRIPPING)


def kills_those_that_raise(tests: Tests) -> None:
    """They fail on verifiers that raise on garbage."""
    _kills(tests, RAISING)


def kills_those_that_change_bytes(tests: Tests) -> str:
    """They fail on verifiers that do not take secret and body as they are."""
    _kills(tests, CHANGING)
    return f"{len(BROKEN)} of {len(BROKEN)} broken verifiers were found out."


def _kills(tests: Tests, family: Sequence[Broken]) -> None:
    alive = survivors(tests, family)
    if not alive:
        return
    everybody = survivors(tests, BROKEN)
    ask = Question(
        sent=f"your tests, to {len(BROKEN)} verifiers with one bug each",
        expected="an AssertionError, or another exception, for each of them",
        why="",
        try_next="",
    )
    number = len(everybody)
    told = "1 passes them" if number == 1 else f"{number} pass them"
    mistake = alive[0].mistake
    if number > 1:
        mistake = replace(mistake, why=f"Take the first one. {mistake.why}")
    if all(broken in everybody for broken in NOT_LOOKING[:2]):
        mistake = _toothless(tests)
    ask.fail(f"{told}. This verifier survives: it\n{listed(everybody)}", mistake)


class _EnoughCalls(BaseException):
    """Ends tests that call the verifier far too often; no `except` keeps it."""


def _count_calls(tests: Tests) -> None:
    """End the case if the tests call a right verifier more often than makes sense."""
    calls = 0

    def counting(*args: Any, **named: Any) -> bool:
        nonlocal calls
        calls += 1
        if calls > MOST_CALLS:
            raise _EnoughCalls
        return authentic(*args, **named)

    with contextlib.suppress(_EnoughCalls):
        run(tests, counting)
    if calls > MOST_CALLS:
        ask = Question(
            sent="your tests, to a right verifier",
            expected=f"at most {MOST_CALLS:,} calls of the verifier",
            why="",
            try_next="",
        )
        ask.fail(f"more than {MOST_CALLS:,} calls", TOO_MANY_CASES)


def _toothless(tests: Tests) -> Mistake:
    """Say why tests pass whether all is accepted or all is refused."""
    recorder = Recorder(authentic)
    value = run(tests, recorder).value
    if inspect.isgenerator(value):
        return GENERATOR
    if not recorder.calls:
        return NEVER_CALLS
    if value is not None:
        return RETURNS
    failing = dict.fromkeys(range(len(recorder.calls)), AssertionError("no"))
    if not run(tests, Recorder(authentic, failing)).failed:
        return SWALLOWS
    return NO_ASSERTS


def _run(ask: Question, tests: Tests, verify: Verify, *, aloud: bool) -> Ran:
    try:
        ran = run(tests, verify, aloud=aloud)
    except NotImplementedError as error:
        raise NotAttempted from error
    if inspect.iscoroutinefunction(tests):
        ask.fail(short(tests), ASYNC)
    return ran


EXERCISE = Exercise(
    id="10.1",
    lab="10_test_it",
    wants=WANTS,
    cases=(
        passes_right_ones,
        kills_those_that_do_not_look,
        kills_those_that_look_at_a_part,
        kills_those_that_trip,
        kills_those_that_raise,
        kills_those_that_change_bytes,
    ),
    hints=(
        (
            "Write a list of what the contract promises, sentence by sentence. Each "
            "sentence needs at least one assertion; hunt(test_verify) shows which "
            "are still missing."
        ),
        (
            "Write a loop over headers that must be rejected: None, an empty string, "
            "the digits alone, another prefix, one digit changed, a shorter and a "
            "longer one, unexpected characters."
        ),
        (
            "The other half must be accepted: twenty bodies, a body that is not valid "
            "text, one with spaces and line breaks, a secret that is not valid text, "
            "a second secret."
        ),
        (
            "Two need a signature that is correct for something else: sign the body "
            "without spaces and send it with spaces; sign with SHA-1 and put sha1= "
            "before it. And one needs an empty secret on both sides."
        ),
    ),
)
