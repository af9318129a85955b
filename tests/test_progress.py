"""What is noted of a learner's checks, kept through damage, and brought back."""

import contextlib
import functools
import json
import linecache
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.verdicts import NOT_YET, PASSED, Failure, Verdict
from labkit.errors import BadSetting, ProgressUnreadable, UnknownName
from labkit.exercises import check, hint, resume
from labkit.exercises import progress as show_progress
from labkit.learner import exports, progress
from labkit.running.source import source_of
from labkit.transport import IN_BROWSER

pytestmark = pytest.mark.pure

GREET = """import string


def helper(name):
    return f"Hello, {name}"


def greet(event):
    return helper(event["data"]["name"])


check("0.1", greet)
"""
WRONG = 'def greet(event):\n    return "Hello, Ada"\n\ncheck("0.1", greet)\n'
NAME = "progress.json" if IN_BROWSER else "progress.sqlite"
STUB = 'def greet(event):\n    raise NotImplementedError\n\ncheck("0.1", greet)\n'


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    monkeypatch.setattr(progress, "_memory", {})
    monkeypatch.setattr(progress, "trouble", None)
    return tmp_path / ".labkit" / NAME


def run_cell(source: str, name: str = "<cell>") -> dict[str, Any]:
    """Run a cell as a kernel does: its lines can be looked up by its name."""
    lines = source.splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    space: dict[str, Any] = {"check": check}
    exec(compile(source, name, "exec"), space)  # noqa: S102 - cells of this file
    return space


def verdict(exercise: str, outcome: str, mistake: str | None = None) -> Verdict:
    failure = Failure("a", "b", "c", "d", "e", mistake) if mistake else None
    return Verdict(exercise, outcome, failure=failure)


def note(at: float, exercise: str, outcome: str, mistake: str | None = None) -> None:
    progress.record(verdict(exercise, outcome, mistake), clock=lambda: at)


def forget_this_session() -> None:
    """Do what a new kernel does: start without any memory."""
    progress._memory.clear()


def test_each_try_is_noted_with_its_time_and_mistake(file: Path) -> None:
    note(1000.5, "4.2", NOT_YET, "compares-with-equals")
    note(1060, "4.2", PASSED)
    forget_this_session()
    assert [path.name for path in file.parent.iterdir()] == [NAME]
    stored = progress.read()
    assert stored["4.2"]["log"] == [
        [1000.5, NOT_YET, "compares-with-equals", True],
        [1060, PASSED, None, True],
    ]
    assert stored["4.2"]["mistakes"] == {"compares-with-equals": 1}


WRITER = """
import sys
from labkit.checks.verdicts import PASSED, Verdict
from labkit.learner import progress
for _ in range(int(sys.argv[3])):
    progress.record(Verdict(sys.argv[1], PASSED, ("c",), 1))
    assert progress.trouble is None, progress.trouble
    assert sys.argv[2] in open(progress._paths()[0], "rb").read(19)[18:].hex()
"""


@pytest.mark.skipif(IN_BROWSER, reason="a browser has no processes")
@pytest.mark.parametrize(
    ("system", "journal", "checks"), [("ext4", "02", 200), ("nfs4", "01", 40)]
)
def test_kernels_that_write_at_once_lose_nothing(
    file: Path, system: str, journal: str, checks: int
) -> None:
    mounts = Path("mounts")
    mounts.write_text(f"any / overlay rw 0 0\nhost:/ {Path.cwd()} {system} rw 0 0\n")
    start = f"from labkit.learner import database\ndatabase.MOUNTS = {mounts!r}\n"
    kernels = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"from pathlib import *\n{start}{WRITER}",
                exercise,
                journal,
                str(checks),
            ]
        )
        for exercise in ("4.1", "7.2", "7.2")
    ]
    assert [kernel.wait(120) for kernel in kernels] == [0, 0, 0]
    tries = {name: entry["tries"] for name, entry in progress.read().items()}
    assert tries == {"4.1": checks, "7.2": 2 * checks}


@pytest.mark.skipif(IN_BROWSER, reason="a browser's files have no permissions")
def test_a_folder_that_cannot_be_written_can_be_read(file: Path) -> None:
    note(1, "4.2", PASSED)
    forget_this_session()
    file.parent.chmod(0o500)
    file.chmod(0o400)
    try:
        assert progress.read()["4.2"]["outcome"] == PASSED
        assert progress.trouble is None
    finally:
        file.parent.chmod(0o700)


def test_a_prediction_is_kept_with_the_first_choice() -> None:
    progress.record_prediction("07-which-key", "a", clock=lambda: 5)
    progress.record_prediction("07-which-key", "b", clock=lambda: 9)
    forget_this_session()
    assert progress.read_predictions() == {
        "07-which-key": {"first": "a", "letter": "b", "at": 9}
    }
    assert progress.read() == {}


def test_the_log_has_an_end_and_the_count_of_tries_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert progress._LONGEST_LOG == 500
    monkeypatch.setattr(progress, "_LONGEST_LOG", 10)
    for at in range(30):
        note(at, "4.2", NOT_YET)
    entry = progress.read()["4.2"]
    assert (entry["tries"], len(entry["log"]), entry["log"][0][0]) == (30, 10, 20)


def test_a_pass_stays_whatever_comes_after_it() -> None:
    note(1, "4.2", PASSED)
    note(2, "4.2", NOT_YET)
    assert progress.read()["4.2"]["outcome"] == PASSED


def test_an_untouched_notebook_run_once_more_takes_nothing_away() -> None:
    run_cell(WRONG)
    run_cell(STUB)
    entry = progress.read()["0.1"]
    assert entry["outcome"] == NOT_YET
    assert entry["answer"]["source"] == WRONG
    assert "✗ 0.1 not yet" in entry["verdict"]["headline"]


def test_a_labs_own_example_does_not_replace_an_answer() -> None:
    run_cell(GREET)
    check("0.1", lambda _event: "Hello, Ada")
    assert progress.read()["0.1"]["answer"]["source"] == GREET


@pytest.mark.parametrize("version", [1, 2])
def test_a_document_of_an_older_kit_is_read_and_nothing_is_lost(
    file: Path, version: int
) -> None:
    old = {"tries": 7, "outcome": NOT_YET, "mistakes": {"a-b": 3}, "hints": 2}
    file.parent.mkdir()
    document = file.with_suffix(".json")
    document.write_text(json.dumps({"version": version, "exercises": {"4.2": old}}))
    assert progress.read()["4.2"] == old
    note(5, "4.2", NOT_YET, "a-b")
    entry = progress.read()["4.2"]
    assert (entry["tries"], entry["mistakes"], entry["hints"]) == (8, {"a-b": 4}, 2)
    assert progress.trouble is None
    forget_this_session()
    note(6, "4.2", NOT_YET)
    assert progress.read()["4.2"]["tries"] == 9  # the document is read only once


# A browser's own stack ends before Python's does.
DEEP = b"[" * (100 if IN_BROWSER else 100_000)
DAMAGED = {
    "no text": b"\xff\xfe\x00",
    "empty": b"",
    "cut off": b'{"version": 2, "exercises": {"4.2": {"tri',
    "nested": DEEP,
    "a list": b"[]",
    "no version": b"{}",
    "odd version": b'{"version": true, "exercises": {}}',
    "odd entries": b'{"version": 2, "exercises": {"4.2": 3}}',
    "odd tries": b'{"version": 1, "exercises": {"0.1": {"tries": "many"}}}',
    "odd mistakes": b'{"version": 1, "exercises": {"0.1": {"mistakes": {"a": null}}}}',
    "odd log": b'{"version": 2, "exercises": {"0.1": {"log": [[1, 2, 3]]}}}',
    "odd answer": b'{"version": 2, "exercises": {"0.1": {"answer": "def"}}}',
    "odd verdict": b'{"version": 2, "exercises": {"0.1": {"verdict": {"text": 1}}}}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_document_is_renamed_and_said_in_one_sentence(
    file: Path, content: bytes
) -> None:
    file.parent.mkdir()
    file.with_suffix(".json").write_bytes(content)
    assert "could not be read" in str(show_progress())
    said = check("0.1", lambda _event: "Hello, Ada").note
    assert "could not be read" in said
    assert "kept as progress.damaged-1.json" in said
    assert (file.parent / "progress.damaged-1.json").read_bytes() == content
    assert progress.read()["0.1"]["tries"] == 1
    assert check("0.1", lambda _event: "Hello, Ada").note == ""


def database_with(script: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)

    return make


TABLE = "CREATE TABLE entry (kind, name, content); PRAGMA user_version = 3;"
PUT = "INSERT INTO entry VALUES ('exercises', '0.1', '{}');"
DAMAGED_DATABASES: dict[str, Callable[[Path], object]] = {
    "not a database": lambda path: path.write_bytes(b"{ damaged" * 300),
    "somebody else's": database_with("CREATE TABLE mine (x)"),
    "no table": database_with("PRAGMA user_version = 3"),
    "old version": database_with(f"{TABLE} PRAGMA user_version = 1"),
    "not JSON": database_with(TABLE + PUT.replace("{}", "{")),
    "nested": database_with(TABLE + PUT.replace("{}", "[" * 100_000)),
    "odd entry": database_with(TABLE + PUT.replace("{}", '{"tries": "many"}')),
}


@pytest.mark.skipif(IN_BROWSER, reason="a browser has the document")
@pytest.mark.parametrize(
    "make", DAMAGED_DATABASES.values(), ids=DAMAGED_DATABASES.keys()
)
def test_a_damaged_database_is_renamed_and_this_session_is_kept(
    file: Path, make: Callable[[Path], object]
) -> None:
    note(1, "4.2", PASSED)
    file.unlink()
    make(file)
    content = file.read_bytes()
    said = check("0.1", lambda _event: "Hello, Ada").note
    assert "kept as progress.damaged-1.sqlite" in said
    assert (file.parent / "progress.damaged-1.sqlite").read_bytes() == content
    forget_this_session()
    assert progress.read()["0.1"]["tries"] == 1
    assert progress.read()["4.2"]["outcome"] == PASSED
    assert check("0.1", lambda _event: "Hello, Ada").note == ""


def test_the_message_ends_when_the_damaged_file_is_gone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("{ damaged")
    assert "could not be read" in str(show_progress())
    file.unlink()
    assert "could not be read" not in str(show_progress())
    assert "damaged" not in str(resume())


def test_a_second_damaged_file_does_not_replace_the_first(file: Path) -> None:
    file.parent.mkdir()
    for content in ("one", "two"):
        file.write_text(content * 200)
        assert "could not be read" in str(hint("0.1"))
    kept = sorted(file.parent.glob("*damaged*"))
    assert [path.read_text()[:3] for path in kept] == ["one", "two"]


def test_a_document_of_a_newer_kit_is_left_as_it_is(file: Path) -> None:
    content = json.dumps({"version": 3, "exercises": {"0.1": {"new": "things"}}})
    file.parent.mkdir()
    document = file.with_suffix(".json")
    document.write_text(content)
    said = check("0.1", lambda _event: "Hello, Ada").note
    assert "written by a newer labkit (version 3" in said
    assert document.read_text() == content
    check("0.1", lambda _event: "Hello, Ada")
    assert progress._memory["exercises"]["0.1"]["tries"] == 2
    assert "newer labkit" in str(show_progress())


@pytest.mark.skipif(IN_BROWSER, reason="a browser has the document")
def test_a_database_of_a_newer_kit_is_left_as_it_is(file: Path) -> None:
    file.parent.mkdir()
    database_with("CREATE TABLE new (x); PRAGMA user_version = 4")(file)
    content = file.read_bytes()
    said = check("0.1", lambda _event: "Hello, Ada").note
    assert "written by a newer labkit (version 4" in said
    check("0.1", lambda _event: "Hello, Ada")
    assert file.read_bytes() == content
    assert progress._memory["exercises"]["0.1"]["tries"] == 2
    assert "newer labkit" in str(show_progress())


@pytest.mark.skipif(IN_BROWSER, reason="a browser's files have no permissions")
def test_a_file_that_cannot_be_opened_is_not_written_over(file: Path) -> None:
    file.mkdir(parents=True)
    assert "can't be written" in check("0.1", lambda _event: "Hello, Ada").note
    assert file.is_dir()
    assert progress._memory["exercises"]["0.1"]["tries"] == 1


def test_the_source_of_a_cells_function_is_the_whole_cell() -> None:
    space = run_cell(GREET)
    assert source_of(space["greet"]) == GREET
    assert source_of(functools.partial(space["greet"])) == GREET


def test_the_source_of_a_function_in_a_file_is_the_function() -> None:
    assert source_of(note).startswith("def note(at: float")
    assert "DAMAGED" not in source_of(note)


class Hostile:
    def __getattr__(self, name: str) -> Any:
        raise LookupError(name)

    def __call__(self) -> None:
        raise LookupError


def test_the_source_of_anything_else_is_told_or_empty() -> None:
    for answer in (None, 3, len, dict, Hostile(), Hostile):
        assert isinstance(source_of(answer), str)


def test_a_very_long_answer_is_not_kept_and_that_is_said() -> None:
    run_cell(WRONG + "#" * progress.LONGEST_ANSWER)
    assert progress.read()["0.1"]["answer"]["source"] == ""
    assert "longer than 20,000 characters" in str(resume("0.1"))


def test_resume_shows_verdicts_and_answers_in_both_forms() -> None:
    run_cell(WRONG)
    back = resume()
    text, page = repr(back), back._repr_html_()  # type: ignore[union-attr]
    assert "✗ 0.1 not yet" in text
    assert 'return "Hello, Ada"' in text
    assert "&quot;Hello, Ada&quot;" in page
    assert back.answers == {"0.1": WRONG}  # type: ignore[union-attr]


def test_resume_of_one_exercise_shows_its_whole_verdict_and_the_answer() -> None:
    space = run_cell(WRONG)
    text = str(resume("0.1"))
    assert text == f"{check('0.1', space['greet'])}\n\n{WRONG}"


def test_resume_says_where_it_looked_when_nothing_is_kept(tmp_path: Path) -> None:
    assert f"Nothing is stored in {tmp_path}" in str(resume())
    hint("0.1")
    assert "Nothing is stored" in str(resume())
    run_cell(WRONG)
    assert "was never run here" in str(resume("4.2"))
    with pytest.raises(UnknownName, match="no exercise"):
        resume("99.1")


def test_progress_shows_where_you_stand() -> None:
    run_cell(GREET)
    text = str(show_progress())
    assert text.startswith("1 of ")
    assert "00_start_here" in text
    assert "✓ 0.1" in text
    assert not list(Path().glob("progress-*"))


def test_an_export_is_short_and_has_no_code_in_it() -> None:
    run_cell(WRONG)
    run_cell(GREET)
    text = str(show_progress("Ada"))
    path = Path("progress-Ada.json")
    assert "progress-Ada.json is written into" in text
    assert path.stat().st_size < 1000
    assert "def " not in path.read_text("utf-8")
    learner = exports.read(path)
    assert (learner.name, learner.last) == ("Ada", "0.1")
    step = learner.steps["0.1"]
    assert (step.outcome, step.tries) == (PASSED, 2)
    assert step.mistakes == {"name-written-into-the-code": 1}


def test_an_example_that_is_wrong_on_purpose_is_no_mistake_of_the_learner() -> None:
    check("0.1", lambda _event: "Hello, Ada")
    run_cell(STUB)
    learner = exports.summary("Ada", progress.read())
    assert learner.steps["0.1"].mistakes == {}


def test_minutes_leave_out_pauses_and_what_comes_after_the_pass() -> None:
    note(0, "4.1", NOT_YET)
    note(120, "4.1", PASSED)  # 2 minutes
    note(420, "4.2", NOT_YET)  # 5 minutes
    note(10_000, "4.2", NOT_YET)  # after a pause
    note(10_060, "4.2", PASSED)  # 1 minute
    note(10_120, "4.1", PASSED)  # passed before
    note(10_180, "4.3", NOT_YET)  # 1 minute so far
    learner = exports.summary("Ada", progress.read(), clock=lambda: 20_000)
    assert {name: step.minutes for name, step in learner.steps.items()} == {
        "4.1": 2.0,
        "4.2": 6.0,
        "4.3": 1.0,
    }
    assert (learner.began_at, learner.made_at, learner.last) == (0, 20_000, "4.3")


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("Ada", "progress-Ada.json"),
        ("Ada Lovelace", "progress-Ada-Lovelace.json"),
        ("../../etc/passwd", "progress-etc-passwd.json"),
        ("C:\\CON", "progress-C-CON.json"),
        ("NUL", "progress-NUL.json"),
        ('a:b*?"<>|. ', "progress-a-b.json"),
        ("Øyvind 山田", "progress-Øyvind-山田.json"),
        ("e\u0301ve", "progress-éve.json"),
        ("Ada\n\x1b[31m\u202eevil", "progress-Ada-31m-evil.json"),
        ("山" * 300, f"progress-{'山' * 60}.json"),
    ],
)
def test_a_name_becomes_a_file_that_every_system_takes(
    name: str, file_name: str
) -> None:
    run_cell(GREET)
    show_progress(name)
    assert [path.name for path in Path().glob("progress-*")] == [file_name]
    shown = exports.read(Path(file_name)).name
    assert shown.isprintable()
    assert len(shown) <= 60


@pytest.mark.parametrize("name", ["///", " ", "\u202e", "🙂", 3])
def test_a_name_in_which_nothing_can_be_read_is_refused(name: Any) -> None:
    with pytest.raises(BadSetting, match="name"):
        show_progress(name)


def test_a_file_that_is_something_else_is_not_written_over() -> None:
    Path("progress-Ada.json").write_text('{"mine": 1}')
    with pytest.raises(BadSetting, match="choose another name"):
        show_progress("Ada")
    assert Path("progress-Ada.json").read_text() == '{"mine": 1}'
    show_progress("Ida")
    show_progress("Ida")


def changed(change: Callable[[dict[str, Any]], None]) -> str:
    run_cell(GREET)
    show_progress("Ada")
    content = json.loads(Path("progress-Ada.json").read_text("utf-8"))
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.update(file="other"), "not an exported progress file"),
        (lambda c: c.update(version=2), "has version 2"),
        (lambda c: c.update(name=["Ada"]), "a name is a string"),
        (lambda c: c.update(name="\x00"), "no letter"),
        (lambda c: c.update(made_at=float("nan")), "made_at nan"),
        (lambda c: c.pop("began_at"), "'began_at' is missing"),
        (lambda c: c.update(steps=[]), "exercises"),
        (lambda c: c["steps"].update({"<b>": {}}), "exercise '<b>'"),
        (lambda c: c["steps"]["0.1"].update(outcome="great"), "outcome 'great'"),
        (lambda c: c["steps"]["0.1"].update(outcome=[]), "outcome"),
        (lambda c: c["steps"]["0.1"].update(tries=-1), "tries -1"),
        (lambda c: c["steps"]["0.1"].update(tries=True), "tries True"),
        (lambda c: c["steps"]["0.1"].update(minutes=1e300), "minutes 1e"),
        (lambda c: c["steps"]["0.1"].update(mistakes={"<i>": 1}), "mistake '<i>'"),
        (lambda c: c["steps"]["0.1"].update(mistakes={"a" * 99: 1}), "mistake 'aaa"),
        (lambda c: c["steps"]["0.1"].update(mistakes={"a": 10**9}), "mistakes 1000"),
    ],
)
def test_an_export_that_was_meddled_with_is_refused_with_the_fact(
    change: Callable[[dict[str, Any]], None], said: str
) -> None:
    path = Path("other.json")
    path.write_text(changed(change))
    with pytest.raises(ProgressUnreadable) as refused:
        exports.read(path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"{" * 9, DEEP, b"9" * 9000, b" " * 300_000]
)
def test_a_file_of_any_bytes_is_refused_in_one_sentence(content: bytes) -> None:
    path = Path("other.json")
    path.write_bytes(content)
    with pytest.raises(ProgressUnreadable, match=r"^it is "):
        exports.read(path)


@pytest.mark.skipif(IN_BROWSER, reason="a browser has no git")
def test_git_ignores_the_progress_and_what_labs_write() -> None:
    root = Path(exports.__file__).parents[2]
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("this is not a git repository")
    written = [
        *("notebooks/.labkit/progress.sqlite", "notebooks/progress-Ada-L.json"),
        *("notebooks/shop.db", "solutions/queue.db-wal", "shop.db-journal"),
    ]
    ignored = subprocess.run(
        [git, "check-ignore", *written], cwd=root, capture_output=True, text=True
    )
    assert ignored.stdout.split() == written


@pytest.mark.skipif(IN_BROWSER, reason="a browser has no make")
def test_make_clean_keeps_the_progress_and_the_notebooks(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("there is no make here")
    root = Path(exports.__file__).parents[2]
    kept = ["notebooks/.labkit/progress.sqlite", "notebooks/00.ipynb", "labkit/a.py"]
    removed = ["notebooks/progress-Ada.json", "notebooks/shop.db", "solutions/q.db-wal"]
    removed += ["labkit/__pycache__/a.pyc", ".ruff_cache/x", "progress-Ada.json"]
    for folder in ("notebooks", "solutions", "labkit", "tests", "binder"):
        (tmp_path / folder).mkdir()
    for name in (*kept, *removed):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    shutil.copy(root / "Makefile", tmp_path)
    subprocess.run([make, "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert all((tmp_path / name).exists() for name in kept)
    assert not any((tmp_path / name).exists() for name in removed)
