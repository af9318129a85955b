"""Neon Auth: a JSON Web Signature whose payload, time and body, is left out."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from labkit.signing import keypairs
from labkit.signing.jwt import b64, from_b64, object_in
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Layout, Unit


class NeonAuth(KeyPair):
    """`X-Neon-Signature: <header>..<signature>`, EdDSA, with the time beside it.

    Signed are the header, a full stop, and the base64url of the time, a full stop and
    the base64url of the body. The receiver finds the key by `X-Neon-Signature-Kid` in
    Neon's list of keys. `verify` takes the public key and accepts no other algorithm
    than EdDSA, whatever the header says.

    Source: neon.com/docs, "Neon Auth webhooks", which leaves the age of the time to the
    receiver.
    """

    name: ClassVar[str] = "neon-auth"
    covers: ClassVar[str] = (
        "The time of the attempt and the body are signed, by a private key that only "
        "the sender has. The id is not."
    )
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = "X-Neon-Signature"
    timestamp_header: ClassVar[str | None] = "X-Neon-Timestamp"
    id_header: ClassVar[str | None] = "X-Neon-Event-Id"
    unit: ClassVar[Unit] = Unit.MILLISECONDS
    renewed_per_attempt: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None
    pair: ClassVar[str] = keypairs.ED25519
    kid: ClassVar[str] = "labkit"
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[\w-]+\.\.[\w-]{86}", re.ASCII)
    _wanted: ClassVar[str] = "a header, two full stops and a signature in base64url"

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the header that names the type."""
        return {"X-Neon-Event-Type": event_type}

    def parted(self, signature: str) -> tuple[str, str]:
        """Return the header with two full stops, and the signature."""
        head, stops, mac = signature.rpartition("..")
        return head + stops, mac

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        head = b64(json.dumps({"alg": "EdDSA", "kid": self.kid}).encode()).decode()
        return f"{head}..{b64(self._mac(key, _content(head, t, body))).decode()}"

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        key = {"X-Neon-Signature-Kid": self.kid}
        return key | super()._write(signatures, event_id, t)

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        head, _, signature = claim.shown.partition("..")
        parts: Mapping[str, object] = object_in(head)
        mac = from_b64(signature)
        if parts.get("alg") != "EdDSA" or mac is None:
            return False
        return self._is_mac(key, mac, _content(head, claim.timestamp, body))


def _content(head: str, t: str, body: bytes) -> bytes:
    return f"{head}.".encode() + b64(f"{t}.".encode() + b64(body))
