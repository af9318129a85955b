"""Check the signature of one request, and look for the reason where it does not fit."""

import re
from collections.abc import Iterable
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
from labkit.inspector.claims import (
    any_secret,
    any_time,
    fitting,
    id_of,
    scheme_of,
    time_of,
)
from labkit.inspector.finding import (
    AUTHENTIC,
    BAD,
    STALE,
    UNCHECKED,
    UNREADABLE,
    UNSIGNED,
    Finding,
)
from labkit.inspector.reasons import changed_time, other_url, searched, with_other_body
from labkit.model import LAB_EPOCH, Request
from labkit.signing import SCHEMES, Scheme

OTHERS = 50
"""How many other requests are looked through for the body that was signed."""

_DAY = 86_400
_LAB_TIME = range(LAB_EPOCH, LAB_EPOCH + 60 * _DAY)
_LIKE_A_SIGNATURE = re.compile("signature|hmac", re.IGNORECASE)


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
        scheme = SCHEMES[self.scheme or "generic"]
        for secret in self.secrets:
            scheme.check_secret(secret)


def check(got: Received, checking: Checking, *, url: str) -> Finding:
    """Check the signature of a request as its receiver should.

    `url` is the receiver's own, without a path. The time is that of the arrival.
    """
    scheme = scheme_of(got.request, checking.scheme)
    if scheme is None:
        return _no_scheme(got.request)
    finding = Finding(
        UNCHECKED,
        "",
        scheme=scheme.name,
        covers=scheme.covers,
        header=scheme.signature_header,
        given=got.request.header(scheme.signature_header) or "",
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
        return replace(
            finding, outcome=UNREADABLE, reason="malformed header", why=_said(error)
        )
    except TimestampOutOfTolerance as error:
        reason = "too old" if error.age > 0 else "from the future"
        return replace(finding, outcome=STALE, reason=reason, why=_age(error, got))
    except SignatureMismatch as error:
        if not secrets:
            return replace(finding, why=_no_secret(scheme, checking))
        return replace(finding, outcome=BAD, why=_said(error))
    except (BadSetting, BadSecret) as error:
        return replace(finding, why=_said(error))
    return replace(finding, outcome=AUTHENTIC, why=f"It fits. {scheme.covers}")


def diagnose(
    got: Received,
    checking: Checking,
    *,
    url: str,
    others: Iterable[Received] = (),
) -> Finding:
    """Check the signature, and where it does not fit, say why.

    `others` are the receiver's other requests: one of them may hold the body to which
    a given signature belongs.
    """
    finding = check(got, checking, url=url)
    scheme = scheme_of(got.request, checking.scheme)
    if scheme is None:
        return _guessed(got, checking, finding, url)
    if finding.outcome != BAD:
        return finding
    secrets = fitting(scheme, checking.secrets)
    id_, t = id_of(got.request, scheme), time_of(got.request, scheme)
    finding = replace(
        finding,
        expected=_expected(scheme, got.request, secrets[0], id_, t, url),
        reason="other secret or content",
        why=(
            "No rewriting of the body and no other form of the secret fits it either: "
            "the sender signs with another secret, or the content was changed on its "
            "way. Compare the secrets first, their beginning and their length."
        ),
    )
    if elsewhere := other_url(scheme, got.request, secrets, url):
        return replace(finding, reason="another URL", why=elsewhere)
    same = [other for other in others if other.number != got.number]
    if changed := changed_time(got, same, scheme, finding.given, t):
        return replace(finding, reason="changed time", why=changed)
    near = [(other.number, other.request.body) for other in same[: -OTHERS - 1 : -1]]
    bodies = variants.bodies_for(got.request.body, near)
    if scheme.layout is None:
        return with_other_body(scheme, got.request, finding, secrets, bodies, url)
    return searched(scheme, got.request, finding, secrets, bodies, (id_, t, url))


def _no_scheme(request: Request) -> Finding:
    for name, value in request.headers:
        if _LIKE_A_SIGNATURE.search(name):
            return Finding(
                UNCHECKED,
                f"{name} looks like a signature, of no scheme that the kit knows.",
                header=name,
                given=value,
            )
    return Finding(UNSIGNED, "No header of a signing scheme came with it.")


def _guessed(got: Received, checking: Checking, finding: Finding, url: str) -> Finding:
    """Try the usual ways to sign on a header of no known scheme."""
    for secret in checking.secrets:
        match = variants.search(
            variants.signatures_in(finding.given),
            bodies=variants.bodies_for(got.request.body)[:1],
            keys=variants.keys_of(secret, decoded=False),
            layouts=variants.layouts_for(
                None, id="", t=any_time(got.request), url=url + got.request.path
            ),
        )
        if match is not None:
            return replace(
                finding,
                outcome=AUTHENTIC,
                why=(
                    f"{finding.header} is the HMAC-{match.digest.upper()} over "
                    f"{match.layout.words}, with the secret {match.key.words}. The kit "
                    "knows no scheme with that header, and checks no age."
                ),
            )
    return finding


def _no_secret(scheme: Scheme, checking: Checking) -> str:
    if checking.secrets:
        return (
            f"No given secret has the form of a {scheme.name} secret, so it is not "
            "checked. Copy the secret whole."
        )
    return (
        f"It is signed as {scheme.name} does it. To check it, give the secret: "
        "receiver.inspector(secret=…)."
    )


def _age(error: TimestampOutOfTolerance, got: Received) -> str:
    said = f"The signature fits, and it is too old: {error}."
    if error.age < 0:
        said = f"The signature fits, and its time is yet to come: {error}."
    if int(got.at - error.age) in _LAB_TIME:
        said += (
            " The time is that of the lab's own clock, which starts on 2026-01-01: a "
            "simulated sender signed it. Receiver(app, clock=…) can go by that clock."
        )
    return said


def _expected(
    scheme: Scheme, request: Request, secret: str, id_: str, t: str, url: str
) -> str:
    """Return the header that would have fitted, or nothing where that can't be told."""
    try:
        headers = scheme.sign(
            request.body,
            secret=secret,
            id=id_,
            timestamp=int(t or 0),
            url=url + request.path,
        )
    except (BadSecret, BadSetting, ValueError):
        # With a public key alone nothing can be signed.
        return ""
    return headers[scheme.signature_header]


def _said(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
