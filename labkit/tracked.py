"""Text and bytes that note how they are compared.

A signature handed to a learner's function as `TrackedText` behaves like any string. It
notes when it, or a piece split, stripped, sliced or encoded off it, is compared by `==`
with something that holds the digest; the comparison that takes the same time for every
input notes nothing. That is how a check finds the leak without reading source code.
"""

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, SupportsIndex

ENOUGH = 8
"""How many characters of the digest a piece must hold to count."""


class Leak:
    """Where comparisons are noted.

    `whole` tells whether pieces of the digest were compared at once; `characters`
    counts comparisons of single characters, which leak when they stop at the first
    difference.
    """

    def __init__(self, *digests: str | bytes) -> None:
        self.whole = False
        self.characters = 0
        self._digests = [_as_bytes(digest) for digest in digests]

    def note(self, left: object, right: object) -> None:
        """Note one comparison by `==` or `!=`."""
        if not isinstance(left, (str, bytes)) or not isinstance(right, (str, bytes)):
            return
        if len(left) == len(right) == 1:
            self.characters += 1
        elif self._holds(_as_bytes(left)) and self._holds(_as_bytes(right)):
            self.whole = True

    def _holds(self, piece: bytes) -> bool:
        return len(piece) >= ENOUGH and any(
            digest[start : start + ENOUGH] in piece
            for digest in self._digests
            for start in (0, len(digest) // 2, len(digest) - ENOUGH)
        )


class TrackedText(str):
    """A string that notes comparisons, and whose pieces do too."""

    __slots__ = ("_leak",)
    _leak: Leak

    def __eq__(self, other: object) -> bool:
        self._leak.note(self, other)
        return str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __iter__(self) -> Iterator[str]:
        return (track(character, self._leak) for character in str.__iter__(self))

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        piece: str = track(str.__getitem__(self, key), self._leak)
        return piece


class TrackedBytes(bytes):
    """Bytes that note comparisons, and whose pieces do too."""

    _leak: Leak

    def __eq__(self, other: object) -> bool:
        self._leak.note(self, other)
        return bytes.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = bytes.__hash__

    def __getitem__(self, key: Any) -> Any:
        return track(bytes.__getitem__(self, key), self._leak)


def track(value: Any, leak: Leak) -> Any:
    """Return the same text or bytes, tracked; in lists and tuples each of them."""
    if type(value) is str:
        text = TrackedText(value)
        text._leak = leak  # noqa: SLF001 - a str can't take it in its constructor
        return text
    if type(value) is bytes:
        raw = TrackedBytes(value)
        raw._leak = leak  # noqa: SLF001 - the same for bytes
        return raw
    if type(value) in (list, tuple):
        return type(value)(track(piece, leak) for piece in value)
    return value


@contextmanager
def tracked_digests(leak: Leak) -> Iterator[None]:
    """Let what `hmac` computes meanwhile be tracked too.

    A signature decoded by `bytes.fromhex` is plain again, but it is then compared with
    a digest.
    """
    kept = (hmac.HMAC.digest, hmac.HMAC.hexdigest, hmac.digest)

    def tracking(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: track(function(*args, **kwargs), leak)

    hmac.HMAC.digest = tracking(kept[0])  # type: ignore[method-assign]  # put back below
    hmac.HMAC.hexdigest = tracking(kept[1])  # type: ignore[method-assign]  # the same
    hmac.digest = tracking(kept[2])  # the same
    try:
        yield
    finally:
        hmac.HMAC.digest, hmac.HMAC.hexdigest, hmac.digest = kept  # type: ignore[method-assign]  # as they were


def _passing_on(kind: type, name: str) -> Callable[..., Any]:
    original = getattr(kind, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return track(original(self, *args, **kwargs), self._leak)

    method.__name__ = name
    return method


_PIECES = (
    "split", "rsplit", "partition", "rpartition", "strip", "lstrip", "rstrip",
    "removeprefix", "removesuffix", "replace", "lower", "upper", "join",
    "__add__", "ljust", "rjust", "zfill", "splitlines", "translate",
)  # fmt: skip

for _name in (*_PIECES, "encode", "casefold", "format", "__str__", "__format__"):
    setattr(TrackedText, _name, _passing_on(str, _name))
for _name in (*_PIECES, "decode", "hex"):
    setattr(TrackedBytes, _name, _passing_on(bytes, _name))


def _as_bytes(value: str | bytes) -> bytes:
    raw = str.encode(value, "utf-8", "replace") if isinstance(value, str) else value
    return bytes.lower(raw)
