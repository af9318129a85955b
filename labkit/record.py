"""What a simulation leaves: deliveries and arrivals, counted, and as JSON lines."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from labkit.arguments import check_text
from labkit.errors import BadSetting
from labkit.model import Arrival, Attempt, Delivery, Ending, Event, Request

COLUMNS = 75
"""How many columns of text fit a cell on a page that is 1,024 pixels wide."""


@dataclass(frozen=True, slots=True)
class Account:
    """A history in numbers, from the receiver's side as well as the sender's.

    `lost` counts events that the receiver never acknowledged; `doubled` those that it
    acknowledged more than once, so that it must tell the copies apart itself; `changed`
    the attempts whose request the wire changed. As text it has two lines if one would
    be too long for a narrow cell.
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
        return self.line if len(self.line) <= COLUMNS else "\n  ".join(self._halves)

    @property
    def line(self) -> str:
        """The account in one line, however long."""
        return " ".join(self._halves)

    @property
    def _halves(self) -> tuple[str, str]:
        changed = f", {self.changed:,} changed" if self.changed else ""
        sent = ", ".join(
            f"{count:,} {noun}{'' if count == 1 else 's'}"
            for count, noun in (
                (self.events, "event"),
                (self.attempts, "attempt"),
                (self.arrivals, "arrival"),
            )
        )
        became = (
            f"{self.acknowledged:,} acknowledged, {self.dead:,} dead, "
            f"{self.lost:,} lost, {self.doubled:,} doubled{changed}"
        )
        return f"{sent}:", became


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
