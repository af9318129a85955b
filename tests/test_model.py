"""The records keep what the design promises of them."""

import dataclasses
import json

import pytest

from labkit.model import Event, Request
from labkit.samples import contacts, payments, pushes
from labkit.sender import simulate
from tests.apps import shop

pytestmark = pytest.mark.pure


def test_an_event_is_encoded_once_with_its_four_fields() -> None:
    event = Event("payment.succeeded", {"order_id": "A-1"}, id="evt_1", created_at=5)
    assert json.loads(event.body) == {
        "id": "evt_1",
        "event": "payment.succeeded",
        "created_at": 5,
        "data": {"order_id": "A-1"},
    }
    assert event.body is event.body


def test_an_event_without_an_id_has_the_same_one_in_every_run() -> None:
    first = Event("push", {"branch": "main"})
    assert first.id == Event("push", {"branch": "main"}).id
    assert first.id != Event("push", {"branch": "fix"}).id


@pytest.mark.parametrize("source", [payments, pushes, contacts])
def test_samples_are_the_same_for_the_same_seed(source: type) -> None:
    assert source(20, seed=3) == source(20, seed=3)
    assert source(20, seed=3) != source(20, seed=4)
    assert len({event.id for event in source(20)}) == 20


def test_records_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Event("push", {}).type = "pull"  # type: ignore[misc]  # that is the test


def test_headers_are_found_in_any_case() -> None:
    request = Request("POST", "/", (("X-Two", "1"), ("x-two", "2")), b"")
    assert request.header("X-TWO") == "1"
    assert request.header("X-Three") is None


def test_a_history_names_every_delivery_attempt_and_arrival_as_json_lines() -> None:
    history = simulate(shop([]), payments(2))
    records = [json.loads(line)["record"] for line in history.to_jsonl().splitlines()]
    assert records == [
        "history",
        "delivery",
        "attempt",
        "delivery",
        "attempt",
        "arrival",
        "arrival",
    ]
