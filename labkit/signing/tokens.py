"""Schemes that sign nothing: the request carries the secret itself."""

import base64
import json
import random
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from labkit.signing.embedded import IN_BODY, Embedded, with_member
from labkit.signing.parts import Layout
from labkit.signing.scheme import Scheme


class Token(Scheme):
    """A header that contains the secret itself.

    It proves only that the sender knows the secret. Anyone who reads one request can
    send any other request.
    """

    covers: ClassVar[str] = (
        "Nothing is signed: the header contains the secret itself, and the body can be "
        "changed."
    )
    signed: ClassVar[str] = "nothing"
    signs_body: ClassVar[bool] = False
    layout: ClassVar[Layout | None] = None
    type_header: ClassVar[str] = ""
    _shape: ClassVar[re.Pattern[str]] = re.compile(
        r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?"
    )
    _wanted: ClassVar[str] = "the secret"

    def make_secret(self, rng: random.Random) -> str:
        """Make up 16 bytes in hex."""
        return rng.randbytes(16).hex()

    def announce(self, event_type: str) -> dict[str, str]:
        """Return the header that names the type, if there is one."""
        return {self.type_header: event_type} if self.type_header else {}

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return key.decode("utf-8", "replace")


class GitLab(Token):
    """`X-Gitlab-Token`, as GitLab sends it without a signing token.

    Source: docs.gitlab.com, "Webhooks".
    """

    name: ClassVar[str] = "gitlab"
    signature_header: ClassVar[str] = "X-Gitlab-Token"
    id_header: ClassVar[str | None] = "X-Gitlab-Event-UUID"
    type_header: ClassVar[str] = "X-Gitlab-Event"


class Telegram(Token):
    """`X-Telegram-Bot-Api-Secret-Token`.

    Source: core.telegram.org/bots/api, "setWebhook".
    """

    name: ClassVar[str] = "telegram"
    signature_header: ClassVar[str] = "X-Telegram-Bot-Api-Secret-Token"


class HuggingFace(Token):
    """`X-Webhook-Secret`.

    Source: huggingface.co/docs/hub/webhooks.
    """

    name: ClassVar[str] = "hugging-face"
    signature_header: ClassVar[str] = "X-Webhook-Secret"


class Okta(Token):
    """`Authorization`, with the value that was entered at Okta.

    Source: developer.okta.com/docs/concepts/event-hooks.
    """

    name: ClassVar[str] = "okta"
    signature_header: ClassVar[str] = "Authorization"
    handshake: ClassVar[str] = "okta"


class Auth0(Token):
    """`Authorization`, with the value that was entered at Auth0; the body is a list.

    Source: auth0.com/docs/customize/log-streams/custom-log-streams.
    """

    name: ClassVar[str] = "auth0"
    signature_header: ClassVar[str] = "Authorization"


class RingCentral(Token):
    """`Verification-Token`, which the app chose when it subscribed.

    Source: developers.ringcentral.com/guide/notifications/webhooks.
    """

    name: ClassVar[str] = "ringcentral"
    signature_header: ClassVar[str] = "Verification-Token"
    handshake: ClassVar[str] = "ringcentral"


class Basic(Token):
    """`Authorization: Basic`, as Postmark, Chargebee, Pipedrive and Recurly send it.

    The secret is `user:password`, as it stands in the URL at the provider.

    Source: postmarkapp.com/developer/webhooks/webhooks-overview; RFC 7617.
    """

    name: ClassVar[str] = "basic"
    signature_header: ClassVar[str] = "Authorization"
    label: ClassVar[str] = "Basic "
    _shape: ClassVar[re.Pattern[str]] = re.compile("Basic [0-9A-Za-z+/]+={0,2}")
    _wanted: ClassVar[str] = "user and password in base64, after Basic"

    def make_secret(self, rng: random.Random) -> str:
        """Make up a user and a password."""
        return f"labkit:{super().make_secret(rng)}"

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return self.label + base64.b64encode(key).decode()


class InBody(Token, Embedded):
    """A secret that is in the body, in plain."""

    covers: ClassVar[str] = (
        "Nothing is signed: the body contains the secret itself, and the rest of it "
        "can be changed."
    )


class Meraki(InBody):
    """`sharedSecret` in the body.

    Source: developer.cisco.com/meraki/webhooks.
    """

    name: ClassVar[str] = "meraki"
    signature_header: ClassVar[str] = IN_BODY + "sharedSecret"

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Add the secret to the JSON."""
        rest = dict(headers)
        secret = rest.pop(self.signature_header, None)
        if secret is None or b"}" not in body:
            return body, rest
        member = b'"sharedSecret":' + json.dumps(secret).encode()
        return with_member(body, member), rest

    def _parts(self, body: bytes) -> dict[str, str]:
        found = _object(body).get("sharedSecret")
        return {} if found is None else {self.signature_header: found}


class Graph(InBody):
    """`clientState` in each item of `value`, chosen when the app subscribed.

    Notifications with resource data also hold tokens and encrypted content, which the
    kit does not send.

    Source: learn.microsoft.com/graph/change-notifications-delivery-webhooks.
    """

    name: ClassVar[str] = "graph"
    signature_header: ClassVar[str] = IN_BODY + "value.0.clientState"
    handshake: ClassVar[str] = "graph"

    def enclose(
        self, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        """Put the secret into each item."""
        rest = dict(headers)
        secret = rest.pop(self.signature_header, None)
        event = _object(body)
        items = _items(event)
        if secret is None or not items:
            return body, rest
        for item in items:
            item["clientState"] = secret
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass"), rest

    def _parts(self, body: bytes) -> dict[str, str]:
        states = [item.get("clientState") for item in _items(_object(body))]
        # Items with different secrets are not of one sender.
        same = states and all(state == states[0] for state in states)
        return {self.signature_header: states[0]} if same and states[0] else {}


class SharePoint(Graph):
    """`clientState` in each item, if the app gave one when it subscribed.

    Source: learn.microsoft.com/sharepoint/dev/apis/webhooks.
    """

    name: ClassVar[str] = "sharepoint"
    handshake: ClassVar[str] = "sharepoint"


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _items(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the notifications in an event, none if one of them is no object."""
    items = event.get("value")
    found = items if isinstance(items, list) else []
    return found if all(isinstance(item, dict) for item in found) else []
