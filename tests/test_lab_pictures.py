"""The pictures of single labs: they say what their texts say, and can be read."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from labkit import simulate
from labkit.drawing.canvas import canvas, marked, with_text
from labkit.drawing.embedding import inlined
from labkit.drawing.strokes import write
from labkit.exercises.lab01_push_not_poll import by_polling, by_webhook
from labkit.exercises.lab06_retries.pictures import Bars, schedules
from labkit.exercises.lab09_watch import calendar, month, rehearse
from labkit.exercises.lab09_watch.trial import Trial
from labkit.exercises.lab10_test_it.hunt import Hunt, hunt
from labkit.exercises.lab11_go_live import incidents
from labkit.exercises.lab11_go_live.captures import WORDS
from labkit.exercises.lab11_go_live.pictures import decision_tree, page_of
from labkit.exercises.lab12_night_shift import lost
from labkit.exercises.lab12_night_shift.month import DAY, STARTS
from labkit.exercises.lab12_night_shift.scoring import Loss
from labkit.faults import Refuse
from labkit.profiles import PROFILES
from labkit.samples import payments
from tests.apps import shop

SVG = "{http://www.w3.org/2000/svg}"


def picture_in(page: str) -> str:
    """Return the picture in what a cell shows."""
    page = inlined(page)
    return page[page.index("<svg") : page.index("</svg>") + 6]


def read(svg: str) -> tuple[list[str], list[str]]:
    """Return the words and the hidden facts of a picture."""
    root = ET.fromstring(svg)  # noqa: S314 # our own picture, without entities
    words = [text.text or "" for text in root.iter(f"{SVG}text")]
    return words, [title.text or "" for title in root.iter(f"{SVG}title")]


def test_a_picture_cannot_be_left_by_foreign_text() -> None:
    hostile = "</text><script>alert(1)</script>"
    svg = canvas(marked(write(0, 0, hostile), hostile), 10, hostile)
    words, facts = read(svg)
    assert words == facts == [hostile]
    assert "<script>alert" not in with_text(svg, hostile)


def test_polling_is_drawn_with_each_event_and_each_request() -> None:
    hour = by_polling(payments(12, every=300), 600)
    words, facts = read(hour.svg())
    assert "12 events, 6 requests, each brought an event" in words
    assert sum(fact.startswith("happened after") for fact in facts) == 12
    assert facts.count("request after 10 min: it brought an event") == 1
    assert words[-2:] == str(hour).splitlines()[-2:]


def test_a_delivered_webhook_is_a_request_that_brought_an_event() -> None:
    history = simulate(shop([]), payments(3, every=300), secret="a secret of a test")
    hour = by_webhook(history)
    words, facts = read(hour.svg())
    assert "3 events, 3 requests, each brought an event" in words
    assert sum("it brought an event" in fact for fact in facts) == 3
    assert hour.empty == 0


def test_a_refused_webhook_is_a_request_that_brought_nothing() -> None:
    down = simulate(
        shop([]),
        payments(3, every=300),
        secret="a secret of a test",
        faults=[Refuse(probability=1)],
        profile="github",
    )
    hour = by_webhook(down)
    assert hour.empty == 3
    assert hour.came == (None, None, None)
    assert "3 of them brought nothing" in str(hour)


def test_a_request_each_second_is_still_a_small_picture() -> None:
    hour = by_polling(payments(12, every=300), 1)
    _, facts = read(hour.svg())
    assert "3588 requests that brought nothing" in facts
    assert len(hour.svg()) < 20_000


def test_bars_have_their_numbers_above_them() -> None:
    shown = Bars((500, 0, 30), 60, 5, 500)
    words, facts = read(shown.svg())
    assert {"500", "0", "30"} <= set(words)
    assert facts == [
        "60 s to 65 s: 500 requests",
        "65 s to 70 s: 0 requests",
        "70 s to 75 s: 30 requests",
    ]
    assert [line.split()[2] for line in str(shown).splitlines()] == ["500", "0", "30"]


def test_every_attempt_of_a_schedule_is_drawn() -> None:
    names = ["standard", "stripe", "github"]
    shown = schedules(names)
    words, facts = read(shown.svg())
    for name in names:
        drawn = sum(fact.startswith(f"{name}, attempt") for fact in facts)
        assert drawn == len(PROFILES[name].delays) + 1
    assert "at once: lost" in words
    assert [line.split()[0] for line in str(shown).splitlines()] == names
    assert "(lost)" in str(shown).splitlines()[2]
    # The first mark does not touch the name of its row.
    first = min(
        float(x) for x in re.findall(r'<circle[^>]* cx="([\d.]+)"', shown.svg())
    )
    assert first - 4 > 24 + 9 * max(map(len, names))


def test_the_calendar_has_the_failures_of_each_hour() -> None:
    january = month(1)
    page = january._repr_html_()
    words, facts = read(picture_in(page))
    failed = {hour: bad for hour, (_, bad) in january.hours().items() if bad}
    numbers = [word for word in words if word.isdecimal()][24:]
    assert sorted(map(int, numbers)) == sorted(failed.values())
    assert len(facts) == len(failed)


def test_the_legend_of_a_calendar_names_only_what_is_there() -> None:
    full = dict.fromkeys(range(48), (1, 0))
    words, _ = read(calendar.draw("May", full))
    assert words[-1] == "a number: failed attempts in that hour, red from 10 on"
    words, _ = read(calendar.draw("May", full | {60: (1, 0)}))
    assert words[-1].endswith("; no background: no attempt at all")


def test_a_rehearsal_shows_outages_and_false_alarms() -> None:
    def nervous(window: list[dict[str, Any]]) -> bool:
        return any(a["status"] is None or a["status"] >= 500 for a in window)

    trial = rehearse(nervous, month(1))
    assert isinstance(trial, Trial)
    words, facts = read(trial.svg())
    assert words.count("✓") + words.count("✗") == len(trial.found) == 5
    for each in trial.false_alarms:
        assert str(each) in facts
    assert str(trial).splitlines()[0] in trial._repr_html_()


def test_a_hunt_names_the_line_that_kills() -> None:
    def never_true(verify: Any) -> None:
        assert not verify(b"secret", b"{}", "sha256=" + "0" * 64)

    found = hunt(never_true)
    assert isinstance(found, Hunt)
    first = never_true.__code__.co_firstlineno
    assert {line for _, line in found.killed} == {first + 1}
    page = found._repr_html_()
    words, facts = read(picture_in(page))
    assert words.count("survives") == len(found.alive)
    assert len(facts) == len(found.killed)
    assert f"line {first + 1}" in words
    for broken in found.alive:
        assert broken.does in words


@pytest.mark.parametrize("points", [1, 12])
def test_lost_points_are_drawn_by_day(points: int) -> None:
    at = STARTS + 2 * DAY
    losses = [
        Loss("lost", 1, f"evt_{n}", "", at, "", "no parcel", "", None)
        for n in range(points)
    ]
    words, facts = read(lost.draw(losses, STARTS, 28))
    assert f"{points}" in words[28:]
    assert len(facts) == 1
    assert re.search(r"3 March.* evt_0: no parcel", facts[0])
    assert ("and 9 more" in facts[0]) == (points == 12)
    told = dict(
        line.split(maxsplit=1) for line in lost.tell(losses, STARTS).split("\n")
    )
    assert told.pop("lost") == f"3 March: {points}"
    assert set(told.values()) == {"no points lost"}


def test_lost_points_of_every_day_are_told_in_short_lines() -> None:
    losses = [
        Loss("lost", 1, f"evt_{day}", "", STARTS + day * DAY, "", "", "", None)
        for day in range(28)
    ]
    lines = lost.tell(losses, STARTS).split("\n")
    assert max(map(len, lines)) <= 88
    assert " ".join(lines).count(" March: 1") == 28


def test_the_decision_tree_finds_every_word_in_order() -> None:
    tree = decision_tree()
    words, _ = read(tree.svg())
    found = [word for word in words if word in WORDS]
    assert found == list(WORDS)
    places = [str(tree).index(word) for word in WORDS]
    assert places == sorted(places)


def test_an_incident_is_a_page_with_every_field() -> None:
    for capture in incidents().values():
        page = page_of(capture)
        shown = page._repr_html_()
        for name, value in capture.items():
            assert f">{name}<" in shown or name == "timeout"
            assert str(value) in str(page) or isinstance(value, dict | list | bytes)
        # VS Code sets such heads in light letters.
        assert shown.count("<th ") == shown.count("font-weight:600")
        assert ("<mark" in shown) == (capture["raw"] != capture["checked"])
    hostile = {**incidents()["Monday"], "error": "<script>alert(1)</script>"}
    assert "<script" not in page_of(hostile)._repr_html_()
