"""Run the tests that are marked "pure"; run.mjs runs this file inside Pyodide."""

import os
import sys
from pathlib import Path

import pytest

REPOSITORY = "/repository"


class Patience:
    """WebAssembly is slow, and the same tests run in full under CPython."""

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        # A time limit for a test takes threads or signals.
        parser.addini("timeout", "of pytest-timeout, which is not here")

    def pytest_configure(self) -> None:
        # Not sooner: pytest rewrites what it finds not yet imported.
        import hypothesis

        hypothesis.settings.register_profile("browser", deadline=None, max_examples=10)
        hypothesis.settings.load_profile("browser")


def main(arguments: list[str]) -> int:
    """Run those files, or all that hold a pure test; return pytest's exit code."""
    os.chdir(REPOSITORY)
    sys.path.insert(0, REPOSITORY)
    # Only files that hold a pure test are collected: the others may import what a
    # browser has not.
    files = [
        str(file)
        for file in sorted(Path("tests").glob("test_*.py"))
        if "mark.pure" in file.read_text()
    ]
    if any(argument.startswith("tests/") for argument in arguments):
        files = []
    options = ["-m", "pure", "-p", "no:cacheprovider", "--color=no"]
    return pytest.main([*files, *options, *arguments], plugins=[Patience()])
