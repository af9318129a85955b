"""What a probe has in hand: the witness, the levers, the clock and the promise."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import Path

from labkit.errors import BadSetting
from labkit.examine_sender.by_hand import ByHand
from labkit.examine_sender.clocks import Clock
from labkit.examine_sender.levers import Levers
from labkit.examine_sender.promise import Promise
from labkit.examine_sender.reading import fault_of, id_of, time_of
from labkit.examine_sender.side_servers import SideServers
from labkit.findings.commands import Refused
from labkit.signing import Scheme
from labkit.witness import Behaviour, Canary, Endpoint, Request, Sighting, Witness
from labkit.witness.in_process import InProcessServer
from labkit.witness.server import Server

SLACK = 0.3
"""Real seconds by which a measured time may be off on a busy machine."""


class NotRegistered(Refused):
    """The sender does not take an endpoint that a probe needs."""


@dataclass(slots=True, kw_only=True)
class Learned:
    """What was found out on the way; times are in real seconds.

    `latency` lies between the start of a trigger and the arrival of its request,
    `trigger` is how long the trigger took. `hang` is how long the sender waited for an
    endpoint that never responds, None if that is not known. `pickup` is how long it may
    take until the sender calls a new endpoint, None before that is known.
    """

    latency: float = 0.5
    trigger: float = 0.5
    hang: float | None = None
    pickup: float | None = None


class SenderHarness:
    """Everything that probes share in one examination."""

    def __init__(
        self,
        server: Server | InProcessServer,
        levers: Levers,
        clock: Clock,
        promise: Promise,
        *,
        scheme: Scheme | None = None,
        secret: str = "",
        patience: float = 60.0,
        id_header: str = "",
        id_path: str = "",
        time_header: str = "",
        ca_folder: Path | None = None,
        namespace: bool = False,
        guard_on: bool = False,
        public_url: str = "",
        by_hand: ByHand | None = None,
        pickup: float | None = None,
    ) -> None:
        self.server, self.levers = server, levers
        self.clock, self.promise = clock, promise
        self.witness: Witness = server.witness
        self.scheme, self.secret, self.patience = scheme, secret, patience
        self.id_header, self.id_path = id_header, id_path
        self.time_header = time_header
        self.ca_folder, self.namespace = ca_folder, namespace
        self.guard_on, self.public_url = guard_on, public_url
        self.by_hand = by_hand
        if by_hand is not None:
            self.levers = replace(levers, register=by_hand.register)
        self.learned = Learned(pickup=pickup)
        self.secrets = [secret] if secret else []
        self.registered: list[Endpoint] = []
        self.references: list[Endpoint] = []
        self.failures: list[str] = []
        self.kept: dict[str, object] = {}
        self.listened: list[list[float]] = []
        # A sender may know the endpoint by the address of a tunnel.
        self.base = server.base
        self.triggered: dict[str, float] = {}
        self.asked: Callable[[str], int] = _never_asked
        self._shared: dict[str, Endpoint] = {}
        self._control: Endpoint | None = None
        self._added = self.clock.now()
        self._side = SideServers(self.witness, server.host, ca_folder)

    # ------------------------------------------------------------------ time

    def now(self) -> float:
        """Return the time of the sender's clock in seconds, from any start."""
        return self.clock.now() * self.clock.speed

    def sender(self, seconds: float) -> float:
        """Turn real seconds into seconds of the sender's clock."""
        return seconds * self.clock.speed

    @property
    def slack(self) -> float:
        """How much a measured gap may be off, in seconds of the sender's clock."""
        return self.sender(SLACK)

    @property
    def late(self) -> float:
        """How late an attempt may be because of a busy machine, on the same clock."""
        return self.sender(2 * self.clock.late)

    @property
    def backlog(self) -> float:
        """How late the first attempts of this group were, at most, on the same clock.

        A first attempt is due when its trigger ends. What delays it, such as other
        deliveries before it or a busy machine, delays retries as well.
        """
        took = [
            seen[0].began - self.triggered[mark]
            for endpoint in self.registered
            for mark in endpoint.marks & self.triggered.keys()
            if (seen := endpoint.seen(mark))
        ]
        return self.sender(max(0.0, max(took, default=0.0) - self.learned.trigger))

    @property
    def unserved(self) -> float:
        """How long a first attempt has been overdue, at most, on the same clock.

        Addresses that the sender may refuse do not count, nor do endpoints that were
        called before: the sender may have disabled them.
        """
        since = [
            self.triggered[mark]
            for endpoint in self.registered
            if endpoint.url.startswith(self.server.base)
            if not endpoint.seen()
            for mark in endpoint.marks & self.triggered.keys()
        ]
        return self.sender(self.witness.now() - min(since)) if since else 0.0

    @property
    def calmer(self) -> str:
        """What to do if a busy machine or sender was too slow to be measured."""
        if self.clock.speed > 1:
            return "give a smaller --speed"
        return "examine it again when the machine and the sender are less busy"

    @property
    def longest_wait(self) -> float:
        """The patience, in seconds of the sender's clock."""
        return self.sender(self.patience)

    def retry_wait(self, number: int = 1) -> float:
        """Return how long to wait for that many retries, in the sender's seconds."""
        promised = self.promise.delays
        if not promised:
            return self.longest_wait
        largest = self.promise.jitter[1] if self.promise.jitter else 1.5
        planned = sum(promised[:number]) * max(largest, 1.0)
        # A sender that is late is not one that never retries.
        wanted = planned * 5 + self.sender(self.learned.latency * 3 + 3)
        return min(self.longest_wait, wanted)

    def promised_wait(self, number: int) -> float:
        """Return the longest promised delay of that retry (from 1), 0.0 if unknown."""
        promised = self.promise.delays or ()
        if len(promised) < number:
            return 0.0
        largest = self.promise.jitter[1] if self.promise.jitter else 1.5
        return promised[number - 1] * max(1.0, largest)

    @property
    def absence_wait(self) -> float:
        """How long no further attempt must come before it counts as absent.

        Three times the longest of `retry_gaps`, at least the promised delay, and the
        time that a delivery takes anyway.
        """
        wait = 3 * max(self.retry_gaps(), default=self.longest_wait / 3)
        if self.promise.delays:
            largest = self.promise.jitter[1] if self.promise.jitter else 1.2
            wait = max(wait, self.promise.delays[0] * max(largest, 1.0) * 1.2)
        spare = self.sender(self.learned.latency * 2 + 0.5)
        return min(self.longest_wait, wait + spare)

    def retry_gaps(self) -> list[float]:
        """Return the delays after a 500 that show how long a retry may take.

        With a promise, these are the first ones. Without one, a sender may retry in two
        tiers: any retry may be the first one of the slower tier, and after one retry
        the slower tier is not known yet.
        """
        rows = self.reference_rows()
        if self.promise.delays:
            return [gap for gaps in rows for gap in gaps[:1]]
        return [gap for gaps in rows for gap in gaps if len(gaps) > 1]

    def first_gaps(self) -> list[float]:
        """Return the first delays that were seen after a response of 500."""
        return [gaps[0] for gaps in self.reference_rows() if gaps]

    def reference_rows(self) -> list[list[float]]:
        """Return the delays after responses of 500, a row per delivery."""
        return self.listened + [
            self.gaps(endpoint.seen(mark))
            for endpoint in self.references
            for mark in endpoint.marks
        ]

    def gap(self, earlier: Sighting, later: Sighting) -> float:
        """Return the seconds of the sender's clock between two attempts."""
        start = earlier.ended
        if earlier.closed is not None and not earlier.finished:
            start = max(start, earlier.closed)
        return self.sender(max(0.0, later.began - start))

    def since(self, sighting: Sighting) -> float:
        """Return the seconds of the sender's clock since an attempt."""
        return self.sender(self.witness.now() - sighting.ended)

    def gaps(self, sightings: tuple[Sighting, ...]) -> list[float]:
        """Return the gaps between the attempts, in the sender's seconds."""
        pairs = itertools.pairwise(sightings)
        return [self.gap(one, two) for one, two in pairs]

    def sender_date(self, ahead: float) -> str:
        """Return an HTTP date that many seconds ahead by the sender's clock."""
        moment = time.time()
        for sighting in reversed(self.witness.seen()):
            claimed = self.claimed_time(sighting.request)
            if claimed is not None:
                passed = self.witness.now() - sighting.ended
                moment = claimed + self.sender(passed)
                break
        return formatdate(moment + ahead, usegmt=True)

    # ------------------------------------------------------------- endpoints

    @property
    def sockets(self) -> bool:
        """Whether the sender is a program that uses sockets."""
        return isinstance(self.server, Server)

    def endpoint(self, name: str, *script: Behaviour) -> Endpoint:
        """Add an endpoint with that script and register it."""
        added = self.server.endpoint(name, *script)
        self.register(added)
        return added

    def shared(self, name: str, *script: Behaviour) -> Endpoint:
        """Return the group's endpoint of that name; the first call registers it."""
        if name not in self._shared:
            self._shared[name] = self.endpoint(name, *script)
        return self._shared[name]

    def register(self, endpoint: Endpoint, secret: str | None = None) -> None:
        """Register an endpoint; raises NotRegistered if the sender does not take it."""
        if self.levers.register is None:
            raise NotRegistered("there is no --register")
        try:
            endpoint.id = self.levers.register(
                endpoint.url, self.secret if secret is None else secret
            )
        except Refused as refused:
            raise NotRegistered(
                f"the sender does not accept the endpoint {endpoint.url}: {refused}"
            ) from None
        self._added = self.clock.now()
        self.registered.append(endpoint)

    def control(self) -> Endpoint:
        """Return the good endpoint that stays; the first call registers it."""
        if self._control is None:
            self._control = self.endpoint("control")
        return self._control

    def forget_control(self) -> None:
        """Take the good endpoint away; a restarted sender may have forgotten it."""
        if self._control is not None and self.by_hand is None:
            self.unregister(self._control)
            self._control = None

    def await_registration(self) -> None:
        """Wait until the sender calls the new endpoints.

        Someone may have to add them by hand, and a sender may cache its endpoints.
        """
        if self.by_hand is not None:
            self.by_hand.wait(self)
        until = self._added + (self.learned.pickup or 0.0)
        while self.clock.now() < until:
            self.clock.pause(self.witness.changed, until)

    def unregister(self, endpoint: Endpoint) -> None:
        """Take an endpoint away, as far as there is a lever."""
        if endpoint in self.registered:
            self.registered.remove(endpoint)
            if self.levers.unregister is not None:
                try:
                    self.levers.unregister(endpoint.id)
                except BadSetting as error:
                    self.failures.append(str(error))

    def end_group(self) -> None:
        """Take every endpoint but the control away; the next group has its own."""
        self._shared.clear()
        for endpoint in list(self.registered):
            if endpoint is self._control:
                endpoint.marks.clear()
            else:
                self.unregister(endpoint)
                endpoint.open = False
        # A sender that waits forever must not keep its workers from the next group.
        self.server.drop()

    def trigger(self, mark: str, more: str = "") -> float:
        """Make one event with that mark; return how long it took, in real seconds.

        Raises Refused if the trigger failed.
        """
        if self.levers.trigger is None:
            raise BadSetting("there is no --trigger")
        start = self.clock.now()
        self.levers.trigger(mark + more)
        return self.clock.now() - start

    def event(self, *endpoints: Endpoint, more: str = "") -> str:
        """Make an event for which these endpoints play their scripts."""
        self.await_registration()
        mark = self.witness.new_mark()
        for endpoint in endpoints:
            endpoint.marks.add(mark)
        self.triggered[mark] = self.witness.now()
        self.trigger(mark, more)
        return mark

    def canary(self) -> Canary:
        """Return the canary; the first call starts it."""
        return self._side.canary()

    def tls_server(self, case: str) -> Server:
        """Return the TLS server with that certificate; the first call starts it."""
        return self._side.tls(case)

    def close(self) -> None:
        """Take the endpoints away and stop listening."""
        self._control = None
        self.end_group()
        self._side.close()
        self.server.close()

    # ------------------------------------------------------------ signatures

    def signature_fault(
        self, request: Request, secrets: list[str] | None = None
    ) -> str | None:
        """Return why the request does not verify, or None if it does or can't be told.

        Its age is not looked at: that is a question of its own.
        """
        tried = self.secrets if secrets is None else secrets
        if self.scheme is None or not tried:
            return None
        moment = self.claimed_time(request)
        return fault_of(request, self.scheme, tried, moment=moment, base=self.base)

    def event_id(self, request: Request) -> str | None:
        """Return the event's or delivery's id on the wire, or None if there is none."""
        if self.id_header or self.id_path:
            return id_of(request, self.id_header, self.id_path)
        usual = self.scheme.id_header if self.scheme else None
        # A sender may sign by a scheme and name its headers itself.
        return (request.header(usual) if usual else None) or id_of(request, "", "")

    def keeps_ids(self) -> bool:
        """Tell whether retries after a 500 carried one id, as far as any were seen."""
        return all(
            len({self.event_id(s.request) for s in endpoint.seen(mark)}) <= 1
            for endpoint in self.references
            for mark in endpoint.marks
        )

    def claimed_time(self, request: Request) -> float | None:
        """Return the time that the sender gives for this attempt, or None."""
        return time_of(request, self.scheme, self.time_header)


def _never_asked(name: str) -> int:
    """Return how often a name was looked up if there is no name server: never."""
    return 0
