"""Each recipe of the contributing guide is followed word for word, in a copy.

A step names a file and ends with a colon; the block after it goes there. A block
without a language holds the commands that must succeed at the end.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkit.examine_sender import PROBES as SENDER_PROBES
from labkit.faults import FAULTS
from labkit.probes import PROBES
from labkit.profiles import PROFILES
from labkit.signing import HANDSHAKES, PROVIDERS, SCHEMES

REPOSITORY = Path(__file__).parent.parent
GUIDE = REPOSITORY / ".github" / "CONTRIBUTING.md"
COUNTING = [
    REPOSITORY / "README.md",
    REPOSITORY / ".github" / "CHANGELOG.md",
    REPOSITORY / ".github" / "TOOLS.md",
    *sorted(REPOSITORY.glob("solutions/*.py")),
]
COPIED = ("labkit", "solutions", "tests", "pyproject.toml")
# What no recipe needs, and files that Python is just writing. What is compiled goes
# along: its times are those of the sources.
LEFT_OUT = shutil.ignore_patterns(
    *("node_modules", "wrong_answers", "right_answers", "*.pyc.*")
)

# A recipe needs none of the plugins of which one takes half a second to load.
PYTEST_OPTIONS = " ".join(
    f"-p {each}"
    for each in (
        "tests.lighter",
        "no:nbval",
        "no:xdist",
        "no:locust",
        "no:cacheprovider",
    )
)

_STEP = re.compile(
    r"(?P<how>Append|Add|Insert (?:before|after)|Write)"
    r"(?:(?: to| the|) `(?P<place>[^`]+)`(?: at the start of| in)| to|)"
    r" `(?P<file>[^`]+)`:$",
    re.MULTILINE,
)
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^ *```", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Step:
    """A block of code: a file, or its end, or lines after a place or before it."""

    how: str
    place: str
    file: str
    text: str

    def follow(self, root: Path) -> None:
        file = root / self.file
        if self.how == "Write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(self.text, "utf-8")
            return
        before = file.read_text("utf-8")
        if self.how == "Append":
            file.write_text(f"{before}\n\n{self.text}", "utf-8")
            return
        lines = before.splitlines(keepends=True)
        if self.how == "Insert before":
            (place,) = [n for n, line in enumerate(lines) if self._is_here(line)]
            lines[place:place] = [self.text, "\n"]
        else:
            # After the line that opens the list.
            place = next(n for n, line in enumerate(lines) if self._is_here(line))
            lines[place + 1 : place + 1] = [self.text]
        file.write_text("".join(lines), "utf-8")

    def _is_here(self, line: str) -> bool:
        return line.startswith(self.place)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a section of the guide says: its steps, and the commands at the end."""

    steps: tuple[Step, ...]
    commands: tuple[str, ...]


def recipes() -> Iterator[tuple[str, Recipe]]:
    sections = re.split(r"^## ", GUIDE.read_text("utf-8"), flags=re.MULTILINE)
    for section in sections:
        title, _, body = section.partition("\n")
        if title.startswith("Add a"):
            yield title, _recipe(body)


def _recipe(body: str) -> Recipe:
    steps, commands, end = [], [], 0
    for block in _BLOCK.finditer(body):
        text = textwrap.dedent(block["text"])
        if not block["kind"]:
            commands += text.splitlines()
            continue
        # Inside of a list the lines have the indent of the item, and no more is cut.
        cut = len(block["indent"])
        text = "".join(line[cut:] or "\n" for line in block["text"].splitlines(True))
        (said,) = _STEP.finditer(body, end, block.start())
        steps.append(Step(said["how"], said["place"] or "", said["file"], text))
        end = block.end()
    return Recipe(tuple(steps), tuple(commands))


RECIPES = dict(recipes())


def test_the_guide_has_the_recipes() -> None:
    things = ("a fault", "a signing scheme", "a profile", "a probe", "an exercise")
    assert set(RECIPES) == {f"Add {thing}" for thing in things}
    for recipe in RECIPES.values():
        assert recipe.steps
        assert recipe.commands


def test_a_fault_takes_two_steps_and_one_file_beside_its_story() -> None:
    files = [step.file for step in RECIPES["Add a fault"].steps]
    assert len(files) == 2
    assert files[0].startswith("labkit/faults/")
    assert files[1] == "tests/test_faults.py"


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_can_be_followed(title: str, tmp_path: Path) -> None:
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, tmp_path)
    for step in RECIPES[title].steps:
        step.follow(tmp_path)
    for command in RECIPES[title].commands:
        done = in_copy(command, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        passed = re.search(r"(\d+) passed", done.stdout)
        assert passed is None or int(passed[1]) > 5


def in_copy(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python …` or `labkit …` with the packages of the copy."""
    program, *arguments = shlex.split(command)
    if program == "labkit":
        arguments = ["-c", "import labkit.cli; labkit.cli.main()", *arguments]
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTEST_ADDOPTS": PYTEST_OPTIONS,
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


# Counts in prose


COUNTED = {
    "faults": len(FAULTS),
    "signing schemes": len(SCHEMES) + len(PROVIDERS),
    "handshakes": len(HANDSHAKES),
    "profiles": len(PROFILES),
    "probes": len(PROBES),
    "sender probes": len(SENDER_PROBES),
}


@pytest.mark.parametrize("noun", COUNTED)
def test_a_count_in_the_guides_is_a_bound_that_holds(noun: str) -> None:
    """A bound stays true when someone adds one more."""
    text = "\n".join(guide.read_text("utf-8") for guide in COUNTING)
    bounds = re.findall(rf"[Mm]ore than (\d+) {noun}", text)
    assert bounds
    assert all(0.8 * COUNTED[noun] <= int(bound) < COUNTED[noun] for bound in bounds)
    assert not re.search(rf"(?<!ore than )\b\d+ {noun}", text)
