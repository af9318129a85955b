"""Watch how a solution compares two signatures, without reading its source.

A signature is handed over as `TrackedText`. A comparison that takes the same time for
every input notes nothing. Four things give a solution away: a given signature meets the
right one in `==` or its like, fewer characters are looked at when the difference comes
sooner, or hash values decide, as in a set. If `compare_digest` is called only for some
wrong signatures, something else has decided about the others.

The digest on the other side is tracked too, so that one of the two is enough.
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
from typing import Any

from labkit.running.tracked import Leak, TrackedBytes, TrackedNumber, TrackedText, track

FEW = 24
"""How many steps two runs may differ by chance, of 32 bytes or 64 hex digits."""


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
