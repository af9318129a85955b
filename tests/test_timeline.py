"""The timeline: what it tells, to whom it is readable, what it never lets through."""

import functools
import itertools
import random
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from labkit.drawing.embedding import inlined
from labkit.drawing.fitting import columns, fit
from labkit.drawing.palette import PICTURE
from labkit.faults import FAULTS, LoseResponse
from labkit.history import History
from labkit.model import (
    LAB_EPOCH,
    Arrival,
    Attempt,
    Delivery,
    Ending,
    Event,
    Request,
)
from labkit.samples import payments
from labkit.sender import simulate
from labkit.timeline import Timeline, facts
from labkit.timeline.axis import Axis, axis_for
from labkit.timeline.lanes import apart
from labkit.timeline.moments import LINE, lay_out
from labkit.timeline.reading import Reading
from labkit.timeline.signs import KINDS
from labkit.timeline.view import Scale
from labkit.timeline.words import clock, lasting
from labkit.transport import IN_BROWSER

pytestmark = pytest.mark.pure

# A browser is slower, and the same tests run in full under CPython.
THOUSANDS = 800 if IN_BROWSER else 2_000
"""Events of which only the numbers are drawn."""

MOST = 1_500 if IN_BROWSER else 6_700
"""Events; 6,700 make 10,000 attempts."""

LIGHT, DARK = PICTURE.light, PICTURE.dark

CHANGING = frozenset(kind.__name__ for kind in FAULTS.values() if kind.changes_request)

SVG = "{http://www.w3.org/2000/svg}"
TIMED_OUT = "◑ timed out after 30 s"
OUTCOME = (
    "acknowledged at attempt 2; by the receiver twice: "
    "processed twice unless deduplicated"
)
HOSTILE = "<script>alert('1')</script>\"&\x00\x1b[31m\u202e]]>"


def attempt(
    event: Event,
    number: int,
    sent: float,
    ended: float,
    outcome: int | str,
    *faults: str,
) -> Attempt:
    status = outcome if isinstance(outcome, int) else None
    problem = outcome if isinstance(outcome, str) else None
    request = Request("POST", "/webhooks", (), event.body)
    start = LAB_EPOCH
    ending = Ending(status, problem, faults, request)
    return Attempt(event, number, start + sent, start + ended, ending)


def arrival(
    event: Event, number: int, at: float, status: int | None, copy: int = 0
) -> Arrival:
    return Arrival(event, number, copy, LAB_EPOCH + at, status)


def history(
    deliveries: list[tuple[Event, list[Attempt], str]], arrivals: list[Arrival]
) -> History:
    made = tuple(Delivery(event, tuple(tried), end) for event, tried, end in deliveries)
    return History(made, tuple(arrivals), LAB_EPOCH, 1, changing=CHANGING)


def lost_answer(name: str = "evt_1", kind: str = "payment.succeeded") -> History:
    """The receiver works, the answer is lost, the sender sends again."""
    event = Event(kind, {"order_id": "A-1"}, id=name)
    tries = [
        attempt(event, 1, 0, 30, "timed out", "LoseResponse"),
        attempt(event, 2, 35, 35.1, 200),
    ]
    came = [arrival(event, 1, 0.05, 200), arrival(event, 2, 35.05, 200)]
    return history([(event, tries, "acknowledged")], came)


def single(
    outcome: int | str, *faults: str, answers: tuple[int | None, ...] = ()
) -> History:
    """One attempt, and one arrival for each answer of the receiver."""
    event = Event("push", {}, id="evt_1")
    came = [
        arrival(event, 1, 0.05 + copy, status, copy)
        for copy, status in enumerate(answers)
    ]
    tried = [attempt(event, 1, 0, 5, outcome, *faults)]
    return history([(event, tried, "dead")], came)


def crowd(count: int, spread: float, name: str = "evt") -> History:
    """So many events over `spread` seconds, 1.5 attempts each, of all kinds."""
    rng = random.Random(count)
    outcomes: list[int | str] = ["timed out", "lost", "refused", 503]
    deliveries, arrivals = [], []
    for index in range(count):
        event = Event("payment.succeeded", {}, id=f"{name}_{index}")
        sent, tries = index * spread / count, []
        for number in range(1, 10):
            draw = rng.random()
            if draw < 0.66:
                tries.append(attempt(event, number, sent, sent + 0.1, 200, *_by(rng)))
                copies = 2 if draw < 0.06 else 1
                arrivals += [
                    arrival(event, number, sent + 0.05 + copy, 200, copy)
                    for copy in range(copies)
                ]
                break
            outcome = rng.choice(outcomes)
            tries.append(attempt(event, number, sent, sent + 20, outcome))
            if outcome == "timed out" and rng.random() < 0.5:
                arrivals.append(arrival(event, number, sent + 0.05, 200))
            sent += 5 * 7**number
        state = "acknowledged" if tries[-1].status == 200 else "dead"
        deliveries.append((event, tries, state))
    return history(deliveries, arrivals)


def _by(rng: random.Random) -> tuple[str, ...]:
    return ("Tamper",) if rng.random() < 0.05 else ()


def everything() -> History:
    """One of everything that a message diagram can show, in five deliveries."""
    names = ["payment.succeeded", "push", "contact.created", "push", "push"]
    _, b, c, d, e = (
        Event(name, {"n": n}, id=f"evt_{n}") for n, name in enumerate(names)
    )
    a = lost_answer("evt_0").deliveries[0].event
    day = 86_400
    return history(
        [
            (a, list(lost_answer("evt_0").deliveries[0].attempts), "acknowledged"),
            (
                b,
                [
                    attempt(b, 1, 0, 0.05, "refused", "Refuse"),
                    attempt(b, 2, 5, 5.1, 503, "ServerError"),
                    attempt(b, 3, 305, 305.1, 200, "Duplicate"),
                ],
                "acknowledged",
            ),
            (
                c,
                [
                    attempt(c, 1, 1, 31, "timed out", "LoseRequest"),
                    attempt(c, 2, 36, 66, "timed out", "Delay"),
                    attempt(c, 3, 366, 366.1, 401, "Tamper"),
                    attempt(c, 4, 2 * day, 2 * day + 0.1, 500),
                ],
                "dead",
            ),
            (
                d,
                [attempt(d, 1, 2, 2.2, "lost"), attempt(d, 2, 7, 7.1, 200, "Tamper")],
                "acknowledged",
            ),
            (e, [], "pending"),
        ],
        [
            arrival(a, 1, 0.05, 200),
            arrival(d, 1, 2.05, None),
            arrival(d, 2, 7.05, 200),
            arrival(a, 2, 35.05, 200),
            arrival(c, 2, 76.05, 200),
            arrival(b, 3, 305.05, 200),
            arrival(b, 3, 305.25, 200, 1),
            arrival(c, 3, 366.05, 401),
            arrival(c, 4, 2 * day + 0.05, 500),
            arrival(e, 1, 2 * day + 2, 200),
        ],
    )


def nothing() -> History:
    return history([], [])


def hostile() -> History:
    return lost_answer(HOSTILE, HOSTILE)


SAMPLES: dict[str, Callable[[], History]] = {
    "nothing": nothing,
    "lost answer": lost_answer,
    "everything": everything,
    "hostile": hostile,
    "lanes": lambda: crowd(30, 600),
    "hostile lanes": lambda: crowd(30, 600, HOSTILE),
    "strip": lambda: crowd(400, 20_000),
    "hostile strip": lambda: crowd(400, 20_000, HOSTILE),
    "herd": lambda: crowd(400, 0),
    "counts": lambda: crowd(THOUSANDS, 200_000),
}


@functools.cache
def sample_of(name: str) -> History:
    return SAMPLES[name]()


@functools.cache
def timeline_of(name: str) -> Timeline:
    return Timeline(sample_of(name))


@pytest.fixture(params=SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sample(name: str) -> History:
    return sample_of(name)


@pytest.fixture
def shown(name: str) -> Timeline:
    """The sample's timeline, drawn once for all tests."""
    return timeline_of(name)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 # our own picture, without entities


def words_of(svg: str) -> list[str]:
    """The text that a reader of the picture sees."""
    root = parsed(svg)
    return [text.text or "" for text in root.iter(f"{SVG}text")]


# What it tells


def test_a_lost_answer_is_told_as_text() -> None:
    shown = str(Timeline(lost_answer()))
    assert shown.splitlines() == [
        "   time  no  event              there    receiver   back     sender",
        "0:00:00  A1  payment.succeeded  arrived  200        lost     " + TIMED_OUT,
        "0:00:35  A2  payment.succeeded  arrived  200 again  arrived  ● got 200",
        "",
        "A  payment.succeeded evt_1",
        f"   {OUTCOME}",
        "",
        "● acknowledged   ◑ acknowledged, but the sender got no response",
        "",
        str(lost_answer().account),
        "The receiver acknowledged 1 event twice.",
    ]


def test_a_lost_answer_is_told_in_the_picture_in_the_same_words() -> None:
    words = words_of(Timeline(lost_answer()).svg())
    for said in (
        "sends payment.succeeded",
        "200, acknowledged",
        "response lost",
        "timed out after 30 s",
        "sends it again, same id",
        "200, acknowledged again",
        "processed twice unless deduplicated",
        "gets 200",
        "The receiver acknowledged 1 event twice.",
    ):
        assert said in words
    assert OUTCOME in " ".join(words)  # it is wrapped


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (single(200, answers=(200,)), "ack"),
        (single(200, "Duplicate", answers=(200, 200)), "ack"),
        (single("timed out", answers=(200,)), "half"),
        (single("lost", answers=(204,)), "half"),
        (single("timed out", answers=(500,)), "out"),
        (single("timed out"), "out"),
        (single("lost", answers=(None,)), "lost"),
        (single("refused"), "wall"),
        (single(503), "no"),
        (single(401, answers=(401,)), "no"),
        (single(302, answers=(200,)), "no"),
        (single(401, "Tamper", answers=(401,)), "forged"),
        (single(400, "Truncate", answers=(400,)), "forged"),
        (single(200, "Tamper", answers=(200,)), "taken"),
        (single(200, "Duplicate", "TamperSignature", answers=(401, 200)), "taken"),
        (single("timed out", "Tamper", "LoseRequest"), "out"),
    ],
)
def test_an_attempt_is_named_for_what_both_sides_know(made: History, kind: str) -> None:
    (seen,) = Reading(made).seen
    assert seen.kind.name == kind


def test_each_kind_has_a_shape_a_sign_and_a_label_of_its_own() -> None:
    assert len({(kind.fill, kind.line) for kind in KINDS}) == len(KINDS)
    assert len({kind.sign for kind in KINDS}) == len(KINDS)
    assert len({kind.label for kind in KINDS}) == len(KINDS)
    assert all(kind.fill or kind.line for kind in KINDS)


def test_everything_that_can_happen_on_the_wire_is_said() -> None:
    words = " | ".join(words_of(Timeline(everything()).svg()))
    for said in (
        "request lost",
        "response lost",
        "refused",
        "connection refused",
        "503 in transit",
        "crashed",
        "changed",
        "200, though it was changed",
        "too late: 200, acknowledged",
        "copy: 200, acknowledged again",
        "gives up: dead letter",
        "2 days later",
        "pending; acknowledged by the receiver once",
    ):
        assert said in words


def test_the_text_has_one_line_an_attempt() -> None:
    shown = str(Timeline(everything()))
    tags = re.findall(r"^ *(?:\dd )?[\d:]+  ([A-E]\d) ", shown, flags=re.MULTILINE)
    assert " ".join(tags) == "A1 B1 C1 D1 B2 D2 A2 C2 B3 C3 C4 E1"
    assert re.search(r"B3 +push +arrived twice +200, 200 again +arrived +●» g", shown)
    assert re.search(r"C2 .* arrived too late +200 +too late +◑ timed out", shown)
    assert "2d 00:00:00  C4" in shown


def test_an_event_delivered_twice_has_its_arrivals_where_they_belong() -> None:
    event = Event("push", {}, id="evt_1")
    first = [attempt(event, 1, 0, 30, "timed out")]
    resent = [attempt(event, 1, 100, 100.1, 200)]
    made = history(
        [(event, first, "dead"), (event, resent, "acknowledged")],
        [arrival(event, 1, 0.05, 200), arrival(event, 1, 100.05, 200)],
    )
    one, two = Reading(made).courses
    assert [landing.nth for landing in one.seen[0].landings] == [1]
    assert [landing.nth for landing in two.seen[0].landings] == [2]
    assert one.times == two.times == 2


def test_the_account_stands_under_picture_and_text(
    sample: History, shown: Timeline
) -> None:
    # A long one is wrapped.
    account = sample.account.line
    assert account in " ".join(words_of(shown.svg()))
    assert account in " ".join(str(shown).split())
    assert Reading(sample).receiver in words_of(shown.svg())
    assert Reading(sample).receiver in str(shown).splitlines()


def test_counts_of_picture_and_table_are_those_of_the_history() -> None:
    made = crowd(THOUSANDS, 200_000)
    shown = Timeline(made)
    words = words_of(shown.svg())
    table = str(shown).split("\n\n")[0].splitlines()
    end = table[0].index("attempts") + len("attempts")
    cells = [line[:end].split()[-1] for line in table[1:]]
    assert sum(int(cell.replace(",", "")) for cell in cells) == len(made.attempts)
    for kind, count in Reading(made).kinds:
        assert f"{count:,}" in words
        assert kind.sign in table[0]


@pytest.mark.parametrize(
    ("made", "scale"),
    [
        (lost_answer(), Scale.MESSAGES),
        (everything(), Scale.MESSAGES),
        (crowd(9, 10), Scale.LANES),
        (crowd(40, 10), Scale.LANES),
        (crowd(41, 10), Scale.BANDS),
        (crowd(2_000, 10), Scale.BANDS),
    ],
)
def test_the_number_of_attempts_chooses_the_scale(made: History, scale: Scale) -> None:
    assert Timeline(made).scale is scale


def test_hundreds_of_attempts_have_a_mark_each_and_thousands_are_counted() -> None:
    hundreds, thousands = crowd(400, 20_000), crowd(THOUSANDS, 200_000)
    marks = Timeline(hundreds).svg().count("<title>")
    doubled = Reading(hundreds).doubled
    assert marks == len(hundreds.attempts) + doubled
    assert Timeline(thousands).svg().count("<title>") < 1_000


def test_a_column_too_tall_is_cut_and_says_its_number() -> None:
    made = crowd(400, 0)
    acknowledged = sum(a.status == 200 and a.number == 1 for a in made.attempts)
    changed = sum(
        a.status == 200 and a.number == 1 and bool(a.faults) for a in made.attempts
    )
    svg = Timeline(made).svg()
    assert f"{acknowledged - changed:,}" in words_of(svg)
    assert re.search(r'class="tl\w{8}cut"', svg)


def test_the_legend_shows_only_the_signs_that_were_used() -> None:
    assert words_of(Timeline(single(200, answers=(200,))).svg())[-3:-1] == [
        "acknowledged",
        "1 event, 1 attempt, 1 arrival: 0 acknowledged, 1 dead, 0 lost, 0 doubled",
    ]
    labels = {kind.label for kind in KINDS}
    shown = Timeline(lost_answer())
    assert labels.intersection(words_of(shown.svg())) == {
        "acknowledged",
        "acknowledged, but the sender got no response",
    }
    legend = str(shown).split("\n\n")[2]
    assert {sign[2:] for sign in legend.split("   ")} <= labels


def test_a_change_on_the_way_is_said_at_the_end() -> None:
    taken = Timeline(single(200, "Tamper", answers=(200,)))
    for form in (" ".join(words_of(taken.svg())), str(taken)):
        assert "0 doubled, 1 changed" in form
        assert "It acknowledged 1 request that was changed in transit." in form
        assert "by the receiver once; A1 changed in transit" in form
    refused = Timeline(single(401, "Tamper", answers=(401,)))
    assert "0 doubled, 1 changed" in str(refused)
    assert "It acknowledged" not in str(refused)
    assert "changed" not in str(Timeline(single(200, answers=(200,))))


@pytest.mark.parametrize("count", [5, 20, 60])
def test_time_does_not_begin_days_before_the_first_attempt(count: int) -> None:
    def after(start: float) -> Timeline:
        events = [Event("push", {}, id=f"evt_{n}") for n in range(count)]
        tries = [
            attempt(e, 1, start + n, start + n + 0.1, 200) for n, e in enumerate(events)
        ]
        came = [arrival(e, 1, start + n + 0.05, 200) for n, e in enumerate(events)]
        made = [(e, [t], "acknowledged") for e, t in zip(events, tries, strict=True)]
        return Timeline(history(made, came))

    at_once, days_later = after(0), after(4 * 86_400)
    said = "Times count from the first attempt, 4d 00:00:00 after the history's start."
    for form in (" ".join(words_of(days_later.svg())), str(days_later)):
        assert said in form
        assert re.findall(r"\dd \d\d:", form.replace(said, "")) == []
        assert "4 d" not in form
    assert str(days_later) == f"{at_once}\n{said}"


def test_the_last_lines_of_a_diagram_are_wrapped() -> None:
    event = Event("payment.succeeded", {}, id="evt_1")
    tries = [attempt(event, n, 9.0 * n, 9.0 * n + 3, "timed out") for n in range(1, 5)]
    came = [arrival(event, n, 9.0 * n, 200) for n in range(1, 5)]
    shown = Timeline(history([(event, tries, "dead")], came))
    words = words_of(shown.svg())
    first = next(n for n, said in enumerate(words) if said.startswith("dead letter"))
    assert words[first].endswith("acknowledged by the receiver 4 times:")
    assert words[first + 1] == "processed 4 times unless deduplicated"


def test_the_names_of_ten_attempts_do_not_touch_their_notes() -> None:
    event = Event("push", {}, id="evt_1")
    tries = [attempt(event, n, 60.0 * n, 60.0 * n + 1, 500) for n in range(1, 11)]
    came = [arrival(event, n, 60.0 * n + 0.5, 500) for n in range(1, 11)]
    svg = Timeline(history([(event, tries, "dead")], came)).svg()
    for tag in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>A10</text>', svg):
        beside = re.findall(rf'<text x="([\d.]+)" y="{tag[1]}"', svg)
        assert all(
            float(x) - float(tag[0]) >= 36 for x in beside if float(x) > float(tag[0])
        )


def test_no_arrow_is_drawn_over_words() -> None:
    svg = Timeline(everything()).svg()
    last = max(found.start() for found in re.finditer(r'<path class="tl\w+way', svg))
    assert svg.index(">response lost<") > last
    assert svg.index(">request lost<") > last


def test_each_attempt_can_be_chosen_and_tells_its_request_and_signature() -> None:
    app = Flask("shop")
    app.post("/webhooks")(lambda: "")
    made = simulate(
        app,
        payments(2),
        scheme="stripe",
        secret="a secret of a test",
        faults=[LoseResponse(probability=0.6)],
        seed=1,
    )
    reading = Reading(made)
    told = list(facts.attempts(made, reading))
    svg = made.timeline().svg()
    assert len(told) == len(made.attempts) > 2
    for step, (item, seen) in enumerate(zip(told, reading.seen, strict=True)):
        assert svg.count(f'data-step="{step}"') == 2  # its ways, and its words
        known = dict(item.facts)
        assert item.title.startswith(f"{seen.tag}: payment.succeeded evt_0000")
        assert known["signature"].startswith("Stripe-Signature: t=")
        assert known["request"].startswith("POST /webhooks\n")
        assert '"order_id":"A-' in known["request"]
        answered = f"status {seen.status}" if seen.status else "none: timed out"
        assert known["response that the sender got"].startswith(answered)
    assert not any("a secret of a test" in str(item) for item in told)


def test_each_of_hundreds_of_attempts_can_be_selected() -> None:
    made = sample_of("strip")
    shown = made.timeline()._repr_html_()
    steps = set(re.findall(r'data-step="(\d+)"', made.timeline().svg()))
    assert steps == {str(step) for step in range(len(made.attempts))}
    assert len(made.attempts) > 600
    assert 'data-noun="attempt"' in shown
    # Where several attempts share a bar, the bar is what can be selected.
    assert 'data-noun="moment"' in sample_of("herd").timeline()._repr_html_()


@pytest.mark.parametrize("name", ["counts", "herd"])
def test_the_moments_of_many_attempts_tell_all_of_them(name: str) -> None:
    made = sample_of(name)
    told = list(facts.moments(Reading(made)))
    numbers = [int(item.title.split()[-2].replace(",", "")) for item in told]
    assert sum(numbers) == len(made.attempts)
    steps = set(re.findall(r'data-step="(\d+)"', timeline_of(name).svg()))
    assert steps == {str(step) for step in range(len(told))}


def test_what_is_secret_in_a_request_is_not_shown() -> None:
    event = Event("push", {}, id="evt_1")
    headers = (("Authorization", "Bearer abcdef123456"), ("X-Hub-Signature", "sha=1"))
    request = Request("POST", "/webhooks?token=abcdef123456", headers, event.body)
    plain = attempt(event, 1, 0, 1, 200)
    tried = replace(plain, ending=replace(plain.ending, sent=request))
    made = history([(event, [tried], "acknowledged")], [])
    shown = Timeline(made)._repr_html_()
    assert "abcdef123456" not in shown
    assert "X-Hub-Signature: sha=1" in shown


# To whom it is readable


def test_both_palettes_have_every_colour_that_is_used() -> None:
    svg = Timeline(everything()).svg()
    used = set(re.findall(r"var\(--(\w+)\)", svg))
    assert LIGHT.keys() == DARK.keys()
    assert used <= LIGHT.keys()


def test_no_colour_stands_outside_the_palettes(shown: Timeline) -> None:
    colours = set(re.findall(r"(?<![\w&])#[0-9a-f]{6}\b", shown.svg()))
    assert colours == {*LIGHT.values(), *DARK.values()}


def test_print_is_dark_on_white_whatever_the_theme() -> None:
    svg = Timeline(lost_answer()).svg()
    # The first rule is the only one that print knows, and it is light.
    first, *others = re.findall(r"(?:@media[^{]*\{)?[^{}]*\{[^{}]*--ink:[^}]*\}", svg)
    assert f"--paper:{LIGHT['paper']};" in first
    assert "jp-" not in first
    assert len(others) == 5
    assert all("@media screen" in rule for rule in others)


def test_the_picture_has_the_account_as_its_name(
    sample: History, shown: Timeline
) -> None:
    root = parsed(shown.svg())
    assert root.get("aria-label") == sample.account.line
    visited = root.findall(".//*[@tabindex]")
    assert root.get("role") == ("group" if visited else "img")


def test_few_attempts_can_be_visited_by_the_keyboard_and_tell_their_facts() -> None:
    root = parsed(Timeline(lost_answer()).svg())
    first, second = root.findall(".//*[@tabindex]")
    assert first.get("role") == second.get("role") == "img"
    assert first.findtext(f"{SVG}title") == (
        "payment.succeeded evt_1, attempt 1 · sent 0:00:00, timed out after 30 s"
        " · receiver: 200 at 0:00:00 · faults: LoseResponse"
    )
    tip = [text for text in first.iter(f"{SVG}text") if "tip" in text.get("class", "")]
    assert tip[0].text == first.findtext(f"{SVG}title")


def test_many_attempts_are_no_stops_for_the_keyboard() -> None:
    svg = Timeline(crowd(400, 20_000)).svg()
    assert "tabindex" not in svg
    assert 'role="img"' in svg


def test_no_line_of_text_is_wider_than_100_columns(shown: Timeline) -> None:
    assert max(columns(line) for line in str(shown).splitlines()) <= 100


def test_no_line_of_text_ends_in_blanks(shown: Timeline) -> None:
    assert not re.search(r"[ \t]$", str(shown), flags=re.MULTILINE)


@pytest.mark.parametrize("seed", range(20))
def test_no_two_notes_of_a_message_diagram_overlap(seed: int) -> None:
    made = crowd(8 if seed % 2 else 3, seed * 10)
    reading = Reading(made)
    dead = frozenset(
        course.seen[-1].tag
        for course in reading.courses
        if course.delivery.state == "dead"
    )
    layout = lay_out(reading.seen, dead, 0)
    for side in ("sender", "receiver"):
        here = [moment for moment in layout.moments if moment.side == side]
        for above, below in itertools.pairwise(here):
            gap = layout.heights[below.key] - layout.heights[above.key]
            assert gap >= above.lines * LINE


def test_time_runs_down_a_message_diagram() -> None:
    layout = lay_out(Reading(everything()).seen, frozenset(), 0)
    heights = [layout.heights[moment.key] for moment in layout.moments]
    assert heights == sorted(heights)
    assert [m.at for m in layout.moments] == sorted(m.at for m in layout.moments)


def test_marks_of_a_lane_are_moved_apart_in_their_order() -> None:
    assert apart([0, 1, 50], 100) == [0, 11, 50]
    assert apart([90, 95, 99], 100) == [78, 89, 100]
    assert apart([], 100) == []


# The time axis


def test_three_days_have_ticks_of_seconds_minutes_hours_and_days() -> None:
    axis = axis_for([0.0] * 10 + [5.0, 300.0], 3 * 86_400, 0, 544)
    labels = [label for _, label in axis.ticks(50)]
    assert labels[0] == "0"
    assert {label.split()[-1] for label in labels[1:]} == {"s", "min", "h", "d"}


@pytest.mark.parametrize("knee", [None, 1, 3_600])
@pytest.mark.parametrize("span", [1.0, 90.0, 7_200.0, 259_200.0, 2_592_000.0])
def test_an_axis_goes_forward_and_back(span: float, knee: float | None) -> None:
    axis = Axis(span, knee, 100, 644)
    moments = [span * step / 50 for step in range(51)]
    places = [axis.x(moment) for moment in moments]
    assert places == sorted(places)
    assert places[0] == 100
    assert places[-1] == pytest.approx(644)
    assert [axis.seconds(place) for place in places] == pytest.approx(moments)


@pytest.mark.parametrize("knee", [None, 1, 3_600])
@pytest.mark.parametrize("span", [1.0, 90.0, 7_200.0, 259_200.0, 2_592_000.0])
def test_ticks_have_room_and_are_enough(span: float, knee: float | None) -> None:
    axis = Axis(span, knee, 0, 544)
    places = [axis.x(moment) for moment, _ in axis.ticks(56)]
    assert all(b - a >= 56 for a, b in itertools.pairwise(places))
    assert 2 <= len(places) <= 10


def test_events_spread_over_hours_have_an_even_axis() -> None:
    assert axis_for([0.0, 3_600.0, 7_200.0], 9_000, 0, 1).knee is None
    assert axis_for([0.0, 0.0, 0.0, 300.0], 259_200, 0, 1).knee == 1


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00:00"),
        (34.9999999, "0:00:35"),
        (35.2, "0:00:35"),
        (86_399, "23:59:59"),
        (183_600, "2d 03:00:00"),
        (-1, "0:00:00"),
    ],
)
def test_offsets_are_written_as_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.05, "0.05 s"),
        (5, "5 s"),
        (5.25, "5.2 s"),
        (30, "30 s"),
        (300, "5 min"),
        (18_000, "5 h"),
        (99_305, "27.6 h"),
        (259_200, "3 days"),
    ],
)
def test_lengths_of_time_have_their_natural_unit(seconds: float, shown: str) -> None:
    assert lasting(seconds) == shown


# What it never lets through


def test_the_picture_is_well_formed_and_holds_no_program(shown: Timeline) -> None:
    root = parsed(shown.svg())
    allowed = {"svg", "style", "defs", "g", "path", "rect", "circle", "text", "title"}
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in allowed | {"use"}
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            if name.endswith("href"):
                assert value.startswith("#")


def test_the_picture_asks_for_nothing_from_outside(shown: Timeline) -> None:
    svg = shown.svg()
    assert re.findall(r"\w+://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in svg
    assert "@import" not in svg


def test_hostile_text_is_shown_as_text() -> None:
    shown = Timeline(hostile())
    for markup in (shown.svg(), shown._repr_html_()):
        assert "<script>alert" not in markup
        assert "&lt;script&gt;" in markup
    assert any("<script>" in words for words in words_of(shown.svg()))


def test_what_moves_the_cursor_or_turns_the_line_is_taken_out(shown: Timeline) -> None:
    for form in (shown.svg(), str(shown), shown._repr_html_()):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", form)


def test_wide_characters_keep_the_columns_aligned() -> None:
    shown = str(Timeline(lost_answer("注文" * 30, "支払い" * 20)))
    first, second = shown.splitlines()[1:3]
    at = [columns(line[: line.index("arrived")]) for line in (first, second)]
    assert at[0] == at[1]
    assert columns(fit("支払い" * 20, 9)) == 9


# Where it can stand


def test_the_same_history_gives_the_same_bytes(sample: History) -> None:
    again = History.from_jsonl(sample.to_jsonl())
    assert Timeline(sample).svg() == Timeline(again).svg()
    assert str(Timeline(sample)) == str(Timeline(again))
    assert Timeline(sample)._repr_html_() == Timeline(again)._repr_html_()


def test_every_class_and_id_is_the_pictures_own() -> None:
    names = []
    for made in (lost_answer("evt_1"), lost_answer("evt_2"), crowd(30, 60)):
        svg = Timeline(made).svg()
        (own,) = set(re.findall(r"tl[0-9a-f]{8}", svg))
        found = {
            name
            for listed in re.findall(r'(?:class|id)="([^"]*)"', svg)
            for name in listed.split()
        }
        assert all(name.startswith(own) for name in found)
        style = svg[svg.index("<style>") : svg.index("</style>")]
        for rule in re.findall(r"([^{}]*)\{[^{}]*\}", style):
            assert own in rule
        names.append(own)
    assert len(set(names)) == 3


def test_a_cell_gets_the_picture_and_its_text() -> None:
    shown = Timeline(lost_answer())
    bundle = shown._repr_mimebundle_()
    assert bundle.keys() == {"text/html", "text/plain"}
    assert bundle["text/plain"] == str(shown)
    assert shown.svg().strip() in inlined(bundle["text/html"])
    assert "<script" not in shown.svg()
    # The facts of the attempts as JSON, and the program that shows them.
    assert bundle["text/html"].count("<script") == 2
    assert shown._repr_mimebundle_(include={"text/plain"}).keys() == {"text/plain"}
    assert shown._repr_mimebundle_(exclude={"text/plain"}).keys() == {"text/html"}


def test_a_timeline_names_itself_in_a_list() -> None:
    assert repr(Timeline(nothing())) == f"<Timeline of {nothing().account}>"
    assert isinstance(Timeline(nothing()), Timeline)


def test_where_nothing_was_sent_it_says_so() -> None:
    assert "Nothing was sent." in str(Timeline(nothing()))
    assert "Nothing was sent." in words_of(Timeline(nothing()).svg())


@pytest.mark.parametrize(
    "made",
    [
        lambda: crowd(MOST, 0),
        lambda: crowd(MOST, 259_200),
        lambda: crowd(640, 30_000),
        lambda: crowd(640, 30_000, HOSTILE),
        lambda: crowd(40, 600, HOSTILE),
    ],
)
def test_the_picture_stays_under_200_kb(made: Callable[[], History]) -> None:
    assert len(Timeline(made()).svg().encode()) < 200_000


@pytest.mark.skipif(IN_BROWSER, reason="a browser is slower")
@pytest.mark.parametrize("events", [500, pytest.param(6_700, marks=pytest.mark.full)])
def test_it_is_drawn_while_a_slider_moves(events: int) -> None:
    """Drawing takes about as long as writing the history: 12 ms for 500 events."""
    made = crowd(events, 30_000)

    def took(work: Callable[[], object]) -> float:
        began = time.thread_time()
        work()
        return time.thread_time() - began

    drawing = min(took(Timeline(made).svg) for _ in range(4))
    writing = min(took(made.to_jsonl) for _ in range(4))
    assert drawing < 5 * writing


@pytest.mark.parametrize("spread", [0, 1, 600, 20_000, 400_000])
@pytest.mark.parametrize("count", [50, 200, 660])
def test_a_strip_is_no_taller_than_a_screen(count: int, spread: float) -> None:
    root = parsed(Timeline(crowd(count, spread)).svg())
    assert float(root.get("height", "")) <= 760
