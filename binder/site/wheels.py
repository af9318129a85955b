"""Gather the wheels that labkit needs under Pyodide; write the lock that names them.

Pyodide's npm package holds no wheels, and its own lock names files of another server.
So the wheels are downloaded with pip, at the versions of binder/constraints.txt, and a
lock of our own names exactly these, and the wheel of labkit itself. Python compiles
slowly there, so bytecode is put into them, and into the standard library beside them.

    python binder/site/wheels.py FOLDER

gathers what labkit needs in the site. It wants Node, and node_modules/pyodide beside
this file. What was downloaded once stays, until this file or a pin changes, and
labkit's wheel until labkit does.

    python binder/site/wheels.py --beside FOLDER OTHER REQUIREMENT ...

does the same, copies all of it into the other folder and downloads there what those
requirements need, which is not compiled. With --lock FOLDER it only writes the lock of
what lies in a folder.
"""

import email.parser
import email.policy
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
NPM_PACKAGE = HERE / "node_modules" / "pyodide"
PINS = [REPOSITORY / "binder" / "constraints.txt", HERE / "requirements.txt"]
LOCK = "pyodide-lock.json"
LIBRARY = "python_stdlib.zip"
BESIDE_LABKIT = ["LICENSE", "README.md", "pyproject.toml"]
COMPILER = [HERE / "compile.mjs", HERE / "compile.py"]

# The Python inside Pyodide 314 and the tag of its compiled wheels.
TARGET = [
    *("--implementation", "cp", "--python-version", "3.14"),
    *("--abi", "cp314", "--abi", "abi3", "--abi", "none"),
    *("--platform", "pyemscripten_2026_0_wasm32", "--platform", "any"),
]

BROWSER = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "emscripten",
}

# Beside labkit; the kernel loads micropip by its name.
WANTED = ["ipython", "ipywidgets", "micropip==0.11.1"]

# A browser opens no tunnel and runs no server. JupyterLite brings JupyterLab and the
# widgets' other half; its kernel replaces the classic notebook's extension.
LEFT_OUT = {
    "jupyter-server-proxy",
    "jupyterlab",
    "jupyterlab-widgets",
    "pyngrok",
    "widgetsnbextension",
}


def gather(folder: Path) -> None:
    """Bring a folder up to date: wheels of labkit and of all that the site needs."""
    folder.mkdir(parents=True, exist_ok=True)
    sources, own = folder / "labkit-made-from.txt", _state_of_labkit()
    if not sources.exists() or sources.read_text() != own:
        sources.unlink(missing_ok=True)
        for old in folder.glob("webhook_lab-*.whl"):
            old.unlink()
        build_labkit(folder)
    wheel = next(folder.glob("webhook_lab-*.whl"))
    needed = [*_needs(wheel), *map(Requirement, WANTED)]
    made_from, state = folder / "made-from.txt", _state(needed)
    if not made_from.exists() or made_from.read_text() != state:
        made_from.unlink(missing_ok=True)
        for old in {*folder.glob("*.whl"), folder / LIBRARY} - {wheel}:
            old.unlink(missing_ok=True)
        _download(folder, needed)
    if not (sources.exists() and made_from.exists()):
        write_lock(folder)
        _compile(folder)
        sources.write_text(own)
        made_from.write_text(state)
    write_lock(folder)


def extend(base: Path, folder: Path, wanted: Iterable[str]) -> None:
    """Bring two folders up to date: one for the site, and a copy of it with more."""
    gather(base)
    needed = list(map(Requirement, wanted))
    made_from, state = folder / "made-from.txt", _state(needed)
    for name in ("labkit-made-from.txt", "made-from.txt"):
        state += (base / name).read_text()
    if made_from.exists() and made_from.read_text() == state:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in [*base.glob("*.whl"), base / LIBRARY]:
        shutil.copy(file, folder)
    _download(folder, needed)
    write_lock(folder)
    made_from.write_text(state)


def build_labkit(folder: Path) -> Path:
    """Make labkit's wheel from a copy, for setuptools leaves its traces behind."""
    with tempfile.TemporaryDirectory() as copy:
        for name in BESIDE_LABKIT:
            shutil.copy(REPOSITORY / name, copy)
        junk = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / "labkit", Path(copy, "labkit"), ignore=junk)
        _pip("wheel", "--no-deps", "--wheel-dir", str(folder), copy)
    return next(folder.glob("webhook_lab-*.whl"))


def write_lock(folder: Path) -> None:
    """Write the lock that names every wheel of a folder."""
    npm_lock = json.loads((NPM_PACKAGE / LOCK).read_text())
    names = set(_names(folder))
    packages = {}
    for wheel in sorted(folder.glob("*.whl")):
        entry = _entry(wheel)
        entry["depends"] = [name for name in entry["depends"] if name in names]
        packages[entry["name"]] = entry
    lock = {"info": npm_lock["info"], "packages": packages}
    (folder / LOCK).write_text(json.dumps(lock, indent=1))


def _state(needed: Iterable[Requirement]) -> str:
    sources = [Path(__file__), *COMPILER, HERE / "package.json", *PINS]
    return "\n".join([_digests(sources), *sorted(map(str, needed)), ""])


def _state_of_labkit() -> str:
    files = sorted((REPOSITORY / "labkit").rglob("*"))
    sources = [REPOSITORY / name for name in BESIDE_LABKIT]
    sources += [f for f in files if f.is_file() and f.parent.name != "__pycache__"]
    return _digests([*sources, Path(__file__), *COMPILER])


def _digests(files: Iterable[Path]) -> str:
    return "\n".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}"
        for file in files
    )


def _compile(folder: Path) -> None:
    """Add bytecode, by the very Python that is to read it."""
    node = shutil.which("node")
    if node is None:
        sys.exit("The wheels are compiled with Node, which is not on the PATH.")
    subprocess.run(  # noqa: S603 - a program of our own
        [node, COMPILER[0], folder], check=True, stdout=subprocess.DEVNULL
    )


def _download(folder: Path, needed: Iterable[Requirement]) -> None:
    """Download wheel after wheel, with what each needs in a browser.

    pip would ask this machine, not the browser, what they need here.
    """
    known = LEFT_OUT | set(_names(folder))
    if "markupsafe" not in known:
        # It has no wheel for Pyodide; without a C compiler its build falls back to pure
        # Python.
        _pip(
            *("wheel", "--no-cache-dir", "--no-deps", "--no-binary", "markupsafe"),
            *("--wheel-dir", str(folder), "markupsafe"),
        )
        known |= {"markupsafe"}
    while missing := [r for r in needed if canonicalize_name(r.name) not in known]:
        _pip(
            *("download", "--no-deps", "--only-binary", ":all:", *TARGET),
            *("--dest", str(folder), *sorted(map(str, missing))),
        )
        known |= {canonicalize_name(requirement.name) for requirement in missing}
        needed = [n for wheel in folder.glob("*.whl") for n in _needs(wheel)]


def _pip(command: str, *arguments: str) -> None:
    pins = [word for file in PINS for word in ("--constraint", str(file))]
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check"]
    subprocess.run(  # noqa: S603 - pip, with words of our own
        [sys.executable, "-m", "pip", command, *quiet, *pins, *arguments],
        # A date of its own would make every wheel another file.
        env=os.environ | {"CC": "false", "SOURCE_DATE_EPOCH": "1577836800"},
        check=True,
    )


def _entry(wheel: Path) -> dict[str, Any]:
    """Return one wheel's entry in the lock."""
    metadata = _metadata(wheel)
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    return {
        "name": canonicalize_name(str(metadata["Name"])),
        "version": str(metadata["Version"]),
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(
            {
                file.split("/")[0]
                for file in files
                if file.endswith("/__init__.py") and file.count("/") == 1
            }
        ),
        "depends": [canonicalize_name(need.name) for need in _needs(wheel)],
        "unvendored_tests": False,
    }


def _names(folder: Path) -> Iterator[str]:
    """Yield the names of the packages whose wheels lie in a folder."""
    for wheel in folder.glob("*.whl"):
        yield canonicalize_name(str(_metadata(wheel)["Name"]))


def _needs(wheel: Path) -> Iterator[Requirement]:
    """Yield what a wheel requires in a browser, without extras."""
    for line in _metadata(wheel).get_all("Requires-Dist", []):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(BROWSER):
            # A marker would ask this machine, not the browser.
            requirement.marker = None
            yield requirement


def _metadata(wheel: Path) -> EmailMessage:
    parser = email.parser.BytesParser(policy=email.policy.default)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        name = next(name for name in names if name.endswith(".dist-info/METADATA"))
        return parser.parsebytes(archive.read(name))


if __name__ == "__main__":
    if sys.argv[1] == "--lock":
        write_lock(Path(sys.argv[2]))
    elif sys.argv[1] == "--beside":
        extend(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    else:
        gather(Path(sys.argv[1]))
