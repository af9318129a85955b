"""Fireblocks' second scheme: a JSON Web Signature whose payload is the body itself."""

import json
import re
from typing import ClassVar

from labkit.signing import keypairs
from labkit.signing.jwt import b64, from_b64, object_in
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Layout


class FireblocksJws(KeyPair):
    """`Fireblocks-Webhook-Signature: <header>..<signature>`, RS512, body left out.

    Signed are the header, a full stop, and the base64url of the body. The receiver
    finds the key by `kid` in Fireblocks' list of keys. `verify` takes the public key
    and accepts no other algorithm than RS512, whatever the header says.

    Source: developers.fireblocks.com, "Validating webhooks".
    """

    name: ClassVar[str] = "fireblocks-v2"
    covers: ClassVar[str] = (
        "The body is signed, by a private key that only the sender has. The time is "
        "not."
    )
    signature_header: ClassVar[str] = "Fireblocks-Webhook-Signature"
    layout: ClassVar[Layout | None] = None
    pair: ClassVar[str] = keypairs.RSA_512
    kid: ClassVar[str] = "labkit"
    _shape: ClassVar[re.Pattern[str]] = re.compile(
        r"[\w-]+\.\.[\w-]{342,683}", re.ASCII
    )
    _wanted: ClassVar[str] = "a header, two full stops and a signature in base64url"

    def parted(self, signature: str) -> tuple[str, str]:
        """Return the header with two full stops, and the signature."""
        head, stops, mac = signature.rpartition("..")
        return head + stops, mac

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        head = b64(json.dumps({"alg": "RS512", "kid": self.kid}).encode())
        return f"{head.decode()}..{b64(self._mac(key, _content(head, body))).decode()}"

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        head, mac = self.parted(claim.shown)
        head = head.removesuffix("..")
        signature = from_b64(mac)
        if object_in(head).get("alg") != "RS512" or signature is None:
            return False
        return self._is_mac(key, signature, _content(head.encode(), body))


def _content(head: bytes, body: bytes) -> bytes:
    return head + b"." + b64(body)
