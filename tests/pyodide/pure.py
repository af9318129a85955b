"""Run the tests that are marked "pure"; run.mjs runs this file inside Pyodide."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = "/repository"
EXAMPLES = 5


class Patience:
    """WebAssembly is slow, and the same tests run in full under CPython."""

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        # A time limit for a test takes threads or signals.
        parser.addini("timeout", "of pytest-timeout, which is not here")

    def pytest_configure(self) -> None:
        # Not sooner: pytest rewrites what it finds not yet imported.
        import hypothesis

        settings: Any = hypothesis.settings
        settings.register_profile("browser", deadline=None, max_examples=EXAMPLES)
        settings.load_profile("browser")
        make = settings.__init__

        def make_fewer(made: Any, *parent: Any, **wanted: Any) -> None:
            if "max_examples" in wanted:
                wanted["max_examples"] = min(wanted["max_examples"], EXAMPLES)
            make(made, *parent, **wanted)

        # What a test asks for goes before the profile.
        settings.__init__ = make_fewer


def main(arguments: list[str]) -> int:
    """Run the named files, or all that hold a pure test; return pytest's exit code."""
    os.chdir(REPOSITORY)
    # Last, and no current folder, so that labkit comes compiled, from its wheel.
    sys.path[:] = [*filter(None, sys.path), REPOSITORY]
    # Only files that hold a pure test are collected: the others may import what a
    # browser has not.
    files = [
        str(file)
        for file in sorted(Path("tests").glob("test_*.py"))
        if "mark.pure" in file.read_text()
    ]
    if any(argument.startswith("tests/") for argument in arguments):
        files = []
    # Rewriting the assertions takes longer than all else before the first test, as
    # neither the tests nor hypothesis lie here compiled. Where a test fails in the
    # browser alone, ask for --assert=rewrite.
    options = [
        "-m",
        "pure and not full and not nightly",
        "-p",
        "no:cacheprovider",
        "--color=no",
    ]
    options += ["--assert=plain", "--capture=sys", "--import-mode=append"]
    return pytest.main([*files, *options, *arguments], plugins=[Patience()])
