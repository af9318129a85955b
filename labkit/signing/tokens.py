"""Schemes that sign nothing: the request carries the secret itself."""

import random
import re
from typing import ClassVar

from labkit.signing.scheme import Layout, Scheme


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

    Auth0's log streams do the same.

    Source: developer.okta.com/docs/concepts/event-hooks.
    """

    name: ClassVar[str] = "okta"
    signature_header: ClassVar[str] = "Authorization"
    handshake: ClassVar[str] = "okta"
