"""Run tests on all verifiers, correct ones and broken ones, and see which survive."""

import html
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from labkit.checks import NotAttempted, describe, short_text
from labkit.checks.observing import Seen, outcome
from labkit.checks.verdicts import Note
from labkit.drawing.canvas import with_text
from labkit.errors import shown_plainly
from labkit.exercises.lab10_test_it import table
from labkit.exercises.lab10_test_it.broken import BROKEN
from labkit.exercises.lab10_test_it.verifiers import CORRECT, Verifier, Verify
from labkit.running.capture import captured

Tests = Callable[[Verify], object]


def run(tests: Tests, verify: Verify, *, aloud: bool = False) -> Seen:
    """Run the tests on one verifier. Raises NotAttempted for the stub.

    What they print is dropped unless they run aloud: they run on very many.
    """
    with nullcontext() if aloud else captured():
        return outcome(lambda: tests(verify), lambda _: None)


@dataclass(frozen=True, slots=True, repr=False)
class Hunt:
    """What the tests found: who survived, and which correct verifiers they failed on.

    `killed` has the broken verifiers that do not survive, each with the line of the
    test that failed, or 0 where that is not known.
    """

    alive: tuple[Verifier, ...]
    accused: tuple[tuple[Verifier, BaseException], ...]
    killed: tuple[tuple[Verifier, int], ...] = ()

    @property
    def _about_correct_ones(self) -> list[str]:
        passed = len(CORRECT) - len(self.accused)
        return [
            f"{passed} of {len(CORRECT)} correct verifiers pass",
            *(
                f"- the one that {each.does} does not: {short_text(describe(error))}"
                for each, error in self.accused
            ),
        ]

    def __str__(self) -> str:
        killed = len(BROKEN) - len(self.alive)
        lines = [
            *self._about_correct_ones,
            f"{killed} of {len(BROKEN)} broken verifiers are killed",
        ]
        if self.alive:
            lines.append("Survivors:")
            lines += [f"- a verifier that {broken.does}" for broken in self.alive]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = {broken.does: line for broken, line in self.killed}
        rows = [(broken.does, lines.get(broken.does)) for broken in BROKEN]
        said = "<br>".join(map(html.escape, self._about_correct_ones))
        said = f'<div style="margin:0 0 4px 12px;font-size:13px">{said}</div>'
        return said + with_text(table.draw(rows), str(self))


@shown_plainly
def hunt(tests: Tests) -> Hunt | Note:
    """Run your tests on all verifiers, and say which of them pass.

    The stub of the exercise only earns a note.
    """
    try:
        accused = tuple(
            (correct, error)
            for number, correct in enumerate(CORRECT)
            if (error := run(tests, correct.make(), aloud=not number).error) is not None
        )
        ran = [(broken, run(tests, broken.make()).error) for broken in BROKEN]
    except NotAttempted:
        return Note("These tests are not written yet.")
    alive = tuple(broken for broken, error in ran if error is None)
    killed = tuple((broken, _line(tests, error)) for broken, error in ran if error)
    return Hunt(alive, accused, killed)


def _line(tests: Tests, error: BaseException) -> int:
    """Return the line of the test's own file that failed last, or 0."""
    file = getattr(getattr(tests, "__code__", None), "co_filename", "")
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == file]
    return lines[-1] if lines else 0
