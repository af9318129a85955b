"""Requests that arrive late, twice, out of turn, or drop by drop."""

import random
from dataclasses import dataclass

from labkit.faults.fault import Crossing, Fault


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
class Replay(Fault):
    """Someone has captured the request and sends it again, `age` seconds later.

    The sender knows nothing of it. The receiver sees an authentic request: signed, and
    old.
    """

    age: float = 3600.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let one more copy arrive much later."""
        if crossing.copies:
            crossing.copies.append(crossing.copies[0] + self.age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Fault):
    """The request takes `seconds` longer to arrive.

    Longer than the sender's timeout, and the sender gives up on an attempt whose
    request arrives at the receiver nevertheless. Later events overtake this one.
    """

    seconds: float = 5.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let every copy arrive later."""
        crossing.copies = [delay + self.seconds for delay in crossing.copies]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(Fault):
    """The request is held back for some time, up to `within` seconds.

    Events that were sent later arrive earlier. Sender and receiver see nothing unusual
    but the order.
    """

    within: float = 10.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Hold every copy back by the same time."""
        held = rng.uniform(0, self.within)
        crossing.copies = [delay + held for delay in crossing.copies]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowBody(Fault):
    """The body arrives slowly: `seconds` from its first byte to its last.

    The receiver's server is kept busy with reading, the sender with writing; the
    receiver's code runs when the body is whole. Over HTTP it really trickles, a
    thousand times as fast as the lab's clock says and for 0.3 s at most.
    """

    seconds: float = 10.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the request be complete only later."""
        crossing.trickle += self.seconds
        crossing.copies = [delay + self.seconds for delay in crossing.copies]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowResponse(Fault):
    """The response takes `seconds` longer: a slow handler, a busy machine.

    Within the timeout the sender waits. Beyond it the attempt has failed, although the
    receiver did its work and answered.
    """

    seconds: float = 30.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Let the response travel longer."""
        crossing.back += self.seconds
