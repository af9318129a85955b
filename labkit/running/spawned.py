"""Run something in a new Python process, where this one can't be copied.

What is run must be possible to pickle; a function of a notebook is sent as `Portable`.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from labkit.running.child import Told, said_by, told

PATIENCE = 15.0
"""How long the process may take, in seconds: it imports Flask and the kit first."""

_PROGRAM = "from labkit.running.spawned import serve; serve()"


def in_new_python(work: Callable[[], Any], *, seconds: float = PATIENCE) -> Told:
    """Call `work` in a new process; what it returns must be possible in JSON.

    Never raises, whatever `work` does: see `labkit.running.child.in_child`.
    """
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    surroundings.pop("PYTHONHASHSEED", None)
    try:
        run = subprocess.run(  # noqa: S603 - this Python itself
            [sys.executable, "-c", _PROGRAM],
            input=pickle.dumps(work),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=surroundings,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return told(None, None, seconds)
    except (pickle.PicklingError, AttributeError, TypeError, OSError) as error:
        return Told(problem=f"no process could be started ({error})")
    return told(run.stdout, run.returncode, seconds)


def serve() -> None:
    """Do the work that comes by standard input, and write what it returns."""
    work = sys.stdin.buffer.read()
    answer = os.dup(sys.stdout.fileno())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)

    def done() -> Any:
        return pickle.loads(work)()  # noqa: S301 - the kit's own process wrote it

    with os.fdopen(answer, "wb") as pipe:
        pipe.write(said_by(done))
    os._exit(0)
