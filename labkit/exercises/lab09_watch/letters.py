"""The histories with which 9.3 is tried: letters, and what a solution picks of them."""

import inspect
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks import short
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields, Trial, probe
from labkit.history import History
from labkit.model import LAB_EPOCH, Arrival, Attempt, Delivery, Ending, Event, Request

NINE = LAB_EPOCH + 9 * 3_600.0
MINUTE = 60.0
STARTED = NINE - 86_400.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery of a history that is written by hand; times are minutes after nine.

    `tries` are the minutes at which attempts ended, each with its status. `arrived`
    are those at which the receiver answered, each with what it answered.
    """

    id: str
    born: float
    tries: tuple[tuple[float, int | None], ...] = ()
    arrived: tuple[tuple[float, int | None], ...] = ()
    state: str = "dead"
    took: float = 0.0
    order: str = ""

    @property
    def event(self) -> Event:
        """The event, created in the minute `born`."""
        return Event(
            "payment.succeeded",
            {"order_id": self.order or self.id.replace("evt", "A")},
            id=self.id,
            created_at=int(NINE + self.born * MINUTE),
        )

    @property
    def delivery(self) -> Delivery:
        """The delivery as the sender knows it."""
        event = self.event
        attempts = (
            Attempt(
                event,
                number,
                NINE + (minute - self.took) * MINUTE,
                NINE + minute * MINUTE,
                Ending(
                    status,
                    None if status else "timed out",
                    (),
                    Request("POST", "/webhooks", (), event.body),
                ),
            )
            for number, (minute, status) in enumerate(self.tries, 1)
        )
        return Delivery(event, tuple(attempts), self.state)

    @property
    def arrivals(self) -> list[Arrival]:
        """What the receiver knows of it."""
        return [
            Arrival(self.event, number, 0, NINE + minute * MINUTE, status)
            for number, (minute, status) in enumerate(self.arrived, 1)
        ]

    def __str__(self) -> str:
        tries = ", ".join(
            f"{_clock(at)} {status or 'no answer'}" for at, status in self.tries
        )
        line = (
            f"{self.id} of {_clock(self.born)}: {tries or 'no attempt'}; {self.state}"
        )
        answers = ", ".join(
            f"{_clock(at)} {status or 'died'}" for at, status in self.arrived
        )
        return f"{line}; the receiver answered {answers}" if answers else line


def _clock(minutes: float) -> str:
    seconds = round((9 * 60 + minutes) * 60)
    hours, rest = divmod(seconds, 3_600)
    text = f"{hours:02}:{rest // 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text


class Recovered:
    """Calls a solution with a history; the ids of what it picked are compared.

    Without `ordered`, their order is not. With `shared`, a delivery and its arrivals
    have the same event object.
    """

    def show(self, fields: Fields) -> str:
        """Return one line per letter, and since when."""
        told = "\n".join(map(str, fields["letters"])) or "an empty history"
        return f"{told}\nsince {_clock(fields['since'])}"

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution, and go through what it returns."""
        letters: Sequence[Letter] = fields["letters"]
        deliveries = [letter.delivery for letter in letters]
        arrivals = [each for letter in letters for each in letter.arrivals]
        if fields.get("shared"):
            events = {each.event.id: each.event for each in deliveries}
            arrivals = [replace(each, event=events[each.event.id]) for each in arrivals]
        arrivals.sort(key=lambda arrival: arrival.at)
        noted = _Noted(arrivals)
        history = History(tuple(deliveries), noted, STARTED, 0)
        since = NINE + fields["since"] * MINUTE
        if fields["relative"]:
            since -= STARTED
        ordered = fields["ordered"]
        seen = outcome(
            lambda: _ids(solution(history, since)),
            lambda ids: exactly(ids if ordered or NOT_IDS in ids else sorted(ids)),
        )
        if not isinstance(seen.result, list):
            return seen
        return replace(seen, result=Picked(seen.result, heard=noted.read))


class _Noted(tuple[Any, ...]):
    """A tuple that notes whether it is read."""

    read = False

    def __iter__(self) -> Iterator[Any]:
        self.read = True
        return super().__iter__()


class Picked(list[Any]):
    """The ids of what was picked; `heard` is whether the arrivals were read."""

    def __init__(self, ids: Iterable[Any], *, heard: bool) -> None:
        super().__init__(ids)
        self.heard = heard


NOT_IDS = "not a list of deliveries:"


def _ids(picked: Any) -> Any:
    """Return the ids of what was picked, or what it is instead."""
    if inspect.iscoroutine(picked):
        return picked
    if isinstance(picked, (str, Iterator)) or not isinstance(picked, Iterable):
        return [NOT_IDS, short(picked)]
    rows = list(picked)
    for row in rows:
        if not isinstance(row, Delivery):
            return [NOT_IDS, type(row).__name__, short(row, 80)]
    return [row.event.id for row in rows]


GIVEN_UP = ((1.0, 503), (6.0, None))
"""Two attempts that failed, within six minutes."""
HEARD = ((0.0, 200),)


def _story(
    sentence: str, kind: str, since: float, *letters: Letter, ordered: bool = False
) -> Trial:
    changes = {"kind": kind, "since": since, "letters": letters, "ordered": ordered}
    return Trial(sentence, changes)


def trials() -> Iterator[Trial]:
    """Yield the fixed trials; `since` is in minutes after nine."""
    lost = Letter("evt_1", 0, GIVEN_UP)
    other = Letter("evt_2", 1, GIVEN_UP)
    acked = Letter("evt_1", 0, HEARD, HEARD, "acknowledged")
    pending = Letter("evt_3", 2, ((2, None),), (), "pending")
    yield _story("dead", "empty", 0)
    yield _story("dead", "acked", 0, acked)
    yield _story("dead", "single", -5, other)
    yield _story("dead", "pending", -5, other, pending)
    yield from _by_time()
    for number, arrived in enumerate(
        (((1, 503), (6, 200)), ((20, 204),), ((20, 299),), ((1, 200), (6, 503)))
    ):
        unheard = Letter(f"evt_{number}", number, GIVEN_UP, arrived)
        kind = "heard-late" if arrived[0][0] > GIVEN_UP[-1][0] else "unheard"
        yield _story("acknowledged", kind, 0, unheard)
    resent = Letter("evt_1", 0, ((40, 200),), ((40, 200),), "acknowledged")
    yield _story("acknowledged", "resent", 0, lost, resent)
    early = Letter("evt_3", -60, ((-60, 200),), ((-60, 200),), "acknowledged")
    again = Letter("evt_3", -60, ((35, None),))
    yield _story("acknowledged", "long-ago", 30, early, again)
    slow = Letter("evt_4", 0, ((1, None), (35, None)), ((1, 200),))
    yield _story("acknowledged", "long-ago", 30, slow)
    names = enumerate(("evt_10", "EVT_1", "vt_1", "evt_", "evt_1 "), 1)
    similar = [Letter(name, born, GIVEN_UP, order="A-1") for born, name in names]
    heard = Letter("evt_1", 0, GIVEN_UP, ((6, 200),), order="A-1")
    yield _story("acknowledged", "like", 0, heard, *similar)
    for status in (500, None, 503, 404, 302, 300, 199):
        kind = "arrived" if status else "crashed"
        refused = Letter("evt_3", 2, GIVEN_UP, ((6, status),))
        yield _story("arrived", kind, 0, refused)
    second = Letter("evt_1", 0, ((50, 503),))
    yield _story("once", "twice", 0, lost, other, second)
    for pair in ((lost, second), (second, lost)):
        yield _story("once", "again", 30, *pair)
    same = (Letter(f"evt_{born}", born, GIVEN_UP, order="A-1") for born in range(3))
    yield _story("once", "same-order", 0, *same)
    rows = (("d", 1, 10), ("a", 3, 5), ("c", 0, 30), ("b", 2, 20))
    mixed = [Letter(f"evt_{name}", born, ((died, 503),)) for name, born, died in rows]
    for letters in (mixed, mixed[::-1]):
        yield _story("order", "order", -5, *letters, ordered=True)
    yield probe({"kind": "shared", "letters": [heard], "shared": True})
    both = [lost, Letter("evt_2", 2, ((3, 503), (33, None)))]
    yield probe({"kind": "relative", "since": 30, "letters": both, "relative": True})


def _by_time() -> Iterator[Trial]:
    for sentence, kind, born, *tries in (
        ("since", "before", 0, (1, 503), (6, 503)),
        ("since", "before", 0, (1, 503), (29.99, 503)),
        ("since", "young", 31, (31, 503), (33, None)),
        ("since", "border", 1, (2, 503), (30, 503)),
        ("death", "late", 2, (3, 503), (33, None)),
        ("death", "mid", 2, (31, 503), (33, None)),
        ("death", "late", 2, (3, 503), (20, 503), (33, None)),
        ("since", "before", 0, (1, 503), (6, 503), (12, 503), (29, 503)),
    ):
        name = "evt_1" if kind == "before" else "evt_2"
        yield _story(sentence, kind, 30, Letter(name, born, tuple(tries)))
    sent = Letter("evt_4", 20, ((30.5, None),), took=1)
    yield _story("death", "sent", 30, sent)
    yield _story("no-attempt", "none-early", 30, Letter("evt_1", 10))
    for born in (40, 30):
        yield _story("no-attempt", "none-late", 30, Letter("evt_2", born))


def generate(rng: random.Random) -> Trial:
    """Return a history of up to six deliveries, drawn by chance."""
    acknowledged = rng.random() < 0.7
    births = rng.sample(range(40), 5)
    letters = []
    for _ in range(rng.randint(1, 6)):
        which = rng.randrange(5)
        first = births[which] + rng.randint(0, 9)
        ends = sorted(rng.sample(range(first, first + 40), rng.randint(0, 4)))
        tries = [(end, rng.choice((503, None))) for end in ends]
        heard = [(first + late, rng.choice((503, 200, None))) for late in range(2)]
        heard = heard[: rng.randint(0, 2)] if acknowledged else []
        state = rng.choice(("dead", "dead", "dead", "pending"))
        name = f"evt_{which}"
        letters.append(Letter(name, births[which], tuple(tries), tuple(heard), state))
    sentence = "acknowledged" if acknowledged else "order"
    changes = {"letters": letters, "ordered": not acknowledged}
    return Trial(sentence, {"since": rng.choice((0, *births, 20, 30)), **changes})
