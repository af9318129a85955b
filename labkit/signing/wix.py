"""Wix: the whole body is a JSON Web Token, with the event as text in a text."""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from labkit.signing import keypairs
from labkit.signing.embedded import IN_BODY, Embedded
from labkit.signing.jwt import b64, from_b64, object_in
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Layout

_PART = "[0-9A-Za-z_-]"


class Wix(KeyPair, Embedded):
    """A token, RS256, whose claim `data` is JSON as text, and in it `data` once more.

    The outer `data` names the app's instance and the type of the event; the inner one
    is the event. The time is `iat`. `verify` takes the public key and accepts no other
    algorithm than RS256, whatever the token says. It checks no age, and not `exp`:
    give a tolerance for that.

    Source: dev.wix.com, "About webhooks", and the package @wix/sdk on npm.
    """

    name: ClassVar[str] = "wix"
    covers: ClassVar[str] = (
        "The whole event and its time are signed, by a private key that only the "
        "sender has. The headers are not."
    )
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = IN_BODY + "signature"
    timestamp_header: ClassVar[str | None] = IN_BODY + "claims.iat"
    renewed_per_attempt: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None
    encloses_as: ClassVar[str] = "text/plain"
    pair: ClassVar[str] = keypairs.RSA_256
    lifetime: ClassVar[int] = 3600
    _shape: ClassVar[re.Pattern[str]] = re.compile(_PART + "{342,683}")
    _wanted: ClassVar[str] = "an RSA signature in base64url"

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Make the token of event, time and signature."""
        rest = {n: v for n, v in headers.items() if not n.startswith(IN_BODY)}
        t = headers.get(f"{self.timestamp_header}")
        mac = headers.get(self.signature_header)
        if t is None or mac is None:
            return body, rest
        return _content(body, t, self.lifetime) + b"." + mac.encode(), rest

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return b64(self._mac(key, _content(body, t, self.lifetime))).decode()

    def _parts(self, body: bytes) -> dict[str, str]:
        parts = body.decode("utf-8", "replace").split(".")
        claims = object_in(parts[1]) if len(parts) == 3 else {}
        if not claims:
            return {}
        return {
            self.signature_header: parts[2],
            f"{self.timestamp_header}": json.dumps(claims.get("iat")),
        }

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content, _, signature = body.rpartition(b".")
        head = object_in(content.partition(b".")[0].decode("utf-8", "replace"))
        mac = from_b64(signature.decode("utf-8", "replace"))
        if head.get("alg") != "RS256" or mac is None:
            return False
        return self._is_mac(key, mac, content)


def _content(body: bytes, t: str, lifetime: int) -> bytes:
    """Return header and claims of the token."""
    times: dict[str, Any] = {"iat": t}
    if t.isascii() and t.isdigit() and len(t) < 16:
        times = {"iat": int(t), "exp": int(t) + lifetime}
    event = {
        "data": body.decode("utf-8", "surrogateescape"),
        "instanceId": "00000000-0000-4000-8000-000000000009",
        "eventType": _type_of(body),
    }
    claims = {"data": json.dumps(event), **times}
    return b".".join(
        b64(json.dumps(part).encode())
        for part in ({"alg": "RS256", "kid": "labkit", "typ": "JWT"}, claims)
    )


@functools.lru_cache(maxsize=64)
def _type_of(body: bytes) -> str:
    """Return the type of an event: the name of its entity, and what happened to it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    fields = found if isinstance(found, dict) else {}
    return f"{fields.get('entityFqdn', 'labkit.event')}_{fields.get('slug', 'created')}"
