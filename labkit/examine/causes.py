"""What receivers do wrong, one record per cause, in order of precedence.

A cause explains the failures of several probes, so that one bug is one finding. Most
probes are a cause of their own and need no record here.
"""

from labkit.examine.conditions import (
    among,
    any_explained,
    any_failed,
    both,
    either,
    failed,
    passed,
    signed,
    signed_only,
)
from labkit.findings import Cause, ProbeOutcome, Result, Severity, Who, grouped
from labkit.probes import Probe, Sign

_VERIFIED = ("signature", "time", "rotation", "provider", "size")
_FORGED = both(
    among(*_VERIFIED, "duplicate.forged-retry", "route.one-connection", "route.get"),
    signed(Sign.ACCEPTED, Sign.EXTRA),
)
_UNSIGNED_CRASH = both(
    among(
        "signature",
        "route",
        "duplicate.forged-retry",
        "provider.challenge-unsigned",
        "provider.forwarded",
        "provider.other-address",
        *(f"size.{name}" for name in ("forged", "endless", "announced", "short")),
        *(f"size.{name}" for name in ("long", "no-number", "broken-chunks")),
    ),
    signed_only(Sign.CRASHED),
)
_FRAMING = ("size.long", "size.no-number", "size.broken-chunks")


def _not_framing(result: Result) -> bool:
    return result.probe.id not in _FRAMING


_SIGNED_CRASH = both(
    among("body", "time", "rotation", "valid.content-types", "duplicate.no-id"),
    signed_only(Sign.CRASHED),
)
_SILENT = both(
    among("signature", "time", "body", "route", "rotation"),
    signed_only(Sign.HUNG, Sign.LOST),
)
_SPELLINGS = ("valid.letters", "valid.numbers", "valid.spacing", "valid.key-order")
_COMPARISON = (
    "catch every error while decoding and comparing, and reject the request; compare "
    "bytes in constant time"
)
_DEDUPLICATION = (
    "write the event's id and its effect in one transaction, with a unique index on "
    "the id; a failed insert means that the event is a duplicate"
)

CAUSES = (
    Cause(
        id="handshake-fails",
        title=(
            "the receiver does not respond to the provider's check of a URL as required"
        ),
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="the provider sends no events to a URL that fails its check",
        fix="respond exactly as the provider's documentation says: the status for a "
        "right and for a wrong signature, and the body",
        references=("the provider's page on setting up a URL",),
        shown_by=lambda results: (
            failed(results, "provider.challenge")
            and failed(results, "provider.exactly-401")
        ),
        explains=among("provider.challenge", "provider.exactly-401"),
        leads=("provider.exactly-401", "provider.challenge"),
    ),
    Cause(
        id="forged-acknowledged",
        title="forged events are acknowledged, but have no effect",
        severity=Severity.LOW,
        who=Who.ANYONE,
        why="a provider that tests the URL with a wrong signature expects a "
        "rejection, and monitoring counts forged events as delivered",
        fix="respond with 401 to every request that is not authentic",
        references=("CWE-347", "OWASP API2:2023"),
        shown_by=lambda results: (
            failed(results, "signature.forged", Sign.ACCEPTED)
            and passed(results, "signature.no-effects")
        ),
        explains=both(_FORGED, signed_only(Sign.ACCEPTED)),
        leads=("signature.forged",),
    ),
    Cause(
        id="signature-not-verified",
        title="forged events are accepted",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        why="anyone who knows the URL can send any event: a payment that was never "
        "made, a user who does not exist",
        fix="verify the signature over the raw body before anything else, and reject "
        "the request unless the verifier says that it is valid",
        references=("CWE-347", "OWASP API2:2023"),
        shown_by=any_failed("signature.forged", signs=(Sign.ACCEPTED,)),
        explains=_FORGED,
        leads=("signature.no-effects", "signature.forged"),
    ),
    Cause(
        id="unsigned-acknowledged",
        title="events without a signature are acknowledged, but have no effect",
        severity=Severity.LOW,
        who=Who.ANYONE,
        why="a provider that tests the URL without a signature expects a rejection, "
        "and monitoring counts unsigned events as delivered",
        fix="respond with 401 to every request that is not authentic",
        references=("CWE-347", "OWASP API2:2023"),
        shown_by=lambda results: (
            any_failed("signature.missing", "signature.empty", signs=(Sign.ACCEPTED,))(
                results
            )
            and passed(results, "signature.no-effects")
        ),
        explains=both(
            among("signature.missing", "signature.empty"), signed_only(Sign.ACCEPTED)
        ),
        leads=("signature.missing", "signature.empty"),
    ),
    Cause(
        id="unsigned-accepted",
        title="events without a signature are accepted",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        why="a check that runs only if the header is present gives no protection, "
        "because an attacker omits the header",
        fix="treat a missing or empty signature header as a wrong one",
        references=("CWE-306", "OWASP API2:2023"),
        shown_by=any_failed(
            "signature.missing", "signature.empty", signs=(Sign.ACCEPTED,)
        ),
        explains=both(
            among("signature.missing", "signature.empty", "signature.no-effects"),
            signed(Sign.ACCEPTED, Sign.EXTRA),
        ),
        leads=("signature.missing", "signature.empty"),
    ),
    Cause(
        id="certificates-not-verified",
        title="a token with certificates that anyone can make is accepted",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        why="a token brings its own certificates; a verifier that takes the key from "
        "the first one, or looks only at the last, accepts events that anyone can make",
        fix="use Apple's library with Apple's root certificate: it checks each link, "
        "and the extensions (OIDs) that only certificates for this purpose have",
        references=("CWE-295", "CWE-347"),
        shown_by=any_failed("provider.certificate-chain", signs=(Sign.ACCEPTED,)),
        explains=both(
            among("provider.certificate-chain", "signature.other-secret"),
            signed(Sign.ACCEPTED),
        ),
        leads=("provider.certificate-chain",),
    ),
    Cause(
        id="signature.body-changed",
        title="the body is not verified: any body is accepted under a valid signature",
        severity=Severity.CRITICAL,
        who=Who.CAPTURER,
        why="an attacker who has captured one request can send any event with its "
        "signature",
        fix="compute the signature, or the hash in the token, of the body that "
        "arrived, and compare; many token libraries check only the token",
        references=("CWE-345", "CWE-347"),
        shown_by=any_failed("signature.body-changed", signs=(Sign.ACCEPTED,)),
        explains=both(
            among(
                "signature.body-changed",
                "signature.respaced",
                "signature.replaced-bytes",
            ),
            signed(Sign.ACCEPTED),
        ),
        leads=("signature.body-changed",),
    ),
    Cause(
        id="route.get",
        title="a GET without a signature has an effect",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        why="anyone can send it, and previews and crawlers fetch links, so a GET must "
        "not have an effect",
        fix="route only POST",
        references=("CWE-650", "CWE-306"),
        shown_by=any_failed("route.get", signs=(Sign.EXTRA,)),
        explains=among("route.get", "route.signed-get"),
        leads=("route.get",),
    ),
    Cause(
        id="events-lost",
        title="events are acknowledged without an effect",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="an acknowledged event never comes again, so it is lost; a key that is the "
        "same for different events makes all but the first look like duplicates",
        fix="deduplicate by the provider's event id, complete and unchanged, and "
        "make sure that the id is not empty: a header that is looked up under another "
        "name gives every event the same empty id",
        references=("CWE-694",),
        shown_by=lambda results: (
            failed(results, "duplicate.distinct", Sign.MISSED)
            and failed(results, "duplicate.burst", Sign.MISSED)
        ),
        explains=signed_only(Sign.MISSED),
        leads=("duplicate.distinct", "duplicate.burst"),
    ),
    Cause(
        id="no-deduplication",
        title="duplicate deliveries are processed again",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="every provider that retries delivers some events twice, so a customer "
        "is charged twice or gets two parcels",
        fix=_DEDUPLICATION,
        references=("CWE-837", "Standard Webhooks: Operational considerations"),
        shown_by=any_failed("duplicate.in-turn", signs=(Sign.EXTRA,)),
        explains=both(
            among("duplicate", "crash", "outage"),
            signed_only(Sign.EXTRA, Sign.RESTARTED),
        ),
        leads=("duplicate.in-turn", "duplicate.renewed"),
    ),
    Cause(
        id="key-of-the-attempt",
        title="later attempts of an event count as new events",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="every retry has a new time, a new signature and often a new request id; "
        "if one of them is part of the key, every retry is processed again",
        fix="deduplicate by the event's own id, which is the same in all attempts",
        references=("CWE-837", "Standard Webhooks: Operational considerations"),
        shown_by=any_failed("duplicate.renewed", signs=(Sign.EXTRA,)),
        explains=both(
            among("duplicate.renewed", "duplicate.late", "crash.between-copies"),
            signed_only(Sign.EXTRA, Sign.RESTARTED),
        ),
        leads=("duplicate.renewed",),
    ),
    Cause(
        id="ids-in-memory",
        title="processed event ids are forgotten after a restart",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        why="every deployment restarts the receiver; a retry that arrives afterwards "
        "is processed again",
        fix="keep the ids in the database in which the effect is stored",
        references=("CWE-837",),
        shown_by=lambda results: (
            failed(results, "crash.between-copies", Sign.EXTRA)
            or failed(results, "duplicate.late", Sign.RESTARTED)
        ),
        explains=both(
            among("crash", "duplicate.late"), signed_only(Sign.EXTRA, Sign.RESTARTED)
        ),
        leads=("crash.between-copies", "duplicate.late"),
    ),
    Cause(
        id="new-fields-rejected",
        title="valid events with a field that is new are rejected",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="providers add fields without notice; from that day on, every event is "
        "rejected",
        fix="ignore fields that you do not know: pydantic's extra='ignore', Jackson's "
        "FAIL_ON_UNKNOWN_PROPERTIES=false, zod without strict()",
        references=("CWE-1286", "Postel's law: be liberal in what you accept"),
        shown_by=lambda results: (
            failed(results, "valid.extra-fields", Sign.REJECTED)
            # Those have no new field: if they fail as well, it is the JSON's form.
            and not any_failed("valid.spacing", "valid.key-order")(results)
        ),
        explains=both(
            among(
                "valid.extra-fields",
                "valid.letters",
                "valid.numbers",
                "size.large-event",
                "size.largest",
            ),
            signed_only(Sign.REJECTED),
        ),
        leads=("valid.extra-fields",),
    ),
    Cause(
        id="body-parsed-before-verified",
        title="the signature is checked over re-serialised JSON, not the raw body",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="the same JSON can be written in many ways; as soon as the provider "
        "writes a character, a number or a space differently from your "
        "serialiser, valid events are rejected",
        fix="verify the bytes as they arrived, before anything parses them",
        references=("CWE-436", "Standard Webhooks: Verifying webhook authenticity"),
        shown_by=lambda results: (
            sum(failed(results, probe, Sign.REJECTED) for probe in _SPELLINGS) > 1
        ),
        explains=either(
            both(
                among(*_SPELLINGS, "valid.extra-fields", "body", "valid.content-types"),
                signed_only(Sign.REJECTED),
            ),
            both(among("signature.respaced"), signed_only(Sign.ACCEPTED)),
        ),
        leads=_SPELLINGS,
    ),
    Cause(
        id="one-signature-read",
        title="only one of several signatures is checked",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="during a rotation the provider signs with the old and the new secret; a "
        "receiver that reads one signature rejects valid events during that time",
        fix="compare with every signature in the header, and accept if one matches",
        references=("Standard Webhooks: Secret rotation",),
        shown_by=any_failed("rotation.order", signs=(Sign.REJECTED,)),
        explains=both(among("rotation"), signed_only(Sign.REJECTED)),
        leads=("rotation.order",),
    ),
    Cause(
        id="no-size-limit",
        title="a body far larger than any event is read, even without a valid "
        "signature",
        severity=Severity.HIGH,
        who=Who.ANYONE,
        why="one forged request can exhaust the memory of a receiver that keeps the "
        "whole body to verify it",
        fix="set a limit at the server and in the framework, for chunked bodies too",
        references=("CWE-770", "OWASP API4:2023"),
        shown_by=any_failed("size.endless"),
        explains=among("size.endless", "size.forged", "size.signed", "size.chunked"),
        leads=("size.endless", "size.forged"),
    ),
    Cause(
        id="no-size-limit-signed",
        title="the size of a signed body has no limit",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        why="only someone who holds the secret can send so much; a leaked secret "
        "would be enough to exhaust the memory",
        fix="set a limit at the server and in the framework, for chunked bodies too",
        references=("CWE-770",),
        shown_by=any_failed("size.signed", "size.chunked"),
        explains=among("size.signed", "size.chunked"),
        leads=("size.signed",),
    ),
    Cause(
        id="age-not-checked",
        title="the age of a signed timestamp is not checked",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        why="a request that leaked into a log can be sent again forever (a replay "
        "attack)",
        fix="reject unless -tolerance <= now - timestamp <= tolerance; five minutes "
        "are usual",
        references=("CWE-294", "Standard Webhooks: Verifying webhook authenticity"),
        shown_by=any_failed("time.stale", signs=(Sign.ACCEPTED,)),
        explains=both(among("time"), signed(Sign.ACCEPTED)),
        leads=("time.stale",),
    ),
    Cause(
        id="future-accepted",
        title="signed timestamps from the future are accepted",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        why="a provider whose clock is wrong makes requests that can be replayed until "
        "that time; some providers' own libraries have this gap",
        fix=(
            "check the age in both directions: -tolerance <= now - timestamp <= "
            "tolerance"
        ),
        references=("CWE-294",),
        shown_by=any_failed("time.future", signs=(Sign.ACCEPTED,)),
        explains=both(
            among(
                "time.future",
                "time.past-tolerance",
                "time.milliseconds",
                "time.not-a-number",
                "time.odd-numbers",
                "time.disguised",
            ),
            signed_only(Sign.ACCEPTED),
        ),
        leads=("time.future",),
    ),
    Cause(
        id="every-method",
        title="signed events are processed whatever the method, not only by POST",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        why="caches and clients may repeat a GET at any time, so it must not have an "
        "effect, and no provider sends an event by PUT, PATCH or DELETE",
        fix="route only POST",
        references=("CWE-650", "RFC 9110, section 9.2.1"),
        shown_by=lambda results: (
            failed(results, "route.signed-get", Sign.EXTRA)
            and failed(results, "route.other-methods", Sign.ACCEPTED)
        ),
        explains=among("route.signed-get", "route.other-methods"),
        leads=("route.signed-get", "route.other-methods"),
    ),
    Cause(
        id="rejects-by-crashing",
        title="invalid requests are rejected, but with a server error (5xx)",
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        why="anyone can fill the error log and trigger alerts; a status of 5xx also "
        "makes a provider retry",
        fix=_COMPARISON,
        references=("CWE-248", "CWE-755"),
        # Behind a proxy, invalid lengths do not arrive; alone they matter less.
        shown_by=any_explained(both(_UNSIGNED_CRASH, _not_framing)),
        explains=_UNSIGNED_CRASH,
    ),
    Cause(
        id="unexpected-content-crashes",
        title="signed but unexpected content causes a server error (5xx)",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        why="the provider retries the same bytes for days, and they fail every time",
        fix="after verifying, catch parsing errors, and check each field before you "
        "use it; respond with 400",
        references=("CWE-20", "CWE-248"),
        shown_by=any_explained(_SIGNED_CRASH),
        explains=_SIGNED_CRASH,
    ),
    Cause(
        id="slow-clients-block",
        title="a few slow clients block the receiver",
        severity=Severity.HIGH,
        who=Who.ANYONE,
        why="anyone who opens eight connections and sends nothing more can block all "
        "events (Slowloris)",
        fix="put a server in front that reads headers and bodies before it occupies a "
        "worker, with a time limit for both",
        references=("CWE-400", "OWASP API4:2023"),
        shown_by=any_failed("speed.slow-bodies", "speed.slow-heads"),
        explains=among("speed.slow-bodies", "speed.slow-heads"),
    ),
    Cause(
        id="redirects-instead-of-rejecting",
        title="invalid requests are redirected instead of rejected",
        severity=Severity.LOW,
        who=Who.ANYONE,
        why="if the URL at the provider is wrong, no error shows it",
        fix="respond with 404 or 401; redirect browsers only",
        references=("RFC 9110, section 15.5.5",),
        shown_by=any_explained(signed_only(Sign.REDIRECTED)),
        explains=signed_only(Sign.REDIRECTED),
    ),
    Cause(
        id="no-response",
        title="some requests get no response in time",
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        why="each such request occupies a worker until its timeout; from outside you "
        "can't tell whether it was processed",
        fix="give reading and processing a time limit, and respond in every case",
        references=("CWE-400",),
        shown_by=any_explained(_SILENT),
        explains=_SILENT,
    ),
    Cause(
        id="length-not-checked",
        title="requests with an invalid length or invalid chunks are not rejected with "
        "a 4xx",
        severity=Severity.LOW,
        who=Who.ANYONE,
        why="if two servers disagree about the end of a request, an attacker can make "
        "them read different requests (request smuggling)",
        fix="let the server reject a request with an invalid length, and never pass a "
        "partial body to the application",
        references=("CWE-444", "RFC 9112, section 6.3"),
        shown_by=any_failed(*_FRAMING),
        explains=among(*_FRAMING),
    ),
)


def severity_of(probe: Probe) -> str:
    """Say how severe a failure of a probe is, and a 5xx if that is less severe."""
    signs = frozenset({str(Sign.CRASHED)})
    crashed = Result(probe=probe, outcome=ProbeOutcome.FAILED, facts="", signs=signs)
    (finding,) = grouped([crashed], CAUSES)
    if finding.severity is probe.severity:
        return f"{probe.severity} if it fails"
    return (
        f"{probe.severity} if it fails, but {finding.severity} if a 5xx response is "
        "all that is wrong"
    )
