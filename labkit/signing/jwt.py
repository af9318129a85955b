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

from labkit.errors import BadSetting, SignatureMalformed
from labkit.signing import keypairs
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Layout, as_bytes
from labkit.signing.scheme import Scheme, header


class Jwt(Scheme):
    """A token in a header, after `label`.

    `algorithm` is HS256, which a secret makes; `JwtPair` has those of private keys.
    `hash_claim` is the claim with the SHA-256 of the body, in hex or base64. `claims`
    are further claims that the provider's library asks for. The time is `iat`, and a
    token is valid for `lifetime` seconds.
    """

    signed: ClassVar[str] = "time and body"
    covers: ClassVar[str] = (
        "A token is signed, with its time and a hash of the body; the receiver must "
        "compare the hash itself."
    )
    renewed_per_attempt: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None
    algorithm: ClassVar[str] = "HS256"
    lifetime: ClassVar[int] = 300
    hash_claim: ClassVar[str]
    claims: ClassVar[Mapping[str, Any]] = {}
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
    _wanted: ClassVar[str] = "a JSON Web Token"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 32 bytes in hex."""
        return rng.randbytes(32).hex()

    def disguised(
        self, body: bytes, t: str, secret: str, url: str = ""
    ) -> dict[str, str]:
        """Return tokens that no provider sends, by the name of the attack.

        A receiver that lets the token choose its algorithm accepts them.
        """
        del secret  # used where it has a public half
        return {
            f"without a signature (alg {none})": self._token(
                body, t, url, none, _nothing
            )
            for none in ("none", "None")
        }

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        sign = functools.partial(self._mac, key)
        return self.label + self._token(body, t, url, self.algorithm, sign)

    def _mac(self, key: bytes, content: bytes) -> bytes:
        return _hs256(key, content)

    def _is_mac(self, key: bytes, mac: bytes, content: bytes) -> bool:
        return hmac.compare_digest(mac, self._mac(key, content))

    def _token(
        self,
        body: bytes,
        t: str,
        url: str,
        algorithm: str,
        sign: Callable[[bytes], bytes],
    ) -> str:
        head = {"alg": algorithm, "kid": "labkit", "typ": "JWT"}
        times: dict[str, Any] = {"iat": t}
        if t.isascii() and t.isdigit() and len(t) < 16:
            times = {"iat": int(t), "exp": int(t) + self.lifetime}
        claims = {**self.claims, **times, **self._covered(body, url)}
        content = b".".join(b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{content.decode()}.{b64(sign(content)).decode()}"

    def _covered(self, body: bytes, url: str) -> dict[str, str]:
        """Return the claims about the request: the hash of the body."""
        return {self.hash_claim: self._hash(body)}

    def _hash(self, body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def _read(self, headers: Mapping[str, str]) -> Claim:
        name = self.signature_header
        shown = header(headers, name)
        token = shown.removeprefix(self.label)
        if not shown.startswith(self.label) or not self._shape.fullmatch(token):
            raise SignatureMalformed(name, shown, f"{self.label}{self._wanted}")
        claims = object_in(token.split(".")[1])
        t = claims.get("iat")
        # True is a number in Python; a fraction is none of a provider's times.
        if not isinstance(t, int) or isinstance(t, bool) or not 0 <= t < 10**15:
            raise SignatureMalformed(name, shown, "seconds since 1970 as iat")
        return Claim(name, shown, [token], timestamp=str(t))

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content, _, mac = claim.signatures[0].rpartition(".")
        head, claims = (object_in(part) for part in content.split("."))
        signature = from_b64(mac)
        if head.get("alg") != self.algorithm or signature is None:
            return False
        if not self._is_mac(key, signature, content.encode()):
            return False
        return all(
            hmac.compare_digest(
                str(claims.get(name)).encode("utf-8", "replace"), as_bytes(value)
            )
            for name, value in self._covered(body, url).items()
        )


class JwtPair(KeyPair, Jwt):
    """A token that a private key signs: ES256 or RS256."""

    pair: ClassVar[str] = keypairs.ECDSA
    algorithm: ClassVar[str] = "ES256"

    def disguised(
        self, body: bytes, t: str, secret: str, url: str = ""
    ) -> dict[str, str]:
        """Return the same, and tokens that use the public key as a secret."""
        tokens = super().disguised(body, t, secret, url)
        public = keypairs.public_text(secret)
        for words, key in (
            ("signed with the public key as secret", public.encode()),
            ("signed with the public key in PEM as secret", pem(public)),
        ):
            sign = functools.partial(_hs256, key)
            tokens[f"HS256, {words}"] = self._token(body, t, url, "HS256", sign)
        return tokens

    def _mac(self, key: bytes, content: bytes) -> bytes:
        signature = keypairs.signed(self.pair, key, content)
        return keypairs.raw_of(signature) if self.pair == keypairs.ECDSA else signature

    def _is_mac(self, key: bytes, mac: bytes, content: bytes) -> bool:
        if self.pair == keypairs.ECDSA:
            if len(mac) != 64:
                return False
            mac = keypairs.der_signature(mac)
        return keypairs.fits(self.pair, key, mac, content)


class Plaid(JwtPair):
    """`Plaid-Verification`, ES256; the key is found by `kid` in Plaid's API.

    Source: plaid.com/docs/api/webhooks/webhook-verification.
    """

    name: ClassVar[str] = "plaid"
    signature_header: ClassVar[str] = "Plaid-Verification"
    timestamp_header: ClassVar[str | None] = "Plaid-Verification"
    hash_claim: ClassVar[str] = "request_body_sha256"
    tolerance: float | None = 300.0


class FusionAuth(JwtPair):
    """`X-FusionAuth-Signature-JWT`, RS256, with the hash of the body in base64.

    Source: fusionauth.io/docs/extend/events-and-webhooks/signing.
    """

    name: ClassVar[str] = "fusionauth"
    signature_header: ClassVar[str] = "X-FusionAuth-Signature-JWT"
    timestamp_header: ClassVar[str | None] = "X-FusionAuth-Signature-JWT"
    pair: ClassVar[str] = keypairs.RSA_256
    algorithm: ClassVar[str] = "RS256"
    hash_claim: ClassVar[str] = "request_body_sha256"

    def _hash(self, body: bytes) -> str:
        return base64.b64encode(hashlib.sha256(body).digest()).decode()


class PubSub(JwtPair):
    """`Authorization: Bearer` with Google's OIDC token: RS256, nothing of the body.

    The audience is the URL, which is what Pub/Sub sends unless the subscription names
    another one. Pub/Sub uses a token for up to an hour, so its age proves little: check
    `aud`, `email` and `email_verified` besides the signature and `exp`.

    Source: docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions.
    """

    name: ClassVar[str] = "google-pubsub"
    largest: ClassVar[int] = 10_000_000  # cloud.google.com/pubsub/quotas, of a message
    covers: ClassVar[str] = (
        "A token is signed, with its time and the URL. The body is not: anyone who "
        "reads one request can send any other one for an hour."
    )
    signed: ClassVar[str] = "time and URL"
    signs_body: ClassVar[bool] = False
    signs_url: ClassVar[bool] = True
    signature_header: ClassVar[str] = "Authorization"
    timestamp_header: ClassVar[str | None] = "Authorization"
    label: ClassVar[str] = "Bearer "
    pair: ClassVar[str] = keypairs.RSA_256
    algorithm: ClassVar[str] = "RS256"
    lifetime: ClassVar[int] = 3600
    claims: ClassVar[Mapping[str, Any]] = {
        "iss": "https://accounts.google.com",
        "azp": "100000000000000000000",
        "sub": "100000000000000000000",
        "email": "push@labkit.iam.gserviceaccount.com",
        "email_verified": True,
    }
    tolerance: float | None = 3600.0

    def _covered(self, body: bytes, url: str) -> dict[str, str]:
        if not url:
            raise BadSetting(
                "Pub/Sub signs the URL as its audience, and none is given; give the "
                "one that is configured"
            )
        return {"aud": url}


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


class Monday(Jwt):
    """`Authorization`, HS256 with the app's signing secret; nothing of the body.

    monday.com sends it for webhooks that an app created, and for no others.

    Source: developer.monday.com/api-reference/reference/webhooks.
    """

    name: ClassVar[str] = "monday"
    covers: ClassVar[str] = (
        "A token is signed, with its time and the URL. The body is not: anyone who "
        "reads one request can send any other one while the token is valid."
    )
    signed: ClassVar[str] = "time and URL"
    signs_body: ClassVar[bool] = False
    signs_url: ClassVar[bool] = True
    signature_header: ClassVar[str] = "Authorization"
    timestamp_header: ClassVar[str | None] = "Authorization"
    handshake: ClassVar[str] = "monday"
    claims: ClassVar[Mapping[str, Any]] = {"accountId": 1, "userId": 1}

    def _covered(self, body: bytes, url: str) -> dict[str, str]:
        if not url:
            raise BadSetting(
                "monday.com signs the URL as its audience, and none is given; give the "
                "one that is configured"
            )
        return {"aud": url}


def pem(public: str) -> bytes:
    """Return a public key in PEM, as it is often stored."""
    lines = "\n".join(public[at : at + 64] for at in range(0, len(public), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n".encode()


def _nothing(content: bytes) -> bytes:
    return b""


def _hs256(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")


def b64(content: bytes) -> bytes:
    """Return the base64url, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def from_b64(text: str) -> bytes | None:
    """Return what is in base64url, or None if the text is not exactly that."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # Several texts decode to the same bytes; only one of them is the signature's.
    return found if b64(found).decode() == text else None


def object_in(text: str) -> dict[str, Any]:
    """Return the JSON object in a part of a token, empty if there is none."""
    try:
        found = json.loads(from_b64(text) or b"")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
