"""Exercise 1.1: ask a list of events again and again, and miss nothing."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.checks.contract import contract
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab01_push_not_poll.asking import (
    PAUSE,
    Asking,
    broken_sentence,
)
from labkit.exercises.lab01_push_not_poll.mistakes import MISTAKES
from labkit.model import LAB_EPOCH, Event

CONTRACT = contract("""
    given: Poll a list of events in `rounds` rounds, and return all events.
    given: `list_events(after)` returns a page: a list of events, in the order of the
        provider's list. Each event is a dictionary with "id", "event", "created_at" and
        "data". `after` is the id of an event that a page contained, or None to ask from
        the beginning.
    given: The number of events on a page is not known, and it may differ from page to
        page. A page may begin with older events: the event `after` itself, or some
        before it. If there are events after `after`, the page contains at least one of
        them. If there are none, it contains none, and may be empty. `rounds` is at
        least 1.
    list: Return a list with the events as they are, in the order of the pages.
    calls: Each call of `poll` starts from the beginning.
    pauses: Call `sleep(interval)` between two rounds, and nowhere else; more events may
        arrive meanwhile.
    quiet: A round may bring no new event, and the next one may bring some.
    pages: A round fetches all events that are there, however many pages it takes.
    whole: It adds all new events of a page to the list before it asks for the next
        page.
    ids: An event is new if its id is new, whatever its time and its content.
    once: The returned list contains each event only once.
    continues: A round continues where the round before it ended.
    open: The check does not test a `list_events` that raises an exception, or that
        returns an event a second time with other content.
""")


TYPES = ("payment.refunded", "payment.succeeded", "contact.created")


def _events(name: str, count: int) -> list[Event]:
    """Return events whose ids belong to one trial alone, a minute apart."""
    return [
        Event(
            TYPES[number % 3],
            {"order_id": f"{name}-{number}", "amount": 100 * number},
            id=f"evt_{name}_{number:04}",
            created_at=LAB_EPOCH + 60 * number,
        )
        for number in range(1, count + 1)
    ]


def _named(ids: Sequence[str], times: Sequence[int], kind: str) -> list[Event]:
    """Return events with these ids and times, of equal content or of one order."""
    return [
        Event(
            "payment.succeeded",
            {
                "order_id": "A-0" if kind in ("content", "order") else f"A-{number}",
                "amount": 1900 if kind == "content" else number,
            },
            id=name,
            created_at=LAB_EPOCH + at,
        )
        for number, (name, at) in enumerate(zip(ids, times, strict=True))
    ]


def _trial(
    sentence: str, kind: str, note: str, *happened: tuple[int, float], **changes: Any
) -> Trial:
    """Return a trial with so many events at each moment, counted in intervals."""
    moments = [at for count, at in happened for _ in range(count)]
    events = changes.pop("events", None) or _events(
        f"{kind}{len(moments)}{sum(moments):g}", len(moments)
    )
    fields = {"kind": kind, "events": events, "happened": moments, **changes}
    return Trial(sentence, fields, note)


def _trials() -> Iterator[Trial]:
    yield _trial("list", "one", "", (3, 0))
    yield _trial("list", "one", "", (1, 0))
    yield _trial("list", "empty", "")
    yield _trial(
        "calls", "again", "poll is called for the second time", (3, 0), again=1
    )
    yield _trial("pauses", "later", "", (2, 0), (1, 0.5), (1, 1.5), rounds=3)
    yield _trial("pauses", "later", "", (1, 0), (2, 0.5), rounds=2)
    for interval in (0.02, 1, 7.5):
        arrive = (1, 0.5), (1, 1.5), (1, 2.5), (1, 3.5)
        changes = {"interval": interval, "rounds": 5}
        yield _trial("pauses", "later", "", (1, 0), *arrive, **changes)
    yield _trial("quiet", "empty", "", rounds=3)
    yield _trial("quiet", "quiet", "", (2, 0.5), (1, 2.5), rounds=4)
    yield _trial("quiet", "quiet", "", (2, 0), (1, 3.5), rounds=5)
    yield _trial("pages", "two pages", "", (4, 0), page=3)
    yield _trial("pages", "pages", "", (10, 0), page=3)
    yield _trial("pages", "pages", "", (9, 0), page=3)
    yield _trial("pages", "pages", "", (4, 0), (36, 0.5), page=3, rounds=2)
    yield _trial("pages", "uneven", "", (40, 0), uneven=True)
    changes = {"page": 1, "patience": 5_000}
    yield _trial("pages", "many", "", (1_100, 0), **changes)
    yield _trial("whole", "whole", "", (30, 0), page=10)
    ids = ("evt_9", "evt_10", "evt_b", "evt_a", "evt_2", "evt_1")
    rising = tuple(sorted(ids))
    cases = ("evt_a", "evt_A", "EVT_a", "evt_b", "Evt_B", "evt_B")
    for page in (100, 2):
        for kind, names, times in (
            ("same second", rising, (50, 50, 50, 60, 60, 70)),
            ("earlier", rising, (50, 60, 20, 70, 30, 80)),
            ("names", ids, range(6)),
            ("content", rising, (50,) * 6),
            ("order", rising, range(6)),
            ("case", cases, range(6)),
        ):
            events = _named([f"{each}-{kind[:4]}{page}" for each in names], times, kind)
            yield _trial("ids", kind, "", (6, 0), events=events, page=page)
    yield _trial("once", "overlap", "", (3, 0), overlap=1)
    yield _trial("once", "overlap", "", (2, 0), (2, 1.5), overlap=1, rounds=3)
    yield _trial("once", "overlap", "", (6, 0), (3, 0.5), page=4, overlap=3, rounds=3)
    yield _trial("once", "overlap", "", (20, 0), page=3, overlap=2)
    events = _named([f"{each}-Twice" for each in cases], range(6), "case")
    yield _trial("once", "overlap", "", (6, 0), events=events, page=2, overlap=2)
    yield _trial("once", "overlap", "", (12, 0), page=1, overlap=9)
    yield _trial("once", "overlap", "", (40, 0), uneven=True, overlap=3)
    changes = {"page": 550, "overlap": 1_100, "patience": 20}
    yield _trial("once", "overlap", "", (1_100, 0), **changes)
    yield _trial("continues", "requests", "", (30, 0), page=5, rounds=6)
    yield _trial("continues", "requests", "", (20, 0), (9, 4.5), page=2, rounds=7)


def _generate(rng: random.Random) -> Trial:
    happened = [(rng.randint(0, 5), at) for at in (0, 0.5, 1.5, 2.5)]
    changes = {
        "page": rng.choice((1, 2, 3, 7, 100)),
        "overlap": rng.choice((0, 0, 1, 2, 5)),
        "uneven": rng.random() < 0.3,
        "rounds": rng.randint(1, 5),
    }
    return _trial("pages", "generated", "", *happened, **changes)


BASE: Mapping[str, Any] = {
    "kind": "one",
    "events": (),
    "happened": (),
    "page": 100,
    "overlap": 0,
    "uneven": False,
    "rounds": 1,
    "interval": PAUSE,
    "patience": 200,
    "again": 0,
}


def _few_requests(fields: Fields) -> int | None:
    """Return how many requests are enough where that is compared, or None.

    Each page and each round may take one, and each round two more.
    """
    if fields["kind"] not in ("requests", "whole"):
        return None
    pages: int = len(fields["events"]) // fields["page"]
    return pages + 2 + 3 * int(fields["rounds"])


POLL = judged(
    id="1.1",
    lab="01_push_not_poll",
    wants="poll(list_events, sleep, interval, rounds) -> list",
    contract=CONTRACT,
    space=Space(BASE, _trials, _generate, many=60),
    observer=Asking(_few_requests),
    mistakes=MISTAKES,
    blames=broken_sentence,
    hints=(
        (
            "The cursor is the id of the last event that you have. Before the first "
            "request it is None, and it is kept from round to round."
        ),
        (
            "A round is a loop of its own: ask, collect, move the cursor, ask again. "
            "Which page tells you that there is nothing more?"
        ),
        (
            "Keep a set of the ids that you have collected. A page without an id that "
            "is new to the set ends the round; an empty page is such a page."
        ),
        "Sleep at the beginning of every round but the first: `if number > 0`.",
    ),
)
