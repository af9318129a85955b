"""Schemes whose sender has a private key, and the receiver the public one."""

import random
from typing import ClassVar

from labkit.errors import BadSecret
from labkit.signing import keypairs
from labkit.signing.parts import KeyForm
from labkit.signing.scheme import Scheme


class KeyPair(Scheme):
    """A scheme whose secret is a private key in base64 or PEM.

    `receiver_secret` is the public key. `pair` is the algorithm, one of
    `keypairs.SIZES`.
    """

    key_form: ClassVar[KeyForm] = KeyForm.KEY_PAIR
    pair: ClassVar[str]

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it is a private or a public key."""
        # Keys have line breaks in PEM, and often in base64.
        text = "".join(secret.split()) if isinstance(secret, str) else secret
        Scheme.check_secret(self, text)
        try:
            keypairs.public_of(secret)
        except BadSecret as error:
            raise BadSecret(f"the {self.name} key can't be used: {error}") from None

    def make_secret(self, rng: random.Random) -> str:
        """Make up a private key in base64; RSA makes another one each time."""
        return keypairs.make(self.pair, rng)

    def receiver_secret(self, secret: str) -> str:
        """Return the public key in base64."""
        self.check_secret(secret)
        return keypairs.public_text(secret)

    def _decode(self, secret: str) -> bytes:
        return keypairs.private_of(secret)

    def _verifying_key(self, secret: str) -> bytes:
        self.check_secret(secret)
        return keypairs.public_of(secret)

    def _mac(self, key: bytes, content: bytes) -> bytes:
        return keypairs.signed(self.pair, key, content)

    def _is_mac(self, key: bytes, mac: bytes, content: bytes) -> bool:
        return keypairs.fits(self.pair, key, mac, content)
