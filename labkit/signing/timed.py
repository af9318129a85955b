"""Schemes that sign a time and the body: Stripe, Paddle, Slack, Zoom.

All four are HMAC-SHA256 in hex over the time, a separator and the body; what differs is
the separator and where in the headers the parts are.
"""

import random
import re
import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from labkit.errors import SignatureMalformed
from labkit.signing.parts import Claim, Layout
from labkit.signing.scheme import Scheme, checked_time, header, hmac_hex

_COVERS = "The time of the attempt and the body are signed. The id is in the body."


class Stripe(Scheme):
    """`Stripe-Signature: t=<time>,v1=<hex>`, with one `v1` for each secret.

    The key is the whole secret, its `whsec_` included; one without that prefix is
    taken too, as Stripe's libraries take it. Other kinds of signature, such
    as `v0`, are ignored. Stripe's own libraries refuse only what is too old; this
    refuses the future as well.

    Source: docs.stripe.com/webhooks, "Verify webhook signatures manually".
    """

    name: ClassVar[str] = "stripe"
    covers: ClassVar[str] = _COVERS
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = "Stripe-Signature"
    timestamp_header: ClassVar[str | None] = "Stripe-Signature"
    renewed_per_attempt: ClassVar[bool] = True
    label: ClassVar[str] = "v1="
    layout: ClassVar[Layout | None] = Layout(
        "the time, a full stop and the body", "{t}."
    )
    rotates: ClassVar[bool] = True
    separator: ClassVar[str] = ","
    other_kinds: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"a v0 signature": "v0=" + "0" * 64, "a part of another kind": "kid=7"}
    )
    tolerance: float | None = 300.0

    def make_secret(self, rng: random.Random) -> str:
        """Make up `whsec_` and 32 letters and digits."""
        return "whsec_" + _letters(rng, 32)

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return self.label + hmac_hex(key, f"{t}.".encode() + body)

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        return {self.signature_header: self.separator.join([f"t={t}", *signatures])}

    def _read(self, headers: Mapping[str, str]) -> Claim:
        return _read_parts(headers, self, "t=")


class Paddle(Scheme):
    """`Paddle-Signature: ts=<time>;h1=<hex>`, with one `h1` for each secret.

    Source: developer.paddle.com, "Verify webhook signatures"; the tolerance of 5 s is
    that of Paddle's Python library.
    """

    name: ClassVar[str] = "paddle"
    covers: ClassVar[str] = _COVERS
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = "Paddle-Signature"
    timestamp_header: ClassVar[str | None] = "Paddle-Signature"
    renewed_per_attempt: ClassVar[bool] = True
    label: ClassVar[str] = "h1="
    layout: ClassVar[Layout | None] = Layout("the time, a colon and the body", "{t}:")
    rotates: ClassVar[bool] = True
    separator: ClassVar[str] = ";"
    other_kinds: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"an h0 signature": "h0=" + "0" * 64, "a part of another kind": "kid=7"}
    )
    tolerance: float | None = 5.0

    def make_secret(self, rng: random.Random) -> str:
        """Make up a secret key as Paddle shows it for a notification setting."""
        return f"pdl_ntf_{_letters(rng, 26).lower()}_{_letters(rng, 32)}"

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return self.label + hmac_hex(key, f"{t}:".encode() + body)

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        return {self.signature_header: self.separator.join([f"ts={t}", *signatures])}

    def _read(self, headers: Mapping[str, str]) -> Claim:
        return _read_parts(headers, self, "ts=")


class Slack(Scheme):
    """`X-Slack-Request-Timestamp` and `X-Slack-Signature: v0=<hex>`.

    Source: docs.slack.dev, "Verifying requests from Slack".
    """

    name: ClassVar[str] = "slack"
    legitimate: ClassVar[int] = 250_000  # Slack's own limit
    covers: ClassVar[str] = _COVERS
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = "X-Slack-Signature"
    timestamp_header: ClassVar[str | None] = "X-Slack-Request-Timestamp"
    renewed_per_attempt: ClassVar[bool] = True
    label: ClassVar[str] = "v0="
    layout: ClassVar[Layout | None] = Layout(
        "v0, the time and the body, parted by colons", "v0:{t}:"
    )
    handshake: ClassVar[str] = "slack"
    tolerance: float | None = 300.0
    _shape: ClassVar[re.Pattern[str]] = re.compile("v0=[0-9a-f]{64}")
    _wanted: ClassVar[str] = "v0= and 64 lower-case hex digits"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 16 bytes in hex."""
        return rng.randbytes(16).hex()

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return self.label + hmac_hex(key, f"v0:{t}:".encode() + body)


class Zoom(Slack):
    """Slack's scheme under `x-zm-` names, without a rule for the age.

    Source: developers.zoom.us, "Using webhooks"; `@zoom/rivet` checks no timestamp.
    """

    name: ClassVar[str] = "zoom"
    signature_header: ClassVar[str] = "x-zm-signature"
    timestamp_header: ClassVar[str | None] = "x-zm-request-timestamp"
    handshake: ClassVar[str] = "zoom"
    tolerance: float | None = None


def _read_parts(headers: Mapping[str, str], scheme: Scheme, time: str) -> Claim:
    name, separator, label = scheme.signature_header, scheme.separator, scheme.label
    shown = header(headers, name)
    parts = shown.split(separator)
    times = [part.removeprefix(time) for part in parts if part.startswith(time)]
    signatures = [part for part in parts if part.startswith(label)]
    if not times or not signatures:
        wanted = f"{time}<seconds>{separator}{label}<hex>"
        raise SignatureMalformed(name, shown, wanted)
    return Claim(name, shown, signatures, timestamp=checked_time(name, times[0]))


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits, k=count))
