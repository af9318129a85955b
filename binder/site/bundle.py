"""Put the files of all wheels into one archive that a browser unpacks quickly.

Pyodide unpacks wheels in Python, one after the other, which takes about a second. The
archive is decompressed by the browser itself, and `assets/start.mjs` only has to copy.

It is compressed with gzip. Inside are the length of an index in four bytes, the lowest
first; the index as JSON, which has a path below site-packages and a size for each file;
and all contents, in that order.
"""

import gzip
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

NAME = "site-packages.bin"
"""With the suffix `.gz` some servers would have it decompressed on its way."""


def bundle(wheels: Iterable[Path]) -> bytes:
    """Return the archive of those wheels, the same bytes every time.

    What a wheel would put elsewhere than into site-packages is left out. Raises
    ValueError if two wheels have a file of the same name.
    """
    found: dict[str, bytes] = {}
    for wheel in sorted(wheels):
        for path, content in _files(wheel):
            if path in found:
                raise ValueError(f"{path} is in several wheels, also in {wheel.name}")
            found[path] = content
    index = json.dumps([[path, len(content)] for path, content in found.items()])
    start = len(index.encode()).to_bytes(4, "little") + index.encode()
    return gzip.compress(b"".join([start, *found.values()]), mtime=0)


def _files(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            folder, _, rest = entry.filename.partition(".data/")
            if entry.is_dir() or (rest and "/" not in folder):
                continue
            yield entry.filename, archive.read(entry)
