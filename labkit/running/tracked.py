"""Strings, bytes and numbers that note what they are compared with.

Each behaves like any other. It, and every piece that is split, sliced, stripped or
encoded off it, notes in a `Leak` what it is compared with. What C code makes of a
tracked piece is plain again: an f-string, a regular expression's group.
"""

import base64
import functools
from collections.abc import Callable, Iterator
from typing import Any, SupportsIndex

ENOUGH = 8
"""How many characters in a row must be compared at once to give a digest away."""


class Leak:
    """What was noted about a given signature on its way to a right one.

    `whole` tells whether a piece of the one was compared at once with a piece of the
    other. `steps` counts the characters and bytes that were looked at one by one. If
    it `collides`, the given signature has the hash value of the right one, and
    `collided` tells whether anything asked for it.
    """

    def __init__(self, *, given: bytes, right: bytes, collides: bool = False) -> None:
        self.whole = False
        self.steps = 0
        self.compared = 0
        self.collided = False
        self._swaps = _swaps(given, right) if collides else {}
        self._given = _written(given)
        self._right = _written(right)

    def note(self, left: object, right: object) -> None:
        """Note one comparison that may end at the first difference."""
        one, other = _untracked(left), _untracked(right)
        if min(len(one), len(other)) < ENOUGH:
            self.steps += min(len(one), len(other))
            return
        here, there = _windows(one), _windows(other)
        self.whole |= bool(here & self._given and there & self._right)
        self.whole |= bool(here & self._right and there & self._given)

    def hash_of(self, piece: str | bytes) -> int:
        """Return the hash value of a plain piece, or of the right one in its place."""
        own = hash(piece)
        for given, right in self._swaps.items():
            if isinstance(piece, bytes):
                piece = piece.replace(given, right)
            elif given.isascii() and right.isascii():
                piece = piece.replace(given.decode(), right.decode())
        self.collided |= hash(piece) != own
        return hash(piece)


class TrackedText(str):
    """A string that notes comparisons, and whose pieces do too."""

    _leak: Leak

    def __hash__(self) -> int:
        return self._leak.hash_of(str.__str__(self))

    def __iter__(self) -> Iterator[str]:
        for character in str.__iter__(self):
            self._leak.steps += 1
            yield track(character, self._leak)

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        if not isinstance(key, slice):
            self._leak.steps += 1
        piece: str = track(str.__getitem__(self, key), self._leak)
        return piece

    def __radd__(self, other: str) -> str:
        whole: str = track(str.__add__(other, str.__str__(self)), self._leak)
        return whole


class TrackedBytes(bytes):
    """Bytes that note comparisons, and whose pieces do too."""

    _leak: Leak

    def __hash__(self) -> int:
        return self._leak.hash_of(bytes.__bytes__(self))

    def __iter__(self) -> Iterator[int]:
        for byte in bytes.__iter__(self):
            self._leak.steps += 1
            yield track(byte, self._leak)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            self._leak.steps += 1
        return track(bytes.__getitem__(self, key), self._leak)

    def __radd__(self, other: bytes) -> bytes:
        whole: bytes = track(bytes.__add__(other, bytes.__bytes__(self)), self._leak)
        return whole


class TrackedNumber(int):
    """A byte, or a digest read as a number, that notes comparisons."""

    _leak: Leak

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        self._leak.note(self, other)
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._leak.note(self, other)
        return int.__ne__(self, other)


_TRACKED: dict[type, type] = {str: TrackedText, bytes: TrackedBytes, int: TrackedNumber}


def track(value: Any, leak: Leak) -> Any:
    """Return the same text or bytes, tracked; in lists and tuples each of them."""
    if type(value) in (list, tuple):
        return type(value)(track(piece, leak) for piece in value)
    kind = _TRACKED.get(type(value))
    if kind is None:
        return value
    tracked = kind(value)
    tracked._leak = leak  # noqa: SLF001 - str and bytes can't take it in their constructor
    return tracked


def _passing_on(kind: type, name: str) -> Callable[..., Any]:
    original = getattr(kind, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return track(original(self, *args, **kwargs), self._leak)

    return functools.wraps(original)(method)


def _noting(kind: type, name: str) -> Callable[..., Any]:
    original = getattr(kind, name)

    def method(self: Any, other: Any, *args: Any) -> Any:
        self._leak.note(self, other)
        return original(self, other, *args)

    return functools.wraps(original)(method)


_PIECES = (
    "split", "rsplit", "partition", "rpartition", "strip", "lstrip", "rstrip",
    "removeprefix", "removesuffix", "replace", "lower", "upper", "join", "__add__",
    "ljust", "rjust", "zfill", "splitlines", "translate", "expandtabs", "__mul__",
)  # fmt: skip
_MEETINGS = (
    "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__",
    "startswith", "endswith", "find", "rfind", "index", "rindex", "count",
)  # fmt: skip

for _kind, _plain, _own in (
    (TrackedText, str, ("encode", "casefold", "__str__", "__format__")),
    (TrackedBytes, bytes, ("decode", "hex", "__bytes__")),
):
    for _name in (*_PIECES, *_own):
        setattr(_kind, _name, _passing_on(_plain, _name))
    for _name in _MEETINGS:
        setattr(_kind, _name, _noting(_plain, _name))


def _written(digest: bytes) -> set[bytes]:
    """Return the pieces of a digest as bytes, in hex and in base64."""
    in_base64 = base64.b64encode(digest)
    return _windows(digest) | _windows(digest.hex().encode()) | _windows(in_base64)


def _swaps(given: bytes, right: bytes) -> dict[bytes, bytes]:
    """Map each way to write the one digest to the same way for the other."""
    ways: tuple[Callable[[bytes], bytes], ...] = (
        bytes,
        lambda digest: digest.hex().encode(),
        base64.b64encode,
    )
    return {way(given): way(right) for way in ways}


def _windows(piece: bytes) -> set[bytes]:
    folded = bytes.lower(piece)
    return {folded[at : at + ENOUGH] for at in range(len(folded) - ENOUGH + 1)}


def _untracked(value: object) -> bytes:
    """Return plain bytes, that note nothing, for comparing pieces."""
    if isinstance(value, str):
        return str.encode(value, "utf-8", "replace")
    if isinstance(value, int):
        return int.to_bytes(abs(value), max(1, (value.bit_length() + 7) // 8))
    return bytes.__add__(b"", value) if isinstance(value, bytes) else b""
