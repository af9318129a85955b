"""Start a sender from the registry, with a queue if it needs one, and give its levers.

All of them are in one venv beside this file. `make test-all` sets it up, because tests
use no network; so does `python -m tests.senders.real.running`.
"""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from labkit.examine_sender import Levers, Refused
from labkit.faketime import environment_for
from tests import outside
from tests.senders.real.served import call

HERE = Path(__file__).parent


def senders_python() -> Path:
    """Return the Python that has the senders, or skip the test if there is none."""
    return outside.python_with_packages(HERE, install=False)


@contextmanager
def running(folder: Path, app: str, python: Path, *words: str) -> Iterator[Levers]:
    """Start a sender's app, and give its levers."""
    path = str(folder / "socket")
    with (folder / "app.log").open("w") as log:
        process = subprocess.Popen(
            [python, HERE / app, path, folder / "app.db", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(Path(path), process, folder / "app.log")

        def lever(name: str) -> Callable[..., object]:
            def act(*words: str) -> object:
                try:
                    return call(path, name, *words)
                except RuntimeError as error:
                    raise Refused(str(error)) from None

            return act

        offered = {name: lever(name) for name in call(path, "names")}
        # The types of `offered` are those of several levers.
        yield Levers(rss=lambda: peak_memory(process.pid), **offered)  # type: ignore[arg-type]
    finally:
        process.kill()
        process.wait()


def wait_for(made: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the process has made the file."""
    until = time.monotonic() + 60
    while not made.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until
        time.sleep(0.1)


def wait_for_consumer(redis: Path, worker: "Program", patience: float = 60.0) -> None:
    """Wait until a worker has bound its queue, which it does when it is ready."""
    until = time.monotonic() + patience
    while time.monotonic() < until and worker.process.poll() is None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(redis))
            connection.sendall(b"EXISTS _kombu.binding.celery\r\n")
            if connection.recv(16).startswith(b":1"):
                return
        time.sleep(0.1)
    raise TimeoutError("the worker did not start; see worker.log")


class Program:
    """A program that is started, and may be killed and started again."""

    def __init__(
        self,
        log: Path,
        *command: str | Path,
        speed: float = 1.0,
        cwd: Path | None = None,
    ) -> None:
        self._log, self._command, self._cwd = log, command, cwd
        self._speed, self._began = speed, time.time()
        self.start()

    def start(self) -> None:
        fast = environment_for(self._speed, start=self._began)
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=None if self._speed == 1 else fast,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def celery(
    folder: Path, app: str, python: Path, *, speed: float = 1.0
) -> Iterator[Levers]:
    """Start a sender's app with a queue and a worker whose clock runs that fast."""
    server = shutil.which("redis-server")
    if server is None:
        outside.missing("Celery needs a queue: apt-get install redis-server")
    place = folder / "redis"
    options = ("--port", "0", "--unixsocket", place, "--save", "")
    redis = Program(folder / "redis.log", server, *options, cwd=folder)
    wait_for(place, redis.process, folder / "redis.log")
    broker = f"redis+socket://{place}"

    def mend() -> None:
        redis.start()
        wait_for(place, redis.process, folder / "redis.log")

    def end_redis() -> None:
        redis.kill()
        place.unlink(missing_ok=True)

    try:
        with running(folder, app, python, broker) as levers:
            words = ("worker", folder / "app.db", broker)
            log = folder / "worker.log"
            worker = Program(log, python, HERE / app, *words, speed=speed)
            try:
                wait_for_consumer(place, worker)
                yield replace(
                    levers,
                    restart=worker.restart,
                    break_=end_redis,
                    mend=mend,
                    rss=lambda: peak_memory(worker.process.pid),
                )
            finally:
                worker.kill()
    finally:
        end_redis()


def peak_memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1])
    return 0.0


if __name__ == "__main__":
    try:
        outside.python_with_packages(HERE)
    except BaseException as error:  # noqa: BLE001 - pytest's own for a skipped test
        sys.exit(f"The tests of real senders will not run: {error}")
