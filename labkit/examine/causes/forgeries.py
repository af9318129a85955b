"""What is accepted although the provider did not send it."""

from labkit.examine.conditions import (
    among,
    any_failed,
    both,
    failed,
    passed,
    signed,
    signed_only,
)
from labkit.findings import Cause, Severity, Who
from labkit.probes import Sign

_VERIFIED = ("signature", "time", "rotation", "provider", "size")
_FORGED = both(
    among(*_VERIFIED, "duplicate.forged-retry", "route.one-connection", "route.get"),
    signed(Sign.ACCEPTED, Sign.EXTRA),
)

CAUSES = (
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
)
