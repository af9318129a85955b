"""The parts of a scheme: how time, key and signed content are written, and a claim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

_TIMESTAMP = re.compile(r"[0-9]{1,20}", re.ASCII)
_ISO_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the headers of one request claim, all of it text and none of it trusted.

    `header` is the name of the signature header and `shown` its value as it came;
    `signatures` are those found in it that this scheme understands. `id` and
    `timestamp` stay empty where the scheme signs none.
    """

    header: str
    shown: str
    signatures: Sequence[str]
    id: str = ""
    timestamp: str = ""


class KeyForm(Enum):
    """What a scheme makes of the text of a secret."""

    TEXT = "the secret as text"
    BASE64 = "the bytes whose base64 the secret is, after `whsec_`"
    HEX = "the bytes whose hex the secret is"
    KEY_PAIR = "a private key for the sender and a public key for the receiver"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the sender signs, if it is some text directly followed by the body.

    `words` name the signed content. `front` is the text before the body; it may hold
    the fields `{id}`, `{t}` and `{url}`.
    """

    words: str
    front: str

    def before(self, *, id: str, t: str, url: str) -> bytes:  # noqa: A002 - the word of every provider
        """Return the bytes that precede the body."""
        return as_bytes(self.front.format(id=id, t=t, url=url))


class Unit(Enum):
    """How a scheme writes the time of an attempt."""

    SECONDS = "seconds since 1970 as decimal digits"
    MILLISECONDS = "milliseconds since 1970 as decimal digits"
    ISO = "a time such as 2026-01-01T00:00:00Z"

    def write(self, moment: int) -> str:
        """Write a time that is given in seconds since the Unix epoch."""
        if self is Unit.SECONDS:
            return str(moment)
        if self is Unit.MILLISECONDS:
            return f"{moment}000"
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def read(self, text: str) -> float | None:
        """Return the seconds since the Unix epoch, or None for what is not a time."""
        if self is Unit.ISO:
            if not _ISO_TIME.fullmatch(text):
                return None
            try:
                return datetime.fromisoformat(text).timestamp()
            except (ValueError, OverflowError):
                return None
        # At most 20 digits: int() refuses thousands of them with a ValueError.
        if not _TIMESTAMP.fullmatch(text):
            return None
        return int(text) / 1000 if self is Unit.MILLISECONDS else int(text)


def as_bytes(text: str) -> bytes:
    """Encode a header's text without ever failing or making two texts equal."""
    return text.encode("utf-8", "surrogatepass")
