"""What holds of every history, and its JSON lines."""

import itertools
import json
from collections import defaultdict
from dataclasses import replace

import pytest
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.build.bench import KNOWN_DIGEST, digest
from labkit.build.benched import verifying_app
from labkit.errors import BadSetting
from labkit.faults import FAULTS, Fault
from labkit.history import History
from labkit.model import LAB_EPOCH, Event
from labkit.profiles import PROFILES, Ordering
from labkit.samples import payments
from labkit.sender import Sender, simulate
from tests.apps import shop

pytestmark = pytest.mark.pure

SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

fault_lists = st.lists(
    st.builds(
        lambda kind, probability, after, lasts: kind(
            probability=probability, after=after, until=after + lasts
        ),
        st.sampled_from(list(FAULTS.values())),
        st.sampled_from([0.05, 0.3, 0.7, 1.0]),
        st.sampled_from([0.0, 100.0]),
        st.sampled_from([50.0, 1e4, 1e9]),
    ),
    max_size=6,
)
profiles = st.sampled_from(["standard", "slack", "svix", "github", "square", "convoy"])
statuses = st.sampled_from([200, 204, 301, 404, 410, 429, 500])


def moody(answers: list[int]) -> Flask:
    """Return an app that answers these statuses in turn, and in the end 200."""
    app, left = Flask("moody"), list(answers)

    @app.route("/webhooks", methods=["GET", "POST"])
    def webhook() -> tuple[str, int]:
        request.get_data()
        return "", left.pop(0) if left else 200

    return app


@SETTINGS
@given(
    faults=fault_lists,
    profile=profiles,
    answers=st.lists(statuses, max_size=30),
    seed=st.integers(-5, 5),
    concurrency=st.sampled_from([None, 1, 3]),
    queued=st.booleans(),
    until=st.sampled_from([None, 30.0, 5_000.0]),
)
def test_what_holds_of_every_history(
    *,
    faults: list[Fault],
    profile: str,
    answers: list[int],
    seed: int,
    concurrency: int | None,
    queued: bool,
    until: float | None,
) -> None:
    promise = PROFILES[profile]
    if queued:
        promise = replace(promise, ordering=Ordering.QUEUE)

    def run() -> History:
        return simulate(
            moody(answers),
            payments(8, every=20),
            secret="s",
            profile=promise,
            faults=faults,
            seed=seed,
            concurrency=concurrency,
            until=until,
        )

    history = run()
    text = history.to_jsonl()
    assert text == run().to_jsonl(), "the same seed gives the same bytes"
    again = History.from_jsonl(text)
    assert again.to_jsonl() == text, "nothing is lost in JSON lines"
    assert again.account == history.account
    assert len(again.dead_letters) == history.account.dead

    for delivery in history.deliveries:
        attempts = delivery.attempts
        assert [a.number for a in attempts] == list(range(1, len(attempts) + 1))
        assert len(attempts) <= len(promise.delays) + 1
        accepted = [a.status is not None and promise.acknowledges(a.status)
                    for a in attempts]  # fmt: skip
        assert not any(accepted[:-1]), "no attempt after an acknowledged one"
        assert (delivery.state == "acknowledged") == any(accepted)
        for attempt in attempts:
            assert delivery.event.created_at <= attempt.sent_at < attempt.ended_at
            assert attempt.seconds <= promise.timeout + 1e-6
            assert (attempt.status is None) == (attempt.problem is not None)
        for before, after in itertools.pairwise(attempts):
            assert before.ended_at <= after.sent_at

    sent = {(a.event.id, a.number): a for a in history.attempts}
    copies = defaultdict(list)
    for arrival in history.arrivals:
        key = (arrival.event.id, arrival.number)
        copies[key].append(arrival.copy)
        if key in sent:
            assert sent[key].sent_at <= arrival.at
        else:
            assert until is not None, "every arrival belongs to an attempt"
    assert all(len(set(each)) == len(each) for each in copies.values())
    times = [arrival.at for arrival in history.arrivals]
    assert times == sorted(times)
    if until is not None:
        assert all(at <= history.started_at + until for at in times)


@SETTINGS
@given(faults=fault_lists, seed=st.integers(0, 100))
def test_what_a_history_says_was_sent_is_what_arrived(
    faults: list[Fault], seed: int
) -> None:
    seen: list[tuple[bytes, str | None, str]] = []
    app = Flask("seeing")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        signature = request.headers.get("X-Webhook-Signature")
        seen.append((request.get_data(), signature, request.headers["User-Agent"]))
        return "", 500 if len(seen) % 3 else 200

    history = simulate(app, payments(4), secret="s", faults=faults, seed=seed)
    attempts = {(a.event.id, a.number): a for a in history.attempts}
    told = []
    for arrival in history.arrivals:
        sent = attempts[arrival.event.id, arrival.number].request
        named = [v for n, v in sent.headers if n == "X-Webhook-Signature"]
        told.append(
            (sent.body, ", ".join(named) or None, sent.header("User-Agent") or "")
        )
    assert told == seen


texts = st.text(min_size=0, max_size=12)


@SETTINGS
@given(
    event_type=texts,
    data=st.dictionaries(
        texts,
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | texts,
    ),
    id_=texts,
)
def test_any_event_survives_json_lines(
    event_type: str, data: dict[str, object], id_: str
) -> None:
    event = Event(event_type, data, id=id_)
    text = simulate(shop([]), [event], secret="s", until=1).to_jsonl()
    assert text.count("\n") == len(text.split("\n")) - 1
    again = History.from_jsonl(text)
    assert again.to_jsonl() == text
    assert again.deliveries[0].event.body == event.body


def test_a_history_with_everything_in_it_survives_json_lines() -> None:
    faults = [kind(probability=0.1) for kind in FAULTS.values()]
    app = moody([200, 500, 404, 301])
    history = simulate(app, payments(200), secret="s", faults=faults, seed=3)
    named = {name for attempt in history.attempts for name in attempt.faults}
    assert named == set(FAULTS)
    text = history.to_jsonl()
    again = History.from_jsonl(text)
    assert again.to_jsonl() == text
    assert again.account == history.account
    assert [a.request for a in again.attempts] == [a.request for a in history.attempts]


def test_one_event_delivered_twice_stays_two_deliveries() -> None:
    event = payments(1)[0]
    history = simulate(shop([]), [event, event])
    again = History.from_jsonl(history.to_jsonl())
    assert len(again.deliveries) == 2
    assert [len(d.attempts) for d in again.deliveries] == [1, 1]
    assert again.to_jsonl() == history.to_jsonl()


def test_a_disabled_endpoint_survives_json_lines() -> None:
    history = simulate(shop([], status=410), payments(2, every=10))
    again = History.from_jsonl(history.to_jsonl())
    assert again.disabled_at == history.disabled_at is not None
    assert [d.state for d in again.deliveries] == ["dead", "dead"]


def test_a_loaded_history_can_be_drawn_and_resent() -> None:
    down = simulate(shop([], status=500), payments(3), profile="github")
    loaded = History.from_jsonl(down.to_jsonl())
    assert str(loaded.timeline()) == str(down.timeline())
    shipped: list[str] = []
    Sender(shop(shipped)).resend(loaded.dead_letters)
    assert shipped == [event.id for event in payments(3)]


def lines() -> list[str]:
    history = simulate(shop([], status=500), payments(2), until=6)
    return history.to_jsonl().splitlines()


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (1, '{"record": "delivery"}'),
        (1, "[]"),
        (1, '{"record": "history"}'),
        (2, "not JSON"),
        (2, ""),
        (2, "[1, 2]"),
        (2, '"record"'),
        (2, "null"),
        (2, '{"record": "_init__"}'),
        (2, '{"record": "parcel"}'),
        (2, '{"record": ["delivery"]}'),
        (2, '{"record": "delivery", "body": "[]", "state": "dead"}'),
        (3, '{"record": "attempt", "event": "evt_nobody"}'),
        (4, '{"record": "arrival", "event": "evt_nobody"}'),
    ],
)
def test_a_line_that_is_none_is_named(number: int, line: str) -> None:
    text = lines()
    text[number - 1] = line
    with pytest.raises(BadSetting, match=f"line {number} is not a record") as caught:
        History.from_jsonl("\n".join(text))
    assert "to_jsonl" in str(caught.value)


@pytest.mark.parametrize(
    "field", ["number", "sent_at", "ended_at", "status", "headers"]
)
def test_an_attempt_with_nonsense_in_it_is_named(field: str) -> None:
    text = lines()
    record = json.loads(text[2])
    record[field] = "nonsense"
    text[2] = json.dumps(record)
    with pytest.raises(BadSetting, match="line 3"):
        History.from_jsonl("\n".join(text))


def test_no_text_is_no_history() -> None:
    with pytest.raises(BadSetting, match="line 1"):
        History.from_jsonl("")


def test_the_bytes_are_those_of_every_machine_and_python() -> None:
    assert digest(verifying_app()) == KNOWN_DIGEST


def test_arrivals_take_little_room_and_read_as_records() -> None:
    history = simulate(shop([]), payments(3, every=10))
    first, *_, last = history.arrivals
    assert history.arrivals[-1] == last
    assert history.arrivals[:1] == (first,)
    assert first.at == LAB_EPOCH + 0.05
    assert first.acknowledged
    with pytest.raises(IndexError):
        history.arrivals[3]
