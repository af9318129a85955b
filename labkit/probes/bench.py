"""The bench on which probes work: it makes requests, sends them, counts effects."""

import itertools
import math
import random
import time
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labkit.errors import BadSetting
from labkit.model import Headers, Request
from labkit.probes import forge
from labkit.probes.endpoint import Endpoint, Levers, Need
from labkit.probes.in_process import wire_to
from labkit.probes.sample import Payload, compact
from labkit.probes.wire import Answer, Piece, written

JSON = "application/json"

LONGEST_WAIT = 10.0
"""No probe waits longer for an answer, in seconds, whatever the provider allows."""

EFFECT_WAIT = 3.0
"""How long a wanted effect may take to show after the answer, in seconds."""

LONGEST_SETTLE = 2.0
"""How long to wait at most for effects that should not come, in seconds."""

USUAL_TOLERANCE = 300.0
"""The largest age of a timestamp, in seconds, where the provider names none."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back; `label` says what is odd about it."""

    label: str
    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Draft:
    """A fresh event: its id, its payload, and its body in compact form."""

    id: str
    payload: Payload

    @property
    def body(self) -> bytes:
        """The payload without spaces."""
        return compact(self.payload)


class Bench:
    """One endpoint under examination.

    `now` gives the time for timestamps, in seconds since the Unix epoch. `run` makes
    the ids of this examination unlike those of any other; `settle` is how long to wait,
    in seconds, for effects that should not come, and longer where effects come late.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        levers: Levers,
        *,
        now: Callable[[], float],
        run: str,
        settle: float = 0.15,
    ) -> None:
        self.endpoint = endpoint
        self.scheme = endpoint.scheme
        self.profile = endpoint.profile
        self.levers = levers
        self.wire = wire_to(endpoint.url)
        self.now = now
        self.run = run
        self.rng = random.Random(run)
        self.settle = settle
        self.limit = endpoint.profile.timeout
        self.accepts = False
        self.refusal: int | None = None
        self.unit = 0.0
        self.timings: list[float] = []
        self.unanswered = 0
        self.kept: dict[str, Draft] = {}
        self.kept_at = 0.0
        self._numbers = itertools.count(1)

    # What is known

    @property
    def tolerance(self) -> float:
        """The largest age of a timestamp that the receiver should take, in seconds."""
        own = self.scheme.tolerance
        return USUAL_TOLERANCE if own is None or math.isinf(own) else own

    def has(self, need: Need) -> bool:
        """Tell whether what a probe needs was given."""
        return {
            Need.EFFECTS: self.levers.effects is not None and self.unit > 0,
            Need.RESTART: self.levers.restart is not None,
            Need.OUTAGE: None not in (self.levers.break_, self.levers.mend),
            Need.RETIRED_SECRET: bool(self.endpoint.retired_secret),
            Need.SECOND_SECRET: bool(self.endpoint.second_secret),
        }[need]

    def lacks(self, need: Need) -> str:
        """Return what is missing for a probe and how to give it, or nothing."""
        if self.has(need):
            return ""
        if need is Need.EFFECTS and self.levers.effects is not None:
            return (
                "the number of effects did not follow a valid event: it stayed, or it "
                "changes by itself; count what the receiver does with an event"
            )
        return f"needs {need}"

    def calibrate(self) -> None:
        """Learn how the endpoint takes a valid event and refuses a forged one."""
        effects = self.levers.effects
        before = effects() if effects else 0.0
        valid = self.deliver("a valid event")
        self.accepts = self.acknowledged(valid.answer)
        if effects and self.accepts:
            self._learn_effects(effects, before)
        draft = self.draft()
        forged = self.seal(draft.body, id=draft.id, change=forge.altered)
        self.refusal = self.send("a forged signature", forged).answer.status

    def _learn_effects(self, effects: Callable[[], float], before: float) -> None:
        """Learn how much one event changes the number, and how long that takes."""
        answered = time.monotonic()
        self._await(lambda: effects() > before)
        lag = time.monotonic() - answered
        self.settle = max(self.settle, min(1.5 * lag + 0.1, LONGEST_SETTLE))
        self.pause(self.settle)
        self.unit = effects() - before
        self.pause(self.settle)
        if effects() != before + self.unit:
            self.unit = 0.0

    # Make requests

    def draft(self) -> Draft:
        """Make a fresh event."""
        number = next(self._numbers)
        id_ = f"evt_{self.run}{number:04}"
        return Draft(id_, self.endpoint.sample.fresh(id_, self.now()))

    def moment(self, seconds: float = 0.0) -> str:
        """Return the timestamp of a time that many seconds from now."""
        return str(int(self.now() + seconds))

    def other_secret(self) -> str:
        """Make up a secret of the right form that the receiver does not know."""
        return self.scheme.make_secret(self.rng)

    def seal(
        self,
        body: bytes,
        *,
        id: str,  # noqa: A002 - the word of every provider
        t: str | None = None,
        secret: str = "",
        key: bytes | None = None,
        also: Sequence[str] = (),
        change: forge.Change | None = None,
        content_type: str | None = JSON,
        event_type: str = "",
        url: str = "",
    ) -> Request:
        """Return a request with a signature over these bytes.

        `t` is the timestamp as text, now without one. `secret` or the bare `key` signs
        in place of the endpoint's own secret; `also` are further secrets that sign.
        `change` makes another digest of the right one.
        """
        moment = self.moment() if t is None else t
        secret = secret or self.endpoint.secret
        url = self.scheme.target(url or self.signed_url, body)
        plain = key is None and change is None
        if plain and moment.isascii() and moment.isdigit() and len(moment) < 16:
            headers = self.scheme.sign(
                body,
                secret=secret,
                id=id,
                timestamp=int(moment),
                url=url,
                extra_secrets=also,
            )
        else:
            headers = forge.forged(
                self.scheme,
                body,
                key=forge.key_of(self.scheme, secret) if key is None else key,
                id=id,
                t=moment,
                url=url,
                change=change or (lambda digest: digest),
            )
        return self.request(
            body,
            tuple(headers.items()),
            content_type=content_type,
            event_type=event_type,
        )

    def request(
        self,
        body: bytes,
        headers: Headers,
        *,
        content_type: str | None = JSON,
        event_type: str = "",
    ) -> Request:
        """Return a request with these headers and those that every delivery has."""
        kind = (("Content-Type", content_type),) if content_type else ()
        announced = self.scheme.announce(event_type or self.endpoint.sample.type)
        return Request(
            "POST",
            self._path(body),
            (
                ("User-Agent", "labkit-examine"),
                *kind,
                *announced.items(),
                *headers,
            ),
            body,
        )

    @property
    def signed_url(self) -> str:
        """The address that the provider calls."""
        return self.endpoint.signed_url or self.endpoint.url

    # Send them

    def send(
        self, label: str, request: Request, *, timeout: float | None = None
    ) -> Exchange:
        """Send one request."""
        return self.send_pieces(
            label, request, [written(request, self.wire.authority)], timeout=timeout
        )

    def send_pieces(
        self,
        label: str,
        request: Request,
        pieces: Sequence[Piece],
        *,
        timeout: float | None = None,
        half_close: bool = False,
    ) -> Exchange:
        """Send what stands for `request` on the wire, piece by piece."""
        answer = self.wire.exchange(
            pieces,
            timeout=timeout or self.patience,
            method=request.method,
            half_close=half_close,
        )
        self.unanswered += answer.status is None
        return Exchange(label, request, answer)

    def deliver(self, label: str, draft: Draft | None = None) -> Exchange:
        """Deliver an event as its provider does, and note how long the answer took."""
        draft = draft or self.draft()
        exchange = self.send(label, self.seal(draft.body, id=draft.id))
        self.timings.append(exchange.answer.seconds)
        return exchange

    def send_at_once(self, label: str, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests so that all of them end at the same moment."""
        authority = self.wire.authority
        answers = self.wire.at_once(
            [written(request, authority) for request in requests], timeout=self.patience
        )
        self.unanswered += sum(answer.status is None for answer in answers)
        return [
            Exchange(label, request, answer)
            for request, answer in zip(requests, answers, strict=True)
        ]

    def send_in_a_row(self, label: str, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests on one connection; there are fewer answers where it ended."""
        authority = self.wire.authority
        answers = self.wire.in_a_row(
            [written(request, authority, close=False) for request in requests],
            timeout=self.patience,
        )
        return [
            Exchange(label, request, answer)
            for request, answer in zip(requests, answers, strict=False)
        ]

    @property
    def patience(self) -> float:
        """How long to wait for an answer, in seconds."""
        return min(self.limit + 1, LONGEST_WAIT)

    def acknowledged(self, answer: Answer) -> bool:
        """Tell whether the provider takes this for success."""
        return answer.status is not None and self.profile.acknowledges(answer.status)

    # Count effects

    def effects_of(
        self, action: Callable[[], object], *, wanted: float | Callable[[], float]
    ) -> float:
        """Return how many events' worth of effects an action has.

        Waits until the wanted number is there, and a little longer for more. `wanted`
        may be a function, asked after the action.
        """
        effects = self.levers.effects
        if effects is None or not self.unit:
            raise BadSetting(f"effects can't be counted; give {Need.EFFECTS}")
        before = self._steady(effects)
        action()
        enough = wanted() if callable(wanted) else wanted
        self._await(lambda: (effects() - before) / self.unit >= enough)
        self.pause(self.settle)
        return (effects() - before) / self.unit

    def pause(self, seconds: float) -> None:
        """Wait; the endpoint lives in real time."""
        time.sleep(seconds)

    def _steady(self, effects: Callable[[], float]) -> float:
        """Wait for what earlier requests still have to do; return the number then."""
        end = time.monotonic() + EFFECT_WAIT
        number = effects()
        while time.monotonic() < end:
            self.pause(self.settle)
            before, number = number, effects()
            if number == before:
                break
        return number

    def _await(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + EFFECT_WAIT
        wait = 0.01
        while not condition() and time.monotonic() < end:
            self.pause(wait)
            wait = min(wait * 1.5, 0.2)

    def _path(self, body: bytes) -> str:
        # Twilio adds a hash of the body to the query of the address that it calls.
        called = urllib.parse.urlsplit(self.scheme.target(self.endpoint.url, body))
        return (called.path or "/") + (f"?{called.query}" if called.query else "")
