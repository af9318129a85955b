"""What each fault does to a history, in process and over HTTP alike."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask, request

from labkit.errors import BadSetting, UnknownName, VerificationError
from labkit.faults import (
    FAULTS,
    BreakRequest,
    ChangeFormat,
    CrashReceiver,
    Crossing,
    Delay,
    DoubleHeader,
    DropHeader,
    Duplicate,
    Fault,
    FutureClock,
    LoseRequest,
    LoseResponse,
    Outage,
    RateLimit,
    Redirect,
    Refuse,
    Reorder,
    Replay,
    ResetResponse,
    RotatedSecret,
    ServerError,
    SlowBody,
    SlowResponse,
    StaleClock,
    Tamper,
    TamperSignature,
    Truncate,
    Unreachable,
)
from labkit.history import History
from labkit.model import LAB_EPOCH, Request
from labkit.profiles import PROFILES
from labkit.receiver import Receiver
from labkit.retry import NoJitter
from labkit.samples import payments
from labkit.sender import Sender, simulate
from labkit.signing import SCHEMES
from labkit.signing.standard import Standard
from labkit.transport import IN_BROWSER, Endpoint

PLAIN = replace(PROFILES["standard"], jitter=NoJitter())
"""Attempts after 5 s and 300 s; the timeout is 20 s."""

SECRET = SCHEMES["standard"].make_secret(random.Random(1))


def secret_of(name: str) -> str:
    if name == "discord":
        pytest.importorskip("cryptography", reason="Discord signs with Ed25519")
    return SCHEMES[name].make_secret(random.Random(1))


LENIENT = Standard(tolerance=400)

TAMPERED: tuple[type[Fault], ...] = (Tamper, TamperSignature, Truncate, DropHeader)


@dataclass
class Shop:
    """A receiver that verifies, at a clock which stands still, and notes the events."""

    processed: list[dict[str, object]] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("shop")

        @app.post("/webhooks")
        def webhook() -> tuple[str, int]:
            try:
                LENIENT.verify(
                    request.get_data(),
                    dict(request.headers),
                    secrets=[SECRET],
                    now=LAB_EPOCH,
                )
            except VerificationError as error:
                return str(error), 401
            self.processed.append(request.get_json())
            return "", 200

        return app


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture(
    params=[
        pytest.param("in process", marks=pytest.mark.pure),
        pytest.param(
            "http",
            marks=pytest.mark.skipif(IN_BROWSER, reason="a browser has no sockets"),
        ),
    ]
)
def endpoint(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Endpoint]:
    if request.param == "in process":
        yield shop.app()
    else:
        with Receiver(shop.app()) as receiver:
            yield receiver.url


def deliver(endpoint: Endpoint, *faults: Fault, **settings: object) -> History:
    given = {"scheme": "standard", "secret": SECRET, "profile": PLAIN, **settings}
    return simulate(endpoint, payments(1), faults=faults, **given)  # type: ignore[arg-type]  # a test's shorthand


def sender_saw(history: History) -> list[tuple[object, float]]:
    """Return of each attempt its status or problem, and how long it took."""
    return [(a.status or a.problem, round(a.seconds, 3)) for a in history.attempts]


def receiver_saw(history: History) -> list[tuple[int, int, float, int | None]]:
    """Return each arrival: attempt, copy, seconds since the start, status."""
    start = history.started_at
    return [
        (a.number, a.copy, round(a.at - start, 3), a.status) for a in history.arrivals
    ]


SECOND = (200, 0.1)
"""What the sender sees of an attempt on a good wire."""

# The fault, what the sender sees, what the receiver sees.
STORIES: list[tuple[Fault, list[Any], list[Any]]] = [
    (LoseRequest(until=1), [("timed out", 20), SECOND], [(2, 0, 25.05, 200)]),
    (
        LoseResponse(until=1),
        [("timed out", 20), SECOND],
        [(1, 0, 0.05, 200), (2, 0, 25.05, 200)],
    ),
    (BreakRequest(until=1), [("lost", 0.1), SECOND], [(2, 0, 5.15, 200)]),
    (
        ResetResponse(until=1),
        [("lost", 0.1), SECOND],
        [(1, 0, 0.05, 200), (2, 0, 5.15, 200)],
    ),
    (Refuse(until=1), [("refused", 0.05), SECOND], [(2, 0, 5.1, 200)]),
    (Outage(lasts=6), [("refused", 0.05)] * 2 + [SECOND], [(3, 0, 305.15, 200)]),
    (Unreachable(until=1), [("timed out", 20), SECOND], [(2, 0, 25.05, 200)]),
    (
        CrashReceiver(until=1),
        [("lost", 0.1), ("refused", 0.05), SECOND],
        [(1, 0, 0.05, None), (3, 0, 305.2, 200)],
    ),
    (Duplicate(), [SECOND], [(1, 0, 0.05, 200), (1, 1, 0.25, 200)]),
    (Replay(), [SECOND], [(1, 0, 0.05, 200), (1, 1, 3600.05, 200)]),
    (Delay(seconds=7), [(200, 7.1)], [(1, 0, 7.05, 200)]),
    (
        Delay(seconds=30, until=1),
        [("timed out", 20), SECOND],
        [(2, 0, 25.05, 200), (1, 0, 30.05, 200)],
    ),
    (SlowBody(seconds=7), [(200, 7.1)], [(1, 0, 7.05, 200)]),
    (
        SlowResponse(until=1),
        [("timed out", 20), SECOND],
        [(1, 0, 0.05, 200), (2, 0, 25.05, 200)],
    ),
    (SlowResponse(seconds=7), [(200, 7.1)], [(1, 0, 0.05, 200)]),
    (ServerError(until=1), [(500, 0.1), SECOND], [(2, 0, 5.15, 200)]),
    (RateLimit(until=1), [(429, 0.1), SECOND], [(2, 0, 120.15, 200)]),
    (Redirect(until=1), [(302, 0.1), SECOND], [(2, 0, 5.15, 200)]),
    *[
        (
            kind(until=1),
            [(401, 0.1), SECOND],
            [(1, 0, 0.05, 401), (2, 0, 5.15, 200)],
        )
        for kind in (*TAMPERED, StaleClock, FutureClock, RotatedSecret)
    ],
    (DoubleHeader(), [SECOND], [(1, 0, 0.05, 200)]),
    (ChangeFormat(), [SECOND], [(1, 0, 0.05, 200)]),
]


@pytest.mark.parametrize(
    ("fault", "sender", "receiver"),
    STORIES,
    ids=lambda each: each.name if isinstance(each, Fault) else "",
)
def test_sender_and_receiver_see_what_the_fault_says(
    fault: Fault, sender: list[object], receiver: list[object], endpoint: Endpoint
) -> None:
    history = deliver(endpoint, fault)
    assert sender_saw(history) == sender
    assert receiver_saw(history) == receiver
    assert history.attempts[0].faults == (fault.name,)
    assert History.from_jsonl(history.to_jsonl()).to_jsonl() == history.to_jsonl()


@pytest.mark.pure
def test_every_fault_has_its_story() -> None:
    told = {fault.name for fault, *_ in STORIES} | {Reorder.__name__}
    assert told == set(FAULTS)


def test_reorder_holds_a_request_back_by_chance(endpoint: Endpoint, shop: Shop) -> None:
    settings = {"scheme": "standard", "secret": SECRET, "profile": PLAIN}
    history = simulate(
        endpoint,
        payments(20, every=1),
        faults=[Reorder(probability=0.5)],
        **settings,  # type: ignore[arg-type]  # a test's shorthand
    )
    held = [round(a.at - e.created_at, 3) for a in history.arrivals for e in [a.event]]
    assert {attempt.status for attempt in history.attempts} == {200}
    assert min(held) == 0.05
    assert 0.05 < max(held) <= 10.05
    ids = [event["id"] for event in shop.processed]
    assert ids != sorted(ids, key=str)
    assert len(set(ids)) == 20


@pytest.mark.pure
def test_a_format_change_reaches_the_receiver_signed(shop: Shop) -> None:
    history = deliver(shop.app(), ChangeFormat())
    (processed,) = shop.processed
    assert processed["api_version"] == "2027-01-01"
    sent = history.attempts[0].request
    assert json.loads(sent.body) == processed
    assert sent.body != history.attempts[0].event.body


@pytest.mark.pure
def test_a_format_of_your_own_is_sent() -> None:
    shop = Shop()
    deliver(shop.app(), ChangeFormat(change=lambda payload: {"id": payload["id"]}))
    assert shop.processed == [{"id": payments(1)[0].id}]


def verify(name: str, sent: Request, *, secret: str, at: float) -> None:
    scheme = SCHEMES[name]
    scheme.verify(
        sent.body,
        dict(sent.headers),
        secrets=[scheme.receiver_secret(secret)],
        now=at,
        url="http://127.0.0.1" + sent.path,
    )


@pytest.mark.pure
@pytest.mark.parametrize("name", SCHEMES)
def test_what_the_provider_does_wrong_is_signed_right(name: str) -> None:
    secret = secret_of(name)

    def first(fault: Fault) -> Request:
        history = deliver(Shop().app(), fault, scheme=name, secret=secret, until=1)
        sent = history.attempts[0].request
        assert isinstance(sent, Request)
        return sent

    verify(name, first(ChangeFormat()), secret=secret, at=LAB_EPOCH)
    verify(name, first(StaleClock()), secret=secret, at=LAB_EPOCH - 600)
    verify(name, first(FutureClock()), secret=secret, at=LAB_EPOCH + 600)
    other = SCHEMES[name].make_secret(random.Random(2))
    verify(name, first(RotatedSecret(secret=other)), secret=other, at=LAB_EPOCH)
    with pytest.raises(VerificationError):
        verify(name, first(RotatedSecret()), secret=secret, at=LAB_EPOCH)


@pytest.mark.pure
@pytest.mark.parametrize("name", [n for n in SCHEMES if SCHEMES[n].tolerance])
@pytest.mark.parametrize("kind", [StaleClock, FutureClock])
def test_a_clock_that_is_off_is_beyond_the_tolerance(
    name: str, kind: type[Fault]
) -> None:
    history = deliver(
        Shop().app(), kind(), scheme=name, secret=secret_of(name), until=1
    )
    with pytest.raises(VerificationError, match="tolerance"):
        verify(name, history.attempts[0].request, secret=secret_of(name), at=LAB_EPOCH)


@pytest.mark.pure
@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("kind", TAMPERED)
def test_what_is_tampered_with_fits_no_scheme(name: str, kind: type[Fault]) -> None:
    for seed in range(5):
        history = deliver(
            Shop().app(),
            kind(),
            scheme=name,
            secret=secret_of(name),
            seed=seed,
            until=1,
        )
        with pytest.raises(VerificationError):
            verify(
                name, history.attempts[0].request, secret=secret_of(name), at=LAB_EPOCH
            )


@pytest.mark.pure
def test_in_a_rotation_every_signature_is_tampered_with() -> None:
    old = SCHEMES["standard"].make_secret(random.Random(3))
    history = simulate(
        Shop().app(),
        payments(1),
        scheme="standard",
        secret=SECRET,
        faults=[TamperSignature()],
        until=1,
    )
    assert history.attempts[0].status == 401
    sender = Sender(
        Shop().app(),
        scheme="standard",
        secret=old,
        extra_secrets=[SECRET],
        faults=[TamperSignature()],
    )
    assert sender.send(*payments(1), until=1).attempts[0].status == 401


@pytest.mark.pure
def test_faults_compose_in_the_order_given() -> None:
    history = deliver(
        Shop().app(), Delay(seconds=3), Duplicate(), LoseResponse(), until=10
    )
    assert receiver_saw(history) == [(1, 0, 3.05, 200), (1, 1, 3.25, 200)]
    history = deliver(Shop().app(), LoseRequest(), Duplicate(), until=30)
    assert receiver_saw(history) == []


@pytest.mark.pure
def test_what_a_proxy_answers_does_not_crash_the_receiver() -> None:
    history = deliver(Shop().app(), ServerError(until=1), CrashReceiver(until=1))
    assert sender_saw(history)[1] == SECOND


@pytest.mark.pure
def test_a_crashed_receiver_gets_no_copy_until_it_is_back() -> None:
    history = deliver(
        Shop().app(), CrashReceiver(until=1), Duplicate(until=1), Replay(until=1)
    )
    assert receiver_saw(history) == [
        (1, 0, 0.05, None),
        (3, 0, 305.2, 200),
        (1, 2, 3600.05, 200),
    ]


@pytest.mark.pure
def test_a_late_request_still_crashes_the_receiver() -> None:
    faults = [Delay(seconds=22, until=1), CrashReceiver(until=1)]
    history = deliver(Shop().app(), *faults)
    assert sender_saw(history) == [("timed out", 20), ("refused", 0.05), SECOND]
    assert receiver_saw(history) == [(1, 0, 22.05, None), (3, 0, 325.1, 200)]


@pytest.mark.pure
def test_a_crash_takes_the_receiver_from_every_delivery() -> None:
    history = simulate(
        Shop().app(),
        payments(3, every=10),
        scheme="standard",
        secret=SECRET,
        profile=PLAIN,
        faults=[CrashReceiver(downtime=12, until=1)],
    )
    first, second, third = history.deliveries
    assert [a.problem for a in first.attempts] == ["lost", "refused", None]
    assert [a.problem for a in second.attempts] == ["refused", None]
    assert [a.problem for a in third.attempts] == [None]


@pytest.mark.pure
def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'LoseResponse'"):
        FAULTS["LoseResponze"]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (Delay, {"seconds": -1}),
        (Delay, {"seconds": float("inf")}),
        (Outage, {"lasts": float("nan")}),
        (Truncate, {"kept": 1.5}),
        (Duplicate, {"copies": -1}),
        (LoseResponse, {"probability": float("nan")}),
    ],
)
def test_an_impossible_setting_is_refused(
    kind: type[Fault], settings: dict[str, Any]
) -> None:
    with pytest.raises(BadSetting, match=kind.__name__):
        kind(**settings)


@pytest.mark.pure
def test_every_fault_says_what_sender_and_receiver_see() -> None:
    for kind in FAULTS.values():
        text = kind.__doc__ or ""
        assert "sender" in text.lower(), kind
        assert "receiver" in text.lower(), kind
        assert (kind.strike.__doc__ or "").endswith("."), kind


@pytest.mark.pure
def test_a_tampered_body_without_digits_or_content_is_survived() -> None:
    def struck(body: bytes) -> bytes:
        event = payments(1)[0]
        crossing = Crossing(event, 1, body, [0.05], 0.05)
        crossing.request = Request("POST", "/", (), body)
        Tamper().strike(crossing, random.Random(1))
        return crossing.request.body

    assert struck(b"") == b""
    assert struck(b"abc") != b"abc"
    assert len(struck(b"abc")) == 3


def test_a_signature_in_the_query_is_changed_dropped_and_doubled() -> None:
    def sent(fault: Fault) -> list[str]:
        app, seen = Flask("receiver"), list[str]()

        @app.post("/webhooks")
        def webhooks() -> str:
            seen.append(request.query_string.decode())
            return ""

        simulate(
            app,
            payments(1),
            scheme="paymob",
            secret="s3cret",
            profile="github",
            faults=[fault],
        )
        return seen

    (right,) = sent(Duplicate(probability=0.0))
    assert right.startswith("hmac=")
    (changed,) = sent(TamperSignature())
    assert changed != right
    assert len(changed) == len(right)
    assert sent(DropHeader()) == [""]
    assert sent(DoubleHeader()) == [f"{right}&{right}"]
