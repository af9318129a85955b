"""Limits that are missing: of the size, the age, and the method."""

from labkit.examine.conditions import (
    among,
    any_failed,
    both,
    failed,
    signed,
    signed_only,
)
from labkit.findings import Cause, Severity, Who
from labkit.probes import Sign

CAUSES = (
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
)
