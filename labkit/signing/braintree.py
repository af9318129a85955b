"""Braintree: a form with an event in base64, and a signature beside it."""

import base64
import hashlib
import random
import re
import urllib.parse
from collections.abc import Mapping
from typing import ClassVar

from labkit.errors import BadSecret
from labkit.signing.embedded import IN_BODY, Embedded, same
from labkit.signing.parts import Claim
from labkit.signing.scheme import hmac_hex


class Braintree(Embedded):
    """`bt_signature` and `bt_payload`, the two fields of a form.

    The payload is the event in base64. The signature is the public key, `|` and an
    HMAC-SHA1 of the payload under the SHA-1 of the private key; with several pairs of
    keys, `&` joins their signatures. The secret is the public and the private key with
    a colon between them.

    Source: the package braintree 4.48.0 on PyPI, which makes and verifies such forms.
    """

    name: ClassVar[str] = "braintree"
    covers: ClassVar[str] = "The whole event is signed. The headers are not."
    signature_header: ClassVar[str] = IN_BODY + "bt_signature"
    encloses_as: ClassVar[str] = "application/x-www-form-urlencoded"
    handshake: ClassVar[str] = "braintree"
    _shape: ClassVar[re.Pattern[str]] = re.compile(
        r"[^|&]*\|[0-9a-f]{40}(&[^|&]*\|[0-9a-f]{40})*"
    )
    _wanted: ClassVar[str] = "a public key, | and 40 lower-case hex digits"

    def make_secret(self, rng: random.Random) -> str:
        """Make up a public and a private key."""
        return f"{rng.randbytes(8).hex()}:{rng.randbytes(16).hex()}"

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it consists of two keys."""
        super().check_secret(secret)
        public, _, private = secret.partition(":")
        if not public or not private:
            raise BadSecret(
                f"the {self.name} secret is one key; give the public and the private "
                "key with a colon between them"
            )

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Put the event and its signature into a form."""
        rest = dict(headers)
        signature = rest.pop(self.signature_header, None)
        if signature is None:
            return body, rest
        form = {"bt_signature": signature, "bt_payload": base64.encodebytes(body)}
        return urllib.parse.urlencode(form).encode(), rest

    def content(self, body: bytes, *, id: str, t: str, url: str) -> bytes | None:  # noqa: A002 - the word of every provider
        """Return the payload: the body in base64, in lines."""
        return base64.encodebytes(body)

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return signed_by(key, base64.encodebytes(body))

    def _parts(self, body: bytes) -> dict[str, str]:
        signature = _fields(body).get("bt_signature")
        return {} if signature is None else {self.signature_header: signature}

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        payload = _fields(body).get("bt_payload", "").encode("utf-8", "replace")
        wanted = signed_by(key, payload)
        return any(same(wanted, given) for given in claim.shown.split("&"))


def signed_by(keys: bytes, content: bytes) -> str:
    """Return the public key, `|` and the HMAC; `keys` are both, as in the secret."""
    public, _, private = keys.rpartition(b":")
    key = hashlib.sha1(private, usedforsecurity=False).digest()
    return f"{public.decode('utf-8', 'replace')}|{hmac_hex(key, content, 'sha1')}"


def _fields(body: bytes) -> dict[str, str]:
    text = body.decode("utf-8", "replace")
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
