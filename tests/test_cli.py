"""What the commands print and how they exit; what they do is tested elsewhere."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask, request

from labkit.build import bench as measuring
from labkit.build.bench import Measurement
from labkit.cli import main
from labkit.errors import BadSetting, UnknownName, VerificationError
from labkit.faults import Delay, LoseResponse, RotatedSecret, ServerError
from labkit.history import History
from labkit.receiver import Receiver
from labkit.sender import options as sending
from labkit.signing import SCHEMES
from labkit.transport import IN_BROWSER
from tests.apps import shop

pytestmark = pytest.mark.skipif(IN_BROWSER, reason="a browser has no terminal")

STRIPE = "whsec_a1b2c3"


def run(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, args, env=env)


@pytest.fixture
def shipped() -> list[str]:
    return []


@pytest.fixture
def url(shipped: list[str]) -> Iterator[str]:
    with Receiver(shop(shipped)) as receiver:
        yield f"{receiver.url}/webhooks"


@pytest.mark.parametrize("group", [(), ("dev",)])
def test_no_summary_of_a_command_is_cut_off(group: tuple[str, ...]) -> None:
    _, commands = run(*group, "--help").output.split("Commands:")
    assert "..." not in commands


def test_a_reader_that_has_seen_enough_is_no_failure_of_the_kit() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = "from labkit.cli import main; main(['examine', '--list'])"
    with os.fdopen(writer, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-u", "-c", code],
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == ""


def test_only_the_examination_of_a_receiver_can_be_resumed() -> None:
    assert "--resume" in run("examine", "--help").output
    assert "--resume" not in run("examine-sender", "--help").output


def test_the_demo_tells_its_story() -> None:
    result = run("demo")
    assert result.exit_code == 0
    assert "lost          0 orders" in result.output
    assert "doubled" in result.output
    assert run("demo").output.split("\n")[2:] == result.output.split("\n")[2:]


def test_send_delivers_and_prints_timeline_and_account(
    url: str, shipped: list[str]
) -> None:
    result = run("send", url, "--count", "3", "--data", '{"order_id": "A-1"}')
    assert result.exit_code == 0
    assert len(set(shipped)) == 3
    assert "3 events, 3 attempts, 3 arrivals: 3 acknowledged" in result.output
    assert "got 200" in result.output


def test_send_signs_as_the_scheme_does() -> None:
    statuses: list[int] = []
    app = Flask("stripe")

    @app.post("/hook")
    def hook() -> tuple[str, int]:
        try:
            SCHEMES["stripe"].verify(
                request.get_data(),
                dict(request.headers),
                secrets=[STRIPE],
                now=time.time(),
            )
        except VerificationError:
            statuses.append(401)
        else:
            statuses.append(200)
        return "", statuses[-1]

    with Receiver(app) as receiver:
        args = ("send", f"{receiver.url}/hook", "--scheme", "stripe")
        assert run(*args, "--secret", STRIPE).exit_code == 0
        assert run(*args, env={"LABKIT_SECRET": STRIPE}).exit_code == 0
        assert statuses == [200, 200]
        wrong = run(*args, "--secret", "whsec_other", "--profile", "github")
    assert wrong.exit_code == 1
    assert statuses == [200, 200, 401]


def test_send_puts_faults_on_the_wire(url: str, shipped: list[str]) -> None:
    result = run(
        "send", url, "--fault", "LoseResponse:until=1", "--fault", "Duplicate:copies=2"
    )
    assert result.exit_code == 0
    assert len(shipped) == 6
    assert "doubled" in result.output


def test_send_says_by_its_exit_status_when_an_event_was_not_acknowledged(
    url: str,
) -> None:
    result = run("send", url, "--fault", "ServerError", "--profile", "slack")
    assert result.exit_code == 1
    assert "0 acknowledged, 1 dead" in result.output


def test_send_saves_the_history(url: str, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    assert run("send", url, "--count", "2", "--save", str(path)).exit_code == 0
    assert len(History.from_jsonl(path.read_text("utf-8")).attempts) == 2


def test_send_in_real_time_waits(url: str) -> None:
    began = time.perf_counter()
    result = run("send", url, "--count", "2", "--every", "10", "--speed", "50")
    assert result.exit_code == 0
    assert time.perf_counter() - began >= 0.2


def test_another_seed_gives_other_ids(url: str, shipped: list[str]) -> None:
    for seed in ("1", "1", "2"):
        run("send", url, "--count", "2", "--every", "0", "--seed", seed)
    assert len(set(shipped)) == 4


@pytest.mark.parametrize(
    "target",
    [
        "http://example.com/webhooks",
        "http://192.168.1.7:5000",
        "https://127.0.0.1.example.com/",
        "http://localhost.example.com",
        "http://127.0.0.1@example.com/",
        "http://[2001:db8::1]/",
        "http://0x7f000001/",
    ],
)
def test_a_target_that_is_not_on_this_machine_is_refused(target: str) -> None:
    result = run("send", target)
    assert result.exit_code == 1
    assert "--i-own-this-endpoint" in result.output
    sending.check_target(target, owned=True)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:5000",
        "http://127.8.8.8/",
        "http://[::1]:80/",
        "http://LOCALHOST",
    ],
)
def test_a_target_on_this_machine_is_taken(target: str) -> None:
    sending.check_target(target, owned=False)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--fault", "LoseReponse"), "'LoseResponse'"),
        (("--fault", "Delay:second=3"), "'seconds'"),
        (("--fault", "Delay:seconds"), "write seconds="),
        (("--fault", "Delay:seconds=soon"), "give a number"),
        (("--fault", "Delay:seconds=-1"), "not negative"),
        (("--fault", "ChangeFormat:change=x"), "no setting of ChangeFormat 'change'"),
        (("--scheme", "strpe", "--secret", "x"), "'stripe'"),
        (("--scheme", "stripe"), "give --secret"),
        (("--scheme", "discord", "--secret", "hello"), "64 hex digits"),
        (("--profile", "githb"), "'github'"),
        (("--data", "{"), "is no JSON"),
        (("--data", "[1]"), "no JSON object"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(
    args: tuple[str, ...], says: str, url: str, shipped: list[str]
) -> None:
    result = run("send", url, *args)
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output
    assert shipped == []


def test_nobody_listening_is_said() -> None:
    result = run("send", "http://127.0.0.1:9/webhooks")
    assert result.exit_code == 1
    assert "nobody listens at http://127.0.0.1:9" in result.output
    assert "starts with http" in run("send", "127.0.0.1:5000").output


def test_a_fault_is_read_from_text() -> None:
    assert sending.fault_from("Delay") == Delay()
    assert sending.fault_from(" Delay : seconds = 3 , probability = 0.5 ") == Delay(
        seconds=3, probability=0.5
    )
    assert sending.fault_from("ServerError:status=503,until=inf") == ServerError(
        status=503
    )
    read = sending.fault_from("LoseResponse:only=payment.succeeded")
    assert read == LoseResponse(only="payment.succeeded")
    assert sending.fault_from("RotatedSecret:secret=123") == RotatedSecret(secret="123")
    with pytest.raises(UnknownName):
        sending.fault_from("")
    with pytest.raises(BadSetting):
        sending.fault_from("ServerError:status=5.5")


def test_bench_prints_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Measurement(
        "simulation", 0.7, "of the floor", 0.6, at_least=True, detail="d"
    )
    bad = Measurement("growth", 40, "times", 33, at_least=False, detail="d")
    scales: list[float] = []

    def measured(rows: list[Measurement]) -> None:
        def measure(*, scale: float, tell: object) -> list[Measurement]:
            scales.append(scale)
            return rows

        monkeypatch.setattr(measuring, "measure", measure)

    measured([good])
    result = run("dev", "bench")
    assert result.exit_code == 0
    assert re.search(r"simulation +0\.7 of the floor +≥ 0\.6 +reached", result.output)
    measured([good, bad])
    result = run("dev", "bench", "--json", "--quick")
    assert result.exit_code == 1
    assert [row["reached"] for row in json.loads(result.output)["rows"]] == [
        True,
        False,
    ]
    assert scales == [1.0, 0.1]


def test_dev_check_counts_its_complaints(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    monkeypatch.setattr("labkit.build.content.complaints", lambda *_, **__: iter(found))
    assert run("dev", "check").output == "every exercise is correct\n"
    found.append("9.9 has no hints")
    result = run("dev", "check")
    assert result.exit_code == 1
    assert "9.9 has no hints" in result.output


def test_dev_build_says_what_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "labkit.build.notebooks.build", lambda *_, **__: [Path("a.ipynb")]
    )
    monkeypatch.setattr("labkit.build.notebooks.check_built", lambda *_, **__: None)
    assert run("dev", "build").output == "wrote a.ipynb\n"
    assert "is what its source gives" in run("dev", "build", "--check").output


def test_help_says_what_the_commands_are_for() -> None:
    assert {"demo", "dev", "send"} <= set(run("--help").output.split())
    shown = run("send", "--help").output
    assert "Waits are skipped" in shown
    assert "--i-own-this-endpoint" in shown
