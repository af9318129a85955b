"""Chains of three certificates, as Apple signs with: a key, its issuer, and a root.

The keys of the issuer and the root are made from the signing key, so that one secret
always has the same root certificate. Everything here needs the package `cryptography`.
"""

import functools
import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from labkit.errors import BadSecret
from labkit.signing import keypairs

if TYPE_CHECKING:
    from cryptography import x509

LEAF_MARK = "1.2.840.113635.100.6.11.1"
ISSUER_MARK = "1.2.840.113635.100.6.2.1"
"""Apple's marks: the objects that a certificate for receipts and its issuer have."""

_FIRST, _LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)
_NULL = bytes.fromhex("0500")


def chain_of(private: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the certificates of key, issuer and root, in DER form."""
    return _chain(private, LEAF_MARK)


def unmarked_chain_of(private: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the same with a first certificate that lacks Apple's mark."""
    return _chain(private, "")


def root_of(secret: str) -> bytes:
    """Return the root certificate in DER form, by a private key or by itself.

    Raises BadSecret for what is neither.
    """
    der = keypairs.der_of(secret)
    try:
        private = keypairs.private_of(secret)
    except BadSecret:
        private = b""
    if private:
        return chain_of(private)[2]
    try:
        _loaded(der)
    except ValueError:
        raise BadSecret("this is neither a private key nor a certificate") from None
    return der


def public_key(
    certificates: Sequence[bytes], root: bytes, moment: float
) -> bytes | None:
    """Return the public key of the first certificate in DER form if it can be trusted.

    It must have Apple's mark, and be issued by the second, which must have its mark and
    be issued by `root`; the third is not looked at. All must be valid at `moment`, in
    seconds since the epoch.
    """
    if len(certificates) != 3:
        return None
    try:
        leaf, issuer = (_loaded(one) for one in certificates[:2])
        trusted = _loaded(root)
        leaf.verify_directly_issued_by(issuer)
        issuer.verify_directly_issued_by(trusted)
        at = datetime.fromtimestamp(moment, UTC)
    except Exception:  # noqa: BLE001 - a certificate of anyone fails in many ways
        return None
    if not (_has(leaf, LEAF_MARK) and _has(issuer, ISSUER_MARK)):
        return None
    valid = all(
        one.not_valid_before_utc <= at <= one.not_valid_after_utc
        for one in (leaf, issuer, trusted)
    )
    return public_key_in(certificates[0]) if valid else None


def public_key_in(certificate: bytes) -> bytes:
    """Return the public key of a certificate in DER form, whoever issued it."""
    return _public_der(_loaded(certificate).public_key())


def _has(certificate: "x509.Certificate", mark: str) -> bool:
    return any(one.oid.dotted_string == mark for one in certificate.extensions)


@functools.lru_cache(maxsize=64)
def _chain(private: bytes, mark: str) -> tuple[bytes, bytes, bytes]:
    names = ("labkit Signing", "labkit Intermediate", "labkit Root CA")
    key = keypairs.private_key(private)
    if getattr(getattr(key, "curve", None), "name", "") != "secp256r1":
        raise BadSecret("Apple signs with a key on the curve P-256; give such a key")
    seed = key.private_numbers().private_value.to_bytes(32, "big")
    issuer, root = (_derived(seed, name) for name in names[1:])
    return (
        _certificate(names[:2], key, issuer, marks=[mark] if mark else []),
        _certificate(names[1:], issuer, root, marks=[ISSUER_MARK], length=0),
        _certificate(names[2:] * 2, root, root, marks=[], length=1),
    )


def _derived(seed: bytes, name: str) -> Any:
    """Return the key for a name, always the same one for a seed."""
    from cryptography.hazmat.primitives.asymmetric import ec

    number = int.from_bytes(hashlib.sha256(seed + name.encode()).digest(), "big")
    return ec.derive_private_key(number % 2**255 + 1, ec.SECP256R1())


def _certificate(
    names: Sequence[str],
    key: Any,
    issuer: Any,
    *,
    marks: Iterable[str],
    length: int | None = None,
) -> bytes:
    """Return a certificate for the first name, issued by the second.

    With a `length` it may issue certificates itself, so many in a row.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    subject, by = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        for name in names
    )
    public = key.public_key()
    digest = hashlib.sha256(_public_der(public) + names[0].encode()).digest()
    is_ca = length is not None
    use = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "encipher_only", "decipher_only"),
        ),
        False,
    )
    use |= dict.fromkeys(("key_cert_sign", "crl_sign"), is_ca)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(is_ca, length), True),
        (x509.KeyUsage(digital_signature=not is_ca, **use), True),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()),
            False,
        ),
    ]
    for mark in marks:
        mine = x509.UnrecognizedExtension(x509.ObjectIdentifier(mark), _NULL)
        extensions.append((mine, False))
    builder = x509.CertificateBuilder(
        by, subject, public, int.from_bytes(digest[:16], "big"), _FIRST, _LAST
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    made = builder.sign(issuer, hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.DER)


@functools.lru_cache(maxsize=64)
def _loaded(der: bytes) -> "x509.Certificate":
    from cryptography import x509

    return x509.load_der_x509_certificate(der)


def _public_der(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    der: bytes = key.public_bytes(
        forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo
    )
    return der
