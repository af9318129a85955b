"""Lab 12's month: what it is worth, and what stands behind each lost point."""

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from labkit.checks import judge_solution
from labkit.checks.verdicts import Note
from labkit.exercises.lab12_night_shift import LADDER, OLD, incident, score
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.month import STARTS, month
from labkit.exercises.lab12_night_shift.receive import NIGHT_SHIFT, judge
from labkit.exercises.lab12_night_shift.scoring import ASPECTS, WORTH
from labkit.exercises.lab12_night_shift.sheet import Sheet
from labkit.faults import FAULTS
from labkit.profiles import PROFILES
from labkit.samples import payments
from labkit.sender import Clock, Plan, Signature, Simulation
from labkit.signing import SCHEMES
from labkit.transport import AppTransport
from tests.apps import shop
from tests.repeated import first_of

ROOT = Path(__file__).parent.parent
SEEDS = range(1, 21)
STEPS = [*LADDER, "full"]
MOST = {"naive": 34, "signed": 54, "honest": 60, "remembering": 64, "durable": 80}
LEAST = {"naive": 20, "signed": 40, "honest": 60, "remembering": 62, "durable": 80}

MakeApp = Callable[[Config], Any]


@cache
def explained() -> MakeApp:
    """Return make_app as the explained solution in the notebook's source has it."""
    import jupytext

    text = (ROOT / "solutions" / "12_night_shift.py").read_text("utf-8")
    cells = [
        cell.source
        for cell in jupytext.reads(text, "py:percent").cells
        if cell.cell_type == "code"
    ]
    space: dict[str, Any] = {}
    for name in ("def make_naive", "def is_genuine", "def make_app"):
        (cell,) = (source for source in cells if name in source)
        code = cell.partition("\npredict(")[0].partition("\ncheck(")[0]
        exec(code, space)  # noqa: S102 - the lab's own cells, up to their first run
    make_app: MakeApp = space["make_app"]
    return make_app


def step(name: str) -> MakeApp:
    """Return a step of the ladder, or the explained solution."""
    return explained() if name == "full" else LADDER[name]


@pytest.mark.parametrize("seed", first_of(SEEDS))
def test_every_step_of_the_ladder_is_worth_more_than_the_one_below(seed: int) -> None:
    sheets = {name: judge(step(name), month(seed)) for name in STEPS}
    points = [sheet.points for sheet in sheets.values()]
    assert points == sorted(set(points))
    assert sheets["full"].points == WORTH * len(ASPECTS)
    assert sheets["full"].losses == ()
    for name in LADDER:
        assert LEAST[name] <= sheets[name].points <= MOST[name]


def test_the_steps_do_not_overlap_in_any_of_the_months() -> None:
    names = list(LADDER)
    for lower, higher in pairwise(names):
        assert MOST[lower] < LEAST[higher]


@pytest.mark.pure
def test_the_same_month_gives_the_same_bytes() -> None:
    one, other = (judge(LADDER["naive"], month(7)) for _ in range(2))
    assert one.history.to_jsonl() == other.history.to_jsonl()
    assert str(one) == str(other)
    assert one._repr_html_() == other._repr_html_()


@pytest.mark.pure
def test_the_check_comes_to_its_end_wherever_it_runs() -> None:
    verdict = judge_solution(NIGHT_SHIFT, LADDER["durable"])
    assert verdict.mistake == "nobody-is-paged"


def test_another_month_is_another_one() -> None:
    assert month(1) is not month(2)
    assert month(1).events != month(2).events
    assert month(1).incidents != month(2).incidents


def test_every_fault_of_the_kit_is_at_work_all_month() -> None:
    assert {fault.name for fault in month(3).faults} == set(FAULTS)


@pytest.mark.parametrize("name", ["naive", "signed", "honest", "remembering"])
def test_each_lost_point_names_a_delivery_that_exists(name: str) -> None:
    sheet = judge(LADDER[name], month(4))
    attempts = known_attempts(sheet)
    assert len(sheet.losses) > 10
    for loss in sheet.losses:
        assert loss.event_id in attempts
        assert loss.event_id in str(sheet.lost_points(loss.aspect))
        assert "no request" not in str(sheet.story(loss.event_id)).lower()
        assert loss.at >= STARTS
        if "stranger" not in loss.label:
            assert int(loss.label.split()[-1]) in attempts[loss.event_id]


def known_attempts(sheet: Sheet) -> dict[str, set[int]]:
    """Return the attempts that the senders have noted, by the event's id."""
    known: dict[str, set[int]] = {
        forgery.event.id: {1} for forgery in sheet.shift.month.forgeries
    }
    for history in (sheet.shift.history, sheet.shift.resent):
        for attempt in history.attempts:
            known.setdefault(attempt.event.id, set()).add(attempt.number)
    return known


def test_points_add_up_and_no_aspect_goes_below_nothing() -> None:
    sheet = judge(LADDER["naive"], month(5))
    for aspect in ASPECTS:
        cost = sum(loss.points for loss in sheet.losses if loss.aspect == aspect)
        assert sheet.points_of(aspect) == max(0, WORTH - cost)
    assert sheet.points == sum(map(sheet.points_of, ASPECTS))
    assert f"{sheet.points} of 100 points" in str(sheet)
    assert f"{sheet.points} of 100 points" in sheet._repr_html_()


def test_what_a_receiver_says_is_escaped_on_the_sheet() -> None:
    def make_app(config: Config) -> Flask:
        app = Flask("shop")

        @app.post("/webhooks")
        def webhook() -> Any:
            config.page("<script>alert(1)</script>")
            return "", 204

        return app

    sheet = score(make_app)
    assert isinstance(sheet, Sheet)
    assert "&lt;script&gt;" in sheet._repr_html_()
    assert "<script>alert" not in sheet._repr_html_()


def test_the_bars_and_the_heads_of_a_sheet_need_no_rule_of_the_host() -> None:
    """JupyterLab drops `currentColor` if untrusted, and VS Code sets heads in light."""
    whole = judge(LADDER["naive"], month(5))._repr_html_()
    shown = re.sub("<img [^>]*>", "", whole)  # a picture has rules of its own
    assert "currentColor" not in shown
    heads = re.findall(r"<th [^>]*>", shown)
    assert heads
    assert all("font-weight:600" in head for head in heads)


def test_a_stub_earns_a_note_and_an_error_goes_through() -> None:
    def stub(config: Config) -> Flask:
        raise NotImplementedError

    def broken(config: Config) -> Flask:
        raise KeyError("secret")

    assert isinstance(score(stub), Note)
    with pytest.raises(KeyError, match="secret"):
        score(broken)
    with pytest.raises(TypeError, match="not a Flask app"):
        score(lambda _config: None)


def test_no_secret_is_shown_on_the_sheet() -> None:
    sheet = judge(LADDER["naive"], month(1))
    rotation = month(1).rotation
    shown = str(sheet) + sheet._repr_html_() + str(sheet.lost_points("forged"))
    for secret in (rotation.old, rotation.new):
        assert secret.removeprefix("whsec_") not in shown


def test_the_first_incident_is_a_rotation_and_nothing_else() -> None:
    night = incident("first")
    refused = [line.got.number for line in night.lines if line.got.status == 401]
    assert refused
    assert all(night.inspect(n).outcome == "bad signature" for n in refused)
    accepted = {line.got.number for line in night.lines} - set(refused)
    assert all(night.inspect(n).outcome == "authentic" for n in accepted)
    assert night.parcels == len(night.history.deliveries)


def test_the_second_incident_is_all_204_and_all_timed_out() -> None:
    night = incident("second")
    assert {line.got.status for line in night.lines} == {204}
    slow = {line.got.number for line in night.lines if line.seconds > 20}
    unheard = [a for a in night.history.attempts if a.problem == "timed out"]
    assert len(slow) == len(unheard) == 6


def test_the_third_incident_is_silence_and_a_resend_ends_it() -> None:
    night = incident("third")
    assert {line.got.status for line in night.lines} == {204}
    assert night.history.disabled_at is not None
    assert len(night.history.dead_letters) == 10
    assert night.resent is not None
    assert night.resent.account.acknowledged == 10
    assert night.parcels_after == len(night.history.deliveries)


def test_two_senders_on_one_clock_take_their_turns() -> None:
    env = Clock()
    transport = AppTransport(shop([]))
    histories = []
    for seed in (1, 2):
        events = payments(3, every=60, seed=seed)
        plan = Plan(
            events=events,
            started_at=float(events[0].created_at),
            path="/webhooks",
            signature=Signature(SCHEMES["standard"], OLD, (), "http://127.0.0.1"),
            profile=PROFILES["standard"],
            faults=(),
            seed=seed,
            concurrency=None,
            speed=None,
        )
        sender = Simulation(plan, transport, env=env)
        sender.begin([event.created_at + 30.0 * (seed - 1) for event in events])
        histories.append(sender)
    env.run()
    times = [[a.sent_at for a in each.history().attempts] for each in histories]
    starts = times[0][0]
    assert [at - starts for at in times[0]] == [0, 60, 120]
    assert [at - starts for at in times[1]] == [30, 90, 150]
