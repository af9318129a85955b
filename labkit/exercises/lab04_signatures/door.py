"""The questions of 4.4 to a verifier.

A case asks a `Door`: a learner's verifier together with the way in which it is given a
signature.
"""

import functools
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks import (
    Case,
    Mistake,
    Question,
    describe,
    lines_of,
    quietly,
    short,
)
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures.asking import called, of_types, takes
from labkit.exercises.lab04_signatures.digests import (
    accepted_instead,
    digest_of,
    reserialised,
    signature_of,
    through_text,
)
from labkit.exercises.lab04_signatures.mistakes import (
    ACCEPTS_ANYTHING,
    ANYWHERE,
    CHOOSES,
    DROPS,
    EMPTY_SECRET,
    EQUALS,
    FALLBACK,
    GARBAGE_RAISES,
    LENGTH_RAISES,
    LSTRIP,
    MISSING_ACCEPTED,
    MISSING_RAISES,
    NO_BOOL,
    NO_HEADER,
    NON_ASCII_RAISES,
    NON_HEX_RAISES,
    NOTHING,
    NUMBER,
    PART,
    PIECE,
    PREFIX,
    RAISES,
    SECRET_AS_TEXT,
    STARTS,
    STOPS,
    STRIPS_SECRET,
    TRUTHY,
    WRONG_KEY,
)
from labkit.running.tracked import compares_at_once, stops_early
from labkit.samples import payments

SECRET = b"blue-kite-42"
OTHER_SECRET = b"red-lamp-7"
BODY = payments(1)[0].body

ACCEPT = "The sender made this signature over these very bytes with your secret."
REFUSE = "Whoever does not know the secret must not get in, whatever they send."

ODD_BODIES = (
    b"",
    b"\0",
    b"\n",
    b"null",
    b"hello",
    b"[1, 2]",
    b"\xef\xbb\xbf{}",
    b"x" * 70_000,
)
"""Bodies that are signed like all others: empty, long, no JSON, no object."""

LIKE_THE_PREFIX = "256a"
"""Hex digits that also stand in "sha256="."""


@dataclass(frozen=True, slots=True)
class Door:
    """A learner's verifier, and how it is asked.

    `call` gives it secret, body and signature; `show` says the same in words. `odd` is
    a secret that is no plain ASCII; `wants` says how it is defined.
    """

    answer: Any
    call: Callable[[bytes, bytes, str | None], Any]
    show: Callable[[bytes, bytes, str | None], str]
    odd: bytes
    wants: str
    explain: Callable[[BaseException], Mistake | None] = of_types

    def accepts(self, secret: bytes, body: bytes, signature: str | None) -> bool:
        """Whether it says True to these, and nothing else that is true."""
        return quietly(self.call, secret, body, signature) is True

    def question(
        self, secret: bytes, body: bytes, signature: str | None, *, expected: bool
    ) -> Question:
        """Return what a verdict says about asking these."""
        return Question(
            sent=self.show(secret, body, signature),
            expected=str(expected),
            why=ACCEPT if expected else REFUSE,
            try_next=(
                "Make the signature of this body yourself, and look at both."
                if expected
                else "Which line of yours should have said False here?"
            ),
        )

    def must_accept(
        self,
        secret: bytes,
        body: bytes,
        mistake: Mistake | None = None,
        signature: str | None = None,
    ) -> None:
        """End the case unless the right signature is accepted."""
        right = signature or signature_of(secret, body)
        ask = self.question(secret, body, right, expected=True)

        def explain(error: BaseException) -> Mistake | None:
            if isinstance(error, UnicodeDecodeError):
                return mistake
            if isinstance(error, ValueError) and "JSON" in type(error).__name__:
                return digests.RESERIALISED
            return self.explain(error)

        answered = called(ask, self.call, secret, body, right, explain=explain)
        if answered is True:
            return
        if answered is None:
            ask.fail("None", NOTHING)
        if answered is not False:
            ask.fail(short(answered), NO_BOOL)
        ask.fail("False", mistake or self._refused_why(secret, body))

    def must_refuse(
        self,
        secret: bytes,
        body: bytes,
        signature: str | None,
        *,
        accepted: Mistake,
        raised: Mistake = RAISES,
        note: str = "",
    ) -> None:
        """End the case unless False is said; the mistakes explain what else may be.

        `note` says in a few words what is wrong with the signature.
        """
        ask = self.question(secret, body, signature, expected=False)
        if note:
            ask = replace(ask, sent=f"{ask.sent}\n({note})")
        answered = quietly(self.call, secret, body, signature)
        if answered is False:
            return
        if signature is None and isinstance(answered, KeyError):
            raised = NO_HEADER
        if isinstance(answered, BaseException):
            ask.fail(describe(answered), raised, lines=lines_of(answered))
        if answered is True:
            ask.fail("True", accepted)
        ask.fail(short(answered), TRUTHY if answered else NO_BOOL)

    def _refused_why(self, secret: bytes, body: bytes) -> Mistake | None:
        return accepted_instead(
            lambda signature: self.accepts(secret, body, signature), secret, body
        )


def accepts_the_sender(door: Door) -> None:
    """What the sender signed is authentic."""
    takes(door.wants, door.answer, SECRET, BODY, None)
    door.must_accept(SECRET, BODY)


def accepts_every_event(door: Door) -> None:
    """So is every other event, and every other secret."""
    for event in payments(12):
        digits = digest_of(SECRET, event.body).hex()
        touched = digits[0] in LIKE_THE_PREFIX or digits[-1] in LIKE_THE_PREFIX
        door.must_accept(SECRET, event.body, LSTRIP if touched else None)
    door.must_accept(OTHER_SECRET, BODY)
    door.must_accept(b" two words \n", BODY, STRIPS_SECRET)
    door.must_accept(door.odd, BODY, SECRET_AS_TEXT)


def refuses_forgeries(door: Door) -> None:
    """Another body, another secret or another signature is refused."""
    forged = BODY.replace(b'"amount":13706', b'"amount":73706')
    right = signature_of(SECRET, BODY)
    note = "the amount was changed after the body had been signed"
    door.must_refuse(SECRET, forged, right, accepted=ACCEPTS_ANYTHING, note=note)
    wrong_key = signature_of(OTHER_SECRET, BODY)
    note = f"signed with another secret, {OTHER_SECRET!r}"
    door.must_refuse(SECRET, BODY, wrong_key, accepted=WRONG_KEY, note=note)
    for near in _near_misses(right):
        note = "one digit is wrong, or two are swapped"
        door.must_refuse(SECRET, BODY, near, accepted=PART, note=note)


def takes_bytes_as_they_came(door: Door) -> None:
    """Bytes count as they came: spaces, order of keys, escapes, line ends."""
    spaced = b'{ "id":"evt_1",  "data": {"b": 1.0, "a": "Zo\\u00eb", "b": 2} }\r\n'
    for body in ODD_BODIES:
        door.must_accept(SECRET, body)
    for body in (spaced, '{"id": "evt_1", "name": "Zoë"}\n'.encode()):
        door.must_accept(SECRET, body)
        for other in (*reserialised(body), body.strip()):
            door.must_refuse(
                SECRET,
                body,
                signature_of(SECRET, other),
                accepted=FALLBACK,
                note=f"the signature of {short(other, 60)}",
            )


def takes_bytes_that_are_no_text(door: Door) -> None:
    """Bytes that are no valid text are signed like all others."""
    body = b'{"id": "evt_1", "name": "Zo\xeb"}'
    for other in through_text(body):
        signature = signature_of(SECRET, other)
        if door.accepts(SECRET, body, signature):
            door.must_accept(SECRET, body, digests.AS_TEXT)
            door.must_refuse(SECRET, body, signature, accepted=digests.AS_TEXT)
    door.must_accept(SECRET, body, digests.AS_TEXT)


def refuses_the_unsigned(door: Door) -> None:
    """A request without a signature is refused."""
    cut = signature_of(SECRET, BODY)[:40]
    for signature in (None, "", "sha256="):
        takes_pieces = signature is not None and door.accepts(SECRET, BODY, cut)
        door.must_refuse(
            SECRET,
            BODY,
            signature,
            accepted=PIECE if takes_pieces else MISSING_ACCEPTED,
            raised=MISSING_RAISES if signature is None else LENGTH_RAISES,
        )


def refuses_garbage(door: Door) -> None:
    """Garbage in the header is refused, and raises nothing."""
    right = signature_of(SECRET, BODY)
    garbage = [
        ("sha256=" + "z" * 64, NON_HEX_RAISES),
        *((right[:length], LENGTH_RAISES) for length in (8, 39, 70)),
        (right + "0", LENGTH_RAISES),
        ("sha256=" + "0" * 5000, LENGTH_RAISES),
        *((text, GARBAGE_RAISES) for text in ("sha256", "=", "a=b=c", "none", ",")),
        *((f"{name}=00", GARBAGE_RAISES) for name in ("md5", "hash", "", "shake_128")),
        ("sha256=" + "é" * 64, NON_ASCII_RAISES),
        ("sha256=é" + right[8:], NON_ASCII_RAISES),
        ("é", NON_ASCII_RAISES),
        ("é=" + right[7:], NON_ASCII_RAISES),
    ]
    for signature, raised in garbage:
        is_piece = right.startswith(signature)
        longer = signature.startswith(right)
        accepted = PIECE if is_piece else STARTS if longer else ACCEPTS_ANYTHING
        if signature.endswith(right[7:]):
            accepted = PREFIX
        if longer and door.accepts(SECRET, BODY, "x" + right):
            accepted = ANYWHERE
        door.must_refuse(SECRET, BODY, signature, accepted=accepted, raised=raised)


def wants_the_whole_signature(door: Door) -> None:
    """Only the whole header counts: the prefix, 64 digits, and nothing else."""
    digits = digest_of(SECRET, BODY).hex()
    spelled = [
        (digits, PREFIX),
        (f"md5={digits}", PREFIX),
        (f"sha1={digits}", PREFIX),
        (f"sha256:{digits}", PREFIX),
        *((_signed_by(name), CHOOSES) for name in ("sha1", "md5", "sha512")),
        (f"sha256={digits}00", STARTS),
        (f"xsha256={digits}", ANYWHERE),
        (f"sha256=sha256={digits}", ANYWHERE),
        (f"sha256=00={digits}", ANYWHERE),
        (f"sha256={digits[:32]}sha256={digits[32:]}", ANYWHERE),
        (f"sha256={digits[:32]}_{digits[32:]}", NUMBER),
        (f"sha256=00{digits}", NUMBER),
        (f"sha256=0x{digits}", NUMBER),
        (f"sha256={digits[:32]}é{digits[32:]}", DROPS),
        (f"sha256={digits}é", DROPS),
    ]
    for signature, accepted in spelled:
        raised = NON_ASCII_RAISES if not signature.isascii() else GARBAGE_RAISES
        door.must_refuse(SECRET, BODY, signature, accepted=accepted, raised=raised)


def needs_a_secret(door: Door) -> None:
    """With an empty secret nothing is authentic."""
    right = signature_of(b"", BODY)
    answered = quietly(door.call, b"", BODY, right)
    # To raise is sound as well: without a secret the receiver is not set up.
    if answered and not isinstance(answered, BaseException):
        ask = door.question(b"", BODY, right, expected=False)
        ask.fail(short(answered), EMPTY_SECRET)


def takes_its_time(door: Door) -> None:
    """The comparison takes as long for a wrong first digit as for a wrong last one."""
    digest = digest_of(SECRET, BODY)

    def ask(signature: str) -> object:
        return quietly(door.call, SECRET, BODY, signature)

    question = Question(
        sent=door.show(SECRET, BODY, "sha256=" + "0" * 64),
        expected="a comparison that looks at all of it, whatever it finds",
        why=EQUALS.why,
        try_next=EQUALS.try_next,
    )
    if compares_at_once(door.answer, ask, digest):
        question.fail("a comparison that ends at the first difference", EQUALS)
    if stops_early(door.answer, ask, digest):
        question.fail("fewer steps when the difference comes sooner", STOPS)


def asking(
    cases: tuple[Callable[[Door], None], ...], door: Callable[[Any], Door]
) -> tuple[Case, ...]:
    """Return the cases, made to be asked of a learner's function."""

    def asked(case: Callable[[Door], None]) -> Case:
        @functools.wraps(case)
        def of_answer(answer: Any) -> None:
            case(door(answer))

        return of_answer

    return tuple(asked(case) for case in cases)


def _near_misses(right: str) -> list[str]:
    """Return signatures that differ in one digit, and one with two digits swapped."""
    near = []
    for place in (-1, 7, 40):
        digit = format(int(right[place], 16) ^ 1, "x")
        near.append(right[:place] + digit + right[place:][1:])
    two = next(at for at in range(7, 70) if right[at] != right[at + 1])
    return [*near, right[:two] + right[two + 1] + right[two] + right[two + 2 :]]


def _signed_by(name: str) -> str:
    return f"{name}={hmac.digest(SECRET, BODY, name).hex()}"
