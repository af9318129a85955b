"""Requests that do not arrive as they were signed."""

import random
from dataclasses import dataclass

from labkit.faults.fault import Crossing, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Tamper(Fault):
    """Somebody on the way changes one digit of the body, or one bit if it has none.

    The signature stays, so a receiver that verifies refuses the request. One that does
    not works with a wrong amount.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Change one digit of the body, preferably in the event's data."""
        body = bytearray(crossing.request.body)
        if not body:
            return
        digits = [place for place, byte in enumerate(body) if 0x30 <= byte <= 0x39]
        start = body.find(b'"data"')
        if place_in_data := [place for place in digits if place > start]:
            digits = place_in_data
        if digits:
            place = rng.choice(digits)
            body[place] = 0x30 + (body[place] - 0x30 + rng.randrange(1, 10)) % 10
        else:
            body[rng.randrange(len(body))] ^= 1
        crossing.set_body(bytes(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate(Fault):
    """The body is cut off; `kept` is the part that arrives, from 0 to 1.

    The receiver sees a body that is no JSON and fits no signature, and refuses it. The
    sender sees the refusal and tries again.
    """

    kept: float = 0.5

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Keep only the first part of the body."""
        body = crossing.request.body
        crossing.set_body(body[: int(len(body) * self.kept)])


@dataclass(frozen=True, slots=True, kw_only=True)
class TamperSignature(Fault):
    """One character of the signature is changed.

    The receiver must refuse the request. Unsigned requests are left as they are.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Change one letter or digit in the last part of the signature."""
        wanted = (crossing.signature_header or "").lower()

        def changed(value: str) -> str:
            place = len(value) - 2 - rng.randrange(8)
            other = "b" if value[place] == "a" else "a"
            return value[:place] + other + value[place + 1 :]

        crossing.set_headers(
            tuple(
                (name, changed(value) if name.lower() == wanted else value)
                for name, value in crossing.request.headers
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DropHeader(Fault):
    """A header is missing: `header` by its name, or the signature.

    The receiver sees a request that it can't verify, and must refuse it.
    """

    header: str | None = None

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the request travel without the header."""
        wanted = (self.header or crossing.signature_header or "").lower()
        headers = crossing.request.headers
        crossing.set_headers(
            tuple((name, value) for name, value in headers if name.lower() != wanted)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleHeader(Fault):
    """A header arrives twice: `header` by its name, or the signature.

    Servers join the two with a comma, and the receiver sees one odd value. Refusing it
    is safe, and so is finding the valid signature in it.
    """

    header: str | None = None

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the header follow once more at the end."""
        wanted = (self.header or crossing.signature_header or "").lower()
        headers = crossing.request.headers
        again = tuple(pair for pair in headers if pair[0].lower() == wanted)
        crossing.set_headers(headers + again)
