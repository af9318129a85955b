"""Keep secrets out of everything that the page shows."""

from collections.abc import Iterable

from labkit.inbox.received import HIDDEN, shown_header, shown_target
from labkit.model import Request

SHORTEST = 6
"""A shorter secret is not looked for: it would be found in harmless words."""


class Redaction:
    """Hides secret headers and fields, and the known secrets wherever they occur."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first: one may be a part of another.
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        self._secrets = sorted(known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return the text with every known secret hidden."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def body(self, body: bytes) -> bytes:
        """Return the bytes with every known secret hidden."""
        for secret in self._secrets:
            body = body.replace(secret.encode(), HIDDEN.encode())
        return body

    def request(self, request: Request) -> Request:
        """Return the request as it may be shown."""
        return Request(
            self.text(request.method),
            self.text(shown_target(request.path)),
            tuple(
                (self.text(name), self.text(shown_header(name, value)))
                for name, value in request.headers
            ),
            self.body(request.body),
        )
