"""Schemes that sign the body and nothing else: generic, GitHub, Shopify.

Nothing in them grows old. Anyone who has one request can send it again forever, and the
signature will fit; only remembering the id, which is not signed, tells it apart.
"""

import random
import re
from collections.abc import Sequence
from typing import ClassVar

from labkit.signing.scheme import Scheme, hmac_base64, hmac_hex


class Generic(Scheme):
    """`X-Webhook-Signature: sha256=<hex>`, as many small providers do it."""

    name: ClassVar[str] = "generic"
    covers: ClassVar[str] = "The body is signed. The time and the headers are not."
    signature_header: ClassVar[str] = "X-Webhook-Signature"
    label: ClassVar[str] = "sha256="
    _shape: ClassVar[re.Pattern[str]] = re.compile("sha256=[0-9a-f]{64}")
    _wanted: ClassVar[str] = "sha256= and 64 lower-case hex digits"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 32 bytes in hex."""
        return rng.randbytes(32).hex()

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return self.label + hmac_hex(key, body)


class GitHub(Generic):
    """`X-Hub-Signature-256`; beside it the old SHA-1 header, which `verify` ignores.

    Source: docs.github.com, "Validating webhook deliveries".
    """

    name: ClassVar[str] = "github"
    largest: ClassVar[int] = 25_000_000  # docs.github.com, "Webhook events"
    covers: ClassVar[str] = (
        "The body is signed. X-GitHub-Delivery and X-GitHub-Event are not."
    )
    signature_header: ClassVar[str] = "X-Hub-Signature-256"
    id_header: ClassVar[str | None] = "X-GitHub-Delivery"
    weaker_headers: ClassVar[tuple[str, ...]] = ("X-Hub-Signature",)
    sends_forms: ClassVar[bool] = True
    form_field: ClassVar[str | None] = "payload"

    def announce(self, event_type: str) -> dict[str, str]:
        """Return X-GitHub-Event."""
        return {"X-GitHub-Event": event_type}

    def headers_for(
        self,
        body: bytes,
        secrets: Sequence[str],
        *,
        id: str,  # noqa: A002 - the word of every provider
        timestamp: int,
        url: str,
    ) -> dict[str, str]:
        """Return the headers that GitHub sends, the SHA-1 signature among them."""
        headers = super().headers_for(
            body, secrets, id=id, timestamp=timestamp, url=url
        )
        sha1 = hmac_hex(self._key(secrets[0]), body, "sha1")
        headers["X-Hub-Signature"] = f"sha1={sha1}"
        return headers


class Shopify(Scheme):
    """`X-Shopify-Hmac-Sha256: <base64>`, signed with the app's client secret.

    Source: shopify.dev, "Deliver webhooks through HTTPS".
    """

    name: ClassVar[str] = "shopify"
    covers: ClassVar[str] = (
        "The body is signed. X-Shopify-Webhook-Id and the other headers are not."
    )
    signature_header: ClassVar[str] = "X-Shopify-Hmac-Sha256"
    id_header: ClassVar[str | None] = "X-Shopify-Webhook-Id"
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{43}=")
    _wanted: ClassVar[str] = "32 bytes in base64, 44 characters"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 16 bytes in hex."""
        return rng.randbytes(16).hex()

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the topic, with a made-up shop and an API version beside it."""
        return {
            "X-Shopify-Topic": event_type,
            "X-Shopify-Shop-Domain": "webhook-lab.myshopify.com",
            "X-Shopify-API-Version": "2026-07",
        }

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_base64(key, body)
