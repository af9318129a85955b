"""What the sender promises: retries, determinism, and what each fault does."""

import hashlib

import pytest

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
from labkit.model import LAB_EPOCH, Event
from labkit.profiles import PROFILES
from labkit.samples import payments
from labkit.sender import Sender, simulate
from labkit.signing import SCHEMES
from labkit.transport import IN_BROWSER
from tests.apps import shop

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
    events = payments(200, every=10)
    names = {fault.__name__}

    def struck(one: Fault) -> list[int]:
        history = simulate(shop([]), events, faults=[one], profile="github", seed=7)
        return [
            place
            for place, delivery in enumerate(history.deliveries)
            if names & set(delivery.attempts[0].faults)
        ]

    assert struck(fault(probability=0)) == []
    assert struck(fault()) == list(range(200))
    assert struck(fault(after=500, until=1000)) == list(range(50, 100))
    assert struck(fault(only="push")) == []
    assert struck(fault(only=lambda event: event.id.endswith("7"))) == [
        place for place in range(200) if (place + 1) % 10 == 7
    ]
    few, more = struck(fault(probability=0.2)), struck(fault(probability=0.5))
    assert 20 <= len(few) <= 60
    assert set(few) < set(more), "raising the probability only adds strikes"


def test_the_same_seed_gives_the_same_bytes_a_hundred_times() -> None:
    digests = {
        hashlib.sha256(
            simulate(shop([]), payments(20), secret=SECRET, faults=EVERYTHING, seed=11)
            .to_jsonl()
            .encode()
        ).hexdigest()
        for _ in range(100)
    }
    assert len(digests) == 1


def test_another_seed_gives_another_history() -> None:
    histories = {
        simulate(shop([]), payments(20), faults=EVERYTHING, seed=seed).to_jsonl()
        for seed in range(10)
    }
    assert len(histories) == 10


def test_real_time_runs_the_same_code() -> None:
    faults = [LoseResponse(until=1)]
    virtual = simulate(shop([]), payments(2), faults=faults)
    real = simulate(shop([]), payments(2), faults=faults, speed=1000)
    assert real.to_jsonl() == virtual.to_jsonl()


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
