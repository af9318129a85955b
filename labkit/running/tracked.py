"""Watch how an answer compares two signatures, without reading its source.

A signature handed over as `TrackedText` behaves like any string. It, and every piece
that is split, sliced, stripped or encoded off it, notes in a `Leak` what it is compared
with. A comparison that takes the same time for every input notes nothing. Four things
give an answer away: a given signature meets the right one in `==` or its like, fewer
characters are looked at when the difference comes sooner, or hash values decide, as in
a set. If `compare_digest` is called only for some wrong signatures, something else has
decided about the others.

What C code makes of a tracked piece is plain again: an f-string, a regular expression's
group. The digest on the other side is tracked too, so that one of the two is enough.
"""

import base64
import binascii
import codecs
import functools
import hmac
import inspect
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, SupportsIndex

ENOUGH = 8
"""How many characters in a row must be compared at once to give a digest away."""

FEW = 24
"""How many steps two runs may differ by chance, of 32 bytes or 64 hex digits."""


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


def in_hex(digest: bytes) -> str:
    """Write a digest as the header of this kit's own scheme."""
    return f"sha256={digest.hex()}"


def compares_at_once(
    answer: object,
    ask: Callable[[str], object],
    digest: bytes,
    header: Callable[[bytes], str] = in_hex,
) -> bool:
    """Whether a given signature meets the right one in `==` or its like.

    `ask` passes the answer a signature header with a wrong digest; `digest` is the
    right one, as bytes; `header` writes a digest as such a header.
    """
    given = bytes(byte ^ 0x88 for byte in digest)
    return _watch(answer, ask, given, digest, header)[0].whole


def compares_hashes(
    answer: object,
    ask: Callable[[str], object],
    digest: bytes,
    header: Callable[[bytes], str] = in_hex,
) -> bool:
    """Whether a signature gets further if its hash value is that of the right one.

    The arguments are those of `compares_at_once`, which must not be true.
    """
    given = bytes(byte ^ 0x88 for byte in digest)
    leak, result = _watch(answer, ask, given, digest, header, collides=True)
    return leak.collided and (leak.whole or result is True)


def stops_early(
    answer: object,
    ask: Callable[[str], object],
    digest: bytes,
    header: Callable[[bytes], str] = in_hex,
) -> bool:
    """Whether fewer characters are looked at when the difference comes sooner.

    The arguments are those of `compares_at_once`.
    """
    sooner = bytes((digest[0] ^ 0x10, *digest[1:]))
    later = bytes((*digest[:-1], digest[-1] ^ 0x01))
    one, other = (
        _watch(answer, ask, each, digest, header)[0] for each in (sooner, later)
    )
    return abs(one.steps - other.steps) > FEW


def compares_only_some(
    answer: object,
    ask: Callable[[str], object],
    digest: bytes,
    header: Callable[[bytes], str] = in_hex,
) -> bool:
    """Whether `compare_digest` is called for some wrong signatures, but not for others.

    The arguments are those of `compares_at_once`.
    """
    wrong = (
        bytes(byte ^ 0x88 for byte in digest),
        bytes((digest[0] ^ 0x10, *digest[1:])),
        bytes((*digest[:-1], digest[-1] ^ 0x01)),
    )
    calls = {_watch(answer, ask, each, digest, header)[0].compared for each in wrong}
    return len(calls) > 1


def _watch(
    answer: object,
    ask: Callable[[str], object],
    given: bytes,
    right: bytes,
    header: Callable[[bytes], str],
    *,
    collides: bool = False,
) -> tuple[Leak, object]:
    leak = Leak(given=given, right=right, collides=collides)
    with watched(answer, leak):
        result = ask(track(header(given), leak))
    return leak, result


@contextmanager
def watched(answer: object, leak: Leak) -> Iterator[None]:
    """Let what is computed and decoded meanwhile be tracked too, in this thread.

    A digest comes tracked out of `hmac`. `bytes.fromhex` and its like would make plain
    bytes of a tracked signature; in the namespace of `answer`, a function, they don't.
    """
    thread = threading.get_ident()

    def tracking(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def spied(*args: Any, **kwargs: Any) -> Any:
            value = function(*args, **kwargs)
            return track(value, leak) if threading.get_ident() == thread else value

        return spied

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def spied(*args: Any, **kwargs: Any) -> Any:
            leak.compared += threading.get_ident() == thread
            return function(*args, **kwargs)

        return spied

    places = (*_MAKERS, *_COMPARERS)
    makers = [(owner, name, getattr(owner, name)) for owner, name in places]
    spying = {maker: tracking(maker) for _, _, maker in makers}
    spying[hmac.compare_digest] = counting(hmac.compare_digest)
    namespace = _namespace_of(answer)
    imported = {
        name: value
        for name, value in namespace.items()
        if inspect.isroutine(value) and value in spying
    }
    builtins = _spying_builtins(leak)
    added = [name for name in builtins if name not in namespace]
    try:
        for owner, name, maker in makers:
            setattr(owner, name, spying[maker])
        namespace.update({name: spying[maker] for name, maker in imported.items()})
        namespace.update({name: builtins[name] for name in added})
        yield
    finally:
        for owner, name, maker in makers:
            setattr(owner, name, maker)
        namespace.update(imported)
        for name in added:
            namespace.pop(name, None)


_MAKERS: tuple[tuple[Any, str], ...] = (
    (hmac.HMAC, "digest"),
    (hmac.HMAC, "hexdigest"),
    (hmac, "digest"),
    (binascii, "unhexlify"),
    (binascii, "a2b_hex"),
    (base64, "b16decode"),
    (codecs, "decode"),
)
"""What makes digests, and bytes of hex digits: its owner and its name there."""

_COMPARERS: tuple[tuple[Any, str], ...] = (
    (hmac, "compare_digest"),
    (secrets, "compare_digest"),
)
"""Where the function that compares in constant time is found."""


def _spying_builtins(leak: Leak) -> dict[str, object]:
    """Return stand-ins for `bytes`, `int` and `type` that keep what is tracked so."""

    class Spying(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, cls.__base__ or object)

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            return track((cls.__base__ or object)(*args, **kwargs), leak)

    class Bytes(bytes, metaclass=Spying):
        @classmethod
        def fromhex(cls, text: str, /) -> Any:
            return track(bytes.fromhex(text), leak)

    class Int(int, metaclass=Spying):
        @classmethod
        def from_bytes(cls, *args: Any, **kwargs: Any) -> Any:
            return track(int.from_bytes(*args, **kwargs), leak)

    def kind_of(*args: Any) -> Any:
        kind = type(*args)
        return shown.get(kind, kind)

    shown: dict[type, type] = {TrackedText: str}
    shown.update(dict.fromkeys((bytes, TrackedBytes), Bytes))
    shown.update(dict.fromkeys((int, TrackedNumber), Int))
    Bytes.__name__ = Bytes.__qualname__ = "bytes"
    Int.__name__ = Int.__qualname__ = "int"
    return {"bytes": Bytes, "int": Int, "type": kind_of}


def _namespace_of(answer: Any) -> dict[str, Any]:
    """Return the globals in which a function was written, or an empty namespace."""
    while isinstance(answer, functools.partial):
        answer = answer.func
    answer = inspect.unwrap(answer)
    function = answer if inspect.isroutine(answer) else type(answer).__call__
    namespace: dict[str, Any] = getattr(function, "__globals__", {})
    return namespace


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
