"""Which request each attempt of a simulation is, and what the wire does to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from labkit.faults import Crossing, Fault
from labkit.model import Attempt, Event, Headers, Request
from labkit.profiles import Profile
from labkit.sender.randomness import Chance
from labkit.signing import Scheme
from labkit.signing.query import into_query

LATENCY = 0.05
"""Seconds that a request or a response travels when nothing goes wrong."""

CONTENT: Headers = (
    ("Content-Type", "application/json"),
    ("User-Agent", "WebhookLab/1.0"),
)

REASONS = {"timed out": "timeout", "refused": "refused", "lost": "lost"}
"""From an attempt's problem to the word that a profile's retry headers know."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How attempts are signed; without a `secret` they are not.

    `url` is the address that the provider has on file.
    """

    scheme: Scheme
    secret: str | None
    extra_secrets: tuple[str, ...]
    url: str

    def request(
        self,
        path: str,
        body: bytes,
        *,
        event: Event,
        id_: str,
        timestamp: float,
        secret: str | None = None,
        more: Headers = (),
    ) -> Request:
        """Return the request that carries this body, signed at that time.

        `timestamp` is in seconds since the epoch. `secret` takes the usual one's place.
        """
        if self.secret is None:
            return Request("POST", path, CONTENT + more, body)
        scheme = self.scheme
        signed = scheme.headers_for(
            body,
            (secret or self.secret, *self.extra_secrets),
            id=id_,
            timestamp=int(timestamp),
            url=self.url,
        )
        # Twilio adds the hash of the body to the address that it calls.
        target, placed = into_query(scheme.target(path, body), signed)
        content, signature = scheme.enclose(body, placed)
        own = (("Content-Type", scheme.encloses_as),) if scheme.encloses_as else ()
        headers = (
            *(own or CONTENT[:1]),
            *CONTENT[1:],
            *scheme.announce(event.type).items(),
            *signature.items(),
            *more,
        )
        return Request("POST", target, headers, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one simulation is to do.

    `started_at` is its first moment, in lab time (seconds since the epoch).
    `concurrency` bounds the attempts under way at one time.
    """

    events: Sequence[Event]
    started_at: float
    path: str
    signature: Signature
    profile: Profile
    faults: Sequence[Fault]
    seed: int
    concurrency: int | None
    speed: float | None
    chance: Chance = field(init=False, repr=False)
    _renews_id: bool = field(init=False, repr=False)
    _renews_signature: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in (
            ("chance", Chance(self.seed, self.faults)),
            ("_renews_id", "id" in self.profile.renews),
            ("_renews_signature", "signature" in self.profile.renews),
        ):
            object.__setattr__(self, name, value)

    def cross(
        self, place: int, number: int, sent_at: float, before: Sequence[Attempt]
    ) -> Crossing:
        """Plan the way of one attempt's request, with every fault that strikes it.

        `place` is the delivery's, `number` the attempt's, from 1; `before` holds at
        least the attempts before it. The same arguments give the same crossing: a
        history keeps no requests, it plans them again when they are asked for.
        """
        event = self.events[place]
        signature = self.signature
        crossing = Crossing(
            event,
            number,
            event.body,
            [LATENCY],
            LATENCY,
            signature.scheme.signature_header,
            lambda crossing: self.signed(crossing, sent_at, before),
        )
        elapsed = sent_at - self.started_at
        struck = [
            (fault, salt)
            for fault, salt in self.chance.striking(place, number)
            if fault.concerns(event, elapsed)
        ]
        # Faults at the provider come first: what is signed must be settled before the
        # first fault on the wire reads the request.
        struck.sort(key=_is_on_the_wire)
        for fault, salt in struck:
            fault.strike(crossing, self.chance.draws(place, number, salt))
            crossing.struck.append(fault.name)
        return crossing

    def signed(
        self, crossing: Crossing, sent_at: float, before: Sequence[Attempt]
    ) -> Request:
        """Return the request as it leaves the provider, before the wire changes it."""
        number, event, profile = crossing.number, crossing.event, self.profile
        id_, first_sent_at = event.id, sent_at
        more: Headers = ()
        if number > 1:
            first_sent_at = before[0].sent_at
            if self._renews_id:
                id_ = f"{event.id}_{number}"
        if profile.headers is not None:
            reason = _reason(before[number - 2]) if number > 1 else None
            more = profile.retry_headers(
                number, reason=reason, first_sent_at=first_sent_at
            )
        signed_at = sent_at if self._renews_signature else first_sent_at
        return self.signature.request(
            self.path,
            crossing.body,
            event=event,
            id_=id_,
            timestamp=signed_at + crossing.clock,
            secret=crossing.secret,
            more=more,
        )


def _is_on_the_wire(strike: tuple[Fault, bytes]) -> bool:
    return not strike[0].at_provider


def _reason(failed: Attempt) -> str:
    return REASONS.get(failed.problem or "", "http_error")
