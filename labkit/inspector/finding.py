"""What the inspector finds out about the signature of one request."""

import textwrap
from dataclasses import dataclass

AUTHENTIC = "authentic"
STALE = "stale"
BAD = "bad signature"
UNREADABLE = "unreadable"
UNSIGNED = "unsigned"
UNCHECKED = "not checked"

_COLUMNS = 72
"""So many columns of text fit a narrow cell."""

CONTEXT = 24
"""How many bytes are shown before and after the first byte that differs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two byte strings where they part: `at` is the first byte that differs, from 0.

    `signed` and `arrived` are the bytes about that place, as text; `lead` is how many
    of their characters are still the same.
    """

    at: int
    lead: int
    signed: str
    arrived: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What became of the check of one signature.

    `outcome` is "authentic", "stale", "bad signature", "unreadable", "unsigned" or
    "not checked". `reason` names the cause in two or three words where one was found;
    `why` says it in sentences. `given` and `expected` are the values of the header
    `header`; they part at character `differs_at`. `body` tells where the signed body
    and the one that arrived part, if they do. `covers` says what the scheme signs.
    """

    outcome: str
    why: str
    reason: str = ""
    scheme: str = ""
    covers: str = ""
    header: str = ""
    given: str = ""
    expected: str = ""
    body: Difference | None = None

    @property
    def differs_at(self) -> int | None:
        """The first character in which given and expected differ, or None."""
        if not self.expected or self.given == self.expected:
            return None
        return common_length(self.given, self.expected)

    def __str__(self) -> str:
        reason = f", {self.reason}" if self.reason else ""
        scheme = f"{self.scheme}: " if self.scheme else ""
        lines = [f"{scheme}{self.outcome}{reason}"]
        lines += textwrap.wrap(
            self.why, _COLUMNS, initial_indent="  ", subsequent_indent="  "
        )
        if self.differs_at is not None:
            lines += [
                f"  given     {self.given}",
                f"  expected  {self.expected}",
                f"  {'':10}{' ' * self.differs_at}^ they differ from here on",
            ]
        if self.body is not None:
            lines += [
                f"  signed    {self.body.signed}",
                f"  arrived   {self.body.arrived}",
                f"  {'':10}{' ' * self.body.lead}^ byte {self.body.at}",
            ]
        return "\n".join(lines)


def common_length(one: str | bytes, other: str | bytes) -> int:
    """Return how long the common beginning of two texts is."""
    # By halves: megabytes would take too long one by one.
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def difference(signed: bytes, arrived: bytes) -> Difference | None:
    """Return where two bodies part, or None where they are the same."""
    if signed == arrived:
        return None
    at = common_length(signed, arrived)
    start = max(0, at - CONTEXT)
    lead = _printable(arrived[start:at])
    return Difference(
        at,
        len(lead),
        lead + _printable(signed[at : at + CONTEXT]),
        lead + _printable(arrived[at : at + CONTEXT]),
    )


def _printable(piece: bytes) -> str:
    # A cut may go through a character; what is left of it is shown as escapes.
    text = piece.decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
