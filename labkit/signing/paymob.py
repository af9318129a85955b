"""Paymob: an HMAC over 20 fields of a transaction, in the query of the URL."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from labkit.signing.parts import Layout
from labkit.signing.query import IN_QUERY, from_query
from labkit.signing.scheme import Scheme, hmac_hex

_FIELDS = (
    *("amount_cents", "created_at", "currency", "error_occured"),
    *("has_parent_transaction", "id", "integration_id", "is_3d_secure", "is_auth"),
    *("is_capture", "is_refunded", "is_standalone_payment", "is_voided", "order.id"),
    *("owner", "pending", "source_data.pan", "source_data.sub_type"),
    *("source_data.type", "success"),
)


class Paymob(Scheme):
    """`?hmac=<hex>`, HMAC-SHA512 over the values of 20 fields with nothing in between.

    `true` and `false` are in lower case. The other fields of the transaction are not
    signed, and nothing separates the values: 1 and 23 sign like 12 and 3. Paymob sends
    no id of the event; a refund is a transaction with its own id.

    `sign` returns the signature as `query:hmac`; `into_query` of
    `labkit.signing.query` puts it into a URL. `verify` reads it from `url`.

    Source: developers.paymob.com, "HMAC Transaction Callback".
    """

    name: ClassVar[str] = "paymob"
    covers: ClassVar[str] = (
        "20 fields of the transaction are signed: ids, amount, currency, card, status "
        "and time. The others are not."
    )
    signed: ClassVar[str] = "20 fields"
    signs_body: ClassVar[bool] = False
    signature_header: ClassVar[str] = IN_QUERY + "hmac"
    layout: ClassVar[Layout | None] = None
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9a-f]{128}")
    _wanted: ClassVar[str] = "128 lower-case hex digits"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 16 bytes in upper-case hex, as Paymob's dashboard shows them."""
        return rng.randbytes(16).hex().upper()

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        secrets: Sequence[str],
        now: float,
        url: str = "",
    ) -> None:
        """Return if the 20 fields are authentic under one of the secrets, or raise."""
        name = self.signature_header
        given = from_query(url).get(name)  # names in a query have one case
        parts = headers if given is None else {name: given}
        super().verify(body, parts, secrets=secrets, now=now, url=url)

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_hex(key, _content(body), "sha512")


def _content(body: bytes) -> bytes:
    """Return the values that are signed; those that are missing leave no trace."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    transaction = found.get("obj") if isinstance(found, dict) else None
    texts = (_written(_at(transaction, name)) for name in _FIELDS)
    return "".join(texts).encode("utf-8", "surrogatepass")


def _at(transaction: Any, name: str) -> Any:
    for step in name.split("."):
        transaction = transaction.get(step) if isinstance(transaction, dict) else None
    return transaction


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
