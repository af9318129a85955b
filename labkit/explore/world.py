"""What outlives a process: a directory of files, and what was done outside."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkit.explore.records import Effect
from labkit.explore.waits import here

MEMORY = Path("/dev/shm")  # noqa: S108 - its names are made by tempfile
"""A place for files in memory, on systems that have it."""

Files = tuple[tuple[str, bytes], ...]
"""The files of a directory: relative names and contents, sorted."""


class World:
    """What a receiver finds when it starts, handed to `boot`.

    `directory` is a fresh directory that survives the process. `effect` does something
    outside that can't be undone, such as sending a parcel; it takes any arguments, and
    `effects` lists what was done so far. Hand `effect` to the receiver as its `ship`,
    or call it in a `ship` of your own that also fails on purpose. `process` is the
    number of the process that starts, from 0, where several share the directory.
    """

    def __init__(self, directory: Path, effects: tuple[Effect, ...] = ()) -> None:
        self.directory = directory
        self.process = 0
        self._effects = list(effects)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was done outside so far, in order, by this process and those before."""
        worker = here()
        if worker is not None:
            worker.mark("(effects)", changes=False)
        return tuple(self._effects)

    def effect(self, *args: Any, **settings: Any) -> None:
        """Do something outside the process; a crash doesn't undo it."""
        worker = here()
        if worker is not None:
            worker.touch()
            worker.mark("(effects)")
        done = Effect(args, tuple(settings.items()))
        self._effects.append(done)
        if worker is not None:
            worker.tell("effect", str(done))


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a directory for the worlds of one exploration and remove it afterwards.

    It is in memory where the system has such a place, because a crash of a process
    (not of the machine) loses nothing that was written, and writing is then fast.
    """
    place = str(MEMORY) if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="labkit-explore-", dir=place))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def fresh_directory(root: Path, number: int) -> Path:
    """Make an empty directory for one life; the one before it is removed."""
    if number:
        shutil.rmtree(root / f"life-{number - 1}", ignore_errors=True)
    directory = root / f"life-{number}"
    directory.mkdir()
    return directory


def read_files(directory: Path) -> Files:
    """Read every file of the directory, as a process that dies now leaves them."""
    found = []
    for folder, _, names in os.walk(directory):
        for name in names:
            path = Path(folder, name)
            found.append((path.relative_to(directory).as_posix(), path.read_bytes()))
    return tuple(sorted(found))


def write_files(directory: Path, files: Files) -> None:
    """Write files that `read_files` has read."""
    for name, content in files:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
