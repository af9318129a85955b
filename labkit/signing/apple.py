"""Apple App Store server notifications: a signature with its chain of certificates."""

import base64
import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from labkit.errors import BadSecret, SignatureMalformed
from labkit.signing import chains, keypairs
from labkit.signing.embedded import IN_BODY, Embedded, with_member
from labkit.signing.jwt import b64, from_b64, object_in
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Layout, Unit
from labkit.signing.scheme import Scheme, checked_time, header


class Apple(KeyPair, Embedded):
    """`{"signedPayload": …}`: a JSON Web Signature, ES256, over the notification.

    The header `x5c` holds three certificates: that of the signing key, that of its
    issuer, and the root. A receiver must know the root, and trust no other. The time is
    `signedDate`, in milliseconds. Apple's library checks no age, and Apple does not say
    whether a retry is signed again; here it is.

    The secret is the private key, and the certificates are made from it. The receiver
    is given the root certificate (`receiver_secret`). `verify` checks what Apple's own
    library checks without online checks: ES256, three certificates, the signatures of
    the chain up to the root, their dates, and Apple's marks in the first two.

    Source: developer.apple.com/documentation/appstoreservernotifications, and the
    package app-store-server-library on PyPI.
    """

    name: ClassVar[str] = "apple"
    covers: ClassVar[str] = (
        "The whole notification and its time are signed, by a private key that only "
        "the sender has. The headers are not."
    )
    signed: ClassVar[str] = "time and body"
    signature_header: ClassVar[str] = IN_BODY + "signature"
    timestamp_header: ClassVar[str | None] = IN_BODY + "claims.signedDate"
    unit: ClassVar[Unit] = Unit.MILLISECONDS
    renewed_per_attempt: ClassVar[bool] = True
    layout: ClassVar[Layout | None] = None
    pair: ClassVar[str] = keypairs.ECDSA
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z_-]{86}")
    _wanted: ClassVar[str] = "an ECDSA signature in base64url, 86 characters"

    def check_secret(self, secret: str) -> None:
        """Raise BadSecret unless it is a private key or a root certificate."""
        text = "".join(secret.split()) if isinstance(secret, str) else secret
        Scheme.check_secret(self, text)
        try:
            chains.root_of(secret)
        except BadSecret as error:
            raise BadSecret(f"the {self.name} key can't be used: {error}") from None

    def receiver_secret(self, secret: str) -> str:
        """Return the root certificate in base64."""
        return base64.b64encode(self._verifying_key(secret)).decode()

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Make the token of notification, time and signature, and wrap it in JSON."""
        rest = {n: v for n, v in headers.items() if not n.startswith(IN_BODY)}
        signature = headers.get(self.signature_header)
        if signature is None:
            return body, rest
        head, mac = self.parted(signature)
        payload = b64(_dated(body, headers.get(f"{self.timestamp_header}")))
        token = f"{head.removesuffix('.')}{payload.decode()}.{mac}"
        return json.dumps({"signedPayload": token}).encode(), rest

    def parted(self, signature: str) -> tuple[str, str]:
        """Return the header of the token with two full stops, and the signature."""
        head, stops, mac = signature.rpartition("..")
        return head + stops, mac

    def impostors(self, body: bytes, t: str, secret: str) -> dict[str, dict[str, str]]:
        """Return signatures that no provider makes, by the name of the attack."""
        own = keypairs.private_of(secret)
        foreign = keypairs.private_of(keypairs.make(self.pair, random.Random(own)))
        right, wrong = chains.chain_of(own), chains.chain_of(foreign)
        forged = {
            "an own chain before the right root": (foreign, (*wrong[:2], right[2])),
            "an own certificate before the right chain": (
                foreign,
                (wrong[0], *right[1:]),
            ),
            "an own certificate alone": (foreign, wrong[:1]),
            "a certificate of the right root that is for another purpose": (
                own,
                chains.unmarked_chain_of(own),
            ),
        }
        made = {
            words: self._made(key, chain, body, t)
            for words, (key, chain) in forged.items()
        }
        made["no signature (alg none)"] = _head("none", right)
        return {words: self._write([one], "", t) for words, one in made.items()}

    def _verifying_key(self, secret: str) -> bytes:
        self.check_secret(secret)
        return chains.root_of(secret)

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return self._made(key, chains.chain_of(key), body, t)

    def _made(self, key: bytes, chain: Sequence[bytes], body: bytes, t: str) -> str:
        """Return the header of the token, two full stops and the signature."""
        head = _head("ES256", chain)
        content = head.removesuffix(".").encode() + b64(_dated(body, t))
        return head + b64(keypairs.raw_of(self._mac(key, content))).decode()

    def _parts(self, body: bytes) -> dict[str, str]:
        parts = token_in(body).split(".")
        if len(parts) != 3:
            return {}
        found = {self.signature_header: parts[2]}
        claims = object_in(parts[1])
        if "signedDate" in claims:
            found[f"{self.timestamp_header}"] = json.dumps(claims["signedDate"])
        return found

    def _read(self, headers: Mapping[str, str]) -> Claim:
        shown = header(headers, self.signature_header)
        if not self._shape.fullmatch(shown):
            raise SignatureMalformed(self.signature_header, shown, self._wanted)
        # What has no date is no notification: it is not valid at any time.
        name = f"{self.timestamp_header}"
        t = checked_time(name, headers[name], self.unit) if name in headers else ""
        return Claim(self.signature_header, shown, [shown], timestamp=t)

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        content, _, signature = token_in(body).rpartition(".")
        head = object_in(content.partition(".")[0])
        mac, moment = from_b64(signature), self.unit.read(claim.timestamp)
        if head.get("alg") != "ES256" or mac is None or moment is None:
            return False
        public = chains.public_key(_certificates(head), key, moment)
        if public is None or len(mac) != 64:
            return False
        return keypairs.fits(
            self.pair, public, keypairs.der_signature(mac), content.encode()
        )


def token_in(body: bytes) -> str:
    """Return the token in a body, empty if there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    token = found.get("signedPayload") if isinstance(found, dict) else None
    return token if isinstance(token, str) else ""


def _head(algorithm: str, chain: Sequence[bytes]) -> str:
    """Return the header of a token, and two full stops for what is to be signed."""
    certificates = [base64.b64encode(one).decode() for one in chain]
    head = json.dumps({"alg": algorithm, "x5c": certificates})
    return f"{b64(head.encode()).decode()}.."


def _certificates(head: Mapping[str, Any]) -> list[bytes]:
    found = head.get("x5c")
    try:
        return [base64.b64decode(one, validate=True) for one in found or ()]
    except (ValueError, TypeError):
        return []


def _dated(body: bytes, t: str | None) -> bytes:
    """Return the notification with its time, if it is an object."""
    if t is None or b"}" not in body:
        return body
    date = t if t.isascii() and t.isdigit() and len(t) < 16 else json.dumps(t)
    return with_member(body, b'"signedDate":' + date.encode())
