"""The check of a new URL: right receivers pass, and each bug is found.

The receivers are written from the providers' pages, without the kit's own verifiers.
"""

import base64
import hashlib
import hmac
import json
import random
import re
from collections.abc import Callable

import pytest
from flask import Flask, Response, request

from labkit.errors import UnknownName
from labkit.examine import endpoint_from, examine
from labkit.findings import ExaminationReport, ProbeOutcome
from labkit.probes import chosen
from labkit.signing import HANDSHAKES, PROVIDERS, SCHEMES, scheme_named
from labkit.signing.handshakes import TOKEN

pytestmark = pytest.mark.pure

NOW = 1_800_000_000.0
# Braintree's are two keys with a colon between; to others it is a text.
SECRET = "both:a text that only both sides know"
VERIFY = "a word for the provider"
URL = "http://localhost/webhooks"

CHALLENGE = "provider.challenge"
UNSIGNED = "provider.challenge-unsigned"
ORACLE = "provider.oracle"
OPEN_ORACLE = "provider.open-oracle"
TAKEOVER = "provider.takeover"
MARKUP = "provider.markup"
PROBES = (CHALLENGE, UNSIGNED, ORACLE, OPEN_ORACLE, TAKEOVER, MARKUP)

Answer = Response | None


def mac(text: bytes, key: str = SECRET) -> bytes:
    return hmac.digest(key.encode(), text, "sha256")


def pair(text: str) -> str:
    public, private = SECRET.split(":")
    key = hashlib.sha1(private.encode()).digest()  # noqa: S324 - Braintree's way
    return f"{public}|{hmac.new(key, text.encode(), 'sha1').hexdigest()}"


def plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain")


def as_json(value: object) -> Response:
    return Response(json.dumps(value), 200, content_type="application/json")


def hub(asked: str) -> Response:
    if request.args.get("hub.verify_token") != VERIFY:
        return plain("", 403)
    if asked == "strava":
        return as_json({"hub.challenge": request.args["hub.challenge"]})
    return plain(request.args["hub.challenge"])


def token_of(name: str, value: str) -> str | None:
    """Return a token if it looks like one; the receiver must not sign anything else."""
    return value if re.fullmatch(r"[A-Za-z0-9+/_=-]{1,100}", value) else None


def signed_echo(name: str, given: str, answer: Callable[[bytes], object]) -> Response:
    token = token_of(name, given)
    return as_json(answer(token.encode())) if token else plain("", 400)


def by_get(name: str) -> Answer:
    args = request.args
    if name in ("meta", "strava"):
        return hub(name)
    if name == "oura":
        if args.get("verification_token") != VERIFY:
            return plain("", 401)
        return as_json({"challenge": args["challenge"]})
    if name in ("dropbox", "nylas"):
        return plain(args["challenge"])
    if name == "x":
        return signed_echo(
            name,
            args["crc_token"],
            lambda token: {
                "response_token": "sha256=" + base64.b64encode(mac(token)).decode()
            },
        )
    if name == "linkedin":
        code = args["challengeCode"]
        return signed_echo(
            name,
            code,
            lambda token: {
                "challengeCode": code,
                "challengeResponse": mac(token).hex(),
            },
        )
    if name == "ebay":
        text = args["challenge_code"] + VERIFY + URL
        return as_json({"challengeResponse": hashlib.sha256(text.encode()).hexdigest()})
    if name == "braintree":
        token = args["bt_challenge"]
        known = re.fullmatch("[a-f0-9]{20,32}", token)
        return plain(pair(token)) if known else plain("", 400)
    if name == "okta":
        return as_json(
            {"verification": request.headers["X-Okta-Verification-Challenge"]}
        )
    return plain("")


def by_post(name: str, event: object) -> Answer:
    headers, args = request.headers, request.args
    if name in ("graph", "sharepoint"):
        token = args.get("validationToken") or args.get("validationtoken")
        return plain(token) if token else None
    if name == "asana" and "X-Hook-Secret" in headers:
        if headers["X-Hook-Secret"] != SECRET:  # it is in use already
            return plain("", 403)
        return Response("", 200, {"X-Hook-Secret": SECRET})
    if name == "ringcentral" and "Validation-Token" in headers:
        return Response("", 200, {"Validation-Token": headers["Validation-Token"]})
    if name == "front" and "X-Front-Challenge" in headers:
        return plain(headers["X-Front-Challenge"])
    return by_body(name, event)


def by_body(name: str, event: object) -> Answer:
    if name == "vercel-drain" and event == []:
        return Response("", 200, {"x-vercel-verify": VERIFY})
    if name == "exact" and not request.get_data():
        return plain("")
    if name == "notion" and isinstance(event, dict) and "verification_token" in event:
        return plain("" if event["verification_token"] == SECRET else "kept", 200)
    if name == "monday" and isinstance(event, dict) and "challenge" in event:
        return as_json(event)
    if name == "event-grid" and "aeg-event-type" in request.headers:
        assert isinstance(event, list)
        return as_json({"validationResponse": event[0]["data"]["validationCode"]})
    if name == "smartcar" and isinstance(event, dict) and event.get("eventType"):
        return signed_echo(
            name,
            event["data"]["challenge"],
            lambda token: {"challenge": mac(token).hex()},
        )
    return None


def after_verifying(name: str, event: object) -> Answer:
    if not isinstance(event, dict):
        return None
    if name == "slack" and event.get("type") == "url_verification":
        return plain(event["challenge"])
    if name == "zoom" and event.get("event") == "endpoint.url_validation":
        token = event["payload"]["plainToken"]
        return signed_echo(
            name,
            token,
            lambda text: {"plainToken": token, "encryptedToken": mac(text).hex()},
        )
    if name == "twitch" and "challenge" in event:
        return plain(event["challenge"])
    if name == "tebex" and event.get("type") == "validation.webhook":
        return as_json({"id": event["id"]})
    if name == "discord" and event.get("type") == 0:
        return plain("", 204)
    return None


def receiver(name: str, scheme: str, secret: str = SECRET) -> Flask:
    app, known = Flask("receiver"), scheme_named(scheme)

    @app.route("/webhooks", methods=["GET", "HEAD", "POST", "OPTIONS"])
    def webhooks() -> Response:
        if request.method == "OPTIONS":
            origin = request.headers.get("WebHook-Request-Origin", "")
            return Response(
                "", 200, {"WebHook-Allowed-Origin": origin, "Allow": "POST"}
            )
        if request.method in ("GET", "HEAD"):
            return by_get(name) or plain("", 404)
        body = request.get_data()
        try:
            event = json.loads(body) if body and name != "braintree" else None
        except ValueError:
            return plain("", 400)
        if found := by_post(name, event):
            return found
        try:
            known.verify(
                body,
                dict(request.headers),
                secrets=[known.receiver_secret(secret)],
                now=NOW,
                url=URL,
            )
        except Exception:  # noqa: BLE001 - whatever it is, it is not authentic
            return plain("", 401)
        # Discord wants 204 for events as well.
        ordinary = plain("", 204 if name == "discord" else 200)
        return after_verifying(name, event) or ordinary

    return app


def report_on(
    app: Flask, name: str, scheme: str, *, secret: str = SECRET, probes: object = PROBES
) -> ExaminationReport:
    endpoint = endpoint_from(
        URL,
        scheme=scheme,
        secret=secret,
        handshake=name,
        verify_token=VERIFY,
        app=app,
    )
    return examine(
        endpoint,
        probes=chosen(probes),  # type: ignore[arg-type]  # names
        clock=lambda: NOW,
        settle=0.0,
    )


def outcomes(report: ExaminationReport) -> dict[str, ProbeOutcome]:
    return {result.probe.id: result.outcome for result in report.results}


def scheme_for(name: str) -> str:
    if name in SCHEMES or name in PROVIDERS:
        return name
    return "generic"


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_right_receiver_passes_and_what_does_not_apply_says_why(name: str) -> None:
    scheme = scheme_for(name)
    secret = SECRET
    if name in ("discord", "ebay"):
        pytest.importorskip("cryptography", reason="they sign with key pairs")
        secret = scheme_named(name).make_secret(random.Random(1))
    report = report_on(receiver(name, scheme, secret), name, scheme, secret=secret)
    found = outcomes(report)
    assert found[CHALLENGE] is ProbeOutcome.PASSED, report.results[0].facts
    assert ProbeOutcome.FAILED not in found.values(), [
        (result.probe.id, result.facts) for result in report.of(ProbeOutcome.FAILED)
    ]
    handshake = HANDSHAKES[name]
    proved = handshake.signed or handshake.verifies_token
    assert (found[UNSIGNED] is ProbeOutcome.PASSED) == proved
    assert (found[OPEN_ORACLE] is ProbeOutcome.PASSED) == handshake.signs
    assert (found[TAKEOVER] is ProbeOutcome.PASSED) == handshake.sets_secret
    for result in report.of(ProbeOutcome.NOT_APPLICABLE):
        assert len(result.facts) > 10


def changed(right: Flask, change: Callable[[], Answer]) -> Flask:
    """Return the receiver with something in front that responds now and then."""

    @right.before_request
    def first() -> Answer:
        return change()

    return right


def echoes_as_json() -> Answer:
    token = request.args.get("hub.challenge")
    known = request.args.get("hub.verify_token") == VERIFY
    return as_json(token) if token and known else None


def echoes_to_anyone() -> Answer:
    token = request.args.get("hub.challenge")
    return plain(token) if token else None


def signs_anything() -> Answer:
    token = request.args.get("crc_token")
    if not token:
        return None
    digest = base64.b64encode(mac(token.encode())).decode()
    return as_json({"response_token": f"sha256={digest}"})


def answers_any_challenge() -> Answer:
    token = request.args.get("bt_challenge")
    return plain(pair(token)) if token else None


def responds_before_verifying() -> Answer:
    event = request.get_json(silent=True) or {}
    if event.get("event") != "endpoint.url_validation":
        return None
    token = event["payload"]["plainToken"]
    return as_json({"plainToken": token, "encryptedToken": mac(token.encode()).hex()})


def as_html() -> Answer:
    token = request.args.get("challenge")
    return Response(token, content_type="text/html") if token else None


@pytest.mark.parametrize(
    ("name", "change", "probe"),
    [
        ("meta", echoes_as_json, CHALLENGE),
        ("meta", echoes_to_anyone, UNSIGNED),
        ("x", signs_anything, OPEN_ORACLE),
        ("braintree", answers_any_challenge, OPEN_ORACLE),
        ("zoom", responds_before_verifying, UNSIGNED),
        ("zoom", responds_before_verifying, OPEN_ORACLE),
        ("dropbox", as_html, MARKUP),
    ],
)
def test_a_bug_is_found_by_its_probe(
    name: str, change: Callable[[], Answer], probe: str
) -> None:
    report = report_on(
        changed(receiver(name, name), change), name, name, probes=[probe]
    )
    (result,) = report.results
    assert result.outcome is ProbeOutcome.FAILED, result.facts
    assert result.evidence


def test_a_stranger_who_sets_the_secret_is_found_out() -> None:
    secrets = [SECRET]

    def takes_any() -> Answer:
        if given := request.headers.get("X-Hook-Secret"):
            secrets[0] = given
            return Response("", 200, {"X-Hook-Secret": given})
        given = request.headers.get("X-Hook-Signature", "")
        fits = given == mac(request.get_data(), secrets[0]).hex()
        return plain("", 200 if fits else 401)

    app = changed(Flask("taken-over"), takes_any)
    report = report_on(app, "asana", "asana", probes=[TAKEOVER, "valid.plain"])
    found = outcomes(report)
    assert found[TAKEOVER] is ProbeOutcome.FAILED
    # The right secret is set again, so that the other probes can be judged.
    assert found["valid.plain"] is ProbeOutcome.PASSED
    assert secrets == [SECRET]


def test_xero_wants_exactly_401_and_an_empty_body() -> None:
    def says_more() -> Answer:
        body = request.get_data()
        given = request.headers.get("x-xero-signature", "")
        if given != base64.b64encode(mac(body)).decode():
            return plain("invalid signature", 400)
        return as_json({"status": "ok"})

    app = changed(Flask("xero"), says_more)
    report = report_on(
        app, "xero", "xero", probes=["valid.plain", CHALLENGE, "provider.exactly-401"]
    )
    assert [finding.id for finding in report.findings] == ["handshake-fails"]


def test_a_verify_token_that_was_not_given_leaves_it_unknown() -> None:
    endpoint = endpoint_from(
        URL, scheme="meta", secret=SECRET, app=receiver("meta", "meta")
    )
    report = examine(
        endpoint, probes=chosen([CHALLENGE]), clock=lambda: NOW, settle=0.0
    )
    assert report.results[0].outcome is ProbeOutcome.UNKNOWN
    assert "--verify-token" in report.results[0].facts


def test_the_default_is_the_schemes_own_handshake() -> None:
    for name, scheme in (*SCHEMES.items(), *PROVIDERS.items()):
        if scheme.handshake:
            assert scheme.handshake in HANDSHAKES, name
    assert SCHEMES["slack"].handshake == "slack"
    assert PROVIDERS["trello"].handshake == "head"
    with pytest.raises(UnknownName, match="'meta'"):
        HANDSHAKES["mata"]


def test_the_signed_responses_are_those_of_the_providers_pages() -> None:
    wanted = {
        "zoom": mac(TOKEN.encode()).hex(),
        "x": "sha256=" + base64.b64encode(mac(TOKEN.encode())).decode(),
        "meta": TOKEN,
        "braintree": pair(TOKEN),
        "ebay": hashlib.sha256(f"{TOKEN}{VERIFY}{URL}".encode()).hexdigest(),
    }
    for name, right in wanted.items():
        found = HANDSHAKES[name].wanted(
            token=TOKEN, secret=SECRET, verify_token=VERIFY, url=URL
        )
        assert found == right, name
