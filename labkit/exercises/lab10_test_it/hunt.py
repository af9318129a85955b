"""Run somebody's tests on verifiers, right ones and broken ones, and see what falls."""

import contextlib
import html
import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.checks import describe, short_text
from labkit.checks.verdicts import Note
from labkit.drawing.canvas import with_text
from labkit.errors import shown_plainly
from labkit.exercises.lab10_test_it import table
from labkit.exercises.lab10_test_it.broken import BROKEN, Broken
from labkit.exercises.lab10_test_it.sound import SOUND, Sound, Verify
from labkit.running.capture import captured

Tests = Callable[[Verify], object]


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one run: the exception that came out, and the value returned."""

    error: BaseException | None
    value: object = None

    @property
    def failed(self) -> bool:
        """Whether the tests failed: an AssertionError, or any other exception."""
        return self.error is not None


def run(tests: Tests, verify: Verify, *, aloud: bool = False) -> Ran:
    """Run the tests on one verifier; the stub's NotImplementedError goes through.

    What they print is dropped unless they run aloud: they run on very many.
    """
    try:
        with contextlib.nullcontext() if aloud else captured():
            value = tests(verify)
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a test fails with anything
        return Ran(error)
    if inspect.iscoroutine(value):
        value.close()
    return Ran(None, value)


def survivors(tests: Tests, among: Sequence[Broken] = BROKEN) -> list[Broken]:
    """Return the broken verifiers that pass the tests."""
    return [broken for broken in among if not run(tests, broken.make()).failed]


def listed(alive: Sequence[Broken]) -> str:
    """List survivors by what they do, one a line."""
    return "\n".join(f"- {broken.does}" for broken in alive)


@dataclass(frozen=True, slots=True, repr=False)
class Hunt:
    """What the tests found: who survived, and which right verifiers they failed on.

    `killed` has the broken verifiers that were found out, each with the line of the
    test that failed, or 0 where that is not known.
    """

    alive: tuple[Broken, ...]
    accused: tuple[tuple[Sound, BaseException], ...]
    killed: tuple[tuple[Broken, int], ...] = ()

    def __str__(self) -> str:
        killed = len(BROKEN) - len(self.alive)
        right = len(SOUND) - len(self.accused)
        lines = [
            f"{right} of {len(SOUND)} right verifiers pass",
            *(
                f"- the one that {sound.does} does not: {short_text(describe(error))}"
                for sound, error in self.accused
            ),
            f"{killed} of {len(BROKEN)} broken ones are found out",
        ]
        if self.alive:
            lines.append("Alive is the one that")
            lines.append(listed(self.alive))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = {broken.does: line for broken, line in self.killed}
        rows = [(broken.does, lines.get(broken.does)) for broken in BROKEN]
        right, _, _ = str(self).partition(f"\n{len(self.killed)} of {len(BROKEN)}")
        said = f'<pre style="white-space:pre-wrap">{html.escape(right)}</pre>'
        return said + with_text(table.draw(rows), str(self))


@shown_plainly
def hunt(tests: Tests) -> Hunt | Note:
    """Run your tests on all verifiers, and say which of them pass.

    The stub of the exercise only earns a note.
    """
    try:
        accused = tuple(
            (sound, error)
            for number, sound in enumerate(SOUND)
            if (error := run(tests, sound.make(), aloud=not number).error) is not None
        )
        ran = [(broken, run(tests, broken.make()).error) for broken in BROKEN]
        alive = tuple(broken for broken, error in ran if error is None)
        killed = [(broken, _line(tests, error)) for broken, error in ran if error]
        return Hunt(alive, accused, tuple(killed))
    except NotImplementedError:
        return Note("These tests are not written yet.")


def _line(tests: Tests, error: BaseException) -> int:
    """Return the line of the test's own file that failed last, or 0."""
    file = getattr(getattr(tests, "__code__", None), "co_filename", "")
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == file]
    return lines[-1] if lines else 0


class Recorder:
    """A verifier that notes its calls; some answers may be replaced.

    `instead` maps the number of a call, from 0, to what is answered in its place; an
    exception is raised.
    """

    def __init__(self, verify: Any, instead: dict[int, Any] | None = None) -> None:
        self._verify = verify
        self._instead = instead or {}
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Answer as the verifier does, or with what is to stand in its place."""
        number = len(self.calls)
        self.calls.append((args, named))
        if number in self._instead:
            answer = self._instead[number]
            if isinstance(answer, BaseException):
                raise answer
            return answer
        return self._verify(*args, **named)
