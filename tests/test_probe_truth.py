"""Verdicts that were wrong once, each with a receiver for which they must be right."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from labkit.examine import endpoint_from, examine
from labkit.examine.causes import CAUSES
from labkit.findings import ProbeOutcome, Result, grouped
from labkit.probes import PROBES, Levers, Sign, chosen
from labkit.probes.counter import EffectCounter
from labkit.probes.tally import Tally
from labkit.signing import SCHEMES
from tests.test_probes import StubHarness, always

pytestmark = pytest.mark.pure

SECRET = "a secret that both sides know"
STANDARD = "whsec_" + base64.b64encode(b"the key of the receiver").decode()


def verified(name: str, body: bytes) -> bool:
    try:
        SCHEMES[name].verify(
            body, dict(request.headers), secrets=[SECRET], now=0, url=request.url
        )
    except Exception:  # noqa: BLE001 - any reason is a refusal here
        return False
    return True


def judged(app: Flask, scheme: str, probe: str, effects: list[str]) -> Result:
    target = endpoint_from(
        "http://localhost/webhooks", scheme=scheme, secret=SECRET, app=app
    )
    levers = Levers(effects=lambda: float(len(effects)))
    report = examine(target, levers, probes=chosen([probe]), settle=0.0)
    (result,) = report.results
    return result


def github(
    effects: list[str],
    verify: Callable[[bytes], bool],
    *,
    key: str = "",
    bad: int = 401,
) -> Flask:
    """Return a receiver that deduplicates by a header, or by the id in the body."""
    app = Flask("github")
    seen: set[str] = set()

    @app.post("/webhooks")
    def webhooks() -> ResponseReturnValue:
        body = request.get_data()
        if not verify(body):
            return "", bad
        event_id = request.headers[key] if key else str(json.loads(body)["id"])
        if event_id not in seen:
            seen.add(event_id)
            effects.append(event_id)
        return "", 200

    return app


def sha_1(body: bytes) -> bool:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    given = request.headers.get("X-Hub-Signature", "")
    return hmac.compare_digest(f"sha1={digest}".encode(), given.encode())


def any_sha_1(body: bytes) -> bool:
    return request.headers.get("X-Hub-Signature", "").startswith("sha1=")


def test_a_receiver_of_githubs_sha_1_header_is_judged_by_that_header() -> None:
    for probe in ("signature.missing", "signature.empty", "signature.forged"):
        effects: list[str] = []
        right = judged(github(effects, sha_1), "github", probe, effects)
        assert right.outcome is ProbeOutcome.PASSED, right.facts
    effects = []
    found = judged(github(effects, any_sha_1), "github", "signature.forged", effects)
    assert found.outcome is ProbeOutcome.FAILED


def test_an_error_without_an_effect_is_no_effect() -> None:
    effects: list[str] = []
    app = github(effects, lambda body: verified("github", body), bad=500)
    found = judged(app, "github", "signature.no-effects", effects)
    assert found.outcome is ProbeOutcome.PASSED, found.facts


def test_the_id_that_github_recommends_may_be_the_key() -> None:
    effects: list[str] = []
    app = github(effects, lambda b: verified("github", b), key="X-GitHub-Delivery")
    found = judged(app, "github", "duplicate.new-id", effects)
    assert found.outcome is ProbeOutcome.PASSED, found.facts


def test_the_id_is_really_sent_twice() -> None:
    bodies: list[bytes] = []

    def verify(body: bytes) -> bool:
        bodies.append(body)
        return verified("github", body)

    effects: list[str] = []
    found = judged(github(effects, verify), "github", "body.duplicate-keys", effects)
    assert found.outcome is ProbeOutcome.PASSED, found.facts
    assert sum(body.count(b'"id":') == 2 for body in bodies) == 2


def test_a_redirect_to_the_cleaned_path_is_a_refusal() -> None:
    effects: list[str] = []
    app = github(effects, lambda body: verified("github", body))

    @app.before_request
    def clean() -> ResponseReturnValue | None:
        return redirect("/etc/passwd", 301) if ".." in request.path else None

    found = judged(app, "github", "route.odd-paths", effects)
    assert found.outcome is ProbeOutcome.PASSED, found.facts


def test_an_effect_that_stays_away_does_not_tell_how_long_effects_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.probes.counter.EFFECT_WAIT", 0.05)
    counter = EffectCounter(lambda: 0.0, settle=0.01)
    counter.learn(0.0)
    assert counter.settle == 0.01
    assert not counter.counts


@pytest.mark.parametrize("reads_form", [True, False])
def test_twilios_form_must_reach_the_handler(reads_form: bool) -> None:
    effects: list[str] = []
    app = Flask("twilio")

    @app.post("/webhooks")
    def webhooks() -> ResponseReturnValue:
        body = request.get_data()
        if not verified("twilio", body):
            return "", 403
        if request.is_json:
            fields = json.loads(body)
        else:
            fields = dict(parse_qsl(body.decode())) if reads_form else {}
        if "id" in fields:
            effects.append(fields["id"])
        return "", 200

    found = judged(app, "twilio", "provider.form", effects)
    wanted = ProbeOutcome.PASSED if reads_form else ProbeOutcome.FAILED
    assert found.outcome is wanted, found.facts


def standard(*, strict: bool) -> Flask:
    """Return a receiver that decodes signatures with or without looking twice."""
    app = Flask("standard")
    key = base64.b64decode(STANDARD.removeprefix("whsec_"))

    @app.post("/webhooks")
    def webhooks() -> ResponseReturnValue:
        front = (
            f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
        )
        content = front.encode() + request.get_data()
        digest = hmac.new(key, content, hashlib.sha256).digest()
        given = request.headers["webhook-signature"].removeprefix("v1,")
        try:
            same = hmac.compare_digest(digest, base64.b64decode(given, validate=strict))
        except ValueError:
            same = False
        return "", 204 if same else 401

    return app


@pytest.mark.parametrize("strict", [True, False])
def test_a_valid_signature_with_more_behind_it_is_no_forgery(strict: bool) -> None:
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="standard",
        secret=STANDARD,
        app=standard(strict=strict),
    )
    probes = chosen(["signature.length", "signature.longer"])
    report = examine(target, Levers(), probes=probes, settle=0.0)
    found = [(finding.id, str(finding.severity)) for finding in report.findings]
    assert found == ([] if strict else [("signature.longer", "low")])


def test_a_missing_id_that_crashes_is_content_that_crashes() -> None:
    effects: list[str] = []
    app = github(effects, lambda b: verified("github", b), key="X-GitHub-Delivery")
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.errorhandler(KeyError)
    def crash(error: KeyError) -> ResponseReturnValue:
        return "", 500

    target = endpoint_from(
        "http://localhost/webhooks", scheme="github", secret=SECRET, app=app
    )
    levers = Levers(effects=lambda: float(len(effects)))
    probes = chosen(["duplicate.no-id"])
    report = examine(target, levers, probes=probes, settle=0.0)
    found = [(finding.id, str(finding.severity)) for finding in report.findings]
    assert found == [("unexpected-content-crashes", "low")]


def lenient(
    effects: list[str],
    *,
    unsigned_get: bool = False,
    methods: tuple[str, ...] = ("GET", "POST"),
) -> Flask:
    """Return a receiver that acknowledges what has no signature, and drops it."""
    app = Flask("lenient")

    @app.route("/webhooks", methods=methods)
    def webhooks() -> ResponseReturnValue:
        body = request.get_data()
        if unsigned_get and request.method == "GET":
            effects.append("by GET")
        elif not request.headers.get("X-Hub-Signature-256"):
            return "no rule is satisfied", 200
        elif not verified("github", body):
            return "", 401
        else:
            effects.append(request.method)
        return "", 200

    return app


@pytest.mark.parametrize(
    ("unsigned_get", "wanted"),
    [
        (False, [("unsigned-acknowledged", "low"), ("route.signed-get", "low")]),
        (
            True,
            [
                # That signed ones have an effect too has the same cause.
                ("route.get", "critical"),
                ("unsigned-acknowledged", "low"),
            ],
        ),
    ],
)
def test_what_is_acknowledged_and_dropped_is_told_from_what_has_an_effect(
    unsigned_get: bool, wanted: list[tuple[str, str]]
) -> None:
    effects: list[str] = []
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="github",
        secret=SECRET,
        app=lenient(effects, unsigned_get=unsigned_get),
    )
    levers = Levers(effects=lambda: float(len(effects)))
    probes = chosen(["signature.missing", "signature.empty", "signature.no-effects"])
    probes += chosen(["route.get", "route.signed-get"])
    report = examine(target, levers, probes=probes, settle=0.0)
    found = [(finding.id, str(finding.severity)) for finding in report.findings]
    assert found == wanted


def test_a_receiver_that_takes_every_method_has_one_finding_for_that() -> None:
    effects: list[str] = []
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="github",
        secret=SECRET,
        app=lenient(effects, methods=("GET", "POST", "PUT", "PATCH", "DELETE")),
    )
    levers = Levers(effects=lambda: float(len(effects)))
    probes = chosen(["route.signed-get", "route.other-methods"])
    (finding,) = examine(target, levers, probes=probes, settle=0.0).findings
    assert finding.id == "every-method"
    assert set(finding.probes) == {probe.id for probe in probes}


@pytest.mark.parametrize(
    ("sign", "probes"),
    [
        (Sign.ACCEPTED, ["signature.body-changed", "signature.respaced"]),
        (Sign.EXTRA, ["route.get", "route.signed-get"]),
    ],
)
def test_the_more_serious_of_two_failures_explains_the_other(
    sign: Sign, probes: list[str]
) -> None:
    results = [
        Result(
            probe=probe,
            outcome=ProbeOutcome.FAILED,
            facts="seen",
            signs=frozenset({str(sign)}),
        )
        for probe in chosen(probes)
    ]
    (finding,) = grouped(results, CAUSES)
    assert finding.id == probes[0]
    assert set(finding.probes) == set(probes)
    # The second alone is a finding of its own.
    (other,) = grouped(results[1:], CAUSES)
    assert other.id == probes[1]


def test_a_key_of_the_attempt_is_one_finding() -> None:
    ids = ["duplicate.renewed", "duplicate.late", "duplicate.at-once"]
    outcome, signs = ProbeOutcome.FAILED, frozenset({str(Sign.EXTRA)})
    results = [
        Result(probe=probe, outcome=outcome, facts="two effects", signs=signs)
        for probe in chosen(ids)
    ]
    found = {finding.id: finding.probes for finding in grouped(results, CAUSES)}
    assert found == {
        "key-of-the-attempt": ("duplicate.renewed", "duplicate.late"),
        "duplicate.at-once": ("duplicate.at-once",),
    }


def test_a_signature_over_re_serialised_json_is_one_finding() -> None:
    seen = {
        "valid.letters": Sign.REJECTED,
        "valid.numbers": Sign.REJECTED,
        "signature.respaced": Sign.ACCEPTED,
    }
    results = [
        Result(
            probe=probe,
            outcome=ProbeOutcome.FAILED,
            facts="seen",
            signs=frozenset({str(seen[probe.id])}),
        )
        for probe in chosen([*seen])
    ]
    (finding,) = grouped(results, CAUSES)
    assert finding.id == "body-parsed-before-verified"
    assert set(finding.probes) == set(seen)


def test_one_effect_too_many_is_counted_in_good_english() -> None:
    tally = Tally(StubHarness(always(200)))
    tally.effects("two GET requests", 1, 0)
    tally.effects("one event", 5, 1)
    facts = tally.judgement("").facts
    assert facts == (
        "two GET requests: effects of 1 event, wanted: 0; "
        "one event: effects of 5 events, wanted: 1"
    )


def restarting(effects: list[str], *, forgets: bool) -> Levers:
    """Return levers for `forgetful`; the number of effects may be forgotten too."""

    def restart() -> None:
        forgetful.clear()
        if forgets:
            effects.clear()

    return Levers(effects=lambda: float(len(effects)), restart=restart)


forgetful: set[str] = set()
"""The ids that the receiver under test has seen since its last restart."""


def remembering(effects: list[str]) -> Flask:
    app = Flask("memory")

    @app.post("/webhooks")
    def webhooks() -> ResponseReturnValue:
        if not verified("generic", request.get_data()):
            return "", 401
        event_id = str(json.loads(request.get_data())["id"])
        if event_id not in forgetful:
            forgetful.add(event_id)
            effects.append(event_id)
        return "", 200

    return app


def test_a_number_that_falls_at_a_restart_judges_nothing() -> None:
    effects: list[str] = []
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="generic",
        secret=SECRET,
        app=remembering(effects),
    )
    probes = chosen(["valid.plain", "crash.between-copies"])
    report = examine(
        target, restarting(effects, forgets=True), probes=probes, settle=0.0
    )
    assert report.findings == ()
    result = report.results[-1]
    assert result.outcome is ProbeOutcome.UNKNOWN
    assert result.facts.startswith("the number of effects fell from 3 to 0, so it does")
    assert "survives a restart" in result.facts


def test_ids_that_a_restart_forgets_are_one_finding() -> None:
    effects: list[str] = []
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="generic",
        secret=SECRET,
        app=remembering(effects),
    )
    probes = chosen(["crash.between-copies", "duplicate.late"])
    levers = restarting(effects, forgets=False)
    (finding,) = examine(target, levers, probes=probes, settle=0.0).findings
    assert finding.id == "ids-in-memory"
    assert set(finding.probes) == {probe.id for probe in probes}
    # The late copy alone is no worse.
    marked = Result(
        probe=probes[-1],
        outcome=ProbeOutcome.FAILED,
        facts="two effects",
        signs=frozenset({str(Sign.EXTRA), str(Sign.RESTARTED)}),
    )
    assert [found.id for found in grouped([marked], CAUSES)] == ["ids-in-memory"]


def test_a_receiver_that_rejects_new_fields_is_not_called_one_that_parses_first() -> (
    None
):
    app = Flask("strict")

    @app.post("/webhooks")
    def webhooks() -> ResponseReturnValue:
        if not verified("generic", request.get_data()):
            return "", 401
        known = {"id", "event", "created_at", "data"}
        return "", 200 if set(json.loads(request.get_data())) <= known else 422

    target = endpoint_from(
        "http://localhost/webhooks", scheme="generic", secret=SECRET, app=app
    )
    probes = chosen(["valid", "size.large-event", "signature.forged"])
    (finding,) = examine(target, Levers(), probes=probes, settle=0.0).findings
    assert finding.id == "new-fields-rejected"
    assert set(finding.probes) == {
        "valid.extra-fields",
        "valid.letters",
        "valid.numbers",
        "size.large-event",
    }


@pytest.mark.parametrize(
    ("crashes", "found"),
    [
        (("size.broken-chunks", "size.no-number"), {"length-not-checked": "low"}),
        (
            ("size.broken-chunks", "signature.non-ascii"),
            {"rejects-by-crashing": "medium"},
        ),
    ],
)
def test_a_5xx_for_invalid_chunks_alone_is_a_low_finding(
    crashes: tuple[str, ...], found: dict[str, str]
) -> None:
    results = [
        Result(
            probe=probe,
            outcome=ProbeOutcome.FAILED,
            facts="500",
            signs=frozenset({str(Sign.CRASHED)}),
        )
        for probe in chosen(crashes)
    ]
    findings = grouped(results, CAUSES)
    assert {finding.id: str(finding.severity) for finding in findings} == found


def test_the_title_of_a_finding_leaves_out_the_sizes_of_other_providers() -> None:
    (probe,) = chosen(["size.large-event"])
    result = Result(
        probe=probe,
        outcome=ProbeOutcome.FAILED,
        facts="413",
        signs=frozenset({str(Sign.REJECTED)}),
    )
    (finding,) = grouped([result], CAUSES)
    assert finding.title == "does not accept a large valid event"


def test_a_complaint_that_repeats_is_said_once() -> None:
    tally = Tally(StubHarness(always(200)))
    for _ in range(3):
        tally.complain("during the outage: 404, wanted: 5xx or 429")
    tally.complain("another one")
    facts = tally.judgement("").facts
    assert facts == "during the outage: 404, wanted: 5xx or 429; another one"


def test_titles_of_probes_say_what_the_receiver_does_in_one_line() -> None:
    titled = [probe for probe in PROBES if probe.title]
    assert len({probe.title for probe in titled}) == len(titled) > 10
    for probe in titled:
        assert len(probe.title) <= 72, probe.id
        assert probe.title[0].islower(), probe.id
        assert not probe.title.endswith("."), probe.id
        result = Result(probe=probe, outcome=ProbeOutcome.FAILED, facts="seen")
        assert [found.title for found in grouped([result], ())] == [probe.title]
