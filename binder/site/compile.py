"""Put compiled modules into wheels and the standard library; compile.mjs runs this.

It runs inside Pyodide, since bytecode fits only the Python that made it. Sources stay
where they are: tracebacks quote them. Only what a start imports is compiled, and what
labs use of labkit: more would have to be fetched by a browser, and never be used.
"""

import contextlib
import importlib
import importlib.util
import io
import pkgutil
import py_compile
import sys
import zipfile
from pathlib import Path

START = [
    *("IPython.core.application", "IPython.core.history", "IPython.core.shellapp"),
    *("comm.base_comm", "ipywidgets", "micropip", "packaging.requirements"),
    *("pyodide.http", "pyodide_js", "sqlite3", "unittest.mock", "urllib.request"),
]
# Commands, and tools for a terminal.
NOT_IN_LABS = (
    *("labkit.build", "labkit.classroom", "labkit.cli", "labkit.demo"),
    *("labkit.examine_sender", "labkit.faketime", "labkit.load", "labkit.witness"),
)
# What jedi knows of 198 packages that are not here: 4,800 files, slow to unpack.
USELESS = ("jedi/third_party/typeshed/stubs/", "jedi/third_party/django-stubs/")
LIBRARY = "/lib/python314.zip/"
SITE = "/lib/python3.14/site-packages/"


def start() -> set[str]:
    """Import what a kernel imports; return where it all lies."""
    for name in START:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    labkit = importlib.import_module("labkit")
    for module in pkgutil.walk_packages(labkit.__path__, "labkit."):
        if module.name.startswith(NOT_IN_LABS):
            continue
        with contextlib.suppress(ImportError):
            importlib.import_module(module.name)
    specs = [getattr(module, "__spec__", None) for module in sys.modules.values()]
    return {spec.origin for spec in specs if spec and spec.origin}


def add_bytecode(archive: Path, root: str, wanted: set[str]) -> None:
    """Write the archive anew, with bytecode beside those modules that are wanted.

    One that holds bytecode stays as it is.
    """
    with zipfile.ZipFile(archive) as old:
        if any(name.endswith(".pyc") for name in old.namelist()):
            return
    made = io.BytesIO()
    with (
        zipfile.ZipFile(archive) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for entry in old.infolist():
            if entry.filename.startswith(USELESS):
                continue
            content = old.read(entry)
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)
            if entry.filename.endswith(".py") and root + entry.filename in wanted:
                name = entry.filename + "c"
                if root == SITE:
                    name = importlib.util.cache_from_source(entry.filename)
                beside = zipfile.ZipInfo(name, entry.date_time)
                beside.external_attr = entry.external_attr
                compiled = bytecode(content, root + entry.filename)
                new.writestr(beside, compiled, zipfile.ZIP_DEFLATED)
    archive.write_bytes(made.getvalue())


def bytecode(source: bytes, path: str) -> bytes:
    """Return a .pyc that no one compares with its source: archives lose the dates."""
    module, compiled = Path("/tmp/module.py"), Path("/tmp/module.pyc")  # noqa: S108 - inside Pyodide, alone
    module.write_bytes(source)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(
        *(str(module), str(compiled), path),
        doraise=True,
        invalidation_mode=mode,
        quiet=2,
    )
    return compiled.read_bytes()


def main(folder: str) -> None:
    """Compile into every wheel of a folder and its python_stdlib.zip."""
    wanted = start()
    for wheel in sorted(Path(folder).glob("*.whl")):
        add_bytecode(wheel, SITE, wanted)
    add_bytecode(Path(folder, "python_stdlib.zip"), LIBRARY, wanted)
