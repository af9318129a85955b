"""A learner's progress as one file to download, and how it comes back."""

import base64
import json
import re
from pathlib import Path

import pytest

from labkit.checks.verdicts import NOT_YET, PASSED, Verdict
from labkit.errors import BadSetting, ProgressUnreadable
from labkit.exercises import backup, restore
from labkit.exercises import progress as show_progress
from labkit.learner import exports, progress

pytestmark = pytest.mark.pure


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    move(tmp_path / "first", monkeypatch)
    return tmp_path / "first"


def move(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on in another folder, as in another browser."""
    place.mkdir(exist_ok=True)
    monkeypatch.chdir(place)
    monkeypatch.setattr(progress, "_memory", {})
    monkeypatch.setattr(progress, "trouble", None)


def tried(exercise: str, outcome: str, source: str = "") -> None:
    verdict = Verdict(exercise, outcome)
    progress.record(verdict, source=source)


def test_a_backup_brings_everything_to_another_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried("4.2", PASSED, "def verify(): ...")
    progress.record_prediction("0.1", "b")
    written = backup().path
    before = progress.everything()
    move(tmp_path / "second", monkeypatch)
    Path(written.name).write_bytes((folder / written).read_bytes())
    assert "2 exercises and predictions are restored" in str(restore())
    assert progress.everything() == before
    assert "already" in str(restore())


def test_the_link_downloads_the_very_file() -> None:
    tried("4.2", PASSED, "def verify(): ...")
    shown = backup()
    page = shown._repr_html_()
    found = re.search(r'download="([^"]+)" href="data:[^,]+,([^"]+)"', page)
    assert found is not None
    assert found[1] == "progress-backup.json"
    assert base64.b64decode(found[2]) == shown.path.read_bytes()


def test_of_two_entries_the_one_with_more_tries_stays(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried("4.1", NOT_YET)
    tried("4.2", PASSED)
    tried("4.2", PASSED)
    progress.record_prediction("0.1", "b")
    content = backup().path.read_bytes()
    move(tmp_path / "second", monkeypatch)
    Path("kept.json").write_bytes(content)
    tried("4.1", NOT_YET)
    tried("4.1", PASSED)
    tried("4.2", NOT_YET)
    progress.record_prediction("0.1", "c")
    assert "1 exercises" in str(restore("kept.json"))
    here = progress.read()
    assert (here["4.1"]["outcome"], here["4.1"]["tries"]) == (PASSED, 2)
    assert (here["4.2"]["outcome"], here["4.2"]["tries"]) == (PASSED, 2)
    assert progress.read_predictions()["0.1"]["letter"] == "c"


def test_a_backup_replaces_only_another_backup() -> None:
    with pytest.raises(BadSetting, match="no progress yet"):
        backup()
    tried("4.2", PASSED)
    backup()
    tried("4.2", PASSED)
    backup()
    assert (
        json.loads(Path("progress-backup.json").read_text())["exercises"]["4.2"][
            "tries"
        ]
        == 2
    )
    Path("notes.json").write_text("[1, 2]")
    with pytest.raises(BadSetting, match="not a backup"):
        backup("notes.json")
    assert Path("notes.json").read_text() == "[1, 2]"


@pytest.mark.parametrize("content", [None, "", "[]", '{"version": 99}', "{}"])
def test_what_is_no_backup_is_refused_and_changes_nothing(content: str | None) -> None:
    tried("4.2", PASSED)
    if content is not None:
        Path("progress-backup.json").write_text(content)
    before = progress.everything()
    with pytest.raises(ProgressUnreadable):
        restore()
    assert progress.everything() == before
    assert content is None or Path("progress-backup.json").read_text() == content


def test_the_file_to_hand_in_is_no_backup() -> None:
    tried("4.2", PASSED)
    path = exports.write(exports.summary("Ada", progress.read()), Path())
    with pytest.raises(ProgressUnreadable):
        restore(path.name)
    assert "backup() writes a file for yourself" in str(show_progress())
