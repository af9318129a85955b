"""Exercise 10.1: test_verify(verify), tests that are tested."""

import inspect
from collections.abc import Iterator
from typing import Any, ClassVar

from labkit.checks import describe
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Rule, mistakes, never, returned
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab10_test_it.broken import BROKEN, FAMILIES
from labkit.exercises.lab10_test_it.demands import DEMANDS, Recorder, decision
from labkit.exercises.lab10_test_it.hunt import run
from labkit.exercises.lab10_test_it.verifiers import CORRECT, Verifier, verifiers

NEVER_CALLS, GENERATOR, RETURNS, SWALLOWS, NO_ASSERTS, TOO_MANY_CASES = mistakes("""
    never-calls-verify: Your tests never call the verifier that was passed in. So they
        give the same result for every verifier.
        Try: Call the argument `verify`; a test inside a function or a class runs
        only if you call it.
    yields-instead-of-testing: Your function contains a `yield`, so it is a generator:
        calling it runs none of its lines.
        Try: Use assert in the function itself, without yield.
    returns-instead-of-asserts: Your tests return their result, and nobody looks at it.
        A test fails by raising an exception.
        Try: Write `assert` where you now return or compare.
    swallows-failures: Your tests catch an exception that should end them, so nobody
        sees the failure. A test that cannot fail proves nothing.
        Try: Do not catch exceptions: no `except Exception`, no `except AssertionError`,
        no bare `except`.
    asserts-nothing: Your tests call the verifier and do nothing with the result. A
        verifier that always returns True passes, and so does one that always returns
        False.
        Try: Put `assert` before one call and `assert not` before another; `assert
        (a, b)` checks nothing, because a tuple is always true.
    too-many-cases: Your tests have too many cases. Tests run often and must be fast,
        and thousands of cases of one kind find no more bugs than twenty.
        Try: Use a few dozen cases of different kinds instead of thousands.
""")
(REMEMBERS,) = mistakes("""
    remembers-an-earlier-run: Your tests keep something from an earlier run, such as a
        list of problems outside the function or in a default argument. So one bug is
        reported for the next verifier, too.
        Try: Create everything that changes inside the function.
""")
MOST_CALLS = 3_000
"""How many calls of a verifier are enough; good tests make a few hundred."""

NO_CALL, MANY_CALLS, FAIL, PASS = "no call", "many calls", "fail", "pass"

CONTRACT = contract("""
    given: Fail, with an AssertionError or another exception, unless verify keeps its
        contract.
    given: verify(secret: bytes, body: bytes, signature: str | None) -> bool takes the
        three values in this order.
    given: sign(secret, body) makes a correct signature.
    calls: Call verify at least once and at most 3,000 times.
    correct: Raise nothing if verify is correct.
    ignoring: Fail if verify ignores the secret or the body, or does not return False
        for a forged request.
    part: Fail if verify compares only a part of the header, or accepts a prefix other
        than sha256=.
    missing: Fail if verify accepts a missing header, an empty header or an empty
        secret, or raises for one of them.
    raising: Fail if verify raises for any other header.
    changing: Fail if verify checks a secret, body or signature other than the one it
        was given.
    alone: Whether your function fails must not depend on earlier calls to it.
    open: The check uses no other broken verifiers than the 27 of hunt, and it does not
        test what your function returns or prints, or which exception it raises.
""")


class Testing:
    """Observes whether tests fail on a verifier.

    The field `before` is a verifier on which they run first. In the trial `calls` only
    the number of calls is seen. The result of tests that fail on a correct verifier is
    the call that decided.
    """

    prints_once: ClassVar[bool] = True

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Run the tests, and say what became of them."""
        verifier: Verifier = fields["verifier"]
        if fields["calls"]:
            return self._counted(solution, verifier)
        if fields["before"]:
            run(solution, fields["before"].make())
        verify = Recorder(verifier.make()) if verifier is ASSERTING else verifier.make()
        seen = run(solution, verify)
        if isinstance(verify, Recorder) and not verify.calls:
            return Seen(NO_CALL, "they do not call it")
        if seen.error is None:
            return seen if seen.value else Seen(PASS, "they pass", None, seen.result)
        if not fields["is_correct"]:
            return Seen(FAIL, "they fail: an AssertionError or another exception")
        found = None if fields["before"] else decision(solution, verifier)
        text = "\n".join(map(str, filter(None, (describe(seen.error), found))))
        return Seen(FAIL, text, seen.error, found)

    def _counted(self, solution: Any, verifier: Verifier) -> Seen:
        recorder = Recorder(verifier.make(), most=MOST_CALLS)
        seen = run(solution, recorder, aloud=True)
        number = len(recorder.calls)
        text = f"{number:,} calls of verify"
        if number > MOST_CALLS:
            return Seen(MANY_CALLS, f"more than {MOST_CALLS:,} calls of verify")
        if number == 0 and seen.error is None:
            return seen if seen.value else Seen(NO_CALL, text, None, seen.result)
        return Seen("calls", f"1 to {MOST_CALLS:,} calls of verify")

    def show(self, fields: Fields) -> str:
        """Return the input as a verdict shows it."""
        kind = "correct" if fields["is_correct"] else "broken"
        text = f"your tests, with a {kind} verifier: it {fields['verifier'].does}"
        before = fields["before"]
        return f"{text}\n(before that, with one that {before.does})" if before else text


ASSERTING = Verifier("raises an AssertionError", 'raise AssertionError("no")')
ACCEPTS_LENGTHS, RAISES_FOR_LENGTHS = verifiers("""
# accepts headers of another length
return len(signature or "") not in (0, 71) or authentic(secret, body, signature)

# raises ValueError for headers of another length
if len(signature or "") not in (0, 71):
    raise ValueError("another length")
return authentic(secret, body, signature)
""")
FIRST, *OTHERS = CORRECT
ACCEPTS, REFUSES, *_, RAISES = FAMILIES["ignoring"]


def _trials() -> Iterator[Trial]:
    yield Trial("calls", {"calls": True})
    for correct in CORRECT:
        yield Trial("correct", {"verifier": correct})
    for sentence, family in FAMILIES.items():
        for broken in family:
            yield Trial(sentence, {"verifier": broken, "is_correct": False})
    yield Trial("alone", {"before": ACCEPTS})
    yield Trial("alone", {"before": RAISES})
    changes = {"verifier": REFUSES, "is_correct": False, "before": FIRST}
    yield Trial("alone", changes)
    for broken in (ASSERTING, ACCEPTS_LENGTHS, RAISES_FOR_LENGTHS):
        yield probe({"verifier": broken, "is_correct": False})


def _on(*verifiers: Verifier) -> Any:
    def accepts(fields: Fields) -> bool:
        return not fields["before"] and any(fields["verifier"] is v for v in verifiers)

    return accepts


def _counts(fields: Fields) -> bool:
    return bool(fields["calls"])


def _is_generator(_: Fields, seen: Seen) -> bool:
    return inspect.isgenerator(seen.result)


def _returns(_: Fields, seen: Seen) -> bool:
    return seen.value == PASS and seen.result is not None


def _returns_nothing(_: Fields, seen: Seen) -> bool:
    return seen.value == PASS and seen.result is None


def _survives(broken: Verifier) -> Iterator[Rule]:
    """Yield the rule for tests that do not find it, though they catch no exceptions."""
    agrees = _on(RAISES_FOR_LENGTHS) if broken in FAMILIES["raising"] else never
    if broken.mistake is not None:
        yield Rule(broken.mistake, _on(broken), agrees, returned(PASS))


EXERCISE = judged(
    id="10.1",
    lab="10_test_it",
    wants="test_verify(verify)",
    contract=CONTRACT,
    space=Space(
        {"verifier": FIRST, "is_correct": True, "calls": False, "before": None}, _trials
    ),
    observer=Testing(),
    mistakes=(
        Rule(GENERATOR, _counts, how=_is_generator),
        Rule(NEVER_CALLS, _counts, how=returned(NO_CALL)),
        Rule(TOO_MANY_CASES, _counts, how=returned(MANY_CALLS)),
        *DEMANDS,
        Rule(RETURNS, _on(ACCEPTS, REFUSES), _on(ASSERTING), _returns),
        Rule(SWALLOWS, _on(ACCEPTS, REFUSES, ASSERTING), how=returned(PASS)),
        Rule(
            SWALLOWS,
            _on(RAISES_FOR_LENGTHS),
            _on(ACCEPTS_LENGTHS),
            returned(PASS),
            may=_on(*FAMILIES["raising"]),
        ),
        Rule(NO_ASSERTS, _on(ACCEPTS, REFUSES), _on(ASSERTING), _returns_nothing),
        *(rule for broken in BROKEN for rule in _survives(broken)),
        Rule(
            REMEMBERS,
            lambda fields: fields["before"] is not None,
            some=True,
            stateful=True,
            remembers=True,
        ),
    ),
    hints=numbered("""
        1: Write a list of what the contract promises, sentence by sentence. Each
            sentence needs at least one assertion; hunt(test_verify) shows which are
            still missing.
        2: Write a loop over headers that must be rejected: None, an empty string, the
            digits alone, another prefix, one digit changed, a shorter and a longer one,
            unexpected characters.
        3: The other half must be accepted: twenty bodies, a body that is not valid
            text, one with spaces and line breaks, a secret that is not valid text, a
            second secret.
        4: Two of the broken verifiers are found only with a signature that is correct
            for something else: sign the body without spaces and send it with spaces;
            sign with SHA-1 and put sha1= before it. And one needs an empty secret on
            both sides.
    """),
)
