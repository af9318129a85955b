"""What can go wrong on the wire: one small class a fault, one method each.

A fault changes the plan of one `Crossing`, the way of a request over the wire and of
the response back, before it is walked. It knows no HTTP client, no receiver and no
retry policy. When it strikes is settled by `Fault`: with a probability, in a window of
time, on the events that `only` picks.

To add one: write the class with a docstring that says what the sender and what the
receiver sees, then add it to `FAULTS`.
"""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from labkit.errors import BadSetting
from labkit.model import Event, Request, Response


@dataclass(slots=True)
class Crossing:
    """The plan of one request's way over the wire and of the response's way back.

    `copies` has the seconds until each copy of the request arrives, and is empty when
    it is lost. `answer` is given by the wire in the receiver's place. `back` is how
    long the response travels, in seconds.
    """

    event: Event
    number: int
    request: Request
    copies: list[float]
    back: float
    refused: bool = False
    response_lost: bool = False
    answer: Response | None = None
    struck: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which the wire misbehaves, and when it does.

    `probability` is per attempt, from 0 to 1. `after` and `until` bound it to a window,
    in seconds since the simulation began. `only` is an event type, or a function that
    picks events. Raises BadSetting when one of them can't be.
    """

    probability: float = 1.0
    after: float = 0.0
    until: float = math.inf
    only: str | Callable[[Event], bool] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise BadSetting(
                f"{self.name}: probability is {self.probability!r}; "
                "give a number from 0 (never) to 1 (every attempt)"
            )
        if not self.after <= self.until:
            raise BadSetting(
                f"{self.name}: after={self.after} is later than until={self.until}; "
                "the window would be empty"
            )

    @property
    def name(self) -> str:
        """The fault's name, as histories show it."""
        return type(self).__name__

    def concerns(self, event: Event, elapsed: float) -> bool:
        """Whether it may strike this event, `elapsed` seconds into the simulation."""
        if not self.after <= elapsed < self.until:
            return False
        if self.only is None:
            return True
        if isinstance(self.only, str):
            return event.type == self.only
        return self.only(event)

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Change the plan of the crossing."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseRequest(Fault):
    """The request is lost on its way.

    The sender waits until its time-out. The receiver sees nothing.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let no copy arrive."""
        crossing.copies.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseResponse(Fault):
    """The response is lost on its way back.

    The receiver did its work and answered. The sender waits until its time-out, can't
    know that, and will try again: this is where duplicates come from.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the receiver work and the response vanish."""
        crossing.response_lost = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate(Fault):
    """The request arrives `copies` more times, each `gap` seconds after the last.

    The sender sent one and sees one response. The receiver sees all of them.
    """

    copies: int = 1
    gap: float = 0.2

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let more copies follow the last."""
        if crossing.copies:
            last = crossing.copies[-1]
            for step in range(1, self.copies + 1):
                crossing.copies.append(last + step * self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Fault):
    """The request takes `seconds` longer to arrive.

    Longer than the sender's time-out, and the sender gives up on an attempt whose
    request arrives all the same. Later events overtake this one.
    """

    seconds: float = 5.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let every copy arrive later."""
        crossing.copies = [delay + self.seconds for delay in crossing.copies]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tamper(Fault):
    """Somebody on the way changes one digit of the body, or one bit if it has none.

    The signature stays, so a receiver that verifies refuses the request. One that does
    not works with a wrong amount.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Change one digit of the body, preferably in the event's data."""
        body = bytearray(crossing.request.body)
        if not body:
            return
        digits = [place for place, byte in enumerate(body) if 0x30 <= byte <= 0x39]
        start = body.find(b'"data"')
        if place_in_data := [place for place in digits if place > start]:
            digits = place_in_data
        if digits:
            place = rng.choice(digits)
            body[place] = 0x30 + (body[place] - 0x30 + rng.randrange(1, 10)) % 10
        else:
            body[rng.randrange(len(body))] ^= 1
        crossing.request = replace(crossing.request, body=bytes(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError(Fault):
    """Something before the receiver answers with an error: a proxy, a full disk.

    The sender sees the status. The receiver's code sees nothing.
    """

    status: int = 500

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Answer in the receiver's place."""
        crossing.answer = Response(self.status, (("Content-Type", "text/plain"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Fault):
    """The connection is refused: the receiver's process is not there.

    The sender knows at once that nothing was delivered. The receiver sees nothing.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Refuse the connection."""
        crossing.refused = True


FAULTS: Mapping[str, type[Fault]] = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            Delay,
            Duplicate,
            LoseRequest,
            LoseResponse,
            Refuse,
            ServerError,
            Tamper,
        )
    }
)
"""Every fault by its name."""
