"""The front page and the guides: what they show is what happens."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkit.cli import main
from labkit.exercises import judge

REPOSITORY = Path(__file__).parent.parent
GUIDES = [REPOSITORY / "README.md", *sorted((REPOSITORY / ".github").glob("*.md"))]
README = GUIDES[0].read_text("utf-8")


def blocks(text: str, language: str = "") -> list[str]:
    return re.findall(
        rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE
    )


def test_the_front_page_is_short_and_begins_with_the_picture() -> None:
    lines = README.splitlines()
    assert len(lines) <= 150
    assert lines[2].startswith("![")
    picture = re.search(r"\]\((.*?)\)", lines[2])
    assert picture is not None
    assert (REPOSITORY / picture[1]).exists()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_link_to_a_file_leads_to_one(guide: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", guide.read_text("utf-8")):
        if not target.startswith("http"):
            assert (guide.parent / target).exists(), target


def test_every_lab_is_on_the_front_page() -> None:
    labs = {path.stem for path in (REPOSITORY / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"^\| `(\d\d_\w+)` \|", README, re.MULTILINE)) == labs


def test_the_example_runs() -> None:
    (code,) = blocks(README, "python")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert "1 doubled" in done.stdout


def test_the_failed_check_is_the_real_one() -> None:
    verdict = judge("6.1", lambda status: status is None or status >= 400)
    assert str(verdict) + "\n" in blocks(README)


def test_the_commands_of_make_and_of_the_distribution_exist() -> None:
    rules = (REPOSITORY / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", README):
        assert re.search(rf"^{target}:", rules, re.MULTILINE), target
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    for command in re.findall(r"\b(?:uvx|pipx run) ([\w-]+)", README):
        assert command in project["scripts"]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_command_of_labkit_has_the_options_that_are_shown(guide: Path) -> None:
    text = guide.read_text("utf-8")
    shown = re.findall(r"(?:^|`)labkit ((?:dev )?[a-z-]+)([^`\n]*)", text, re.MULTILINE)
    for command, rest in shown:
        answer = CliRunner().invoke(main, [*command.split(), "--help"])
        assert answer.exit_code == 0, command
        for option in re.findall(r"(--[a-z-]+)", rest):
            assert option in answer.output, f"{command} {option}"


def test_the_addresses_on_the_front_page_are_the_printed_ones() -> None:
    printed = CliRunner().invoke(
        main, ["dev", "links", "OWNER/REPO", "--root", str(REPOSITORY)]
    )
    addresses = re.findall(r"^- `(https://\S+)`$", README, re.MULTILINE)
    assert len(addresses) == 3
    assert set(addresses) <= set(printed.output.split())
