"""What every signing scheme shares: the order of the checks and their care.

A scheme says three things of its own: what it signs, how it writes the signature into
headers, and how it reads them back. The rest stands here once, because it is where
verifiers go wrong: an empty key, a comparison that leaks time or dies on a non-ASCII
header, a timestamp that is signed but never checked.
"""

import base64
import functools
import hmac
import random
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from labkit.arguments import (
    check_bytes,
    check_number,
    check_text,
    listed,
    shown,
)
from labkit.errors import (
    BadSecret,
    BadSetting,
    SignatureMalformed,
    SignatureMismatch,
    SignatureMissing,
    TimestampOutOfTolerance,
)
from labkit.signing.parts import Claim, KeyForm, Layout, Unit


class Scheme(ABC):
    """One provider's way to sign a request.

    `name` is the key in `SCHEMES`. `covers` says in a sentence what is signed and what
    is not; `signed` names what is signed in a few words, and `signs_id` and `signs_url`
    say whether the id and the URL belong to it; `signs_host` is false where of the URL
    only the path, or path and query, do. `signature_header`, `id_header` and
    `timestamp_header` name the headers, the last two None where the provider sends
    none. `renewed_per_attempt` is true where the signature covers the time of the
    attempt, so that a retry is signed again.

    `unit` is how the time is written. `signs_body` is false where the secret itself is
    sent, so that the body can be changed.

    `label` precedes each signature in its header, such as `sha256=`; it is empty where
    the header holds the bare signature. `layout` is what is signed, or None where it is
    not an HMAC over a text and the body. `key_form` says what the secret is.

    `rotates` is true where one request may carry the signatures of several secrets,
    with `separator` between them. `other_kinds` then are parts of another kind that the
    provider may add, each with its description; a receiver must ignore them.
    `weaker_headers` are headers with an older signature that nobody should accept.
    `header_prefixes` are the prefix of the scheme's headers and the other one that
    receivers also know, or None. `sends_forms` says that the provider's body
    is, or can be, a form; `form_field` is the one field with the whole event as JSON,
    or None if each value of the event is a field.

    `encloses_as` is the content type of what `enclose` returns, if it is not the
    event's own.

    `handshake` names the provider's check of a new URL, in `HANDSHAKES`. `refusal` is
    the one status with which a receiver must refuse a forged request, or None where any
    4xx will do.

    `legitimate` is a size in bytes that events may have, `largest` the provider's own
    limit if it is larger and published. `signs_compressed` is true where a compressed
    body is signed as it is sent, and false where its content is signed.

    `certificate_header` names what holds the address of the certificate that verifies a
    request, and `certificate_host` the one host where it may be; both are empty where a
    request names none. `confirms_by_url` is true where the receiver confirms a
    subscription by calling an address that it is sent.

    `tolerance` is in seconds and bounds the age of a timestamp both ways; it is None
    where the provider's own library checks no age. `math.inf` switches the check off.
    """

    name: ClassVar[str]
    covers: ClassVar[str]
    signed: ClassVar[str] = "body"
    signs_id: ClassVar[bool] = False
    signs_url: ClassVar[bool] = False
    signs_host: ClassVar[bool] = True
    signature_header: ClassVar[str]
    id_header: ClassVar[str | None] = None
    timestamp_header: ClassVar[str | None] = None
    renewed_per_attempt: ClassVar[bool] = False
    unit: ClassVar[Unit] = Unit.SECONDS
    signs_body: ClassVar[bool] = True
    label: ClassVar[str] = ""
    layout: ClassVar[Layout | None] = Layout("the body alone", "")
    key_form: ClassVar[KeyForm] = KeyForm.TEXT
    rotates: ClassVar[bool] = False
    separator: ClassVar[str] = " "
    other_kinds: ClassVar[Mapping[str, str]] = MappingProxyType({})
    weaker_headers: ClassVar[tuple[str, ...]] = ()
    header_prefixes: ClassVar[tuple[str, str] | None] = None
    sends_forms: ClassVar[bool] = False
    form_field: ClassVar[str | None] = None
    encloses_as: ClassVar[str] = ""
    handshake: ClassVar[str] = ""
    refusal: ClassVar[int | None] = None
    legitimate: ClassVar[int] = 300_000
    largest: ClassVar[int] = 0
    signs_compressed: ClassVar[bool] = False
    certificate_header: ClassVar[str] = ""
    certificate_host: ClassVar[str] = ""
    confirms_by_url: ClassVar[bool] = False
    tolerance: float | None = None

    # What a signature header with one signature looks like, and the same in words.
    _shape: ClassVar[re.Pattern[str]]
    _wanted: ClassVar[str]

    def __init__(self, *, tolerance: float | None = None) -> None:
        if tolerance is None:
            return
        if not self.renewed_per_attempt:
            raise BadSetting(
                f"{self.name} signs no timestamp, so a tolerance can't be kept; "
                "remember the ids that you have seen instead"
            )
        if not isinstance(tolerance, int | float) or not tolerance > 0:
            raise BadSetting(
                f"the tolerance is {tolerance!r} s; give seconds above 0, "
                "or math.inf to switch the check off"
            )
        self.tolerance = tolerance

    def sign(
        self,
        body: bytes,
        *,
        secret: str,
        id: str,  # noqa: A002 - the word of every provider
        timestamp: int,
        url: str = "",
        extra_secrets: Sequence[str] = (),
    ) -> dict[str, str]:
        """Return the headers that make these bytes authentic.

        `timestamp` is the time of the attempt in whole seconds since the Unix epoch; a
        fraction is cut off, because the headers hold none. `url` is the address that is
        called, for the schemes that sign it. During a rotation `extra_secrets` add one
        signature each, after that of `secret`.

        Raises BadSecret for a secret of the wrong form, and BadSetting where the scheme
        can't carry several signatures or needs what was not given.
        """
        check_bytes("the body", body)
        check_text("the id", id)
        check_number("the timestamp", timestamp, least=0)
        secrets = [secret, *listed("extra_secrets", extra_secrets)]
        return self.headers_for(body, secrets, id=id, timestamp=int(timestamp), url=url)

    def headers_for(
        self,
        body: bytes,
        secrets: Sequence[str],
        *,
        id: str,  # noqa: A002 - the word of every provider
        timestamp: int,
        url: str,
    ) -> dict[str, str]:
        """Do what `sign` does, with arguments that have the right types.

        A simulation signs a hundred thousand times what was checked at its start.
        """
        if timestamp < 0:
            check_number("the timestamp", timestamp, least=0)
        if len(secrets) > 1 and not self.rotates:
            raise BadSetting(
                f"a {self.name} request carries one signature, not {len(secrets)}; "
                "rotate by letting the receiver accept both secrets for a while"
            )
        moment = self.unit.write(timestamp)
        signatures = [
            self._signature(self._key(secret), body, id, moment, url)
            for secret in secrets
        ]
        return self.describe(body) | self._write(signatures, id, moment)

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        secrets: Sequence[str],
        now: float,
        url: str = "",
    ) -> None:
        """Return if the request is authentic under one of the secrets; raise if not.

        `headers` may have names in any case. `now` is in seconds since the Unix epoch.
        `url` is the address that the sender called, for the schemes that sign it.

        Raises VerificationError, whatever the bytes and headers are: SignatureMissing,
        SignatureMalformed, SignatureMismatch, or TimestampOutOfTolerance once the
        signature has proved the timestamp to be the sender's. Raises BadSecret where
        no secret is given, or one of the wrong form: that is the receiver's mistake.
        """
        check_bytes("the body", body)
        if not hasattr(headers, "items"):
            raise BadSetting(
                f"headers is {shown(headers)}; give the headers by their names"
            )
        if not isinstance(now, int | float):
            raise BadSetting(f"now is {shown(now)}; give seconds since 1970")
        keys = self._verifying_keys(secrets)
        claim = self._read(headers)
        if not any(self._fits(key, body, claim, url) for key in keys):
            raise SignatureMismatch(claim.header, claim.shown, self.signed)
        if self.tolerance is not None:
            age = now - (self.unit.read(claim.timestamp) or 0.0)
            # Written so that a `now` that is not a number is refused, too.
            if not -self.tolerance <= age <= self.tolerance:
                raise TimestampOutOfTolerance(age, self.tolerance)

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret, with the remedy, if the secret has not the scheme's form."""
        if not isinstance(secret, str):
            raise BadSecret(
                f"the {self.name} secret is {type(secret).__name__}, not text; "
                "is the environment variable set that should hold it?"
            )
        if not secret.strip():
            raise BadSecret(
                f"the {self.name} secret is empty, and with an empty key anybody can "
                "sign; give the secret that the provider shows"
            )
        if secret != secret.strip():
            raise BadSecret(
                f"the {self.name} secret begins or ends with white space; "
                "strip the line break that came with it from its file"
            )
        if not secret.isprintable():
            raise BadSecret(
                f"the {self.name} secret holds a character that can't be printed; "
                "copy it again from the provider"
            )

    @abstractmethod
    def make_secret(self, rng: random.Random) -> str:
        """Make up a valid secret for a lab, the same for the same `rng`."""

    def receiver_secret(self, secret: str) -> str:
        """Return what the receiver is given: the secret, or its public half."""
        self.check_secret(secret)
        return secret

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the provider's headers that name the event type, often none."""
        return {}

    def describe(self, body: bytes) -> dict[str, str]:
        """Return the headers that describe the body, such as its digest; often none."""
        return {}

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, Mapping[str, str]]:
        """Return body and headers of the request, for schemes that sign in the body."""
        return body, headers

    def target(self, url: str, body: bytes) -> str:
        """Return the URL that the provider calls for this body, most often `url`."""
        return url

    def content(self, body: bytes, *, id: str, t: str, url: str) -> bytes | None:  # noqa: A002 - the word of every provider
        """Return what is signed, or None if a text can't be exactly that."""
        if self.layout is None:
            return None
        return self.layout.before(id=id, t=t, url=url) + body

    def parted(self, signature: str) -> tuple[str, str]:
        """Return what precedes the digest of a signature, and the digest."""
        return self.label, signature.removeprefix(self.label)

    @abstractmethod
    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        """Return one signature as the header shows it, with its label if it has one."""

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        headers = {}
        if self.id_header:
            headers[self.id_header] = event_id
        if self.timestamp_header:
            headers[self.timestamp_header] = t
        headers[self.signature_header] = self.separator.join(signatures)
        return headers

    def _read(self, headers: Mapping[str, str]) -> Claim:
        shown = header(headers, self.signature_header)
        if not self._shape.fullmatch(shown):
            raise SignatureMalformed(self.signature_header, shown, self._wanted)
        t = ""
        if self.timestamp_header:
            value = header(headers, self.timestamp_header)
            t = checked_time(self.timestamp_header, value, self.unit)
        return Claim(self.signature_header, shown, [shown], timestamp=t)

    def _key(self, secret: str) -> bytes:
        if not isinstance(secret, str):
            self.check_secret(secret)
        return _checked_key(self, secret)

    def _verifying_key(self, secret: str) -> bytes:
        return self._key(secret)

    def _decode(self, secret: str) -> bytes:
        return secret.encode()

    def _verifying_keys(self, secrets: Sequence[str]) -> list[bytes]:
        if isinstance(secrets, str):
            raise BadSecret(
                "`secrets` is one text, and each of its characters would count as a "
                "secret; give a list: secrets=[secret]"
            )
        secrets = listed("secrets", secrets)
        if not secrets:
            raise BadSecret(
                f"no {self.name} secret is given, so nothing can be verified; "
                "give at least one"
            )
        return [self._verifying_key(secret) for secret in secrets]

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        expected = self._signature(key, body, claim.id, claim.timestamp, url)
        wanted = expected.encode()
        # Compared as bytes: compare_digest raises TypeError on non-ASCII text.
        return any(
            hmac.compare_digest(wanted, given.encode("utf-8", "replace"))
            for given in claim.signatures
        )


@functools.lru_cache(maxsize=256)
def _checked_key(scheme: Scheme, secret: str) -> bytes:
    # A simulation signs with the same secret a hundred thousand times.
    scheme.check_secret(secret)
    return scheme._decode(secret)  # noqa: SLF001


def hmac_hex(key: bytes, content: bytes, digest: str = "sha256") -> str:
    """Return the HMAC in lower-case hex."""
    return hmac.digest(key, content, digest).hex()


def hmac_base64(key: bytes, content: bytes, digest: str = "sha256") -> str:
    """Return the HMAC in base64."""
    return base64.b64encode(hmac.digest(key, content, digest)).decode()


def header(headers: Mapping[str, str], name: str) -> str:
    """Return the first header of that name in any case, or raise SignatureMissing."""
    wanted = name.lower()
    for key, value in headers.items():
        if isinstance(key, str) and key.lower() == wanted:
            if not isinstance(value, str):
                raise SignatureMalformed(name, value, "text")
            return value
    raise SignatureMissing(name)


def checked_time(name: str, value: str, unit: Unit = Unit.SECONDS) -> str:
    """Return `value` if it is a timestamp; `name` is the header that held it."""
    if unit.read(value) is None:
        raise SignatureMalformed(name, value, unit.value)
    return value
