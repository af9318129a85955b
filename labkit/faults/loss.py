"""Nothing comes through: requests, responses and connections that are lost."""

import random
from dataclasses import dataclass
from typing import ClassVar

from labkit.faults.fault import Crossing, Fault
from labkit.model import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseRequest(Fault):
    """The request is lost in transit.

    The sender waits until its timeout. The receiver sees nothing.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let no copy arrive."""
        crossing.copies.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseResponse(Fault):
    """The response is lost in transit.

    The receiver did its work and answered. The sender waits until its timeout, can't
    know that, and will try again: this is where duplicates come from. Over HTTP the
    response is read, so that the history can tell of it, and kept from the sender.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the receiver work and the response vanish."""
        crossing.response_lost = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRequest(Fault):
    """The connection breaks in the middle of the request.

    The sender sees it break, before any answer. The receiver's server has half a body,
    waits for the rest, and drops it: the receiver's code sees nothing. Over HTTP half
    of the body is sent and the connection reset.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Break the connection on the way there."""
        crossing.broken_off = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetResponse(Fault):
    """The connection is reset in the middle of the response.

    The receiver did its work. The sender sees the connection break, at once, and can't
    know how far the receiver came. Over HTTP the connection is reset when the head of
    the response has come.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Break the connection on the way back."""
        crossing.reset = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Fault):
    """The connection is refused: the receiver's process is not running.

    The sender knows at once that nothing was delivered. The receiver sees nothing.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Refuse the connection."""
        crossing.refused = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable(Fault):
    """The connection is never answered: a firewall drops it, a host is gone.

    The sender waits until its timeout for connecting. The receiver sees nothing.
    """

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the connection hang."""
        crossing.unreachable = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(Fault):
    """The receiver is down for a while: `starts` and `lasts` are in seconds.

    The sender's connections are refused. The receiver sees nothing until it is back,
    and then everything that was waiting.
    """

    length: ClassVar[str | None] = "lasts"

    starts: float = 0.0
    lasts: float = 3600.0

    def concerns(self, event: Event, elapsed: float) -> bool:
        """Whether the receiver is down at that time."""
        down = self.starts <= elapsed < self.starts + self.lasts
        return down and Fault.concerns(self, event, elapsed)

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Refuse the connection."""
        crossing.refused = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashReceiver(Fault):
    """The receiver crashes after its work, before it sends the response.

    The sender sees the connection break, and then refused connections for `downtime`
    seconds. The receiver has done the work, and the sender sends the event again. The
    simulation runs in your process, so data in memory survives this fault. To lose
    that too, use `labkit.explore.crashes`.
    """

    downtime: float = 30.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Break the connection and keep the receiver down."""
        crossing.reset = True
        crossing.down = self.downtime
