"""Check the signature of one request as its receiver should."""

import re
from dataclasses import dataclass, replace

from labkit.errors import (
    BadSecret,
    BadSetting,
    SignatureMalformed,
    SignatureMismatch,
    SignatureMissing,
    TimestampOutOfTolerance,
)
from labkit.inbox import Received
from labkit.inspector import variants
from labkit.inspector.claims import any_secret, fitting, scheme_of, time_of
from labkit.inspector.finding import (
    AUTHENTIC,
    BAD,
    STALE,
    UNCHECKED,
    UNREADABLE,
    UNSIGNED,
    Problem,
)
from labkit.model import LAB_EPOCH, Request
from labkit.redaction import HIDDEN
from labkit.signing import Scheme, scheme_named
from labkit.signing.query import from_query

_DAY = 86_400
_LAB_TIME = range(LAB_EPOCH, LAB_EPOCH + 60 * _DAY)
_LIKE_A_SIGNATURE = re.compile(
    "signature|hmac|digest|-(sig|sign|mac|hash)$", re.IGNORECASE
)
_LIKE_A_TOKEN = re.compile("token|authorization|api-?key|secret", re.IGNORECASE)
_JWT = re.compile(r"^(Bearer )?eyJ[\w-]+\.[\w-]+\.[\w-]+$")


@dataclass(frozen=True, slots=True)
class Checking:
    """What signatures are checked with: secrets, and a scheme or None to find it out.

    Raises UnknownName for a scheme that there is not, and BadSecret for a secret that
    has not the form of the scheme.
    """

    secrets: tuple[str, ...] = ()
    scheme: str | None = None

    def __post_init__(self) -> None:
        # Any text that is no accident will do for the generic scheme.
        scheme = scheme_named(self.scheme or "generic")
        for secret in self.secrets:
            scheme.check_secret(secret)


def check(got: Received, checking: Checking, *, url: str) -> Problem:
    """Check the signature of a request as its receiver should.

    `url` is the receiver's own, without a path. The time is that of the arrival.
    """
    scheme = scheme_of(got.request, checking.scheme)
    if scheme is None:
        return _no_scheme(got.request)
    if got.request.header(scheme.signature_header) == HIDDEN:
        return _removed(scheme)
    return _checked(got, checking, scheme, url=url)


def _given(request: Request, scheme: Scheme) -> str:
    name = scheme.signature_header
    return request.header(name) or from_query(request.path).get(name, "")


def _removed(scheme: Scheme) -> Problem:
    return Problem(
        UNCHECKED,
        f"{scheme.signature_header} was removed when the request was saved, because it "
        "may hold a password. Check such a request when it arrives: give the secret to "
        "labkit receive.",
        scheme=scheme.name,
        covers=scheme.covers,
        header=scheme.signature_header,
    )


def _checked(got: Received, checking: Checking, scheme: Scheme, *, url: str) -> Problem:
    finding = Problem(
        UNCHECKED,
        "",
        scheme=scheme.name,
        covers=scheme.covers,
        header=scheme.signature_header,
        given=_given(got.request, scheme),
    )
    secrets = fitting(scheme, checking.secrets)
    headers = dict(got.request.headers)
    try:
        scheme.verify(
            got.request.body,
            headers,
            secrets=secrets or [any_secret(scheme)],
            now=got.at,
            url=url + got.request.path,
        )
    except SignatureMissing as error:
        return replace(finding, outcome=UNSIGNED, reason="no header", why=_said(error))
    except SignatureMalformed as error:
        if asymmetric := _asymmetric(finding.given):
            return replace(finding, why=asymmetric)
        return replace(
            finding, outcome=UNREADABLE, reason="malformed header", why=_said(error)
        )
    except TimestampOutOfTolerance as error:
        reason = "too old" if error.age > 0 else "from the future"
        t = time_of(got.request, scheme)
        if _in_milliseconds(t, got.at):
            reason = "time in milliseconds"
        return replace(finding, outcome=STALE, reason=reason, why=_age(error, got, t))
    except SignatureMismatch as error:
        if not secrets:
            return replace(finding, why=_no_secret(scheme, checking))
        return replace(finding, outcome=BAD, why=_said(error))
    except (BadSetting, BadSecret) as error:
        return replace(finding, why=_said(error))
    return replace(
        finding, outcome=AUTHENTIC, why=f"The signature matches. {scheme.covers}"
    )


def _no_scheme(request: Request) -> Problem:
    """Tell what kind of proof came with a request that no scheme of the kit signed."""
    for name, value in request.headers:
        if _JWT.search(value):
            return Problem(
                UNCHECKED,
                f"{name} contains a JWT, a signed token that names its "
                "own algorithm. The kit does not verify it; use the "
                "provider's library.",
                header=name,
                given=value,
            )
    like = [
        (name, value)
        for name, value in request.headers
        if _LIKE_A_SIGNATURE.search(name)
    ]
    for name, value in sorted(
        like, key=lambda pair: not variants.signatures_in(pair[1])
    ):
        return Problem(
            UNCHECKED,
            f"{name} looks like a signature of a scheme that the kit does not know.",
            header=name,
            given=value,
        )
    for name, _ in request.headers:
        if _LIKE_A_TOKEN.search(name):
            return Problem(
                UNCHECKED,
                f"{name} contains a token. It identifies the sender but "
                "does not sign the request: compare it in constant time. "
                "Only TLS protects the body.",
                header=name,
            )
    return Problem(
        UNSIGNED,
        (
            "The request has no header of a signature scheme that the kit knows. A "
            "header with an underscore in its name never arrives: this server drops "
            "it, as nginx does."
        ),
    )


def _asymmetric(given: str) -> str:
    """Tell of a signature that a key pair made, if that is what is given."""
    if not re.search(r"(^|\s)v1a,", given):
        return ""
    return (
        "The request is signed with Ed25519 (v1a), with a private key that only "
        "the sender has. A secret cannot verify it, but the public key (whpk_…) "
        "can."
    )


def _in_milliseconds(t: str, at: float) -> bool:
    """Whether that time makes sense, near `at`, as milliseconds alone."""
    return len(t) == 13 and t.isdigit() and abs(int(t) / 1000 - at) < _DAY


def _no_secret(scheme: Scheme, checking: Checking) -> str:
    if checking.secrets:
        return (
            f"No given secret has the form of a {scheme.name} secret, so the "
            "signature is not checked. Copy the whole secret."
        )
    return (
        f"It is signed as {scheme.name} does it. To check it, give the secret: "
        "receiver.inspector(secret=…)."
    )


def _age(error: TimestampOutOfTolerance, got: Received, t: str) -> str:
    said = f"The signature matches, but it is too old: {error}."
    if _in_milliseconds(t, got.at):
        return (
            "The signature matches, but its time is in milliseconds. The scheme "
            "uses seconds, so divide by 1000 before you sign."
        )
    if error.age < 0:
        said = f"The signature matches, but its time is in the future: {error}."
    if int(got.at - error.age) in _LAB_TIME:
        said += (
            " The time comes from the clock of the lab, which starts on "
            "2026-01-01: a simulated sender signed the request. Receiver(app, "
            "clock=…) can use that clock."
        )
    return said


def _said(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
