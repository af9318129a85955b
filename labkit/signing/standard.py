"""Standard Webhooks, and Svix, from which it grew: id, time and body are signed."""

import base64
import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from labkit.errors import BadSecret, BadSetting, SignatureMalformed, SignatureMissing
from labkit.signing.scheme import (
    Claim,
    KeyForm,
    Layout,
    Scheme,
    as_bytes,
    checked_time,
    header,
    hmac_base64,
)

_PREFIX = "whsec_"


class Standard(Scheme):
    """`webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64>`.

    The secret is `whsec_` and the key in base64. The specification asks for 24 to 64
    bytes. The libraries take any key that is not empty, without the prefix or the
    padding too, and pass over what is no base64; so does this.

    Several signatures are separated by spaces; those of another kind, such as v1a, are
    passed over. An id with a full stop is refused, because the full stop separates the
    signed fields, and the same content could be read as another id, time and body.

    Source: the specification at standard-webhooks/standard-webhooks.
    """

    name: ClassVar[str] = "standard"
    header_prefixes: ClassVar[tuple[str, str] | None] = ("webhook-", "svix-")
    covers: ClassVar[str] = "The id, the time of the attempt and the body are signed."
    signed: ClassVar[str] = "id, time and body"
    signs_id: ClassVar[bool] = True
    signature_header: ClassVar[str] = "webhook-signature"
    id_header: ClassVar[str | None] = "webhook-id"
    timestamp_header: ClassVar[str | None] = "webhook-timestamp"
    renewed_per_attempt: ClassVar[bool] = True
    label: ClassVar[str] = "v1,"
    layout: ClassVar[Layout | None] = Layout(
        "the id, the time and the body, parted by full stops", "{id}.{t}."
    )
    key_form: ClassVar[KeyForm] = KeyForm.BASE64
    rotates: ClassVar[bool] = True
    other_kinds: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "a v1a signature": "v1a," + "A" * 86 + "==",
            "a signature of version 7": "v7,AAAA",
        }
    )
    tolerance: float | None = 300.0

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless the libraries find a key in it, after `whsec_`."""
        super().check_secret(secret)
        self._decode(secret)

    def make_secret(self, rng: random.Random) -> str:
        """Make up `whsec_` and 32 bytes in base64."""
        return _PREFIX + base64.b64encode(rng.randbytes(32)).decode()

    def _decode(self, secret: str) -> bytes:
        try:
            # As the libraries do: padding that is not needed is passed over.
            key = base64.b64decode(secret.removeprefix(_PREFIX) + "==")
        except ValueError as error:
            raise BadSecret(
                f"the {self.name} secret is not base64 after {_PREFIX} ({error}); "
                "copy it whole"
            ) from None
        if not key:
            raise BadSecret(
                f"the {self.name} secret holds no key after {_PREFIX}; copy it whole"
            )
        return key

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        if not event_id or "." in event_id:
            raise BadSetting(f"the id is {event_id!r}; give one without a full stop")
        return self.label + hmac_base64(key, as_bytes(f"{event_id}.{t}.") + body)

    def _read(self, headers: Mapping[str, str]) -> Claim:
        return _read_family(headers, "webhook")


class Svix(Standard):
    """The same as Standard Webhooks under `svix-` names.

    Like the Svix libraries it also reads `webhook-` names, where the others are absent.

    Source: docs.svix.com, "Verifying webhooks manually".
    """

    name: ClassVar[str] = "svix"
    header_prefixes: ClassVar[tuple[str, str] | None] = ("svix-", "webhook-")
    signature_header: ClassVar[str] = "svix-signature"
    id_header: ClassVar[str | None] = "svix-id"
    timestamp_header: ClassVar[str | None] = "svix-timestamp"

    def _read(self, headers: Mapping[str, str]) -> Claim:
        try:
            return _read_family(headers, "svix")
        except SignatureMissing as missing:
            try:
                return _read_family(headers, "webhook")
            except SignatureMissing:
                raise missing from None


def _read_family(headers: Mapping[str, str], family: str) -> Claim:
    name, id_name, time_name = (
        f"{family}-{part}" for part in ("signature", "id", "timestamp")
    )
    shown = header(headers, name)
    event_id = header(headers, id_name)
    if not event_id or "." in event_id:
        raise SignatureMalformed(id_name, event_id, "an id without a full stop")
    t = checked_time(time_name, header(headers, time_name))
    label = Standard.label
    signatures = [part for part in shown.split(" ") if part.startswith(label)]
    if not signatures:
        raise SignatureMalformed(name, shown, "v1,<base64>, several parted by spaces")
    return Claim(name, shown, signatures, event_id, t)
