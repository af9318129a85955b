"""Exercise 1.1: ask a list of events again and again, and miss nothing."""

from labkit.checks import Exercise, short
from labkit.exercises.lab01_push_not_poll import mistakes
from labkit.exercises.lab01_push_not_poll.asking import PAUSE, Asking, Poll, Uneven
from labkit.model import LAB_EPOCH, Event


def one_round(poll: Poll) -> None:
    """One round returns all events of the list, oldest first."""
    events = _events("one", 3)
    Asking(poll, events, "3 events are in the list, and there is one round.").judge(1)


def later_rounds(poll: Poll) -> None:
    """An event that happens between two rounds is returned by the next one."""
    events = _events("later", 4)
    asking = Asking(
        poll,
        events,
        "2 events are in the list, one more gets in during each of the two pauses.",
        happened=(0, 0, PAUSE / 2, PAUSE * 3 / 2),
    )
    asking.judge(3)


def quiet_rounds(poll: Poll) -> None:
    """A round without new events changes nothing."""
    events = _events("quiet", 3)
    asking = Asking(
        poll,
        events,
        "The list is empty at first. 2 events get in during the first pause, none "
        "during the second, one during the third.",
        happened=(PAUSE / 2, PAUSE / 2, PAUSE * 5 / 2),
    )
    asking.judge(4)


def all_pages(poll: Poll) -> None:
    """If more events happen than fit on a page, the same round fetches all of them."""
    events = _events("pages", 40)
    story = "4 events are in the list, 36 more get in during the pause. A page holds 3."
    happened = (0.0,) * 4 + (PAUSE / 2,) * 36
    Asking(poll, events, story, page=3, happened=happened).judge(2)


def by_id_alone(poll: Poll) -> None:
    """An event is new when its id is, whatever its time and its content."""
    times = (50, 50, 50, 20, 60, 60)
    names = ("evt_9", "evt_10", "evt_b", "evt_a", "evt_2", "evt_1")
    events = [
        Event("payment.succeeded", {"amount": 1900}, id=name, created_at=LAB_EPOCH + at)
        for name, at in zip(names, times, strict=True)
    ]
    Asking(
        poll,
        events,
        "Six payments of the same amount. Some happened in the same second, one got "
        "into the list late. A page holds 2.",
        page=2,
    ).judge(2)


def overlapping_pages(poll: Poll) -> None:
    """An event that is returned again is not collected again, and the round ends."""
    events = _events("again", 9)
    happened = (0.0,) * 6 + (PAUSE / 2,) * 3
    Asking(
        poll,
        events,
        "6 events are in the list, 3 more get in during the first pause. A page holds "
        "4 new ones, after up to 3 that came before.",
        page=4,
        overlap=3,
        happened=happened,
    ).judge(3)


def uneven_pages(poll: Poll) -> None:
    """Pages differ in size, and may begin with older events than the cursor."""
    for overlap in (0, 3):
        Asking(
            poll,
            _events(f"uneven{overlap}", 40),
            "40 events are in the list. A page holds 1 to 5 new ones"
            + (", after up to 2 older ones." if overlap else "."),
            overlap=overlap,
            service=Uneven,
        ).judge(1)
    Asking(
        poll,
        _events("overlap", 20),
        "20 events are in the list. A page holds 3 new ones, after 2 that came before.",
        page=3,
        overlap=2,
    ).judge(1)


def very_many_pages(poll: Poll) -> None:
    """However many pages there are, one round fetches them all."""
    Asking(
        poll,
        _events("many", 1_100),
        "1,100 events are in the list. A page holds 1.",
        page=1,
        patience=5_000,
    ).judge(1)


def goes_on(poll: Poll) -> None:
    """Each round continues where the one before it ended."""
    events = _events("on", 30)
    asking = Asking(
        poll,
        events,
        "30 events are in the list, and a page holds 5. Nothing more happens.",
        page=5,
    )
    asking.judge(6)
    enough = 7 + 3 * 6
    if len(asking.service.asked) > enough:
        asking.fail(
            f"all {len(events)} events, with {len(asking.service.asked)} requests",
            mistakes.STARTS_OVER,
            expected=f"the same with at most {enough} requests: the list is read once, "
            "and a quiet round takes one or two",
        )


def each_call_by_itself(poll: Poll) -> None:
    """A second call starts from the beginning, and knows nothing of the first."""
    events = _events("second", 3)
    story = "3 events are in the list, and poll is called for the second time."
    Asking(poll, events, story).run(1)
    again = Asking(poll, events, story)
    answered = again.run(1)
    if not again.collected(answered):
        again.fail(short(answered), mistakes.KEEPS_STATE)


def _events(name: str, count: int) -> list[Event]:
    """Return events whose ids belong to one case alone, a minute apart."""
    return [
        Event(
            "payment.succeeded",
            {"order_id": f"{name}-{number}", "amount": 100 * number},
            id=f"evt_{name}_{number}",
            created_at=LAB_EPOCH + 60 * number,
        )
        for number in range(1, count + 1)
    ]


POLL = Exercise(
    id="1.1",
    lab="01_push_not_poll",
    wants="poll(list_events, sleep, interval, rounds) -> list",
    cases=(
        one_round,
        each_call_by_itself,
        later_rounds,
        quiet_rounds,
        all_pages,
        by_id_alone,
        overlapping_pages,
        goes_on,
        uneven_pages,
        very_many_pages,
    ),
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
