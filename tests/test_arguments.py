"""Whatever the public functions are given, they raise errors of one family only."""

import importlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit import Event, History, Receiver, Sender, explore, glossary, ready, simulate
from labkit import exercises as labs
from labkit.errors import BadSetting, LabError, VerificationError
from labkit.explore import Outcome, World
from labkit.faults import FAULTS, Duplicate, Redirect, ServerError
from labkit.playground import Position, dial_for, sweep, usual_dials, wilson
from labkit.samples import contacts, payments, pushes
from labkit.signing import SCHEMES, Description, Handshake, scheme_named
from labkit.widgets import playground, slide

pytestmark = pytest.mark.pure

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.just(2**70),
    st.floats(),
    st.sampled_from(["", "x", "/", "stripe", "10", "é", "\ud800", "a\nb", "\x00"]),
    st.binary(max_size=3),
    st.builds(object),
    st.sampled_from([int, [], {}, (), ["\ud800"], [None], {"x": math.nan}, {1: 2}]),
    st.just(lambda *_: None),
)


def app() -> Flask:
    shop = Flask("shop")
    shop.post("/webhooks")(lambda: "")
    return shop


EVENT = payments(1)[0]
SECRET = "whsec_" + "A" * 43 + "="
SIGNED = SCHEMES["standard"].sign(b"{}", secret=SECRET, id="m", timestamp=5)


def sent(**settings: Any) -> History:
    return Sender(app()).send(EVENT, **settings)


def resent(**settings: Any) -> History:
    given: dict[str, Any] = {"deliveries": simulate(app(), [EVENT]).deliveries}
    return Sender(app()).resend(**given | settings)


def signed(**settings: Any) -> object:
    given = {"body": b"{}", "secret": SECRET, "id": "m", "timestamp": 5}
    return SCHEMES["standard"].sign(**given | settings)  # type: ignore[arg-type]  # on purpose


def verified(**settings: Any) -> object:
    given = {"body": b"{}", "headers": SIGNED, "secrets": [SECRET], "now": 5}
    SCHEMES["standard"].verify(**given | settings)  # type: ignore[arg-type]  # on purpose
    return None


def simulated(**settings: Any) -> object:
    given = {"endpoint": app(), "events": [EVENT]}
    return simulate(**given | settings)  # type: ignore[arg-type]  # on purpose


def boot(world: World) -> Callable[[Any], None]:
    return world.effect


def ids(outcome: Outcome) -> list[Any]:
    return [effect.args[0] for effect in outcome.effects]


ONCE = explore.each_once([1], ids)


def started(**settings: Any) -> None:
    """Start a receiver, and stop it at once."""
    Receiver(**settings).stop()


def given_to(function: Callable[..., object], **usual: Any) -> Callable[..., object]:
    """Return the function with arguments of which some are replaced."""
    return lambda **settings: function(**usual | settings)


EXPLORED: dict[str, Any] = {"boot": boot, "requests": [1], "invariant": ONCE}
SWEPT: dict[str, Any] = {"receiver": app, "events": [EVENT], "seeds": 1}

PUBLIC: Mapping[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "Event": (Event, ("type", "data", "id", "created_at")),
    # A speed makes a simulation run in real time.
    "Sender.send": (sent, ("until",)),
    "Sender.resend": (resent, ("deliveries", "at", "every", "until")),
    "simulate": (
        simulated,
        (
            "endpoint",
            "events",
            "scheme",
            "secret",
            "profile",
            "faults",
            "seed",
            "path",
            "url",
            "until",
        ),
    ),
    "History.from_jsonl": (History.from_jsonl, ("text",)),
    "sign": (signed, ("body", "secret", "id", "timestamp", "extra_secrets")),
    "verify": (verified, ("body", "headers", "secrets", "now")),
    "payments": (payments, ("every", "seed")),
    "pushes": (pushes, ("every", "seed")),
    "contacts": (contacts, ("every", "seed")),
    "dial_for": (dial_for, ("fault",)),
    "usual_dials": (usual_dials, ("signed",)),
    "wilson": (given_to(wilson, hits=1, runs=2), ("hits", "runs")),
    "Position": (Position, ("events", "seed")),
    "sweep": (
        given_to(sweep, **SWEPT),
        ("events", "faults", "seeds", "effects", "late", "expected", "secret"),
    ),
    "playground": (
        given_to(playground, receiver=app, events=1),
        ("receiver", "faults", "profile", "profiles", "events", "seed", "late"),
    ),
    "slide": (
        given_to(slide, show=str, values=[1, 2]),
        ("values", "label", "start"),
    ),
    "ready": (ready, ("made_for",)),
    "Receiver": (given_to(started, app=app()), ("app", "port")),
    "Sender": (
        given_to(Sender, endpoint=app()),
        ("scheme", "secret", "extra_secrets", "profile", "faults", "concurrency"),
    ),
    "check": (given_to(labs.check, exercise="4.1"), ("exercise", "answer")),
    "judge": (given_to(labs.judge, exercise="4.1"), ("exercise", "answer")),
    "hint": (labs.hint, ("exercise",)),
    "glossary": (glossary, ("term",)),
    "solution": (labs.solution, ("exercise",)),
    "progress": (labs.progress, ("name",)),
    "resume": (labs.resume, ("exercise",)),
    "predict": (
        given_to(labs.predict, prediction="01-webhook", letter="a"),
        ("prediction", "letter"),
    ),
    "interleavings": (
        given_to(explore.interleavings, **EXPLORED),
        ("requests", "preemptions", "limit", "retries", "processes", "code"),
    ),
    "crashes": (
        given_to(explore.crashes, **EXPLORED),
        ("requests", "crashes", "limit", "retries", "code"),
    ),
    "replay": (
        given_to(explore.replay, history="A", **EXPLORED),
        ("requests", "history", "retries", "processes", "code"),
    ),
    "pace": (given_to(explore.pace, rounds=1, **EXPLORED), ("requests",)),
    "each_once": (
        given_to(explore.each_once, wanted=[1], seen=ids),
        ("wanted", "seen"),
    ),
    "question": (given_to(labs.question, exercise="2.1"), ("exercise", "letter")),
    "share_name": (labs.share_name, ("name",)),
    "backup": (labs.backup, ("name",)),
    "restore": (labs.restore, ("name",)),
    "scheme_named": (scheme_named, ("text",)),
    "Description": (
        given_to(Description, header="X-Signature"),
        tuple(each.name for each in fields(Description)),
    ),
    "Handshake": (
        given_to(Handshake, name="challenge", source="none"),
        ("name", "method", "query", "headers"),
    ),
    "Scheme": (type(SCHEMES["standard"]), ("tolerance",)),
    **{
        name: (kind, tuple(each.name for each in fields(kind)))
        for name, kind in FAULTS.items()
    },
}
GIVEN = {"Event": {"type": "push", "data": {}}}
"""What a function needs beside the argument that is tried."""


NOT_CALLED = {
    *("Crossing", "Fault", "Permanent", "Temporary", "environment", "History"),
    *("Answer", "Counterexample", "Effect", "Outcome", "Pace", "Report", "Step"),
    *("Violation", "World", "Boot", "Invariant"),
    *("Challenge", "KeyForm", "Layout", "Place", "Unit", "HANDSHAKES", "PROVIDERS"),
    *("Counts", "Dial", "Rate", "Stand", "Sweep", "Trial", "WATCHED"),
    *("EXERCISES", "PREDICTIONS", "FAULTS", "SCHEMES"),
}
"""Records that learners read and the kit makes; types, tables, and no arguments."""


@pytest.mark.parametrize(
    "module",
    [
        *("labkit", "labkit.exercises", "labkit.faults", "labkit.explore"),
        *("labkit.widgets", "labkit.signing", "labkit.playground"),
    ],
)
def test_every_public_name_is_tried_or_takes_nothing(module: str) -> None:
    names = importlib.import_module(module).__all__
    tried = {name.removeprefix("Sender.") for name in PUBLIC}
    assert set(names) <= tried | NOT_CALLED


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some functions write a file here."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", PUBLIC)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_public_function_raises_one_family_of_errors(
    name: str, data: st.DataObject
) -> None:
    function, arguments = PUBLIC[name]
    argument = data.draw(st.sampled_from(arguments))
    value = data.draw(JUNK)
    given: dict[str, Any] = {**GIVEN.get(name, {}), argument: value}
    try:
        function(**given)
    except LabError as error:
        str(error).encode()  # a message can be printed anywhere


@given(data=st.dictionaries(st.text(), JUNK, max_size=3))
@settings(max_examples=60, deadline=None)
def test_what_an_event_sends_is_valid_json_in_utf_8(data: dict[str, Any]) -> None:
    try:
        event = Event("push", data)
    except BadSetting:
        return

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(event.body.decode(), parse_constant=refuse)["event"] == "push"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Duplicate(copies=1.5),  # type: ignore[arg-type]  # on purpose
        lambda: ServerError(status=42),
        lambda: Redirect(status=0),
        lambda: Event("p", {"x": "\ud800"}),
        lambda: Event("p", {"x": math.nan}),
        lambda: Event("p", {}, created_at=math.nan),  # type: ignore[arg-type]  # on purpose
        lambda: sent(until="10"),
        lambda: sent(speed=math.nan),
        lambda: sent(speed=1e-9),
        lambda: simulated(path="webhooks"),
        lambda: Sender(app(), concurrency="2"),  # type: ignore[arg-type]  # on purpose
        lambda: payments(-1),
        lambda: payments(1.5),  # type: ignore[arg-type]  # on purpose
        lambda: signed(body="text"),
        lambda: verified(body="text"),
    ],
)
def test_a_wrong_argument_is_a_bad_setting(make: Callable[[], object]) -> None:
    with pytest.raises(BadSetting):
        make()


def test_a_header_that_is_no_text_is_a_malformed_signature() -> None:
    with pytest.raises(VerificationError):
        verified(headers=SIGNED | {"webhook-signature": 5})
