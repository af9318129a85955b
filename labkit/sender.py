"""Carry deliveries to their end: sign, send, wait, try again, give up.

A delivery is a SimPy process, so the same code runs in virtual time, where three days
of retries pass in milliseconds, and in real time, scaled or not. Every draw of chance
is derived from the seed, the delivery and the attempt alone. The same seed therefore
gives the same bytes, and raising a fault's probability only ever adds strikes.
"""

import hashlib
import random
import struct
import urllib.parse
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import simpy
import simpy.rt

from labkit.errors import (
    BadSetting,
    ConnectionRefused,
    NoAnswer,
    TimedOut,
    shown_plainly,
)
from labkit.faults import Crossing, Fault
from labkit.model import (
    Arrival,
    Attempt,
    Delivery,
    Event,
    Headers,
    History,
    Request,
    Response,
)
from labkit.profiles import PROFILES, Profile
from labkit.signing import SCHEMES
from labkit.transport import Endpoint, HttpTransport, Transport, transport_to

LATENCY = 0.05
"""Seconds that a request or a response travels when nothing goes wrong."""

CONTENT: Headers = (
    ("Content-Type", "application/json"),
    ("User-Agent", "WebhookLab/1.0"),
)


class Sender:
    """A provider: it delivers events to one endpoint, as its profile promises.

    `endpoint` is a Flask app (called in process) or a URL (over HTTP); where it names
    no path, deliveries go to `path`. With a `secret` each attempt is signed by
    `scheme`; without one nothing is signed. `profile` names the provider's promises,
    `faults` what the wire does. `seed` settles all chance. `url` is the address that
    the provider has on file, for the schemes that sign it; by default the real one.

    Raises UnknownName, BadSecret and BadSetting when built, not when first used.
    """

    @shown_plainly
    def __init__(
        self,
        endpoint: Endpoint,
        *,
        scheme: str = "generic",
        secret: str | None = None,
        extra_secrets: Sequence[str] = (),
        profile: str | Profile = "standard",
        faults: Iterable[Fault] = (),
        seed: int = 0,
        path: str = "/webhooks",
        url: str | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._path = transport_to(endpoint, path=path)[1]
        self._signing = _Signing(
            scheme, secret, tuple(extra_secrets), url or _url(endpoint, self._path)
        )
        self._profile = PROFILES[profile] if isinstance(profile, str) else profile
        self._faults = tuple(faults)
        self._seed = seed
        for fault in self._faults:
            if not isinstance(fault, Fault):
                raise BadSetting(
                    f"{fault!r:.60} is no fault; give instances, "
                    "like faults=[LoseResponse(probability=0.3)]"
                )

    @shown_plainly
    def send(
        self,
        *events: Event,
        until: float | None = None,
        speed: float | None = None,
    ) -> History:
        """Deliver the events, each from its `created_at` on, and return what happened.

        `until` ends the simulation that many seconds after its start; deliveries that
        are not at their end by then stay pending. `speed` is None for virtual time, 1
        for real time, 3600 for an hour in a second.

        Raises ConnectionRefused when nobody listens at a URL at the start.
        """
        _check_events(events)
        if speed is not None and speed <= 0:
            raise BadSetting(f"speed is {speed}; 1 is real time, 3600 an hour a second")
        transport, path = transport_to(self._endpoint, path=self._path)
        try:
            if isinstance(transport, HttpTransport):
                transport.connect()
            run = _Run(
                transport=transport,
                path=path,
                signing=self._signing,
                profile=self._profile,
                faults=self._faults,
                seed=self._seed,
                events=events,
                speed=speed,
            )
            return run.to_the_end(until)
        finally:
            if isinstance(transport, HttpTransport):
                transport.close()


@shown_plainly
def simulate(
    endpoint: Endpoint,
    events: Iterable[Event],
    *,
    scheme: str = "generic",
    secret: str | None = None,
    profile: str | Profile = "standard",
    faults: Iterable[Fault] = (),
    seed: int = 0,
    until: float | None = None,
    path: str = "/webhooks",
    url: str | None = None,
    speed: float | None = None,
) -> History:
    """Deliver events to an endpoint over a faulty wire and return the history.

    The arguments are those of `Sender` and `Sender.send`. Time is virtual unless
    `speed` is given; nothing waits, and the same seed gives the same history.

        simulate(app, [Event("push", {})], faults=[LoseResponse(probability=0.3)])
    """
    sender = Sender(
        endpoint,
        scheme=scheme,
        secret=secret,
        profile=profile,
        faults=faults,
        seed=seed,
        path=path,
        url=url,
    )
    return sender.send(*events, until=until, speed=speed)


class _Signing:
    """What turns an event and a moment into the headers of one attempt."""

    def __init__(
        self, scheme: str, secret: str | None, extra: tuple[str, ...], url: str
    ) -> None:
        self._scheme = SCHEMES[scheme]
        self._secret = secret
        self._extra = extra
        self._url = url
        if secret is not None:
            for each in (secret, *extra):
                self._scheme.check_secret(each)

    def path(self, event: Event, path: str) -> str:
        """Return the path to call; Twilio adds the hash of the body to it."""
        if self._secret is None:
            return path
        target = self._scheme.target(self._url, event.body)
        if target == self._url:
            return path
        parts = urllib.parse.urlsplit(target)
        return f"{parts.path}?{parts.query}"

    def headers(self, event: Event, timestamp: int) -> Headers:
        """Return all headers of an attempt at that time (Unix seconds)."""
        if self._secret is None:
            return CONTENT
        signed = self._scheme.sign(
            event.body,
            secret=self._secret,
            id=event.id,
            timestamp=timestamp,
            url=self._scheme.target(self._url, event.body),
            extra_secrets=self._extra,
        )
        announced = self._scheme.announce(event.type)
        return (*CONTENT, *announced.items(), *signed.items())


class _Run:
    """One simulation on its way: its SimPy processes and what they have noted."""

    def __init__(
        self,
        transport: Transport,
        path: str,
        signing: _Signing,
        profile: Profile,
        faults: tuple[Fault, ...],
        seed: int,
        events: tuple[Event, ...],
        speed: float | None,
    ) -> None:
        self._transport = transport
        self._path = path
        self._signing = signing
        self._profile = profile
        self._faults = faults
        self._seed = seed
        self._events = events
        self._started_at = float(min((e.created_at for e in events), default=0))
        self._attempts: list[list[Attempt]] = [[] for _ in events]
        self._states = ["pending"] * len(events)
        self._arrivals: list[Arrival] = []
        self._by_chance = any(0 < fault.probability < 1 for fault in faults)
        self._env = (
            simpy.Environment()
            if speed is None
            else simpy.rt.RealtimeEnvironment(factor=1 / speed, strict=False)
        )

    def to_the_end(self, until: float | None) -> History:
        """Run every delivery to its end, or to `until`, and return the history."""
        for index, event in enumerate(self._events):
            self._env.process(self._carry(index, event))
        self._env.run(until=until)
        deliveries = tuple(
            Delivery(event, tuple(attempts), state)
            for event, attempts, state in zip(
                self._events, self._attempts, self._states, strict=True
            )
        )
        return History(deliveries, tuple(self._arrivals), self._started_at, self._seed)

    def _carry(self, index: int, event: Event) -> Generator[simpy.Event, Any, None]:
        env, profile = self._env, self._profile
        yield env.timeout(event.created_at - self._started_at)
        number = 0
        reason: str | None = None
        while True:
            number += 1
            attempt, response = yield from self._attempt(index, event, number, reason)
            self._attempts[index].append(attempt)
            if response is not None and profile.acknowledges(response.status):
                self._states[index] = "acknowledged"
                return
            delay = profile.next_delay(
                number,
                status=attempt.status,
                retry_after=response.header("Retry-After") if response else None,
                now=attempt.ended_at,
                rng=random.Random(self._seed_of(index, number, b"retry")),
            )
            if delay is None:
                self._states[index] = "dead"
                return
            reason = _REASONS.get(attempt.problem or "", "http_error")
            yield env.timeout(delay)

    def _attempt(
        self, index: int, event: Event, number: int, reason: str | None
    ) -> Generator[simpy.Event, Any, tuple[Attempt, Response | None]]:
        env, timeout = self._env, self._profile.timeout
        sent_at = self._started_at + env.now
        crossing = self._plan(index, event, number, reason, sent_at)
        response: Response | None = None
        problem: str | None = "timed out"
        first = crossing.copies[0] if crossing.copies else None
        if crossing.refused:
            problem = "refused"
            yield env.timeout(LATENCY)
        else:
            late = crossing.copies if first is None or first > timeout else None
            for copy, delay in enumerate(crossing.copies):
                if copy > 0 or late:
                    env.process(self._arrive_later(crossing, copy, delay))
            if first is None or first > timeout:
                yield env.timeout(timeout)
            else:
                yield env.timeout(first)
                answer = self._arrive(crossing, 0)
                if isinstance(answer, NoAnswer):
                    problem = _PROBLEMS.get(type(answer), "lost")
                elif crossing.response_lost or first + crossing.back > timeout:
                    yield env.timeout(timeout - first)
                else:
                    yield env.timeout(crossing.back)
                    response, problem = answer, None
        attempt = Attempt(
            event,
            number,
            sent_at,
            self._started_at + env.now,
            response.status if response else None,
            problem,
            tuple(crossing.struck),
            crossing.request,
        )
        return attempt, response

    def _plan(
        self,
        index: int,
        event: Event,
        number: int,
        reason: str | None,
        sent_at: float,
    ) -> Crossing:
        before = self._attempts[index]
        first_sent_at = before[0].sent_at if before else sent_at
        renewed = "signature" in self._profile.renews
        signed_at = sent_at if renewed else first_sent_at
        headers = (
            *self._signing.headers(event, int(signed_at)),
            *self._profile.retry_headers(
                number, reason=reason, first_sent_at=first_sent_at
            ),
        )
        request = Request(
            "POST", self._signing.path(event, self._path), headers, event.body
        )
        crossing = Crossing(event, number, request, [LATENCY], LATENCY)
        if self._faults:
            self._strike(crossing, index)
        return crossing

    def _strike(self, crossing: Crossing, index: int) -> None:
        number, elapsed = crossing.number, self._env.now
        faults = self._faults
        chances = (
            self._chances(index, number, len(faults))
            if self._by_chance
            else (0.0,) * len(faults)
        )
        for place, fault in enumerate(faults):
            if chances[place] < fault.probability and fault.concerns(
                crossing.event, elapsed
            ):
                salt = b"%d" % place
                fault.strike(
                    crossing, random.Random(self._seed_of(index, number, salt))
                )
                crossing.struck.append(fault.name)

    def _arrive(self, crossing: Crossing, copy: int) -> Response | NoAnswer:
        if crossing.answer is not None:
            return crossing.answer
        answer: Response | NoAnswer
        try:
            answer = self._transport.send(
                crossing.request, timeout=self._profile.timeout
            )
        except ConnectionRefused as refusal:
            return refusal
        except NoAnswer as silence:
            answer = silence
        self._arrivals.append(
            Arrival(
                crossing.event,
                crossing.number,
                copy,
                self._started_at + self._env.now,
                answer.status if isinstance(answer, Response) else None,
            )
        )
        return answer

    def _arrive_later(
        self, crossing: Crossing, copy: int, delay: float
    ) -> Generator[simpy.Event, Any, None]:
        yield self._env.timeout(delay)
        self._arrive(crossing, copy)

    def _chances(self, index: int, number: int, count: int) -> tuple[float, ...]:
        """Return `count` numbers in [0, 1), the same for the same attempt."""
        found: tuple[float, ...] = ()
        block = 0
        while len(found) < count:
            packed = struct.pack("<qqqq", self._seed, index, number, block)
            digest = hashlib.blake2b(packed).digest()
            found += tuple(word / 2**32 for word in struct.unpack("<16I", digest))
            block += 1
        return found

    def _seed_of(self, index: int, number: int, salt: bytes) -> int:
        packed = struct.pack("<qqq", self._seed, index, number) + salt
        return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest())


_PROBLEMS = {ConnectionRefused: "refused", TimedOut: "timed out"}
_REASONS = {"timed out": "timeout", "refused": "refused", "lost": "lost"}


def _check_events(events: Sequence[Event]) -> None:
    for event in events:
        if not isinstance(event, Event):
            raise BadSetting(
                f"{event!r:.60} is no event; "
                'make one with Event("payment.succeeded", {"order_id": "A-1"})'
            )


def _url(endpoint: Endpoint, path: str) -> str:
    if not isinstance(endpoint, str):
        return f"http://127.0.0.1{path}"
    parts = urllib.parse.urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}{path}"
