"""The decision tree of lab 11 as a picture, and a captured request as a page."""

import html
import pprint
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from labkit.drawing.canvas import canvas, with_text
from labkit.drawing.strokes import arrow, line, write
from labkit.exercises.lab11_go_live.captures import Capture

_QUESTIONS = (
    (
        "Did it arrive at all?",
        "no",
        "the address, the tunnel, the firewall",
        "or the provider has disabled you",
    ),
    (
        "1  Does the signature match the raw body?",
        "no",
        "wrong secret",
        "of another environment or another sender",
    ),
    (
        "2  Does it match the bytes that your code checked?",
        "no",
        "re-serialised",
        "parsed and written again before the check",
    ),
    (
        "3  Are the two clocks within 300 s of each other?",
        "no",
        "stale",
        "wrong clock, queue delay, or replay attack",
    ),
    (
        "4  Was this id handled before, and handled again now?",
        "yes",
        "doubled",
        "two effects of one event",
    ),
    (
        "5  Was the response later than the provider's timeout?",
        "yes",
        "slow",
        "the attempt failed, and the sender retries",
    ),
)
"""A question, the answer that ends the search, what was found, and what that means."""

_OTHER = {"yes": "no", "no": "yes"}
_TOP, _PITCH, _LEFT, _ARROW, _FOUND = 34.0, 52.0, 34.0, 494.0, 546.0


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """The questions to ask about a request, in order."""

    def __str__(self) -> str:
        lines = []
        for depth, (question, ends, found, means) in enumerate(_QUESTIONS):
            pad = "   " * depth
            lines.append(f"{pad}{question}")
            lines.append(f"{pad}├─ {ends:<3} ── {found}: {means}")
            lines.append(f"{pad}└─ {_OTHER[ends]}")
        lines.append(f"{'   ' * len(_QUESTIONS)}healthy: look at another request")
        return "\n".join(lines)

    __repr__ = __str__

    def svg(self) -> str:
        """Draw the questions from top to bottom, and what each may find."""
        parts = [part for row in enumerate(_QUESTIONS) for part in _asked(*row)]
        y = _TOP + _PITCH * len(_QUESTIONS)
        parts.append(write(_LEFT - 16, y + 4, "healthy", "bold", "good"))
        parts.append(write(_LEFT + 56, y + 4, "look at another request", "soft"))
        return canvas("".join(parts), y + 28, "Six questions about a request")

    def _repr_html_(self) -> str:
        return with_text(self.svg(), str(self))


def decision_tree() -> Tree:
    """Show the questions to ask when something is wrong."""
    return Tree()


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """One captured request, as the inspector would show it."""

    capture: Capture

    def __str__(self) -> str:
        return pprint.pformat(self.capture, width=80, sort_dicts=False)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr style="background:none"><th scope="row" style="{_CELL};'
            f'white-space:nowrap;font-weight:600">{name}</th>'
            f'<td style="{_CELL}">{shown}</td></tr>'
            for name, shown in self._rows()
        )
        return (
            f'<table style="border:0;border-collapse:collapse;max-width:70em">{rows}'
            f"</table>{self._note()}"
        )

    def _note(self) -> str:
        if self.capture["raw"] == self.capture["checked"]:
            return ""
        return '<div style="margin-top:.4em">Marked: from the first difference.</div>'

    def _rows(self) -> Iterator[tuple[str, str]]:
        got = self.capture
        came = datetime.fromtimestamp(got["arrived_at"], UTC)
        yield "id", _code(got["id"])
        yield (
            "arrived_at",
            f"{_code(got['arrived_at'])} ({came:%d %B %Y, %H:%M:%S} UTC)",
        )
        yield (
            "headers",
            "<br>".join(
                _code(f"{name}: {value}") for name, value in got["headers"].items()
            ),
        )
        at = _difference(got["raw"], got["checked"])
        yield "raw", _bytes(got["raw"], at)
        yield "checked", _bytes(got["checked"], at)
        yield "secret", _code(got["secret"])
        yield "status", _code(got["status"])
        yield "error", _code(repr(got["error"]))
        took = f"{got['seconds']} s of the {got['timeout']} s that the provider waits"
        yield "seconds", html.escape(took)
        yield "seen", "<br>".join(map(_code, got["seen"])) or "none"
        yield "shipped", _code(got["shipped"])


def page_of(capture: Capture) -> Page:
    """Show one captured request; where the two bodies differ is marked."""
    return Page(capture)


_CELL = "text-align:left;vertical-align:top;padding:.2em 1em .2em 0"
# Without its style, as GitHub shows it, a mark has a colour of its own.
_MARK = "background:none;color:inherit;text-decoration:underline"
_CODE = "background:none;color:inherit;padding:0;overflow-wrap:anywhere"


def _asked(place: int, row: tuple[str, str, str, str]) -> Iterator[str]:
    question, ends, found, means = row
    y = _TOP + _PITCH * place
    yield write(_LEFT - 16, y + 4, question, "bold")
    yield arrow(_ARROW, y, _FOUND - 10, y, "silent")
    yield write(_FOUND - 14, y - 6, ends, "silent", "small", "end")
    yield write(_FOUND, y + 1, found, "silent", "bold")
    yield write(_FOUND, y + 16, means, "soft", "small")
    yield line(_LEFT, y + 12, _LEFT, y + _PITCH - 14, "way", "good")
    yield write(_LEFT + 8, y + 30, _OTHER[ends], "good", "small")


def _code(value: object) -> str:
    return f'<code style="{_CODE}">{html.escape(str(value))}</code>'


def _difference(one: bytes, other: bytes) -> int | None:
    """Return the place of the first byte that differs, or None if they are equal."""
    if one == other:
        return None
    pairs = enumerate(zip(one, other, strict=False))
    least = min(len(one), len(other))
    return next((at for at, (a, b) in pairs if a != b), least)


def _bytes(body: bytes, at: int | None) -> str:
    """Write bytes; what comes after the place where they differ is marked."""
    if at is None:
        return _code(repr(body))
    same, other = repr(body[:at])[:-1], repr(body[at:])[2:]
    marked = f'<mark style="{_MARK}">{html.escape(other)}</mark>'
    return f'<code style="{_CODE}">{html.escape(same)}{marked}</code>'
