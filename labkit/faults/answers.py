"""Answers that come from something before the receiver."""

import random
from dataclasses import dataclass

from labkit.errors import BadSetting
from labkit.faults.fault import Crossing, Fault
from labkit.model import Response


def check_status(fault: "ServerError | Redirect") -> None:
    """Raise BadSetting unless the status is one of HTTP's."""
    if not 100 <= fault.status <= 599:
        raise BadSetting(
            f"{fault.name}: status is {fault.status}; give one from 100 to 599"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(Fault):
    """Something in front of the receiver returns an error, such as a proxy.

    The sender sees the status. The receiver's code sees nothing.
    """

    status: int = 500

    def __post_init__(self) -> None:
        Fault.__post_init__(self)
        check_status(self)

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Answer in the receiver's place."""
        crossing.answer = Response(self.status, (("Content-Type", "text/plain"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Fault):
    """A gateway returns 429 and asks the sender to wait `retry_after` seconds.

    A sender that honours Retry-After waits that long. The receiver's code sees nothing.
    """

    retry_after: int = 120

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Answer 429 with Retry-After."""
        crossing.answer = Response(429, (("Retry-After", str(self.retry_after)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Fault):
    """A proxy returns a redirect to `location`.

    Most senders do not follow it and count the attempt as failed. The receiver's code
    sees nothing.
    """

    location: str = "https://elsewhere.example/webhooks"
    status: int = 302

    def __post_init__(self) -> None:
        Fault.__post_init__(self)
        check_status(self)

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Answer with the redirect."""
        crossing.answer = Response(self.status, (("Location", self.location),))
