"""What else a body may have been when it was signed.

Frameworks, gateways and editors rewrite bodies in a few well-known ways: they parse and
serialise JSON, unpack gzip, wrap bytes in base64, or change line ends and encodings.
"""

import base64
import gzip
import itertools
import json
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

LONGEST_JSON = 600_000
"""How many bytes of JSON are serialised again at most."""

LONGEST_IN_ALL_FORMS = 50_000
"""Up to this length the rarer ways to write JSON are tried too, in bytes."""

LONGEST_UNPACKED = 5_000_000
"""How many bytes of a compressed body are unpacked at most."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One possibility of what was signed, or how.

    `words` complete a sentence; `reason` names the mistake, and is empty for the form
    that the scheme asks for. `content` are the bytes that it stands for.
    """

    words: str
    content: bytes
    reason: str = ""


REMEDIES = {
    "re-serialised": (
        "A program in between parsed the JSON and serialised it again, or the sender "
        "sent bytes other than those that it signed. Sign and verify the raw bytes."
    ),
    "line ends changed": (
        "A file, an editor or a shell changed the line breaks. Send the body as "
        "bytes; with curl, use --data-binary."
    ),
    "body not signed": "The sender did not include the body in the signed content.",
    "decoded": (
        "The body is not valid UTF-8 and was decoded before it was signed. Sign "
        "and verify bytes."
    ),
    "changed body": (
        "The body was changed after signing, or the signature was copied from "
        "that request."
    ),
    "compressed body": (
        "Sender and receiver disagree about whether the signature covers the "
        "compressed bytes. Verify the form that the provider documents."
    ),
    "base64 body": (
        "A gateway, such as AWS API Gateway, passes bodies on in base64. Decode it "
        "before you verify (isBase64Encoded)."
    ),
    "form body": (
        "The provider can send the JSON alone or in the form field payload, and "
        "the signature covers the whole body. Choose application/json at the "
        "provider, or verify the raw form."
    ),
    "other encoding": (
        "A program in between decoded the text and encoded it differently. Sign "
        "and verify the raw bytes."
    ),
}
"""What to do about each reason why a body differs."""


def bodies_for(body: bytes, others: Iterable[tuple[int, bytes]] = ()) -> list[Choice]:
    """Return the bodies that may have been signed, that which arrived first.

    `others` are the numbers and bodies of other requests.
    """
    found = {body: Choice("", body)}
    for choice in itertools.chain(_reworked(body), _unwrapped(body), _rewritten(body)):
        found.setdefault(choice.content, choice)
    for number, other in others:
        words = f"the body of request {number}"
        found.setdefault(other, Choice(words, other, "changed body"))
    return list(found.values())


def _rewritten(body: bytes) -> Iterator[Choice]:
    """Yield the same JSON as other programs write it."""
    if len(body) > LONGEST_JSON:
        return
    try:
        content = json.loads(body)
        texts = [("this JSON written ", content)]
        if len(body) <= LONGEST_IN_ALL_FORMS:
            whole = json.loads(body, parse_float=_as_javascript)
            if whole != content or repr(whole) != repr(content):
                texts.append(("this JSON, its 1.0 written as 1 and all ", whole))
        for (front, value), (words, style) in itertools.product(texts, _STYLES.items()):
            text = json.dumps(value, **style)
            yield Choice(front + words, text.encode(), "re-serialised")
            if len(body) > LONGEST_IN_ALL_FORMS:
                continue
            ended = f"{front}{words}, with a line break at its end"
            yield Choice(ended, f"{text}\n".encode(), "re-serialised")
            if "/" in text:
                escaped = text.replace("/", "\\/").encode()
                yield Choice(
                    f"{front}{words}, with \\/ for /", escaped, "re-serialised"
                )
    except (ValueError, RecursionError):
        return


def _as_javascript(text: str) -> float | int:
    """Read a number as JavaScript writes it again: 1.0 is 1."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _styles() -> Iterator[tuple[str, dict[str, Any]]]:
    spaces: dict[str, dict[str, Any]] = {
        "without spaces": {"separators": (",", ":")},
        "with a space after each comma and colon": {"separators": (", ", ": ")},
        "indented by 2": {"indent": 2},
        "indented by 4": {"indent": 4},
    }
    letters = {"": False, ", other letters as \\u escapes": True}
    order = {"": False, ", its keys sorted": True}
    for (a, one), (b, ascii_), (c, sort) in itertools.product(
        spaces.items(), letters.items(), order.items()
    ):
        style = {**one, "ensure_ascii": ascii_, "sort_keys": sort}
        yield f"{a}{b}{c}", style


_STYLES = dict(_styles())


def _reworked(body: bytes) -> Iterator[Choice]:
    """Yield the body as it was before a file, a shell or a text decoder changed it."""
    ends = "line ends changed"
    yield Choice("this body without its last line break", body.rstrip(b"\r\n"), ends)
    yield Choice("this body and a line break", body + b"\n", ends)
    lf = body.replace(b"\r\n", b"\n")
    yield Choice("this body with line breaks \\n", lf, ends)
    yield Choice("this body with line breaks \\r\\n", lf.replace(b"\n", b"\r\n"), ends)
    yield Choice("an empty body", b"", "body not signed")
    text = body.decode("utf-8", "replace")
    words = "this body with its broken characters replaced"
    yield Choice(words, text.encode(), "decoded")
    yield from _encoded(body)


def _encoded(body: bytes) -> Iterator[Choice]:
    """Yield the body in the other encodings in which its text may have been signed."""
    if body.isascii():
        return
    reason = "other encoding"
    as_latin = body.decode("latin-1").encode()
    yield Choice("this body, read as Latin-1 and written as UTF-8", as_latin, reason)
    try:
        text = body.decode()
        in_ascii = text.encode("ascii", "replace")
        yield Choice("this body in ASCII, with ? for the rest", in_ascii, reason)
        dropped = text.encode("ascii", "ignore")
        yield Choice("this body in ASCII, without the rest", dropped, reason)
        yield Choice("this body in Latin-1", text.encode("latin-1"), reason)
    except UnicodeError:
        return


def _unwrapped(body: bytes) -> Iterator[Choice]:
    """Yield what is packed in the body, and the body in a wrapping."""
    if body[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(wbits=31)
        try:
            plain = unpacker.decompress(body, LONGEST_UNPACKED)
        except zlib.error:
            plain = body
        yield Choice("this body unpacked from gzip", plain, "compressed body")
    elif len(body) <= LONGEST_IN_ALL_FORMS:
        # What most programs write: no file name, no time.
        packed = gzip.compress(body, mtime=0)
        yield Choice("this body packed by gzip", packed, "compressed body")
    try:
        plain = base64.b64decode(body.strip(), validate=True)
        yield Choice("this body decoded from base64", plain, "base64 body")
    except ValueError:
        pass
    coded = base64.b64encode(body)
    yield Choice("this body in base64", coded, "base64 body")
    if body.startswith(b"payload="):
        payload = urllib.parse.unquote_to_bytes(
            body[8:].partition(b"&")[0].replace(b"+", b" ")
        )
        yield Choice("the JSON in the form field payload", payload, "form body")
    elif body[:1] in (b"{", b"["):
        form = b"payload=" + urllib.parse.quote_plus(body).encode()
        yield Choice("this body in the form field payload", form, "form body")
