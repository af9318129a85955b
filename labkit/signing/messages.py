"""HTTP Message Signatures (RFC 9421) with the digest of the body (RFC 9530)."""

import base64
import hashlib
import hmac
import random
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from labkit.errors import BadSetting, SignatureMalformed, SignatureMissing
from labkit.signing import keypairs
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, KeyForm, Layout, as_bytes
from labkit.signing.scheme import Scheme, checked_time, header

COVERED = ("@method", "@target-uri", "content-digest")
"""What the kit signs: a receiver must ask for these three at least."""

_INPUT = re.compile(r'sig1=(\((?:"[a-z@-]+" ?)*\)(?:;[a-z]+=(?:"[^"]*"|[0-9]+))*)')
_CREATED = re.compile(r";created=([^;]*)")


class HttpMessage(KeyPair):
    """`Signature-Input`, `Signature` and `Content-Digest`, with Ed25519.

    Method, URL, body and time are signed, the body by its digest. `verify` takes one
    signature, `sig1`, and asks that it covers all of these. It computes the digest from
    the body itself, so that a wrong `Content-Digest` is found.

    Source: RFC 9421; AdCP and UCP send webhooks this way.
    """

    name: ClassVar[str] = "rfc9421"
    covers: ClassVar[str] = (
        "Method, URL, time and the digest of the body are signed, by a private key "
        "that only the sender has."
    )
    signed: ClassVar[str] = "method, URL, time and body"
    signs_url: ClassVar[bool] = True
    signature_header: ClassVar[str] = "Signature"
    timestamp_header: ClassVar[str | None] = "Signature-Input"
    renewed_per_attempt: ClassVar[bool] = True
    label: ClassVar[str] = "sig1="
    layout: ClassVar[Layout | None] = None
    pair: ClassVar[str] = keypairs.ED25519
    algorithm: ClassVar[str] = "ed25519"
    tolerance: float | None = 300.0
    _shape: ClassVar[re.Pattern[str]] = re.compile("sig1=:[0-9A-Za-z+/=]+:")
    _wanted: ClassVar[str] = "sig1=:<base64>:"

    def describe(self, body: bytes) -> dict[str, str]:
        """Return Content-Digest."""
        return {"Content-Digest": _digest(body)}

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        content = _base(self._parameters(t), body, url)
        mac = base64.b64encode(self._mac(key, content)).decode()
        return f"{self.label}:{mac}:"

    def _parameters(self, t: str) -> str:
        names = " ".join(f'"{name}"' for name in COVERED)
        return f'({names});created={t};keyid="labkit";alg="{self.algorithm}"'

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        return {
            "Signature-Input": f"sig1={self._parameters(t)}",
            "Signature": ", ".join(signatures),
        }

    def _read(self, headers: Mapping[str, str]) -> Claim:
        shown = header(headers, "Signature")
        if not self._shape.fullmatch(shown):
            raise SignatureMalformed("Signature", shown, self._wanted)
        given = header(headers, "Signature-Input")
        created = _CREATED.search(given)
        t = checked_time("Signature-Input", created[1] if created else "")
        found = _INPUT.fullmatch(given)
        if found is None or not all(f'"{name}"' in found[1] for name in COVERED):
            names = " ".join(f'"{name}"' for name in COVERED)
            raise SignatureMalformed("Signature-Input", given, f"sig1=({names});…")
        header(headers, "Content-Digest")
        return Claim("Signature", shown, [shown], found[1], t)

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        if f'alg="{self.algorithm}"' not in claim.id:
            return False
        try:
            content = _base(claim.id, body, url)
            mac = base64.b64decode(claim.shown[6:-1], validate=True)
        except (ValueError, SignatureMissing):
            return False
        return self._is_mac(key, mac, content)


class HttpMessageHmac(HttpMessage):
    """The same with a shared secret, HMAC-SHA256."""

    name: ClassVar[str] = "rfc9421-hmac"
    covers: ClassVar[str] = "Method, URL, time and the digest of the body are signed."
    key_form: ClassVar[KeyForm] = KeyForm.TEXT
    algorithm: ClassVar[str] = "hmac-sha256"

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret if the secret is empty or was copied with white space."""
        Scheme.check_secret(self, secret)

    def make_secret(self, rng: random.Random) -> str:
        """Make up 32 bytes in hex."""
        return rng.randbytes(32).hex()

    def receiver_secret(self, secret: str) -> str:
        """Return the secret."""
        self.check_secret(secret)
        return secret

    def _decode(self, secret: str) -> bytes:
        return secret.encode()

    def _verifying_key(self, secret: str) -> bytes:
        return self._key(secret)

    def _mac(self, key: bytes, content: bytes) -> bytes:
        return hmac.digest(key, content, "sha256")

    def _is_mac(self, key: bytes, mac: bytes, content: bytes) -> bool:
        return hmac.compare_digest(mac, self._mac(key, content))


def _digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _base(parameters: str, body: bytes, url: str) -> bytes:
    """Return the signature base: one line for each component, then the parameters."""
    if not url:
        raise BadSetting(
            "RFC 9421 signs the URL, and none is given; give the one that is configured"
        )
    parts = urlsplit(url)
    values = {
        "@method": "POST",
        "@target-uri": url,
        "@authority": parts.netloc.rpartition("@")[2].lower(),
        "@scheme": parts.scheme,
        "@path": parts.path or "/",
        "@query": f"?{parts.query}",
        "content-digest": _digest(body),
    }
    names = re.findall(r'"([^"]*)"', parameters.partition(")")[0])
    if unknown := [name for name in names if name not in values]:
        raise SignatureMissing(unknown[0])
    lines = [f'"{name}": {values[name]}' for name in names]
    return as_bytes("\n".join([*lines, f'"@signature-params": {parameters}']))
