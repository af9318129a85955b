import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkit import faketime
from labkit.cli import main
from labkit.errors import BadSetting
from labkit.faketime import ways


def installed() -> bool:
    try:
        faketime.library()
    except BadSetting:
        return False
    return True


needs_library = pytest.mark.skipif(
    not installed(), reason="libfaketime is not installed (apt-get install faketime)"
)


def test_a_missing_library_is_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LABKIT_FAKETIME", raising=False)
    monkeypatch.setattr(faketime, "_PLACES", ())
    said = "apt-get install faketime" if sys.platform == "linux" else "needs Linux"
    with pytest.raises(BadSetting, match=said):
        faketime.library()
    ended = CliRunner().invoke(main, ["faketime", "--", "true"])
    assert ended.exit_code == 2
    assert said in ended.output


@needs_library
def test_waits_of_threads_do_not_hang_in_python() -> None:
    environment = faketime.environment_for(1000)
    code = """
import queue, threading, time
start = time.monotonic()
assert not threading.Event().wait(100)
try:
    queue.Queue().get(timeout=100)
except queue.Empty:
    pass
event = threading.Event()
threading.Timer(100, event.set).start()
assert event.wait(100_000)
assert time.monotonic() - start >= 299
"""
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@needs_library
def test_processes_with_one_start_agree() -> None:
    start = time.time()
    command = [sys.executable, "-c", "import time; print(time.time())"]
    fake = []
    for _ in range(2):
        environment = faketime.environment_for(100, start=start)
        printed = subprocess.check_output(command, env=environment, text=True)
        fake.append(float(printed))
    # The second process does not begin at the start again.
    assert fake[1] > fake[0] >= start - 1


@needs_library
def test_the_proof_names_the_ways_that_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("time.sleep", "Event.wait", "Lock.acquire")
    programs = {way: ways.PYTHON[way] for way in names}
    monkeypatch.setattr(ways, "PYTHON", programs)
    monkeypatch.setattr(ways, "NODE", {})
    monkeypatch.setattr(faketime, "ALLOWED", 5.0)
    programs["Lock.acquire"] = programs["Lock.acquire"].replace("=10)", "=1e6)")
    proofs = faketime.prove(faketime.environment_for(1000), 1000)
    assert faketime.clock_runs(proofs)
    assert faketime.missing_ways(proofs) == ["Lock.acquire"]


@needs_library
def test_the_command_proves_the_clock_and_starts_the_program(tmp_path: Path) -> None:
    code = "import time; a = time.time(); time.sleep(100); print(time.time() - a > 99)"
    command = [sys.executable, "-c", "from labkit.cli import main; main()", "faketime"]
    command += ["--speed", "1000", "--", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "True\n"
    assert "+ time.sleep" in done.stderr


@needs_library
def test_an_untested_clock_runs_as_fast(tmp_path: Path) -> None:
    code = "import time; a = time.time(); time.sleep(100); print(time.time() - a > 99)"
    command = [sys.executable, "-c", "from labkit.cli import main; main()", "faketime"]
    command += ["--untested", "--speed", "1000", "--", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("True\n", "")
