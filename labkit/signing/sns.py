"""Amazon SNS: the event is a text inside a JSON envelope, signed with RSA."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from labkit.errors import SignatureMalformed, SignatureMissing
from labkit.signing import keypairs
from labkit.signing.embedded import IN_BODY, Embedded
from labkit.signing.paired import KeyPair
from labkit.signing.parts import Claim, Unit

TOPIC = "arn:aws:sns:us-east-1:000000000000:labkit"
_HOST = "sns.us-east-1.amazonaws.com"
CERTIFICATE = f"https://{_HOST}/SimpleNotificationService-labkit.pem"

_ALGORITHMS = {"1": keypairs.RSA_1, "2": keypairs.RSA_256}
_SIGNED = {
    "Notification": (
        *("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    ),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token"),
        *("TopicArn", "Type"),
    ),
}


class Sns(KeyPair, Embedded):
    """`Signature` in an envelope whose `Message` is the event, as text.

    The secret is the private key to the certificate that the receiver uses; it would
    find that certificate at `SigningCertURL`, which must be on a host of AWS. `verify`
    takes the public key and looks at no certificate.

    Source: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html.
    """

    name: ClassVar[str] = "sns"
    legitimate: ClassVar[int] = 250_000  # SNS takes messages of up to 256 KiB
    covers: ClassVar[str] = (
        "Message, id, subject, time, topic and type are signed, by a private key that "
        "only the sender has."
    )
    signed: ClassVar[str] = "id, time and body"
    signs_id: ClassVar[bool] = True
    signature_header: ClassVar[str] = IN_BODY + "Signature"
    id_header: ClassVar[str | None] = IN_BODY + "MessageId"
    timestamp_header: ClassVar[str | None] = IN_BODY + "Timestamp"
    unit: ClassVar[Unit] = Unit.ISO
    renewed_per_attempt: ClassVar[bool] = True
    certificate_header: ClassVar[str] = IN_BODY + "SigningCertURL"
    certificate_host: ClassVar[str] = _HOST
    confirms_by_url: ClassVar[bool] = True
    pair: ClassVar[str] = keypairs.RSA_256
    _shape: ClassVar[re.Pattern[str]] = re.compile("[0-9A-Za-z+/]{300,}={0,2}")
    _wanted: ClassVar[str] = "an RSA signature in base64"

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the headers of SNS, which are not signed."""
        return {
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-topic-arn": TOPIC,
        }

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Put the event into an envelope."""
        rest = {n: v for n, v in headers.items() if not n.startswith(IN_BODY)}
        parts = {
            n.removeprefix(IN_BODY): v for n, v in headers.items() if n not in rest
        }
        if not parts:
            return body, rest
        envelope = notification(body, parts.pop("MessageId"), parts.pop("Timestamp"))
        return json.dumps({**envelope, **parts}).encode(), rest

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        content = signed_content(notification(body, event_id, t))
        return base64.b64encode(self._mac(key, content)).decode()

    def _write(
        self, signatures: Sequence[str], event_id: str, t: str
    ) -> dict[str, str]:
        return {
            f"{self.id_header}": event_id,
            f"{self.timestamp_header}": t,
            self.signature_header: signatures[0],
        }

    def _parts(self, body: bytes) -> dict[str, str]:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        fields = found if isinstance(found, dict) else {}
        return {IN_BODY + name: value for name, value in fields.items()}

    def _read(self, headers: Mapping[str, str]) -> Claim:
        claim = super()._read(headers)
        kind = headers.get(IN_BODY + "Type", "")
        version = headers.get(IN_BODY + "SignatureVersion", "")
        if kind not in _SIGNED or version not in _ALGORITHMS:
            shown = f"{kind}, version {version}"
            raise SignatureMalformed(
                IN_BODY + "SignatureVersion", shown, "a known Type, and version 1 or 2"
            )
        if IN_BODY + "MessageId" not in headers:
            raise SignatureMissing(IN_BODY + "MessageId")
        return claim

    def _fits(self, key: bytes, body: bytes, claim: Claim, url: str) -> bool:
        envelope = json.loads(body)
        algorithm = _ALGORITHMS[envelope["SignatureVersion"]]
        mac = base64.b64decode(claim.shown + "=" * (-len(claim.shown) % 4))
        return keypairs.fits(algorithm, key, mac, signed_content(envelope))


def notification(body: bytes, event_id: str, t: str) -> dict[str, Any]:
    """Return an envelope without a signature."""
    return {
        "Type": "Notification",
        "MessageId": event_id,
        "TopicArn": TOPIC,
        "Message": body.decode("utf-8", "surrogateescape"),
        "Timestamp": t,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": f"https://{_HOST}/?Action=Unsubscribe",
    }


def confirmation(subscribe_url: str, event_id: str, t: str) -> dict[str, Any]:
    """Return a request to confirm a subscription, without a signature."""
    return {
        "Type": "SubscriptionConfirmation",
        "MessageId": event_id,
        "Token": "2336412f37fb687f5d51e6e2425e90cf",
        "TopicArn": TOPIC,
        "Message": f"You have chosen to subscribe to the topic {TOPIC}.",
        "SubscribeURL": subscribe_url,
        "Timestamp": t,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    }


def signed_content(envelope: Mapping[str, Any]) -> bytes:
    """Return the names and values that are signed, each followed by a line break."""
    names = _SIGNED.get(str(envelope.get("Type")), ())
    lines = (f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
    return "".join(lines).encode("utf-8", "surrogateescape")
