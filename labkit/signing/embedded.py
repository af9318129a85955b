"""Schemes whose signature is in the body: Mailgun, Adyen, Exact Online.

`sign` returns the parts under names such as `body:signature.token`: the path at which
they are in the JSON. `enclose` puts them there.
"""

import hashlib
import hmac
import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from labkit.errors import BadSecret, SignatureMissing
from labkit.signing.parts import Claim, KeyForm, Layout
from labkit.signing.scheme import Scheme, header, hmac_base64, hmac_hex

IN_BODY = "body:"
"""What the names of parts in the body begin with."""


def with_member(body: bytes, member: bytes) -> bytes:
    """Return JSON with one more member in its object, or in the last of its list."""
    end = body.rindex(b"}")
    comma = b"" if body[:end].rstrip().endswith(b"{") else b","
    return body[:end] + comma + member + body[end:]


class Embedded(Scheme):
    """A scheme whose signature is read from the body."""

    layout: ClassVar[Layout | None] = None
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9a-f]{64}")
    _wanted: ClassVar[str] = "64 lower-case hex digits"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 32 bytes in hex."""
        return rng.randbytes(32).hex()

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        secrets: Sequence[str],
        now: float,
        url: str = "",
    ) -> None:
        """Return if the body is authentic under one of the secrets; raise if not."""
        super().verify(body, self._parts(body), secrets=secrets, now=now, url=url)

    def _parts(self, body: bytes) -> dict[str, str]:
        """Return the parts of the signature that are in the body."""
        raise NotImplementedError


class Mailgun(Embedded):
    """`signature` in the body, with `timestamp`, `token` and `signature`.

    The rest of the body is not signed: anyone who has read one webhook can send any
    event with its signature. So remember each token, and accept it only once.

    Source: documentation.mailgun.com, "Securing webhooks"; its Python library allows an
    age of 900 s.
    """

    name: ClassVar[str] = "mailgun"
    covers: ClassVar[str] = "The time and a token are signed. The event is not."
    signed: ClassVar[str] = "time and token"
    signs_body: ClassVar[bool] = False
    signature_header: ClassVar[str] = IN_BODY + "signature.signature"
    timestamp_header: ClassVar[str | None] = IN_BODY + "signature.timestamp"
    renewed_per_attempt: ClassVar[bool] = True
    tolerance: float | None = 900.0

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Add the member `signature` to the JSON."""
        parts = {
            name.rpartition(".")[2]: value
            for name, value in headers.items()
            if name.startswith(IN_BODY)
        }
        rest = {n: v for n, v in headers.items() if not n.startswith(IN_BODY)}
        if not parts or b"}" not in body:
            return body, rest
        return with_member(body, b'"signature":' + json.dumps(parts).encode()), rest

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_hex(key, f"{t}{_token(event_id, t)}".encode("utf-8", "replace"))

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        return {
            f"{self.timestamp_header}": t,
            IN_BODY + "signature.token": _token(event_id, t),
            self.signature_header: signatures[0],
        }

    def _parts(self, body: bytes) -> dict[str, str]:
        found = _at(body, "signature")
        parts = found if isinstance(found, dict) else {}
        return {IN_BODY + f"signature.{name}": value for name, value in parts.items()}

    def _read(self, headers: Mapping[str, str]) -> Claim:
        claim = super()._read(headers)
        token = header(headers, IN_BODY + "signature.token")
        return Claim(claim.header, claim.shown, [claim.shown], token, claim.timestamp)

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content = f"{claim.timestamp}{claim.id}".encode("utf-8", "replace")
        return same(hmac_hex(key, content), claim.shown)


class Adyen(Embedded):
    """`additionalData.hmacSignature` in the item, over eight of its fields.

    The key is decoded from hex. Amount, reference and success are signed, other fields
    are not.

    Source: docs.adyen.com, "Verify HMAC signatures".
    """

    name: ClassVar[str] = "adyen"
    covers: ClassVar[str] = (
        "Eight fields of the item are signed: the references, the account, the amount, "
        "the type and the success. The others are not."
    )
    signed: ClassVar[str] = "eight fields"
    signs_body: ClassVar[bool] = False
    key_form: ClassVar[KeyForm] = KeyForm.HEX
    signature_header: ClassVar[str] = (
        IN_BODY
        + "notificationItems.0.NotificationRequestItem.additionalData.hmacSignature"
    )
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{43}=")
    _wanted: ClassVar[str] = "32 bytes in base64, 44 characters"

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it is hex."""
        super().check_secret(secret)
        self._decode(secret)

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Put the signature into the item."""
        rest = dict(headers)
        signature = rest.pop(self.signature_header, None)
        item = _item(body)
        if signature is None or item is None:
            return body, rest
        event = json.loads(body)
        item = event["notificationItems"][0]["NotificationRequestItem"]
        item.setdefault("additionalData", {})["hmacSignature"] = signature
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        return text.encode(), rest

    def _decode(self, secret: str) -> bytes:
        try:
            return bytes.fromhex(secret)
        except ValueError as error:
            raise BadSecret(
                f"the {self.name} key is not hex ({error}); copy it whole"
            ) from None

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_base64(key, _eight_fields(_item(body) or {}))

    def _parts(self, body: bytes) -> dict[str, str]:
        more = (_item(body) or {}).get("additionalData")
        found = more.get("hmacSignature") if isinstance(more, dict) else None
        return {self.signature_header: found} if isinstance(found, str) else {}


class ExactOnline(Embedded):
    """`{"Content": …, "HashCode": …}`: the hash is over the raw text of the content.

    Source: developers.exactonline.com, "Webhooks".
    """

    name: ClassVar[str] = "exact"
    covers: ClassVar[str] = "The text of Content is signed."
    signature_header: ClassVar[str] = IN_BODY + "HashCode"
    handshake: ClassVar[str] = "exact"
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-F]{64}")
    _wanted: ClassVar[str] = "64 upper-case hex digits"

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Put the body into Content, and the hash beside it."""
        rest = dict(headers)
        code = rest.pop(self.signature_header, None)
        if code is None:
            return body, rest
        return b'{"Content":%b,"HashCode":%b}' % (body, json.dumps(code).encode()), rest

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_hex(key, body).upper()

    def _parts(self, body: bytes) -> dict[str, str]:
        found = _CONTENT.fullmatch(body)
        return {self.signature_header: found[2].decode()} if found else {}

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        found = _CONTENT.fullmatch(body)
        if found is None:
            raise SignatureMissing(self.signature_header)
        return same(hmac_hex(key, found[1]).upper(), claim.shown)


_CONTENT = re.compile(rb'\s*\{"Content":(.*),"HashCode":"([ -~]*)"\}\s*', re.DOTALL)


def _token(event_id: str, t: str) -> str:
    """Return 50 characters that are new for each attempt."""
    content = f"{event_id} {t}".encode("utf-8", "replace")
    return hashlib.sha256(content).hexdigest()[:50]


def _at(body: bytes, name: str) -> Any:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found.get(name) if isinstance(found, dict) else None


def _item(body: bytes) -> dict[str, Any] | None:
    items = _at(body, "notificationItems")
    first = items[0] if isinstance(items, list) and items else None
    item = first.get("NotificationRequestItem") if isinstance(first, dict) else None
    return item if isinstance(item, dict) else None


def _eight_fields(item: Mapping[str, Any]) -> bytes:
    amount = item.get("amount")
    money = amount if isinstance(amount, dict) else {}
    values = (
        item.get("pspReference"),
        item.get("originalReference"),
        item.get("merchantAccountCode"),
        item.get("merchantReference"),
        money.get("value"),
        money.get("currency"),
        item.get("eventCode"),
        item.get("success"),
    )
    texts = ("" if value is None else str(value) for value in values)
    return ":".join(texts).encode("utf-8", "surrogatepass")


def same(wanted: str, given: str) -> bool:
    """Compare in constant time, whatever the characters."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))
