"""Sign what a provider would never sign: with no key, or at a time that is none.

The schemes refuse both, so this file calls their inner parts. It is the only one.
"""
# ruff: noqa: SLF001

import hmac
from collections.abc import Callable, Sequence

from labkit.signing import Scheme
from labkit.signing.tokens import Token

Change = Callable[[str], str]


def forged(
    scheme: Scheme,
    body: bytes,
    *,
    key: bytes,
    id: str,  # noqa: A002 - the word of every provider
    t: str,
    url: str,
    change: Change = lambda digest: digest,
) -> dict[str, str]:
    """Return headers with one signature under `key` at the time `t`, both unchecked.

    `change` makes another digest of the right one; the label before it stays.
    """
    signature = scheme._signature(key, body, id, t, url)
    label, digest = scheme.parted(signature)
    headers = written(scheme, [label + change(digest)], id=id, t=t)
    for name in scheme.weaker_headers:
        # GitHub sends a SHA-1 signature as well, and some receivers read that one.
        headers[name] = "sha1=" + change(hmac.digest(key, body, "sha1").hex())
    return headers


def signature_headers(scheme: Scheme) -> tuple[str, ...]:
    """Return the names of all headers that may hold a signature."""
    return (scheme.signature_header, *scheme.weaker_headers)


def written(
    scheme: Scheme,
    signatures: Sequence[str],
    *,
    id: str,  # noqa: A002 - the word of every provider
    t: str,
) -> dict[str, str]:
    """Return headers that hold these signatures, whatever they are."""
    return scheme._write(list(signatures), id, t)


def key_of(scheme: Scheme, secret: str) -> bytes:
    """Return the key that belongs to a secret."""
    return scheme._key(secret)


def sendable(scheme: Scheme, key: bytes) -> bool:
    """Tell whether a key can be used in a request; a token is itself in a header."""
    if not isinstance(scheme, Token):
        return True
    text = key.decode("latin-1")
    return text.isascii() and text.isprintable() and text == text.strip()


def signature_of(
    scheme: Scheme,
    body: bytes,
    *,
    secret: str,
    id: str,  # noqa: A002 - the word of every provider
    t: str,
    url: str,
) -> str:
    """Return one right signature with its label."""
    return scheme._signature(scheme._key(secret), body, id, t, url)


def altered(digest: str) -> str:
    """Return the digest with one character changed, still of the right form.

    The new one is another letter or digit, not the same in the other case.
    """
    place = len(digest) // 3
    sign = "b" if digest[place].lower() == "a" else "a"
    return digest[:place] + sign + digest[place + 1 :]


def nothing(digest: str) -> str:
    """Return an empty text in the place of a digest."""
    return ""
