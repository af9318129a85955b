"""Find the reason why the signature of a request does not match."""

from collections.abc import Iterable
from dataclasses import replace

from labkit.errors import BadSecret, BadSetting
from labkit.inbox import Received
from labkit.inspector import variants
from labkit.inspector.checking import Checking, check
from labkit.inspector.claims import any_id, any_time, fitting, id_of, scheme_of, time_of
from labkit.inspector.finding import AUTHENTIC, BAD, UNREADABLE, Problem, difference
from labkit.inspector.reasons import (
    body_story,
    changed_time,
    other_url,
    searched,
    with_other_body,
)
from labkit.inspector.rewrites import bodies_for
from labkit.model import Request
from labkit.signing import Scheme

OTHERS = 50
"""How many other requests are looked through for the body that was signed."""


def diagnose(
    got: Received,
    checking: Checking,
    *,
    url: str,
    others: Iterable[Received] = (),
) -> Problem:
    """Check the signature, and where it does not fit, say why.

    `others` are the receiver's other requests: one of them may hold the body to which
    a given signature belongs.
    """
    finding = check(got, checking, url=url)
    scheme = scheme_of(got.request, checking.scheme)
    if scheme is None:
        return _guessed(got, checking, finding, url)
    secrets = fitting(scheme, checking.secrets)
    id_, t = id_of(got.request, scheme), time_of(got.request, scheme)
    if finding.outcome == UNREADABLE:
        return _respelled(got, scheme, finding, secrets, (id_, t, url))
    if finding.outcome != BAD:
        return finding
    finding = replace(
        finding,
        expected=_expected(scheme, got.request, secrets[0], id_, t, url),
        reason="other secret or content",
        why=(
            "No re-serialised form of the body and no other form of the secret "
            "gives this signature. Either the sender uses another secret, or the "
            "content changed in transit. Compare the secrets first: their length "
            "and first characters."
        ),
    )
    if elsewhere := other_url(scheme, got.request, secrets, url):
        return replace(finding, reason="another URL", why=elsewhere)
    same = [other for other in others if other.number != got.number]
    if changed := changed_time(got, same, scheme, finding.given, t):
        return replace(finding, reason="changed time", why=changed)
    near = [(other.number, other.request.body) for other in same[: -OTHERS - 1 : -1]]
    bodies = bodies_for(got.request.body, near)
    if scheme.layout is None:
        found = with_other_body(scheme, got.request, finding, secrets, bodies, url)
    else:
        found = searched(scheme, got.request, finding, secrets, bodies, (id_, t, url))
    if found is finding:
        return _mistaken(finding, checking.secrets)
    return found


def _respelled(
    got: Received,
    scheme: Scheme,
    finding: Problem,
    secrets: list[str],
    signed: tuple[str, str, str],
) -> Problem:
    """Look for the right signature in a header that has the wrong form."""
    id_, t, url = signed
    if not secrets or scheme.layout is None:
        return finding
    times = dict.fromkeys((t, any_time(got.request, finding.given)))
    for t_ in times:
        found = searched(
            scheme,
            got.request,
            finding,
            secrets,
            bodies_for(got.request.body),
            (id_, t_, url),
            spelling=True,
        )
        if found is not finding:
            return replace(found, outcome=BAD)
    return finding


def _mistaken(finding: Problem, secrets: Iterable[str]) -> Problem:
    """Say that a secret is none, where nothing else explains the signature."""
    for secret in secrets:
        if what := variants.mistaken_for(secret):
            return replace(
                finding,
                reason="no signing secret",
                why=(
                    f"The secret looks like {what}. The provider has a "
                    "separate secret for webhooks; copy that one."
                ),
            )
    return finding


def _guessed(got: Received, checking: Checking, finding: Problem, url: str) -> Problem:
    """Try the usual ways to sign on each header that may hold a signature.

    The header that looks like one by its name comes first, but any name will do.
    """
    others = [
        replace(finding, header=name, given=value)
        for name, value in got.request.headers
        if value != finding.given
    ]
    for candidate in (finding, *others):
        found = _guessed_in(candidate, got, checking, url)
        if found is not candidate:
            return found
    return finding


def _guessed_in(
    finding: Problem, got: Received, checking: Checking, url: str
) -> Problem:
    given = variants.signatures_in(finding.given)
    if not given:
        return finding
    bodies = bodies_for(got.request.body)
    layouts = variants.layouts_for(
        None,
        id=any_id(got.request),
        t=any_time(got.request, finding.given),
        url=url + got.request.path,
    )
    for secret in checking.secrets:
        keys = variants.keys_of(secret, decoded=False)
        match = variants.search(given, bodies=bodies, keys=keys, layouts=layouts)
        if match is None:
            continue
        said = (
            f"{finding.header} is the HMAC-{match.digest.upper()} over "
            f"{match.layout.words}, with the secret {match.key.words}. The kit "
            "has no scheme with that header, so it does not check the age."
        )
        if not match.body.reason:
            return replace(finding, outcome=AUTHENTIC, why=said)
        return replace(
            finding,
            outcome=BAD,
            reason=match.body.reason,
            why=f"{said} {body_story(match.body, got.request.body)}",
            body=difference(match.body.content, got.request.body),
        )
    return finding


def _expected(
    scheme: Scheme, request: Request, secret: str, id_: str, t: str, url: str
) -> str:
    """Return the header that would have fitted, or nothing where that can't be told."""
    try:
        headers = scheme.sign(
            request.body,
            secret=secret,
            id=id_,
            timestamp=int(scheme.unit.read(t) or 0),
            url=url + request.path,
        )
    except (BadSecret, BadSetting, ValueError):
        # With a public key alone nothing can be signed.
        return ""
    return headers[scheme.signature_header]
