"""The plan of one crossing, and when a fault may change it.

A fault knows no HTTP client, no receiver and no retry policy. When it strikes is
settled here: with a probability, in a window of time, on the events that `only` picks.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import ClassVar, Self

from labkit.arguments import check_fields
from labkit.errors import BadSetting
from labkit.model import Event, Headers, Request, Response
from labkit.signing import Scheme
from labkit.signing.query import IN_QUERY, from_query, into_query, out_of_query


@dataclass(slots=True)
class Crossing:
    """The plan of one request's way over the wire and of the response's way back.

    At the provider, before the request is signed: `body`, `clock` (seconds that its
    clock is off) and `secret` (None for the usual one).

    On the wire: `request` as it travels, signed by `sign` when it is first read;
    `copies`, the seconds until each copy of it arrives, empty when it is lost;
    `answer`, given by the wire in the receiver's place; `back`, the seconds that the
    response travels. `trickle` is how many of the seconds on the way there pass between
    first and last byte of the body.

    The connection: `unreachable` or `refused` when it is asked for; `broken_off` in the
    middle of the request; `reset` in the middle of the response, of which
    `response_lost` lets nothing come back. `down` is for how many seconds the receiver
    is gone once its work on this request is done.

    `struck` names the faults that have changed the plan so far.
    """

    event: Event
    number: int
    body: bytes
    copies: list[float]
    back: float
    signature_header: str | None = None
    sign: "Callable[[Crossing], Request] | None" = field(default=None, repr=False)
    clock: float = 0.0
    secret: str | None = None
    unreachable: bool = False
    refused: bool = False
    broken_off: bool = False
    response_lost: bool = False
    reset: bool = False
    down: float = 0.0
    trickle: float = 0.0
    answer: Response | None = None
    struck: list[str] = field(default_factory=list)
    _request: Request | None = field(default=None, init=False, repr=False)

    @property
    def request(self) -> Request:
        """The request as it travels. Nothing is signed for one that is never sent."""
        if self._request is None:
            if self.sign is None:
                raise AttributeError("the crossing has neither a request nor a signer")
            self._request = self.sign(self)
        return self._request

    @request.setter
    def request(self, request: Request) -> None:
        self._request = request

    @property
    def headers(self) -> Headers:
        """The headers, and with them a signature in the query of the URL."""
        name, request = self.signature_header or "", self.request
        if not name.startswith(IN_QUERY):
            return request.headers
        value = from_query(request.path).get(name)
        return request.headers + (() if value is None else ((name, value),))

    def set_headers(self, headers: Headers) -> None:
        """Let the request travel with these headers."""
        request = self.request
        path = out_of_query(request.path, self.signature_header or "")
        own = []
        for name, value in headers:
            if name.startswith(IN_QUERY):
                path, _ = into_query(path, {name: value})
            else:
                own.append((name, value))
        self.request = Request(request.method, path, tuple(own), request.body)

    def set_body(self, body: bytes) -> None:
        """Let the request travel with this body, signed or not."""
        request = self.request
        self.request = Request(request.method, request.path, request.headers, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which the wire misbehaves, and when it does.

    `probability` is per attempt, from 0 to 1. `after` and `until` bound it to a window,
    in seconds since the simulation began. `only` is an event type, or a function that
    picks events by nothing but the event: a history asks it again when it tells what
    was sent. Raises BadSetting when one of them can't be.
    """

    at_provider: ClassVar[bool] = False
    """Whether it happens before the request is signed."""

    changes_request: ClassVar[bool] = False
    """Whether the request arrives changed, so that a receiver that verifies refuses it.

    A header that is lost or doubled is no such change: what is left is as it was sent.
    """

    length: ClassVar[str | None] = None
    """The setting in seconds that a dial turns; None where it turns the probability."""

    probability: float = 1.0
    after: float = 0.0
    until: float = math.inf
    only: str | Callable[[Event], bool] | None = None

    def __post_init__(self) -> None:
        check_fields(self, self.name)
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
        for setting in fields(self):
            value = getattr(self, setting.name)
            bounded = setting.name not in ("after", "until")
            if bounded and isinstance(value, int | float) and not 0 <= value < math.inf:
                raise BadSetting(
                    f"{self.name}: {setting.name} is {value}; "
                    "give a finite number that is not negative"
                )

    @property
    def name(self) -> str:
        """The fault's name, as histories show it."""
        return type(self).__name__

    def completed(self, scheme: Scheme) -> Self:
        """Return the fault as it strikes requests that are signed with this scheme.

        Raises BadSecret if the fault has a secret of another form.
        """
        return self

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
