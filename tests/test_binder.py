"""Binder's files: the Python it builds with, what it installs, and the pins beside."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parent.parent
BINDER = REPOSITORY / "binder"


def pins() -> list[Requirement]:
    lines = (BINDER / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def direct_dependencies() -> Iterator[Requirement]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    for group in [project["dependencies"], *extras]:
        yield from map(Requirement, group)


def binder_requirements() -> Iterator[Requirement]:
    for line in (BINDER / "requirements.txt").read_text().splitlines():
        if line != ".":
            yield Requirement(line)


def test_binder_builds_with_the_python_we_name_and_installs_the_kit() -> None:
    dry_run = subprocess.run(
        [
            *(sys.executable, "-m", "repo2docker", "--no-build", "--debug"),
            # Asked for when root runs it; the names are Binder's own.
            *("--user-id", "1000", "--user-name", "jovyan", str(REPOSITORY)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    dockerfile = dry_run.stdout + dry_run.stderr
    assert dry_run.returncode == 0, dockerfile
    assert "python=3.12" in dockerfile
    assert '-r "binder/requirements.txt"' in dockerfile
    # A binder/ folder switches the kit's own install off unless "." is listed.
    assert "." in (BINDER / "requirements.txt").read_text().splitlines()


def test_every_requirement_of_binder_is_bounded() -> None:
    for requirement in binder_requirements():
        operators = {part.operator for part in requirement.specifier}
        assert operators == {">=", "<"}, requirement


def test_every_pin_is_exact_and_names_no_address() -> None:
    for pin in pins():
        assert [part.operator for part in pin.specifier] == ["=="], pin
        assert pin.url is None


@pytest.mark.parametrize("dependency", list(direct_dependencies()), ids=str)
def test_the_pins_cover_and_satisfy_each_direct_dependency(
    dependency: Requirement,
) -> None:
    name = canonicalize_name(dependency.name)
    if name == "webhook-lab":
        return
    versions = [
        next(iter(pin.specifier)).version
        for pin in pins()
        if canonicalize_name(pin.name) == name
    ]
    assert versions, f"{name} has no pin; run: make pins"
    for version in versions:
        assert dependency.specifier.contains(version), "run: make pins"
