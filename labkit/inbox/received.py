"""What an inbox keeps of one request, and what of it nobody may see."""

import re
import urllib.parse
from dataclasses import dataclass

from labkit.model import Request

REDACTED = ("authorization", "cookie", "proxy-authorization")
"""Headers whose values an inbox never keeps: on a hub they are the learner's login."""

HIDDEN = "(redacted)"
"""What stands in place of a value that is not shown."""

_SECRET_FIELD = re.compile(
    "token|secret|password|passwd|api[-_]?key|access[-_]?key|^key$|^auth$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Received:
    """One request in an inbox.

    `status` is what the app answered, `seconds` how long it took, `printed` what it
    printed meanwhile. `error` is the exception that it let out, or None. `number`
    counts a receiver's requests from 1, in the order in which they were answered; `at`
    is when it came, in seconds since the Unix epoch. `resend_of` is the number of the
    request that the inspector sent again, or None for one from outside.
    """

    request: Request
    status: int
    seconds: float
    printed: str
    error: BaseException | None
    number: int = 0
    at: float = 0.0
    resend_of: int | None = None


def shown_target(target: str) -> str:
    """Return path and query with the values of secret fields hidden.

    Behind a Jupyter server the query may hold the learner's login, `?token=…`.
    """
    path, mark, query = target.partition("?")
    fields = [_shown_field(field) for field in query.split("&")]
    return path + mark + "&".join(fields)


def shown_header(name: str, value: str) -> str:
    """Return a header's value, hidden where its name says that it is a secret."""
    secret = name.lower() in REDACTED or _SECRET_FIELD.search(name)
    return HIDDEN if secret else value


def _shown_field(field: str) -> str:
    name, equals, value = field.partition("=")
    secret = value and _SECRET_FIELD.search(urllib.parse.unquote_plus(name))
    return f"{name}{equals}{HIDDEN if secret else value}"
