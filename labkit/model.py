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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, overload

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


@dataclass(frozen=True, slots=True)
class Account:
    """A history in numbers, from the receiver's side as well as the sender's.

    `lost` counts events that the receiver never acknowledged; `doubled` those that it
    acknowledged more than once, so that it must tell the copies apart itself; `changed`
    the attempts whose request the wire changed.
    """

    events: int
    attempts: int
    arrivals: int
    acknowledged: int
    dead: int
    lost: int
    doubled: int
    changed: int = 0

    def __str__(self) -> str:
        changed = f", {self.changed} changed" if self.changed else ""
        sent = ", ".join(
            f"{count} {noun}{'' if count == 1 else 's'}"
            for count, noun in (
                (self.events, "event"),
                (self.attempts, "attempt"),
                (self.arrivals, "arrival"),
            )
        )
        return (
            f"{sent}: {self.acknowledged} acknowledged, {self.dead} dead, "
            f"{self.lost} lost, {self.doubled} doubled{changed}"
        )


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that happened in one simulation: deliveries and arrivals, in order.

    `started_at` is the lab time of the first moment; `disabled_at` that at which the
    provider stopped sending to the endpoint altogether, or None. `changing` names those
    of its faults that change requests, so that a receiver that verifies refuses them.
    """

    deliveries: tuple[Delivery, ...]
    arrivals: Sequence[Arrival]
    started_at: float
    seed: int
    disabled_at: float | None = None
    changing: frozenset[str] = frozenset()

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts, in the order in which they were sent."""
        found = [a for delivery in self.deliveries for a in delivery.attempts]
        return tuple(sorted(found, key=lambda attempt: attempt.sent_at))

    @property
    def dead_letters(self) -> tuple[Delivery, ...]:
        """The deliveries that were given up."""
        return tuple(d for d in self.deliveries if d.state == "dead")

    @property
    def account(self) -> Account:
        """The history in numbers."""
        accepted: dict[str, int] = {}
        for arrival in self.arrivals:
            if arrival.acknowledged:
                accepted[arrival.event.id] = accepted.get(arrival.event.id, 0) + 1
        states = [delivery.state for delivery in self.deliveries]
        return Account(
            events=len(self.deliveries),
            attempts=sum(len(delivery.attempts) for delivery in self.deliveries),
            arrivals=len(self.arrivals),
            acknowledged=states.count("acknowledged"),
            dead=states.count("dead"),
            lost=sum(d.event.id not in accepted for d in self.deliveries),
            doubled=sum(times > 1 for times in accepted.values()),
            changed=sum(
                not self.changing.isdisjoint(attempt.faults)
                for delivery in self.deliveries
                for attempt in delivery.attempts
            ),
        )

    def to_jsonl(self) -> str:
        """Write the history as JSON lines, the same bytes for the same history."""
        return "".join(
            json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
            for line in self._lines()
        )

    @classmethod
    def from_jsonl(cls, text: str) -> Self:
        """Read a history that `to_jsonl` wrote.

        Raises BadSetting naming the line that can't be read.
        """
        check_text("the history", text)
        return cls(*_Reader().read(text))

    def _lines(self) -> Iterator[dict[str, Any]]:
        head = {
            "record": "history",
            "started_at": self.started_at,
            "seed": self.seed,
            "disabled_at": self.disabled_at,
        }
        yield head | {"changing": sorted(self.changing)} if self.changing else head
        for delivery in self.deliveries:
            yield {
                "record": "delivery",
                "event": delivery.event.id,
                "state": delivery.state,
                "body": delivery.event.body.decode(),
            }
            for attempt in delivery.attempts:
                yield _attempt_line(attempt)
        for arrival in self.arrivals:
            yield {
                "record": "arrival",
                "event": arrival.event.id,
                "number": arrival.number,
                "copy": arrival.copy,
                "at": round(arrival.at, 6),
                "status": arrival.status,
            }


def _attempt_line(attempt: Attempt) -> dict[str, Any]:
    request = attempt.request
    line = {
        "record": "attempt",
        "event": attempt.event.id,
        "number": attempt.number,
        "sent_at": round(attempt.sent_at, 6),
        "ended_at": round(attempt.ended_at, 6),
        "status": attempt.status,
        "problem": attempt.problem,
        "faults": list(attempt.faults),
        "path": request.path,
        "headers": [list(pair) for pair in request.headers],
    }
    if request.body != attempt.event.body:
        line["body"] = request.body.decode("latin-1")
    return line


_Head = tuple[float, int, float | None, frozenset[str]]
_Parts = tuple[
    tuple[Delivery, ...],
    tuple[Arrival, ...],
    float,
    int,
    float | None,
    frozenset[str],
]
"""The fields of a record, in order."""


class _Reader:
    """Puts the records of JSON lines together again."""

    def __init__(self) -> None:
        self._head: _Head | None = None
        self._deliveries: list[tuple[Event, str, list[Attempt]]] = []
        self._events: dict[str, Event] = {}
        self._arrivals: list[Arrival] = []
        self._readers: dict[str, Callable[[dict[str, Any]], None]] = {
            "delivery": self._read_delivery,
            "attempt": self._read_attempt,
            "arrival": self._read_arrival,
        }

    def read(self, text: str) -> _Parts:
        # Not splitlines(): it also parts at signs that stand inside JSON strings.
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
            try:
                self._read_line(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadSetting(
                    f"line {number} is not a record of a history ({error!r}); "
                    "give the whole text that history.to_jsonl() wrote"
                ) from error
        if self._head is None:
            raise BadSetting("the text is empty; give what history.to_jsonl() wrote")
        return (
            tuple(
                Delivery(event, tuple(attempts), state)
                for event, state, attempts in self._deliveries
            ),
            tuple(self._arrivals),
            *self._head,
        )

    def _read_line(self, record: dict[str, Any]) -> None:
        kind = record["record"]
        if self._head is not None:
            self._readers[kind](record)
        elif kind == "history":
            self._head = (
                record["started_at"],
                record["seed"],
                record["disabled_at"],
                frozenset(map(str, record.get("changing", ()))),
            )
        else:
            raise ValueError("the first line tells of the history")

    def _read_delivery(self, record: dict[str, Any]) -> None:
        wire = json.loads(record["body"])
        event = Event(
            wire["event"], wire["data"], id=wire["id"], created_at=wire["created_at"]
        )
        self._events[event.id] = event
        self._deliveries.append((event, str(record["state"]), []))

    def _read_attempt(self, record: dict[str, Any]) -> None:
        event, _, attempts = self._deliveries[-1]
        if record["event"] != event.id:
            raise ValueError(f"an attempt of {record['event']!r} in another delivery")
        body = record["body"].encode("latin-1") if "body" in record else event.body
        headers = tuple((str(name), str(value)) for name, value in record["headers"])
        attempts.append(
            Attempt(
                event,
                int(record["number"]),
                float(record["sent_at"]),
                float(record["ended_at"]),
                Ending(
                    _status(record),
                    record["problem"],
                    tuple(map(str, record["faults"])),
                    Request("POST", str(record["path"]), headers, body),
                ),
            )
        )

    def _read_arrival(self, record: dict[str, Any]) -> None:
        self._arrivals.append(
            Arrival(
                self._events[record["event"]],
                int(record["number"]),
                int(record["copy"]),
                float(record["at"]),
                _status(record),
            )
        )


def _status(record: dict[str, Any]) -> int | None:
    return None if record["status"] is None else int(record["status"])


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
