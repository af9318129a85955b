"""The action and the compose example, run here with processes instead of containers."""

import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from labkit.examine import endpoint_from, examine, levers_from
from labkit.findings import ProbeOutcome, machine
from labkit.probes import chosen
from tests.ports import free_port
from tests.receivers.running import REPOSITORY

ACTION = REPOSITORY / ".github" / "actions" / "examine"
EXAMPLE = REPOSITORY / "binder" / "examine"

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the levers are commands of a POSIX shell"
)


@pytest.fixture
def settings() -> dict[str, str]:
    content: dict[str, str] = tomllib.loads((EXAMPLE / "examine.toml").read_text())
    return content


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def restart(tmp_path: Path, port: int, settings: dict[str, str]) -> Iterator[str]:
    """Run the example's receiver on a database of its own; return what restarts it."""
    pid, log = tmp_path / "pid", tmp_path / "log"
    script = tmp_path / "restart.sh"
    script.write_text(
        f"[ ! -e {pid} ] || kill -9 $(cat {pid}) 2>/dev/null\n"
        f"DATABASE_URL=sqlite:///{tmp_path}/db/orders.db PORT={port} "
        f"WEBHOOK_SECRET={settings['secret']} "
        f"{sys.executable} {EXAMPLE / 'receiver.py'} >>{log} 2>&1 &\n"
        f"echo $! >{pid}\n"
    )
    (tmp_path / "db").mkdir()
    subprocess.run(["/bin/sh", script], check=True)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    else:
        raise TimeoutError(log.read_text())
    try:
        yield f"sh {script}"
    finally:
        subprocess.run(["/bin/sh", "-c", f"kill -9 $(cat {pid})"], check=False)


def test_the_example_survives_a_restart_and_an_outage_of_its_database(
    tmp_path: Path, port: int, restart: str, settings: dict[str, str]
) -> None:
    # Without its folder the database can't be opened: an outage without containers.
    database = tmp_path / "db"
    report = examine(
        endpoint_from(
            f"http://127.0.0.1:{port}/webhooks",
            scheme=settings["scheme"],
            secret=settings["secret"],
        ),
        levers_from(
            effects_url=f"http://127.0.0.1:{port}/effects",
            restart=restart,
            break_=f"mv {database} {database}.away",
            mend=f"mv {database}.away {database}",
        ),
        probes=chosen(["crash", "outage", "duplicate.in-turn", "signature.forged"]),
    )
    assert [
        (r.probe.id, r.facts) for r in report.results if r.outcome != "passed"
    ] == []
    assert len(report.of(ProbeOutcome.PASSED)) == 8


def test_the_compose_file_fits_its_settings(settings: dict[str, str]) -> None:
    services = yaml.safe_load((EXAMPLE / "compose.yml").read_text())["services"]
    receiver = services["receiver"]
    assert receiver["environment"]["WEBHOOK_SECRET"] == settings["secret"]
    assert receiver["ports"] == ["127.0.0.1:5000:5000"]
    assert settings["effects-url"] == "http://127.0.0.1:5000/effects"
    for lever in ("restart", "break", "mend"):
        words = settings[lever].split()
        assert words[:2] == ["docker", "compose"]
        assert words[-1] in services
    assert "postgres" in services["database"]["image"]
    assert (EXAMPLE / receiver["build"] / "Dockerfile").is_file()


def test_the_action_examines_writes_reports_and_gives_the_exit_status(
    tmp_path: Path, port: int, restart: str, settings: dict[str, str]
) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    action = yaml.safe_load((ACTION / "action.yml").read_text())
    step = next(s for s in action["runs"]["steps"] if s["name"] == "Examine")
    wanted = {name for name in step["env"] if name.startswith("EXAMINE_")}
    environment = dict.fromkeys(wanted, "") | {
        "EXAMINE_URL": f"http://127.0.0.1:{port}/webhooks",
        "EXAMINE_SCHEME": settings["scheme"],
        "EXAMINE_FAIL_ON": action["inputs"]["fail-on"]["default"],
        "EXAMINE_FOLDER": "reports",
        "EXAMINE_OPTIONS": "--only=signature.forged\n--only=signature.missing\n",
        "LABKIT_SECRET": settings["secret"],
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "TMPDIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }

    def run(**more: str) -> int:
        return subprocess.run(
            [bash, ACTION / "examine.sh"],
            cwd=tmp_path,
            env=environment | more,
            capture_output=True,
        ).returncode

    assert run() == 0
    reports = tmp_path / "reports"
    assert len(machine.read(reports / "report.json").results) == 2
    kinds = {file.suffix for file in reports.iterdir()}
    assert kinds == {".html", ".json", ".xml", ".sarif"}
    summary = tmp_path / "summary.md"
    assert "2 passed" in summary.read_text()
    summary.unlink()
    assert run(LABKIT_SECRET="another") == 3
    # The verdict and the finding come first, and what could not be judged is left out.
    lines = summary.read_text().splitlines()
    assert "1 finding: 1 high" in lines[:4]
    assert any(line.startswith("HIGH contact.rejected") for line in lines)
    assert not any(line.startswith("UNKNOWN") for line in lines)
