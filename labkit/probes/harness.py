"""Make requests and send them: what every probe works with."""

import collections
import copy
import dataclasses
import itertools
import math
import random
import time
import urllib.parse
from collections.abc import Callable, Sequence

from labkit.model import Headers, Request
from labkit.probes import forge
from labkit.probes.counter import EffectCounter
from labkit.probes.edits import bare
from labkit.probes.endpoint import Endpoint, Levers, Need
from labkit.probes.exchange import Draft, Exchange, Silence
from labkit.probes.in_process import wire_to
from labkit.probes.patience import Patience
from labkit.probes.sample import Sample
from labkit.probes.wire import Piece, WireResponse, written
from labkit.signing.query import into_query

OWN = ""
"""As content type: that of the event."""

CONTACT_WAIT = 5.0
"""How long to wait at most for the responses that only tell what is in front."""

REMEMBERED = 5
"""How many requests before a missing response may have ended the process."""

LOOKED_AT = 100_000
"""Bytes of a body in which the id of its event is looked for."""

USUAL_TOLERANCE = 300.0
"""The largest age of a timestamp, in seconds, where the provider names none."""


class Harness:
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
        self.wire = wire_to(endpoint)
        self.now = now
        self.run = run
        self.rng = random.Random(run)
        self.counter = EffectCounter(levers.effects, settle)
        self.limit = endpoint.profile.timeout
        self._patience = Patience(self.limit)
        self.timings = self._patience.timings
        self.accepts = False
        self.refusal: int | None = None
        self.contact: dict[str, Exchange] = {}
        self.silences: list[Silence] = []
        self.hung_in_a_row = 0
        self.kept: dict[str, Draft] = {}
        self.kept_at = 0.0
        self.restarts = 0
        self.recent: collections.deque[Exchange] = collections.deque(maxlen=REMEMBERED)
        self._drafts: dict[str, Draft] = {}
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
            Need.EFFECTS: self.counter.counts,
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
                "the number of effects did not grow with a valid event, or it also "
                "changes without one; count what the receiver does with an event"
            )
        return f"needs {need}"

    def calibrate(self) -> None:
        """Learn how the endpoint responds to what is valid and to what is not.

        The responses are kept in `contact`. A path of its own, a GET and a method that
        does not exist show whether the handler or something in front of it responds.
        """
        before = self.counter.number()
        valid = self.deliver("a valid event")
        self.accepts = self.acknowledged(valid.response)
        if self.accepts:
            self.counter.learn(before)
        draft = self.draft()
        request = self.seal(draft.body, id=draft.id, change=forge.altered)
        forged = self.send("a forged signature", request)
        self.refusal = forged.response.status
        elsewhere = dataclasses.replace(
            self.seal(draft.body, id=draft.id), path="/labkit-no-such-path"
        )
        self.contact = {"valid": valid, "forged": forged}
        for name, label, other in (
            ("other path", "a valid event to another path", elsewhere),
            ("GET", "a GET", bare(request, "GET")),
            ("unknown method", "an unknown method", bare(request, "LABKIT")),
        ):
            wait = min(self.patience, CONTACT_WAIT)
            self.contact[name] = self.send(label, other, timeout=wait)

    # Make requests

    def draft(self) -> Draft:
        """Make a fresh event."""
        number = next(self._numbers)
        sample = self.endpoint.sample
        id_ = sample.make_id(self.run, number)
        draft = Draft(id_, sample.fresh(id_, self.now()), sample, self.moment())
        # A copy: a probe may change the payload.
        kept = copy.deepcopy(draft.payload)
        self._drafts[id_] = dataclasses.replace(draft, payload=kept)
        return draft

    def speak(self, sample: Sample) -> None:
        """Send events of that shape from here on."""
        self.endpoint = dataclasses.replace(self.endpoint, sample=sample)

    def valid_form(self, request: Request) -> Request | None:
        """Return the valid request from which a probe made this one, if any."""
        head = " ".join(value for _, value in request.headers)
        text = f"{request.path} {head} {request.body[:LOOKED_AT].decode('latin-1')}"
        draft = next((d for id_, d in self._drafts.items() if id_ in text), None)
        if draft is None:
            return None
        return self.seal(draft.body, id=draft.id, t=draft.t)

    def moment(self, seconds: float = 0.0) -> str:
        """Return the timestamp of a time that many seconds from now."""
        return self.scheme.unit.write(int(self.now() + seconds))

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
        content_type: str | None = OWN,
        event_type: str = "",
        url: str = "",
    ) -> Request:
        """Return a request with a signature over these bytes.

        `t` is the timestamp as text, now without one. `secret` or the bare `key` signs
        instead of the endpoint's own secret; `also` are further secrets that sign.
        `content_type` is that of the event unless it is given, None for no header.
        `change` makes another digest of the right one.
        """
        moment = self.moment() if t is None else t
        secret = secret or self.endpoint.secret
        url = self.scheme.target(url or self.signed_url, body)
        timestamp = self.scheme.unit.read(moment)
        plain = key is None and change is None
        if plain and timestamp is not None and self._in_range(timestamp, moment):
            headers = self.scheme.sign(
                body,
                secret=secret,
                id=id,
                timestamp=int(timestamp),
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

    def _in_range(self, timestamp: float, moment: str) -> bool:
        """Tell whether the scheme itself would write a timestamp as this text."""
        return (
            0 <= timestamp < 1e15 and self.scheme.unit.write(int(timestamp)) == moment
        )

    def request(
        self,
        body: bytes,
        headers: Headers,
        *,
        content_type: str | None = OWN,
        event_type: str = "",
    ) -> Request:
        """Return a request with these headers and those that every delivery has."""
        sample = self.endpoint.sample
        if content_type == OWN:
            content_type = self.scheme.encloses_as or sample.content_type
        kind = (("Content-Type", content_type),) if content_type else ()
        announced = self.scheme.describe(body)
        announced |= self.scheme.announce(event_type or sample.type)
        # Those of a signature that was made for another body stay as they are.
        names = {name.lower() for name, _ in headers}
        announced = {n: v for n, v in announced.items() if n.lower() not in names}
        target, placed = into_query(self._path(body), dict(headers))
        body, signature = self.scheme.enclose(body, placed)
        return Request(
            "POST",
            target,
            (
                *self.endpoint.public_headers,
                ("User-Agent", "labkit-examine"),
                *kind,
                *announced.items(),
                *signature.items(),
                *self.endpoint.headers,
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
        """Send these bytes in place of `request`, piece by piece."""
        answer = self.wire.exchange(
            pieces,
            timeout=timeout or self.patience,
            method=request.method,
            half_close=half_close,
        )
        exchange = Exchange(label, request, answer)
        self._note([exchange])
        return exchange

    def forget_silences(self) -> None:
        """Take the missing responses so far as explained."""
        self.silences.clear()
        self.hung_in_a_row = 0

    def _note(self, exchanges: Sequence[Exchange]) -> None:
        """Keep what the search for a dead process needs, and how long was waited."""
        longest = 0.0
        for exchange in exchanges:
            answer = exchange.response
            if answer.status is None:
                self.silences.append(Silence(exchange, tuple(self.recent)))
            if answer.problem == "timed out":
                self.hung_in_a_row += 1
                longest = max(longest, answer.seconds)
            else:
                self.hung_in_a_row = 0
        self._patience.note(longest)
        self.recent.extendleft(exchanges)

    def deliver(self, label: str, draft: Draft | None = None) -> Exchange:
        """Deliver an event as its provider does, and note how long the answer took."""
        draft = draft or self.draft()
        exchange = self.send(label, self.seal(draft.body, id=draft.id))
        self.timings.append(exchange.response.seconds)
        return exchange

    def send_at_once(self, label: str, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests so that all of them end at the same moment."""
        authority = self.wire.authority
        answers = self.wire.at_once(
            [written(request, authority) for request in requests], timeout=self.patience
        )
        exchanges = [
            Exchange(label, request, answer)
            for request, answer in zip(requests, answers, strict=True)
        ]
        self._note(exchanges)
        return exchanges

    def send_in_a_row(self, label: str, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests on one connection; there are fewer answers where it ended."""
        authority = self.wire.authority
        answers = self.wire.in_a_row(
            [written(request, authority, close=False) for request in requests],
            timeout=self.patience_elsewhere,
        )
        exchanges = [
            Exchange(label, request, answer)
            for request, answer in zip(requests, answers, strict=False)
        ]
        self._note(exchanges)
        return exchanges

    @property
    def patience(self) -> float:
        """How long to wait for a response, in seconds."""
        return self._patience.full

    @property
    def patience_elsewhere(self) -> float:
        """How long to wait for the response of another path, in seconds.

        It is short if such a response did not come before.
        """
        known = self.contact.get("other path")
        if known is None or known.response.problem != "timed out":
            return self.patience
        return self._patience.short

    @property
    def usual(self) -> float:
        """How long the response to a valid event usually takes, in seconds."""
        return self._patience.usual

    @property
    def slow(self) -> bool:
        """Tell whether the endpoint is too slow for experiments that repeat much."""
        return self._patience.slow

    def acknowledged(self, answer: WireResponse) -> bool:
        """Tell whether the provider takes this for success."""
        return answer.status is not None and self.profile.acknowledges(answer.status)

    # Count effects

    def effects_of(
        self, action: Callable[[], object], *, wanted: float | Callable[[], float]
    ) -> float:
        """Return how many events' worth of effects an action has."""
        return self.counter.gained_by(action, wanted=wanted)

    def pause(self, seconds: float) -> None:
        """Wait; the endpoint lives in real time."""
        time.sleep(seconds)

    def _path(self, body: bytes) -> str:
        # Twilio adds a hash of the body to the query of the address that it calls.
        called = urllib.parse.urlsplit(self.scheme.target(self.endpoint.url, body))
        return (called.path or "/") + (f"?{called.query}" if called.query else "")
