"""Senders from the registry, judged as in `senders.md`, section 1.1."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
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
from labkit.findings import ExaminationReport, ProbeOutcome
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


def judged(
    levers: Levers,
    *skip: str,
    promise: Promise | None = None,
    scheme: Scheme | None = None,
    secret: str = "",
    patience: float = 20.0,
    speed: float = 1.0,
) -> dict[str, ProbeOutcome]:
    report: ExaminationReport = examine_sender(
        levers,
        promise or Promise(),
        scheme=scheme,
        secret=secret,
        patience=patience,
        clock=RealClock(speed),
        probes=chosen((), skip),
    )
    assert report.unjudged == ""
    for result in report.results:
        sys.stdout.write(f"{result.outcome:<15} {result.probe.id}  {result.facts}\n")
    return {result.probe.id: result.outcome for result in report.results}


def agrees(found: dict[str, ProbeOutcome], table: dict[str, str]) -> None:
    marks = {
        ProbeOutcome.FAILED: "✗",
        ProbeOutcome.PASSED: "✓",
        ProbeOutcome.NOT_APPLICABLE: "–",
        ProbeOutcome.UNKNOWN: "?",
    }
    assert {probe: marks[found[probe]] for probe in table} == table


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


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc for the memory")
def test_django_signal_webhooks_is_judged_as_it_was_measured(tmp_path: Path) -> None:
    # As shipped it has no retries. A schedule of 5 s is what a user expects of it.
    python = installed(tmp_path, "django-signal-webhooks==0.3.1")
    with running(tmp_path, "signal_app.py", python) as levers:
        found = judged(
            levers, promise=Promise(delays=(5.0,), timeout=10.0), patience=30.0
        )
    agrees(
        found,
        {
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
    )


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc for the memory")
def test_django_outbound_webhooks_is_judged_as_it_was_measured(tmp_path: Path) -> None:
    # It takes statuses of 4xx as final and retries them still, because its queue can't
    # be told to stop. `backoff` is left out: each lease begins with the shortest delay
    # again, this one holds two attempts, and its one relay spreads them anyway.
    python = installed(tmp_path, "django-outbound-webhooks==0.4.0")
    with running(tmp_path, "outbound_app.py", python) as levers:
        found = judged(
            levers,
            "end.deleted",
            promise=Promise(timeout=1.0, overlap=5.0),
            scheme=SCHEMES["standard"],
            secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            patience=30.0,
        )
    agrees(
        found,
        {
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
            "ssrf.deliver": "✓",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "fair.slow": "✗",
            "data.body": "✓",
            "data.size": "✓",
            "rotate.both": "✓",
            "rotate.ends": "✓",
        },
    )


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="libfaketime needs Linux")
def test_django_webhook_is_judged_as_it_was_measured(tmp_path: Path) -> None:
    # The id that the kit finds is the endpoint's. With 80 threads one that hangs keeps
    # its thread forever (`retry.timeout`), but delays no other endpoint yet. At this
    # speed the delays of 60 s can't be told from ones with jitter.
    python = installed(
        tmp_path, "django-webhook==0.0.15", "celery==5.7.0", "redis==7.4.1", "packaging"
    )
    with celery(tmp_path, "webhook_app.py", python, speed=60) as levers:
        found = judged(
            levers,
            "end",
            promise=Promise(delays=(60.0,) * 5),
            scheme=DjangoWebhook(),
            secret="a secret of the test",
            patience=15.0,
            speed=60,
        )
    agrees(
        found,
        {
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
    )


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc for the memory")
def test_django_webhook_subscriber_is_judged_as_it_was_measured(
    tmp_path: Path,
) -> None:
    # A 410 is not retried, but the endpoint stays: the next event is sent to it.
    python = installed(
        tmp_path,
        *("django-webhook-subscriber==2.3.0", "celery==5.6.3", "redis==7.4.1"),
        "packaging",
    )
    with celery(tmp_path, "subscriber_app.py", python) as levers:
        found = judged(
            levers,
            *("end", "twice"),
            promise=Promise(delays=(2.0,) * 3, timeout=3.0),
            secret="a secret of the test",
            patience=20.0,
        )
    agrees(
        found,
        {
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
    )
