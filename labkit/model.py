"""The records that everything else passes around, all of them frozen.

An *event* happens once. A *delivery* carries one event to one endpoint, in one or more
*attempts*, each of them one HTTP request. An attempt is what the sender knows; an
*arrival* is what the receiver knows. The two differ whenever the wire misbehaves, and
that difference is what the lab is about. A *history* keeps both.

Times are seconds since the Unix epoch, as floats.
"""

import functools
import hashlib
import json
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from labkit.arguments import check_text, check_whole, shown
from labkit.errors import BadSetting

LAB_EPOCH = 1_767_225_600
"""When the lab's clock starts: 2026-01-01 00:00:00 UTC, in seconds."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once, as the provider tells it.

    `created_at` is in whole seconds. Without an `id` it is derived from the content, so
    that the same event has the same id in every run. The body is encoded once, and
    every retry sends these very bytes.

    Raises BadSetting for what can't be written as JSON, NaN and infinity among it.
    """

    type: str
    data: Mapping[str, Any]
    id: str = ""
    created_at: int = LAB_EPOCH
    body: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_text("the event's type", self.type)
        check_text("the event's id", self.id)
        check_whole("the event's created_at", self.created_at)
        if not isinstance(self.data, Mapping):
            raise BadSetting(
                f"the event's data is {shown(self.data)}; give a dictionary"
            )
        try:
            self._encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise BadSetting(
                f"the event's data can't be written as JSON ({error}); give what JSON "
                "has: text, finite numbers, true, false, null, lists and dictionaries"
            ) from None

    def _encode(self) -> None:
        if not self.id:
            content = json.dumps(
                [self.type, self.data, self.created_at], sort_keys=True, default=str
            )
            digest = hashlib.sha256(content.encode()).hexdigest()
            object.__setattr__(self, "id", f"evt_{digest[:12]}")
        wire = {
            "id": self.id,
            "event": self.type,
            "created_at": self.created_at,
            "data": self.data,
        }
        body = json.dumps(
            wire, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
        object.__setattr__(self, "body", body)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it stands on the wire.

    `path` is the request target with its query. Headers are pairs, in order, because
    the wire may carry a name twice.
    """

    method: str
    path: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header of that name, upper or lower case, or None."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: status, headers as pairs, body."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, upper or lower case, or None."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended; attempts of one simulation that ended alike share one.

    `status` is None if no response came; `problem` then says why ("timed out",
    "refused", "lost"). `faults` names what the wire did to the attempt. `sent` is the
    request, or a function that makes it again: a long history would otherwise be mostly
    signatures.
    """

    status: int | None
    problem: str | None
    faults: tuple[str, ...]
    sent: "Request | Callable[[Attempt], Request]" = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP request of a delivery, as the sender saw it.

    `number` counts from 1. What it shares with other attempts is in `ending`.
    """

    event: Event
    number: int
    sent_at: float
    ended_at: float
    ending: Ending

    @property
    def status(self) -> int | None:
        """The status of the response, or None if none came."""
        return self.ending.status

    @property
    def problem(self) -> str | None:
        """Why no response came, or None if one did."""
        return self.ending.problem

    @property
    def faults(self) -> tuple[str, ...]:
        """The names of the faults that struck it."""
        return self.ending.faults

    @property
    def request(self) -> Request:
        """The request as it stood on the wire."""
        sent = self.ending.sent
        return sent if isinstance(sent, Request) else sent(self)

    @property
    def seconds(self) -> float:
        """How long the sender waited, in seconds."""
        return self.ended_at - self.sent_at


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request as the receiver got it.

    `copy` is 0 for the request itself and counts the wire's duplicates from 1. `status`
    is what the receiver answered, whether or not the answer reached the sender. It is
    None where the receiver died over it, and over HTTP where the sender stopped waiting
    before an answer came.
    """

    event: Event
    number: int
    copy: int
    at: float
    status: int | None

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver answered 2xx."""
        return self.status is not None and 200 <= self.status < 300


class PackedArrivals(Sequence[Arrival]):
    """Arrivals in little room: some twenty bytes each, made into records when read."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._places = array("I")
        self._times = array("d")
        self._numbers = array("H")
        self._copies = array("I")
        self._statuses = array("h")

    def add(
        self, place: int, number: int, copy: int, at: float, status: int | None
    ) -> None:
        """Note that a copy of attempt `number` of the event at `place` arrived."""
        self._places.append(place)
        self._times.append(at)
        self._numbers.append(number)
        self._copies.append(copy)
        self._statuses.append(-1 if status is None else status)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Arrival: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Arrival, ...]: ...
    def __getitem__(self, index: int | slice) -> Arrival | tuple[Arrival, ...]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        place = range(len(self))[index]
        status = self._statuses[place]
        return Arrival(
            self._events[self._places[place]],
            self._numbers[place],
            self._copies[place],
            self._times[place],
            None if status < 0 else status,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # it grows while a simulation runs


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint, with all its attempts.

    `state` is "acknowledged", "dead" (given up: a dead letter) or "pending" (the
    simulation ended first). A delivery that was due after the endpoint had been
    disabled is dead without an attempt.
    """

    event: Event
    attempts: tuple[Attempt, ...]
    state: str


def header_pairs(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Headers:
    """Turn a mapping or pairs into the pairs that a Request holds."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((str(name), str(value)) for name, value in pairs)


def _first(headers: Headers, name: str) -> str | None:
    wanted = _lower(name)
    return next((value for key, value in headers if _lower(key) == wanted), None)


@functools.cache
def _lower(name: str) -> str:
    return name.lower()
