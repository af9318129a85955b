"""The labs where there is no POSIX, in folders with any name, on any console."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.cli.console import stand_missing_signs
from labkit.learner import progress
from labkit.timeline import signs
from tests.repeated import first_of

REPOSITORY = Path(__file__).parent.parent
BARE = REPOSITORY / "tests" / "portable" / "bare.py"
LABS = ["00", "08", "01", "02", "03", "04", "05", "06"]
"""Those that the issue of portability names, and one that keeps its data in SQLite."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="takes POSIX away, so it must be there"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Ünïcode Ordner 雷"
    made.mkdir()
    return made


def run_bare(folder: Path, *notebooks: Path) -> subprocess.CompletedProcess[str]:
    """Run notebooks without POSIX; a file opened without an encoding is an error."""
    return subprocess.run(
        [
            *(sys.executable, "-X", "warn_default_encoding"),
            *("-W", "error::EncodingWarning", str(BARE), *map(str, notebooks)),
        ],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1", "TMPDIR": str(folder)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def notebook(folder: Path, source: str) -> Path:
    path = folder / "a lab ü.ipynb"
    cells = [{"cell_type": "code", "metadata": {}, "source": source}]
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    return path


@pytest.mark.parametrize("lab", first_of(LABS, 2))
def test_a_lab_runs_without_posix_in_a_folder_of_any_name(
    lab: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []
    for kind in ("notebooks", "solutions"):
        (source,) = (REPOSITORY / kind).glob(f"{lab}_*.ipynb")
        paths.append(folder / kind / source.name)
        paths[-1].parent.mkdir()
        shutil.copy(source, paths[-1])
    done = run_bare(folder, *paths)
    assert done.returncode == 0, done.stderr[-3000:]
    verdicts = re.findall(r"^\S (\d+\.\d+) (.+?)(?: ·|$)", done.stdout, re.MULTILINE)
    last = dict(verdicts)
    assert last
    assert set(last.values()) == {"passed"}, done.stdout
    assert "kit failed" not in done.stdout
    kept = folder / ".labkit" / "progress.sqlite"
    assert kept.is_file()
    monkeypatch.setenv("LABKIT_PROGRESS", str(kept))
    assert set(progress.read()) == set(last)


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.fork()",
        "import fcntl",
        "import resource",
        "import signal; signal.setitimer(0, 1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "from pathlib import Path; Path('/dev/null').read_bytes()",
        "from pathlib import Path; Path('/dev/shm').stat()",
        "from pathlib import Path; Path('x.txt').write_text('no encoding')",
        "import os; f = open('x.db', 'wb'); os.remove('x.db')",
        "import os; f = open('x.db', 'wb'); open('y', 'wb'); os.replace('y', 'x.db')",
        "import multiprocessing; multiprocessing.get_context('fork')",
    ],
)
def test_what_only_posix_can_would_be_noticed(source: str, folder: Path) -> None:
    assert run_bare(folder, notebook(folder, source)).returncode != 0


def labkit(*args: str, encoding: str = "cp1252") -> subprocess.CompletedProcess[bytes]:
    """Run a command whose output goes to a file in an old encoding, as on Windows."""
    code = "from labkit.cli import main; main(prog_name='labkit')"
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=120,
    )


@pytest.mark.parametrize("encoding", first_of(["ascii", "cp1252", "cp437"]))
@pytest.mark.parametrize(
    "args",
    [
        ("demo",),
        ("examine", "--list"),
        ("examine", "--explain", "time.stale"),
        ("dev", "links", "ada/lab"),
        ("dev", "check", "0.1"),
        ("send", "--help"),
    ],
    ids=" ".join,
)
def test_a_command_stands_an_old_console(args: tuple[str, ...], encoding: str) -> None:
    done = labkit(*args, encoding=encoding)
    assert done.returncode == 0, done.stderr.decode(encoding)


def test_every_sign_of_the_timeline_has_an_own_one_of_ascii() -> None:
    stand_missing_signs()
    wanted = {one.sign for one in vars(signs).values() if isinstance(one, signs.Kind)}
    plain = {sign.encode("ascii", "labkit-plain").decode() for sign in wanted}
    assert len(plain) == len(wanted) > 8
    assert all(sign.isascii() and len(sign) == 1 and sign != "?" for sign in plain)


def test_another_letter_becomes_a_question_mark() -> None:
    stand_missing_signs()
    assert "雷 ✓ ü".encode("ascii", "labkit-plain") == b"? + ?"
