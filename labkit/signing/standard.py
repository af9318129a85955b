"""Standard Webhooks, and Svix, from which it grew: id, time and body are signed."""

import base64
import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from labkit.errors import BadSecret, BadSetting, SignatureMalformed, SignatureMissing
from labkit.signing import keypairs
from labkit.signing.parts import Claim, KeyForm, Layout, as_bytes
from labkit.signing.scheme import Scheme, checked_time, header, hmac_base64

_PREFIX = "whsec_"
_PRIVATE, _PUBLIC = "whsk_", "whpk_"


class Standard(Scheme):
    """`webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64>`.

    The secret is `whsec_` and the key in base64. The specification asks for 24 to 64
    bytes. The libraries take any key that is not empty, without the prefix or the
    padding too, and ignore what is no base64; so does this.

    Several signatures are separated by spaces; those of another kind, such as v1a, are
    ignored. An id with a full stop is refused, because the full stop separates the
    signed fields, and the same content could be read as another id, time and body.

    Source: the specification at standard-webhooks/standard-webhooks.
    """

    name: ClassVar[str] = "standard"
    legitimate: ClassVar[int] = 20_000  # the specification's advice
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
            # As the libraries do: padding that is not needed is ignored.
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
        return self.label + hmac_base64(key, _content(body, event_id, t))

    def _read(self, headers: Mapping[str, str]) -> Claim:
        return _read_family(headers, "webhook")


class Svix(Standard):
    """The same as Standard Webhooks under `svix-` names.

    Like the Svix libraries it also reads `webhook-` names, where the others are absent.

    Source: docs.svix.com, "Verifying webhooks manually".
    """

    name: ClassVar[str] = "svix"
    legitimate: ClassVar[int] = 300_000
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


class GitLabSigned(Standard):
    """GitLab with a signing token: Standard Webhooks, beside GitLab's own headers.

    The id and the time come with every delivery of GitLab 19, the signature only where
    a signing token is set.

    Source: docs.gitlab.com, release notes of 19.0.
    """

    name: ClassVar[str] = "gitlab-signed"
    header_prefixes: ClassVar[tuple[str, str] | None] = None

    def announce(self, event_type: str) -> dict[str, str]:
        """Return X-Gitlab-Event."""
        return {"X-Gitlab-Event": event_type}


class StandardV1a(Standard):
    """Standard Webhooks with Ed25519: `webhook-signature: v1a,<base64>`.

    To sign takes `whsk_` and the base64 of the private and the public key, to verify
    `whpk_` and the base64 of the public key. Needs the package `cryptography`.

    Source: standard-webhooks/standard-webhooks, "Asymmetric"; a test of Svix's server.
    """

    name: ClassVar[str] = "standard-v1a"
    legitimate: ClassVar[int] = 300_000
    label: ClassVar[str] = "v1a,"
    layout: ClassVar[Layout | None] = None
    key_form: ClassVar[KeyForm] = KeyForm.KEY_PAIR
    other_kinds: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"a v1 signature": "v1," + "A" * 43 + "="}
    )

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it is a public key or a key pair."""
        Scheme.check_secret(self, secret)
        self._public(secret)

    def make_secret(self, rng: random.Random) -> str:
        """Make up `whsk_` and a key pair in base64."""
        seed = rng.randbytes(32)
        public = keypairs.public_of(
            base64.b64encode(keypairs.ed25519_private(seed)).decode()
        )
        return _PRIVATE + base64.b64encode(seed + public[-32:]).decode()

    def receiver_secret(self, secret: str) -> str:
        """Return `whpk_` and the public key."""
        self.check_secret(secret)
        return _PUBLIC + base64.b64encode(self._public(secret)).decode()

    def _public(self, secret: str) -> bytes:
        for prefix, size in ((_PRIVATE, 64), (_PUBLIC, 32)):
            if secret.startswith(prefix):
                try:
                    key = base64.b64decode(secret.removeprefix(prefix), validate=True)
                except ValueError:
                    key = b""
                if len(key) == size:
                    return key[-32:]
        raise BadSecret(
            f"a {self.name} key is {_PRIVATE} and 64 bytes in base64, which signs, or "
            f"{_PUBLIC} and 32 bytes, which verifies; copy it whole"
        )

    def _decode(self, secret: str) -> bytes:
        if not secret.startswith(_PRIVATE):
            raise BadSecret(
                f"{_PUBLIC} is a public key, which verifies but can't sign; give the "
                f"private key, {_PRIVATE}"
            )
        return base64.b64decode(secret.removeprefix(_PRIVATE))[:32]

    def _verifying_key(self, secret: str) -> bytes:
        self.check_secret(secret)
        return keypairs.ed25519_public(self._public(secret))

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        private = keypairs.ed25519_private(key)
        content = _content(body, event_id, t)
        signature = keypairs.signed(keypairs.ED25519, private, content)
        return self.label + base64.b64encode(signature).decode()

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content = _content(body, claim.id, claim.timestamp)
        for given in claim.signatures:
            try:
                text = given.removeprefix(self.label)
                signature = base64.b64decode(text, validate=True)
            except ValueError:
                continue
            if keypairs.fits(keypairs.ED25519, key, signature, content):
                return True
        return False

    def _read(self, headers: Mapping[str, str]) -> Claim:
        return _read_family(headers, "webhook", self.label)


def _content(body: bytes, event_id: str, t: str) -> bytes:
    """Return what is signed; raises BadSetting for an id that can't be told from it."""
    if not event_id or "." in event_id:
        raise BadSetting(f"the id is {event_id!r}; give one without a full stop")
    return as_bytes(f"{event_id}.{t}.") + body


def _read_family(
    headers: Mapping[str, str], family: str, label: str = Standard.label
) -> Claim:
    name, id_name, time_name = (
        f"{family}-{part}" for part in ("signature", "id", "timestamp")
    )
    shown = header(headers, name)
    event_id = header(headers, id_name)
    if not event_id or "." in event_id:
        raise SignatureMalformed(id_name, event_id, "an id without a full stop")
    t = checked_time(time_name, header(headers, time_name))
    signatures = [part for part in shown.split(" ") if part.startswith(label)]
    if not signatures:
        wanted = f"{label}<base64>, several parted by spaces"
        raise SignatureMalformed(name, shown, wanted)
    return Claim(name, shown, signatures, event_id, t)
