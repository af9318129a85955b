"""The playground's engine: positions, counts, lines of code, sweeps. No widget."""

import functools
import json
from collections.abc import Callable
from statistics import NormalDist

import pytest
from flask import Flask, request

from labkit import Event, simulate
from labkit.drawing.embedding import inlined
from labkit.errors import BadSetting, UnknownName
from labkit.faults import FAULTS, Delay, LoseRequest, LoseResponse, Outage, ServerError
from labkit.playground import (
    WATCHED,
    Position,
    Stand,
    dial_for,
    sweep,
    usual_dials,
    wilson,
)
from labkit.playground.dials import dials_for
from labkit.playground.position import written
from labkit.samples import contacts, payments, pushes

pytestmark = pytest.mark.pure

MakeApp = Callable[[], Flask]


def shop(shipped: list[str], *, key: str = "id", careful: bool = False) -> MakeApp:
    """Return a function that makes a shop; a careful one ships an event once."""

    def make_app() -> Flask:
        app = Flask("shop")
        seen: set[str] = set()

        @app.post("/webhooks")
        def webhook() -> tuple[str, int]:
            event = request.get_json()
            if not (careful and event["id"] in seen):
                seen.add(event["id"])
                shipped.append(event["id"] if key == "id" else event["data"][key])
            return "", 200

        return app

    return make_app


# Dials


def test_every_fault_has_a_dial_that_turns_it() -> None:
    for name in FAULTS:
        dial = dial_for(name)
        assert dial.name == name
        assert dial.says.endswith((".", ":"))
        assert dial.turned(0) is None
        fault = dial.turned(dial.most)
        assert type(fault) is FAULTS[name]
        assert getattr(fault, dial.setting) == dial.most * dial.worth


def test_a_dial_brings_the_settings_of_its_fault_and_starts_where_it_stands() -> None:
    dial = dial_for(Delay(seconds=20, probability=0.1))
    assert dial.start == 0.1
    assert dial.turned(0.30000000000000004) == Delay(seconds=20, probability=0.3)
    assert dial_for(Outage(lasts=600)).start == 10
    assert dial_for(Outage).turned(5) == Outage(lasts=300)


def test_forgeries_have_a_dial_only_where_requests_are_signed() -> None:
    assert "Tamper" not in {dial.name for dial in usual_dials(signed=False)}
    assert "Tamper" in {dial.name for dial in usual_dials(signed=True)}


@pytest.mark.parametrize("nothing", [3, None, str, object()])
def test_what_is_no_fault_has_no_dial(nothing: object) -> None:
    with pytest.raises(BadSetting, match="is not a fault"):
        dial_for(nothing)  # type: ignore[arg-type]


def test_an_unknown_fault_and_one_given_twice_are_refused() -> None:
    with pytest.raises(UnknownName, match="LoseResponse"):
        dial_for("LoseResponce")
    with pytest.raises(BadSetting, match="Delay is there twice"):
        dials_for([Delay, "Delay"])


# Positions and their lines of code


@pytest.mark.parametrize(
    ("position", "arguments"),
    [
        (
            Position(),
            'payments(100), profile="standard", seed=0',
        ),
        (
            Position("svix", 5, (LoseResponse(),), 3),
            'payments(5), profile="svix", faults=[LoseResponse()], seed=3',
        ),
    ],
)
def test_a_position_is_one_line_of_code(position: Position, arguments: str) -> None:
    line = Stand(shop([])).line(position)
    assert line == f"simulate(make_app(), {arguments}).timeline()"


@pytest.mark.parametrize(
    "fault",
    [
        LoseRequest(probability=0.35),
        LoseRequest(),
        Outage(starts=60, lasts=1234567),
        ServerError(status=503, probability=0.05, after=10, until=1e6, only="push"),
        *(kind() for kind in FAULTS.values()),
    ],
    ids=written,
)
def test_a_fault_is_written_as_the_code_that_makes_it(fault: object) -> None:
    made = eval(written(fault), dict(FAULTS))  # type: ignore[arg-type]  # noqa: S307 - our own line
    assert made == fault


@pytest.mark.parametrize("source", [payments, pushes, contacts])
def test_the_line_of_code_gives_the_same_history(
    source: Callable[[int], list[Event]],
) -> None:
    make_app = shop([])
    position = Position(
        "slack", 40, (LoseResponse(probability=0.3), Outage(lasts=600)), 5, source
    )
    secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
    stand = Stand(make_app, scheme="standard", secret=secret)
    trial = stand.trial(position)
    space: dict[str, object] = {"make_app": make_app}
    exec("\n".join([*trial.imports, "history = " + _plain(trial.code)]), space)  # noqa: S102 - our own line
    history = space["history"]
    assert history.to_jsonl() == trial.history.to_jsonl()  # type: ignore[attr-defined]


def _plain(code: str) -> str:
    assert code.endswith(".timeline()")
    return code.removesuffix(".timeline()")


@pytest.mark.parametrize(
    ("receiver", "called"),
    [
        (shop([]), "make_app()"),
        (functools.partial(shop([])), "make_app()"),
        (shop([])(), "app"),
        ("http://127.0.0.1:5000", "'http://127.0.0.1:5000'"),
    ],
)
def test_the_receiver_is_called_as_a_learner_calls_it(
    receiver: MakeApp | Flask | str, called: str
) -> None:
    assert Stand(receiver).line(Position()).startswith(f"simulate({called}, ")


def test_a_position_without_events_and_a_receiver_that_is_none_are_refused() -> None:
    with pytest.raises(BadSetting, match="from 1 to"):
        Position(events=0)
    with pytest.raises(BadSetting, match="the function itself"):
        Stand(None)  # type: ignore[arg-type]


# Counts


def test_effects_tell_what_acknowledgements_hide() -> None:
    shipped: list[str] = []
    losing = Position(faults=(LoseResponse(probability=0.3),), events=50)
    careless = Stand(shop(shipped), effects=shipped).trial(losing).counts
    careful = Stand(shop(shipped, careful=True), effects=shipped).trial(losing).counts
    by_answers = Stand(shop([], careful=True)).trial(losing).counts

    assert careless.doubled == by_answers.doubled > 0
    assert careful.doubled == 0
    assert careful.lost == careless.lost == 0
    assert careful.by_effects
    assert not by_answers.by_effects


def test_a_receiver_that_acknowledges_and_does_nothing_loses_everything() -> None:
    stand = Stand(shop([]), effects=list)
    counts = stand.trial(Position(events=10)).counts
    assert counts.lost == 10
    assert Stand(shop([])).trial(Position(events=10)).counts.lost == 0


def test_effects_may_name_orders_and_only_new_ones_count() -> None:
    shipped = ["A-1", "A-1"]
    stand = Stand(shop(shipped, key="order_id"), effects=lambda: shipped)
    counts = stand.trial(Position(events=5)).counts
    assert (counts.lost, counts.doubled, counts.strange) == (0, 0, 0)


def test_effects_need_not_be_in_the_order_of_the_work() -> None:
    shipped = ["zzz", "evt_00001"]
    stand = Stand(shop(shipped), effects=lambda: sorted(shipped))
    counts = stand.trial(Position(events=5)).counts
    assert (counts.lost, counts.doubled, counts.strange) == (0, 0, 0)


def test_an_effect_that_belongs_to_no_event_is_strange() -> None:
    done: list[str] = []

    def make_app() -> Flask:
        app = shop(done)()
        app.before_request(lambda: done.append("A-999"))
        return app

    counts = Stand(make_app, effects=done).trial(Position(events=5)).counts
    assert counts.strange == 5
    assert ("strange", "5") in counts.rows()


def test_late_is_what_is_acknowledged_after_the_patience() -> None:
    position = Position("svix", 20, (Outage(lasts=600),))
    trial = Stand(shop([]), late=120).trial(position)
    first = {a.event.id: a.at for a in reversed(trial.history.arrivals)}
    created = {event.id: event.created_at for event in payments(20)}
    late = sum(at - created[id_] > 120 for id_, at in first.items())
    assert trial.counts.late == late > 0
    assert "more than 2 min" in trial.counts.meaning


def test_counts_agree_with_the_history_where_there_are_no_effects() -> None:
    faults = (LoseResponse(probability=0.4), ServerError(probability=0.4))
    trial = Stand(shop([])).trial(Position("slack", 200, faults))
    account = trial.history.account
    assert trial.counts.events == account.events == 200
    assert trial.counts.lost == account.lost
    assert trial.counts.doubled == account.doubled
    assert trial.counts.dead == account.dead > 0
    assert trial.counts.attempts_per_event == account.attempts / 200


def test_what_handlers_print_does_not_land_in_the_cell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def make_app() -> Flask:
        app = shop([])()
        app.before_request(lambda: print("hello"))
        return app

    Stand(make_app).trial(Position(events=3))
    assert capsys.readouterr().out == ""


# Sweeps


def test_a_sweep_counts_the_runs_in_which_it_happened() -> None:
    faults = [LoseResponse(probability=0.08)]
    swept = sweep(shop([]), payments(5), faults=faults, seeds=40)
    hits, first, most = 0, None, 0
    for seed in range(40):
        account = simulate(shop([])(), payments(5), faults=faults, seed=seed).account
        hits += account.doubled > 0
        first = seed if first is None and account.doubled else first
        most = max(most, account.doubled)
    rate = swept.rate("doubled")
    assert (rate.hits, rate.runs, rate.first, rate.most) == (hits, 40, first, most)
    assert 0 < rate.low < rate.share < rate.high < 1
    assert rate.mean > 0


def test_a_sweep_says_that_not_once_is_not_never() -> None:
    shown = str(sweep(shop([]), payments(1), seeds=100))
    assert "doubled      0     0%  0 to 3.7%" in shown
    assert "A rate of up to 3.7% is consistent" in shown


@pytest.mark.parametrize(
    ("guess", "place"), [(0, "below"), (20, "within"), (40, "above")]
)
def test_what_was_expected_is_set_beside_what_came(guess: int, place: str) -> None:
    faults = [LoseResponse(probability=0.14)]
    swept = sweep(
        shop([]), payments(5), faults=faults, seeds=40, expected={"doubled": guess}
    )
    (said,) = swept.compared()
    assert f"you expected {guess} of 40 runs, it was" in said
    assert f"lies {place} the interval" in said
    assert said in str(swept)


def test_a_sweep_of_one_app_says_that_it_remembers() -> None:
    assert "All runs used the same app" in str(sweep(shop([])(), payments(2), seeds=2))
    assert "same app" not in str(sweep(shop([]), payments(2), seeds=2))


def test_a_sweep_of_a_stub_says_so_and_raises_nothing() -> None:
    def make_app() -> Flask:
        raise NotImplementedError

    assert "still the stub" in str(sweep(make_app, payments(2), seeds=2))


def test_senseless_sweeps_are_refused() -> None:
    with pytest.raises(BadSetting, match="seeds is 0; give a whole number from 1"):
        sweep(shop([]), payments(2), seeds=0)
    with pytest.raises(BadSetting, match="no seed"):
        sweep(shop([]), payments(2), seeds=[])
    with pytest.raises(UnknownName, match="doubled"):
        sweep(shop([]), payments(2), seeds=2, expected={"double": 1})
    with pytest.raises(BadSetting, match="from 0 to 2"):
        sweep(shop([]), payments(2), seeds=2, expected={"doubled": 3})
    with pytest.raises(UnknownName):
        sweep(shop([]), payments(2), seeds=2).rate("double")


def test_a_sweep_is_the_same_every_time() -> None:
    faults = [LoseResponse(probability=0.1)]
    one, other = (
        str(sweep(shop([]), payments(10), faults=faults, seeds=5)) for _ in range(2)
    )
    assert one == other
    assert all(name in one for name in WATCHED)
    assert max(map(len, one.splitlines())) <= 100


@pytest.mark.parametrize(
    ("hits", "runs", "low", "high"),
    [
        # Worked out by hand from Wilson's formula, to four places.
        (0, 100, 0.0, 0.0370),
        (100, 100, 0.9630, 1.0),
        (50, 100, 0.4038, 0.5962),
        (1, 10, 0.0179, 0.4042),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilsons_interval(hits: int, runs: int, low: float, high: float) -> None:
    assert wilson(hits, runs) == pytest.approx((low, high), abs=5e-5)


def test_wilsons_interval_solves_the_equation_it_comes_from() -> None:
    z = NormalDist().inv_cdf(0.975)
    for hits, runs in ((3, 17), (63, 100), (1, 2)):
        for end in wilson(hits, runs):
            error = abs(hits / runs - end)
            assert error == pytest.approx(z * (end * (1 - end) / runs) ** 0.5, rel=1e-5)


@pytest.mark.parametrize(("hits", "runs"), [(-1, 10), (11, 10), (0, 0)])
def test_what_is_no_rate_has_no_interval(hits: int, runs: int) -> None:
    with pytest.raises(BadSetting, match=r"(hits|runs) is"):
        wilson(hits, runs)


def test_a_trial_shows_picture_counts_and_code_in_a_cell() -> None:
    hostile = "<script>nasty()"

    def nasty(count: int) -> list[Event]:
        return [Event(hostile, {}, id=f"e{number}") for number in range(count)]

    trial = Stand(shop([])).trial(Position(events=2, source=nasty))
    shown = trial._repr_html_()
    assert "<svg" in inlined(shown)
    assert hostile not in shown
    assert trial.code in str(trial)
    assert json.dumps(str(trial))
