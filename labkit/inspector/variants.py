"""What else a sender may have signed: other bytes, another form of the secret.

A signature that does not fit says nothing of why. So the likely mistakes are made here
one by one, and the one whose signature is the given one is the reason. No mistake is
tried first, then one, then two at once.
"""

import base64
import binascii
import hmac
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from labkit.signing import SCHEMES, Layout, Scheme

LIMIT = 30_000_000
"""How many bytes are hashed for one request before the search is given up."""

_DIGESTS = ("sha256", "sha1", "sha512")
_LABEL = re.compile(r"[A-Za-z]\w{0,9}=(?=[^=])")


@dataclass(frozen=True, slots=True)
class Choice:
    """One possibility of what was signed, or how.

    `words` complete a sentence; `reason` names the mistake, and is empty for the form
    that the scheme asks for. `content` are the bytes that it stands for.
    """

    words: str
    content: bytes
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """How the given signature came about."""

    body: Choice
    key: Choice
    layout: Choice
    digest: str

    @property
    def reason(self) -> str:
        """The mistakes in a few words; empty where there is none."""
        digest = f"{self.digest} in place of sha256" if self.digest != "sha256" else ""
        parts = (self.body.reason, self.key.reason, self.layout.reason, digest)
        return ", ".join(filter(None, parts))


def search(
    given: set[bytes],
    *,
    bodies: list[Choice],
    keys: list[Choice],
    layouts: list[Choice],
) -> Match | None:
    """Return the match with the fewest mistakes, or None.

    The first of each list is what the scheme asks for. A layout's content stands in
    front of the body.
    """
    hashed = 0
    axes: tuple[list[Choice], ...] = (
        bodies, keys, layouts, [Choice(name, b"") for name in _DIGESTS]
    )  # fmt: skip
    for mistakes in range(3):
        for wrong in itertools.combinations(range(len(axes)), mistakes):
            ways = [
                axis[1:] if place in wrong else axis[:1]
                for place, axis in enumerate(axes)
            ]
            for body, key, layout, digest in itertools.product(*ways):
                content = layout.content + body.content
                hashed += len(content)
                if hashed > LIMIT:
                    return None
                if hmac.digest(key.content, content, digest.words) in given:
                    return Match(body, key, layout, digest.words)
    return None


def signatures_in(value: str) -> set[bytes]:
    """Return every digest that a header's value may hold, in hex or base64."""
    found = set()
    for token in re.split(r"[,;\s]+", value):
        bare = _LABEL.sub("", token, count=1)
        for decode in (binascii.unhexlify, _from_base64):
            try:
                found.add(decode(bare))
            except ValueError:
                continue
    # A short word such as v1 or a time is base64 too, but no digest.
    return {digest for digest in found if len(digest) >= 20}


def keys_of(secret: str, *, decoded: bool) -> list[Choice]:
    """Return the keys that a secret may be taken for, the right one first.

    `decoded` is true where the scheme takes the base64 after `whsec_`.
    """
    bare = secret.removeprefix("whsec_")
    text = Choice("as text", secret.encode(), "secret not decoded" if decoded else "")
    forms = [text]
    if bare != secret:
        forms.append(Choice("as text without whsec_", bare.encode(), "secret cut"))
    for words, decode in (("base64", _from_base64), ("hex", bytes.fromhex)):
        try:
            key = decode(bare)
        except ValueError:
            continue
        right = decoded and words == "base64"
        reason = "" if right else "secret decoded"
        forms.append(Choice(f"decoded from {words}", key, reason))
    forms += [
        Choice("with a line break at its end", secret.encode() + b"\n", "line break"),
        Choice("in its quotation marks", f'"{secret}"'.encode(), "quotation marks"),
        Choice("not at all: the key is empty", b"", "empty secret"),
    ]
    return sorted(forms, key=lambda form: bool(form.reason))


def layouts_for(own: Layout | None, *, id: str, t: str, url: str) -> list[Choice]:  # noqa: A002 - the word of every provider
    """Return what may precede the body: the scheme's own layout, then all others."""
    known = (scheme.layout for scheme in SCHEMES.values())
    layouts = dict.fromkeys(filter(None, (own or Scheme.layout, *known)))
    return [
        Choice(
            layout.words,
            layout.before(id=id, t=t, url=url),
            "other content signed" if place else "",
        )
        for place, layout in enumerate(layouts)
    ]


def bodies_for(body: bytes, others: Iterable[tuple[int, bytes]] = ()) -> list[Choice]:
    """Return the bodies that may have been signed, that which arrived first.

    `others` are the numbers and bodies of other requests.
    """
    found = {body: Choice("", body)}
    for choice in itertools.chain(_reworked(body), _rewritten(body)):
        found.setdefault(choice.content, choice)
    for number, other in others:
        words = f"the body of request {number}"
        found.setdefault(other, Choice(words, other, "changed body"))
    return list(found.values())


def _rewritten(body: bytes) -> Iterator[Choice]:
    """Yield the same JSON as other programs write it."""
    if len(body) > LIMIT // 50:
        return
    try:
        content = json.loads(body)
        for words, style in _STYLES.items():
            text = json.dumps(content, **style)
            yield Choice(words, text.encode(), "re-serialised")
    except (ValueError, RecursionError):
        return


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
        yield f"this JSON written {a}{b}{c}", style


_STYLES = dict(_styles())


def _reworked(body: bytes) -> Iterator[Choice]:
    """Yield the body as it was before a file, a shell or a text decoder changed it."""
    ends = "line ends changed"
    yield Choice("this body without its last line break", body.rstrip(b"\r\n"), ends)
    yield Choice("this body and a line break", body + b"\n", ends)
    lf = body.replace(b"\r\n", b"\n")
    yield Choice("this body with line ends \\n", lf, ends)
    yield Choice("this body with line ends \\r\\n", lf.replace(b"\n", b"\r\n"), ends)
    yield Choice("an empty body", b"", "body not signed")
    text = body.decode("utf-8", "replace").encode()
    yield Choice("this body with its broken characters replaced", text, "decoded")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
