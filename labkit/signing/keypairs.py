"""Signatures by a private key, which anyone can verify with the public key.

A key is the base64 of its DER form (PKCS #8 for a private key, SubjectPublicKeyInfo for
a public one), or PEM. Everything here needs the package `cryptography`, which is loaded
when it is first used; BadSetting says so if it is missing.
"""

import base64
import binascii
import functools
import hashlib
import random
import re
from types import ModuleType
from typing import Any

from labkit.errors import BadSecret, BadSetting

ED25519, ECDSA, RSA_256, RSA_512 = "ed25519", "ecdsa-sha256", "rsa-sha256", "rsa-sha512"
RSA_1, PSS_512, ECDSA_1 = "rsa-sha1", "rsa-pss-sha512", "ecdsa-sha1"
RSA_TWICE = "rsa-sha256-twice"

SIZES = {
    ED25519: (64, 64),
    ECDSA: (64, 72),
    RSA_256: (256, 512),
    RSA_512: (256, 512),
    RSA_TWICE: (256, 512),
    RSA_1: (256, 512),
    PSS_512: (256, 512),
    ECDSA_1: (64, 72),
}
"""The algorithms, with the least and the greatest length of a signature in bytes."""

_PEM = re.compile(r"-----BEGIN [A-Z ]+-----(.*?)-----END", re.DOTALL)
_ED25519_PRIVATE = bytes.fromhex("302e020100300506032b657004220420")
_ED25519_PUBLIC = bytes.fromhex("302a300506032b6570032100")


def make(algorithm: str, rng: random.Random) -> str:
    """Make up a private key; the same for the same `rng`, except for RSA."""
    if algorithm == ED25519:
        return _text(_ED25519_PRIVATE + rng.randbytes(32))
    if algorithm in (ECDSA, ECDSA_1):
        ec = _loaded("asymmetric.ec")
        number = rng.randrange(1, 2**255)
        return _text(_private_der(ec.derive_private_key(number, ec.SECP256R1())))
    rsa = _loaded("asymmetric.rsa")
    return _text(_private_der(rsa.generate_private_key(65537, 2048)))


def der_of(secret: str) -> bytes:
    """Return the DER form of a key; raises BadSecret for what is not a key."""
    pem = _PEM.search(secret)
    text = "".join((pem[1] if pem else secret).split())
    try:
        der = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadSecret(f"the key is not base64 ({error}); copy it whole") from None
    if len(der) < 44:
        raise BadSecret(
            f"the key has {len(der)} bytes, and a key in DER form has 44 or more; give "
            "the base64 of its PKCS #8 form, or PEM"
        )
    return der


def private_of(secret: str) -> bytes:
    """Return the DER form of a private key; raises BadSecret for a public one."""
    der = der_of(secret)
    try:
        private_key(der)
    except ValueError:
        raise BadSecret(
            "this key can't sign: it is a public key, or not in PKCS #8 form; give the "
            "private key (openssl pkcs8 -topk8 -nocrypt -outform DER | base64)"
        ) from None
    return der


def public_of(secret: str) -> bytes:
    """Return the DER form of a public key, or of the public half of a private one."""
    der = der_of(secret)
    try:
        return _public_der(private_key(der).public_key())
    except ValueError:
        pass
    try:
        _public(der)
    except ValueError:
        raise BadSecret("this is neither a private nor a public key") from None
    return der


def public_text(secret: str) -> str:
    """Return the public key in base64, as a receiver is given it."""
    return _text(public_of(secret))


def signed(algorithm: str, private: bytes, content: bytes) -> bytes:
    """Return the signature by a private key in DER form."""
    key = private_key(private)
    signature: bytes = key.sign(_input(algorithm, content), *_options(algorithm))
    return signature


def fits(algorithm: str, public: bytes, signature: bytes, content: bytes) -> bool:
    """Tell whether a signature is that of the content, by a public key in DER form."""
    key = _public(public)
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, _input(algorithm, content), *_options(algorithm))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def raw_of(signature: bytes) -> bytes:
    """Return an ECDSA signature as JWT and RFC 9421 write it, r and s side by side."""
    r, s = _loaded("asymmetric.utils").decode_dss_signature(signature)
    return bytes(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def der_signature(raw: bytes) -> bytes:
    """Return an ECDSA signature in DER form."""
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    signature: bytes = _loaded("asymmetric.utils").encode_dss_signature(r, s)
    return signature


def ed25519_private(seed: bytes) -> bytes:
    """Return the DER form of an Ed25519 key, by its 32 bytes."""
    return _ED25519_PRIVATE + seed


def ed25519_public(public: bytes) -> bytes:
    """Return the DER form of a public Ed25519 key, by its 32 bytes."""
    return _ED25519_PUBLIC + public


def _input(algorithm: str, content: bytes) -> bytes:
    """Return what the algorithm is given: the content, or its hash."""
    return hashlib.sha256(content).digest() if algorithm == RSA_TWICE else content


def _options(algorithm: str) -> tuple[Any, ...]:
    if algorithm == ED25519:
        return ()
    hashes = _loaded("hashes")
    others = {RSA_512: hashes.SHA512, PSS_512: hashes.SHA512}
    others |= dict.fromkeys((RSA_1, ECDSA_1), hashes.SHA1)
    digest = others.get(algorithm, hashes.SHA256)
    if algorithm in (ECDSA, ECDSA_1):
        return (_loaded("asymmetric.ec").ECDSA(digest()),)
    padding = _loaded("asymmetric.padding")
    if algorithm == PSS_512:
        # The salt is as long as the digest, as in RFC 9421 and most libraries.
        return (padding.PSS(padding.MGF1(digest()), digest().digest_size), digest())
    return (padding.PKCS1v15(), digest())


@functools.lru_cache(maxsize=64)
def private_key(der: bytes) -> Any:
    """Return the key in a DER form; raises ValueError if there is none."""
    return _loaded("serialization").load_der_private_key(der, password=None)


@functools.lru_cache(maxsize=64)
def _public(der: bytes) -> Any:
    return _loaded("serialization").load_der_public_key(der)


def _private_der(key: Any) -> bytes:
    forms = _loaded("serialization")
    der: bytes = key.private_bytes(
        forms.Encoding.DER, forms.PrivateFormat.PKCS8, forms.NoEncryption()
    )
    return der


def _public_der(key: Any) -> bytes:
    forms = _loaded("serialization")
    der: bytes = key.public_bytes(
        forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo
    )
    return der


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()


def _loaded(name: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(f"cryptography.hazmat.primitives.{name}")
    except ImportError:
        raise BadSetting(
            "keys need the package cryptography; install it with: "
            "pip install 'webhook-lab[asymmetric]'"
        ) from None
