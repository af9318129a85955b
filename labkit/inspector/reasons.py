"""Why a signature does not fit: one story for each mistake that leads to it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from labkit.errors import SignatureMismatch, TimestampOutOfTolerance
from labkit.inbox import Received
from labkit.inspector import variants
from labkit.inspector.claims import time_of
from labkit.inspector.finding import Finding, difference
from labkit.model import Request
from labkit.signing import KeyForm, Scheme


def searched(
    scheme: Scheme,
    request: Request,
    finding: Finding,
    secrets: Sequence[str],
    bodies: list[variants.Choice],
    signed: tuple[str, str, str],
) -> Finding:
    """Look for the mistake whose signature is the given one."""
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
        if match is not None and match.reason:
            return replace(
                finding,
                reason=match.reason,
                why=_story(match, request.body, scheme),
                body=difference(match.body.content, request.body),
            )
    return finding


def with_other_body(
    scheme: Scheme,
    request: Request,
    finding: Finding,
    secrets: Sequence[str],
    bodies: list[variants.Choice],
    url: str,
) -> Finding:
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
                why=_body_story(body, request.body),
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


def _body_story(signed: variants.Choice, arrived: bytes) -> str:
    return (
        f"The signature belongs to {signed.words}, {_bytes(signed.content)}; "
        f"{_bytes(arrived)} arrived. {_REMEDIES[signed.reason]}"
    )


def _story(match: variants.Match, body: bytes, scheme: Scheme) -> str:
    parts = []
    if match.body.reason:
        parts.append(_body_story(match.body, body))
    if match.key.reason:
        parts.append(
            f"It fits if the secret is used {match.key.words}. Sender and receiver "
            "must make the same key of it."
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
    host = request.header("host") or ""
    for base in (f"http://{host}", f"https://{host}", url.replace("http:", "https:")):
        for path in (request.path, request.path.rstrip("/"), f"{request.path}/"):
            if _fits(scheme, request, request.body, secrets, base + path):
                return (
                    f"The signature belongs to the URL {base}{path}; the receiver "
                    f"knows itself as {url}{request.path}. Verify with the URL that "
                    "is configured at the provider."
                )
    return ""


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
                f"This very signature came with request {other.number}, with the time "
                f"{before}; now the time is {t}. The time is signed, so it can't be "
                "renewed without the secret: this is a replay."
            )
    return ""


def _bytes(body: bytes) -> str:
    return f"{len(body):,} byte{'' if len(body) == 1 else 's'}"


_REMEDIES = {
    "re-serialised": (
        "Somebody parsed the JSON on the way and wrote it anew, or the sender signed "
        "another text than it sent. Sign and verify the bytes on the wire."
    ),
    "line ends changed": (
        "A file, an editor or a shell changed the line ends. Send the body as bytes, "
        "with curl by --data-binary."
    ),
    "body not signed": "The sender left the body out when it signed.",
    "decoded": (
        "The body is no valid UTF-8 and was decoded before it was signed. Sign and "
        "verify bytes."
    ),
    "changed body": (
        "The body was changed after it had been signed, or the signature was taken "
        "from that request."
    ),
}
