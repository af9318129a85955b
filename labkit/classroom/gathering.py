"""Find the files that a class has handed in, and read them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.errors import ProgressUnreadable
from labkit.learner import exports
from labkit.learner.exports import Learner

MOST = 5_000
"""How many files are read at most; a folder with more is the wrong one."""


@dataclass(frozen=True, slots=True)
class Classroom:
    """The learners by name, and a sentence for each file that is not shown as it is."""

    learners: tuple[Learner, ...]
    remarks: tuple[str, ...]


def gather(folder: Path) -> Classroom:
    """Read every exported progress file in the folder and in the folders below it.

    Of two files with the same name and the same first try the newer counts. Raises
    ProgressUnreadable where not one file could be read.
    """
    read: list[tuple[Path, Learner]] = []
    remarks: list[str] = []
    for number, path in enumerate(_files(folder)):
        if number == MOST:
            remarks.append(f"only the first {MOST:,} files were read")
            break
        shown = _shown(path.relative_to(folder))
        try:
            read.append((path.relative_to(folder), exports.read(path)))
        except ProgressUnreadable as error:
            remarks.append(f"{shown} is left out: {error}")
    if not read:
        found = "\n".join(remarks) or "There is no .json file in it."
        raise ProgressUnreadable(
            f"{folder} contains no exported progress; a learner makes a file with "
            f'progress("name") in a notebook and hands it in. {found}'
        )
    learners, doubled = _once_each(read)
    return Classroom(tuple(learners), (*remarks, *doubled))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.json")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _once_each(
    read: Iterable[tuple[Path, Learner]],
) -> tuple[list[Learner], list[str]]:
    """Keep the newest file of each learner, and tell two of one name apart."""
    newest: dict[tuple[str, float | None], tuple[Path, Learner]] = {}
    remarks = []
    for path, learner in sorted(read, key=lambda item: item[1].made_at):
        key = (learner.name, learner.began_at)
        if key in newest:
            older = newest[key][0]
            remarks.append(
                f"{_shown(older)} is left out: {_shown(path)} is newer and also of "
                f"{learner.name}"
            )
        newest[key] = (path, learner)
    files = Counter(name for name, _ in newest)
    learners = [
        replace(learner, name=f"{learner.name} ({_shown(path)})")
        if files[learner.name] > 1
        else learner
        for path, learner in newest.values()
    ]
    remarks += [
        f"{name} is the name in {count} files that began at different times: two "
        "people, or one person who started again; all are shown"
        for name, count in sorted(files.items())
        if count > 1
    ]
    return sorted(learners, key=lambda each: each.name.casefold()), remarks


def _shown(path: Path) -> str:
    """Return a path without what would do something to a terminal."""
    text = path.as_posix()
    return "".join(each if each.isprintable() else "?" for each in text)
