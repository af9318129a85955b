"""Senders from the registry, judged as in `senders.md`, section 1.1."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from labkit.examine_sender import (
    Levers,
    Promise,
    RealClock,
    Refused,
    chosen,
    examine_sender,
)
from labkit.faketime import environment_for
from labkit.findings import ProbeOutcome
from labkit.signing import SCHEMES, Layout, Scheme
from labkit.signing.scheme import hmac_hex
from labkit.signing.timed import Slack
from tests.senders.real.served import call

HERE = Path(__file__).parent / "senders" / "real"


def installed(folder: Path, *requirements: str) -> Path:
    """Install a sender in a venv of its own, and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", *requirements], check=True)
    return python


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
        pytest.skip("Celery needs a queue: apt-get install redis-server")
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


MARKS = {
    ProbeOutcome.FAILED: "✗",
    ProbeOutcome.PASSED: "✓",
    ProbeOutcome.NOT_APPLICABLE: "–",
    ProbeOutcome.UNKNOWN: "?",
}
"""The marks of the table in `senders.md`."""

MEASURED = 0.8
"""The share of a sender's rows that must not be unknown, on a busy machine as well."""


class DjangoWebhook(Slack):
    """The layout of django-webhook: Slack's without `v0`, under names of its own."""

    name = "django-webhook"
    signature_header = "Django-Webhook-Signature-v1"
    timestamp_header = "Django-Webhook-Request-Timestamp"
    label = ""
    layout = Layout("the time, a colon and the body", "{t}:")
    _shape = re.compile("[0-9a-f]{64}")
    _wanted = "64 lower-case hex digits"

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_hex(key, f"{t}:".encode() + body)


@dataclass(frozen=True)
class Sender:
    """A sender from the registry: how it is started, and the verdicts to be found.

    `table` has the marks of `senders.md`, section 1.1, by probe. With a `speed`, it is
    the one of the worker's clock. `skip` names what this sender has no room for.
    """

    name: str
    app: str
    requirements: tuple[str, ...]
    table: dict[str, str]
    promise: Promise
    skip: tuple[str, ...] = ()
    scheme: Scheme | None = None
    secret: str = ""
    patience: float = 30.0
    speed: float = 1.0
    queue: bool = False

    def started(self, folder: Path) -> AbstractContextManager[Levers]:
        """Install it in the folder and start it, with a queue if it needs one."""
        python = installed(folder, *self.requirements)
        if self.queue:
            return celery(folder, self.app, python, speed=self.speed)
        return running(folder, self.app, python)


SENDERS = (
    # As shipped it has no retries. A schedule of 5 s is what a user expects of it.
    Sender(
        name="django-signal-webhooks",
        app="signal_app.py",
        requirements=("django-signal-webhooks==0.3.1",),
        promise=Promise(delays=(5.0,), timeout=10.0),
        table={
            "identity.id": "✗",
            "sign.valid": "–",
            "retry.500": "✗",
            "retry.reset": "✗",
            "retry.timeout": "✗",
            "retry.429": "✗",
            "redirect.canary": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "fair.slow": "✓",
            "fair.caller": "✓",
            "data.body": "✓",
            "ssrf.deliver": "✗",
        },
    ),
    # Its guard lets all private addresses through or none, and the kit is at one, so it
    # is off here: every address that its client understands is called.
    # It takes statuses of 4xx as final and retries them still, because its queue can't
    # be told to stop. `backoff` is left out: each lease begins with the shortest delay
    # again, this one holds two attempts, and its one relay spreads them anyway.
    Sender(
        name="django-outbound-webhooks",
        app="outbound_app.py",
        requirements=("django-outbound-webhooks==0.4.0",),
        promise=Promise(timeout=1.0, overlap=5.0),
        skip=("end.deleted",),
        scheme=SCHEMES["standard"],
        secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        patience=45.0,
        table={
            "identity.id": "✓",
            "identity.retry": "✓",
            "identity.time": "✓",
            "sign.valid": "✓",
            "retry.500": "✓",
            "retry.reset": "✓",
            "retry.timeout": "✓",
            "retry.429": "✓",
            "retry.after": "✓",
            "retry.gone": "✗",
            "redirect.canary": "✗",
            "redirect.secrets": "✗",
            "ssrf.register": "✗",
            "ssrf.deliver": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "fair.slow": "✗",
            "data.body": "✓",
            "data.size": "✓",
            "rotate.both": "✓",
            "rotate.ends": "✓",
        },
    ),
    # The id that the kit finds is the endpoint's. With 80 threads one that hangs keeps
    # its thread forever (`retry.timeout`), but delays no other endpoint yet. At this
    # speed the delays of 60 s can't be told from ones with jitter.
    Sender(
        name="django-webhook",
        app="webhook_app.py",
        requirements=(
            *("django-webhook==0.0.15", "celery==5.7.0", "redis==7.4.1"),
            "packaging",
        ),
        promise=Promise(delays=(60.0,) * 5),
        skip=("end",),
        scheme=DjangoWebhook(),
        secret="a secret of the test",
        patience=45.0,
        speed=20,
        queue=True,
        table={
            "identity.id": "✗",
            "identity.retry": "✓",
            "identity.time": "✓",
            "sign.valid": "✓",
            "retry.500": "✓",
            "retry.reset": "✗",
            "retry.timeout": "✗",
            "retry.429": "✓",
            "retry.after": "✗",
            "retry.gone": "✗",
            "backoff.grows": "✗",
            "redirect.canary": "✗",
            "redirect.secrets": "✗",
            "ssrf.register": "✗",
            "ssrf.deliver": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "data.body": "✓",
            "crash.commit": "✗",
            "crash.flight": "✗",
        },
    ),
    # A 410 is not retried, but the endpoint stays: the next event is sent to it.
    Sender(
        name="django-webhook-subscriber",
        app="subscriber_app.py",
        requirements=(
            *("django-webhook-subscriber==2.3.0", "celery==5.6.3", "redis==7.4.1"),
            "packaging",
        ),
        promise=Promise(delays=(2.0,) * 3, timeout=3.0),
        skip=("end", "twice"),
        secret="a secret of the test",
        patience=45.0,
        queue=True,
        table={
            "identity.id": "✗",
            "identity.retry": "✓",
            "sign.valid": "–",
            "sign.secret-on-wire": "✗",
            "retry.500": "✓",
            "retry.reset": "✓",
            "retry.timeout": "✓",
            "retry.429": "✗",
            "retry.after": "✗",
            "retry.gone": "✗",
            "backoff.grows": "✗",
            "redirect.canary": "✗",
            "redirect.secrets": "✗",
            "ssrf.register": "✗",
            "ssrf.deliver": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "data.body": "✓",
            "crash.commit": "✗",
            "crash.flight": "✗",
        },
    ),
)


@pytest.mark.nightly
@pytest.mark.skipif(
    sys.platform != "linux", reason="it reads /proc, and libfaketime needs Linux"
)
@pytest.mark.parametrize("sender", SENDERS, ids=lambda sender: sender.name)
def test_a_real_sender_is_judged_as_it_was_measured(
    sender: Sender, tmp_path: Path
) -> None:
    with sender.started(tmp_path) as levers:
        report = examine_sender(
            levers,
            sender.promise,
            scheme=sender.scheme,
            secret=sender.secret,
            patience=sender.patience,
            clock=RealClock(sender.speed),
            probes=chosen((), sender.skip),
        )
    assert report.unjudged == ""
    for result in report.results:
        sys.stdout.write(f"{result.outcome:<15} {result.probe.id}  {result.facts}\n")
    found = {result.probe.id: MARKS[result.outcome] for result in report.results}
    # On a busy machine some rows can't be measured, and their verdict says so.
    judged = {
        probe: mark for probe, mark in sender.table.items() if found[probe] != "?"
    }
    assert {probe: found[probe] for probe in judged} == judged
    assert len(judged) >= MEASURED * len(sender.table)
