"""Processes and kernels that are forked from one that has imported what they need.

These imports are most of what the start of a kernel takes. `labkit dev build` starts
each kernel by itself, and so does test_content.py for one notebook.
"""

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any
from unittest import mock

FORKS = "forkserver" in multiprocessing.get_all_start_methods()
"""Whether this system can fork, as all but Windows can."""

IMPORTED = [
    *(__name__, "ipykernel.kernelapp", "ipykernel.debugger"),
    *("ipywidgets", "labkit.exercises", "labkit.widgets.single"),
]
"""What the process imports that is forked."""

LAUNCHER = "jupyter_client.provisioning.local_provisioner.launch_kernel"
"""The function that starts a kernel's process: like `subprocess.Popen`."""


class ForkedKernel:
    """The process of a kernel, with what jupyter_client uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Wait until the kernel has ended, and return its exit status."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel. Raises ProcessLookupError if it has ended."""
        assert self.pid is not None
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel. Raises ProcessLookupError if it has ended."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end. Raises ProcessLookupError if it has ended."""
        self.send_signal(signal.SIGTERM)


def forks() -> ForkServerContext:
    """Return what makes processes that are forked from one with these imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


@contextmanager
def forked_kernels() -> Iterator[None]:
    """Let jupyter_client fork the kernels that it starts in this context, if it can."""
    if not FORKS:
        yield
        return
    context = forks()

    def launch(
        command: Sequence[str], *, env: Mapping[str, str], cwd: str, **_: Any
    ) -> ForkedKernel:
        options = command[command.index("ipykernel_launcher") + 1 :]
        heard, told = context.Pipe(duplex=False)
        process = context.Process(
            target=_run, args=(list(options), dict(env), cwd, told)
        )
        with heard:
            process.start()
            told.close()
            # Before this, a signal to its group would reach this process, too.
            heard.recv()
        return ForkedKernel(process)

    with mock.patch(LAUNCHER, launch):
        yield


def _run(
    options: list[str], environment: Mapping[str, str], folder: str, told: Connection
) -> None:
    """Be a kernel that was started with these options."""
    os.setsid()
    # Full collections skip what was imported: it would be copied, which takes 0.1 s.
    gc.freeze()
    told.send(None)
    told.close()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    from ipykernel.kernelapp import launch_new_instance

    # A kernel ends when its parent has ended, which is the process that was forked.
    launch_new_instance(argv=[*options, f"--IPKernelApp.parent_handle={os.getppid()}"])
