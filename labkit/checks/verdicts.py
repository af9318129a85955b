"""What a check says: its records, and their text and HTML forms.

Both forms hold the same facts in the same order, and are the same for the same answer.
"""

import html
import textwrap
from dataclasses import dataclass, replace

from labkit.drawing.canvas import with_text
from labkit.drawing.markup import with_code
from labkit.drawing.palette import EDGES
from labkit.redaction import Redaction

PASSED = "passed"
NOT_YET = "not yet"
NOT_ATTEMPTED = "not attempted"
KIT_FAILED = "kit failed"

WIDTH = 88
SIGNS = {PASSED: "✓", NOT_YET: "✗", NOT_ATTEMPTED: "○", KIT_FAILED: "!"}


@dataclass(frozen=True, slots=True)
class Picture:
    """How it came to a failure, drawn twice: as text and as SVG."""

    text: str
    svg: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The one failure that a verdict shows, in five fields.

    `lines` are the learner's own lines it went through, `mistake` the id of the known
    mistake behind it, or None. `picture`, if any, is shown below the fields.
    """

    sent: str
    answered: str
    expected: str
    why: str
    try_next: str
    mistake: str | None = None
    lines: tuple[str, ...] = ()
    picture: Picture | None = None

    def rows(self) -> list[tuple[str, str]]:
        """Return the fields with their labels, in order."""
        rows = [
            ("sent", self.sent),
            ("answered", self.answered),
            ("expected", self.expected),
            ("why", self.why),
            ("try", self.try_next),
        ]
        if self.lines:
            rows.insert(2, ("your code", "\n".join(self.lines)))
        return [(label, text) for label, text in rows if text]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    `outcome` is "passed", "not yet", "not attempted" or "kit failed"; `mistake` the id
    of the recognised mistake, or None. `passed` names the cases that passed, `total`
    counts all there are; `untried` names those that can't be tried in this place.
    `printed` is what the answer printed meanwhile.
    """

    exercise: str
    outcome: str
    passed: tuple[str, ...] = ()
    total: int = 0
    failing: str = ""
    failure: Failure | None = None
    note: str = ""
    printed: str = ""
    untried: tuple[str, ...] = ()

    @property
    def mistake(self) -> str | None:
        """The id of the recognised mistake, or None."""
        return self.failure.mistake if self.failure else None

    @property
    def headline(self) -> str:
        """Return exercise, outcome and count in one line."""
        line = f"{SIGNS[self.outcome]} {self.exercise} {self.outcome}"
        if self.outcome == PASSED:
            count = f"all {self.total}"
            if self.untried:
                count = f"{len(self.passed)} of {self.total}"
            line += f" · {count} cases"
        elif self.outcome == NOT_YET and self.total:
            line += f" · {len(self.passed)} of {self.total} cases passed"
        return line

    def __str__(self) -> str:
        parts = [self.headline]
        if self.outcome == PASSED:
            parts += [_indented("✓", name) for name in self.passed]
            parts += [_indented("○", f"not tried: {name}") for name in self.untried]
        if self.failing:
            parts.append(_indented("✗", self.failing))
        if self.failure:
            parts += [_row(label, text) for label, text in self.failure.rows()]
            if self.failure.picture:
                parts += ["", textwrap.indent(self.failure.picture.text, "  "), ""]
        if self.note:
            parts.append(
                textwrap.fill(
                    self.note, WIDTH, initial_indent="  ", subsequent_indent="  "
                )
            )
        if self.printed:
            parts += ["  printed:", textwrap.indent(self.printed.rstrip("\n"), "  | ")]
        return "\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = EDGES[self.outcome]
        parts = [
            (
                f'<div style="border-left:4px solid {colour};padding:.4em .9em;'
                'margin:.4em 0;max-width:60em;line-height:1.45">'
            ),
            f'<div style="font-weight:600">{html.escape(self.headline)}</div>',
        ]
        if self.outcome == PASSED:
            untried = [f"not tried: {name}" for name in self.untried]
            items = "".join(
                f"<li>{with_code(name)}</li>" for name in (*self.passed, *untried)
            )
            parts.append(f'<ul style="margin:.3em 0 0;padding-left:1.2em">{items}</ul>')
        if self.failing:
            parts.append(f"<div>✗ {with_code(self.failing)}</div>")
        if self.failure:
            parts.append(_table(self.failure))
            if self.failure.picture:
                picture = self.failure.picture
                parts.append(with_text(picture.svg, picture.text))
        if self.note:
            parts.append(f'<div style="margin-top:.3em">{with_code(self.note)}</div>')
        if self.printed:
            parts.append(
                '<div style="margin-top:.4em">printed:</div>'
                '<pre style="margin:.2em 0;white-space:pre-wrap">'
                f"{html.escape(self.printed)}</pre>"
            )
        return "".join([*parts, "</div>"])


def without_secrets(verdict: Verdict, redaction: Redaction) -> Verdict:
    """Return the verdict with the secrets hidden that a solution printed or returned.

    The secrets of the labs are made up; those of the machine are not.
    """
    failure = verdict.failure
    return replace(
        verdict,
        note=redaction.text(verdict.note),
        printed=redaction.text(verdict.printed),
        failure=failure
        and replace(
            failure,
            sent=redaction.text(failure.sent),
            answered=redaction.text(failure.answered),
            lines=tuple(map(redaction.text, failure.lines)),
        ),
    )


@dataclass(frozen=True, slots=True)
class Note:
    """A few lines of text that a cell shows as they are."""

    text: str

    def __repr__(self) -> str:
        return self.text


def _indented(sign: str, text: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=f"  {sign} ", subsequent_indent="    "
    )


def _row(label: str, text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, WIDTH - 12, break_long_words=True) or [""]
    head, *rest = lines
    return "\n".join([f"  {label:<9} {head}", *(f"{'':12}{line}" for line in rest)])


_LITERAL = ("sent", "answered", "expected", "your code")


def _table(failure: Failure) -> str:
    rows = []
    for label, text in failure.rows():
        shown = with_code(text)
        if label in _LITERAL:
            shown = (
                '<code style="white-space:pre-wrap;overflow-wrap:anywhere;'
                f'background:none;color:inherit;padding:0">{html.escape(text)}</code>'
            )
        rows.append(
            '<tr style="background:none"><th scope="row" style="text-align:left;'
            "vertical-align:top;padding:.15em 1em .15em 0;font-weight:600;"
            f'white-space:nowrap">{label}</th>'
            '<td style="text-align:left;vertical-align:top;padding:.15em 0;'
            f'white-space:normal">{shown}</td></tr>'
        )
    return (
        '<table style="border:0;border-collapse:collapse;margin:.3em 0 0">'
        f"{''.join(rows)}</table>"
    )
