"""The probes themselves: complete, and not fooled by an endpoint without sense."""

import contextlib
import dataclasses
import gzip
import hmac
import importlib.util
import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import pytest

from labkit.errors import BadSecret, BadSetting, UnknownName, VerificationError
from labkit.findings import Severity, Who
from labkit.model import Request
from labkit.probes import (
    PROBES,
    Endpoint,
    Harness,
    Judgement,
    Levers,
    Need,
    Probe,
    ProbeOutcome,
    Sample,
    Sign,
    chosen,
    forge,
)
from labkit.probes.edits import with_header
from labkit.probes.exchange import Exchange
from labkit.probes.sizes import too_large
from labkit.probes.tally import Tally
from labkit.probes.wire import Piece, Wire, WireResponse, chunked, written
from labkit.profiles import PROFILES
from labkit.signing import SCHEMES, Scheme, scheme_named
from labkit.transport import IN_BROWSER

pytestmark = pytest.mark.pure

NOW = 1_800_000_000.0
NAMES = [
    name
    for name in SCHEMES
    if name != "discord" or importlib.util.find_spec("cryptography")
]
TEXTS = ("sent", "wanted", "why", "mend", "source")

Reply = Callable[[bytes], int | None]


class StubWire(Wire):
    """Answers each request by what a function makes of its bytes; None is silence."""

    def __init__(self, url: str, reply: Reply) -> None:
        super().__init__(url)
        self._reply = reply

    def listens(self) -> bool:
        return True

    def exchange(
        self,
        pieces: Sequence[Piece],
        *,
        timeout: float,
        method: str = "POST",
        half_close: bool = False,
    ) -> WireResponse:
        parts = [piece for piece in pieces if isinstance(piece, bytes)]
        status = self._reply(b"".join(parts[:2]))
        problem = "" if status else "timed out"
        return WireResponse(status, problem, 0.001, taken=sum(map(len, parts)))

    def at_once(
        self, requests: Sequence[bytes], *, timeout: float
    ) -> list[WireResponse]:
        return [self.exchange([content], timeout=timeout) for content in requests]

    def in_a_row(
        self, contents: Sequence[bytes], *, timeout: float
    ) -> list[WireResponse]:
        return self.at_once(contents, timeout=timeout)

    @contextlib.contextmanager
    def dripping(self, heads: Sequence[bytes], every: float) -> Iterator[None]:
        yield


class StubHarness(Harness):
    """A harness without a socket, on which time does not pass."""

    def __init__(
        self, reply: Reply, *, scheme: str = "standard", levers: Levers | None = None
    ) -> None:
        known = SCHEMES[scheme]
        rng = random.Random(scheme)
        first, second, retired = (known.make_secret(rng) for _ in range(3))
        endpoint = Endpoint(
            url="http://127.0.0.1:9/webhooks",
            scheme=known,
            secret=first,
            profile=PROFILES[scheme if scheme in PROFILES else "standard"],
            second_secret=second,
            retired_secret=retired,
        )
        super().__init__(endpoint, levers or Levers(), now=lambda: NOW, run="t")
        self.wire = StubWire(endpoint.url, reply)

    def pause(self, seconds: float) -> None:
        pass


def always(status: int | None) -> Reply:
    def reply(content: bytes) -> int | None:
        return status

    return reply


def verifier(harness: Harness) -> Reply:
    """A receiver in a few lines: the kit's own verifier, then JSON if events are."""
    own, endpoint = harness.scheme, harness.endpoint
    # Zoom's and Discord's own libraries check no age; a receiver may.
    scheme = type(own)(tolerance=300) if own.timestamp_header else own
    known = (endpoint.secret, endpoint.second_secret)
    secrets = [scheme.receiver_secret(secret) for secret in known]

    def reply(content: bytes) -> int:
        head, _, body = content.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            key, _, value = line.partition(": ")
            key = key.lower()
            headers[key] = f"{headers[key]},{value}" if key in headers else value
        url = "http://127.0.0.1:9" + first.split(" ")[1]
        if "transfer-encoding" in headers:
            return 411
        try:
            scheme.verify(body, headers, secrets=secrets, now=NOW, url=url)
            if endpoint.sample.is_json and not own.encloses_as:
                json.loads(body)
        except VerificationError:
            return 401
        except (ValueError, RecursionError):
            return 400
        return 200 if harness.profile.acknowledges(200) else 204

    return reply


def judged(harness: Harness, probe: Probe) -> Judgement:
    if why := probe.applies(harness.scheme, harness.profile):
        return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
    if lacks := [need for need in probe.needs if harness.lacks(need)]:
        return Judgement(ProbeOutcome.UNKNOWN, str(lacks))
    if probe.prepare:
        probe.prepare(harness)
    return probe.run(harness)


def outcomes(harness: Harness) -> dict[str, ProbeOutcome]:
    harness.calibrate()
    return {probe.id: judged(harness, probe).outcome for probe in PROBES}


def exchange(status: int | None, label: str = "x", problem: str = "lost") -> Exchange:
    answer = WireResponse(status, "" if status else problem, 0.1)
    return Exchange(label, Request("POST", "/", (), b""), answer)


# What every probe says of itself


def test_there_are_98_probes_or_more_and_each_has_its_own_id() -> None:
    ids = [probe.id for probe in PROBES]
    assert len(ids) >= 98
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_probe_says_all_that_a_reader_needs(probe: Probe) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", probe.id)
    for name in TEXTS:
        text = getattr(probe, name)
        assert len(text) >= 3, name
        assert "  " not in text
        assert "!" not in text
        assert not text.endswith((".", " "))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_probe_says_how_bad_a_failure_is_who_causes_it_and_where_to_read(
    probe: Probe,
) -> None:
    assert probe.severity in Severity
    assert probe.who in Who
    assert probe.references
    # What only the provider could send, or send wrongly, is never an alarm.
    if probe.who is Who.PROVIDER and probe.family != "provider":
        assert probe.severity is Severity.LOW


@pytest.mark.parametrize("name", NAMES)
def test_a_scheme_has_most_probes_and_a_reason_for_each_that_is_left_out(
    name: str,
) -> None:
    harness = StubHarness(always(200), scheme=name)
    reasons = [probe.applies(harness.scheme, harness.profile) for probe in PROBES]
    assert reasons.count("") >= 40
    assert all(reason == "" or len(reason) > 10 for reason in reasons)


def test_the_last_probe_asks_whether_the_endpoint_lives() -> None:
    assert PROBES[-1].id == "speed.alive"


# Endpoints without sense


@pytest.mark.parametrize("status", [401, 500, 503, None, 302, 429])
def test_an_endpoint_that_takes_nothing_passes_nothing(status: int | None) -> None:
    found = outcomes(StubHarness(always(status)))
    assert ProbeOutcome.PASSED not in found.values()
    assert found["signature.no-effects"] is ProbeOutcome.UNKNOWN


def test_a_refusal_says_nothing_where_all_is_refused() -> None:
    found = outcomes(StubHarness(always(401)))
    assert found["valid.plain"] is ProbeOutcome.FAILED
    assert found["time.skew"] is ProbeOutcome.FAILED
    assert found["signature.forged"] is ProbeOutcome.UNKNOWN
    assert found["body.deep"] is ProbeOutcome.UNKNOWN


def test_an_endpoint_that_takes_everything_fails_every_test_of_refusals() -> None:
    found = outcomes(StubHarness(always(200)))
    refusals = [
        probe
        for probe in PROBES
        if probe.wanted.startswith("rejected") and probe.family != "body"
    ]
    assert len(refusals) > 20
    wrong = [
        probe.id
        for probe in refusals
        if found[probe.id] not in (ProbeOutcome.FAILED, ProbeOutcome.NOT_APPLICABLE)
    ]
    assert wrong == []
    # It may have kept what it took: that is not for an outsider to say.
    assert found["body.not-json"] is ProbeOutcome.UNKNOWN


class Bare(Scheme):
    """A signature in hex without a label, alone in its header."""

    name: ClassVar[str] = "bare"
    covers: ClassVar[str] = "The body is signed."
    signature_header: ClassVar[str] = "X-Bare-Signature"
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9a-f]{64}")
    _wanted: ClassVar[str] = "64 hex digits"

    def make_secret(self, rng: random.Random) -> str:
        return rng.randbytes(32).hex()

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac.new(key, body, "sha256").hexdigest()


@pytest.mark.skipif(
    IN_BROWSER, reason="JSON that is nested too deeply ends a browser's Python"
)
def test_no_probe_breaks_on_a_scheme_without_a_label(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SCHEMES, "bare", Bare())
    harness = StubHarness(always(200), scheme="bare")
    harness.wire = StubWire(harness.endpoint.url, verifier(harness))
    found = outcomes(harness)
    assert found["signature.other-label"] is ProbeOutcome.NOT_APPLICABLE
    about = ("valid.", "signature.", "rotation.")
    wrong = {
        i for i, o in found.items() if i.startswith(about) and o is ProbeOutcome.FAILED
    }
    assert wrong == set()


@pytest.mark.parametrize("name", ["nylas", "github"])
def test_a_compressed_event_is_signed_as_its_provider_signs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheme = scheme_named(name)
    monkeypatch.setitem(SCHEMES, name, scheme)
    harness = StubHarness(always(200), scheme=name)
    harness.endpoint = dataclasses.replace(harness.endpoint, gzip=True)
    harness.accepts = True

    def verify(content: bytes) -> int:
        head, _, body = content.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")[1:]
        headers = dict(line.split(": ", 1) for line in lines)
        signed = body if scheme.signs_compressed else gzip.decompress(body)
        try:
            scheme.verify(signed, headers, secrets=[harness.endpoint.secret], now=NOW)
        except VerificationError:
            return 401
        return 200

    harness.wire = StubWire(harness.endpoint.url, verify)
    (probe,) = (probe for probe in PROBES if probe.id == "valid.gzip")
    assert judged(harness, probe).outcome is ProbeOutcome.PASSED
    assert scheme.signs_compressed == (name == "nylas")


@pytest.mark.parametrize("name", NAMES)
def test_the_kits_own_verifiers_fail_nothing_that_is_about_verifying(name: str) -> None:
    harness = StubHarness(always(200), scheme=name)
    harness.wire = StubWire(harness.endpoint.url, verifier(harness))
    harness.calibrate()
    assert harness.accepts
    assert harness.refusal == 401
    about = ("valid", "signature", "time", "rotation", "provider.f", "provider.o")
    findings = {
        probe.id: judged(harness, probe)
        for probe in PROBES
        if probe.id.startswith(about)
    }
    failed = {
        id_: finding.facts
        for id_, finding in findings.items()
        if finding.outcome is ProbeOutcome.FAILED
    }
    assert failed == {}
    passed = [f for f in findings.values() if f.outcome is ProbeOutcome.PASSED]
    assert len(passed) >= 20


def test_a_limit_on_the_rate_makes_unknown_what_it_hides() -> None:
    found = outcomes(StubHarness(always(429)))
    assert found["signature.forged"] is ProbeOutcome.UNKNOWN
    assert found["valid.spacing"] is ProbeOutcome.UNKNOWN


def test_without_levers_nothing_that_needs_them_is_judged() -> None:
    found = outcomes(StubHarness(always(200)))
    needy = {p.id for p in PROBES if p.needs & {Need.EFFECTS, Need.RESTART}}
    assert {found[id_] for id_ in needy} <= {
        ProbeOutcome.UNKNOWN,
        ProbeOutcome.NOT_APPLICABLE,
    }
    assert len(needy) >= 10


@pytest.mark.parametrize("step", [0, 1])
def test_a_number_that_is_no_number_of_effects_unlocks_nothing(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.probes.counter.EFFECT_WAIT", 0.01)
    count = itertools.count(7, step)
    harness = StubHarness(
        always(200), levers=Levers(effects=lambda: float(next(count)))
    )
    harness.calibrate()
    assert not harness.has(Need.EFFECTS)
    assert "did not grow" in harness.lacks(Need.EFFECTS)


def test_effects_are_counted_in_events_worth() -> None:
    rows = 0

    def reply(content: bytes) -> int:
        nonlocal rows
        rows += 3
        return 200

    harness = StubHarness(reply, levers=Levers(effects=lambda: float(rows)))
    harness.calibrate()
    assert harness.counter.unit == 3
    gained = harness.effects_of(lambda: harness.deliver("one"), wanted=1)
    assert gained == 1


# Weighing


@pytest.mark.parametrize(
    ("weigh", "status", "outcome"),
    [
        ("accept", 200, ProbeOutcome.PASSED),
        ("accept", 302, ProbeOutcome.FAILED),
        ("accept", 401, ProbeOutcome.FAILED),
        ("accept", 429, ProbeOutcome.UNKNOWN),
        ("accept", None, ProbeOutcome.FAILED),
        ("refuse", 401, ProbeOutcome.PASSED),
        ("refuse", 200, ProbeOutcome.FAILED),
        ("refuse", 302, ProbeOutcome.FAILED),
        ("refuse", 500, ProbeOutcome.FAILED),
        ("refuse", 501, ProbeOutcome.PASSED),
        ("refuse", 429, ProbeOutcome.UNKNOWN),
        ("refuse", None, ProbeOutcome.FAILED),
        ("survive", 400, ProbeOutcome.PASSED),
        ("survive", 500, ProbeOutcome.FAILED),
        ("survive", None, ProbeOutcome.FAILED),
        ("reject_content", 400, ProbeOutcome.PASSED),
        ("reject_content", 200, ProbeOutcome.UNKNOWN),
        ("reject_content", 500, ProbeOutcome.FAILED),
        ("read_as_sent", 200, ProbeOutcome.PASSED),
        ("read_as_sent", 415, ProbeOutcome.PASSED),
        ("read_as_sent", 401, ProbeOutcome.FAILED),
        ("read_as_sent", 500, ProbeOutcome.FAILED),
    ],
)
def test_an_answer_is_weighed(
    weigh: str, status: int | None, outcome: ProbeOutcome
) -> None:
    harness = StubHarness(always(200))
    harness.accepts = True
    tally = Tally(harness)
    getattr(tally, weigh)(exchange(status))
    assert tally.judgement("good").outcome is outcome


def test_a_refusal_for_the_type_is_doubted_where_a_forgery_is_refused_alike() -> None:
    harness = StubHarness(always(200))
    harness.accepts, harness.refusal = True, 400
    tally = Tally(harness)
    tally.read_as_sent(exchange(400))
    assert tally.judgement("good").outcome is ProbeOutcome.UNKNOWN


def test_hanging_up_is_a_refusal_only_where_it_may_be() -> None:
    harness = StubHarness(always(200))
    harness.accepts = True
    for problem, outcome in (
        ("lost", ProbeOutcome.PASSED),
        ("timed out", ProbeOutcome.FAILED),
    ):
        tally = Tally(harness)
        tally.refuse(exchange(None, problem=problem), may_hang_up=True)
        assert tally.judgement("good").outcome is outcome


def test_acknowledged_bodies_are_named_in_one_doubt() -> None:
    harness = StubHarness(always(200))
    harness.accepts = True
    tally = Tally(harness)
    for label in ("a list", "null"):
        tally.reject_content(exchange(200, label))
    facts = tally.judgement("good").facts
    assert facts.startswith("acknowledged: a list, null;")
    assert facts.count("outside") == 1


def test_one_complaint_outweighs_any_doubt() -> None:
    harness = StubHarness(always(200))
    tally = Tally(harness)
    tally.accept(exchange(429, "limited"))
    tally.accept(exchange(500, "broken"))
    found = tally.judgement("good")
    assert found.outcome is ProbeOutcome.FAILED
    assert found.facts == "broken: 500, wanted: acknowledged"
    assert found.signs == {Sign.CRASHED}
    assert [one.label for one in found.evidence] == ["broken"]


# Requests


@pytest.mark.parametrize("name", NAMES)
def test_a_sealed_request_is_what_the_scheme_verifies(name: str) -> None:
    harness = StubHarness(always(200), scheme=name)
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id)
    scheme, endpoint = harness.scheme, harness.endpoint
    scheme.verify(
        request.body,
        dict(request.headers),
        secrets=[scheme.receiver_secret(endpoint.secret)],
        now=NOW,
        url="http://127.0.0.1:9" + request.path,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_forger_with_the_right_key_signs_as_the_scheme_does(name: str) -> None:
    harness = StubHarness(always(200), scheme=name)
    key = forge.key_of(harness.scheme, harness.endpoint.secret)
    signature = harness.scheme.signature_header
    draft = harness.draft()
    honest = harness.seal(draft.body, id=draft.id)
    forged = harness.seal(draft.body, id=draft.id, key=key)
    altered = harness.seal(draft.body, id=draft.id, change=forge.altered)
    assert honest.header(signature) == forged.header(signature)
    assert honest.header(signature) != altered.header(signature)


def test_no_two_events_share_an_id_and_the_body_holds_it() -> None:
    harness = StubHarness(always(200))
    drafts = [harness.draft() for _ in range(50)]
    assert len({draft.id for draft in drafts}) == 50
    assert all(f'"id":"{draft.id}"'.encode() in draft.body for draft in drafts)
    assert all(
        a.payload["data"] != b.payload["data"] for a, b in itertools.pairwise(drafts)
    )


def test_a_request_is_written_with_its_length_and_host() -> None:
    request = Request("POST", "/hooks?a=1", (("X-A", "\xe9"),), b"{}")
    assert written(request, "shop:80") == (
        b"POST /hooks?a=1 HTTP/1.1\r\nHost: shop:80\r\nX-A: \xe9\r\n"
        b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
    )


def test_a_length_or_chunks_of_the_probes_own_are_left_alone() -> None:
    request = Request("POST", "/", (("Content-Length", "abc"),), b"{}")
    assert written(request, "h").count(b"Content-Length") == 1
    request = Request("POST", "/", (("Transfer-Encoding", "chunked"),), b"zz")
    assert b"Content-Length" not in written(request, "h")
    assert chunked(b"abcde", 2) == b"2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\n\r\n"


def test_a_header_is_replaced_whatever_its_case() -> None:
    request = Request("POST", "/", (("X-A", "1"), ("x-a", "2"), ("B", "3")), b"")
    assert with_header(request, "X-a", "4").headers == (("B", "3"), ("X-a", "4"))


@pytest.mark.parametrize("url", ["shop", "ftp://a/", "http://", "http://a:99999/"])
def test_what_is_no_url_is_told_so(url: str) -> None:
    with pytest.raises(BadSetting, match="is not the URL"):
        Wire(url)


@pytest.mark.parametrize(
    ("alone", "outcome"),
    [(3.3, ProbeOutcome.UNKNOWN), (0.1, ProbeOutcome.FAILED)],
)
def test_a_receiver_that_is_slow_by_itself_is_not_blocked_by_slow_clients(
    alone: float, outcome: ProbeOutcome
) -> None:
    harness = StubHarness(always(200), scheme="slack")
    harness.calibrate()
    harness.timings[:] = [alone]

    def slow(*_: object, **__: object) -> WireResponse:
        return WireResponse(200, "", harness.limit + 0.4)

    harness.wire.exchange = slow  # type: ignore[method-assign]  # only for this test
    for probe in PROBES:
        if probe.id in ("speed.slow-bodies", "speed.slow-heads"):
            harness.timings[:] = [alone]
            assert judged(harness, probe).outcome is outcome


# Settings


def test_a_sample_of_ones_own_keeps_its_shape() -> None:
    template = {"type": "order.paid", "data": {"object": {"id": "o_1", "sum": 7}}}
    sample = Sample(template=template, id_path="data.object.id", type_path="type")
    assert sample.type == "order.paid"
    assert sample.fresh("evt_9", NOW) == {
        "type": "order.paid",
        "data": {"object": {"id": "evt_9", "sum": 7}},
    }
    assert template["data"] == {"object": {"id": "o_1", "sum": 7}}


def test_a_sample_without_an_id_is_refused() -> None:
    with pytest.raises(BadSetting, match="--id-path"):
        Sample(template={"event": "x"})


def test_a_secret_of_the_wrong_form_is_told_before_anything_is_sent() -> None:
    harness = StubHarness(always(200))
    with pytest.raises(BadSecret):
        dataclasses.replace(harness.endpoint, secret="short")
    with pytest.raises(BadSecret):
        dataclasses.replace(harness.endpoint, secret="")


def test_an_endpoint_shows_none_of_its_secrets() -> None:
    endpoint = StubHarness(always(200)).endpoint
    assert len(endpoint.secrets) == 3
    assert not any(secret in repr(endpoint) for secret in endpoint.secrets)


def test_probes_are_chosen_by_id_and_family() -> None:
    ids = [probe.id for probe in chosen(["time", "valid.plain"], ["time.stale"])]
    assert ids[0] == "valid.plain"
    assert "time.future" in ids
    assert "time.stale" not in ids
    assert chosen() == PROBES


@pytest.mark.parametrize("names", [{"only": ["time.stael"]}, {"skip": ["tyme"]}])
def test_a_probe_that_does_not_exist_is_told_with_the_nearest(
    names: dict[str, Any],
) -> None:
    with pytest.raises(UnknownName, match="time"):
        chosen(**names)


@pytest.mark.parametrize(
    ("limit", "status", "failed"),
    [
        (100_000, 413, {"size.large-event"}),
        (1_000_000, 413, set()),
        (1_000_000, 401, {"size.largest"}),
        (1_000_000, 500, {"size.largest"}),
        (26_000_000, 401, set()),
    ],
)
def test_a_large_event_is_accepted_or_above_a_limit_of_the_receivers_own(
    limit: int, status: int, failed: set[str]
) -> None:
    harness = StubHarness(
        lambda sent: status if len(sent) > limit else 200, scheme="github"
    )
    harness.calibrate()
    ids = {"size.large-event", "size.largest"}
    found = {p.id: judged(harness, p).outcome for p in PROBES if p.id in ids}
    assert {i for i, one in found.items() if one is ProbeOutcome.FAILED} == failed


def test_githubs_own_limit_is_not_called_too_large() -> None:
    assert too_large(SCHEMES["github"].largest) > 25 * 1024 * 1024
    assert too_large(SCHEMES["stripe"].largest) == 10_000_000


def test_a_forged_digest_differs_in_more_than_the_case_of_a_letter() -> None:
    for digest in ("AAAA", "aaaa", "BBBB", "bbbb", "0000", "+/+/"):
        changed = forge.altered(digest)
        assert changed != digest
        assert changed.lower() != digest.lower()
        assert len(changed) == len(digest)


def test_what_hung_before_is_not_waited_for_as_long_again() -> None:
    waits: dict[str, list[float]] = {}

    class Timed(StubWire):
        def exchange(
            self, pieces: Sequence[Piece], *, timeout: float, **options: Any
        ) -> WireResponse:
            head = next(piece for piece in pieces if isinstance(piece, bytes))
            here = head.startswith(b"POST /webhooks ")
            waits.setdefault("here" if here else "elsewhere", []).append(timeout)
            return super().exchange(pieces, timeout=timeout, **options)

    def reply(content: bytes) -> int | None:
        return 200 if content.startswith(b"POST /webhooks ") else None

    harness = StubHarness(reply)
    harness.wire = Timed(harness.endpoint.url, reply)
    harness.calibrate()
    # A path that hangs costs at most 5 s, although the provider waits longer.
    assert harness.patience == 10.0
    assert max(waits["elsewhere"]) == 5.0
    waits.clear()
    for probe in PROBES:
        if probe.id in ("route.other-path", "route.odd-paths"):
            assert judged(harness, probe).outcome is ProbeOutcome.FAILED
    assert max(waits["elsewhere"]) == 0.5
