"""Two events about one object: which keys lose the second, and which do not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request

from labkit.examine import endpoint_from, examine
from labkit.findings import ProbeOutcome, Result
from labkit.probes import Levers, chosen, events
from labkit.probes.sample import at
from labkit.signing import SCHEMES

pytestmark = pytest.mark.pure

SECRET = "a secret that both sides know"
Key = Callable[[dict[str, Any]], str]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    # The effects of an app that is called in this process are there at once.
    monkeypatch.setattr("labkit.probes.counter.EFFECT_WAIT", 0.1)


def by_event(event: dict[str, Any]) -> str:
    return str(event["id"])


def by_order(event: dict[str, Any]) -> str:
    return str(event["data"]["order_id"])


def by_order_and_type(event: dict[str, Any]) -> str:
    return f"{event['event']} {event['data']['order_id']}"


def judged(
    key: Key, *, known: tuple[str, ...] = (), ignores_early: bool = True
) -> Result:
    """Judge a receiver that recognises duplicates by this key.

    It acts on the `known` types, and on all if none is given. With `ignores_early` it
    does not keep the keys of others.
    """
    app, seen, effects = Flask("shop"), set[str](), list[str]()

    @app.post("/webhooks")
    def webhooks() -> tuple[str, int]:
        event = json.loads(request.get_data())
        used = not known or event["event"] in known
        if (used or not ignores_early) and key(event) not in seen:
            seen.add(key(event))
            effects.extend(["one"] * used)
        return "", 200

    target = endpoint_from(
        "http://localhost/webhooks", scheme="generic", secret=SECRET, app=app
    )
    levers = Levers(effects=lambda: float(len(effects)))
    probes = chosen(["duplicate.same-object"])
    (result,) = examine(target, levers, probes=probes, settle=0.0).results
    return result


@pytest.mark.parametrize("key", [by_event, by_order_and_type])
@pytest.mark.parametrize("known", [(), ("payment.succeeded",)])
def test_a_key_that_tells_the_events_apart_loses_none(
    key: Key, known: tuple[str, ...]
) -> None:
    found = judged(key, known=known)
    assert found.outcome is ProbeOutcome.PASSED, found.facts


def test_an_earlier_event_of_the_object_makes_the_next_one_a_duplicate() -> None:
    found = judged(by_order)
    assert found.outcome is ProbeOutcome.FAILED
    assert found.facts.startswith(
        "payment.pending, then payment.succeeded with the same data.order_id: the "
        "second had effects of 0 events, and of 1 event if the value is new"
    )
    # A number of orders grows in the same way, which is no defect.
    assert "says nothing if the number counts objects" in found.facts


def test_the_id_of_an_event_that_is_not_used_may_be_kept_too_early() -> None:
    found = judged(by_order, known=("payment.succeeded",), ignores_early=False)
    assert found.outcome is ProbeOutcome.FAILED
    assert "counts objects" not in found.facts


def test_a_later_event_of_a_type_that_has_an_effect_is_tried_as_well() -> None:
    types = ("payment.succeeded", "payment.refunded")
    found = judged(by_order, known=types)
    assert found.outcome is ProbeOutcome.FAILED
    assert found.facts.startswith("payment.succeeded, then payment.refunded")


def test_each_event_is_about_an_object_of_its_own() -> None:
    for name in events.names():
        sample = events.event_of(name)
        assert sample is not None
        drafts = [sample.fresh(sample.make_id("r", number), 1e9) for number in (1, 2)]
        for path in sample.objects:
            first, second = (at(draft, path) for draft in drafts)
            assert first is not None, (name, path)
            assert first != second, (name, path)
        assert bool(sample.objects) == bool(sample.before or sample.after), name
    assert {"stripe", "shopify", "paypal", "razorpay"} < {
        name
        for name in events.names()
        if (found := events.event_of(name))
        if found.objects
    }
    assert set(SCHEMES) & set(events.names())
