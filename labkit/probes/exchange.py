"""What probes send and get: events, requests with their responses, silences."""

from dataclasses import dataclass

from labkit.model import Request
from labkit.probes.sample import Payload, Sample
from labkit.probes.wire import WireResponse


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back; `label` says what is odd about it."""

    label: str
    request: Request
    response: WireResponse


@dataclass(frozen=True, slots=True)
class Draft:
    """A fresh event: its id and its payload, made from `sample`.

    `t` is the timestamp with which it is signed unless a probe says otherwise.
    """

    id: str
    payload: Payload
    sample: Sample
    t: str = ""

    @property
    def body(self) -> bytes:
        """The event as its provider writes it; JSON has no spaces."""
        return self.sample.encode(self.payload)

    def noted(self, note: bytes = b"1") -> bytes:
        """Return the body with one more field; `note` is its value, as JSON."""
        return self.sample.noted(self.body, note)


@dataclass(frozen=True, slots=True)
class Silence:
    """A request without a response, and the requests before it, the last one first."""

    exchange: Exchange
    before: tuple[Exchange, ...]

    @property
    def suspect(self) -> Exchange:
        """The request that was in progress when the endpoint went away.

        If no connection could be made, the process had ended before, so it is the
        request before this one.
        """
        if self.exchange.response.problem == "refused" and self.before:
            return self.before[0]
        return self.exchange

    @property
    def suspects(self) -> list[Exchange]:
        """The suspect, and then the others: a process may end after its response."""
        others = [one for one in self.before if one is not self.suspect]
        return [self.suspect, *others]
