"""9.3: which dead letters to resend, told from both sides of a history."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.history import History
from labkit.model import LAB_EPOCH, Arrival, Attempt, Delivery, Event, Request

Recover = Callable[[History, float], Iterable[Delivery]]

NINE = LAB_EPOCH + 9 * 3_600.0
MINUTE = 60.0
DAY = 86_400.0

NO_LIST = Mistake(
    "returns-no-list",
    "Whoever resends goes through what you return. There is nothing to go through.",
    "Return a list, an empty one where there is nothing to resend.",
)
NO_DELIVERIES = Mistake(
    "returns-no-deliveries",
    "sender.resend takes deliveries, as they stand in history.dead_letters. From an id "
    "or an event alone it can't tell what was delivered when.",
    "Put the deliveries themselves on the list.",
)
ALL_OF_THEM = Mistake(
    "resends-what-was-acknowledged",
    "This event was acknowledged by the sender's own account. You would send it once "
    "more, for nothing.",
    'Begin with history.dead_letters, the deliveries whose state is "dead".',
)
PENDING = Mistake(
    "resends-what-is-under-way",
    "This delivery is pending: the sender will try again by itself. Your resend makes "
    "a duplicate of it.",
    'Only the state "dead" means given up.',
)
NONE_FOUND = Mistake(
    "leaves-a-dead-letter",
    "This event was given up, the receiver never had it, and it is not on your list. "
    "Nobody will send it any more.",
    "Follow this one delivery through your conditions: which of them drops it?",
)
IGNORES_SINCE = Mistake(
    "ignores-since",
    "This letter died before `since`. It has been looked at before, and somebody "
    "decided about it then.",
    "Compare the moment of its death with `since`.",
)
WRONG_WAY = Mistake(
    "compares-the-wrong-way-round",
    "This letter died after `since`, and you picked those that died before it: what "
    "somebody has looked at already.",
    "Turn the comparison round.",
)
STRICT = Mistake(
    "leaves-out-since-itself",
    "This letter died at `since` itself, and that counts. Who runs recover each hour, "
    "from where it ended last, loses a letter on the border otherwise.",
    "Compare with >=.",
)
BY_BIRTH = Mistake(
    "takes-birth-for-death",
    "The event is older than `since`, but its delivery was given up later: retries go "
    "on for hours. It is dead since you last looked, and it is not on your list.",
    "The last attempt has the moment of death: its ended_at.",
)
BY_FIRST = Mistake(
    "takes-the-first-attempt",
    "A delivery is given up with its last attempt, not with its first; hours lie "
    "between the two.",
    "Take attempts[-1].",
)
BY_SENT = Mistake(
    "takes-the-sending-for-the-end",
    "The last attempt was sent before `since` and timed out after it. Dead it was only "
    "then.",
    "Take ended_at of the last attempt, not sent_at.",
)
FROM_START = Mistake(
    "counts-from-the-start",
    "`since` is a lab time, in seconds since 1970 like every time in a history, and "
    "not counted from its start.",
    "Compare ended_at with `since` as it is.",
)
NO_ATTEMPT_RAISES = Mistake(
    "raises-without-an-attempt",
    "An endpoint that was disabled gets no attempts at all: its deliveries are dead "
    "from the start, and attempts[-1] is not there. These are the letters that are "
    "most in need of you.",
    "Where there is no attempt, take the event's created_at.",
)
NO_ATTEMPT_LOST = Mistake(
    "forgets-letters-without-an-attempt",
    "The endpoint was disabled, so nothing was tried: no attempt and no error. The "
    "event is lost all the same, unless you resend it.",
    "Where there is no attempt, take the event's created_at.",
)
SENDER_ONLY = Mistake(
    "believes-the-sender-alone",
    "The receiver acknowledged this event, but its answer was lost, or came too late. "
    "The sender calls it dead, and your resend makes a duplicate of it.",
    "Look at history.arrivals too: which events were acknowledged there?",
)
ARRIVED_IS_DONE = Mistake(
    "takes-arrived-for-acknowledged",
    "The request arrived, and the receiver answered with an error or died over it. "
    "Nothing was done, and nobody will send it again.",
    "Of the arrivals count those that are acknowledged, and no others.",
)
FORGETS_RESENT = Mistake(
    "resends-what-a-resend-brought",
    "This event died once and was acknowledged in a later delivery: somebody has "
    "resent it already.",
    "Collect the ids of the events that were acknowledged in any delivery; skip these.",
)
ACKED_SINCE = Mistake(
    "forgets-what-was-acknowledged-before",
    "This event was acknowledged before `since`. That is still true: what the receiver "
    "has, it has.",
    "Use `since` for the deaths only, and look for acknowledgements in the whole "
    "history.",
)
TWICE = Mistake(
    "resends-an-event-twice",
    "Two deliveries of the same event died, and both are on your list. Two resends of "
    "one payment go out.",
    "Remember the ids that are on the list already; equal events have equal ids.",
)
TWICE_BUT_LATER = Mistake(
    "forgets-the-second-death",
    "The event died a second time, after `since`, and you looked only at its first "
    "delivery.",
    "Ask each delivery for its own death before you ask whether its event is on the "
    "list.",
)
UNORDERED = Mistake(
    "not-in-the-order-of-the-events",
    "Resent in this order, what happened last arrives first: the order is cancelled "
    "before it was placed.",
    "Sort by the event's created_at.",
)
BY_DEATH = Mistake(
    "in-the-order-of-their-deaths",
    "You sorted by when the letters died. Retries stretch differently, so that is not "
    "the order in which things happened.",
    "Sort by the event's created_at.",
)
BY_ID = Mistake(
    "in-the-order-of-their-ids",
    "Ids are names. That they grow with time is so in some shops and not in others.",
    "Sort by the event's created_at.",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery of a history that is made by hand; times are minutes after nine.

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
        """The event, of the minute in which it was born."""
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
                status,
                None if status else "timed out",
                (),
                Request("POST", "/webhooks", (), event.body),
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


@dataclass(frozen=True, slots=True)
class Story:
    """Some letters, from when on one looks, and which are to be resent, in order."""

    letters: Sequence[Letter]
    since: float
    wanted: Sequence[str]

    @property
    def history(self) -> History:
        """The history in which all that happened."""
        arrivals = [each for letter in self.letters for each in letter.arrivals]
        return History(
            tuple(letter.delivery for letter in self.letters),
            tuple(sorted(arrivals, key=lambda arrival: arrival.at)),
            NINE - DAY,
            0,
        )

    @property
    def asked(self) -> Question:
        """What is asked about it."""
        told = "\n".join(map(str, self.letters)) or "an empty history"
        return Question(
            sent=f"{told}\nsince {_clock(self.since)}",
            expected=_listed(self.wanted),
            why=NONE_FOUND.why,
            try_next=NONE_FOUND.try_next,
        )


GIVEN_UP = ((1.0, 503), (6.0, None))
"""Two attempts that failed, within six minutes."""


def picks_the_dead(recover: Recover) -> None:
    """Dead letters are picked, acknowledged and pending deliveries are not."""
    good = Letter("evt_1", 0, ((0, 200),), ((0, 200),), "acknowledged")
    dead = Letter("evt_2", 1, GIVEN_UP)
    under_way = Letter("evt_3", 2, ((2, None),), (), "pending")
    for story, mistakes in (
        (Story((), 0, ()), {}),
        (Story((good,), 0, ()), {"evt_1": ALL_OF_THEM}),
        (
            Story((good, dead, under_way), 0, ("evt_2",)),
            {"evt_1": ALL_OF_THEM, "evt_3": PENDING},
        ),
    ):
        why_none = _why_none(recover, story) if story.wanted else NONE_FOUND
        _picked(recover, story, more=mistakes, fewer={"evt_2": why_none})


def looks_from_since_on(recover: Recover) -> None:
    """What died before since is left alone; since itself counts."""
    before = Letter("evt_1", 0, ((1, 503), (6, 503)))
    border = Letter("evt_2", 1, ((2, 503), (30, 503)))
    after = Letter("evt_3", 2, ((3, 503), (33, None)))
    story = Story((before, border, after), 30, ("evt_2", "evt_3"))
    if not (ids := _ids_of(recover, story)):
        story.asked.fail(_listed(ids), _why_none(recover, story))
    _picked(recover, story, more={"evt_1": IGNORES_SINCE}, fewer={"evt_2": STRICT})
    slow = Letter("evt_4", 20, ((30.5, None),), took=1)
    story = Story((slow,), 30, ("evt_4",))
    _picked(recover, story, fewer={"evt_4": BY_SENT})


def finds_those_without_an_attempt(recover: Recover) -> None:
    """Letters of a disabled endpoint have no attempt, and died when they were born."""
    early = Letter("evt_1", 10)
    late = Letter("evt_2", 40)
    story = Story((early, late), 30, ("evt_2",))
    known: dict[type[BaseException], Mistake] = dict.fromkeys(
        (IndexError, ValueError, TypeError, AttributeError), NO_ATTEMPT_RAISES
    )
    _picked(
        recover,
        story,
        more={"evt_1": IGNORES_SINCE},
        fewer={"evt_2": NO_ATTEMPT_LOST},
        known=known,
    )


def believes_the_receiver_too(recover: Recover) -> None:
    """What the receiver acknowledged is not resent, heard by the sender or not."""
    unheard = Letter("evt_1", 0, GIVEN_UP, ((1, 503), (6, 200)))
    too_late = Letter("evt_2", 1, GIVEN_UP, ((20, 204),))
    refused = Letter("evt_3", 2, GIVEN_UP, ((1, 503), (6, 500)))
    crashed = Letter("evt_4", 3, GIVEN_UP, ((6, None),))
    story = Story((unheard, too_late, refused, crashed), 0, ("evt_3", "evt_4"))
    _picked(
        recover,
        story,
        more={"evt_1": SENDER_ONLY, "evt_2": SENDER_ONLY},
        fewer={"evt_3": ARRIVED_IS_DONE, "evt_4": ARRIVED_IS_DONE},
    )


def knows_what_was_resent(recover: Recover) -> None:
    """What a later delivery brought is not resent, and old answers still count."""
    dead = Letter("evt_1", 0, GIVEN_UP)
    again = Letter("evt_1", 0, ((40, 200),), ((40, 200),), "acknowledged")
    still = Letter("evt_2", 1, GIVEN_UP)
    story = Story((dead, still, again), 0, ("evt_2",))
    _picked(recover, story, more={"evt_1": FORGETS_RESENT})
    long_ago = Letter("evt_3", -60, ((-60, 200),), ((-60, 200),), "acknowledged")
    once_more = Letter("evt_3", -60, ((35, None),))
    story = Story((long_ago, once_more), 30, ())
    _picked(recover, story, more={"evt_3": ACKED_SINCE})
    unheard = Letter("evt_4", 0, ((1, None), (35, None)), ((1, 200),))
    story = Story((unheard,), 30, ())
    _picked(recover, story, more={"evt_4": ACKED_SINCE})


def picks_each_event_once(recover: Recover) -> None:
    """An event that died in two deliveries is resent once."""
    first = Letter("evt_1", 0, GIVEN_UP)
    other = Letter("evt_2", 1, GIVEN_UP)
    second = Letter("evt_1", 0, ((50, 503),))
    story = Story((first, other, second), 0, ("evt_1", "evt_2"))
    ids = _ids_of(recover, story)
    if ids.count("evt_1") > 1:
        story.asked.fail(_listed(ids), TWICE)
    _picked(recover, story, fewer=dict.fromkeys(("evt_1", "evt_2"), NONE_FOUND))
    story = Story((first, second), 30, ("evt_1",))
    _picked(recover, story, fewer={"evt_1": TWICE_BUT_LATER})
    same_order = [
        Letter(f"evt_{born}", born, GIVEN_UP, order="A-1") for born in range(3)
    ]
    _picked(recover, Story(same_order, 0, [letter.id for letter in same_order]))


def keeps_the_order_of_the_events(recover: Recover) -> None:
    """They come in the order in which their events happened."""
    letters = (
        Letter("evt_d", 1, ((10, 503),)),
        Letter("evt_a", 3, ((5, 503),)),
        Letter("evt_c", 0, ((30, 503),)),
        Letter("evt_b", 2, ((20, 503),)),
    )
    story = Story(letters, 0, ("evt_c", "evt_d", "evt_b", "evt_a"))
    ids = _ids_of(recover, story)
    if ids == ["evt_a", "evt_d", "evt_b", "evt_c"]:
        story.asked.fail(_listed(ids), BY_DEATH)
    if ids == sorted(ids) and len(ids) == len(letters):
        story.asked.fail(_listed(ids), BY_ID)
    if ids != list(story.wanted):
        story.asked.fail(_listed(ids), UNORDERED)


def _why_none(recover: Recover, story: Story) -> Mistake:
    """Say what was compared with since, when nothing was picked."""
    history = story.history
    from_start = NINE + story.since * MINUTE - history.started_at
    if _quiet_ids(recover, history, from_start) == list(story.wanted):
        return FROM_START
    if _quiet_ids(recover, history, NINE + DAY) == list(story.wanted):
        return WRONG_WAY
    # By now evt_2 and evt_3 have had their first attempt, and only evt_3 is not born.
    early = _quiet_ids(recover, history, NINE + 1.5 * MINUTE)
    known = {("evt_3",): BY_BIRTH, ("evt_2", "evt_3"): BY_FIRST}
    return known.get(tuple(sorted(map(str, early))), NONE_FOUND)


def _picked(
    recover: Recover,
    story: Story,
    *,
    more: dict[str, Mistake] | None = None,
    fewer: dict[str, Mistake] | None = None,
    known: dict[type[BaseException], Mistake] | None = None,
) -> None:
    """End the case unless those letters were picked, in any order.

    `more` and `fewer` say which mistake it is when a letter is there or is not.
    """
    ids = _ids_of(recover, story, known=known)
    for id_, mistake in (more or {}).items():
        if id_ in ids and id_ not in story.wanted:
            story.asked.fail(_listed(ids), mistake)
    for id_, mistake in (fewer or {}).items():
        if id_ in story.wanted and id_ not in ids:
            story.asked.fail(_listed(ids), mistake)
    if sorted(ids) != sorted(story.wanted):
        story.asked.fail(_listed(ids))


def _ids_of(
    recover: Recover,
    story: Story,
    known: dict[type[BaseException], Mistake] | None = None,
) -> list[str]:
    """Return the ids of what was picked; what is no row of deliveries ends the case."""
    ask = story.asked
    since = NINE + story.since * MINUTE
    picked = ask.call(recover, story.history, since, known=known)
    if isinstance(picked, str) or not isinstance(picked, Iterable):
        ask.fail(short(picked), NO_LIST)
    rows = ask.call(list, picked, known=known)
    for row in rows:
        if not isinstance(row, Delivery):
            ask.fail(
                f"a list with {type(row).__name__} {short(row, 80)}", NO_DELIVERIES
            )
    return [row.event.id for row in rows]


def _quiet_ids(recover: Recover, history: History, since: float) -> list[Any]:
    found = quietly(lambda: [row.event.id for row in recover(history, since)])
    return found if isinstance(found, list) else []


def _clock(minutes: float) -> str:
    seconds = round((9 * 60 + minutes) * 60)
    hours, rest = divmod(seconds, 3_600)
    text = f"{hours:02}:{rest // 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text


def _listed(ids: Iterable[str]) -> str:
    return f"[{', '.join(ids)}]"


RECOVER = Exercise(
    id="9.3",
    lab="09_watch",
    wants="recover(history, since) -> list",
    cases=(
        picks_the_dead,
        looks_from_since_on,
        finds_those_without_an_attempt,
        believes_the_receiver_too,
        knows_what_was_resent,
        picks_each_event_once,
        keeps_the_order_of_the_events,
    ),
    hints=(
        (
            "Begin with history.dead_letters, and drop from it step by step: what died "
            "before since, what the receiver has, what is on the list already."
        ),
        (
            "delivery.attempts[-1].ended_at is the death. A disabled endpoint leaves "
            "deliveries without an attempt: delivery.event.created_at."
        ),
        (
            "The ids of all events that the receiver has: {arrival.event.id for "
            "arrival in history.arrivals if arrival.acknowledged}."
        ),
        (
            "Sort by event.created_at first. Then go through them with a loop and a "
            "set of the ids that you have taken."
        ),
    ),
)
