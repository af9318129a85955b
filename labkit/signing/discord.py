"""Discord: Ed25519, where the receiver holds no secret at all, but a public key."""

import functools
import random
import re
from typing import TYPE_CHECKING, ClassVar

from labkit.errors import BadSecret, BadSetting
from labkit.signing.parts import Claim, KeyForm, Layout, as_bytes
from labkit.signing.scheme import Scheme

if TYPE_CHECKING:
    from types import ModuleType

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

_HEX_KEY = re.compile("[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128}")


class Discord(Scheme):
    """`X-Signature-Ed25519: <hex>` and `X-Signature-Timestamp`.

    To sign takes a key pair, 128 hex digits: the private seed, then the public key. To
    verify takes the public key, the last 64 of them, as Discord shows it for an app; a
    key pair is taken as well, for its public half. `receiver_secret` cuts it out.

    Needs the package `cryptography`, and raises BadSetting where it is missing.

    Source: discord.com/developers/docs, "Webhook events"; its libraries check no age.
    """

    name: ClassVar[str] = "discord"
    covers: ClassVar[str] = (
        "The time of the attempt and the body are signed, by a private key that only "
        "the sender has."
    )
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = "X-Signature-Ed25519"
    timestamp_header: ClassVar[str | None] = "X-Signature-Timestamp"
    renewed_per_attempt: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None  # no HMAC
    key_form: ClassVar[KeyForm] = KeyForm.KEY_PAIR
    handshake: ClassVar[str] = "discord"
    refusal: ClassVar[int | None] = 401
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Fa-f]{128}")
    _wanted: ClassVar[str] = "64 bytes as 128 hex digits"

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it is a public key or a key pair in hex."""
        super().check_secret(secret)
        if not _HEX_KEY.fullmatch(_digits(secret)):
            raise BadSecret(
                f"a Discord key is 64 hex digits, or 128 for a pair that can sign; "
                f"this one has {len(secret)} characters; copy the public key whole"
            )

    def make_secret(self, rng: random.Random) -> str:
        """Make up a key pair: 32 bytes of seed and the public key to it, in hex."""
        seed = rng.randbytes(32)
        return (seed + _public_half(seed)).hex()

    def receiver_secret(self, secret: str) -> str:
        """Return the public key."""
        self.check_secret(secret)
        return _digits(secret)[-64:]

    def _decode(self, secret: str) -> bytes:
        secret = _digits(secret)
        if len(secret) == 64:
            raise BadSecret(
                "64 hex digits are a public key, which verifies but can't sign; "
                "give the key pair of 128"
            )
        seed, public = bytes.fromhex(secret[:64]), bytes.fromhex(secret[64:])
        if _public_half(seed) != public:
            raise BadSecret(
                "the two halves of the Discord key pair do not belong together; "
                "make a new pair with make_secret"
            )
        return seed

    def _verifying_key(self, secret: str) -> bytes:
        return bytes.fromhex(self.receiver_secret(secret))

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return _private_key(key).sign(as_bytes(t) + body).hex()

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        public = _public_key(key)
        from cryptography.exceptions import InvalidSignature

        signature = bytes.fromhex(claim.signatures[0])
        try:
            public.verify(signature, as_bytes(claim.timestamp) + body)
        except InvalidSignature:
            return False
        return True


def _digits(secret: str) -> str:
    """Return the key without the spaces that Discord's library ignores."""
    return secret.replace(" ", "")


def _ed25519() -> "ModuleType":
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise BadSetting(
            "Discord signs with Ed25519, which needs the package cryptography; "
            "install it with: pip install 'webhook-lab[discord]'"
        ) from None
    return ed25519


@functools.lru_cache(maxsize=64)
def _private_key(seed: bytes) -> "Ed25519PrivateKey":
    key: Ed25519PrivateKey = _ed25519().Ed25519PrivateKey.from_private_bytes(seed)
    return key


@functools.lru_cache(maxsize=64)
def _public_key(public: bytes) -> "Ed25519PublicKey":
    key: Ed25519PublicKey = _ed25519().Ed25519PublicKey.from_public_bytes(public)
    return key


def _public_half(seed: bytes) -> bytes:
    return _private_key(seed).public_key().public_bytes_raw()
