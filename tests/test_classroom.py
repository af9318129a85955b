"""A class's report: what an instructor reads, and what strangers' files can't do."""

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labkit.checks.verdicts import NOT_ATTEMPTED, NOT_YET, PASSED
from labkit.classroom import gather, summaries, to_html, to_json, to_text
from labkit.classroom.tables import places
from labkit.cli import main
from labkit.errors import ProgressUnreadable
from labkit.exercises import EXERCISES
from labkit.exercises.reasons import reason
from labkit.learner import exports
from labkit.learner.exports import ExportedStep, Learner
from labkit.transport import IN_BROWSER

pytestmark = pytest.mark.pure

EQUALS = "compares-with-equals"
ADA = Learner(
    "Ada",
    made_at=2000,
    began_at=100,
    last="4.2",
    steps={
        "4.1": ExportedStep(PASSED, 2, 0, 4.0, {"encodes-bytes": 1}),
        "4.2": ExportedStep(NOT_YET, 5, 1, 11.5, {EQUALS: 3, "garbage-raises": 1}),
        "4.3": ExportedStep(NOT_ATTEMPTED, 1),
    },
)
IDA = Learner(
    "Ida",
    made_at=2100,
    began_at=200,
    last="4.2",
    steps={
        "4.1": ExportedStep(PASSED, 4, 2, 10.0, {}),
        "4.2": ExportedStep(PASSED, 3, 0, 8.0, {EQUALS: 1}),
    },
)


def hand_in(folder: Path, *learners: Learner) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for learner in learners:
        exports.write(learner, folder)
    return folder


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["report", *args])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return hand_in(tmp_path / "handed-in", ADA, IDA)


def test_what_is_written_is_what_is_read(folder: Path) -> None:
    assert gather(folder).learners == (ADA, IDA)
    assert gather(folder).remarks == ()


def test_the_report_says_who_is_where(folder: Path) -> None:
    ada, ida = places(gather(folder))
    assert (ada.at, ada.tries_there, ada.mistake) == ("4.2", 5, EQUALS)
    assert (ada.passed, ada.minutes) == (1, 15.5)
    assert (ida.passed, ida.at, ida.tries_there) == (2, "4.3", 0)


def test_after_the_last_exercise_somebody_is_at_the_end(tmp_path: Path) -> None:
    done = replace(ADA, steps={each: ExportedStep(PASSED, 1) for each in EXERCISES})
    (place,) = places(gather(hand_in(tmp_path / "x", done)))
    assert (place.passed, place.at, place.minutes) == (len(EXERCISES), "", None)
    assert "end" in to_text(gather(tmp_path / "x"))


def test_mistakes_are_counted_in_learners_and_named_with_their_reason(
    folder: Path,
) -> None:
    found = {each.exercise: each for each in summaries(gather(folder))}
    summary = found["4.2"]
    first = summary.mistakes[0]
    assert (first.mistake, first.learners, first.times) == (EQUALS, 2, 4)
    assert "`==`" in first.why
    assert (summary.tried, summary.passed, summary.hints) == (2, 1, 1)
    assert (summary.tries, summary.minutes) == (3, 8.0)
    assert (found["4.1"].tries, found["4.1"].minutes) == (3, 7.0)
    assert found["4.3"].tried == 0


def test_the_text_the_page_and_the_json_say_the_same(folder: Path) -> None:
    classroom = gather(folder)
    text, page = to_text(classroom), to_html(classroom)
    for said in ("Ada", "Ida", EQUALS, "2 learners", "garbage-raises"):
        assert said in text
        assert said in page
    told = to_json(classroom)
    assert [each["name"] for each in told["learners"]] == ["Ada", "Ida"]
    assert told["learners"][0]["exercises"]["4.2"]["mistakes"][EQUALS] == 3
    assert "pauses" in text
    assert "pauses" in page


def test_the_command_prints_a_table_and_writes_a_page(
    folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "class.html"
    result = run(str(folder), "--html", str(page))
    assert result.exit_code == 0
    assert re.search(r"^Ada +1  4\.2 .* ✓✗○· .* 16$", result.output, re.MULTILINE)
    assert page.read_text("utf-8").startswith("<!doctype html>")
    told = json.loads(run(str(folder), "--json").output)
    assert told["exercises"][0]["exercise"] == "0.1"


def test_a_page_that_cannot_be_written_is_said(folder: Path) -> None:
    result = run(str(folder), "--html", str(folder / "nowhere" / "class.html"))
    assert result.exit_code == 1
    assert "name a file in a folder that exists" in result.output


def test_a_folder_without_progress_is_said_with_the_remedy(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 1
    assert "contains no exported progress" in result.output
    (tmp_path / "a.json").write_text("{}")
    assert (
        "a.json is left out: it is not an exported progress"
        in run(str(tmp_path)).output
    )


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_shown(
    folder: Path,
) -> None:
    (folder / "cut.json").write_text('{"file": "labkit prog')
    (folder / "notes.txt").write_text("not looked at")
    (folder / ".hidden.json").write_text("nor this")
    result = run(str(folder))
    assert result.exit_code == 0
    assert "cut.json is left out: it is not JSON" in result.output
    assert result.output.count("left out") == 1
    assert "Ada" in result.output


def test_of_two_files_of_a_learner_the_newer_counts(folder: Path) -> None:
    later = replace(ADA, made_at=9000, steps={"4.2": ExportedStep(PASSED, 6, 1, 12.0)})
    hand_in(folder / "second", later)
    classroom = gather(folder)
    assert classroom.learners == (later, IDA)
    (remark,) = classroom.remarks
    assert remark.startswith("progress-Ada.json is left out")
    assert "second/progress-Ada.json is newer" in remark


def test_two_learners_of_one_name_are_both_shown(folder: Path) -> None:
    hand_in(folder / "other", replace(ADA, began_at=500))
    classroom = gather(folder)
    assert [each.name for each in classroom.learners] == [
        "Ada (other/progress-Ada.json)",
        "Ada (progress-Ada.json)",
        "Ida",
    ]
    assert "two people, or one person who started again" in classroom.remarks[0]


def test_exercises_of_another_kit_are_left_out_and_said(tmp_path: Path) -> None:
    newer = replace(
        ADA, last="77.1", steps={**ADA.steps, "77.1": ExportedStep(PASSED, 1)}
    )
    classroom = gather(hand_in(tmp_path / "x", newer))
    assert places(classroom)[0].passed == 1
    assert "(77.1)" in to_text(classroom)
    assert "77.1" not in to_json(classroom)["learners"][0]["exercises"]


class Tags(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_hostile_name_does_nothing_to_page_or_terminal(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "\x1b[31mred", "a\u202eb", "<img onerror=x>"]
    path = hand_in(tmp_path / "x", ADA) / "progress-Ada.json"
    content = json.loads(path.read_text("utf-8"))
    for number, name in enumerate(names):
        other = path.with_name(f"{number}.json")
        other.write_text(json.dumps({**content, "name": name}), "utf-8")
    classroom = gather(tmp_path / "x")
    assert len(classroom.learners) == 5
    page = Tags(to_html(classroom))
    assert not page.names & {"script", "img", "link", "iframe"}
    assert not {name for name in page.attributes if name.startswith("on")}
    text = to_text(classroom)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_page_asks_nothing_of_the_network(folder: Path) -> None:
    page = to_html(gather(folder))
    assert not re.search(r"https?:|src=|@import|url\(", page)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_hostile_file_name_does_nothing_to_the_terminal(folder: Path) -> None:
    (folder / "a\x1b[31m\n.json").write_text("junk")
    assert "a?[31m?.json is left out" in to_text(gather(folder))


def test_a_name_of_wide_letters_keeps_the_columns(tmp_path: Path) -> None:
    wide = [replace(ADA, name="山" * n, began_at=n) for n in (3, 30)]
    text = to_text(gather(hand_in(tmp_path / "x", *wide)))
    three, thirty = re.findall(r"^山.*$", text, re.MULTILINE)
    assert three.index("1  4.2") + 3 == 3 + 18 + len("      ") + 3
    assert "…" in thirty


def names_of_mistakes(exercise: str) -> list[str]:
    path = Path(__file__).parent / "wrong_answers" / f"{exercise}.py"
    return re.findall(r"^# %% *([\w-]+) *\|", path.read_text("utf-8"), re.MULTILINE)


def a_class(learners: int) -> Iterator[Learner]:
    named = {exercise: names_of_mistakes(exercise) for exercise in EXERCISES}
    for number in range(learners):
        steps = {
            exercise: ExportedStep(
                PASSED if (number + place) % 7 else NOT_YET,
                1 + number % 5,
                number % 3,
                number % 30 / 2,
                {named[exercise][number % 4]: 1, named[exercise][-1]: 2},
            )
            for place, exercise in enumerate(EXERCISES)
        }
        yield Learner(f"Learner {number:03}", 1e6, number, "4.2", steps)


def test_the_page_counts_in_words_and_shows_no_backticks(tmp_path: Path) -> None:
    hand_in(tmp_path / "x", *a_class(38))
    page = to_html(gather(tmp_path / "x"))
    assert "(1 try)" in page
    assert "(1 tries)" not in page
    assert page.count("<code>") > len(EXERCISES)
    assert "`" not in page


@pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has another speed")
def test_three_hundred_learners_are_reported_within_two_seconds(
    tmp_path: Path,
) -> None:
    hand_in(tmp_path / "x", *a_class(300))
    began = time.process_time()
    classroom = gather(tmp_path / "x")
    text, page = to_text(classroom), to_html(classroom)
    spent = time.process_time() - began
    assert len(classroom.learners) == 300
    assert "Learner 299" in text
    assert "Learner 299" in page
    assert spent < 2, spent


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_mistakes_that_a_lab_names_have_a_reason(exercise: str) -> None:
    named = set(names_of_mistakes(exercise))
    lab = EXERCISES[exercise].lab
    unknown = {each for each in named if not reason(lab, each)}
    # The first two are put together for the function that was asked.
    assert unknown <= {"other-arguments", "returns-no-app", "no-name"}


def test_one_name_in_two_labs_has_the_reason_of_its_own_lab() -> None:
    equals = "compares-with-equals"
    labs = {reason(lab, equals) for lab in ("04_signatures", "05_replay_and_rotation")}
    assert all(labs)
    assert reason("04_signatures", "no-such-mistake") == ""


def test_more_files_than_a_class_can_have_are_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.classroom.gathering.MOST", 1)
    classroom = gather(folder)
    assert len(classroom.learners) == 1
    assert "only the first 1 files were read" in classroom.remarks


def test_nothing_but_junk_raises_one_error(tmp_path: Path) -> None:
    junk: list[Any] = [b"", b"[]", b"null", b"\xff" * 9]
    for number, content in enumerate(junk):
        (tmp_path / f"{number}.json").write_bytes(content)
    with pytest.raises(ProgressUnreadable, match=r"3\.json is left out"):
        gather(tmp_path)
