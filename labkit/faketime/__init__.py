"""Start a program whose clock runs faster, with libfaketime, and prove it first.

    environment_for(60)     the variables that make a clock run 60 times as fast
    prove(environment, 60)  the ways in which a program can wait there, or hangs

libfaketime works through `LD_PRELOAD`, so it reaches programs on Linux that call libc:
Python, Node, Java, Ruby. It does not reach Go programs, macOS or Windows.

    ways.py     the ways to wait, each as a small program
    site/       a `sitecustomize` for Python, whose timed waits would hang otherwise
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import BadSetting
from labkit.faketime import ways

SITE = Path(__file__).with_name("site")
_PLACES = ("/usr/lib", "/usr/local/lib", "/lib", "/opt")
_NAME = "libfaketimeMT.so.1"
ALLOWED = 2.0
"""Real seconds that a proof may take more than the wait itself."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One way to wait; `seconds` is how long it really took, None if it hung."""

    way: str
    seconds: float | None
    works: bool


def library() -> Path:
    """Return libfaketime's file; raise BadSetting with the remedy if there is none."""
    if sys.platform != "linux":
        raise BadSetting("labkit faketime needs Linux; elsewhere give a short schedule")
    given = os.environ.get("LABKIT_FAKETIME")
    if given and Path(given).exists():
        return Path(given)
    for place in _PLACES:
        for pattern in (f"*/faketime/{_NAME}", f"faketime/{_NAME}"):
            if found := sorted(Path(place).glob(pattern)):
                return found[0]
    raise BadSetting(
        "libfaketime is not installed; on Debian: apt-get install faketime, or set "
        f"LABKIT_FAKETIME to {_NAME}"
    )


def environment_for(
    speed: float, *, start: float | None = None, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return an environment in which clocks run `speed` times as fast.

    `start` is the moment in real time, in seconds since the epoch, at which fake and
    real time are equal. Ask for a new environment for each process: those with the
    same `start` agree then, also after a restart. Without it each begins at its own.
    """
    if not speed > 0:
        raise BadSetting(f"the speed is {speed:g}; it must be above 0")
    environment = dict(os.environ if base is None else base)
    environment["LD_PRELOAD"] = str(library())
    environment["LABKIT_SPEED"] = f"{speed:g}"
    if start is None:
        environment["FAKETIME"] = f"+0 x{speed:g}"
    else:
        # A moment in the past that the clock has left at this speed since `start`.
        began = start + (time.time() - start) * speed
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began))
        environment["FAKETIME"] = f"@{text} x{speed:g}"
    paths = [str(SITE), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return environment


def prove(environment: Mapping[str, str], speed: float) -> tuple[Proof, ...]:
    """Wait 10 s of the fake clock in every way, side by side, and say which worked.

    A way that hangs is found within about two real seconds.
    """
    programs: list[tuple[str, list[str]]] = [
        (way, [sys.executable, "-c", code]) for way, code in ways.PYTHON.items()
    ]
    node = _which("node")
    if node:
        programs += [(way, [node, "-e", code]) for way, code in ways.NODE.items()]
    started = [
        (
            way,
            time.monotonic(),
            subprocess.Popen(  # noqa: S603 - programs of the kit's own
                command,
                env=dict(environment),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
            ),
        )
        for way, command in programs
    ]
    # All start at once, so a busy machine needs longer for all of them.
    limit = ways.WAIT / speed + ALLOWED + 0.15 * len(started)
    return tuple(_proof(way, since, process, limit) for way, since, process in started)


def missing_ways(proofs: Sequence[Proof]) -> list[str]:
    """Return the ways that don't work."""
    return [proof.way for proof in proofs if not proof.works]


def clock_runs(proofs: Sequence[Proof]) -> bool:
    """Tell whether at least a plain sleep works, without which nothing does."""
    return any(proof.works and proof.way == "time.sleep" for proof in proofs)


def _proof(
    way: str, since: float, process: "subprocess.Popen[bytes]", limit: float
) -> Proof:
    left = since + limit - time.monotonic()
    try:
        status = process.wait(max(0.05, left))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return Proof(way, None, works=False)
    took = time.monotonic() - since
    return Proof(way, took, works=status == 0)


def _which(name: str) -> str:
    import shutil

    return shutil.which(name) or ""
