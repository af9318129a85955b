"""The widgets without a page: what follows a slider, and how often it is drawn."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest
from flask import Flask, request

from labkit.errors import UnknownName
from labkit.faults import Delay, LoseResponse
from labkit.playground import Position, Stand, Trial
from labkit.widgets import pace, playground, slide
from labkit.widgets.controls import SEEDS
from labkit.widgets.newest import Newest
from labkit.widgets.pace import Pace
from labkit.widgets.panel import Panel
from labkit.widgets.single import Slide
from labkit.widgets.steps import in_steps

MakeApp = Callable[[], Flask]


def shop(shipped: list[str]) -> MakeApp:
    def make_app() -> Flask:
        app = Flask("shop")

        @app.post("/webhooks")
        def webhook() -> tuple[str, int]:
            shipped.append(request.get_json()["id"])
            return "", 200

        return app

    return make_app


def panel_of(receiver: Any = None, **settings: Any) -> Panel:
    made = playground(receiver or shop([]), **{"events": 20, **settings})
    assert isinstance(made, Panel)
    return made


def noting(done: list[object]) -> Iterator[None]:
    for number in range(3):
        done.append(number)
        yield


def page(panel: Panel) -> str:
    """All HTML that the panel shows."""
    return "\n".join(
        child.value
        for child in panel.box.children
        if isinstance(child, ipywidgets.HTML)
    )


# Newest


def test_work_runs_once_a_call() -> None:
    runs: list[int] = []
    newest = Newest(lambda: runs.append(1))
    newest()
    newest()
    assert runs == [1, 1]


def test_work_that_asks_for_itself_runs_again_and_not_within_itself() -> None:
    depth, deepest, states = 0, 0, [3]

    def work() -> None:
        nonlocal depth, deepest
        depth += 1
        deepest = max(deepest, depth)
        if states[-1] > 0:
            states.append(states[-1] - 1)
            newest()
        depth -= 1

    newest = Newest(work)
    newest()
    assert states == [3, 2, 1, 0]
    assert deepest == 1


def test_the_last_state_is_seen_whichever_thread_it_comes_from() -> None:
    state, seen, at_once = 0, [], 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal at_once
        assert guard.acquire(blocking=False), "two runs at once"
        at_once = state
        time.sleep(0.002)
        seen.append(at_once)
        guard.release()

    newest = Newest(work)

    def turn(first: int) -> None:
        nonlocal state
        for number in range(first, first + 20):
            state = number
            newest()

    threads = [threading.Thread(target=turn, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    newest()
    assert seen[-1] == state
    assert len(seen) <= 81


def test_work_that_raises_can_run_again() -> None:
    errors = [ValueError("once")]

    def work() -> None:
        if errors:
            raise errors.pop()

    newest = Newest(work)
    with pytest.raises(ValueError, match="once"):
        newest()
    newest()


def test_trials_from_several_threads_do_not_count_each_others_work() -> None:
    shipped: list[str] = []
    stand = Stand(shop(shipped), effects=shipped)
    doubled = []

    def play() -> None:
        doubled.append(stand.trial(Position(events=50)).counts.doubled)

    threads = [threading.Thread(target=play) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert doubled == [0, 0, 0, 0]


# Steps


def test_without_an_event_loop_all_steps_are_done_at_once() -> None:
    done: list[object] = []
    in_steps(noting(done))
    assert done == [0, 1, 2]


def test_in_an_event_loop_others_get_their_turn() -> None:
    done: list[object] = []

    async def cell() -> None:
        in_steps(noting(done))
        done.append("cell")
        await asyncio.sleep(0.1)

    asyncio.run(cell())
    assert done == ["cell", 0, 1, 2]


# The panel


def test_everything_follows_a_slider() -> None:
    panel = panel_of(profile="svix")
    before = page(panel)
    panel.sliders.faults["LoseResponse"].value = 0.3
    assert panel.trial is not None
    assert panel.trial.counts.doubled > 0
    shown = page(panel)
    assert shown != before
    assert f">{panel.trial.counts.attempts_per_event:.2f}<" in shown
    assert "LoseResponse(probability=0.3)" in shown
    assert panel.trial.history.account.line in shown


def test_provider_events_and_seed_are_sliders_too() -> None:
    panel = panel_of(faults=[LoseResponse(probability=0.5)])
    panel.sliders.profile.value = "github"
    panel.sliders.events.value = 50
    panel.sliders.seed.value = 7
    assert panel.trial is not None
    assert panel.trial.code == (
        'simulate(make_app(), payments(50), profile="github", '
        "faults=[LoseResponse(probability=0.5)], seed=7).timeline()"
    )
    assert panel.trial.counts.dead > 0


def test_while_a_slider_moves_fewer_events_are_sent_and_at_rest_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "REST", 0.02)
    monkeypatch.setattr(Pace, "fitting", lambda _pace, events: min(events, 5))
    sent: list[tuple[int, str]] = []

    async def cell() -> None:
        panel = panel_of(events=20)
        for value in (0.1, 0.2, 0.3):
            panel.sliders.faults["LoseResponse"].value = value
            assert panel.trial is not None
            sent.append((panel.trial.counts.events, panel.state.value))
        assert "payments(20)" in page(panel)
        panel.state.observe(lambda change: sent.append((0, change.new)), names="value")
        await asyncio.sleep(0.2)
        assert panel.trial is not None
        sent.append((panel.trial.counts.events, panel.state.value))

    asyncio.run(cell())
    assert [events for events, _ in sent] == [5, 5, 5, 0, 0, 20]
    assert all("The first 5 of 20 events" in said for _, said in sent[:3])
    assert "Sending 20 events" in sent[3][1]
    assert "events" not in sent[-1][1]


def test_what_is_compared_has_all_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "fitting", lambda _pace, events: min(events, 5))

    async def cell() -> None:
        panel = panel_of(events=20)
        panel.sliders.faults["LoseResponse"].value = 0.3
        panel.questions.guess.value = "4"
        panel.questions.compare.click()
        assert "you expected 4 of 20 events" in panel.notes[0]

    asyncio.run(cell())


def test_the_pace_is_that_of_the_last_picture() -> None:
    measured = Pace([1, 10, 100, 1_000])
    assert measured.fitting(1_000) == 1_000
    measured.note(1_000, 1.0)
    assert measured.fitting(1_000) == 100
    assert measured.fitting(120) == 120
    measured.note(100, 100.0)
    assert measured.fitting(1_000) == 1


def test_the_picture_can_be_text() -> None:
    panel = panel_of()
    assert "<svg" in page(panel)
    panel.questions.form.value = "text"
    assert "<svg" not in page(panel)
    assert "in the end" in page(panel)


def test_an_expectation_is_set_beside_what_came() -> None:
    panel = panel_of(faults=[LoseResponse(probability=0.3)])
    asked = panel.questions
    asked.guess.value = "4"
    asked.compare.click()
    assert panel.trial is not None
    found = panel.trial.counts.doubled
    assert panel.notes == [f"doubled: you expected 4 of 20 events, it was {found}."]
    assert panel.notes[0] in page(panel)


@pytest.mark.parametrize("text", ["", "many", "-1", "21", "½", "1.5"])
def test_what_is_no_number_of_events_is_asked_for_again(text: str) -> None:
    panel = panel_of()
    panel.questions.guess.value = text
    panel.questions.compare.click()
    assert panel.notes == []
    assert "a number from 0 to 20 first" in page(panel)


def test_a_covered_result_shows_after_the_expectation_and_hides_again() -> None:
    panel = panel_of()
    panel.questions.cover.value = True
    panel.sliders.faults["LoseResponse"].value = 0.3
    assert "<svg" not in page(panel)
    assert "data-count" not in page(panel)
    assert "LoseResponse(probability=0.3)" in page(panel)
    panel.questions.guess.value = "5"
    panel.questions.compare.click()
    assert "<svg" in page(panel)
    panel.questions.form.value = "text"
    assert len(panel.notes) == 1
    panel.sliders.seed.value = 1
    assert "data-count" not in page(panel)


def test_a_sweep_takes_every_seed_and_compares() -> None:
    panel = panel_of(events=2, faults=[LoseResponse(probability=0.2)])
    panel.questions.guess_runs.value = "50"
    panel.questions.sweep.click()
    assert panel.swept is not None
    assert [seed for seed, _ in panel.swept.runs] == list(range(SEEDS))
    assert "you expected 50 of 100 runs" in panel.notes[-1]
    assert "sweep(make_app, payments(2)," in page(panel)
    assert panel.questions.sweep.description == "Sweep 100 seeds"


def test_moving_a_slider_stops_a_sweep_and_so_does_its_button() -> None:
    async def cell(stop: Callable[[Panel], object]) -> Panel:
        panel = panel_of(events=1)
        panel.questions.sweep.click()
        await asyncio.sleep(0.02)
        assert panel.questions.sweep.description == "Stop"
        stop(panel)
        await asyncio.sleep(0.05)
        return panel

    def move(panel: Panel) -> None:
        panel.sliders.events.value = 2

    for stop in (move, lambda panel: panel.questions.sweep.click()):
        panel = asyncio.run(cell(stop))
        assert panel.swept is not None
        assert 0 < len(panel.swept.runs) < SEEDS
        assert "Stopped after" in page(panel)
        assert panel.questions.sweep.description == "Sweep 100 seeds"


def test_a_stub_and_a_broken_receiver_are_told_and_raise_nothing() -> None:
    def make_app() -> Flask:
        raise NotImplementedError

    def broken() -> Flask:
        raise ValueError("no <b>table</b>")

    stub, other = panel_of(make_app), panel_of(broken)
    assert "still the stub" in page(stub)
    assert "still the stub" in repr(stub)
    assert "ValueError: no &lt;b&gt;table" in page(other)
    for panel in (stub, other):
        panel.questions.sweep.click()
        assert panel.swept is None
        assert panel.questions.sweep.description == "Sweep 100 seeds"


def test_the_choice_of_sliders_and_providers() -> None:
    panel = panel_of(
        faults=["Tamper", Delay(seconds=20, probability=0.1)],
        profiles=["slack", "github"],
        profile="svix",
    )
    assert list(panel.sliders.faults) == ["Tamper", "Delay"]
    assert panel.sliders.profile.options == ("slack", "github", "svix")
    assert panel.trial is not None
    assert "faults=[Delay(probability=0.1, seconds=20)]" in panel.trial.code
    with pytest.raises(UnknownName, match="svix"):
        playground(shop([]), profile="svixx")


def test_a_cell_gets_the_widget_and_the_text() -> None:
    bundle = panel_of()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].endswith(".timeline()")


def test_without_widgets_the_same_is_shown_as_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    monkeypatch.delitem(sys.modules, "labkit.widgets.panel")
    monkeypatch.delitem(sys.modules, "labkit.widgets.single")
    shown = playground(shop([]), events=5)
    assert isinstance(shown, Trial)
    assert "simulate(make_app(), payments(5)" in str(shown)
    assert slide(lambda value: value * 2, [1, 2, 3], start=2) == 4


# One slider


def test_what_is_shown_follows_the_one_slider() -> None:
    made = slide(lambda value: f"twice is {2 * value:g}", [1, 5, 10], label="number")
    assert isinstance(made, Slide)
    assert repr(made) == "twice is 2"
    made.slider.value = 10
    assert repr(made) == "twice is 20"
    assert "twice is 20" in made.box.children[1].value
    assert made._repr_mimebundle_()["text/plain"] == "twice is 20"


def test_a_function_that_raises_is_told_under_the_slider() -> None:
    made = slide(lambda value: 1 / value, [0, 1])
    assert isinstance(made, Slide)
    assert "ZeroDivisionError" in made.box.children[1].value
    made.slider.value = 1
    assert repr(made) == "1.0"
