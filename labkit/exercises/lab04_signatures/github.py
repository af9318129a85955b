"""Exercise 4.4: verify_github(secret, body, headers) -> bool."""

import gzip
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

from requests.structures import CaseInsensitiveDict

from labkit.checks import Mistake, short, short_text
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Mutant, Proof, Rule, always, mistakes
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab04_signatures import mistakes as m
from labkit.exercises.lab04_signatures import signed_requests, verify
from labkit.exercises.lab04_signatures.digests import digest_of, signature_of
from labkit.exercises.lab04_signatures.signed_requests import BODY, SECRET, header_of
from labkit.exercises.verifiers import (
    ACCEPTED,
    HONEST,
    REFUSED,
    Verifier,
    changes,
    flipped,
    lets_in,
    locks_out,
    misses,
    not_accepted,
    of,
    stumbles,
)

HEADER = "X-Hub-Signature-256"
OLD_HEADER = "X-Hub-Signature"

PUBLISHED = {
    "secret": b"It's a Secret to Everybody",
    "body": b"Hello, World!",
    "signature": (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    ),
}
"""The test value of GitHub's own documentation."""

SECRET_IS_TEXT, SECRET_IN_ASCII, OTHER_HEADER, OLD_ONLY, OLD_NAME = mistakes("""
    secret-not-encoded: Your code passes GitHub's secret to the HMAC as a string. HMAC
        needs bytes.
        Try: Encode the secret first: secret.encode().
    secret-not-in-utf-8: Your code encodes the secret as ASCII, but a secret may contain
        any letter, such as ü. GitHub uses UTF-8.
        Try: Use .encode() without an argument, which is UTF-8.
    reads-another-header: Your code reads another header. The signature is in
        X-Hub-Signature-256.
        Try: Read the header X-Hub-Signature-256.
    reads-the-old-header: Your code reads X-Hub-Signature, the older header with a SHA-1
        signature. The current one ends in -256.
        Try: Read the header X-Hub-Signature-256.
    falls-back-to-the-old-header: Your code also uses the old header if
        X-Hub-Signature-256 is wrong or missing. That header belongs to GitHub's older
        scheme with SHA-1, the weaker algorithm, and must not count.
        Try: Read only X-Hub-Signature-256, and return False without it.
""")

EXACT_NAME, GLOBAL_REQUEST, OLD_SHA1, ONLY_JSON, CHANGES = mistakes("""
    compares-the-name-exactly: Your code finds the header in only one spelling. Header
        names are not case-sensitive, and proxies change their case.
        Try: Use the get method of `headers` itself, not of a copy, or compare both
        names in lower case.
    reads-the-global-request: Your code uses Flask's `request`, which exists only while
        Flask handles a request. The check calls your function without one.
        Try: Read the argument: headers.get(…).
    falls-back-to-sha1: Your code accepted a request that has only the old SHA-1
        signature. An attacker can then choose the weaker algorithm (a downgrade
        attack).
        Try: Read only X-Hub-Signature-256, and return False without it.
    only-json-bodies: Your code works only for JSON. GitHub also sends forms, if the
        owner of the webhook chose that, and the signature covers the raw body.
        Try: Do not parse the body before it is verified.
    changes-the-headers: Your code changes the mapping that it gets. The caller still
        needs it, and Flask's request.headers cannot be changed at all.
        Try: Only read the mapping, for example with headers.get(…).
""")

CONTRACT = contract("""
    given: `headers` is a mapping from names to values, which finds a name in upper or
        lower case, as Flask's request.headers does; its keys may be spelled either way.
    signed: Return True if X-Hub-Signature-256 holds the signature of this body with
        this secret.
    same: The same arguments give the same result each time.
    secrets: The secret may be any text, and is encoded in UTF-8.
    name: The name of the header may be in upper or lower case.
    forged: Return False for every other body, secret or signature.
    bytes: Every byte of the body matters; the body may be any bytes, and it may be
        empty.
    unsigned: Return False if there is no X-Hub-Signature-256.
    old: Ignore the header X-Hub-Signature, and all headers that are not named here.
    garbage: Return False and raise no exception, whatever the header contains.
    whole: The whole header must match: `sha256=` and all of the digits.
    empty: With an empty secret nothing is authentic: return False or raise an
        exception.
    timing: Compare signatures in constant time.
    kept: Do not change `headers`.
    open: The check does not test upper-case digits, white space around or inside the
        value, or characters that UTF-8 cannot encode.
""")

_BASE: Fields = {
    **signed_requests.REQUEST,
    "name": HEADER,
    "old": None,
    "alone": False,
    "others": {},
}
_OTHERS = {
    "Accept": "*/*",
    "Content-Type": "application/json",
    "User-Agent": "GitHub-Hookshot/044aadd",
    "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "X-GitHub-Event": "push",
}
OTHERS = (
    *(("X-GitHub-Event", event) for event in ("ping", "installation", "")),
    ("User-Agent", "curl/8.14"),
    *(("Content-Type", kind) for kind in ("text/plain", "", "multipart/form-data")),
    ("Content-Encoding", "gzip"),
    *(("Content-Length", length) for length in ("0", "5", "70000", "many")),
    ("Transfer-Encoding", "chunked"),
    ("X-GitHub-Delivery", "1"),
    ("X-GitHub-Hook-ID", "0"),
    ("X-Forwarded-For", "203.0.113.7"),
    ("Host", "localhost"),
    ("Authorization", "Bearer t-1"),
    ("X-Debug", "true"),
    ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),
)
"""Other headers, which do not matter."""

FORM = b"payload=%7B%22zen%22%3A+%22Keep+it%22%7D"


def _headers(fields: Fields) -> "CaseInsensitiveDict[str]":
    """Return a mapping that finds names in any case, like Flask's request.headers."""
    headers = CaseInsensitiveDict({} if fields["alone"] else _OTHERS)
    headers.update(fields["others"])
    if fields["old"] is not None:
        headers[OLD_HEADER] = fields["old"]
    signature = header_of(fields)
    if signature is not None:
        headers[fields["name"]] = signature
    return headers


def _arguments(fields: Fields) -> Sequence[Any]:
    return [fields["secret"].decode(), fields["body"], _headers(fields)]


def _show(fields: Fields) -> str:
    secret, body = fields["secret"].decode(), short(fields["body"])
    signature = header_of(fields)
    value = "no such header" if signature is None else short_text(signature)
    lines = [f"secret {secret!r}", f"body {body}", f"{fields['name']}: {value}"]
    if fields["old"] is not None:
        lines.append(f"{OLD_HEADER}: {short_text(fields['old'])}")
    lines += [f"{name}: {value}" for name, value in fields["others"].items()]
    return "\n".join(lines)


def _old_trials() -> Iterator[Trial]:
    zeros = "sha256=" + "0" * 64
    sha1 = f"sha1={hmac.digest(SECRET, BODY, 'sha1').hex()}"
    for signature in (None, "", zeros):
        for kind, old in (("sha1", sha1), ("sha256", signature_of(SECRET, BODY))):
            fields = {"kind": f"old-{kind}", "signature": signature, "old": old}
            yield Trial("old", fields)
    for old in (sha1, zeros, "", "é", signature_of(SECRET, BODY)):
        yield Trial("old", {"kind": "both", "old": old})
    note = "the request has no other header"
    yield Trial("old", {"kind": "alone", "alone": True}, note)
    for name in ("X-Webhook-Signature", "X-Signature", "X-GitHub-Signature"):
        yield probe({"kind": "other-header", "name": name})
    yield from _other_trials()


def _other_trials() -> Iterator[Trial]:
    """Yield requests, genuine ones and others, with other headers of all kinds."""
    wrong = flipped(signature_of(SECRET, BODY), -1)
    note = "one digit of the signature is wrong"
    for name, value in OTHERS:
        others = {name: value}
        yield Trial("old", {"kind": "others", "others": others})
        changes = {"kind": "wrong-others", "others": others, "signature": wrong}
        yield Trial("old", changes, note)
    for name, value, body in (
        ("Content-Type", "application/x-www-form-urlencoded", FORM),
        ("Content-Encoding", "gzip", gzip.compress(BODY, mtime=0)),
        ("Content-Type", "text/plain; charset=iso-8859-1", b"Zo\xeb"),
        ("Content-Type", "application/json", b"no JSON"),
    ):
        fields: Fields = {"kind": "others", "others": {name: value}, "body": body}
        yield Trial("old", fields)
    for name in (
        *("X-Webhook-Signature", "X-Signature-256", "X-Hub-Signature-512"),
        *("X-My-Hub-Signature-256", "X_Hub_Signature_256"),
    ):
        right = {name: signature_of(SECRET, BODY)}
        fields = {"kind": "elsewhere", "others": right, "signature": None}
        yield Trial("old", fields)


def _trials() -> Iterator[Trial]:
    yield from signed_requests.signed_trials("Grüße, 雪".encode())
    for name in (HEADER.lower(), HEADER.upper(), "x-Hub-SIGNATURE-256"):
        yield Trial("name", {"kind": "name", "name": name})
    yield Trial("bytes", {"kind": "form", "body": FORM}, "the body is a form")
    yield from signed_requests.body_trials()
    yield Trial("bytes", {"kind": "published", **PUBLISHED}, "GitHub's test value")
    yield from signed_requests.header_trials()
    yield from signed_requests.last_trials()
    yield from _old_trials()
    yield Trial("kept", {"kind": "kept"})


def _wrong_header(*kinds: str) -> Any:
    """Return a `how` for solutions that read another header than the right one."""

    def how(fields: Fields, seen: Seen) -> bool:
        wanted = ACCEPTED if of(*kinds)(fields) else REFUSED
        return bool(seen.value == wanted)

    return how


def _both(seen: Sequence[Seen]) -> bool:
    """Whether the right header is rejected, and another one is accepted."""
    values = [each.value for each in seen]
    return ACCEPTED in values and REFUSED in values


def _reads(mistake: Mistake, *kinds: str) -> Rule:
    """Return the rule for solutions that look for the signature elsewhere."""
    how = _wrong_header(*kinds)
    return Rule(mistake, of(HONEST, *kinds), how=how, some=True, together=_both)


def _key_is_text(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.error, TypeError) and "bytearray" in str(seen.error)


def _no_request(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.error, RuntimeError) and "request context" in str(seen.error)


def _other_key(_: Fields, seen: Seen) -> bool:
    """Whether the solution missed a header of another name."""
    name = str(seen.error.args[:1]).lower() if isinstance(seen.error, KeyError) else ""
    return name.startswith(("('x-", "('hub-")) and HEADER.lower() not in name


MISTAKES: list[Proof] = [
    Rule(SECRET_IS_TEXT, of(HONEST), how=_key_is_text),
    Rule(GLOBAL_REQUEST, of(HONEST), how=_no_request),
    Rule(OTHER_HEADER, of(HONEST), how=_other_key),
    _reads(OTHER_HEADER, "other-header"),
    _reads(OLD_ONLY, "old-sha1"),
    _reads(OLD_ONLY, "old-sha256"),
    Mutant(
        OLD_ONLY,
        (
            ("hashlib.sha256", "hashlib.sha1"),
            ('"sha256="', '"sha1="'),
            (
                'headers.get("X-Hub-Signature-256")',
                'headers.get("X-Hub-Signature-256") or headers.get("X-Hub-Signature")',
            ),
        ),
        on=lambda fields: signed_requests.SIGNING(fields) or of("old-*")(fields),
    ),
    lets_in(OLD_SHA1, "old-sha1", but=[HONEST, "old-sha256"], some=True),
    lets_in(
        OLD_NAME,
        "old-sha256",
        but=[HONEST, "elsewhere"],
        some=True,
        may=of("old-sha1"),
    ),
    Rule(EXACT_NAME, of("name"), of(HONEST), not_accepted, some=True),
    Rule(
        ONLY_JSON,
        lambda fields: fields["body"] in (FORM, b"hello"),
        of(HONEST, "json"),
        not_accepted,
    ),
    Rule(CHANGES, always, how=changes, some=True),
    stumbles(SECRET_IN_ASCII, "odd-secret", but=[HONEST], classes=[UnicodeEncodeError]),
    locks_out(m.SECRET_AS_TEXT, "odd-secret", but=[HONEST, "secret"]),
    Rule(m.NO_HEADER, of("missing"), of(HONEST), misses(HEADER)),
    *(each for each in verify.MISTAKES if each.mistake is not m.SECRET_AS_TEXT),
]

EXERCISE = judged(
    id="4.4",
    lab="04_signatures",
    wants="verify_github(secret, body, headers) -> bool",
    contract=CONTRACT,
    space=Space(_BASE, _trials),
    observer=Verifier(
        _arguments,
        _show,
        digest=lambda fields: digest_of(fields["secret"], fields["body"]),
        header=lambda digest, _: f"sha256={digest.hex()}",
        kept=lambda arguments: dict(arguments[2]),
    ),
    mistakes=MISTAKES,
    hints=numbered("""
        1: The scheme is that of 4.2 with another header name: X-Hub-Signature-256.
        2: The secret is a string here. HMAC needs bytes, and GitHub uses UTF-8.
        3: headers.get returns None for a missing header, and verify returns False for
            None.
    """),
)
