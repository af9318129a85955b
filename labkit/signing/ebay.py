"""eBay: a signature header that is JSON in base64."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from labkit.errors import SignatureMalformed
from labkit.signing import keypairs
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Layout
from labkit.signing.scheme import header


class Ebay(KeyPair):
    """`x-ebay-signature`: base64 of JSON with `alg`, `kid`, `signature` and `digest`.

    ECDSA with SHA-1 over the body. The receiver asks eBay's API for the key by its
    `kid`. `verify` takes the public key and asks nobody; it accepts no other digest
    than SHA-1, whatever the header says.

    Source: developer.ebay.com/marketplace-account-deletion and eBay's own library.
    """

    name: ClassVar[str] = "ebay"
    covers: ClassVar[str] = (
        "The body is signed, by a private key that only the sender has. The time is "
        "not."
    )
    signature_header: ClassVar[str] = "x-ebay-signature"
    layout: ClassVar[Layout | None] = None
    pair: ClassVar[str] = keypairs.ECDSA_1
    handshake: ClassVar[str] = "ebay"
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{120,}={0,2}")
    _wanted: ClassVar[str] = "JSON in base64"

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        parts = {
            "alg": "ecdsa",
            "kid": "labkit",
            "signature": base64.b64encode(self._mac(key, body)).decode(),
            "digest": "SHA1",
        }
        return base64.b64encode(json.dumps(parts).encode()).decode()

    def _read(self, headers: Mapping[str, str]) -> Claim:
        shown = header(headers, self.signature_header)
        if not self._shape.fullmatch(shown) or not _parts(shown):
            raise SignatureMalformed(self.signature_header, shown, self._wanted)
        return Claim(self.signature_header, shown, [shown])

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        parts = _parts(claim.shown)
        try:
            mac = base64.b64decode(str(parts.get("signature")), validate=True)
        except ValueError:
            return False
        return self._is_mac(key, mac, body)


def _parts(shown: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.b64decode(shown, validate=True))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
