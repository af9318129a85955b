"""Read a history: join what the sender knows with what the receiver knows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from labkit.model import Arrival, Attempt, Delivery, Event
from labkit.record import Record
from labkit.timeline.signs import (
    ACKNOWLEDGED,
    ANSWERED,
    FORGED,
    FORGERY_TAKEN,
    KINDS,
    LOST,
    REFUSED,
    TIMED_OUT,
    UNFINISHED,
    UNHEARD,
    Kind,
)
from labkit.timeline.words import clock, counted

_SPELT = 4
"""So many different counts of acknowledgements are spelt out in the summary."""


@dataclass(frozen=True, slots=True)
class Landing:
    """One request reaching the receiver, `at` seconds after the beginning.

    `status` is what the receiver answered, None where it died, or where nobody knows
    because the sender stopped waiting. `nth` says that this is
    the first, second ... time that it acknowledged the event, and is 0 where it did
    not acknowledge.
    """

    at: float
    copy: int
    status: int | None
    nth: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One attempt, seen from both sides.

    `sent` and `ended` are seconds since the beginning. `problem` and `status` are
    the sender's; `landings` is what reached the receiver. `changed` says whether the
    wire changed the request on its way. `tag` names the attempt in pictures, like A1.
    """

    tag: str
    event: Event
    number: int
    sent: float
    ended: float
    status: int | None
    problem: str | None
    faults: tuple[str, ...]
    landings: tuple[Landing, ...]
    changed: bool
    kind: Kind

    @property
    def waited(self) -> float:
        """How long the sender waited, in seconds."""
        return self.ended - self.sent

    @property
    def doubled(self) -> bool:
        """Whether the request arrived more than once."""
        return len(self.landings) > 1

    @property
    def late(self) -> bool:
        """Whether the request arrived when the sender had already given it up."""
        return bool(self.landings) and self.landings[0].at > self.ended


@dataclass(frozen=True, slots=True)
class Course:
    """One delivery with its attempts, seen from both sides.

    `tag` is its short name in pictures: A, B and so on. `times` is how often the
    receiver acknowledged the event.
    """

    tag: str
    delivery: Delivery
    seen: tuple[Seen, ...]
    times: int

    @property
    def event(self) -> Event:
        """The event that was to be delivered."""
        return self.delivery.event

    @property
    def ending(self) -> str:
        """How it ended for the sender, in words."""
        return "dead letter" if self.delivery.state == "dead" else self.delivery.state


class Reading:
    """A history as the pictures need it.

    All times are in seconds since the beginning: the history's start, or the first
    attempt if nothing happens long before it.
    """

    def __init__(self, history: Record) -> None:
        self._history = history
        self._start = _beginning(history)
        landings = self._land()
        times = Counter(a.event.id for a in history.arrivals if a.acknowledged)
        self.courses = tuple(
            Course(
                _letters(place),
                delivery,
                tuple(self._attempts(place, delivery, landings.get(place, {}))),
                times[delivery.event.id],
            )
            for place, delivery in enumerate(history.deliveries)
        )

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """All attempts in the order in which they were sent."""
        found = [seen for course in self.courses for seen in course.seen]
        return tuple(sorted(found, key=lambda seen: seen.sent))

    @property
    def steps(self) -> dict[str, int]:
        """The place of each attempt, by its tag, in the order of sending."""
        return {seen.tag: place for place, seen in enumerate(self.seen)}

    @cached_property
    def span(self) -> float:
        """From the beginning to the last thing that happened, in seconds."""
        ends = [seen.ended for seen in self.seen]
        ends += [landing.at for seen in self.seen for landing in seen.landings]
        return max(ends, default=0.0)

    @cached_property
    def kinds(self) -> tuple[tuple[Kind, int], ...]:
        """The kinds that occur, in their fixed order, each with its count."""
        counts = Counter(seen.kind.name for seen in self.seen)
        return tuple((kind, counts[kind.name]) for kind in KINDS if counts[kind.name])

    @cached_property
    def doubled(self) -> int:
        """How many attempts arrived more than once."""
        return sum(seen.doubled for seen in self.seen)

    @property
    def since(self) -> str:
        """What the times count from."""
        return "the first attempt" if self._skipped else "the start"

    @property
    def sentences(self) -> list[str]:
        """What the account does not say, in whole sentences."""
        said = [self.receiver]
        if changed := sum(seen.kind is FORGERY_TAKEN for seen in self.seen):
            verb = "was" if changed == 1 else "were"
            requests = f"{counted(changed, 'request')} that {verb} changed in transit"
            said.append(f"It acknowledged {requests}.")
        if self._skipped:
            later = f"{clock(self._skipped)} after the history's start"
            said.append(f"Times count from the first attempt, {later}.")
        return said

    @property
    def _skipped(self) -> float:
        return self._start - self._history.started_at

    @cached_property
    def account(self) -> str:
        """The history in one line, of words and numbers."""
        return self._history.account.line

    @cached_property
    def receiver(self) -> str:
        """How often the receiver acknowledged an event, over all events, in words."""
        if not self.seen:
            return "Nothing was sent."
        times = Counter(course.times for course in self.courses)
        never = times.pop(0, 0)
        if not times:
            if any(
                landing.status is None and seen.problem == "timed out"
                for seen in self.seen
                for landing in seen.landings
            ):
                return "No acknowledgement came in time."
            return "The receiver acknowledged nothing."
        known = sorted(times)[:_SPELT]
        parts = [f"{counted(times[count], 'event')} {often(count)}" for count in known]
        if rest := times.total() - sum(times[count] for count in known):
            parts.append(f"{counted(rest, 'event')} more often")
        if never:
            parts.append(f"{counted(never, 'event')} never")
        return "The receiver acknowledged " + ", ".join(parts) + "."

    def _land(self) -> dict[int, dict[int, list[Landing]]]:
        """Sort the arrivals by the place of their delivery and the attempt's number."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, delivery in enumerate(self._history.deliveries):
            places[delivery.event.id].append(place)
        times = Counter[str]()
        found: dict[int, dict[int, list[Landing]]] = {}
        for arrival in self._history.arrivals:
            if arrival.event.id not in places:
                continue
            times[arrival.event.id] += arrival.acknowledged
            place = self._place(arrival, places[arrival.event.id])
            landing = Landing(
                arrival.at - self._start,
                arrival.copy,
                arrival.status,
                times[arrival.event.id] if arrival.acknowledged else 0,
            )
            found.setdefault(place, {}).setdefault(arrival.number, []).append(landing)
        return found

    def _place(self, arrival: Arrival, places: list[int]) -> int:
        """Find the delivery of an arrival, also where an event is delivered twice."""
        best, latest = places[0], float("-inf")
        if len(places) == 1:
            return best
        for place in places:
            for attempt in self._history.deliveries[place].attempts:
                fits = attempt.number == arrival.number
                if fits and latest < attempt.sent_at <= arrival.at:
                    best, latest = place, attempt.sent_at
        return best

    def _attempts(
        self, place: int, delivery: Delivery, landings: dict[int, list[Landing]]
    ) -> Iterable[Seen]:
        tag, start = _letters(place), self._start
        known = set()
        for attempt in delivery.attempts:
            known.add(attempt.number)
            landed = tuple(landings.get(attempt.number, ()))
            changed = not self._history.changing.isdisjoint(attempt.faults)
            yield Seen(
                f"{tag}{attempt.number}",
                delivery.event,
                attempt.number,
                attempt.sent_at - start,
                attempt.ended_at - start,
                attempt.status,
                attempt.problem,
                attempt.faults,
                landed,
                changed,
                _kind(attempt, landed, changed=changed),
            )
        for number in sorted(landings.keys() - known):
            landed = tuple(landings[number])
            at = landed[0].at
            yield Seen(
                f"{tag}{number}",
                delivery.event,
                number,
                at,
                at,
                None,
                None,
                (),
                landed,
                False,
                UNFINISHED,
            )


def often(count: int) -> str:
    """Write how often: never, once, twice, 3 times."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _beginning(history: Record) -> float:
    """Return the moment from which the pictures count.

    If nothing happens in the first half of a history, its time begins with the first
    attempt.
    """
    start = history.started_at
    attempts = [a for delivery in history.deliveries for a in delivery.attempts]
    came = [arrival.at for arrival in history.arrivals]
    first = min([a.sent_at for a in attempts] + came, default=start)
    last = max([a.ended_at for a in attempts] + came, default=start)
    return first if first - start > (last - start) / 2 else start


def _kind(attempt: Attempt, landings: tuple[Landing, ...], *, changed: bool) -> Kind:
    taken = any(landing.nth for landing in landings)
    if landings and changed:
        return FORGERY_TAKEN if taken else FORGED
    if attempt.status is not None:
        return ACKNOWLEDGED if 200 <= attempt.status < 300 else ANSWERED
    if taken:
        return UNHEARD
    return {"refused": REFUSED, "lost": LOST}.get(attempt.problem or "", TIMED_OUT)


def _letters(place: int) -> str:
    """Name the deliveries A to Z, then AA, AB and so on."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
