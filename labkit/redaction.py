"""Keep secrets out of everything that is shown, logged, exported or handed in.

This is the only place that decides what a secret is. There are two kinds: values whose
*name* says so (a header `Authorization`, a field `?token=…`), and the *known* secrets,
which are found wherever they occur and however they are encoded.
"""

import base64
import binascii
import functools
import os
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping

from labkit.model import Request

HIDDEN = "(redacted)"
"""What is shown instead of a secret."""

REDACTED = (
    *("authorization", "proxy-authorization", "x-forwarded-authorization"),
    *("cookie", "set-cookie"),
)
"""Headers whose values an inbox never keeps: on a hub they are the learner's login."""

SHORTEST = 6
"""A shorter secret is not searched for: it would be found in harmless words."""

_SHORTEST_PART = 8
"""A shorter piece of an encoded secret may occur by chance."""

_SECRET_NAME = re.compile(
    r"token|secret|password|passwd|credential|authorization|api[-_]?key"
    r"|access[-_]?key|private[-_]?key|xsrf|csrf|^key$|^(x-)?auth$|^pwd$|^jwt$",
    re.IGNORECASE,
)
_FIELD = re.compile(r"(?P<name>[^?&;#=\s\"'<>]+)=(?P<value>[^?&;#\s\"'<>]*)")
_LOGIN = re.compile(r"(?<=://)(?P<user>[^/@:\s]*):[^/@\s]+(?=@)")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]{0,11}[_-](?=.)")
_HEX = b"([0-9A-Fa-f]{2})"
_ESCAPE = re.compile(
    b"%(?:25)*"
    + _HEX
    + rb"|\\+u([Dd][89ABab]..)\\+u([Dd][C-Fc-f]..)|\\+u([0-9A-Fa-f]{4})"
    + rb"|\\+x"
    + _HEX
    + rb"|&#[xX]0*([0-9A-Fa-f]{1,5});|&#0*([0-9]{1,6});"
    + rb"|\\+([/\"'])|&(amp|lt|gt|quot);"
)
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"'}


def names_secret(name: str) -> bool:
    """Whether a header or a field of that name holds a secret."""
    return name.lower() in REDACTED or bool(_SECRET_NAME.search(name))


def without_fields(text: str) -> str:
    """Return a URL, or a text with URLs in it, with the values of secret fields hidden.

    Behind a Jupyter server a URL may hold the learner's login: `?token=…`. A URL inside
    a field's value counts too.
    """
    return _FIELD.sub(_shown_field, _LOGIN.sub(rf"\g<user>:{HIDDEN}", text))


def shown_header(name: str, value: str) -> str:
    """Return a header's value as it may be shown."""
    return HIDDEN if value and names_secret(name) else without_fields(value)


class Redaction:
    """Hides secret headers and fields, and the known secrets wherever they occur.

    A secret is found as it is, without its prefix or padding, as the key that it
    encodes, and each of these in hex, base64 and UTF-16, percent-encoded, and with the
    escapes of JSON and HTML.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        raw = {form for secret in known for form in _raw_forms(secret)}
        encoded = {text.encode() for form in raw for text in _encodings(form)}
        wide = {
            form.decode().encode(utf_16)
            for form in raw
            if form.isascii()
            for utf_16 in ("utf-16-le", "utf-16-be")
        }
        # The longest first: one may be a part of another.
        self._needles = sorted(
            raw | encoded | wide, key=lambda each: (-len(each), each)
        )
        # A secret may itself look as if it were escaped.
        self._plain = {
            needle: (needle, _ESCAPE.sub(_unescaped, needle))
            for needle in self._needles
            if needle not in wide
        }
        self._patterns: dict[bytes, re.Pattern[bytes]] = {}

    def body(self, body: bytes) -> bytes:
        """Return the bytes with every known secret hidden."""
        if not self._needles:
            return body
        for needle in self._needles:
            body = body.replace(needle, HIDDEN.encode())
        # To find them escaped takes long, so it is done only for those that are there,
        # and for the longer ones of which they are a part.
        plain = _ESCAPE.sub(_unescaped, body)
        if len(plain) == len(body):
            return body
        found = {form for forms in self._plain.values() for form in forms}
        found = {form for form in found if form in plain}
        for needle, forms in self._plain.items():
            if any(part in form for part in found for form in forms):
                body = self._pattern(needle).sub(HIDDEN.encode(), body)
        return body

    def _pattern(self, needle: bytes) -> re.Pattern[bytes]:
        """Return what finds a secret escaped; to compile it takes milliseconds."""
        if needle not in self._patterns:
            self._patterns[needle] = re.compile(_escaped(needle))
        return self._patterns[needle]

    def text(self, text: str) -> str:
        """Return the text with every known secret hidden."""
        if not self._needles:
            return text
        return self.body(text.encode("utf-8", "surrogatepass")).decode(
            "utf-8", "surrogatepass"
        )

    def line(self, text: str) -> str:
        """Return a line of a log, or a message, with secret fields hidden as well."""
        return self.text(without_fields(text))

    def header(self, name: str, value: str) -> tuple[str, str]:
        """Return a header as it may be shown."""
        return self.text(name), self.text(shown_header(name, value))

    def request(self, request: Request) -> Request:
        """Return the request as it may be shown."""
        return Request(
            self.text(request.method),
            self.line(request.path),
            tuple(self.header(name, value) for name, value in request.headers),
            self.body(request.body),
        )


def of_this_process(environ: Mapping[str, str] = os.environ) -> Redaction:
    """Return a redaction of the secrets in the environment variables."""
    return _of(
        frozenset(
            value
            for name, value in environ.items()
            if len(value) >= _SHORTEST_PART and names_secret(name)
        )
    )


@functools.lru_cache(maxsize=4)
def _of(secrets: frozenset[str]) -> Redaction:
    return Redaction(secrets)


def _shown_field(field: re.Match[str]) -> str:
    name, value = field["name"], field["value"]
    if value and names_secret(urllib.parse.unquote_plus(name).rpartition("/")[2]):
        return f"{name}={HIDDEN}"
    inner = urllib.parse.unquote_plus(value)
    return (
        f"{name}={HIDDEN}"
        if inner != value and without_fields(inner) != inner
        else field[0]
    )


def _raw_forms(secret: str) -> Iterator[bytes]:
    """Yield the secret, the same without its prefix, and the key that it encodes."""
    yield secret.encode("utf-8", "surrogatepass")
    bare = _PREFIX.sub("", secret, count=1)
    for text in {secret, bare, secret.rstrip("="), bare.rstrip("=")}:
        if len(text) >= _SHORTEST_PART:
            yield text.encode("utf-8", "surrogatepass")
        for key in _keys(text):
            if len(key) >= _SHORTEST_PART:
                yield key


def _keys(text: str) -> Iterator[bytes]:
    """Yield the bytes that a text may stand for in base64 or in hex."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        if len(plain) >= 2 * _SHORTEST_PART:
            yield base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
            yield bytes.fromhex(text)
    except (binascii.Error, ValueError):
        return


def _encodings(form: bytes) -> Iterator[str]:
    """Yield a secret in hex and base64, also as a part of something longer."""
    yield form.hex()
    yield form.hex().upper()
    for before in range(3):
        # The characters at both ends also depend on what is next to the secret.
        text = base64.b64encode(b"\0" * before + form).decode()
        padded = text[(0, 2, 3)[before] :]
        cut = padded.rstrip("=")
        inner = cut if cut == padded else cut[:-1]
        for each in (padded, cut, inner):
            if len(each) >= _SHORTEST_PART:
                yield each
                yield each.replace("+", "-").replace("/", "_")


def _unescaped(found: re.Match[bytes]) -> bytes:
    percent, high, low, unit, byte, hexadecimal, decimal, quoted, name = found.groups()
    if code := percent or byte:
        return bytes.fromhex(code.decode())
    if high:
        pair = bytes.fromhex((high + low).decode()) if _is_hex(high + low) else b""
        return pair.decode("utf-16-be", "replace").encode()
    if unit or hexadecimal:
        return _utf_8(int(unit or hexadecimal, 16))
    return _utf_8(int(decimal)) if decimal else quoted or _NAMED[name]


def _is_hex(text: bytes) -> bool:
    return all(sign in b"0123456789abcdefABCDEF" for sign in text)


def _utf_8(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b"?"


def _escaped(needle: bytes) -> bytes:
    """Return a pattern that finds the bytes with any of them escaped."""
    try:
        text = needle.decode()
    except UnicodeDecodeError:
        return b"".join(_ways(bytes([byte])) for byte in needle)
    return b"".join(_ways(character.encode()) for character in text)


@functools.cache
def _ways(own: bytes) -> bytes:
    """Return a pattern for one character: itself, and every escape of it."""
    ways = [re.escape(own)]
    ways += [
        b"".join(escape % byte for byte in own)
        for escape in (rb"%%(?:25)*(?i:%02x)", rb"\\+x(?i:%02x)")
    ]
    character = own.decode("utf-8", "replace")
    units = character.encode("utf-16-be")
    ways.append(
        b"".join(
            rb"\\+u(?i:%02x%02x)" % (units[at], units[at + 1])
            for at in range(0, len(units), 2)
        )
    )
    ways.append(rb"&#(?:0*%d|[xX]0*(?i:%x));" % (ord(character), ord(character)))
    if own in b"/\"\\'":
        ways.append(rb"\\+" + re.escape(own))
    ways += [b"&" + name + b";" for name, sign in _NAMED.items() if sign == own]
    return b"(?:" + b"|".join(ways) + b")"
