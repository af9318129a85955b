"""What the sender promises: retries, order, giving up, and determinism."""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from flask import Response as FlaskResponse

from labkit.errors import BadSecret, BadSetting, ConnectionRefused, UnknownName
from labkit.faults import (
    FAULTS,
    Delay,
    Duplicate,
    Fault,
    LoseRequest,
    LoseResponse,
    Refuse,
    ServerError,
    Tamper,
)
from labkit.history import History
from labkit.model import LAB_EPOCH, Event
from labkit.profiles import PROFILES, DisableRule, Ordering
from labkit.retry import FixedDelays, NoJitter
from labkit.samples import payments
from labkit.sender import Sender, simulate
from labkit.signing import SCHEMES
from labkit.signing.body import Generic
from labkit.transport import IN_BROWSER
from tests.apps import shop
from tests.repeated import rounds

SECRET = "a secret for tests"
EVERYTHING = [kind(probability=0.2) for kind in FAULTS.values()]

pytestmark = pytest.mark.pure


def test_a_good_wire_needs_one_attempt_an_event() -> None:
    shipped: list[str] = []
    history = simulate(shop(shipped), payments(5))
    assert [d.state for d in history.deliveries] == ["acknowledged"] * 5
    assert len(history.attempts) == len(shipped) == 5


def test_an_event_is_sent_at_its_own_time() -> None:
    history = simulate(shop([]), payments(3, every=100))
    sent = [attempt.sent_at - LAB_EPOCH for attempt in history.attempts]
    assert sent == [0, 100, 200]


def test_a_lost_response_makes_the_receiver_work_twice() -> None:
    shipped: list[str] = []
    history = simulate(shop(shipped), payments(1), faults=[LoseResponse(until=1)])
    assert len(shipped) == 2
    first, second = history.attempts
    assert (first.status, first.problem) == (None, "timed out")
    assert first.seconds == PROFILES["standard"].timeout
    assert second.status == 200
    assert history.account.doubled == 1


def test_a_lost_request_looks_the_same_to_the_sender_and_ships_once() -> None:
    shipped: list[str] = []
    history = simulate(shop(shipped), payments(1), faults=[LoseRequest(until=1)])
    assert len(shipped) == 1
    assert history.attempts[0].problem == "timed out"


def test_a_refused_connection_is_known_at_once() -> None:
    history = simulate(shop([]), payments(1), faults=[Refuse(until=1)])
    assert history.attempts[0].problem == "refused"
    assert history.attempts[0].seconds < 1


def test_a_request_that_is_never_sent_is_signed_when_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed: list[str] = []
    original = Generic.headers_for

    def noting(*arguments: Any, **more: Any) -> dict[str, str]:
        signed.append(more["id"])
        return original(*arguments, **more)

    monkeypatch.setattr(Generic, "headers_for", noting)
    faults = [Refuse(until=1), ServerError(after=1, until=100)]
    history = simulate(shop([]), payments(1), secret=SECRET, faults=faults)
    assert [attempt.status for attempt in history.attempts] == [None, 500, 200]
    event = history.deliveries[0].event
    assert signed == [event.id]
    SCHEMES["generic"].verify(
        event.body,
        dict(history.attempts[0].request.headers),
        secrets=[SECRET],
        now=LAB_EPOCH,
    )
    assert signed == [event.id] * 2


def test_a_duplicate_arrives_more_often_than_it_was_sent() -> None:
    shipped: list[str] = []
    history = simulate(shop(shipped), payments(1), faults=[Duplicate(copies=2)])
    assert len(history.attempts) == 1
    assert len(shipped) == 3
    assert [arrival.copy for arrival in history.arrivals] == [0, 1, 2]


def test_a_delay_beyond_the_time_out_arrives_all_the_same() -> None:
    shipped: list[str] = []
    faults = [Delay(seconds=100, until=1)]
    history = simulate(shop(shipped), payments(1), faults=faults)
    assert len(shipped) == 2
    assert history.attempts[0].problem == "timed out"
    assert history.arrivals[-1].number == 1


def test_delay_lets_a_later_event_overtake() -> None:
    shipped: list[str] = []
    faults = [Delay(seconds=10, until=1)]
    simulate(shop(shipped), payments(2, every=5), faults=faults)
    assert shipped == ["evt_00002", "evt_00001"]


def test_a_server_error_is_answered_before_the_receiver() -> None:
    shipped: list[str] = []
    faults = [ServerError(status=503, until=1)]
    history = simulate(shop(shipped), payments(1), faults=faults)
    assert history.attempts[0].status == 503
    assert len(shipped) == 1


def test_tampering_changes_one_character_and_no_signature() -> None:
    event = payments(1)[0]
    history = simulate(shop([]), [event], secret=SECRET, faults=[Tamper()])
    sent = history.attempts[0].request
    differing = [a != b for a, b in zip(sent.body, event.body, strict=True)]
    assert sum(differing) == 1
    good = SCHEMES["generic"].sign(
        event.body, secret=SECRET, id=event.id, timestamp=LAB_EPOCH
    )
    assert sent.header("X-Webhook-Signature") == good["X-Webhook-Signature"]


def test_an_endpoint_that_never_acknowledges_gives_a_dead_letter() -> None:
    history = simulate(shop([], status=500), payments(1))
    (dead,) = history.dead_letters
    assert dead.state == "dead"
    assert len(dead.attempts) == 10
    assert {attempt.request.body for attempt in dead.attempts} == {dead.event.body}


def test_retries_keep_the_id_and_renew_timestamp_and_signature() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    history = simulate(
        shop([], status=500), payments(1), scheme="standard", secret=secret
    )
    requests = [attempt.request for attempt in history.attempts]
    assert len({r.header("webhook-id") for r in requests}) == 1
    assert len({r.header("webhook-timestamp") for r in requests}) == 10
    assert len({r.header("webhook-signature") for r in requests}) == 10


def test_github_never_tries_again() -> None:
    history = simulate(shop([], status=500), payments(1), profile="github")
    assert len(history.attempts) == 1


def test_until_leaves_deliveries_pending() -> None:
    history = simulate(shop([], status=500), payments(1), until=60)
    assert history.deliveries[0].state == "pending"
    assert len(history.attempts) == 2


@pytest.mark.parametrize("fault", [*FAULTS.values()], ids=lambda kind: kind.__name__)
def test_a_fault_strikes_by_probability_window_and_filter(fault: type[Fault]) -> None:
    # A browser is slow; there the window and the filter are enough, over few events.
    count = 20 if IN_BROWSER else 200
    events = payments(count, every=10)
    everywhere = list(range(count))
    names = {fault.__name__}

    def accept(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
        """Accept every delivery, without Flask, which would take most of the time."""
        start_response("200 OK", [])
        return []

    def struck(one: Fault) -> list[int]:
        history = simulate(accept, events, faults=[one], profile="github", seed=7)
        return [
            place
            for place, delivery in enumerate(history.deliveries)
            if names & set(delivery.attempts[0].faults)
        ]

    assert struck(fault(probability=0)) == []
    assert struck(fault()) == everywhere
    quarter, half = count // 4, count // 2
    window = fault(after=10 * quarter, until=10 * half)
    assert struck(window) == list(range(quarter, half))
    assert struck(fault(only="push")) == []
    assert struck(fault(only=lambda event: event.id.endswith("7"))) == [
        place for place in everywhere if (place + 1) % 10 == 7
    ]
    if IN_BROWSER:
        return
    few, more = struck(fault(probability=0.2)), struck(fault(probability=0.5))
    assert 20 <= len(few) <= 60
    assert set(few) < set(more), "raising the probability only adds strikes"


@rounds(3, 100)
def test_the_same_seed_gives_the_same_bytes_each_time(rounds: int) -> None:
    digests = {
        hashlib.sha256(
            simulate(shop([]), payments(20), secret=SECRET, faults=EVERYTHING, seed=11)
            .to_jsonl()
            .encode()
        ).hexdigest()
        for _ in range(rounds)
    }
    assert len(digests) == 1


def test_another_seed_gives_another_history() -> None:
    seeds = range(3 if IN_BROWSER else 10)
    histories = {
        simulate(shop([]), payments(20), faults=EVERYTHING, seed=seed).to_jsonl()
        for seed in seeds
    }
    assert len(histories) == len(seeds)


def test_real_time_runs_the_same_code() -> None:
    faults = [LoseResponse(until=1)]
    virtual = simulate(shop([]), payments(2), faults=faults)
    # At speed 1000, a busy browser's Python stands still for longer than a timeout.
    real = simulate(shop([]), payments(2), faults=faults, speed=100)
    assert told(real) == told(virtual)
    for one, other in zip(real.attempts, virtual.attempts, strict=True):
        # The clock says when, and a busy machine makes it say a little later.
        assert one.sent_at >= other.sent_at
        assert one.sent_at == pytest.approx(other.sent_at, abs=60)


def told(history: History) -> list[object]:
    """What a history tells, without the times."""
    attempts = [
        (delivery.state, a.number, a.status, a.problem, a.faults, a.request.headers)
        for delivery in history.deliveries
        for a in delivery.attempts
    ]
    arrivals = sorted(
        (a.event.id, a.number, a.copy, a.status) for a in history.arrivals
    )
    return [*attempts, *arrivals, history.account]


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"scheme": "gihub"}, UnknownName, "'github'"),
        ({"profile": "strpe"}, UnknownName, "'stripe'"),
        ({"scheme": "standard", "secret": "not base64"}, BadSecret, "base64"),
        ({"secret": ""}, BadSecret, "empty"),
        ({"faults": [LoseResponse]}, BadSetting, "instances"),
    ],
)
def test_a_bad_setting_is_refused_when_given(
    settings: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        Sender(shop([]), **settings)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("fault", [{"probability": 1.5}, {"after": 5, "until": 2}])
def test_a_fault_with_impossible_settings_is_refused(fault: dict[str, float]) -> None:
    with pytest.raises(BadSetting):
        LoseResponse(**fault)  # type: ignore[arg-type]  # wrong on purpose


def test_what_is_no_endpoint_is_refused_with_the_remedy() -> None:
    with pytest.raises(BadSetting, match="forget to call make_app"):
        simulate(None, payments(1))  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(BadSetting, match="starts with http"):
        simulate("127.0.0.1:5000", payments(1))


def test_what_is_no_event_is_refused_with_the_remedy() -> None:
    with pytest.raises(BadSetting, match="make one with Event"):
        simulate(shop([]), [{"id": 1}])  # type: ignore[list-item]  # wrong on purpose


@pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no sockets")
def test_a_url_where_nobody_listens_is_said_at_once() -> None:
    with pytest.raises(ConnectionRefused, match="start the receiver first"):
        simulate("http://127.0.0.1:9", [Event("push", {})])


def test_an_error_shows_the_caller_and_one_line_of_the_kit() -> None:
    with pytest.raises(UnknownName) as caught:
        simulate(shop([]), payments(1), profile="nobody")
    assert len(caught.traceback) == 2


# ---- when the provider stops --------------------------------------------------------

PLAIN = replace(PROFILES["standard"], jitter=NoJitter())
EVERY_MINUTE = replace(PLAIN, schedule=FixedDelays((60,) * 9))


def answering(answer: Callable[[int], int | FlaskResponse]) -> Flask:
    """Return an app that answers its first, second ... request as it is told."""
    app, count = Flask("answering"), 0

    @app.post("/webhooks")
    def webhook() -> FlaskResponse:
        nonlocal count
        count += 1
        told = answer(count)
        return FlaskResponse(status=told) if isinstance(told, int) else told

    return app


def offsets(history: History) -> list[float]:
    return [round(a.sent_at - history.started_at, 3) for a in history.attempts]


def test_410_disables_at_once_and_what_is_due_later_is_dead() -> None:
    history = simulate(shop([], status=410), payments(3, every=100))
    assert [(d.state, len(d.attempts)) for d in history.deliveries] == [
        ("dead", 1),
        ("dead", 0),
        ("dead", 0),
    ]
    assert history.disabled_at == history.attempts[0].ended_at


def test_consecutive_failures_disable_and_a_success_starts_the_count_anew() -> None:
    rule = DisableRule(text="after 3 failures", consecutive=3)
    profile = replace(EVERY_MINUTE, disable=rule)
    failing = simulate(shop([], status=500), payments(1), profile=profile)
    assert len(failing.attempts) == 3
    assert failing.disabled_at == failing.attempts[-1].ended_at
    better = answering(lambda n: 200 if n == 3 else 500)
    history = simulate(better, payments(2, every=600), profile=profile)
    assert [len(d.attempts) for d in history.deliveries] == [3, 3]
    assert [d.state for d in history.deliveries] == ["acknowledged", "dead"]


def test_failures_that_go_on_too_long_disable() -> None:
    profile = replace(EVERY_MINUTE, disable=DisableRule(text="2 min", age=120))
    history = simulate(shop([], status=500), payments(1), profile=profile)
    assert len(history.attempts) == 3
    assert history.disabled_at is not None


def test_a_share_of_failures_disables() -> None:
    rule = DisableRule(text="half of 4 in an hour", ratio=0.5, least=4, window=3600)
    profile = replace(PROFILES["github"], disable=rule)
    app = answering(lambda n: 200 if n <= 2 else 500)
    history = simulate(app, payments(10, every=60), profile=profile)
    assert len(history.attempts) == 4
    assert [d.state for d in history.deliveries[4:]] == ["dead"] * 6


def test_a_pause_holds_deliveries_back_and_then_they_go_on() -> None:
    rule = DisableRule(text="pauses", consecutive=2, pause=1000)
    profile = replace(EVERY_MINUTE, disable=rule)
    app = answering(lambda n: 500 if n <= 2 else 200)
    history = simulate(app, payments(3, every=30), profile=profile)
    assert history.account.acknowledged == 3
    assert offsets(history) == [0, 30, 1030.1, 1030.1, 1030.1]
    assert history.disabled_at == history.started_at + 30.1


def test_a_pause_that_follows_a_pause_is_kept_too() -> None:
    rule = DisableRule(text="pauses", consecutive=1, pause=1000)
    profile = replace(EVERY_MINUTE, disable=rule)
    app = answering(lambda n: 500 if n <= 3 else 200)
    history = simulate(app, payments(1), profile=profile)
    assert offsets(history) == [0, 1000.1, 2000.2, 3000.3]


def test_slack_stops_when_it_is_told_to() -> None:
    def refuse(_: int) -> FlaskResponse:
        return FlaskResponse(status=500, headers={"X-Slack-No-Retry": "1"})

    history = simulate(answering(refuse), payments(1), profile="slack")
    assert len(history.attempts) == 1
    assert history.deliveries[0].state == "dead"
    assert (
        len(simulate(shop([], status=500), payments(1), profile="slack").attempts) > 1
    )


def test_svix_gives_up_a_message_when_it_is_told_to() -> None:
    def refuse(_: int) -> FlaskResponse:
        return FlaskResponse(status=500, headers={"webhook-delivery": "abort-message"})

    history = simulate(answering(refuse), payments(1), profile="svix")
    assert len(history.attempts) == 1


# ---- order and concurrency ----------------------------------------------------------


def test_a_queue_keeps_the_order_behind_its_head() -> None:
    profile = replace(EVERY_MINUTE, ordering=Ordering.QUEUE)
    shipped: list[str] = []
    app, failures = Flask("shop"), 2

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        nonlocal failures
        if failures:
            failures -= 1
            return "", 500
        shipped.append(request.get_json()["id"])
        return "", 200

    history = simulate(app, payments(3, every=10), profile=profile)
    assert shipped == [event.id for event in payments(3)]
    assert offsets(history) == [0, 60.1, 120.2, 120.3, 120.4]


def test_without_a_queue_later_events_pass() -> None:
    app = answering(lambda n: 500 if n == 1 else 200)
    history = simulate(app, payments(2, every=10), profile=EVERY_MINUTE)
    assert offsets(history) == [0, 10, 60.1]


@pytest.mark.parametrize("most", [1, 2, 5])
def test_concurrency_bounds_the_attempts_under_way(most: int) -> None:
    history = simulate(
        shop([]), payments(20, every=0.01), concurrency=most, profile=PLAIN
    )
    moments = [a.sent_at for a in history.attempts]
    under_way = [
        sum(a.sent_at <= at < a.ended_at for a in history.attempts) for at in moments
    ]
    assert max(under_way) == most
    assert history.account.acknowledged == 20
    with pytest.raises(BadSetting, match="at least 1"):
        Sender(shop([]), concurrency=0)


def test_who_waits_for_a_line_is_not_sent_to_a_disabled_endpoint() -> None:
    history = simulate(shop([], status=410), payments(5, every=0), concurrency=1)
    assert len(history.attempts) == 1


# ---- what a provider sends with a retry ---------------------------------------------


def test_slack_tells_the_number_and_the_reason_of_a_retry() -> None:
    faults = [LoseRequest(until=1), Refuse(after=1, until=5)]
    app = answering(lambda n: 500 if n == 1 else 200)
    history = simulate(app, payments(1), profile="slack", faults=faults)
    told = [
        (r.header("x-slack-retry-num"), r.header("x-slack-retry-reason"))
        for r in (attempt.request for attempt in history.attempts)
    ]
    assert told == [
        (None, None),
        ("1", "http_timeout"),
        ("2", "connection_failed"),
        ("3", "http_error"),
    ]


def test_square_tells_when_it_first_tried() -> None:
    history = simulate(shop([], status=500), payments(1), profile="square", until=200)
    first, second, *_ = (attempt.request for attempt in history.attempts)
    name = "square-initial-delivery-timestamp"
    assert first.header(name) == second.header(name) == "2026-01-01T00:00:00Z"
    assert first.header("square-retry-number") is None
    assert second.header("square-retry-number") == "1"
    assert second.header("square-retry-reason") == "http_error"


def test_a_provider_that_renews_nothing_sends_the_same_bytes_again() -> None:
    profile = replace(PLAIN, renews=frozenset())
    secret = SCHEMES["stripe"].make_secret(random.Random(1))
    history = simulate(
        shop([], status=500),
        payments(1),
        profile=profile,
        scheme="stripe",
        secret=secret,
    )
    assert len({attempt.request for attempt in history.attempts}) == 1


def test_a_provider_may_renew_the_id_and_break_every_receiver() -> None:
    profile = replace(PLAIN, renews=frozenset({"id", "timestamp", "signature"}))
    secret = SCHEMES["standard"].make_secret(random.Random(1))
    history = simulate(
        shop([], status=500),
        payments(1),
        profile=profile,
        scheme="standard",
        secret=secret,
    )
    ids = {attempt.request.header("webhook-id") for attempt in history.attempts}
    assert len(ids) == len(history.attempts) == 10


def test_retry_after_is_honoured() -> None:
    def busy(number: int) -> int | FlaskResponse:
        return (
            FlaskResponse(status=503, headers={"Retry-After": "777"})
            if (number == 1)
            else 200
        )

    history = simulate(answering(busy), payments(1), profile=PLAIN)
    assert offsets(history) == [0, 777.1]


# ---- resend -------------------------------------------------------------------------


def test_a_resend_sends_the_same_ids_and_bytes_later() -> None:
    shipped: list[str] = []
    events = payments(3)
    down = simulate(shop([], status=500), events, until=400_000)
    assert len(down.dead_letters) == 3
    sender = Sender(shop(shipped))
    again = sender.resend(down.dead_letters, every=10)
    assert shipped == [event.id for event in events]
    last = max(attempt.ended_at for attempt in down.attempts)
    assert [a.sent_at for a in again.attempts] == [last, last + 10, last + 20]
    assert [a.request.body for a in again.attempts] == [e.body for e in events]
    assert again.account.acknowledged == 3


def test_a_resend_starts_when_it_is_told_to() -> None:
    down = simulate(shop([], status=500), payments(2), profile="github")
    again = Sender(shop([])).resend(down.dead_letters, at=LAB_EPOCH + 86_400)
    assert {a.sent_at for a in again.attempts} == {LAB_EPOCH + 86_400}
    assert again.started_at == LAB_EPOCH + 86_400
    assert Sender(shop([])).resend([]).deliveries == ()
    with pytest.raises(BadSetting, match=r"history\.dead_letters"):
        Sender(shop([])).resend(payments(1))  # type: ignore[arg-type]  # wrong on purpose


def test_of_an_event_that_is_delivered_twice_each_attempt_has_its_own_request() -> None:
    secret = SCHEMES["stripe"].make_secret(random.Random(1))
    down = simulate(shop([], status=500), payments(1), until=1)
    sender = Sender(shop([], status=500), scheme="stripe", secret=secret, profile=PLAIN)
    again = sender.resend(down.deliveries * 3, every=3)
    assert len(again.attempts) == 30
    for attempt in again.attempts:
        stamp = f"t={int(attempt.sent_at)},"
        signature = attempt.request.header("Stripe-Signature")
        assert signature is not None
        assert signature.startswith(stamp)


# ---- time ---------------------------------------------------------------------------


@pytest.mark.parametrize("until", [0, -5, float("nan")])
def test_an_end_before_the_start_is_refused(until: float) -> None:
    with pytest.raises(BadSetting, match="until"):
        simulate(shop([]), payments(1), until=until)


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_that_goes_nowhere_is_refused(speed: float) -> None:
    with pytest.raises(BadSetting, match="speed"):
        simulate(shop([]), payments(1), speed=speed)


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1, 1.5])
def test_a_seed_that_is_none_is_refused(seed: int) -> None:
    with pytest.raises(BadSetting, match="seed"):
        Sender(shop([]), seed=seed)


def test_real_time_takes_time() -> None:
    began = time.perf_counter()
    simulate(shop([]), payments(2, every=1), speed=10)
    assert time.perf_counter() - began >= 0.1


@pytest.mark.parametrize("every", [0.0, 60.0])
def test_a_bar_counts_the_deliveries(
    every: float, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(shop([]), payments(7, every=every), progress=True)
    shown = capsys.readouterr()
    assert "7/7" in shown.err
    assert "deliveries" in shown.err
    simulate(shop([]), payments(7))
    assert capsys.readouterr() == ("", "")


def test_events_in_any_order_start_at_their_own_times() -> None:
    events = payments(5, every=100)[::-1]
    history = simulate(shop([]), events)
    assert [d.event.id for d in history.deliveries] == [event.id for event in events]
    assert offsets(history) == [0, 100, 200, 300, 400]
    assert history.started_at == events[-1].created_at
