"""Why a signature does not fit: one story for each mistake that leads to it."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

from labkit.errors import SignatureMismatch, TimestampOutOfTolerance
from labkit.inbox import Received
from labkit.inspector import variants
from labkit.inspector.claims import time_of
from labkit.inspector.finding import Problem, difference
from labkit.inspector.rewrites import REMEDIES, Choice
from labkit.model import Request
from labkit.signing import KeyForm, Scheme


def searched(
    scheme: Scheme,
    request: Request,
    finding: Problem,
    secrets: Sequence[str],
    bodies: list[Choice],
    signed: tuple[str, str, str],
    *,
    spelling: bool = False,
) -> Problem:
    """Look for the mistake whose signature is the given one.

    With `spelling` the header does not have the form of the scheme, which is a separate
    mistake.
    """
    id_, t, url = signed
    decoded = scheme.key_form is KeyForm.BASE64
    for secret in secrets:
        match = variants.search(
            variants.signatures_in(finding.given),
            bodies=bodies,
            keys=variants.keys_of(secret, decoded=decoded),
            layouts=variants.layouts_for(
                scheme.layout, id=id_, t=t, url=url + request.path
            ),
        )
        if match is not None:
            reasons, stories = [match.reason], [_story(match, request.body, scheme)]
            # The right signature that was refused is written in another way.
            if spelling or not match.reason:
                reason, story = _spelling(finding, scheme)
                reasons.insert(0, reason)
                stories.insert(0, story)
            return replace(
                finding,
                reason=", ".join(filter(None, reasons)),
                why=" ".join(filter(None, stories)),
                body=difference(match.body.content, request.body),
            )
    return finding


def _spelling(finding: Problem, scheme: Scheme) -> tuple[str, str]:
    """Say which form the header has instead of the form of the scheme."""
    sample = _sample(scheme)
    given, wanted = (
        "hex" if variants.in_hex(value) else "base64"
        for value in (finding.given, sample)
    )
    said = f"The signature is right, but {finding.header} does not have the form of "
    said += f"{scheme.name}, such as {sample}."
    if given == wanted:
        return "wrong form of the header", said
    return f"{given} instead of {wanted}", f"{said} It is in {given}, not {wanted}."


def _sample(scheme: Scheme) -> str:
    """Return a signature header as the scheme writes it."""
    secret = scheme.make_secret(random.Random(0))
    headers = scheme.sign(b"{}", secret=secret, id="evt", timestamp=1, url="http://x")
    return headers[scheme.signature_header]


def with_other_body(
    scheme: Scheme,
    request: Request,
    finding: Problem,
    secrets: Sequence[str],
    bodies: list[Choice],
    url: str,
) -> Problem:
    """Look for another body that fits, by the scheme's own check."""
    tried = 0
    for body in bodies[1:]:
        tried += len(body.content)
        if tried > variants.LIMIT:
            break
        if _fits(scheme, request, body.content, secrets, url + request.path):
            return replace(
                finding,
                reason=body.reason,
                why=body_story(body, request.body),
                body=difference(body.content, request.body),
            )
    return finding


def _fits(
    scheme: Scheme, request: Request, body: bytes, secrets: Sequence[str], url: str
) -> bool:
    try:
        scheme.verify(body, dict(request.headers), secrets=secrets, now=0, url=url)
    except SignatureMismatch:
        return False
    except TimestampOutOfTolerance:
        # The age is judged last, so the signature fits.
        return True
    return True


def body_story(signed: Choice, arrived: bytes) -> str:
    """Tell to which body the signature belongs, and what to do about it."""
    return (
        f"The signature belongs to {signed.words}, {_bytes(signed.content)}; "
        f"{_bytes(arrived)} arrived. {REMEDIES[signed.reason]}"
    )


def _story(match: variants.Match, body: bytes, scheme: Scheme) -> str:
    parts = []
    if match.body.reason:
        parts.append(body_story(match.body, body))
    if match.key.reason:
        parts.append(
            "The signature matches if the secret is used "
            f"{match.key.words}. Sender and receiver must derive the same "
            "key from it."
        )
    if match.layout.reason and scheme.layout:
        own = scheme.layout.words
        parts.append(f"{match.layout.words} was signed; {scheme.name} signs {own}.")
    if match.digest != "sha256":
        parts.append(f"The digest is {match.digest}; {scheme.name} uses sha256.")
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def other_url(
    scheme: Scheme, request: Request, secrets: Sequence[str], url: str
) -> str:
    """Say under which other URL the signature fits, if it does and URLs are signed."""
    if not scheme.signs_url:
        return ""
    for base in _bases(request, url):
        for path in (request.path, request.path.rstrip("/"), f"{request.path}/"):
            if _fits(scheme, request, request.body, secrets, base + path):
                return (
                    f"The signature belongs to the URL {base}{path}; the receiver's "
                    f"own URL is {url}{request.path}. {_forwarded(request)}"
                    "Verify with the URL that is configured at the provider."
                )
    return ""


def _bases(request: Request, url: str) -> list[str]:
    """Return the schemes and authorities under which the provider may have called."""
    own = url.partition("://")[2]
    hosts = [own, *map(request.header, ("host", "x-forwarded-host", "x-original-host"))]
    names = [host.split(",")[0].strip() for host in hosts if host]
    bare = [name.rpartition(":")[0] for name in names if name.rpartition(":")[0]]
    found = []
    for name in (*names, *bare):
        found += [f"{proto}://{name}" for proto in ("https", "http")]
        found += [f"https://{name}:443", f"http://{name}:80"]
    return list(dict.fromkeys(found))


def _forwarded(request: Request) -> str:
    """Tell what a proxy said of the address that it was called at."""
    said = [
        f"{name} is {value}"
        for name in ("X-Forwarded-Proto", "X-Forwarded-Host")
        if (value := request.header(name))
    ]
    if not said:
        return ""
    return f"The request came through a proxy: {' and '.join(said)}. "


def changed_time(
    got: Received, others: Iterable[Received], scheme: Scheme, given: str, t: str
) -> str:
    """Say which request came with the same signature at another time, if one did."""
    mine = variants.signatures_in(given)
    for other in others:
        theirs = other.request.header(scheme.signature_header) or ""
        before = time_of(other.request, scheme)
        if (
            before != t
            and other.request.body == got.request.body
            and variants.signatures_in(theirs) & mine
        ):
            return (
                f"The same signature arrived with request {other.number}, "
                "with the time "
                f"{before}; now it has the time {t}. The time is signed, so "
                "nobody can change it without the secret: this is a "
                "replay."
            )
    return ""


def _bytes(body: bytes) -> str:
    return f"{len(body):,} byte{'' if len(body) == 1 else 's'}"
