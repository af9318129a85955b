"""The progress in SQLite: several kernels write to it, and none loses anything.

Each call opens the file and closes it again, so a kernel holds no handle and the file
can be moved or deleted at any time. The journal is a write-ahead log (WAL). A network
folder has no memory that two processes share, which WAL needs; there the file has a
rollback journal.
"""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from labkit.learner.document import KINDS, Content, Damaged, Unusable, fits, newer

VERSION = 3
"""The version of the file, in SQLite's `user_version`; 1 and 2 were JSON documents."""

PATIENCE = 15.0
"""How long to wait for other kernels that write, in seconds."""

MOUNTS = Path("/proc/self/mounts")
"""Where Linux lists its file systems."""

_SHARED = (
    *("nfs", "cifs", "smb", "9p", "afs", "ceph", "fuse", "gluster", "lustre"),
    *("beegfs", "gpfs", "ncp", "prl_fs", "vboxsf", "vmhgfs", "virtiofs"),
)
"""How the names of file systems begin that are on another machine."""

_TABLE = """CREATE TABLE entry (
    kind TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (kind, name))"""
_PUT = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)"


def change(
    path: Path,
    kind: str,
    name: str,
    note: Callable[[dict[str, Any]], None],
    *,
    first: Callable[[], Content],
) -> Content:
    """Let `note` change one entry while no other kernel can, and return everything.

    A new file starts with the content that `first` returns. Raises Damaged, Unusable
    and OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(str(path)) as connection:
        # The lock comes first: readers that want to write block each other.
        connection.execute("BEGIN IMMEDIATE")
        if _checked(connection, path) == 0:
            connection.execute("ROLLBACK")
            _choose_journal(connection, path)
            connection.execute("BEGIN IMMEDIATE")
        if _checked(connection, path) == 0:
            _fill(connection, first())
        content = _all(connection)
        entry = content.setdefault(kind, {}).setdefault(name, {})
        note(entry)
        connection.execute(_PUT, (kind, name, json.dumps(entry)))
        connection.execute("COMMIT")
    return content


def read(path: Path) -> Content | None:
    """Return everything that is stored, or None if there is no such file yet.

    A folder in which nothing can be written can still be read. Raises Damaged,
    Unusable and OSError.
    """
    if not path.is_file():
        return None
    try:
        return _read(str(path), path)
    except OSError:
        # WAL needs to write even for a reader. No writer can be there.
        return _read(f"{path.absolute().as_uri()}?immutable=1", path)


def _read(address: str, path: Path) -> Content | None:
    with _opened(address) as connection:
        connection.execute("BEGIN")
        return _all(connection) if _checked(connection, path) else None


@contextlib.contextmanager
def _opened(address: str) -> Iterator[sqlite3.Connection]:
    """Open the file, and turn SQLite's errors into ours."""
    try:
        connection = sqlite3.connect(
            address,
            timeout=PATIENCE,
            isolation_level=None,
            uri=address.startswith("file:"),
        )
        with contextlib.closing(connection):
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise Damaged(str(error)) from error
        raise OSError(0, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from error


def _fill(connection: sqlite3.Connection, content: Content) -> None:
    connection.execute(_TABLE)
    for kind, entries in content.items():
        for name, entry in entries.items():
            connection.execute(_PUT, (kind, name, json.dumps(entry)))
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _checked(connection: sqlite3.Connection, path: Path) -> int:
    """Return the file's version, 0 for an empty file. Raises Damaged and Unusable."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise Unusable(newer(path, version, VERSION))
    if version not in (0, VERSION) or (version == 0 and _tables(connection)):
        raise Damaged("it is not a progress file")
    return version


def _tables(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return count


def _all(connection: sqlite3.Connection) -> Content:
    content: Content = {kind: {} for kind in KINDS}
    try:
        for kind, name, text in connection.execute("SELECT * FROM entry"):
            content.setdefault(kind, {})[name] = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise Damaged("a part of it is not JSON") from error
    if not fits(content):
        raise Damaged("a part of it was not written by labkit")
    return content


def _choose_journal(connection: sqlite3.Connection, path: Path) -> None:
    mode = "DELETE" if on_network(path) else "WAL"
    # Another kernel that starts the same file may be first; the file keeps its choice.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute(f"PRAGMA journal_mode = {mode}")


def on_network(path: Path) -> bool:
    """Whether the file is in a folder that other machines may share."""
    whole = path.absolute()
    if sys.platform == "win32":
        return str(whole).startswith("\\\\")
    kind, longest = "", 0
    with contextlib.suppress(OSError):
        for line in MOUNTS.read_text("utf-8", "replace").splitlines():
            _, folder, system, *_ = line.split(" ")
            folder = folder.replace("\\040", " ")
            if whole.is_relative_to(folder) and len(folder) >= longest:
                kind, longest = system, len(folder)
    return kind.startswith(_SHARED)
