"""Schemes that sign the address too: Square and Twilio.

The receiver must know the URL as the sender called it. Behind a proxy, its own view of
scheme, host or path differs, and an honest request is refused; to rebuild the URL from
headers such as X-Forwarded-Host, which anyone can send, does not help.
"""

import base64
import hashlib
import hmac
import random
import re
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from labkit.errors import BadSetting
from labkit.signing.parts import Claim, Layout, as_bytes
from labkit.signing.scheme import Scheme, hmac_base64

_BODY_HASH = re.compile("[?&]bodySHA256=([^&#]*)")
_PORT = re.compile(":[0-9]*$")
_PORTS = {"https": 443}
_FORM = re.compile(rb"[0-9A-Za-z*._+%&~-]+=[0-9A-Za-z*._+%&=~-]*")


class Square(Scheme):
    """`x-square-hmacsha256-signature: <base64>` over the configured URL and the body.

    Source: developer.squareup.com, "Verify and validate an event notification".
    """

    name: ClassVar[str] = "square"
    covers: ClassVar[str] = (
        "The URL that is configured for the webhook and the body are signed. "
        "The time is not."
    )
    signed: ClassVar[str] = "URL and body"
    signs_url: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = Layout("the URL and the body", "{url}")
    signature_header: ClassVar[str] = "x-square-hmacsha256-signature"
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{43}=")
    _wanted: ClassVar[str] = "32 bytes in base64, 44 characters"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 16 bytes in URL-safe base64 without padding."""
        return base64.urlsafe_b64encode(rng.randbytes(16)).decode().rstrip("=")

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_base64(key, as_bytes(_given(url, "Square")) + body)


class Twilio(Scheme):
    """`X-Twilio-Signature: <base64>`, HMAC-SHA1 over the URL and what the body says.

    A form is signed by its fields: names sorted, each followed by its values. Nothing
    parts a name from its value there, so that `ab=c` and `a=bc` sign alike. Any other
    body is signed by its SHA-256 in the URL's query, `bodySHA256=<hex>`; `target` adds
    it as Twilio does, and so do `sign` and `verify` to a URL that lacks it.

    Twilio signs the URL with its port or without it, whatever it calls. So `verify`
    accepts both, as Twilio's libraries do.

    Source: twilio.com/docs/usage/security.
    """

    name: ClassVar[str] = "twilio"
    legitimate: ClassVar[int] = 20_000  # a form; a message has 1,600 characters
    sends_forms: ClassVar[bool] = True
    covers: ClassVar[str] = (
        "The URL is signed, and with it the fields of a form or the SHA-256 of any "
        "other body. The time is not."
    )
    signed: ClassVar[str] = "URL and body"
    signs_url: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None  # a form is signed by its sorted fields
    signature_header: ClassVar[str] = "X-Twilio-Signature"
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{27}=")
    _wanted: ClassVar[str] = "20 bytes in base64, 28 characters"

    def make_secret(self, rng: random.Random) -> str:
        """Make up an auth token, 16 bytes in hex."""
        return rng.randbytes(16).hex()

    def target(self, url: str, body: bytes) -> str:
        """Return the URL that Twilio calls: with `bodySHA256` unless it is a form."""
        if not body or _BODY_HASH.search(url) or _FORM.fullmatch(body):
            return url
        mark = "&" if "?" in url else "?"
        return f"{url}{mark}bodySHA256={hashlib.sha256(body).hexdigest()}"

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        address = self.target(_given(url, "Twilio"), body)
        if not _BODY_HASH.search(address):
            # No hash in the query, so the body is a form or empty, and thus ASCII.
            address += _fields(body)
        return hmac_base64(key, as_bytes(address), "sha1")

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        stated = _BODY_HASH.search(url)
        if stated:
            # The signature covers the hash in the URL; the hash must cover the body.
            digest = hashlib.sha256(body).hexdigest()
            if not hmac.compare_digest(digest.encode(), as_bytes(stated[1].lower())):
                return False
        signs = super()._fits
        return any(signs(key, body, claim, one) for one in _with_and_without_port(url))


def _given(url: str, provider: str) -> str:
    if not url:
        raise BadSetting(
            f"{provider} signs the URL, and none is given; "
            "give the one that is configured at the provider"
        )
    return url


def _with_and_without_port(url: str) -> tuple[str, ...]:
    """Return the URL as given, and the same with and without a port."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 80)
    except ValueError:  # a port that is not a number, or half an IPv6 address
        return (url,)
    user, at, host = parts.netloc.rpartition("@")
    host = _PORT.sub("", host)
    spellings = (host, f"{host}:{port}")
    others = (urlunsplit(parts._replace(netloc=user + at + one)) for one in spellings)
    return tuple(dict.fromkeys((url, *others)))


def _fields(body: bytes) -> str:
    values: dict[str, set[str]] = {}
    # Escaped, not replaced: two broken bytes must not become the same sign.
    fields = parse_qsl(
        body.decode("ascii"), keep_blank_values=True, errors="surrogateescape"
    )
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    return "".join(
        name + one for name in sorted(values) for one in sorted(values[name])
    )
