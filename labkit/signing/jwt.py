"""Schemes whose signature is a JSON Web Token that holds a hash of the body.

The token proves who sent it and when. It says nothing about the body unless a claim
holds the hash, and the receiver compares that hash with the body that came.
"""

import base64
import functools
import hashlib
import hmac
import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from labkit.errors import BadSecret, SignatureMalformed
from labkit.signing import keypairs
from labkit.signing.scheme import Claim, KeyForm, Layout, Scheme, header

LIFETIME = 300
"""For how many seconds a token is valid, as providers set it."""


class Jwt(Scheme):
    """A token in a header, after `label`.

    `algorithm` is HS256, which a secret makes, or ES256, which a private key makes.
    `hash_claim` is the claim with the SHA-256 of the body, in hex or base64. `claims`
    are further claims that the provider's library asks for. The time is `iat`.
    """

    signed: ClassVar[str] = "time and body"
    covers: ClassVar[str] = (
        "A token is signed, with its time and a hash of the body; the receiver must "
        "compare the hash itself."
    )
    renewed_per_attempt: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None
    algorithm: ClassVar[str] = "HS256"
    hash_claim: ClassVar[str]
    claims: ClassVar[Mapping[str, Any]] = {}
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
    _wanted: ClassVar[str] = "a JSON Web Token"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 32 bytes in hex, or a private key."""
        if self.key_form is KeyForm.KEY_PAIR:
            return keypairs.make(keypairs.ECDSA, rng)
        return rng.randbytes(32).hex()

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it is a text, or a key where the scheme has keys."""
        if self.key_form is not KeyForm.KEY_PAIR:
            super().check_secret(secret)
            return
        super().check_secret("".join(secret.split()) if secret else secret)
        try:
            keypairs.public_of(secret)
        except BadSecret as error:
            raise BadSecret(f"the {self.name} key can't be used: {error}") from None

    def receiver_secret(self, secret: str) -> str:
        """Return the secret, or the public key."""
        self.check_secret(secret)
        if self.key_form is KeyForm.KEY_PAIR:
            return keypairs.public_text(secret)
        return secret

    def disguised(self, body: bytes, t: str, secret: str) -> dict[str, str]:
        """Return tokens that no provider sends, by the name of the attack.

        A receiver that lets the token choose its algorithm accepts them.
        """
        tokens = {
            f"without a signature (alg {none})": self._token(body, t, none, _nothing)
            for none in ("none", "None")
        }
        if self.key_form is KeyForm.KEY_PAIR:
            public = keypairs.public_text(secret)
            for words, key in (
                ("signed with the public key as secret", public.encode()),
                ("signed with the public key in PEM as secret", pem(public)),
            ):
                sign = functools.partial(_hs256, key)
                tokens[f"HS256, {words}"] = self._token(body, t, "HS256", sign)
        return tokens

    def _decode(self, secret: str) -> bytes:
        if self.key_form is KeyForm.KEY_PAIR:
            return keypairs.private_of(secret)
        return secret.encode()

    def _verifying_key(self, secret: str) -> bytes:
        if self.key_form is KeyForm.KEY_PAIR:
            self.check_secret(secret)
            return keypairs.public_of(secret)
        return super()._verifying_key(secret)

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        def sign(content: bytes) -> bytes:
            if self.key_form is KeyForm.KEY_PAIR:
                der = keypairs.signed(keypairs.ECDSA, key, content)
                return keypairs.raw_of(der)
            return _hs256(key, content)

        return self.label + self._token(body, t, self.algorithm, sign)

    def _token(
        self, body: bytes, t: str, algorithm: str, sign: Callable[[bytes], bytes]
    ) -> str:
        head = {"alg": algorithm, "kid": "labkit", "typ": "JWT"}
        times: dict[str, Any] = {"iat": t}
        if t.isascii() and t.isdigit() and len(t) < 16:
            times = {"iat": int(t), "exp": int(t) + LIFETIME}
        claims = {**self.claims, **times, self.hash_claim: self._hash(body)}
        content = b".".join(_b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{content.decode()}.{_b64(sign(content)).decode()}"

    def _hash(self, body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def _read(self, headers: Mapping[str, str]) -> Claim:
        name = self.signature_header
        shown = header(headers, name)
        token = shown.removeprefix(self.label)
        if not shown.startswith(self.label) or not self._shape.fullmatch(token):
            raise SignatureMalformed(name, shown, f"{self.label}{self._wanted}")
        claims = _json(token.split(".")[1])
        t = claims.get("iat")
        # True is a number in Python; a fraction is none of a provider's times.
        if not isinstance(t, int) or isinstance(t, bool) or not 0 <= t < 10**15:
            raise SignatureMalformed(name, shown, "seconds since 1970 as iat")
        return Claim(name, shown, [token], timestamp=str(t))

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content, _, mac = claim.signatures[0].rpartition(".")
        head, claims = (_json(part) for part in content.split("."))
        signature = _from_b64(mac)
        if head.get("alg") != self.algorithm or signature is None:
            return False
        if self.key_form is KeyForm.KEY_PAIR:
            if len(signature) != 64:
                return False
            der = keypairs.der_signature(signature)
            authentic = keypairs.fits(keypairs.ECDSA, key, der, content.encode())
        else:
            authentic = hmac.compare_digest(signature, _hs256(key, content.encode()))
        stated = str(claims.get(self.hash_claim)).encode("utf-8", "replace")
        return authentic and hmac.compare_digest(stated, self._hash(body).encode())


class Plaid(Jwt):
    """`Plaid-Verification`, ES256; the key is found by `kid` in Plaid's API.

    Source: plaid.com/docs/api/webhooks/webhook-verification.
    """

    name: ClassVar[str] = "plaid"
    signature_header: ClassVar[str] = "Plaid-Verification"
    timestamp_header: ClassVar[str | None] = "Plaid-Verification"
    algorithm: ClassVar[str] = "ES256"
    key_form: ClassVar[KeyForm] = KeyForm.KEY_PAIR
    hash_claim: ClassVar[str] = "request_body_sha256"
    tolerance: float | None = 300.0


class Vonage(Jwt):
    """`Authorization: Bearer`, HS256, with the hash of the body in `payload_hash`.

    Source: developer.vonage.com, "Signed webhooks".
    """

    name: ClassVar[str] = "vonage"
    signature_header: ClassVar[str] = "Authorization"
    timestamp_header: ClassVar[str | None] = "Authorization"
    label: ClassVar[str] = "Bearer "
    hash_claim: ClassVar[str] = "payload_hash"
    claims: ClassVar[Mapping[str, Any]] = {"iss": "Vonage", "api_key": "labkit"}


class LiveKit(Jwt):
    """`Authorization`, HS256, with the hash of the body in `sha256`, in base64.

    Source: docs.livekit.io, "Webhooks".
    """

    name: ClassVar[str] = "livekit"
    signature_header: ClassVar[str] = "Authorization"
    timestamp_header: ClassVar[str | None] = "Authorization"
    hash_claim: ClassVar[str] = "sha256"
    claims: ClassVar[Mapping[str, Any]] = {"iss": "labkit"}

    def _hash(self, body: bytes) -> str:
        return base64.b64encode(hashlib.sha256(body).digest()).decode()


def pem(public: str) -> bytes:
    """Return a public key in PEM, as it is often stored."""
    lines = "\n".join(public[at : at + 64] for at in range(0, len(public), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n".encode()


def _nothing(content: bytes) -> bytes:
    return b""


def _hs256(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")


def _b64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _from_b64(text: str) -> bytes | None:
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # Several texts decode to the same bytes; only one of them is the signature's.
    return found if _b64(found).decode() == text else None


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_from_b64(text) or b"")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
