"""What goes wrong in polling, and how an answer gives it away."""

import inspect
from collections.abc import Sequence

from labkit.checks import Mistake
from labkit.exercises.lab01_push_not_poll.service import Service

PRINTS = Mistake(
    "returns-nothing",
    "Your function returns None, but the caller needs the events.",
    "Collect the events in a list, and return it after the last round.",
)
YIELDS = Mistake(
    "yields-instead-of-returning",
    "Your function contains `yield`, so it returns a generator and runs nothing "
    "until the caller iterates over it. The caller needs the list of events.",
    "Append to a list instead of using `yield`, and return the list at the end.",
)
NO_LIST = Mistake(
    "returns-no-list",
    "Your function does not return a list. The caller counts and indexes the "
    "events, and reads them twice.",
    "Collect the events in [] and return that.",
)
NESTED = Mistake(
    "keeps-the-pages",
    "Your function returns a list of pages instead of a list of events.",
    "Use extend instead of append: it adds each event of the page.",
)
IDS = Mistake(
    "returns-ids",
    "Your function returns ids. An id says that something happened, but the shop "
    "needs the whole event.",
    "Collect the event, and use its id only for the cursor and to recognise "
    "duplicates.",
)
PARTS = Mistake(
    "returns-parts-of-events",
    "Your function returns only parts of the events. The shop needs the id, the "
    "type and the data.",
    "Append each event as it is, with all four fields.",
)
NO_ATTRIBUTES = Mistake(
    "takes-events-for-objects",
    "Your code reads attributes of an event. An event is a dictionary, which has "
    "keys and no attributes.",
    'Write event["id"] instead of event.id.',
)
OWN_SLEEP = Mistake(
    "does-not-use-the-sleep-it-is-given",
    "Your code calls time.sleep instead of the argument `sleep`. You wait in real "
    "time, but no time passes on the clock of the service.",
    "Call sleep(interval), the function that was passed to poll.",
)
NO_SLEEP = Mistake(
    "asks-without-a-pause",
    "Your code does not pause between two rounds. Providers respond to such a rate "
    "of requests with 429, and later block the client.",
    "Call sleep(interval) between one round and the next.",
)
SLEEPS_AT_THE_ENDS = Mistake(
    "sleeps-before-the-first-or-after-the-last-round",
    "Your code sleeps before the first round or after the last one. A pause belongs "
    "between two rounds; another one only makes the caller wait.",
    "For n rounds, make n - 1 pauses.",
)
SLEEPS_AT_PAGES = Mistake(
    "sleeps-between-pages",
    "Your code sleeps between the pages of one round. If many events happen, it "
    "falls behind.",
    "Fetch all pages of a round one after the other, then sleep once.",
)
OTHER_SECONDS = Mistake(
    "sleeps-for-other-seconds",
    "Your code does not sleep for `interval` seconds. The caller chose the interval "
    "because of its rate limit.",
    "Pass on the argument: sleep(interval).",
)
ONE_ROUND = Mistake(
    "does-not-look-again",
    "Your code asks in one round only. Events that happen later never reach the shop.",
    "Repeat the round `rounds` times.",
)
OTHER_ROUNDS = Mistake(
    "counts-the-rounds-wrong",
    "Your code makes another number of rounds than the caller asked for.",
    "Count again: for n rounds, `for number in range(n)`.",
)
EMPTY_PAGE = Mistake(
    "an-empty-page-breaks-it",
    "Your code reads the last element of an empty page. Most rounds return nothing, "
    "so the page is an empty list.",
    "Move the cursor only if the page contains an event.",
)
NOTHING_YET = Mistake(
    "looks-for-the-last-event-before-there-is-one",
    "Your code reads the last collected event before the first request, when the "
    "list is still empty.",
    "Begin with a cursor of None, which asks from the beginning.",
)
STOPS_AT_QUIET = Mistake(
    "stops-at-the-first-quiet-round",
    "Your function ends at the first round without new events. The next round may "
    "return some.",
    "Let an empty page end the round, not the whole function.",
)
NO_CURSOR = Mistake(
    "asks-from-the-beginning",
    "Your code always asks for the first page, so the same events are returned "
    "every time and later ones never.",
    "Store the id of the last event, and pass it to list_events.",
)
STARTS_OVER = Mistake(
    "starts-over-in-each-round",
    "Your code fetches everything from the beginning in each round. After a year, "
    "that is a year of events every few seconds.",
    "Set the cursor to None once, before the loop, and keep it from round to round.",
)
CURSOR_IS_NO_ID = Mistake(
    "cursor-is-no-id",
    "Your cursor is not the id of an event. list_events continues after an event, "
    "which it finds by its id.",
    'Pass the id of the last event: page[-1]["id"].',
)
CURSOR_NOT_LAST = Mistake(
    "cursor-is-not-the-last-event",
    "Your cursor is not the last event of the page. The events in between are "
    "returned twice or skipped.",
    'Set the cursor to the id of the last event of the page: page[-1]["id"].',
)
ONE_PAGE = Mistake(
    "one-page-a-round",
    "Your code fetches one page per round. If more events happen than fit on a "
    "page, the rest waits, and after the last round it is never fetched.",
    "Ask again at once, with the new cursor, until a page contains nothing new.",
)
SOME_PAGES = Mistake(
    "a-fixed-number-of-pages",
    "Your code fetches a fixed number of pages per round. Nobody can know in advance "
    "how many pages a busy minute fills.",
    "Continue until a page contains nothing new, however many pages there are.",
)
LAST_PAGE_ONLY = Mistake(
    "keeps-only-the-last-page",
    "Your function returns only the last page. Each page replaced the one before it.",
    "Create the list once, before the loop, and add to it.",
)
BY_TIME = Mistake(
    "goes-by-the-time",
    "Your code compares times to find new events. Two events can happen in the same "
    "second, and one can be added to the list late, so your code drops some.",
    "Use only the id to decide whether an event is new.",
)
BY_ID_ORDER = Mistake(
    "takes-ids-for-numbers-in-order",
    "Your code treats a greater id as a later event. An id names an event and says "
    "nothing about the order.",
    "Check whether you already have the id, not whether it is greater.",
)
BY_CONTENT = Mistake(
    "takes-equal-content-for-the-same-event",
    "Your code treats two events with equal content as one. Two people can pay the "
    "same amount for the same thing.",
    "Compare the ids, not the content of the events.",
)
TWICE = Mistake(
    "an-event-twice",
    "Your list contains an event more than once. A page may begin with events that "
    "you already have, and the shop would ship two parcels.",
    "Keep the ids that you have collected, and skip events with such an id.",
)
ENDLESS = Mistake(
    "never-ends-a-round",
    "Your round ends only at an empty page. Here each page begins with events that "
    "you already have, so no page is empty.",
    "End the round when a page contains nothing new, whether it is empty or not.",
)
KEEPS_STATE = Mistake(
    "remembers-the-call-before",
    "Your second call used data from the first. Something keeps its value between "
    "calls: a mutable default argument, or a variable outside the function.",
    "Create the list, the cursor and the ids inside the function.",
)
ORDER = Mistake(
    "other-order",
    "Your list has another order than the list of the service. A payment comes "
    "before its refund, so the order matters.",
    "Append each event to the end of your list, in the order of the page.",
)


def of_shape(answered: object) -> Mistake | None:
    """Return the mistake in what was returned, before looking at the events."""
    if answered is None:
        return PRINTS
    if inspect.isgenerator(answered):
        return YIELDS
    if not isinstance(answered, list):
        return NO_LIST
    if any(isinstance(each, list | tuple) for each in answered):
        return NESTED
    if any(isinstance(each, str) for each in answered):
        return IDS
    if not all(isinstance(each, dict) and "id" in each for each in answered):
        return PARTS
    return None


def of_pauses(
    service: Service, interval: float, rounds: int, *, for_real: bool
) -> Mistake | None:
    """Return the mistake in how an answer slept, if it did not sleep as agreed.

    `for_real` says that it called time.sleep.
    """
    slept = service.slept
    if slept == [interval] * (rounds - 1):
        return OWN_SLEEP if for_real else None
    moments = len({ask.at for ask in service.asked})
    if not slept:
        if for_real:
            return OWN_SLEEP
        return NO_SLEEP if len(service.asked) >= rounds else ONE_ROUND
    if any(seconds != interval for seconds in slept):
        return OTHER_SECONDS
    if moments > rounds:
        return SLEEPS_AT_PAGES
    return SLEEPS_AT_THE_ENDS if len(slept) == rounds else OTHER_ROUNDS


def of_cursor(service: Service, ends: Sequence[str | None]) -> Mistake | None:
    """Return the mistake in where an answer went on from.

    `ends` has the id of the last event of each page, None for an empty one.
    """
    afters = [ask.after for ask in service.asked]
    if len(afters) > 1 and all(after is None for after in afters):
        return NO_CURSOR
    last: str | None = None
    before: object = None
    for after, end in zip(afters, ends, strict=False):
        if after is None and last is not None:
            return STARTS_OVER
        if after not in (None, last, before):
            return CURSOR_NOT_LAST
        last, before = end or last, after
    return None
