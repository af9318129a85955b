"""How providers check a new URL before they send events to it.

Each handshake is a record: the request, and what the response must contain. `{token}`
is the random text of a request, `{verify_token}` the text that the receiver's owner
gave to the provider, `{mac}` an HMAC of the token, `{pair}` Braintree's signature of
it, and `{sha256}` a hash of token, verify token and URL.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from labkit.errors import UnknownName
from labkit.signing.braintree import signed_by
from labkit.signing.described import ENCODINGS

TOKEN = "1ab1c0ffee0facade0decade"  # noqa: S105 - made up, and no secret
"""The token of an ordinary handshake; hex digits, as at least one provider sends."""


class Place(Enum):
    """Where the response must contain the answer."""

    STATUS = "a 2xx"
    EMPTY = "a 2xx with an empty body"
    TEXT = "a 2xx with exactly the token as body"
    WITHIN = "a 2xx with the token in the body"
    JSON = "a 2xx with JSON that contains the token"
    HEADER = "a 2xx with the token in a header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """One provider's check of a new URL.

    `query`, `headers` and `body` are templates of the request; `body` is the JSON, or
    None for an empty one. `signed` says that the request is signed as an event is.
    `place` and `field` say where the response must contain `answer`; `other_answers`
    are accepted as well. `digest` and `encoding` make the `{mac}`. `sets_secret` is
    true if the token becomes the secret of all events. `source` is the provider's page.
    """

    name: str
    source: str
    method: str = "POST"
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Any = None
    signed: bool = False
    place: Place = Place.STATUS
    field: str = ""
    answer: str = "{token}"
    other_answers: tuple[str, ...] = ()
    digest: str = "sha256"
    encoding: str = "hex"
    sets_secret: bool = False

    @property
    def verifies_token(self) -> bool:
        """Whether the receiver must compare a text that only the provider knows."""
        return any("{verify_token}" in value for _, value in self.query)

    @property
    def needs_verify_token(self) -> bool:
        """Whether the verify token must be known for the request or the response."""
        return (
            self.verifies_token
            or "{sha256}" in self.answer
            or "{verify_token}" in self.answer
        )

    @property
    def signs(self) -> bool:
        """Whether the response contains an HMAC of the token under the secret."""
        return "{mac}" in self.answer or "{pair}" in self.answer

    def wanted(self, *, token: str, secret: str, verify_token: str, url: str) -> str:
        """Return what the response must contain."""
        mac = hmac.digest(secret.encode(), token.encode(), self.digest)
        pair = signed_by(secret.encode(), token.encode())
        hashed = hashlib.sha256(f"{token}{verify_token}{url}".encode()).hexdigest()
        return filled(
            self.answer,
            {
                "mac": ENCODINGS[self.encoding](mac),
                "pair": pair,
                "sha256": hashed,
                "verify_token": verify_token,
                "token": token,
            },
        )


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its fields replaced, each once."""
    for name, value in values.items():
        if f"{{{name}}}" in template:
            return template.replace(f"{{{name}}}", value)
    return template


def _hub(mode: str = "subscribe") -> tuple[tuple[str, str], ...]:
    return (
        ("hub.mode", mode),
        ("hub.verify_token", "{verify_token}"),
        ("hub.challenge", "{token}"),
    )


_ALL = (
    # GET
    Handshake(
        name="meta",
        method="GET",
        query=_hub(),
        place=Place.TEXT,
        source="developers.facebook.com/docs/graph-api/webhooks/getting-started",
    ),
    Handshake(
        name="strava",
        method="GET",
        query=_hub(),
        place=Place.JSON,
        field="hub.challenge",
        source="developers.strava.com/docs/webhooks",
    ),
    Handshake(
        name="oura",
        method="GET",
        query=(("verification_token", "{verify_token}"), ("challenge", "{token}")),
        place=Place.JSON,
        field="challenge",
        source="cloud.ouraring.com/v2/docs",
    ),
    Handshake(
        name="dropbox",
        method="GET",
        query=(("challenge", "{token}"),),
        place=Place.TEXT,
        source="dropbox.com/developers/reference/webhooks",
    ),
    Handshake(
        name="nylas",
        method="GET",
        query=(("challenge", "{token}"),),
        place=Place.TEXT,
        source="developer.nylas.com/docs/v3/notifications/webhooks",
    ),
    Handshake(
        name="x",
        method="GET",
        query=(("crc_token", "{token}"),),
        place=Place.JSON,
        field="response_token",
        answer="sha256={mac}",
        encoding="base64",
        source="docs.x.com/x-api/webhooks/quickstart",
    ),
    Handshake(
        name="linkedin",
        method="GET",
        query=(("challengeCode", "{token}"),),
        place=Place.JSON,
        field="challengeResponse",
        answer="{mac}",
        source="learn.microsoft.com/linkedin/shared/api-guide/webhook-validation",
    ),
    Handshake(
        name="ebay",
        method="GET",
        query=(("challenge_code", "{token}"),),
        place=Place.JSON,
        field="challengeResponse",
        answer="{sha256}",
        source="developer.ebay.com/marketplace-account-deletion",
    ),
    Handshake(
        name="braintree",
        method="GET",
        query=(("bt_challenge", "{token}"),),
        place=Place.TEXT,
        answer="{pair}",
        source="the package braintree 4.48.0 on PyPI",
    ),
    Handshake(
        name="okta",
        method="GET",
        headers=(("X-Okta-Verification-Challenge", "{token}"),),
        place=Place.JSON,
        field="verification",
        source="developer.okta.com/docs/concepts/event-hooks",
    ),
    Handshake(
        name="mailchimp",
        method="GET",
        source="mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks",
    ),
    # POST, the token in the query or in a header
    Handshake(
        name="graph",
        query=(("validationToken", "{token}"),),
        place=Place.TEXT,
        source="learn.microsoft.com/graph/change-notifications-delivery-webhooks",
    ),
    Handshake(
        name="sharepoint",
        query=(("validationtoken", "{token}"),),
        place=Place.TEXT,
        source="learn.microsoft.com/sharepoint/dev/apis/webhooks",
    ),
    Handshake(
        name="asana",
        headers=(("X-Hook-Secret", "{token}"),),
        body={},
        place=Place.HEADER,
        field="X-Hook-Secret",
        sets_secret=True,
        source="developers.asana.com/docs/webhooks-guide",
    ),
    Handshake(
        name="front",
        headers=(("X-Front-Challenge", "{token}"),),
        body={},
        place=Place.WITHIN,
        source="dev.frontapp.com/docs/application-webhooks",
    ),
    Handshake(
        name="ringcentral",
        headers=(("Validation-Token", "{token}"),),
        place=Place.HEADER,
        field="Validation-Token",
        source="developers.ringcentral.com/guide/notifications/webhooks",
    ),
    Handshake(
        name="vercel-drain",
        body=[],
        place=Place.HEADER,
        field="x-vercel-verify",
        answer="{verify_token}",
        source="vercel.com/docs/drains/security",
    ),
    # POST, the token in the body
    Handshake(
        name="slack",
        body={"type": "url_verification", "challenge": "{token}"},
        signed=True,
        place=Place.WITHIN,
        source="docs.slack.dev/reference/events/url_verification",
    ),
    Handshake(
        name="zoom",
        body={
            "event": "endpoint.url_validation",
            "payload": {"plainToken": "{token}"},
        },
        signed=True,
        place=Place.JSON,
        field="encryptedToken",
        answer="{mac}",
        source="developers.zoom.us/docs/api/webhooks",
    ),
    Handshake(
        name="twitch",
        headers=(
            ("Twitch-Eventsub-Message-Type", "webhook_callback_verification"),
            ("Twitch-Eventsub-Subscription-Type", "channel.follow"),
        ),
        body={
            "challenge": "{token}",
            "subscription": {"id": "sub-1", "type": "channel.follow", "version": "2"},
        },
        signed=True,
        place=Place.TEXT,
        source="dev.twitch.tv/docs/eventsub/handling-webhook-events",
    ),
    Handshake(
        name="tebex",
        body={"id": "{token}", "type": "validation.webhook", "subject": {}},
        signed=True,
        place=Place.JSON,
        field="id",
        source="docs.tebex.io/developers/webhooks/overview",
    ),
    Handshake(
        name="smartcar",
        body={"eventType": "VERIFY", "data": {"challenge": "{token}"}},
        place=Place.JSON,
        field="challenge",
        answer="{mac}",
        source="smartcar.com/docs/integrations/webhooks",
    ),
    Handshake(
        name="monday",
        body={"challenge": "{token}"},
        place=Place.JSON,
        field="challenge",
        source="developer.monday.com/api-reference/reference/webhooks",
    ),
    Handshake(
        name="event-grid",
        headers=(("aeg-event-type", "SubscriptionValidation"),),
        body=[
            {
                "id": "00000000-0000-4000-8000-000000000001",
                "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
                "eventTime": "2026-01-01T00:00:00Z",
                "data": {"validationCode": "{token}"},
            }
        ],
        place=Place.JSON,
        field="validationResponse",
        source="learn.microsoft.com/azure/event-grid/"
        "end-point-validation-event-grid-events-schema",
    ),
    Handshake(
        name="notion",
        body={"verification_token": "{token}"},
        sets_secret=True,
        source="developers.notion.com/reference/webhooks",
    ),
    Handshake(
        name="discord",
        body={"version": 1, "application_id": "1", "type": 0},
        signed=True,
        source="discord-api-docs: developers/events/webhook-events",
    ),
    Handshake(
        name="line",
        body={"destination": "U0LAB", "events": []},
        signed=True,
        source="developers.line.biz/en/docs/messaging-api",
    ),
    Handshake(
        name="xero",
        body={
            "events": [],
            "firstEventSequence": 0,
            "lastEventSequence": 0,
            "entropy": "{token}",
        },
        signed=True,
        place=Place.EMPTY,
        source="developer.xero.com/documentation/guides/webhooks/"
        "configuring-your-server",
    ),
    Handshake(name="exact", source="developers.exactonline.com"),
    # HEAD and OPTIONS
    Handshake(
        name="head",
        method="HEAD",
        source="developer.atlassian.com/cloud/trello/guides/rest-api/webhooks",
    ),
    Handshake(
        name="cloudevents",
        method="OPTIONS",
        headers=(
            ("WebHook-Request-Origin", "{token}.example"),
            ("WebHook-Request-Rate", "120"),
        ),
        place=Place.HEADER,
        field="WebHook-Allowed-Origin",
        answer="{token}.example",
        other_answers=("*",),
        source="github.com/cloudevents/spec, http-webhook.md",
    ),
)


class _Handshakes(Mapping[str, Handshake]):
    def __init__(self, known: tuple[Handshake, ...]) -> None:
        self._known = {handshake.name: handshake for handshake in known}

    def __getitem__(self, name: str) -> Handshake:
        if name not in self._known:
            raise UnknownName("handshake", name, self._known)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


HANDSHAKES: Mapping[str, Handshake] = _Handshakes(_ALL)
"""Every handshake by name; an unknown name raises UnknownName."""
