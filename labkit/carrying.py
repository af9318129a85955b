"""One simulation on its way: deliveries as SimPy processes, over the faulty wire.

Every draw of chance is derived from the seed, the delivery and the attempt alone. The
same seed therefore gives the same bytes, and raising a fault's probability only ever
adds strikes.
"""

import hashlib
import math
import random
import re
import struct
import urllib.parse
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import simpy
import simpy.rt

from labkit.errors import ConnectionRefused, NoAnswer, TimedOut
from labkit.faults import Crossing, Fault
from labkit.model import (
    Attempt,
    Delivery,
    Event,
    Headers,
    History,
    PackedArrivals,
    Request,
    Response,
)
from labkit.profiles import Profile
from labkit.profiles.disable import NEVER_DISABLES, Health
from labkit.profiles.profile import Ordering
from labkit.signing import Scheme
from labkit.transport import Transport

LATENCY = 0.05
"""Seconds that a request or a response travels when nothing goes wrong."""

MOVED = (301, 302, 303, 307, 308)
"""Statuses that ask to go elsewhere."""

CONTENT: Headers = (
    ("Content-Type", "application/json"),
    ("User-Agent", "WebhookLab/1.0"),
)

Steps = Generator[simpy.Event, Any, Any]


@dataclass(frozen=True, slots=True)
class Signature:
    """How attempts are signed; without a `secret` they are not."""

    scheme: Scheme
    secret: str | None
    extra_secrets: tuple[str, ...]
    url: str

    def headers(
        self, event: Event, body: bytes, timestamp: int, secret: str | None = None
    ) -> Headers:
        """Return all headers of an attempt at that time (Unix seconds)."""
        if self.secret is None:
            return CONTENT
        signed = self.scheme.sign(
            body,
            secret=secret or self.secret,
            id=event.id,
            timestamp=timestamp,
            url=self.scheme.target(self.url, body),
            extra_secrets=self.extra_secrets,
        )
        return (*CONTENT, *self.scheme.announce(event.type).items(), *signed.items())

    def path(self, path: str, body: bytes) -> str:
        """Return the path to call; Twilio adds the hash of the body to it."""
        target = self.scheme.target(self.url, body) if self.secret else self.url
        if target == self.url:
            return path
        parts = urllib.parse.urlsplit(target)
        return f"{parts.path}?{parts.query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one simulation is to do.

    `starts` has the lab time (seconds since the epoch) at which each event is due, in
    the order of `events`. `concurrency` bounds the attempts under way at one time.
    """

    events: Sequence[Event]
    starts: Sequence[float]
    path: str
    signature: Signature
    profile: Profile
    faults: Sequence[Fault]
    seed: int
    concurrency: int | None
    speed: float | None

    def ordinary_request(
        self, event: Event, signed_at: float, more: Headers = ()
    ) -> Request:
        """Return the request of an attempt that no fault strikes."""
        return Request(
            "POST",
            self.signature.path(self.path, event.body),
            self.signature.headers(event, event.body, int(signed_at)) + more,
            event.body,
        )

    def made_anew(self, attempt: Attempt) -> Request:
        """Return the request of an attempt that was signed when it was sent."""
        return self.ordinary_request(attempt.event, attempt.sent_at)


class Simulation:
    """The processes of one simulation, and what they have noted so far."""

    def __init__(
        self,
        plan: Plan,
        transport: Transport,
        finished: Callable[[], object] = lambda: None,
    ) -> None:
        self._plan = plan
        self._transport = transport
        self._finished = finished
        self._started_at = float(min(plan.starts, default=0))
        self._made_anew = plan.made_anew
        self._attempts: list[list[Attempt]] = [[] for _ in plan.events]
        self._states = ["pending"] * len(plan.events)
        self._arrivals = PackedArrivals(plan.events)
        self._health = Health()
        self._disabled_at: float | None = None
        self._disabled_until = -math.inf
        self._down_until = 0.0
        # Faults at the provider come first: what is signed must be settled by then.
        ordered = sorted(
            enumerate(plan.faults), key=lambda each: not each[1].at_provider
        )
        self._faults = tuple(ordered)
        self._by_chance = any(0 < fault.probability < 1 for fault in plan.faults)
        self._env = (
            simpy.Environment()
            if plan.speed is None
            else simpy.rt.RealtimeEnvironment(factor=1 / plan.speed, strict=False)
        )
        queued = plan.profile.ordering == Ordering.QUEUE
        self._turn = simpy.Resource(self._env) if queued else None
        self._lines = (
            simpy.Resource(self._env, plan.concurrency) if plan.concurrency else None
        )

    def run(self, until: float | None) -> History:
        """Run every delivery to its end, or to `until` (seconds); return the history."""
        for place, start in enumerate(self._plan.starts):
            self._env.process(self._carry(place, start - self._started_at))
        self._env.run(until=until)
        deliveries = tuple(
            Delivery(event, tuple(attempts), state)
            for event, attempts, state in zip(
                self._plan.events, self._attempts, self._states, strict=True
            )
        )
        return History(
            deliveries,
            self._arrivals,
            self._started_at,
            self._plan.seed,
            self._disabled_at,
        )

    def _carry(self, place: int, due: float) -> Steps:
        yield self._env.timeout(due)
        if self._turn is None:
            self._states[place] = yield from self._deliver(place)
        else:
            with self._turn.request() as turn:
                yield turn
                self._states[place] = yield from self._deliver(place)
        self._finished()

    def _deliver(self, place: int) -> Steps:
        """Make attempts until one is acknowledged or the provider gives up."""
        profile = self._plan.profile
        number = 0
        reason: str | None = None
        while True:
            number += 1
            if self._disabled_until == math.inf:
                return "dead"
            if self._disabled_until > self._env.now:
                yield self._env.timeout(self._disabled_until - self._env.now)
            line = self._lines.request() if self._lines else None
            with line or nullcontext():
                if line is not None:
                    yield line
                attempt, response = yield from self._attempt(place, number, reason)
            self._attempts[place].append(attempt)
            done = response is not None and profile.acknowledges(response.status)
            delay = None if done else self._next_delay(place, attempt, response)
            self._note_health(attempt, done, given_up=not done and delay is None)
            if delay is None:
                return "acknowledged" if done else "dead"
            reason = _REASONS.get(attempt.problem or "", "http_error")
            yield self._env.timeout(delay)

    def _next_delay(
        self, place: int, attempt: Attempt, response: Response | None
    ) -> float | None:
        profile = self._plan.profile
        if response is not None and profile.told_to_stop(response):
            return None
        return profile.next_delay(
            attempt.number,
            status=attempt.status,
            retry_after=response.header("Retry-After") if response else None,
            now=attempt.ended_at,
            rng=random.Random(self._seed_of(place, attempt.number, b"retry")),
        )

    def _note_health(self, attempt: Attempt, done: bool, *, given_up: bool) -> None:
        rule = self._plan.profile.disable
        if rule is NEVER_DISABLES:
            return
        self._health = rule.note(
            self._health,
            at=attempt.ended_at,
            status=attempt.status,
            acknowledged=done,
            given_up=given_up,
        )
        if rule.should_disable(self._health):
            self._health = Health()
            if self._disabled_at is None:
                self._disabled_at = attempt.ended_at
            pause = math.inf if rule.pause is None else rule.pause
            self._disabled_until = self._env.now + pause

    def _attempt(self, place: int, number: int, reason: str | None) -> Steps:
        env, profile = self._env, self._plan.profile
        sent_at = self._started_at + env.now
        crossing = self._cross(place, number, reason, sent_at)
        response: Response | None = None
        if crossing.refused or env.now < self._down_until:
            problem: str | None = "refused"
            yield env.timeout(LATENCY)
        elif crossing.unreachable:
            problem = "timed out"
            yield env.timeout(profile.timeout_connect or profile.timeout)
        else:
            response, problem = yield from self._exchange(crossing, place)
        return Attempt(
            crossing.event,
            number,
            sent_at,
            self._started_at + env.now,
            response.status if response else None,
            problem,
            tuple(crossing.struck),
            self._kept(crossing),
        ), response

    def _exchange(self, crossing: Crossing, place: int) -> Steps:
        """Let the copies arrive; wait for the response to the first, or time out."""
        env, timeout = self._env, self._plan.profile.timeout
        first = crossing.copies[0] if crossing.copies else timeout + 1
        in_time = first <= timeout
        for copy, delay in enumerate(crossing.copies):
            if copy > 0 or not in_time:
                env.process(self._arrive_later(crossing, place, copy, delay))
        if not in_time:
            yield env.timeout(timeout)
            return None, "timed out"
        yield env.timeout(first)
        answer = self._arrive(crossing, place, 0)
        if isinstance(answer, NoAnswer):
            return None, _PROBLEMS.get(type(answer), "lost")
        if crossing.down:
            self._down_until = max(self._down_until, env.now + crossing.down)
        if crossing.response_lost or first + crossing.back > timeout:
            yield env.timeout(timeout - first)
            return None, "timed out"
        yield env.timeout(crossing.back)
        return (None, "lost") if crossing.reset else (answer, None)

    def _cross(
        self, place: int, number: int, reason: str | None, sent_at: float
    ) -> Crossing:
        """Plan one request's way, with every fault that strikes it."""
        plan, profile = self._plan, self._plan.profile
        event = plan.events[place]
        crossing = Crossing(event, number, event.body, [LATENCY], LATENCY)
        struck = self._striking(place, crossing) if self._faults else ()
        for salt, fault in struck:
            if fault.at_provider:
                self._strike(place, crossing, salt, fault)
        before = self._attempts[place]
        first_sent_at = before[0].sent_at if before else sent_at
        signed_at = sent_at if "signature" in profile.renews else first_sent_at
        more = profile.retry_headers(number, reason=reason, first_sent_at=first_sent_at)
        if crossing.struck:
            crossing.request = self._forged(crossing, signed_at, more)
        else:
            crossing.request = plan.ordinary_request(event, signed_at, more)
        crossing.plain = signed_at == sent_at and not more
        crossing.signature_header = plan.signature.scheme.signature_header
        for salt, fault in struck:
            if not fault.at_provider:
                self._strike(place, crossing, salt, fault)
        return crossing

    def _forged(self, crossing: Crossing, signed_at: float, more: Headers) -> Request:
        """Return the request as a provider signs it that something is wrong with."""
        signature, body = self._plan.signature, crossing.body
        at = int(signed_at + crossing.clock)
        headers = signature.headers(crossing.event, body, at, crossing.secret)
        path = signature.path(self._plan.path, body)
        return Request("POST", path, headers + more, body)

    def _kept(self, crossing: Crossing) -> Request | Callable[[Attempt], Request]:
        """Return what a history keeps of the request: as little as tells it."""
        ordinary = crossing.plain and not crossing.struck
        return self._made_anew if ordinary else crossing.request

    def _striking(
        self, place: int, crossing: Crossing
    ) -> tuple[tuple[int, Fault], ...]:
        count = len(self._faults)
        chances = (
            self._chances(place, crossing.number, count)
            if self._by_chance
            else (0.0,) * count
        )
        elapsed = self._env.now
        return tuple(
            (salt, fault)
            for salt, fault in self._faults
            if chances[salt] < fault.probability
            and fault.concerns(crossing.event, elapsed)
        )

    def _strike(self, place: int, crossing: Crossing, salt: int, fault: Fault) -> None:
        seed = self._seed_of(place, crossing.number, b"%d" % salt)
        fault.strike(crossing, random.Random(seed))
        crossing.struck.append(fault.name)

    def _arrive(self, crossing: Crossing, place: int, copy: int) -> Response | NoAnswer:
        if crossing.answer is not None:
            return crossing.answer
        answer: Response | NoAnswer
        try:
            answer = self._send(crossing.request)
        except ConnectionRefused as refusal:
            return refusal
        except NoAnswer as silence:
            answer = silence
        status = answer.status if isinstance(answer, Response) else None
        now = self._started_at + self._env.now
        self._arrivals.add(place, crossing.number, copy, now, status)
        return answer

    def _send(self, request: Request) -> Response:
        """Send it, and follow redirects on the same host as far as the profile does."""
        profile = self._plan.profile
        answer = self._transport.send(request, timeout=profile.timeout)
        for _ in range(profile.redirects.most):
            path = _path_of(answer.header("Location")) if answer.status in MOVED else ""
            if not path:
                break
            if answer.status in profile.redirects.becomes_get:
                request = Request("GET", path, request.headers, b"")
            else:
                request = replace(request, path=path)
            answer = self._transport.send(request, timeout=profile.timeout)
        return answer

    def _arrive_later(
        self, crossing: Crossing, place: int, copy: int, delay: float
    ) -> Steps:
        yield self._env.timeout(delay)
        self._arrive(crossing, place, copy)

    def _chances(self, place: int, number: int, count: int) -> tuple[float, ...]:
        """Return `count` numbers in [0, 1), the same for the same attempt."""
        found: tuple[float, ...] = ()
        block = 0
        while len(found) < count:
            packed = struct.pack("<qqqq", self._plan.seed, place, number, block)
            digest = hashlib.blake2b(packed).digest()
            found += tuple(word / 2**32 for word in struct.unpack("<16I", digest))
            block += 1
        return found

    def _seed_of(self, place: int, number: int, salt: bytes) -> int:
        packed = struct.pack("<qqq", self._plan.seed, place, number) + salt
        return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest())


def _path_of(location: str | None) -> str:
    """Return the path of a redirect on the same host, or "" for any other."""
    return location if location and re.match(r"/(?!/)", location) else ""


_PROBLEMS = {ConnectionRefused: "refused", TimedOut: "timed out"}
_REASONS = {"timed out": "timeout", "refused": "refused", "lost": "lost"}
