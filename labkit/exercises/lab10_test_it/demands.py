"""Why tests fail on a right verifier: what they demand that the contract does not."""

from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake, seconds_left, short, short_text
from labkit.exercises.lab04_signatures.digests import mistake_in
from labkit.exercises.lab10_test_it.hunt import Ran, Recorder, Tests, run
from labkit.exercises.lab10_test_it.sound import Sound, as_sent, authentic, signed

BY_NAME = Mistake(
    "calls-by-name",
    "This verifier names its arguments in other words, as it may: the contract is an "
    "order, secret, body, signature. Whoever calls it by name ties it to one spelling.",
    "Call it with the three values in their order, without names.",
)
ARGUMENTS = Mistake(
    "other-number-of-arguments",
    "A verifier takes three values: secret, body, signature. A header that is missing "
    "is None.",
    "Call it with all three, in this order.",
)
TEXT = Mistake(
    "text-where-bytes-belong",
    "Secret and body are bytes, and the signature is text or None. A right verifier "
    "may raise for anything else.",
    'Write b"…" for a secret and a body, or .encode() them.',
)
FREE = Mistake(
    "asks-what-is-free",
    "Digits in upper case and white space around them may be accepted or refused: the "
    "contract leaves it open, and two right verifiers differ here.",
    "Take this assertion out. A test asks for what was promised.",
)
REFUSED_SENDER = Mistake(
    "wants-the-sender-refused",
    "The signature is right, the secret is there, and your tests want False. A right "
    "verifier says True.",
    "Look whether what was to be changed has changed: replace() returns a new value.",
)
OWN_SIGNATURE = Mistake(
    "own-signature-is-wrong",
    "Your tests want True, and the sender would not have made this signature.",
    'Sign as the sender does: "sha256=" and the hex digits of the HMAC.',
)
EMPTY_ACCEPTED = Mistake(
    "wants-an-empty-secret",
    "The secret is empty, and your tests want True. With an empty secret nothing is "
    "authentic.",
    "Turn the assertion round: False is right here.",
)
EXCEPTION = Mistake(
    "wants-an-exception",
    "Your tests want an exception here. The contract says False, and never an "
    "exception, whatever the header holds.",
    "Assert that the answer is False.",
)
OTHERWISE = Mistake(
    "demands-more-than-the-contract",
    "A right verifier answered everything rightly, and your tests fail on it all the "
    "same. So they ask for something that nobody promised: a name, a type, a way of "
    "doing it.",
    "Ask only for answers: `assert verify(…)` and `assert not verify(…)`.",
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
