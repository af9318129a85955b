"""Why tests fail on a right verifier: what they demand that the contract does not."""

from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake, seconds_left, short, short_text
from labkit.exercises.lab04_signatures.digests import mistake_in
from labkit.exercises.lab10_test_it.hunt import Ran, Recorder, Tests, run
from labkit.exercises.lab10_test_it.sound import Sound, as_sent, authentic, signed

BY_NAME = Mistake(
    "calls-by-name",
    (
        "Your tests call the verifier with named arguments, but this correct verifier"
        " uses other names. The contract fixes only the order: secret, body, "
        "signature."
    ),
    "Pass the three values by position.",
)
ARGUMENTS = Mistake(
    "other-number-of-arguments",
    (
        "Your tests call the verifier without its three arguments: secret, body, "
        "signature. A missing header is None."
    ),
    "Pass all three values, in this order.",
)
TEXT = Mistake(
    "text-where-bytes-belong",
    (
        "Your tests pass values of another type: secret and body are bytes, and the "
        "signature is a string or None. A correct verifier may raise for other types."
    ),
    'Write b"…" for a secret and a body, or encode them.',
)
FREE = Mistake(
    "asks-what-is-free",
    (
        "Your tests fix the result for upper-case digits or for white space around "
        "the value. The contract leaves it open, and two correct verifiers differ "
        "here."
    ),
    "Remove this assertion; a test demands only what was promised.",
)
REFUSED_SENDER = Mistake(
    "wants-the-sender-refused",
    (
        "Your tests demand False for a correct signature. A correct verifier returns "
        "True."
    ),
    "Check whether your change had an effect: replace() returns a new value.",
)
OWN_SIGNATURE = Mistake(
    "own-signature-is-wrong",
    "Your tests demand True for a signature that the sender would not make.",
    'Sign as the sender does: "sha256=" and the hex digits of the HMAC.',
)
EMPTY_ACCEPTED = Mistake(
    "wants-an-empty-secret",
    (
        "Your tests demand True for an empty secret. With an empty secret, nothing is"
        " authentic."
    ),
    "Reverse the assertion: False is correct here.",
)
EXCEPTION = Mistake(
    "wants-an-exception",
    (
        "Your tests demand an exception. The contract demands False, and never an "
        "exception, whatever the header contains."
    ),
    "Assert that the result is False.",
)
OTHERWISE = Mistake(
    "demands-more-than-the-contract",
    (
        "Your tests fail although a correct verifier returned only correct results. "
        "So they demand something that nobody promised, such as a name or a type."
    ),
    "Test only results: `assert verify(…)` and `assert not verify(…)`.",
)
ONE_BY_ONE = 60
"""How many calls are looked at one by one to find the one that decided."""

ENOUGH_TO_TELL = 0.6
"""Seconds that the check keeps to say what was found so far."""


class _AnyError(ValueError, TypeError):
    """Raised in place of an answer, to see whether an exception is what is wanted."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the tests demand: the mistake behind it, and the call where it showed."""

    mistake: Mistake | None
    asked: str = ""
    answered: str = ""


def demand(tests: Tests, sound: Sound, ran: Ran) -> Demand:
    """Find out what made the tests fail on a right verifier."""
    recorder = Recorder(sound.make())
    run(tests, recorder)
    calls = recorder.calls
    if not calls:
        return Demand(None if not isinstance(ran.error, AssertionError) else OTHERWISE)
    args, named = calls[-1]
    if named and isinstance(ran.error, TypeError):
        return Demand(BY_NAME, _shown_named(args, named))
    if not _of_the_contract(args) and not isinstance(ran.error, AssertionError):
        return Demand(TEXT if len(args) == 3 else ARGUMENTS, _shown(args))
    return _of_an_answer(tests, sound, calls)


def _of_an_answer(tests: Tests, sound: Sound, calls: list[Any]) -> Demand:
    for number in reversed(range(max(0, len(calls) - ONE_BY_ONE), len(calls))):
        args = calls[number][0]
        if seconds_left() < ENOUGH_TO_TELL:
            break
        if not _of_the_contract(args):
            continue
        answer = sound.make()(*args)
        if _helps(tests, sound, calls, {number: not answer}):
            return Demand(_why(args, answer), _shown(args), str(answer))
        if not answer and _helps(tests, sound, calls, {number: _AnyError("no")}):
            return Demand(EXCEPTION, _shown(args), str(answer))
    return Demand(OTHERWISE, _shown(calls[-1][0]))


def _helps(
    tests: Tests, sound: Sound, calls: list[Any], instead: dict[int, Any]
) -> bool:
    """Whether the tests get further when one answer is another."""
    recorder = Recorder(sound.make(), instead)
    return not run(tests, recorder).failed or len(recorder.calls) > len(calls)


def _why(args: tuple[Any, ...], answer: bool) -> Mistake:
    secret, body, signature = args
    if secret.endswith(b"\0"):
        return OTHERWISE  # HMAC pads a key with zeros: both secrets are one key
    if signature and authentic(secret, body, as_sent(signature)):
        return REFUSED_SENDER if authentic(*args) else FREE
    if not secret:
        return EMPTY_ACCEPTED
    found = mistake_in(signature, secret, body) if signature else None
    if found is None:
        return OWN_SIGNATURE
    return Mistake(OWN_SIGNATURE.id, f"{OWN_SIGNATURE.why} {found.why}", found.try_next)


def _of_the_contract(args: tuple[Any, ...]) -> bool:
    if len(args) != 3:
        return False
    secret, body, signature = args
    texts = signature is None or isinstance(signature, str)
    return isinstance(secret, bytes) and isinstance(body, bytes) and texts


def _shown(args: tuple[Any, ...]) -> str:
    if len(args) != 3:
        return f"verify({', '.join(short(each, 60) for each in args)})"
    secret, body, signature = args
    lines = [
        f"secret {short(secret, 60)}",
        f"body {short(body, 80)}",
        f"signature {short(signature, 100)}",
    ]
    if _of_the_contract(args) and secret and not authentic(*args):
        lines.append(f"(right would be {signed(secret, body)[:23]}…)")
    return "\n".join(lines)


def _shown_named(args: tuple[Any, ...], named: dict[str, Any]) -> str:
    given = [short(each, 40) for each in args]
    given += [f"{name}={short(value, 40)}" for name, value in named.items()]
    return short_text(f"verify({', '.join(given)})", 240)
