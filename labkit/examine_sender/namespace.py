"""A network of its own, in which private addresses lead to the kit and nowhere else."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from labkit.errors import BadSetting
from labkit.witness.names import NameServer

INSIDE = "LABKIT_IN_NAMESPACE"
METADATA = "169.254.169.254"


def inside() -> bool:
    """Tell whether this process was started by `enter`."""
    return os.environ.get(INSIDE) == "1"


def reason_against() -> str:
    """Return why namespaces can't be used here, or nothing."""
    for program in ("unshare", "ip", "mount"):
        if shutil.which(program) is None:
            return f"the program {program} is missing"
    trial = subprocess.run(
        ["unshare", "-rnm", "true"],  # noqa: S607 - the system's own program
        capture_output=True,
        text=True,
        check=False,
    )
    if trial.returncode:
        return f"unshare -rnm fails: {trial.stderr.strip()}"
    return ""


def enter() -> None:
    """Run this program with its arguments again, in a network namespace of its own.

    It replaces this process. Raises BadSetting where namespaces are not allowed.
    """
    if against := reason_against():
        raise BadSetting(
            f"a network namespace can't be used here: {against}; use a container with "
            "--network none instead"
        )
    command = ["unshare", "-rnm", sys.executable, *sys.orig_argv[1:]]
    os.execvpe("unshare", command, {**os.environ, INSIDE: "1"})  # noqa: S606, S607


def prepare() -> NameServer:
    """Bring loopback up, add the metadata address, and answer names from here.

    Returns the name server that every program in the namespace asks.
    """
    for command in (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "add", f"{METADATA}/32", "dev", "lo"],
    ):
        subprocess.run(command, check=True)  # noqa: S603 - the system's own program
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as file:
        file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    target = Path("/etc/resolv.conf").resolve()
    subprocess.run(  # noqa: S603 - the system's own program
        ["mount", "--bind", file.name, str(target)],  # noqa: S607
        check=True,
    )
    return NameServer()
