"""Run something in a child process, and get back what it returns.

The child is a copy of this process (a fork), so it can use every function and object
of a notebook. What it changes in memory ends with it. It prints nothing, and it is
killed if it does not come to an end.
"""

import faulthandler
import gc
import io
import json
import os
import select
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, NoReturn

from labkit.transport import IN_BROWSER

FORKS = hasattr(os, "fork") and not IN_BROWSER
"""Whether this system can copy a process."""

PATIENCE = 3.0
"""How long a child may take, in seconds."""

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Told:
    """What a child returned, or `problem`: why it returned nothing, as a clause."""

    value: Any = None
    problem: str = ""


def in_child(work: Callable[[], Any], *, seconds: float = PATIENCE) -> Told:
    """Call `work` in a child process; what it returns must be possible in JSON.

    Never raises, whatever `work` does: an exception, an exit and an endless loop are
    told in `problem`.
    """
    if not FORKS:
        return Told(problem="this system can't copy a process")
    reading, writing = os.pipe()
    try:
        with warnings.catch_warnings():
            # Python warns of forks beside threads. This child starts none, and it is
            # killed if another thread's lock keeps it waiting.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return Told(problem=f"no process could be started ({error})")
    if child == 0:
        os.close(reading)
        _be_child(work, writing)
    os.close(writing)
    try:
        said = _read(reading, monotonic() + seconds)
    finally:
        os.close(reading)
        status = _end(child)
    return told(said, status, seconds)


def _be_child(work: Callable[[], Any], writing: int) -> NoReturn:
    """Do the work, send what it returns, and end without any clean-up."""

    def quietly() -> Any:
        # Objects of the parent must not be finalised here: their files are its own.
        gc.disable()
        os.setsid()
        _silence()
        return work()

    try:
        text = said_by(quietly)
        while text:
            text = text[os.write(writing, text) :]
    finally:
        os._exit(0)


def said_by(work: Callable[[], Any]) -> bytes:
    """Do the work, and return what the parent reads about it: a line of JSON."""
    try:
        said = {"value": work()}
    except BaseException as error:  # noqa: BLE001 - whatever it raises is told
        frames = traceback.extract_tb(error.__traceback__)
        line = f" in line {frames[-1].lineno}" if frames else ""
        said = {"problem": f"it ended with {type(error).__name__}{line}: {error}"}
    return json.dumps(said).encode() + b"\n"


def _silence() -> None:
    """Let nothing that the child prints reach the parent's screen or notebook."""
    faulthandler.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    sys.stdout = sys.stderr = io.StringIO()


def _read(reading: int, deadline: float) -> bytes | None:
    """Read a line, or all there is; None if neither comes in time.

    What the child has started may keep the pipe open, so its end may never come.
    """
    said = b""
    while (left := deadline - monotonic()) > 0:
        if not select.select([reading], [], [], left)[0]:
            break
        part = os.read(reading, _CHUNK)
        said += part
        if not part or said.endswith(b"\n"):
            return said
    return None


def _end(child: int) -> int | None:
    """Kill the child and what it has started, and return its status if it is known."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except ChildProcessError:  # somebody else waits for all children
        return None


def told(said: bytes | None, status: int | None, seconds: float) -> Told:
    """Read what a child said; None if it said nothing in so many seconds."""
    if said is None:
        return Told(problem=f"it was still running after {seconds:.0f} s")
    try:
        return Told(**json.loads(said))
    except ValueError:
        return Told(problem=f"it ended without a result (exit status {status})")
