"""Wrong ways to sign: the wrong bytes, the wrong key, or the digest written wrongly.

They are edits of the two lines of `sign`, which 4.2, 4.3 and 4.4 also build on.
"""

from collections.abc import Iterator

from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant, edits
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures.mistakes import STRIPS_SECRET
from labkit.exercises.signers import WRITTEN_AGAIN, Signer


def _mac(key: str = "secret", body: str = "body", name: str = "sha256") -> str:
    return f"hmac.new({key}, {body}, hashlib.{name})"


MAC = _mac()
HEADER = '"sha256=" + mac.hexdigest()'
SIGNER = Signer(
    f"import hashlib, hmac\ndef sign(secret, body):\n mac = {MAC}\n return {HEADER}"
)


def _through_text(name: str) -> list[str]:
    """Return expressions that decode these bytes and encode them again."""
    settings = [
        "",
        "'ascii'",
        "'latin-1'",
        *(
            f"{encoding!r}, {errors!r}"
            for encoding in ("utf-8", "ascii")
            for errors in ("replace", "ignore", "backslashreplace")
        ),
    ]
    return [f"{name}.decode({each}).encode()" for each in settings]


_BODIES = (
    (digests.RESERIALISED, WRITTEN_AGAIN),
    (digests.REPR, ("str(body).encode()",)),
    (
        digests.STRIPPED,
        ("body.strip()", "body.rstrip()", 'body.replace(b"\\r\\n", b"\\n")'),
    ),
    (digests.LINE_END, ('body + b"\\n"',)),
    (digests.JOINED, ("secret + body", "body + secret")),
    (digests.AS_TEXT, _through_text("body")),
    (
        digests.TWICE,
        ("hashlib.sha256(body).digest()", "hashlib.sha256(body).hexdigest().encode()"),
    ),
)
_UNCHANGED = Signer("def sign(body):\n return body")


def rewritten(body: bytes, *mistakes: Mistake) -> Iterator[bytes]:
    """Yield the other bytes that code with these mistakes makes of a body."""
    texts = {mistake.id: found for mistake, found in _BODIES}
    for mistake in mistakes:
        ways = edits(
            mistake, "return body", *(f"return {each}" for each in texts[mistake.id])
        )
        yield from dict.fromkeys(other for _, other in _UNCHANGED.wrong(ways, body))


_KEYS = ("b'blue-kite-42'", "b'blue-kite-43'")
_EXAMPLES = ("b'one parcel for Ada'", "b'one parcel for Ida'")
_JOINTS = ("b''", "b'.'", "b':'", "b'\\n'")
_OF_DIGEST = ("mac.digest()", "mac.hexdigest().encode()")
_IN_BASE64 = "__import__('base64').b64encode(mac.digest())"


def wrong_ways(secret_as_text: Mistake) -> list[Mutant]:
    """Return all wrong ways; an exercise may name a decoded secret in its own way."""
    return [
        *(
            Mutant(mistake, [(MAC, _mac(body=text))])
            for mistake, texts in _BODIES
            for text in texts
        ),
        *edits(
            digests.REPR,
            MAC,
            _mac("str(secret).encode()", "str(body).encode()"),
            _mac("str(secret).encode()"),
        ),
        *edits(digests.SWAPPED, MAC, _mac("body", "secret")),
        *edits(secret_as_text, MAC, *map(_mac, _through_text("secret"))),
        *edits(STRIPS_SECRET, MAC, _mac("secret.strip()")),
        *edits(digests.FIXED_KEY, MAC, *map(_mac, _KEYS)),
        *edits(
            digests.EXAMPLE, MAC, *(_mac(key, it) for key in _KEYS for it in _EXAMPLES)
        ),
        *(
            Mutant(digests.OTHER_HASH, [(MAC, _mac(name=name)), *prefix])
            for name in ("sha1", "sha512", "md5")
            for prefix in ((), [('"sha256="', f'"{name}="')])
        ),
        *edits(
            digests.TWICE,
            HEADER,
            *(
                f'"sha256=" + {twice}.hexdigest()'
                for once in _OF_DIGEST
                for twice in (f"hashlib.sha256({once})", _mac(body=once))
            ),
        ),
        *edits(digests.NO_KEY, MAC, "hashlib.sha256(body)"),
        *edits(
            digests.NO_HMAC,
            MAC,
            *(
                f"hashlib.sha256({parts})"
                for joint in _JOINTS
                for parts in (f"secret + {joint} + body", f"body + {joint} + secret")
            ),
        ),
        *edits(digests.BARE, HEADER, "mac.hexdigest()"),
        *edits(
            digests.BASE64,
            HEADER,
            f'"sha256=" + {_IN_BASE64}.decode()',
            f"{_IN_BASE64}.decode()",
        ),
        *edits(
            digests.UPPER,
            HEADER,
            '"sha256=" + mac.hexdigest().upper()',
            '"SHA256=" + mac.hexdigest().upper()',
            "mac.hexdigest().upper()",
        ),
        *edits(
            digests.QUOTED,
            HEADER,
            'f"sha256={mac.digest()}"',
            'f"sha256={mac.hexdigest().encode()}"',
            f'f"sha256={{{_IN_BASE64}}}"',
            "str(mac.digest())",
        ),
    ]
