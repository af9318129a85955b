"""The learner's folder: write the labs into it, and open JupyterLab there.

    webhook-lab            write the labs into ./webhook-lab and open lab 00
    python -m labkit.workspace --in-place FOLDER    open the labs that are in FOLDER

The labs are data of the installed distribution. A file that the learner has changed is
never overwritten: a newer version of it is written next to it.
"""

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit.errors import BadSetting
from labkit.extension.trusting import installed_notebooks

FOLDER = "webhook-lab"
FIRST = "notebooks/00_start_here.ipynb"
_DISTRIBUTION = "webhook-lab"
_MANIFEST = Path(".labkit", "labs.json")
_SETTINGS = Path(__file__).parent / "extension" / "jupyter"


@dataclass(frozen=True, slots=True)
class Written:
    """What one call wrote: paths below the folder, by what happened to each.

    `new` were not there before, `updated` were there unchanged, and `beside` are newer
    versions of files that the learner has changed, each under a name of its own.
    """

    folder: Path
    new: tuple[Path, ...] = ()
    updated: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = field(default=())

    def __str__(self) -> str:
        files = "1 file" if len(self.new) == 1 else f"{len(self.new)} files"
        parts = [f"{files} written to {self.folder}"]
        if self.updated:
            parts.append(f"{len(self.updated)} updated")
        if self.beside:
            names = ", ".join(path.as_posix() for path in self.beside)
            parts.append(f"your files are kept; newer versions: {names}")
        return "; ".join(parts)


def packaged_labs(*, solutions: bool = True) -> dict[Path, Path]:
    """Return where each notebook is installed, by its path below a learner's folder.

    Raises BadSetting if this installation has no notebooks.
    """
    wanted = ("notebooks", "solutions") if solutions else ("notebooks",)
    found = {
        Path(path.parent.name, path.name): path
        for path in installed_notebooks()
        if path.parent.name in wanted
    }
    if Path(FIRST) not in found:
        raise BadSetting(
            "this installation of webhook-lab has no notebooks; install it again "
            "from a wheel, or use the notebooks/ folder of a clone"
        )
    return dict(sorted(found.items()))


def write_labs(
    folder: Path, labs: Mapping[Path, Path], *, version: str | None = None
) -> Written:
    """Write the labs into the folder, and keep every file that the learner changed.

    `labs` maps the path below the folder to the file to copy; `version` is used in the
    name of a newer file that is written next to a changed one (by default the
    installed version). Raises BadSetting if the folder cannot be written.
    """
    version = version or importlib.metadata.version(_DISTRIBUTION)
    try:
        return _write(folder, labs, version)
    except OSError as error:
        raise BadSetting(
            f"the labs can't be written to {folder} ({error.strerror}); "
            "name another folder: webhook-lab FOLDER"
        ) from error


def _write(folder: Path, labs: Mapping[Path, Path], version: str) -> Written:
    known = _read_manifest(folder / _MANIFEST)
    new, updated, beside = [], [], []
    for path, source in labs.items():
        content = source.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        before = known.get(path.as_posix())
        known[path.as_posix()] = digest
        target = folder / path
        if not target.exists():
            new.append(path)
        elif digest in (before, _digest(target)):
            continue
        elif before == _digest(target):
            updated.append(path)
        else:
            newer = path.with_stem(f"{path.stem}-{version}")
            target = folder / newer
            if target.exists():
                continue
            beside.append(newer)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    manifest = folder / _MANIFEST
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    return Written(folder, tuple(new), tuple(updated), tuple(beside))


def _read_manifest(path: Path) -> dict[str, str]:
    """Return the digest of each file as it was written; nothing if it is unreadable.

    Without the digests every file counts as changed, so nothing can be lost.
    """
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {str(name): str(digest) for name, digest in content.items()}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def jupyterlab(
    folder: Path, *, port: int = 8888, browser: bool = True, root: bool | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return the command that opens the labs in a folder, and its environment.

    JupyterLab opens lab 00 with the inspector beside it. It listens on 127.0.0.1 only.
    `root` says whether the user is root, which Jupyter refuses unless it is allowed;
    by default the system is asked.
    """
    if root is None:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
    first = urllib.parse.quote(FIRST)
    command = [
        *(sys.executable, "-m", "labkit.extension.server", str(folder)),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--LabApp.default_url=/labkit/beside/{first}",
    ]
    # In a container the only user is often root.
    command += ["--allow-root"] if root else []
    command += [] if browser else ["--no-browser"]
    paths = [str(_SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    settings = os.pathsep.join(filter(None, paths))
    return command, os.environ | {"JUPYTER_CONFIG_PATH": settings}


def open_labs(
    folder: Path,
    *,
    port: int = 8888,
    browser: bool = True,
    run: Callable[..., object] = subprocess.run,
) -> None:
    """Open JupyterLab in the folder, and wait until it ends."""
    command, environment = jupyterlab(folder, port=port, browser=browser)
    run(command, env=environment, check=False)
