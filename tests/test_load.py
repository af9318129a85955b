"""A provider for Locust, run as its users run it: on its own, and over two workers."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from labkit.errors import VerificationError
from labkit.receiver import Receiver
from labkit.signing import SCHEMES
from tests import outside

ROOT = Path(__file__).parent.parent
SECRET = "whsec_YSBsb2FkIGZyb20gbWFueSBtYWNoaW5lcw=="

pytestmark = pytest.mark.full

NOBODY = "http://127.0.0.1:9"


@dataclass
class Shop:
    """A right receiver: it verifies, and does each event's work once."""

    status: int = 200
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    shipped: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def app(self) -> Flask:
        app = Flask("shop")

        @app.post("/webhooks")
        def webhook() -> tuple[str, int, dict[str, str]]:
            body = request.get_data()
            try:
                SCHEMES["standard"].verify(
                    body, dict(request.headers), secrets=[SECRET], now=time.time()
                )
            except VerificationError as error:
                self.refused.append(str(error))
                return "", 401, {}
            event = json.loads(body)
            with self.lock:
                self.arrived.append((event["id"], body))
                if event["id"] not in self.shipped:
                    self.shipped.append(event["id"])
            return "", self.status, {"Location": "/webhooks"}

        return app


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def url(shop: Shop) -> Iterator[str]:
    with Receiver(shop.app()) as receiver:
        yield f"{receiver.url}/webhooks"


PROVIDER = ROOT / "labkit" / "load.py"


def start(*args: str, file: Path = PROVIDER) -> subprocess.Popen[str]:
    if importlib.util.find_spec("locust") is None:
        outside.missing("needs Locust: pip install 'webhook-lab[load]'")
    command = [sys.executable, "-m", "locust", "-f", str(file)]
    return subprocess.Popen(
        [*command, "--headless", *args],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LABKIT_SECRET": SECRET},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit status, its log, and its counts by name."""

    status: int
    log: str
    counts: dict[str, Any]


def end(process: subprocess.Popen[str]) -> Ended:
    try:
        output, log = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    counts = {each["name"]: each for each in json.loads(output or "[]")}
    return Ended(process.returncode, log, counts)


def run(*args: str, file: Path = PROVIDER) -> Ended:
    return end(start("--json", *args, file=file))


def test_one_master_and_two_workers_deliver_signed_events_with_duplicates(
    shop: Shop, url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    workers = [
        start("--worker", "--master-host", "127.0.0.1", "--master-port", port)
        for _ in range(2)
    ]
    try:
        done = run(
            *("--master", "--expect-workers", "2", "--expect-workers-max-wait", "60"),
            *("--master-bind-host", "127.0.0.1", "--master-bind-port", port),
            *("--host", url, "--scheme", "standard", "--seed", "7"),
            *("--users", "6", "--spawn-rate", "6", "--run-time", "6s"),
            *("--every", "0.02", "--duplicates", "0.3"),
        )
        assert done.status == 0, done.log
        assert [end(worker).status for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert shop.refused == []

    by_worker = Counter(id_.split("-")[1] for id_ in shop.shipped)
    assert set(by_worker) == {"0", "1"}
    assert min(by_worker.values()) > 20

    bodies: dict[str, set[bytes]] = {}
    for id_, body in shop.arrived:
        bodies.setdefault(id_, set()).add(body)
    assert all(len(same) == 1 for same in bodies.values())

    delivered = done.counts["delivery"]["num_requests"]
    duplicated = done.counts["duplicate"]["num_requests"]
    # What is on its way when a worker stops is not counted any more. Locust's master
    # waits only half a second for the last reports, so that of a busy worker can be
    # missing, too.
    assert 0 < delivered + duplicated <= len(shop.arrived)
    assert 0.15 < duplicated / (delivered + duplicated) < 0.45
    assert len(shop.shipped) == len(set(shop.shipped)) == len(bodies)
    assert len(shop.arrived) > len(shop.shipped)


def test_a_run_ends_after_so_many_deliveries(shop: Shop, url: str) -> None:
    done = run(
        "--host",
        url,
        "--scheme",
        "standard",
        "--most",
        "40",
        "--users",
        "4",
        "--every",
        "0",
    )
    assert done.status == 0
    assert len(shop.arrived) == 40
    assert sum(each["num_requests"] for each in done.counts.values()) == 40


def test_the_same_seed_sends_the_same_events(shop: Shop, url: str) -> None:
    args = ("--host", url, "--scheme", "standard", "--most", "30", "--every", "0")
    run(*args, "--seed", "5")
    first = [id_ for id_, _ in shop.arrived]
    shop.arrived.clear()
    run(*args, "--seed", "5")
    assert [id_ for id_, _ in shop.arrived] == first
    assert all(id_.startswith("evt_5-0-") for id_ in first)
    assert len(set(first)) < len(first)


def test_what_is_no_2xx_is_a_failure_with_the_fact(shop: Shop, url: str) -> None:
    shop.status = 307
    done = run("--host", url, "--scheme", "standard", "--most", "5", "--every", "0")
    assert done.status == 1
    assert done.counts["delivery"]["num_failures"] > 0
    assert "307 is not a 2xx: a sender would try again" in done.log
    assert len(shop.arrived) == 5  # no redirect was followed


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--host", "http://shop.example"], "say --i-own-this-endpoint"),
        (["--host", "ftp://127.0.0.1"], "is no address"),
        (["--host", NOBODY, "--scheme", "stirpe"], "Did you mean"),
        (["--host", NOBODY, "--sender", "strype"], "Did you mean"),
        (["--host", NOBODY, "--scheme", "zoom", "--secret", ""], "none is given"),
        (["--host", NOBODY, "--scheme", "standard", "--secret", "x"], "secret"),
        (["--host", NOBODY, "--duplicates", "1"], "is no share"),
        (["--host", NOBODY, "--every", "-1"], "0 seconds or more"),
        (["--host", NOBODY, "--most", "0"], "1 delivery or more"),
    ],
)
def test_settings_that_cannot_be_used_end_it_at_once(
    args: list[str], said: str
) -> None:
    process = start(*args)
    _, log = process.communicate(timeout=60)
    assert process.returncode != 0
    assert said in log
    assert "Traceback" not in log


def test_a_host_of_your_own_is_taken_when_you_say_so() -> None:
    # Nothing is sent: no user is started.
    process = start(
        *("--host", "http://shop.invalid", "--i-own-this-endpoint"),
        *("--run-time", "1s", "--users", "0"),
    )
    _, log = process.communicate(timeout=60)
    assert "is not on this machine" not in log


def test_the_secret_is_not_in_the_log(shop: Shop, url: str) -> None:
    process = start(
        *("--host", url, "--scheme", "standard", "--most", "3", "--loglevel", "DEBUG")
    )
    output, log = process.communicate(timeout=60)
    assert len(shop.arrived) == 3
    assert SECRET not in output + log


def test_the_options_of_the_readme_are_there() -> None:
    if importlib.util.find_spec("locust") is None:
        outside.missing("needs Locust: pip install 'webhook-lab[load]'")
    code = (
        "import labkit.load, locust.argument_parser as known;"
        "print(*known.get_parser()._option_string_actions)"
    )
    known = subprocess.run(
        [
            *(sys.executable, "-c"),
            code,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    lines = re.findall(
        r"^ *locust .*$",
        (ROOT / ".github" / "TOOLS.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(lines) == 2
    for line in lines:
        assert set(re.findall(r"--[a-z-]+", line)) <= set(known)


def test_all_users_start_within_seconds_unless_a_rate_is_said(url: str) -> None:
    done = run(
        *("--host", url, "--scheme", "standard", "--users", "40", "--every", "60"),
        *("--run-time", "8s", "--most", "1000"),
    )
    # Each user delivers once when it starts; Locust's own rate would start 8 of them.
    assert sum(each["num_requests"] for each in done.counts.values()) == 40


def test_a_late_acknowledgement_has_a_row_of_its_own(
    shop: Shop, tmp_path: Path
) -> None:
    impatient = tmp_path / "impatient.py"
    impatient.write_text(
        "from dataclasses import replace\n"
        "import labkit.load\n"
        "known = labkit.load.PROFILES\n"
        "fast = replace(known['standard'], timeout=1.0)\n"
        "labkit.load.PROFILES = {'standard': fast}\n"
        "from labkit.load import *\n"
    )
    app = shop.app()

    @app.before_request
    def be_slow() -> None:
        if len(shop.arrived) % 2:
            time.sleep(1.4)

    with Receiver(app) as receiver:
        done = run(
            *("--host", f"{receiver.url}/webhooks", "--scheme", "standard"),
            *("--most", "6", "--every", "0", "--duplicates", "0"),
            file=impatient,
        )
    late = done.counts["acknowledged late"]
    assert late["num_failures"] == late["num_requests"] > 0
    assert "a 2xx after more than 1 s" in done.log
    assert done.counts["delivery"]["num_failures"] == 0


def test_refused_connections_count_in_no_median(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = run(
        *("--host", f"http://127.0.0.1:{port}/webhooks", "--scheme", "standard"),
        *("--most", "5", "--every", "0"),
    )
    refused = done.counts["not connected"]
    assert refused["num_requests"] == refused["num_failures"] == 5
    assert refused["response_times"] == {}
    assert set(done.counts) == {"not connected"}
