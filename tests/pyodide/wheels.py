"""Gather the wheels that labkit needs under Pyodide; write the lock that names them.

Pyodide's npm package holds no wheels, and its own lock names files of another server.
So the wheels are downloaded with pip, at the versions of binder/constraints.txt, and a
lock of our own names exactly these. Run from anywhere:

    python tests/pyodide/wheels.py

Needs node_modules/pyodide beside this file. Everything goes to build/ beside this
file; when nothing has changed since the last time, nothing is done.
"""

import email.parser
import email.policy
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
BUILD = HERE / "build"
CONSTRAINTS = HERE.parents[1] / "binder" / "constraints.txt"
NPM_PACKAGE = HERE / "node_modules" / "pyodide"

WANTED = [
    "click",
    "flask",
    "hypothesis",
    "pytest",
    "requests",
    "simpy",
    "tqdm",
    "waitress",
]

# The Python inside Pyodide 314 and the tag of its compiled wheels.
TARGET = [
    *("--implementation", "cp", "--python-version", "3.14"),
    *("--abi", "cp314", "--abi", "abi3", "--abi", "none"),
    *("--platform", "pyemscripten_2026_0_wasm32", "--platform", "any"),
]


def main() -> None:
    """Bring build/ up to date with this file, package.json and the pins."""
    state = _state()
    made_from = BUILD / "made-from.txt"
    if made_from.exists() and made_from.read_text() == state:
        return
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir()
    _download(BUILD)
    npm_lock = json.loads((NPM_PACKAGE / "pyodide-lock.json").read_text())
    wheels = sorted(BUILD.glob("*.whl"))
    lock = {
        "info": npm_lock["info"],
        "packages": dict(_entry(wheel) for wheel in wheels),
    }
    (BUILD / "pyodide-lock.json").write_text(json.dumps(lock, indent=1))
    made_from.write_text(state)


def _state() -> str:
    sources = [Path(__file__), HERE / "package.json", CONSTRAINTS]
    return "".join(
        f"{hashlib.sha256(source.read_bytes()).hexdigest()}  {source.name}\n"
        for source in sources
    )


def _download(folder: Path) -> None:
    # MarkupSafe has no wheel for Pyodide; without a C compiler its build falls back
    # to pure Python.
    _pip("wheel", "--no-cache-dir", "--no-binary", "markupsafe", "markupsafe")
    _pip("download", "--only-binary", ":all:", *TARGET, *WANTED, folder=folder)


def _pip(command: str, *arguments: str, folder: Path = BUILD) -> None:
    where = "--wheel-dir" if command == "wheel" else "--dest"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", command, "--quiet", "--quiet"),
            *("--constraint", str(CONSTRAINTS), "--find-links", str(folder)),
            *(where, str(folder), *arguments),
        ],
        env=os.environ | {"CC": "false"},
        check=True,
    )


def _entry(wheel: Path) -> tuple[str, dict[str, Any]]:
    """Return one wheel's name and its entry in the lock."""
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
        metadata = email.parser.BytesParser(policy=email.policy.default).parsebytes(
            archive.read(next(f for f in files if f.endswith(".dist-info/METADATA")))
        )
    name = canonicalize_name(metadata["Name"])
    return name, {
        "name": name,
        "version": metadata["Version"],
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
        "depends": _dependencies(metadata.get_all("Requires-Dist", [])),
        "unvendored_tests": False,
    }


def _dependencies(requirements: list[str]) -> list[str]:
    """Return the names of the requirements that hold in a browser, without extras."""
    browser = {
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
    parsed = map(Requirement, requirements)
    return [
        canonicalize_name(requirement.name)
        for requirement in parsed
        if requirement.marker is None or requirement.marker.evaluate(browser)
    ]


if __name__ == "__main__":
    main()
