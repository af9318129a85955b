"""Whether this place is fit for the labs, and whether a notebook fits this kit."""

import importlib.metadata
import socket
import sys
import tempfile
from dataclasses import dataclass

from labkit.arguments import check_text
from labkit.checks.verdicts import Note
from labkit.running.exits import keep_kernel_alive
from labkit.transport import IN_BROWSER

WANTED = (3, 11)
"""The oldest Python that the kit runs on."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What was found, one line a finding."""

    findings: tuple[tuple[bool, str], ...]

    @property
    def fit(self) -> bool:
        """Whether everything that the labs need is there."""
        return all(good for good, _ in self.findings)

    def __repr__(self) -> str:
        lines = [f"{'ok ' if good else 'NO '} {text}" for good, text in self.findings]
        end = (
            "Everything is there."
            if self.fit
            else ("Fix the lines that begin with NO first.")
        )
        return "\n".join([*lines, end])


def environment() -> Environment:
    """Look whether Python, a local socket and a place to write are there."""
    return Environment((_python(), _kit(), _sockets(), _files()))


def ready(made_for: str) -> Note:
    """Say that the kit is there; if the notebook was made for another, say that.

    `made_for` is the kit's version that the notebook was written with. A notebook of
    another version runs as far as it can.
    """
    check_text("made_for", made_for)
    keep_kernel_alive()
    mine = _version()
    if made_for.split(".")[:2] == mine.split(".")[:2]:
        return Note(f"labkit {made_for} is ready")
    return Note(
        f"This notebook was written with labkit {made_for}, and labkit {mine} is "
        "installed. Your solutions are safe: keep this file, and copy them into the "
        f"notebook that came with labkit {mine}, or install labkit {made_for}."
    )


def _python() -> tuple[bool, str]:
    wanted = ".".join(map(str, WANTED))
    if sys.version_info >= WANTED:
        return True, f"Python is {wanted} or newer"
    return False, f"Python is {sys.version.split()[0]}; install {wanted} or newer"


def _kit() -> tuple[bool, str]:
    return True, f"labkit {_version()} is installed"


def _sockets() -> tuple[bool, str]:
    if IN_BROWSER:
        return True, "no sockets in a browser; receivers are served in process"
    try:
        with socket.create_server(("127.0.0.1", 0)):
            return True, "a receiver can listen on 127.0.0.1"
    except OSError as error:
        return False, (
            f"no receiver can listen on 127.0.0.1 ({error.strerror}); a firewall or a "
            "security program may be the reason"
        )


def _files() -> tuple[bool, str]:
    try:
        with tempfile.TemporaryFile():
            return True, "temporary files can be written"
    except OSError as error:
        return False, f"no temporary file can be written ({error.strerror})"


def _version() -> str:
    return importlib.metadata.version("webhook-lab")
