"""An examination where no socket can be opened: what it judges and what it can't."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from labkit.examine import endpoint_from, examine
from labkit.findings import ExaminationReport, ProbeOutcome
from labkit.probes import Levers, chosen
from labkit.transport import serve_in_process, stop_in_process

pytestmark = pytest.mark.pure

BASE = "http://127.0.0.1:5010"
SECRET = "blue-kite-42"


def shop(parcels: list[str], *, tidy: bool) -> Flask:
    """Return a right shop, or one that raises on an é and ships every copy."""
    app = Flask("shop")
    seen: set[str] = set()

    @app.post("/webhooks")
    def webhook() -> ResponseReturnValue:
        body = request.get_data()
        wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Webhook-Signature", "")
        if tidy:
            fits = hmac.compare_digest(f"sha256={wanted}".encode(), given.encode())
        else:
            fits = hmac.compare_digest(f"sha256={wanted}", given)
        if not fits:
            return "no", 401
        try:
            event = json.loads(body)
            event_id, order_id = str(event["id"]), str(event["data"]["order_id"])
        except (ValueError, LookupError, TypeError, RecursionError):
            return "no", 400
        if not tidy or event_id not in seen:
            seen.add(event_id)
            parcels.append(order_id)
        return "", 204

    return app


@pytest.fixture
def served() -> Iterator[None]:
    yield
    stop_in_process(BASE)


def examined(*, tidy: bool) -> ExaminationReport:
    parcels: list[str] = []
    serve_in_process(BASE, shop(parcels, tidy=tidy))
    endpoint = endpoint_from(BASE + "/webhooks", scheme="generic", secret=SECRET)
    return examine(
        endpoint,
        Levers(effects=lambda: len(parcels)),
        probes=chosen(["signature", "valid", "body", "duplicate", "size.short"]),
        settle=0.0,
    )


def ids(report: ExaminationReport, outcome: ProbeOutcome) -> set[str]:
    return {result.probe.id for result in report.of(outcome)}


@pytest.mark.usefixtures("served")
def test_a_right_receiver_fails_no_probe_and_the_rest_is_unknown() -> None:
    report = examined(tidy=True)
    assert ids(report, ProbeOutcome.FAILED) == set()
    unknown = {r.probe.id: r.facts for r in report.of(ProbeOutcome.UNKNOWN)}
    at_once = unknown.pop("duplicate.at-once", "needs a real connection")
    assert at_once.startswith(("no duplicate effect in", "needs a real connection"))
    assert "size.short" in unknown
    reasons = ("needs a real connection", "needs a separate process")
    other = [(p, why) for p, why in unknown.items() if not why.startswith(reasons)]
    assert other == []
    assert len(ids(report, ProbeOutcome.PASSED)) > 25


@pytest.mark.usefixtures("served")
def test_the_bugs_of_a_receiver_are_found_without_a_socket() -> None:
    failed = ids(examined(tidy=False), ProbeOutcome.FAILED)
    assert "signature.non-ascii" in failed
    assert {"duplicate.in-turn", "duplicate.renewed", "duplicate.new-id"} <= failed
    assert {probe for probe in failed if probe.startswith("valid")} == set()
