"""What `labkit dev bench` measures. How fast the machine is, no test judges."""

import gc
import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from labkit.build import bench as measuring
from labkit.build import benched
from labkit.build.bench import Measurement, as_json, as_text
from labkit.build.waits import spread_of
from labkit.explore import World
from labkit.faults import Duplicate
from labkit.samples import payments
from labkit.sender import simulate
from labkit.transport import IN_BROWSER


@pytest.mark.full
@pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no sockets")
def test_every_row_is_measured_and_told() -> None:
    # The bench collects garbage 35 times. Each time would go through all that the tests
    # before have left, which took 20 s.
    gc.collect()
    gc.freeze()
    told: list[str] = []
    rows = measuring.measure(measuring.ENGINE, scale=0.005, tell=told.append)
    names = ["simulation", "slider", "growth", "memory", "http", "determinism"]
    names.append("exploring")
    assert [row.what for row in rows] == names
    assert [line.split()[-1] for line in told] == names
    assert all(row.value > 0 for row in rows)
    text = as_text(rows)
    assert all(name in text for name in names)
    table = json.loads(as_json(rows))
    assert [row["what"] for row in table["rows"]] == names
    assert [row["reached"] for row in table["rows"]] == [row.reached for row in rows]


@pytest.mark.skipif(IN_BROWSER, reason="a browser's Python starts no other")
def test_the_times_that_people_wait_for_are_told_beside_another() -> None:
    rows = measuring.measure((measuring.importing, measuring.checking), scale=0.002)
    assert [row.what for row in rows] == ["import", "check"]
    assert "of bare Python" in rows[0].detail
    assert "median" in rows[1].detail
    assert [work.__name__ for work in measuring.WAITS] == [
        *("importing", "starting", "checking", "examining", "first_page")
    ]


@pytest.mark.pure
def test_durations_are_told_by_their_median_and_their_longest() -> None:
    spread = spread_of([(float(n), f"number {n}") for n in range(1, 101)])
    assert (spread.count, spread.median, spread.p95) == (100, 50.5, 95)
    assert (spread.longest, spread.longest_of) == (100, "number 100")
    assert spread_of([(2.0, "alone")]).p95 == 2


def test_an_attempt_takes_less_than_220_bytes() -> None:
    row = measuring.memory(0.05)
    assert row.value < 220, row.detail


@pytest.mark.pure
def test_a_bound_is_reached_from_the_right_side() -> None:
    assert Measurement("a", 0.6, "", 0.6, at_least=True, detail="").reached
    assert not Measurement("a", 0.5, "", 0.6, at_least=True, detail="").reached
    assert Measurement("a", 33, "", 33, at_least=False, detail="").reached
    slow = Measurement("a", 34, "times", 33, at_least=False, detail="why")
    assert not slow.reached
    assert "NOT REACHED" in as_text([slow])
    assert "34 times" in as_text([slow])


@pytest.mark.pure
def test_the_floor_calls_the_app_with_the_environ_of_a_simulation() -> None:
    seen = []

    def app(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        streams = ("wsgi.input", "wsgi.errors")
        seen.append({k: v for k, v in environ.items() if k not in streams})
        start_response("200 OK", [])
        return []

    event = payments(1)[0]
    benched.call(app, event, 1)
    simulate(app, [event], secret=benched.SECRET)
    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.pure
def test_the_app_without_flask_answers_as_the_app_of_lab_04_does() -> None:
    events = payments(100, every=measuring.EVERY)
    histories = {
        measuring._every_fault(app, events).to_jsonl()
        for app in (benched.verifying_app(), benched.bare_app())
    }
    assert len(histories) == 1


@pytest.mark.pure
def test_the_app_of_the_bench_takes_what_is_signed_and_nothing_else() -> None:
    def status(secret: str | None) -> int | None:
        app = benched.verifying_app()
        return simulate(app, payments(1), secret=secret, until=1).attempts[0].status

    assert status(benched.SECRET) == 200
    assert status("another secret") == 401
    assert status(None) == 401


def test_the_shop_of_the_bench_writes_one_row_an_event(tmp_path: Path) -> None:
    app = benched.shop()(World(tmp_path))
    history = simulate(app, payments(2), faults=[Duplicate()])
    assert {arrival.status for arrival in history.arrivals} == {200}
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        count = database.execute("SELECT count(*) FROM shipments").fetchone()
    assert (len(history.arrivals), count) == (4, (2,))


@pytest.mark.pure
def test_the_floor_calls_the_app_and_is_answered() -> None:
    calls: list[object] = []
    app = benched.verifying_app()

    @app.after_request
    def note(response):  # type: ignore[no-untyped-def]  # Flask's own type
        calls.append(response.status_code)
        return response

    assert benched.call(app, payments(1)[0], 5) == 5
    assert calls == [200] * 5
