"""One valid event in many variations, each as a receiver with one bug would expect it.

The variation that such a receiver accepts names its bug.
"""

import base64
import binascii
import contextlib
import dataclasses
import json
import urllib.parse
from collections.abc import Callable, Iterator

from labkit.examine.content import other_contents, other_times
from labkit.examine.variant import Variant
from labkit.model import Request
from labkit.probes import Draft, Harness, forge
from labkit.probes.edits import with_body, with_header
from labkit.probes.sample import merged
from labkit.signing import KeyForm


def variants(harness: Harness) -> Iterator[Variant]:
    """Yield every variation that makes sense for the scheme."""
    has_secret = harness.scheme.key_form is not KeyForm.KEY_PAIR
    if has_secret:
        yield from _secrets(harness)
    if harness.endpoint.sample.is_json and harness.scheme.signs_body:
        yield from _bodies()
    if has_secret and harness.scheme.signs_body:
        yield from _signatures(harness)
    if has_secret and harness.scheme.layout is not None:
        yield from other_contents(harness.scheme.layout)
    if harness.scheme.timestamp_header is not None:
        yield from other_times(harness.scheme.unit)
    yield from _headers(harness)
    yield from _addresses(harness)


def _secrets(harness: Harness) -> Iterator[Variant]:
    secret = harness.endpoint.secret
    strip = (
        "strip the secret when you read it, and compare its length with the provider"
    )
    own = forge.key_of(harness.scheme, secret)
    keys: dict[str, tuple[str, bytes, str]] = {}
    spellings = {
        "line-break": ("the secret and a line break", secret + "\n"),
        "crlf": ("the secret and CRLF", secret + "\r\n"),
        "space-after": ("the secret and a space", secret + " "),
        "space-before": ("a space and the secret", " " + secret),
        "double-quotes": ("the secret in double quotes", f'"{secret}"'),
        "single-quotes": ("the secret in single quotes", f"'{secret}'"),
        "bom": ("a byte order mark and the secret", "\ufeff" + secret),
    }
    for name, (words, text) in spellings.items():
        keys[name] = (words, text.encode(), strip)
    bare = secret.removeprefix("v1,").removeprefix("whsec_")
    prefix = (
        "give the verifier the key in the form that the provider's documentation "
        "names: with or without the prefix, decoded or not"
    )
    keys["as-text"] = ("the text of the secret, unchanged", secret.encode(), prefix)
    keys["without-prefix"] = (
        "the text of the secret without whsec_",
        bare.encode(),
        prefix,
    )
    keys["with-prefix"] = (
        "the text of the secret with whsec_ in front",
        f"whsec_{bare}".encode(),
        prefix,
    )
    for name, words, text in (
        ("decoded", "the secret without its prefix, decoded from base64", bare),
        (
            "decoded-whsec",
            "the secret with whsec_, decoded from base64",
            f"whsec_{bare}",
        ),
        (
            "decoded-v1-whsec",
            "the secret with v1,whsec_ in front, decoded from base64",
            f"v1,whsec_{bare}",
        ),
        (
            "decoded-v1",
            "the secret with v1, in front, decoded from base64",
            f"v1,{bare}",
        ),
    ):
        for how, decode in (("", _base64), ("-urlsafe", _urlsafe)):
            with contextlib.suppress(ValueError):
                keys[name + how] = (words, decode(text), prefix)
    with contextlib.suppress(ValueError):
        keys["hex"] = ("the secret decoded from hex", bytes.fromhex(bare), prefix)
    tried = {own}
    for name, (words, key, fix) in keys.items():
        if key and key not in tried and forge.sendable(harness.scheme, key):
            tried.add(key)
            yield _keyed(name, words, key, fix)


def _keyed(name: str, words: str, key: bytes, fix: str) -> Variant:
    def make(harness: Harness, draft: Draft) -> Request:
        return harness.seal(draft.body, id=draft.id, key=key)

    bug = f"the receiver verifies with {words}"
    return Variant(f"secret-{name}", f"signed with {words}", bug, fix, make)


def _base64(text: str) -> bytes:
    # As lenient as the decoders that turn a wrong secret into another key.
    kept = "".join(sign for sign in text if sign.isalnum() or sign in "+/")
    return base64.b64decode(kept + "=" * (-len(kept) % 4))


def _urlsafe(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _bodies() -> Iterator[Variant]:
    """Sign one spelling of the JSON and send another."""
    fix = "verify the bytes as they arrived, before anything parses them"

    def dumped(**options: object) -> Callable[[object], bytes]:
        return lambda payload: json.dumps(payload, **options).encode()  # type: ignore[arg-type]  # options of dumps

    for name, words, spell in (
        ("spaced", "with a space after commas and colons", dumped()),
        ("compact", "without spaces", dumped(separators=(",", ":"))),
        ("sorted", "with its keys sorted", dumped(sort_keys=True)),
        (
            "sorted-compact",
            "without spaces and with its keys sorted",
            dumped(sort_keys=True, separators=(",", ":")),
        ),
        ("indented", "with two spaces of indentation", dumped(indent=2)),
        (
            "spaced-unicode",
            "with spaces, and letters as they are",
            dumped(ensure_ascii=False),
        ),
    ):
        yield _respelt(name, words, spell, fix)
    yield Variant(
        "body-escaped-slashes",
        "signed with / written as \\/",
        "the receiver verifies the JSON with / written as \\/ (PHP's json_encode)",
        fix,
        lambda harness, draft: with_body(
            harness.seal(draft.body.replace(b"/", b"\\/"), id=draft.id), draft.body
        ),
    )
    yield Variant(
        "body-line-break",
        "signed with a line break at the end of the body",
        "the receiver adds a line break to the body before it verifies it",
        fix,
        lambda harness, draft: with_body(
            harness.seal(draft.body + b"\n", id=draft.id), draft.body
        ),
    )
    yield Variant(
        "body-base64",
        "signed over the body in base64",
        "the receiver verifies the body in base64, not its bytes",
        "decode the body first; AWS Lambda passes it in base64 if isBase64Encoded is "
        "true",
        lambda harness, draft: with_body(
            harness.seal(base64.b64encode(draft.body), id=draft.id), draft.body
        ),
    )
    yield Variant(
        "body-empty",
        "signed over an empty body",
        "the receiver verifies an empty body, because something has already read it",
        "read the raw body once, before any middleware or parser does, and keep it",
        lambda harness, draft: with_body(harness.seal(b"", id=draft.id), draft.body),
    )


def _respelt(
    name: str, words: str, spell: Callable[[object], bytes], fix: str
) -> Variant:
    def make(harness: Harness, draft: Draft) -> Request:
        # A letter and a slash: spellings must differ from each other and from ours.
        payload = merged(draft.payload, {"labkit_note": "é a/b"})
        sent = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        return with_body(harness.seal(spell(payload), id=draft.id), sent)

    return Variant(
        f"body-{name}",
        f"signed over the JSON {words}, sent without spaces",
        f"the receiver parses the JSON and verifies it written again {words}",
        fix,
        make,
    )


def _signatures(harness: Harness) -> Iterator[Variant]:
    """Write the digest in another alphabet or without its label."""
    fix = "compare the signature in the form that the provider's documentation shows"
    for name, words, change in (
        ("upper-case", "in upper-case hex", str.upper),
        ("base64", "in base64 instead of hex", _hex_to_base64),
        ("hex", "in hex instead of base64", _base64_to_hex),
    ):
        yield Variant(
            f"signature-{name}",
            f"with its signature {words}",
            f"the receiver expects the signature {words}",
            fix,
            lambda harness, draft, change=change: harness.seal(  # type: ignore[misc]  # bound early
                draft.body, id=draft.id, change=change
            ),
        )
    if not harness.scheme.label:
        return
    yield Variant(
        "signature-without-label",
        "with its signature without the label before it",
        "the receiver expects the signature without its label",
        fix,
        _unlabelled,
    )


def _unlabelled(harness: Harness, draft: Draft) -> Request:
    request = harness.seal(draft.body, id=draft.id)
    name = harness.scheme.signature_header
    value = request.header(name) or ""
    return with_header(request, name, value.replace(harness.scheme.label, ""))


def _hex_to_base64(digest: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(digest)).decode()
    except ValueError:
        return digest


def _base64_to_hex(digest: str) -> str:
    try:
        return base64.b64decode(digest, validate=True).hex()
    except ValueError:
        return digest


def _headers(harness: Harness) -> Iterator[Variant]:
    """Write the scheme's headers in other ways."""
    fix = "look up header names case-insensitively"
    yield Variant(
        "headers-lower-case",
        "with all header names in lower case",
        "the receiver finds the headers only if their names are in lower case",
        fix,
        lambda b, draft: _renamed(b.seal(draft.body, id=draft.id), str.lower),
    )
    if "_" in harness.scheme.signature_header:
        yield Variant(
            "headers-underscore",
            "with a hyphen instead of each underscore in the names of headers",
            "the server in front of the receiver drops headers with an underscore in "
            "their name",
            "let the server pass them on: gunicorn --header-map dangerous, in nginx "
            "underscores_in_headers on; waitress and Werkzeug's server can't, ASGI "
            "servers such as uvicorn do. Then let nothing else reach the server, "
            "because WSGI gives X_A and X-A one name",
            lambda b, draft: _renamed(
                b.seal(draft.body, id=draft.id), lambda n: n.replace("_", "-")
            ),
        )
    if harness.scheme.header_prefixes:
        old, new = harness.scheme.header_prefixes
        yield Variant(
            f"headers-{new}",
            f"with its headers named {new}… instead of {old}…",
            f"the receiver reads the headers {new}…, not {old}…",
            "accept both families of names: svix-… and webhook-…",
            lambda b, draft: _renamed(
                b.seal(draft.body, id=draft.id), lambda n: n.lower().replace(old, new)
            ),
        )
    for kind, why, fix in (
        (
            "application/json; charset=utf-8",
            "",
            "compare the media type without its parameters",
        ),
        (
            "text/plain",
            ": a parser reads JSON before the signature is checked",
            (
                "keep JSON parsers away from this route, and verify the raw body; in "
                "Express, add the route with express.raw() before "
                "app.use(express.json())"
            ),
        ),
    ):
        yield Variant(
            f"type-{kind.partition(';')[0]}",
            f"with Content-Type {kind}",
            f"the receiver accepts {kind}, but not application/json{why}",
            fix,
            lambda b, draft, kind=kind: b.seal(  # type: ignore[misc]  # bound early
                draft.body, id=draft.id, content_type=kind
            ),
        )


def _renamed(request: Request, name_of: Callable[[str], str]) -> Request:
    headers = tuple((name_of(name), value) for name, value in request.headers)
    return dataclasses.replace(request, headers=headers)


def _addresses(harness: Harness) -> Iterator[Variant]:
    """Sign other spellings of the URL, for schemes that sign it."""
    if not harness.scheme.signs_url:
        return
    fix = (
        "verify with the URL that is configured at the provider, or let the proxy "
        "forward the host and the scheme"
    )
    parts = urllib.parse.urlsplit(harness.signed_url)
    host = parts.hostname or ""
    spellings = {
        "http": parts._replace(scheme="http"),
        "https": parts._replace(scheme="https"),
        "local": urllib.parse.urlsplit(harness.endpoint.url),
        "port-443": parts._replace(scheme="https", netloc=f"{host}:443"),
        "no-port": parts._replace(netloc=host),
        "slash": parts._replace(path=parts.path.rstrip("/") + "/"),
        "no-slash": parts._replace(path=parts.path.rstrip("/")),
    }
    tried = {harness.signed_url}
    for name, spelling in spellings.items():
        url = spelling.geturl()
        if url not in tried:
            tried.add(url)
            yield Variant(
                f"url-{name}",
                f"signed for {url}",
                f"the receiver verifies the signature for the URL {url}, not for "
                f"{harness.signed_url}",
                fix,
                lambda b, draft, url=url: b.seal(draft.body, id=draft.id, url=url),  # type: ignore[misc]  # bound early
            )
