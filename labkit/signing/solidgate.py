"""Solidgate: the HMAC of the body between two copies of the public key."""

import base64
import random
import re
from collections.abc import Sequence
from typing import ClassVar

from labkit.errors import BadSecret
from labkit.signing.parts import Layout
from labkit.signing.scheme import Scheme, hmac_hex


class Solidgate(Scheme):
    """`merchant` with the public key, and `signature` beside it.

    The signature is the base64 of the hex digits of an HMAC-SHA512, made with the
    secret key over the public key, the body, and the public key again. The secret is
    the public and the secret key with a colon between them.

    Source: docs.solidgate.com, "Webhooks", and the package @solidgate/node-sdk on npm.
    """

    name: ClassVar[str] = "solidgate"
    covers: ClassVar[str] = "The body and the public key are signed. The time is not."
    signature_header: ClassVar[str] = "signature"
    id_header: ClassVar[str | None] = "solidgate-event-id"
    layout: ClassVar[Layout | None] = None
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{171}=")
    _wanted: ClassVar[str] = "128 hex digits in base64, 172 characters"

    def make_secret(self, rng: random.Random) -> str:
        """Make up a public and a secret key."""
        return f"wh_pk_{rng.randbytes(16).hex()}:wh_sk_{rng.randbytes(16).hex()}"

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it consists of two keys."""
        super().check_secret(secret)
        public, _, private = secret.partition(":")
        if not public or not private:
            raise BadSecret(
                f"the {self.name} secret is one key; give the public and the secret "
                "key with a colon between them"
            )

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the header that names the type."""
        return {"solidgate-event-type": event_type}

    def headers_for(
        self,
        body: bytes,
        secrets: Sequence[str],
        *,
        id: str,  # noqa: A002 - the word of every provider
        timestamp: int,
        url: str,
    ) -> dict[str, str]:
        """Return the signature, and the public key beside it."""
        headers = super().headers_for(
            body, secrets, id=id, timestamp=timestamp, url=url
        )
        return {"merchant": secrets[0].partition(":")[0]} | headers

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        public, _, private = key.partition(b":")
        digits = hmac_hex(private, public + body + public, "sha512")
        return base64.b64encode(digits.encode()).decode()
