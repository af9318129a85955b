"""Any HMAC layout, from a description in a few words.

    header=X-Acme-Signature value=t={t},v1={mac} signed={t}.{body}

Most providers sign with an HMAC, and differ only in what they sign and how they write
it. So their schemes are descriptions, and a user can describe one that the kit does not
know.
"""

import base64
import dataclasses
import hashlib
import hmac
import random
import re
import shlex
import urllib.parse
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from labkit.arguments import check_fields
from labkit.errors import BadSecret, BadSetting, SignatureMalformed
from labkit.signing import keypairs
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, KeyForm, Layout, Unit, as_bytes
from labkit.signing.scheme import Scheme, checked_time, header

_PLAIN = "plain-"
_SIZES = {"sha1": 20, "sha256": 32, "sha512": 64}
_SIZES |= {_PLAIN + name: _SIZES[name] for name in ("sha1", "sha256")}
_UNITS = {"s": Unit.SECONDS, "ms": Unit.MILLISECONDS, "iso": Unit.ISO}
_KEYS = {"text": KeyForm.TEXT, "base64": KeyForm.BASE64, "hex": KeyForm.HEX}
_FIELD = re.compile(r"\{([^{}]*)\}")
_LABEL = re.compile(r"[^,; ]*$")
_WORDS = {
    "id": "id",
    "t": "time",
    "method": "method",
    "url": "URL",
    "path": "path",
    "target": "path and query",
    "body": "body",
    "body_sha256": "body",
    "body_crc32": "body",
}
ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "HEX": lambda mac: mac.hex().upper(),
    "base64": lambda mac: base64.b64encode(mac).decode(),
    "base64url": lambda mac: base64.urlsafe_b64encode(mac).decode().rstrip("="),
    "percent": lambda mac: urllib.parse.quote(base64.b64encode(mac).decode(), safe=""),
}
_ALPHABETS = {
    "hex": "[0-9a-f]",
    "HEX": "[0-9A-F]",
    "base64": "[0-9A-Za-z+/=]",
    "base64url": "[0-9A-Za-z_-]",
    "percent": "[0-9A-Za-z%]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """An HMAC layout.

    `header` is the signature header and `value` its content: `{mac}` at the end is the
    signature, `{t}` is the time if it is in the same header. `signed` is what is
    signed, with the fields `{body}`, `{body_sha256}` (in hex) or `{body_crc32}` (in
    decimal), `{t}`, `{id}`, `{url}`, `{path}`, `{target}` (the path and the query) and
    `{method}`. `digest` is that of the HMAC: sha256, sha1 or sha512. With plain-sha1 or
    plain-sha256 the signature is no HMAC but the hash of what is signed, followed by
    the secret. Or `digest` is the algorithm of a key pair: ed25519, ecdsa-sha256,
    rsa-sha256, rsa-sha256-twice (which signs the SHA-256 of the content), rsa-sha512 or
    rsa-pss-sha512. `encoding` is hex, HEX, base64, base64url (without padding), or
    percent: base64 whose signs are escaped as in a URL.

    `time`, `id` and `type` name the headers with the time of the attempt, the id and
    the type of the event. `unit` is s, ms or iso. `key` says what the secret is: text,
    base64 or hex. `tolerance` bounds the age of the time, in seconds; 0 means that the
    provider's libraries check no age. `also` holds further headers, as `Name:value`
    with a semicolon between them.
    `weaker` is a header with an older signature.
    `refusal` is the one status with which a forged request must be rejected, 0 if any
    4xx will do. `handshake` names the provider's check of a new URL. `source` says
    where the provider describes this.

    Raises BadSetting for a description that makes no scheme.
    """

    header: str
    value: str = "{mac}"
    signed: str = "{body}"
    digest: str = "sha256"
    encoding: str = "hex"
    time: str = ""
    unit: str = "s"
    id: str = ""
    type: str = ""
    key: str = "text"
    tolerance: float = 0.0
    also: str = ""
    weaker: str = ""
    refusal: int = 0
    handshake: str = ""
    name: str = "described"
    source: str = ""

    def __post_init__(self) -> None:
        check_fields(self, "a scheme")
        for setting, value, known in (
            ("digest", self.digest, [*_SIZES, *keypairs.SIZES]),
            ("encoding", self.encoding, ENCODINGS),
            ("unit", self.unit, _UNITS),
            ("key", self.key, _KEYS),
        ):
            if value not in known:
                raise BadSetting(
                    f"a scheme's {setting} is {value!r}; give one of {', '.join(known)}"
                )
        fields = _FIELD.findall(self.signed)
        if unknown := [field for field in fields if field not in _WORDS]:
            raise BadSetting(
                f"{{{unknown[0]}}} can't be signed; the fields are "
                f"{', '.join(f'{{{field}}}' for field in sorted(_WORDS))}"
            )
        if sum(field.startswith("body") for field in fields) != 1:
            raise BadSetting(
                f"signed={self.signed!r} must contain {{body}}, {{body_sha256}} or "
                "{body_crc32} once"
            )
        if not self.value.endswith("{mac}") or self.value.count("{mac}") != 1:
            raise BadSetting(f"value={self.value!r} must end with {{mac}}")
        if _FIELD.findall(self.value)[:-1] not in ([], ["t"]):
            raise BadSetting(f"value={self.value!r} may contain only {{t}} and {{mac}}")
        if ("t" in fields) != bool(self.time or "{t}" in self.value):
            raise BadSetting(
                "a time is signed and sent, or neither: name its header with time=, or "
                "put {t} into value=, and put {t} into signed="
            )
        if "id" in fields and not self.id:
            raise BadSetting("the id is signed; name its header with id=")


class Described(Scheme):
    """A scheme made from a `Description`, which each subclass has."""

    description: ClassVar[Description]
    # What precedes the label of the signature in its header: `t={t},` or nothing.
    _start: ClassVar[str]

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it has the form that the description names."""
        super().check_secret(secret)
        self._decode(secret)

    def make_secret(self, rng: random.Random) -> str:
        """Make up 32 bytes, in base64 where the scheme decodes it, or else in hex."""
        key = rng.randbytes(32)
        if self.key_form is KeyForm.BASE64:
            return base64.b64encode(key).decode()
        return key.hex()

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the header that names the type, and the further ones, if any."""
        also = (part.partition(":") for part in self.description.also.split(";"))
        pairs = {self.description.type: event_type}
        pairs |= {name: value for name, _, value in also}
        return {name: value for name, value in pairs.items() if name}

    def _decode(self, secret: str) -> bytes:
        if self.key_form is KeyForm.TEXT:
            return secret.encode()
        try:
            if self.key_form is KeyForm.HEX:
                return bytes.fromhex(secret)
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError as error:
            raise BadSecret(
                f"the {self.name} secret is not {self.description.key} ({error}); "
                "copy it whole"
            ) from None

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        mac = self._mac(key, self._content(body, event_id, t, url))
        return self.label + ENCODINGS[self.description.encoding](mac)

    def _content(self, body: bytes, event_id: str, t: str, url: str) -> bytes:
        if self.signs_url and not url:
            raise BadSetting(
                f"{self.name} signs the URL, and none is given; give the one that is "
                "configured at the provider"
            )
        return content_of(self.description.signed, body=body, id=event_id, t=t, url=url)

    def _mac(self, key: bytes, content: bytes) -> bytes:
        digest = self.description.digest
        if digest.startswith(_PLAIN):
            name = digest.removeprefix(_PLAIN)
            return hashlib.new(name, content + key, usedforsecurity=False).digest()
        return hmac.digest(key, content, digest)

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        headers = super()._write(signatures, event_id, t)
        start = self._start.replace("{t}", t)
        headers[self.signature_header] = start + self.separator.join(signatures)
        return headers

    def _read(self, headers: Mapping[str, str]) -> Claim:
        event_id = header(headers, self.id_header or "") if self.signs_id else ""
        if not self._start:
            claim = super()._read(headers)
            return dataclasses.replace(claim, id=event_id)
        name = self.signature_header
        shown = header(headers, name)
        if "{t}" not in self._start:
            parts = [part.strip() for part in shown.split(",")]
            macs = [part for part in parts if self._shape.fullmatch(part)]
            value = header(headers, self.timestamp_header or name)
            if not macs:
                raise SignatureMalformed(name, shown, self._wanted)
            t = checked_time(self.timestamp_header or name, value, self.unit)
            return Claim(name, shown, macs, event_id, t)
        time, separator = self._start.split("{t}")
        parts = [part.strip() for part in shown.split(separator.strip())]
        times = [part.removeprefix(time) for part in parts if part.startswith(time)]
        macs = [part for part in parts if self._shape.fullmatch(part)]
        if not times or not macs:
            raise SignatureMalformed(name, shown, self._wanted)
        t = checked_time(name, times[0], self.unit)
        return Claim(name, shown, macs, event_id, t)


class DescribedKeyPair(KeyPair, Described):
    """A described scheme with a private and a public key."""

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content = self._content(body, claim.id, claim.timestamp, url)
        encoding = self.description.encoding
        found = (given.removeprefix(self.label) for given in claim.signatures)
        macs = (_decoded(text, encoding) for text in found)
        return any(self._is_mac(key, mac, content) for mac in macs)


def _decoded(text: str, encoding: str) -> bytes:
    try:
        if encoding in ("hex", "HEX"):
            return bytes.fromhex(text)
        if encoding == "percent":
            return base64.b64decode(urllib.parse.unquote(text), validate=True)
        altchars = b"-_" if encoding == "base64url" else None
        padding = "=" * (-len(text) % 4) if altchars else ""
        return base64.b64decode(text + padding, altchars=altchars, validate=True)
    except ValueError:
        return b""


def content_of(
    signed: str,
    *,
    body: bytes,
    id: str,  # noqa: A002 - the word of every provider
    t: str,
    url: str,
) -> bytes:
    """Return the bytes that are signed, by a template such as `{t}.{body}`."""
    parts = urllib.parse.urlsplit(url)
    path = parts.path or "/"
    values = {
        "body": body,
        "body_sha256": hashlib.sha256(body).hexdigest().encode(),
        "body_crc32": str(zlib.crc32(body)).encode(),
        "t": as_bytes(t),
        "id": as_bytes(id),
        "url": as_bytes(url),
        "path": as_bytes(path),
        "target": as_bytes(f"{path}?{parts.query}" if parts.query else path),
        "method": b"POST",
    }
    # The odd places of the split are the names of the fields.
    return b"".join(
        values[part] if place % 2 else part.encode()
        for place, part in enumerate(_FIELD.split(signed))
    )


def described(
    description: Description, facts: Mapping[str, object] = MappingProxyType({})
) -> Scheme:
    """Return the scheme of a description, with facts that no description can state."""
    fields = _FIELD.findall(description.signed)
    before = description.value.removesuffix("{mac}")
    found = _LABEL.search(before)
    label = found[0] if found else ""
    start = before.removesuffix(label)
    signed = _listed(list(dict.fromkeys(_WORDS[field] for field in fields)))
    front, body, back = description.signed.partition("{body}")
    # The inspector looks for mistakes in what is an HMAC-SHA256 of a text and the body.
    plain = body and not back and not {"path", "target"} & set(fields)
    plain = plain and description.digest == "sha256" and description.key != "hex"
    pair = description.digest in keypairs.SIZES
    known = keypairs.SIZES if pair else {n: (s, s) for n, s in _SIZES.items()}
    least, most = (
        len(ENCODINGS[description.encoding](bytes(size)))
        for size in known[description.digest]
    )
    if description.encoding == "percent":
        most *= 3  # as if every sign were escaped
    size = f"{least}" if least == most else f"{least},{most}"
    alphabet = _ALPHABETS[description.encoding]
    kind = type(
        f"Described{description.name.title().replace('-', '')}",
        (DescribedKeyPair if pair else Described,),
        {
            "__doc__": f"{description.name}: {description.signed}.",
            "description": description,
            "name": description.name,
            "covers": f"Signed: {signed}. Nothing else is signed.",
            "signed": signed,
            "signs_id": "id" in fields,
            "signs_url": bool({"url", "path", "target"} & set(fields)),
            "signs_host": "url" in fields,
            "signature_header": description.header,
            "id_header": description.id or None,
            "timestamp_header": description.time
            or (description.header if start else None),
            "renewed_per_attempt": "t" in fields,
            "unit": _UNITS[description.unit],
            "label": label,
            "separator": start.partition("{t}")[2] or " ",
            "layout": Layout(signed, front.replace("{method}", "POST"))
            if plain
            else None,
            "pair": description.digest,
            "key_form": KeyForm.KEY_PAIR if pair else _KEYS[description.key],
            "weaker_headers": tuple(filter(None, [description.weaker])),
            "refusal": description.refusal or None,
            "tolerance": description.tolerance or None,
            "handshake": description.handshake,
            "_start": start,
            "_shape": re.compile(re.escape(label) + f"{alphabet}{{{size}}}"),
            "_wanted": f"{description.value} with {size} characters of "
            f"{description.encoding}",
            **facts,
        },
    )
    scheme: Scheme = kind()
    return scheme


def read(text: str, *, name: str = "described") -> Description:
    """Return the description in a text such as `header=X-Signature encoding=base64`.

    Settings are separated by spaces; one that contains a space is put in quotation
    marks. Raises BadSetting for a setting that does not exist.
    """
    known = {field.name: field.type for field in dataclasses.fields(Description)}
    settings: dict[str, str] = {"name": name}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise BadSetting(f"the scheme {text!r} can't be read ({error})") from None
    for word in words:
        setting, equals, value = word.partition("=")
        if not equals or setting not in known:
            raise BadSetting(
                f"{word!r} does not describe a scheme; the settings are "
                f"{', '.join(known)}"
            )
        settings[setting] = value
    if not settings.get("header"):
        raise BadSetting("a scheme needs header=, the name of the signature header")
    numbers = {"tolerance": float, "refusal": int}
    try:
        return Description(
            **{k: numbers.get(k, str)(value) for k, value in settings.items()}
        )
    except ValueError as error:
        raise BadSetting(f"a number in {text!r} can't be read ({error})") from None


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
