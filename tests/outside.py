"""What stands outside of Python and may be missing: Node, npm and Chromium.

Only Python and make are needed to use the kit. A test that needs more asks here, and
is skipped with the reason where something is missing. Where the environment says
CI=true it fails instead, so that a check can't disappear unseen.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import requests

from tests.ports import free_port

TESTS = Path(__file__).parent
SITE = TESTS.parent / "binder" / "site"
WHEELS = TESTS.parent / ".lite" / "wheels"
"""The wheels of the site, where build.py gathers them."""
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"]


def missing(reason: str) -> NoReturn:
    """Skip the test that calls this; under CI=true, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def node_with_packages(folder: Path) -> str:
    """Return the path of Node, with folder/package.json installed beside it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        missing("needs Node and npm, which are not on the PATH")
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    # Two test processes may want the same packages at the same moment. Without the lock
    # one of them would read what npm is writing for the other.
    with alone(folder):
        if _installed(folder, wanted) != wanted:
            _install(npm, folder, wanted)
    return node


def gather_wheels(*arguments: str | Path) -> None:
    """Run binder/site/wheels.py, in one test process at a time."""
    node_with_packages(SITE)
    command = [sys.executable, SITE / "wheels.py", *arguments]
    with alone(SITE / "wheels.py"):
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        missing(f"pip could not get the wheels: {done.stderr[-1000:]}")


def _install(npm: str, folder: Path, wanted: dict[str, str]) -> None:
    # A lock file would hold the addresses of one registry.
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(
        [npm, "install", *options], cwd=folder, capture_output=True, text=True
    )
    if done.returncode:
        missing(f"npm could not install {wanted}: {done.stderr.strip()[-500:]}")


def python_with_packages(folder: Path, *, install: bool = True) -> Path:
    """Return a Python in folder/.venv that has what folder/requirements.txt names.

    Without `install`, the packages must be there already.
    """
    venv, wanted = folder / ".venv", (folder / "requirements.txt").read_text()
    python, stamp = venv / "bin" / "python", venv / "requirements.txt"
    with alone(venv):
        if not stamp.exists() or stamp.read_text() != wanted:
            if not install:
                missing(f"needs the packages of {folder.name}; make test-all has them")
            _uv("venv", "--clear", "--python", sys.executable, str(venv))
            requirements = ("--requirement", str(folder / "requirements.txt"))
            _uv("pip", "install", "--python", str(python), *requirements)
            stamp.write_text(wanted)
    return python


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uv", *arguments], capture_output=True, text=True
    )
    if done.returncode:
        missing(f"uv could not install packages: {done.stderr[-500:]}")


@contextlib.contextmanager
def alone(folder: Path, patience: float = 1200) -> Iterator[None]:
    """Keep other test processes out of a folder, which is to be filled."""
    # The operating system ends the transaction of a process that dies.
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir(), f"labkit-tests-{name}.lock")
    lock = sqlite3.connect(path, timeout=patience, isolation_level=None)
    with contextlib.closing(lock):
        lock.execute("BEGIN EXCLUSIVE")
        yield


def chromium() -> str:
    """Return the path of Chromium, or of a browser that is one underneath."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next(filter(None, found), None) or missing(
        f"needs a browser: none of {', '.join(CHROMIUM_NAMES)} is on the PATH"
    )


def headless() -> str:
    """Return the path of Chromium for pages that nobody looks at.

    Debian's chromium-headless-shell is Chromium without its own windows, which take a
    quarter of the processor time of the tests of pages.
    """
    return shutil.which("chromium-headless-shell") or chromium()


@contextlib.contextmanager
def jupyterlab(root: Path, settings: Path) -> Iterator[str]:
    """Serve JupyterLab over the folder `root`; yield its address, token included.

    The kernel is that of the Python which runs the tests. All of Jupyter's own files
    go to the folder `settings`, so that the user's are neither read nor changed.
    """
    _write_settings(settings / "lab")
    token = secrets.token_hex(16)
    port = free_port()
    folders = {
        f"JUPYTER_{name}_DIR": str(settings / name.lower())
        for name in ["CONFIG", "DATA", "RUNTIME"]
    }
    folders |= {
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "lab"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
        "IPYTHONDIR": str(settings / "ipython"),
    }
    log = settings / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "labkit.extension.server"),
                *("--no-browser", "--allow-root"),
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={root}",
                f"--IdentityProvider.token={token}",
                "--LabApp.expose_app_in_browser=True",
            ],
            env=os.environ | folders,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for_answer(f"{address}/api?token={token}", server, log)
        yield f"{address}/lab?token={token}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _installed(folder: Path, wanted: dict[str, str]) -> dict[str, str]:
    manifests = {
        name: folder / "node_modules" / name / "package.json" for name in wanted
    }
    return {
        name: json.loads(manifest.read_text())["version"]
        for name, manifest in manifests.items()
        if manifest.exists()
    }


def _write_settings(folder: Path) -> None:
    choices: dict[str, dict[str, object]] = {
        # Cells out of sight must be on the page too.
        "notebook-extension/tracker": {"windowingMode": "none"},
        # Looks for news and updates go to the network.
        "apputils-extension/notification": {
            "checkForUpdates": False,
            "fetchNews": "false",
        },
    }
    for name, values in choices.items():
        file = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))


def _wait_for_answer(
    url: str, server: subprocess.Popen[bytes], log: Path, patience: float = 180
) -> None:
    """Wait at most `patience` seconds until `url` answers 200."""
    end = time.monotonic() + patience
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=60).raise_for_status()
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not answer; its log ends: {log.read_text()[-2000:]}")
