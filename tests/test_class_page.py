"""The class page of a hub: who is where now, and who agreed to be named."""

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.verdicts import NOT_YET, PASSED, Verdict
from labkit.classroom import LiveClass
from labkit.errors import BadSetting
from labkit.exercises import share_name
from labkit.learner import progress
from labkit.learner.serving import told


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a learner's server; the labs are where nbgitpuller fetches them."""
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    monkeypatch.setattr(progress, "_memory", {})
    labs = tmp_path / "webhook-lab" / "notebooks"
    labs.mkdir(parents=True)
    monkeypatch.chdir(labs)
    return tmp_path


def tried(exercise: str, outcome: str, source: str = "") -> None:
    progress.record(Verdict(exercise, outcome), source=source, clock=lambda: 1e9)


def heard(*answers: dict[str, Any]) -> LiveClass:
    live = LiveClass(clock=lambda: 1e9)
    for number, answer in enumerate(answers):
        live.hear(f"user-{number}", json.dumps(answer).encode())
    return live


def names(live: LiveClass) -> list[str]:
    return [learner.name for learner in live.classroom().learners]


SOME = {
    "4.1": {"outcome": PASSED, "tries": 2, "log": [[1e9, PASSED, None, True]]},
}


def test_a_server_tells_how_far_its_learner_is_without_code(home: Path) -> None:
    tried("4.1", PASSED, "def sign(): return 'my own code'")
    answer = told(home)
    assert answer["exercises"]["4.1"]["outcome"] == PASSED
    assert "my own code" not in json.dumps(answer)
    assert set(answer["exercises"]["4.1"]) <= {
        *("outcome", "tries", "hints", "mistakes", "log")
    }


def test_only_a_learner_who_agrees_is_named_and_may_withdraw(home: Path) -> None:
    tried("4.1", PASSED)
    assert told(home)["name"] is None
    assert "Ada Lovelace" in str(share_name(" Ada\nLovelace "))
    assert told(home)["name"] == "Ada Lovelace"
    share_name()
    assert told(home)["name"] is None
    share_name()
    with pytest.raises(BadSetting):
        share_name("–")


def test_of_two_folders_the_one_with_more_tries_counts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried("4.1", NOT_YET)
    tried("4.1", PASSED)
    (home / "another").mkdir()
    monkeypatch.chdir(home / "another")
    tried("4.1", NOT_YET)
    tried("4.2", NOT_YET)
    exercises = told(home)["exercises"]
    assert exercises["4.1"]["outcome"] == PASSED
    assert exercises["4.2"]["outcome"] == NOT_YET


def test_a_folder_without_progress_and_a_damaged_file_tell_nothing(home: Path) -> None:
    assert told(home) == {"name": None, "exercises": {}}
    progress.folder().mkdir()
    (progress.folder() / "progress.sqlite").write_bytes(b"junk" * 100)
    assert told(home)["exercises"] == {}


def test_learners_without_a_name_have_numbers_that_stay() -> None:
    live = heard(
        {"name": None, "exercises": SOME},
        {"name": "Zoe", "exercises": SOME},
        {"name": None, "exercises": SOME},
    )
    assert names(live) == ["Zoe", "learner 1", "learner 3"]
    live.hear("user-1", json.dumps({"name": None, "exercises": SOME}).encode())
    assert names(live) == ["learner 1", "learner 2", "learner 3"]
    assert "user-" not in live.page()


def test_a_learner_whose_server_stopped_stays_until_the_account_is_gone() -> None:
    live = heard({"name": "Ada", "exercises": SOME}, {"name": "Zoe", "exercises": SOME})
    live.forget({"user-0", "user-1"})
    assert names(live) == ["Ada", "Zoe"]
    live.forget({"user-1"})
    assert names(live) == ["Zoe"]


def test_two_learners_of_one_name_are_both_shown() -> None:
    live = heard({"name": "Ada", "exercises": SOME}, {"name": "Ada", "exercises": SOME})
    assert names(live) == ["Ada", "Ada (2)"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"name": null}',
        b'{"name": null, "exercises": {"<script>": {"outcome": "passed"}}}',
        b'{"name": null, "exercises": {"4.1": {"outcome": "<script>"}}}',
        b'{"name": null, "exercises": {"4.1": {"log": [[NaN, "passed", null, true]]}}}',
        b'{"name": null, "exercises": {"4.1": {"log": [[1e400, "", null, true]]}}}',
        b'{"name": null, "exercises": {"4.1": 7}}',
        b"[" * 100_000,
    ],
    ids=lambda answer: answer[:60].decode(),
)
def test_what_does_not_fit_is_left_out_and_named(answer: bytes) -> None:
    live = heard({"name": "Ada", "exercises": SOME})
    live.hear("eve", answer)
    assert names(live) == ["Ada"]
    assert "the server of learner 2" in live.page()
    assert "<script>" not in live.page().split("<script>\nsetInterval")[0]


def test_a_name_that_cannot_be_read_is_a_number_and_markup_is_text() -> None:
    live = heard(
        {"name": "\u200b", "exercises": SOME},
        {"name": ["Ada"], "exercises": SOME},
        {"name": "<b>Eve</b>", "exercises": SOME},
    )
    assert names(live) == ["<b>Eve</b>", "learner 1", "learner 2"]
    assert "<b>Eve" not in live.page()


def test_the_page_of_a_class_that_has_not_begun_can_be_shown() -> None:
    assert "a class of 0" in LiveClass().page()
    assert names(heard({"name": "Ada", "exercises": {}})) == []
