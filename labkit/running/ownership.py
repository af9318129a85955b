"""Whose code a file holds: one rule for all of the kit."""

import functools
import linecache
import os
import sys
import sysconfig
from pathlib import Path

_KIT = str(Path(__file__).resolve().parent.parent) + os.sep
_INSTALLED = tuple(
    {
        str(Path(folder).resolve()) + os.sep
        for name, folder in sysconfig.get_paths().items()
        if name in {"stdlib", "platstdlib", "purelib", "platlib"}
    }
    # In a browser the standard library is one archive.
    | {entry + os.sep for entry in sys.path if entry.endswith(".zip")}
)
_GENERATED = ("<frozen", "<string>", "<decorator-gen", "<attrs", "<werkzeug")
"""How the files of code begin that libraries generate; such code has no source."""


@functools.cache
def is_learners(file: str) -> bool:
    """Whether the code in `file` is the learner's: not the kit's, not a library's.

    This is the only rule for that question. A cell's code is the learner's; code that
    was generated from a string belongs to whatever called it.
    """
    if not file or file.startswith(_GENERATED):
        return False
    path = file if file.startswith("<") else str(Path(file).resolve())
    if {"site-packages", "dist-packages"} & set(Path(path).parts):
        return False
    return not path.startswith((_KIT, *_INSTALLED))


@functools.cache
def is_kits(file: str) -> bool:
    """Whether the code in `file` is the kit's own."""
    return not file.startswith("<") and str(Path(file).resolve()).startswith(_KIT)


def line_text(file: str, line: int) -> str:
    """Return the text of a source line without its indentation."""
    return linecache.getline(file, line).strip()
