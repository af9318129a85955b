"""Let the providers' released verifiers judge requests.

It runs with the packages of requirements.txt, without the kit. The input is a list of
requests as JSON, the output a list of true and false.
"""

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

Case = dict[str, Any]


def adyen(case: Case) -> bool:
    from Adyen.util import is_valid_hmac_notification

    return bool(is_valid_hmac_notification(json.loads(case["body"]), case["secret"]))


def adyen_platform(case: Case) -> bool:
    from Adyen.util import is_valid_hmac_payload

    given = case["headers"]["HmacSignature"]
    return bool(is_valid_hmac_payload(given, case["secret"], case["body"].encode()))


def airtable(case: Case) -> bool:
    from pyairtable.models.webhook import WebhookNotification

    given = case["headers"]["X-Airtable-Content-MAC"]
    WebhookNotification.from_request(case["body"], given, case["secret"])
    return True


def box(case: Case) -> bool:
    from box_sdk_gen.managers.webhooks import WebhooksManager

    headers = {name.lower(): value for name, value in case["headers"].items()}
    return WebhooksManager.validate_message(case["body"], headers, case["secret"])


def google_pubsub(case: Case) -> bool:
    from google.oauth2 import id_token

    token = case["headers"]["Authorization"].removeprefix("Bearer ")
    certificates = json.dumps({"labkit": pem(case["public"])}).encode()

    class Response:
        status = 200
        data = certificates

    id_token.verify_oauth2_token(token, lambda *_, **__: Response, case["url"])
    return True


def hubspot(case: Case) -> bool:
    from hubspot.utils.signature import Signature

    return Signature.is_valid(
        signature=case["headers"]["X-HubSpot-Signature-v3"],
        client_secret=case["secret"],
        request_body=case["body"],
        http_uri=case["url"],
        signature_version="v3",
        timestamp=case["headers"]["X-HubSpot-Request-Timestamp"],
    )


def livekit(case: Case) -> bool:
    from livekit.api import TokenVerifier, WebhookReceiver

    receiver = WebhookReceiver(TokenVerifier("labkit", case["secret"]))
    receiver.receive(case["body"], case["headers"]["Authorization"])
    return True


def mailgun(case: Case) -> bool:
    from mailgun.security import SecurityGuard

    parts = json.loads(case["body"])["signature"]
    return SecurityGuard.verify_webhook(
        case["secret"], parts["token"], parts["timestamp"], parts["signature"]
    )


def paypal(case: Case) -> bool:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
    from paypalrestsdk.notifications import WebhookEvent

    # The rest of its `verify` needs a function that pyOpenSSL no longer has.
    headers = case["headers"]
    signed = WebhookEvent._get_expected_sig(
        headers["PAYPAL-TRANSMISSION-ID"],
        headers["PAYPAL-TRANSMISSION-TIME"],
        "WEBHOOK_ID",
        case["body"],
    )
    key = serialization.load_der_public_key(base64.b64decode(case["public"]))
    signature = base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
    key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return True


def pusher(case: Case) -> bool:
    from pusher import Pusher

    client = Pusher(app_id="1", key="labkit", secret=case["secret"])
    given = case["headers"]["X-Pusher-Signature"]
    return client.validate_webhook("labkit", given, case["body"]) is not None


def retell(case: Case) -> bool:
    from retell.lib.webhook_auth import verify

    given = case["headers"]["x-retell-signature"]
    return bool(verify(case["body"], case["secret"], given))


def smartcar(case: Case) -> bool:
    from smartcar import verify_payload

    given = case["headers"]["SC-Signature"]
    return bool(verify_payload(case["secret"], given, case["body"]))


def telnyx(case: Case) -> bool:
    from telnyx.lib.webhook_verification import verify_webhook_signature

    key = base64.b64encode(base64.b64decode(case["public"])[-32:]).decode()
    verify_webhook_signature(case["body"], case["headers"], key)
    return True


def vonage(case: Case) -> bool:
    from vonage_jwt import verify_signature

    token = case["headers"]["Authorization"].removeprefix("Bearer ")
    return bool(verify_signature(token, case["secret"]))


def workos(case: Case) -> bool:
    from workos.webhooks._verification import verify_header

    verify_header(
        event_body=case["body"].encode(),
        event_signature=case["headers"]["WorkOS-Signature"],
        secret=case["secret"],
    )
    return True


def pem(public: str) -> str:
    """Return a public key in PEM."""
    lines = "\n".join(public[at : at + 64] for at in range(0, len(public), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


JUDGES: dict[str, Callable[[Case], bool]] = {
    judge.__name__.replace("_", "-"): judge
    for judge in (
        *(adyen, adyen_platform, airtable, box, google_pubsub, hubspot, livekit),
        *(mailgun, paypal, pusher, retell, smartcar, telnyx, vonage, workos),
    )
}


def judged(case: Case) -> bool | str:
    """Return whether a request is accepted, or an error that is no rejection."""
    try:
        return JUDGES[case["scheme"]](case)
    except (ImportError, AttributeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - each library has its own error for a rejection
        return False


if __name__ == "__main__":
    print(json.dumps([judged(case) for case in json.load(sys.stdin)]))
