"""What an inbox keeps of one request."""

from dataclasses import dataclass

from labkit.model import Request


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
