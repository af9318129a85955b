"""Mutants that sign the wrong bytes, with the wrong key, or write it wrongly.

They are edits of the two lines of `sign`, which 4.2, 4.3 and 4.4 also build on.
"""

from collections.abc import Iterable, Iterator

from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant, edit
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures.mistakes import STRIPS_SECRET
from labkit.exercises.verifiers import WRITTEN_AGAIN

MAC = "hmac.new(secret, body, hashlib.sha256)"
HEADER = '"sha256=" + mac.hexdigest()'

_BODIES: tuple[tuple[Mistake, tuple[str, ...]], ...] = (
    (digests.RESERIALISED, WRITTEN_AGAIN),
    (digests.REPR, ("str(body).encode()",)),
    (
        digests.STRIPPED,
        ("body.strip()", "body.rstrip()", 'body.replace(b"\\r\\n", b"\\n")'),
    ),
    (digests.LINE_END, ('body + b"\\n"',)),
    (digests.JOINED, ("secret + body", "body + secret")),
    (
        digests.AS_TEXT,
        (
            "body.decode().encode()",
            *(
                f"body.decode({encoding!r}, {errors!r}).encode()"
                for encoding in ("utf-8", "ascii")
                for errors in ("replace", "ignore", "backslashreplace")
            ),
            "body.decode('ascii').encode()",
            "body.decode('latin-1').encode()",
        ),
    ),
    (
        digests.TWICE,
        ("hashlib.sha256(body).digest()", "hashlib.sha256(body).hexdigest().encode()"),
    ),
)


def wrong_bodies() -> Iterator[Mutant]:
    """Yield mutants that sign something other than the body as it arrived."""
    for mistake, texts in _BODIES:
        for text in texts:
            yield edit(mistake, (MAC, f"hmac.new(secret, {text}, hashlib.sha256)"))
    both = "hmac.new(str(secret).encode(), str(body).encode(), hashlib.sha256)"
    yield edit(digests.REPR, (MAC, both))
    yield edit(
        digests.REPR, (MAC, "hmac.new(str(secret).encode(), body, hashlib.sha256)")
    )
    yield edit(digests.SWAPPED, (MAC, "hmac.new(body, secret, hashlib.sha256)"))


def wrong_keys(secret_as_text: Mistake) -> Iterator[Mutant]:
    """Yield mutants that use another key than the secret."""
    as_text = [
        "secret.decode().encode()",
        "secret.decode('ascii').encode()",
        "secret.decode('latin-1').encode()",
        *(
            f"secret.decode('utf-8', {errors!r}).encode()"
            for errors in ("replace", "ignore", "backslashreplace")
        ),
    ]
    keys: list[tuple[Mistake, Iterable[str]]] = [
        (secret_as_text, as_text),
        (STRIPS_SECRET, ("secret.strip()",)),
        (digests.FIXED_KEY, ("b'blue-kite-42'", "b'blue-kite-43'")),
    ]
    for mistake, texts in keys:
        for text in texts:
            yield edit(mistake, (MAC, f"hmac.new({text}, body, hashlib.sha256)"))
    for key in ("b'blue-kite-42'", "b'blue-kite-43'"):
        for body in ("b'one parcel for Ada'", "b'one parcel for Ida'"):
            yield edit(
                digests.EXAMPLE, (MAC, f"hmac.new({key}, {body}, hashlib.sha256)")
            )


def wrong_hashes() -> Iterator[Mutant]:
    """Yield mutants with another hash function, or one hash too many."""
    for name in ("sha1", "sha512", "md5"):
        mac = (MAC, f"hmac.new(secret, body, hashlib.{name})")
        yield edit(digests.OTHER_HASH, mac)
        yield edit(digests.OTHER_HASH, mac, ('"sha256="', f'"{name}="'))
    for once in ("mac.digest()", "mac.hexdigest().encode()"):
        for twice in (
            f"hashlib.sha256({once})",
            f"hmac.new(secret, {once}, hashlib.sha256)",
        ):
            yield edit(digests.TWICE, (HEADER, f'"sha256=" + {twice}.hexdigest()'))


def hashed_without_hmac() -> Iterator[Mutant]:
    """Yield mutants that hash the body, alone or joined with the secret."""
    yield edit(digests.NO_KEY, (MAC, "hashlib.sha256(body)"))
    for joint in ("b''", "b'.'", "b':'", "b'\\n'"):
        for parts in (f"secret + {joint} + body", f"body + {joint} + secret"):
            yield edit(digests.NO_HMAC, (MAC, f"hashlib.sha256({parts})"))


def wrong_spellings() -> Iterator[Mutant]:
    """Yield mutants that write the right digest in another way."""
    in_base64 = "__import__('base64').b64encode(mac.digest())"
    spelled: list[tuple[Mistake, Iterable[str]]] = [
        (digests.BARE, ("mac.hexdigest()",)),
        (
            digests.BASE64,
            (f'"sha256=" + {in_base64}.decode()', f"{in_base64}.decode()"),
        ),
        (
            digests.UPPER,
            (
                '"sha256=" + mac.hexdigest().upper()',
                '"SHA256=" + mac.hexdigest().upper()',
                "mac.hexdigest().upper()",
            ),
        ),
        (
            digests.QUOTED,
            (
                'f"sha256={mac.digest()}"',
                'f"sha256={mac.hexdigest().encode()}"',
                f'f"sha256={{{in_base64}}}"',
                "str(mac.digest())",
            ),
        ),
    ]
    for mistake, texts in spelled:
        for text in texts:
            yield edit(mistake, (HEADER, text))
