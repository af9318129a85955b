"""Why tests fail on a correct verifier: what they demand that the contract does not.

The call that decided is found by giving another answer in its place: if the tests then
get further, they demanded that answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake, short, short_text
from labkit.checks.judging import work_left
from labkit.checks.mistakes import Rule, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab10_test_it.hunt import Tests, run
from labkit.exercises.lab10_test_it.verifiers import (
    Verifier,
    as_sent,
    authentic,
    signed,
)

BY_NAME, ARGUMENTS, TEXT, FREE, REFUSED_SENDER, OWN_SIGNATURE = mistakes("""
    calls-by-name: Your tests call the verifier with named arguments, but this correct
        verifier uses other names. The contract fixes only the order: secret, body,
        signature.
        Try: Pass the three values by position.
    other-number-of-arguments: Your tests call the verifier without its three arguments:
        secret, body, signature. A missing header is None.
        Try: Pass all three values, in this order.
    text-where-bytes-belong: Your tests pass values of another type: secret and body are
        bytes, and the signature is a string or None. A correct verifier may raise for
        other types.
        Try: Write b"…" for a secret and a body, or encode them.
    asks-what-is-free: Your tests fix the result for upper-case digits or for white
        space around the value. The contract leaves it open, and two correct verifiers
        differ here.
        Try: Remove this assertion; a test demands only what was promised.
    wants-the-sender-refused: Your tests demand False for a correct signature. A correct
        verifier returns True.
        Try: Check whether your change had an effect: replace() returns a new value.
    own-signature-is-wrong: Your tests demand True for a signature that the sender would
        not make.
        Try: Sign as the sender does: "sha256=" and the hex digits of the HMAC.
""")
EMPTY_ACCEPTED, EXCEPTION, OTHERWISE = mistakes("""
    wants-an-empty-secret: Your tests demand True for an empty secret. With an empty
        secret, nothing is authentic.
        Try: Reverse the assertion: False is correct here.
    wants-an-exception: Your tests demand an exception. The contract demands False, and
        never an exception, whatever the header contains.
        Try: Assert that the result is False.
    demands-more-than-the-contract: Your tests fail although a correct verifier returned
        only correct results. So they demand something that nobody promised, such as a
        name or a type.
        Try: Test only results: `assert verify(…)` and `assert not verify(…)`.
""")

CALLS_TO_FIND_IT = 6_000
"""How many calls of the verifier the search for the one that decided may cost."""

ENOUGH_TO_TELL = 0.6
"""Seconds that the check keeps to say what was found so far."""

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class _AnyError(ValueError, TypeError):
    """Raised instead of an answer, to see whether tests demand an exception."""


class Recorder:
    """A verifier that notes its calls; some answers may be replaced.

    `instead` maps the number of a call, from 0, to the answer in its place; an
    exception is raised. After `most` calls it raises what no `except` line catches.
    """

    def __init__(
        self, verify: Any, instead: Mapping[int, Any] | None = None, most: int = 10**9
    ) -> None:
        self._verify = verify
        self._instead = instead or {}
        self._most = most
        self.calls: list[Arguments] = []

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Answer as the verifier does, or with what replaces its answer."""
        number = len(self.calls)
        self.calls.append((args, named))
        if len(self.calls) > self._most:
            raise TooManyCalls
        if number not in self._instead:
            return self._verify(*args, **named)
        answer = self._instead[number]
        if isinstance(answer, BaseException):
            raise answer
        return answer


class TooManyCalls(BaseException):
    """Ends tests that call the verifier far too often."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The call that made tests fail on a correct verifier, as far as it is known.

    `answer` is what the verifier returned. `wanted` is the answer that lets the tests
    get further, an exception for any exception; None if no other answer does.
    """

    args: tuple[Any, ...]
    named: Mapping[str, Any]
    answer: object = None
    wanted: object = None

    @property
    def in_contract(self) -> bool:
        """Whether the arguments are those of the contract, and of its types."""
        if len(self.args) != 3 or self.named:
            return False
        secret, body, signature = self.args
        texts = signature is None or isinstance(signature, str)
        return isinstance(secret, bytes) and isinstance(body, bytes) and texts

    def __str__(self) -> str:
        given = [short(each, 80) for each in self.args]
        given += [f"{name}={short(each, 40)}" for name, each in self.named.items()]
        text = short_text(f"verify({', '.join(given)})", 320)
        if self.answer is None:
            return f"the last call was {text}"
        text += f" returned {self.answer}"
        if self.in_contract and self.args[0] and not authentic(*self.args):
            secret, body, _ = self.args
            text += f"; the correct signature is {signed(secret, body)[:23]}…"
        return text


def decision(tests: Tests, verifier: Verifier) -> Decision | None:
    """Return the call that made tests fail on a correct verifier, or None."""
    recorder = Recorder(verifier.make())
    run(tests, recorder)
    calls = recorder.calls
    tried = CALLS_TO_FIND_IT // max(len(calls), 1)
    for number in reversed(range(max(0, len(calls) - tried), len(calls))):
        found = Decision(*calls[number])
        if not found.in_contract:
            return found
        if work_left() < ENOUGH_TO_TELL:
            break
        answer = verifier.make()(*found.args)
        others = [not answer] if answer else [True, _AnyError("no")]
        for other in others:
            instead = Recorder(verifier.make(), {number: other})
            failed = run(tests, instead).error is not None
            if not failed or len(instead.calls) > len(calls):
                return Decision(found.args, {}, answer, other)
    return Decision(*calls[-1]) if calls else None


def _is_free(call: Decision) -> bool:
    """Whether the contract leaves open what the verifier answers."""
    secret, body, signature = call.args
    spelled = as_sent(signature) if signature else ""
    return spelled != signature and authentic(secret, body, spelled)


def _padded(secret: bytes) -> bool:
    """Whether HMAC takes the secret and a shorter one for the same key."""
    return secret.endswith(b"\0")


def _wants(wanted: bool, shows: Callable[[Decision], bool]) -> Callable[..., bool]:
    def shown(call: Decision, _: BaseException) -> bool:
        return call.in_contract and call.wanted is wanted and shows(call)

    return shown


def _demand(mistake: Mistake, shows: Callable[[Decision, BaseException], bool]) -> Rule:
    """Return the rule that the call which decided shows this mistake."""

    def how(_: Fields, seen: Seen) -> bool:
        if not isinstance(seen.result, Decision) or seen.error is None:
            return False
        return shows(seen.result, seen.error)

    return Rule(mistake, lambda fields: fields["is_correct"], how=how, some=True)


DEMANDS = (
    _demand(BY_NAME, lambda call, error: bool(call.named) and _is_type(error)),
    _demand(ARGUMENTS, lambda call, error: len(call.args) != 3 and _is_type(error)),
    _demand(
        TEXT,
        lambda call, error: (
            len(call.args) == 3
            and not (
                call.in_contract or call.named or isinstance(error, AssertionError)
            )
        ),
    ),
    _demand(FREE, lambda call, _: call.wanted is not None and _is_free(call)),
    _demand(REFUSED_SENDER, _wants(False, lambda call: not _padded(call.args[0]))),
    _demand(EMPTY_ACCEPTED, _wants(True, lambda call: not call.args[0])),
    _demand(OWN_SIGNATURE, _wants(True, lambda call: bool(call.args[0]))),
    _demand(EXCEPTION, lambda call, _: isinstance(call.wanted, _AnyError)),
    _demand(
        OTHERWISE,
        lambda call, error: (
            call.in_contract
            and isinstance(error, AssertionError)
            and (call.wanted is None or _padded(call.args[0]))
        ),
    ),
)
"""The rules for tests that fail on a correct verifier."""


def _is_type(error: BaseException) -> bool:
    return isinstance(error, TypeError)
