"""How the receiver responds to what it must reject: with an error, or not at all."""

from labkit.examine.conditions import (
    among,
    any_explained,
    any_failed,
    both,
    signed_only,
)
from labkit.findings import Cause, Result, Severity, Who
from labkit.probes import Sign

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
_SIGNED_CRASH = both(
    among("body", "time", "rotation", "valid.content-types", "duplicate.no-id"),
    signed_only(Sign.CRASHED),
)
_SILENT = both(
    among("signature", "time", "body", "route", "rotation"),
    signed_only(Sign.HUNG, Sign.LOST),
)
_FRAMING = ("size.long", "size.no-number", "size.broken-chunks")
_COMPARISON = (
    "catch every error while decoding and comparing, and reject the request; compare "
    "bytes in constant time"
)


def _not_framing(result: Result) -> bool:
    return result.probe.id not in _FRAMING


CAUSES = (
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
