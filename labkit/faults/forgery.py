"""Requests that do not arrive as they were signed."""

import random
import re
from dataclasses import dataclass
from typing import ClassVar

from labkit.errors import BadSetting
from labkit.faults.fault import Crossing, Fault

SIGNATURE = re.compile("[0-9A-Za-z+/]{27,}")
"""A signature in hex or base64 within its header; nothing else there is as long."""

DIGIT = re.compile(b"[0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tamper(Fault):
    """Someone changes one digit of the body in transit, or one bit if it has none.

    The signature stays, so a receiver that verifies refuses the request, and the sender
    tries again. One that does not verify works with a wrong amount.
    """

    changes_request: ClassVar[bool] = True

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Change one digit of the body, preferably in the event's data."""
        body = bytearray(crossing.request.body)
        if not body:
            return
        start = body.find(b'"data"') + 1
        if digits := _digits(body, start) or _digits(body, 0):
            place = rng.choice(digits)
            body[place] = 0x30 + (body[place] - 0x30 + rng.randrange(1, 10)) % 10
        else:
            body[rng.randrange(len(body))] ^= 1
        crossing.set_body(bytes(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate(Fault):
    """The body is cut off; `kept` is the part that arrives, from 0 to 1.

    Something on the way took only a part and passed it on as if it were whole, with a
    length that fits. The receiver sees a body that is no JSON and fits no signature,
    and refuses it. The sender sees the refusal and tries again. In process and over
    HTTP it is the same request. A body that is shorter than its announced length, from
    a connection that broke, never reaches the receiver's code: that is `BreakRequest`.
    """

    changes_request: ClassVar[bool] = True

    kept: float = 0.5

    def __post_init__(self) -> None:
        Fault.__post_init__(self)
        if self.kept > 1:
            raise BadSetting(
                f"{self.name}: kept is {self.kept}; give a part from 0 to 1"
            )

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Keep only the first part of the body."""
        body = crossing.request.body
        crossing.set_body(body[: int(len(body) * self.kept)])


@dataclass(frozen=True, slots=True, kw_only=True)
class TamperSignature(Fault):
    """One character of the signature is changed, or of each if there are several.

    The receiver must refuse the request; the sender sees the refusal and tries again.
    Unsigned requests are left as they are, and so is a signature in the body.
    """

    changes_request: ClassVar[bool] = True

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Change one letter or digit in every signature of the header."""
        wanted = (crossing.signature_header or "").lower()

        def changed(match: re.Match[str]) -> str:
            signature = match[0]
            # Not the last: in base64 a part of it may mean nothing.
            place = rng.randrange(len(signature) - 1)
            other = "b" if signature[place] == "a" else "a"
            return signature[:place] + other + signature[place + 1 :]

        crossing.set_headers(
            tuple(
                (name, SIGNATURE.sub(changed, value))
                if name.lower() == wanted
                else (name, value)
                for name, value in crossing.headers
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DropHeader(Fault):
    """A header is missing: `header` by its name, or the signature.

    The receiver sees a request that it can't verify, and must refuse it. The sender
    sees the refusal and tries again.
    """

    header: str | None = None

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the request travel without the header."""
        wanted = (self.header or crossing.signature_header or "").lower()
        headers = crossing.headers
        crossing.set_headers(
            tuple((name, value) for name, value in headers if name.lower() != wanted)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleHeader(Fault):
    """A header arrives twice: `header` by its name, or the signature.

    Two header lines travel, over HTTP too. Servers join them with a comma, and the
    receiver sees one odd value. Refusing it is safe, and so is finding the valid
    signature in it. The sender sees what the receiver makes of it.
    """

    header: str | None = None

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the header follow once more at the end."""
        wanted = (self.header or crossing.signature_header or "").lower()
        headers = crossing.headers
        again = tuple(pair for pair in headers if pair[0].lower() == wanted)
        crossing.set_headers(headers + again)


def _digits(body: bytearray, start: int) -> list[int]:
    """Return where the body has digits from `start` on."""
    return [match.start() for match in DIGIT.finditer(body, start)]
