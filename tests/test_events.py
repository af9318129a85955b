"""Events in the shape of their provider, and how an examination sends them."""

import json
import urllib.parse
from pathlib import Path

import pytest
from flask import Flask, Response, request

from labkit.errors import BadSetting, VerificationError
from labkit.examine import endpoint_from, examine
from labkit.findings import ExaminationReport, ProbeOutcome
from labkit.probes import Levers, Sample, chosen, events
from labkit.probes.sample import Encoding, at, fields_of, read_event
from labkit.signing import PROVIDERS, SCHEMES, scheme_named
from labkit.signing.embedded import with_member

pytestmark = pytest.mark.pure

NOW = 1_800_000_000.0
SECRET = "a text that only both sides know"
PLACE = "http://localhost/webhooks"
NAMES = events.names()


def sample_of(name: str) -> Sample:
    sample = events.event_of(name)
    assert sample is not None
    return sample


# The stored events


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_event_gets_an_id_of_its_own_each_time(name: str) -> None:
    sample = sample_of(name)
    bodies = set()
    for number in range(1, 4):
        id_ = sample.make_id("18c2f3a9b1d", number)
        payload = sample.fresh(id_, NOW)
        body = sample.encode(payload)
        if sample.id_path:
            assert str(at(payload, sample.id_path)) == id_
            assert type(at(payload, sample.id_path)) is type(
                at(sample.template, sample.id_path)
            )
        bodies.add((id_, body))
        assert b"labkit_note" in sample.noted(body, b'"x"')
        if sample.is_json:
            assert fields_of(json.loads(sample.noted(body, b"1")))
    assert len(bodies) == 3
    assert sample.type


# They sign what their users write, publish no shape, or (sns) wrap any text.
SHAPELESS = {
    "generic",
    "convoy",
    "convoy-advanced",
    "hookdeck",
    "outpost",
    "rfc9421",
    "rfc9421-hmac",
    "sns",
    "token-io",
}


def test_every_scheme_has_an_event_of_its_provider() -> None:
    assert {*SCHEMES, *PROVIDERS} - set(NAMES) == SHAPELESS


def test_the_type_of_github_and_shopify_is_in_a_header_only() -> None:
    for name, kind in (("github", "push"), ("shopify", "orders/create")):
        sample = sample_of(name)
        assert sample.type == kind
        assert f'"{kind}"'.encode() not in sample.encode(sample.template)
        assert kind in SCHEMES[name].announce(sample.type).values()


def test_each_event_of_a_batch_gets_an_id_of_its_own() -> None:
    for name, path in (("sendgrid", "0.sg_event_id"), ("gocardless", "events.0.id")):
        sample = sample_of(name)
        assert sample.id_path == path
        payload = sample.fresh(sample.make_id("r", 1), NOW)
        items = payload if isinstance(payload, list) else payload["events"]
        ids = [item[path.rpartition(".")[2]] for item in items]
        assert len(items) == 2
        assert len(set(ids)) == 2
    items = [{"id": number} for number in range(3)]
    batch = Sample(template=items, id_path="0.id", type_path="")
    ids = [item["id"] for item in batch.fresh(batch.make_id("r", 1), NOW)]
    assert len(set(ids)) == 3
    assert all(isinstance(one, int) and one < 2**53 for one in ids)


def test_times_are_those_of_the_present_in_the_form_of_the_provider() -> None:
    assert sample_of("stripe").fresh("evt_1", NOW)["created"] == int(NOW)
    assert sample_of("hubspot").fresh("1", NOW)[0]["occurredAt"] == int(NOW * 1000)
    assert sample_of("square").fresh("x", NOW)["created_at"] == "2027-01-15T08:00:00Z"


# What a file may hold


def test_a_file_holds_an_object_a_list_or_a_form() -> None:
    assert read_event(b'{"id":1}') == ({"id": 1}, Encoding.JSON)
    assert read_event(b'[{"id":1}]\n') == ([{"id": 1}], Encoding.JSON)
    assert read_event(b"MessageSid=SM1&Body=a+b\n") == (
        {"MessageSid": "SM1", "Body": "a b"},
        Encoding.FORM,
    )
    form = urllib.parse.urlencode({"payload": '{"id":"a"}'}).encode()
    assert read_event(form) == ({"id": "a"}, Encoding.FIELD)
    for wrong in (b"", b"7", b"[]", b"[1]", b'"a=b"', b"{"):
        with pytest.raises(ValueError, match=r"Expecting|not a JSON object"):
            read_event(wrong)


def test_an_event_is_written_as_json_as_a_form_or_as_parts() -> None:
    event = {"id": "e1", "event": "a", "data": {"b": 1}}
    bodies = {
        kind: Sample(template=event, encoding=kind).encode(event) for kind in Encoding
    }
    assert bodies[Encoding.JSON] == b'{"id":"e1","event":"a","data":{"b":1}}'
    fields = dict(urllib.parse.parse_qsl(bodies[Encoding.FORM].decode()))
    assert fields == {"id": "e1", "event": "a", "data": '{"b":1}'}
    payload = dict(urllib.parse.parse_qsl(bodies[Encoding.FIELD].decode()))["payload"]
    assert json.loads(payload) == event
    kind = Sample(template=event, encoding=Encoding.MULTIPART)
    app = Flask("parts")
    with app.test_request_context(
        "/", method="POST", data=kind.encode(event), content_type=kind.content_type
    ):
        assert request.form.to_dict() == fields
    with app.test_request_context(
        "/",
        method="POST",
        data=kind.noted(kind.encode(event), b'"n"'),
        content_type=kind.content_type,
    ):
        assert request.form.to_dict() == fields | {"labkit_note": "n"}


def test_a_member_is_added_to_the_last_object_of_a_body() -> None:
    for body, wanted in (
        (b"{}", b'{"n":1}'),
        (b'{"a":{}}', b'{"a":{},"n":1}'),
        (b'[{"a":1},{}]\r\n', b'[{"a":1},{"n":1}]\r\n'),
    ):
        assert with_member(body, b'"n":1') == wanted


# Sent to receivers


def receiver(scheme: str, take: object) -> Flask:
    """Return an app that verifies with the kit's own verifier, then calls `take`."""
    app, known = Flask("receiver"), scheme_named(scheme)

    @app.post("/webhooks")
    def webhooks() -> Response:
        body = request.get_data()
        url = f"http://localhost{request.full_path.rstrip('?')}"
        try:
            known.verify(
                body, dict(request.headers), secrets=[SECRET], now=NOW, url=url
            )
        except VerificationError:
            return Response(status=401)
        return Response(status=take(body))  # type: ignore[operator]  # a function

    return app


def report_on(
    app: Flask, scheme: str, *probes: str, **options: object
) -> ExaminationReport:
    effects = options.pop("effects", None)
    endpoint = endpoint_from(
        PLACE,
        scheme=scheme,
        secret=SECRET,
        app=app,
        **options,  # type: ignore[arg-type]  # checked by endpoint_from
    )
    return examine(
        endpoint,
        Levers(effects=effects),  # type: ignore[arg-type]  # a function
        probes=chosen(probes),
        clock=lambda: NOW,
        settle=0.0,
    )


def test_a_receiver_of_real_pushes_is_examined_with_pushes() -> None:
    seen: list[str] = []

    def take(body: bytes) -> int:
        event = json.loads(body)
        seen.append(request.headers["X-GitHub-Event"])
        return 200 if event["repository"]["full_name"] else 400

    report = report_on(
        receiver("github", take), "github", "valid.plain", "valid.extra-fields"
    )
    assert {result.outcome for result in report.results} == {ProbeOutcome.PASSED}
    assert set(seen) == {"push"}
    assert not any("another shape" in line for line in report.contact)


def test_a_receiver_that_takes_no_push_is_examined_with_what_it_takes() -> None:
    def take(body: bytes) -> int:
        event = json.loads(body)
        return 200 if isinstance(event, dict) and "order_id" in event["data"] else 400

    report = report_on(receiver("stripe", take), "stripe", "valid.plain")
    assert report.results[0].outcome is ProbeOutcome.PASSED
    assert any("got 400" in line and "--event" in line for line in report.contact)


def test_an_event_without_effect_is_not_the_one_to_count_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.probes.counter.EFFECT_WAIT", 0.05)
    done: list[str] = []

    def take(body: bytes) -> int:
        event = json.loads(body)
        if event.get("event") == "payment.succeeded":
            done.append(event["id"])
        return 200

    report = report_on(
        receiver("standard", take), "standard", "valid.plain", effects=lambda: len(done)
    )
    assert any("without an effect" in line for line in report.contact)
    assert report.unjudged == ""


def test_the_cause_is_found_by_an_event_of_either_shape() -> None:
    app, known = Flask("newline"), SCHEMES["github"]

    @app.post("/webhooks")
    def webhooks() -> Response:
        wanted = known.sign(
            request.get_data(), secret="-", id="e", timestamp=0
        ) | by_newline(request.get_data())
        given = request.headers.get("X-Hub-Signature-256")
        if given != wanted["X-Hub-Signature-256"]:
            return Response(status=401)
        return Response(status=200 if b"order_id" in request.get_data() else 400)

    report = report_on(app, "github", "valid.plain")
    assert [finding.id for finding in report.findings] == ["contact.secret-line-break"]


def by_newline(body: bytes) -> dict[str, str]:
    import hmac

    mac = hmac.digest(f"{SECRET}\n".encode(), body, "sha256").hex()
    return {"X-Hub-Signature-256": f"sha256={mac}"}


def test_twilio_sends_a_form_and_probes_of_json_do_not_apply() -> None:
    def take(body: bytes) -> int:
        return 200 if request.form.get("MessageSid", "").startswith("SM") else 400

    report = report_on(receiver("twilio", take), "twilio", "valid", "signature")
    outcomes = {result.probe.id: result.outcome for result in report.results}
    assert outcomes["valid.plain"] is ProbeOutcome.PASSED
    assert outcomes["valid.numbers"] is ProbeOutcome.NOT_APPLICABLE
    assert outcomes["signature.body-changed"] is ProbeOutcome.PASSED
    assert report.findings == ()


def test_a_batch_counts_as_one_delivery_whose_every_event_has_an_effect() -> None:
    done: set[int] = set()

    def take(body: bytes) -> int:
        done.update(event["eventId"] for event in json.loads(body))
        return 200

    report = report_on(
        receiver("hubspot", take),
        "hubspot",
        "valid.plain",
        "duplicate.in-turn",
        "duplicate.distinct",
        effects=lambda: len(done),
    )
    assert {result.outcome for result in report.results} == {ProbeOutcome.PASSED}
    assert all(isinstance(id_, int) for id_ in done)


def test_an_event_of_ones_own_is_sent_with_its_type(tmp_path: Path) -> None:
    file = tmp_path / "issue.json"
    file.write_text('{"action":"opened","issue":{"number":7}}')
    seen: list[tuple[str, str]] = []

    def take(body: bytes) -> int:
        seen.append((request.headers["X-GitHub-Event"], json.loads(body)["action"]))
        return 200

    report = report_on(
        receiver("github", take), "github", "valid.plain", event=file, kind="issues"
    )
    assert report.results[0].outcome is ProbeOutcome.PASSED
    assert set(seen) == {("issues", "opened")}
    with pytest.raises(BadSetting, match="--id-path"):
        endpoint_from(PLACE, scheme="stripe", secret=SECRET, event=file)
    with pytest.raises(BadSetting, match="name of an event"):
        endpoint_from(PLACE, scheme="stripe", secret=SECRET, event="no-such-event")


def test_user_and_password_in_the_url_are_sent_and_not_shown() -> None:
    def take(body: bytes) -> int:
        login = request.authorization
        known = login is not None and (login.username, login.password) == ("ada", "p@s")
        return 200 if known else 403

    app = receiver("generic", take)
    endpoint = endpoint_from(
        "http://ada:p%40s@localhost/webhooks", scheme="generic", secret=SECRET, app=app
    )
    report = examine(endpoint, probes=chosen(["valid.plain"]), settle=0.0)
    assert report.results[0].outcome is ProbeOutcome.PASSED
    assert report.target == PLACE
    assert "p%40s" in endpoint.hidden


@pytest.mark.parametrize("stops", [False, True])
def test_a_receiver_that_stops_at_a_duplicate_loses_the_rest_of_a_batch(
    stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.probes.counter.EFFECT_WAIT", 0.05)
    done: set[str] = set()

    def take(body: bytes) -> int:
        for event in json.loads(body)["events"]:
            if event["id"] in done and stops:
                break
            done.add(event["id"])
        return 200

    report = report_on(
        receiver("gocardless", take),
        "gocardless",
        "duplicate.in-batch",
        effects=lambda: len(done),
    )
    wanted = ProbeOutcome.FAILED if stops else ProbeOutcome.PASSED
    assert report.results[0].outcome is wanted, report.results[0].facts
