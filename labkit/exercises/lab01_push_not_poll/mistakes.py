"""What goes wrong in polling, and how an answer gives it away."""

import inspect
from collections.abc import Sequence

from labkit.checks import Mistake
from labkit.exercises.lab01_push_not_poll.service import Service

PRINTS = Mistake(
    "returns-nothing",
    "Whoever calls poll works with what it returns. Yours returned None.",
    "Collect the events in a list, and return the list after the last round.",
)
YIELDS = Mistake(
    "yields-instead-of-returning",
    "A function with `yield` returns a generator, and nothing runs until somebody goes "
    "through it. The caller wants the events that have been collected.",
    "Append to a list where the `yield` is, and return the list at the end.",
)
NO_LIST = Mistake(
    "returns-no-list",
    "The caller expects a list: one that can be counted, indexed and gone through "
    "twice.",
    "Collect into [] and return that.",
)
NESTED = Mistake(
    "keeps-the-pages",
    "You returned a list of pages. The caller wants the events themselves, in one row.",
    "Use extend in place of append: it adds each event of the page.",
)
IDS = Mistake(
    "returns-ids",
    "An id says that something happened, not what. The shop needs the whole event.",
    "Collect the event, and look at its id only to know where you are.",
)
PARTS = Mistake(
    "returns-parts-of-events",
    "The shop needs the whole event: its id to know it again, its type, its data.",
    "Append the event as it came, with all four fields.",
)
NO_ATTRIBUTES = Mistake(
    "takes-events-for-objects",
    "An event from the list is a dictionary, as JSON gives it. It has keys, and no "
    "attributes.",
    'Write event["id"], not event.id.',
)
OWN_SLEEP = Mistake(
    "does-not-use-the-sleep-it-is-given",
    "Time is an argument here: `sleep` moves the clock of the check. With time.sleep "
    "you wait for real, and in the check no time passes at all.",
    "Call sleep(interval), the function that you were given.",
)
NO_SLEEP = Mistake(
    "asks-without-a-pause",
    "Without a pause you ask as fast as the machine can. Providers answer that with "
    "429, and later with a block.",
    "Call sleep(interval) between one round and the next.",
)
SLEEPS_AT_THE_ENDS = Mistake(
    "sleeps-before-the-first-or-after-the-last-round",
    "A pause lies between two rounds. One more, at the beginning or at the end, only "
    "makes the caller wait.",
    "For n rounds there are n - 1 pauses. Leave one out.",
)
SLEEPS_AT_PAGES = Mistake(
    "sleeps-between-pages",
    "There was more to fetch, and you waited. Whoever waits at each page falls behind "
    "as soon as much happens.",
    "Fetch all pages of a round one after the other, then sleep once.",
)
OTHER_SECONDS = Mistake(
    "sleeps-for-other-seconds",
    "The caller says how long the pause is: it has a limit of requests to keep to.",
    "Pass on what you were given: sleep(interval).",
)
ONE_ROUND = Mistake(
    "does-not-look-again",
    "You looked once. What happens after that never reaches the shop.",
    "Repeat the asking `rounds` times.",
)
OTHER_ROUNDS = Mistake(
    "counts-the-rounds-wrong",
    "The caller has said how many rounds there are to be.",
    "Count again: for n rounds, `for number in range(n)`.",
)
EMPTY_PAGE = Mistake(
    "an-empty-page-breaks-it",
    "Most rounds bring nothing: the page is an empty list, which has no last element.",
    "Move the cursor only when the page has an event in it.",
)
NOTHING_YET = Mistake(
    "looks-for-the-last-event-before-there-is-one",
    "At the first request nothing has been collected, and an empty list has no last "
    "element.",
    "Begin with a cursor of None, which asks from the beginning.",
)
STOPS_AT_QUIET = Mistake(
    "stops-at-the-first-quiet-round",
    "Nothing new means nothing yet. The next round may bring something.",
    "Let an empty page end the round, and not the whole function.",
)
NO_CURSOR = Mistake(
    "asks-from-the-beginning",
    "Every request asked for the first page of all, so the same events come again and "
    "again, and later ones never.",
    "Keep the id of the last event you have seen, and pass it to list_events.",
)
STARTS_OVER = Mistake(
    "starts-over-in-each-round",
    "Each round fetched everything from the beginning. After a year that is a year of "
    "events, every few seconds.",
    "Keep the cursor from round to round: set it to None once, before the loop.",
)
CURSOR_IS_NO_ID = Mistake(
    "cursor-is-no-id",
    "list_events goes on after an event, and knows events by their id.",
    'Pass the id of the last event: page[-1]["id"].',
)
CURSOR_NOT_LAST = Mistake(
    "cursor-is-not-the-last-event",
    "Your cursor stood on another event than the last one of the page, so what lies "
    "between came twice or was skipped.",
    'Set the cursor to the id of the last event of the page: page[-1]["id"].',
)
ONE_PAGE = Mistake(
    "one-page-a-round",
    "A page has room for a few events only. When more has happened, the rest waits "
    "for the next round, and after the last round it is never fetched.",
    "Ask again at once, with the new cursor, until a page brings nothing new.",
)
SOME_PAGES = Mistake(
    "a-fixed-number-of-pages",
    "You fetched several pages, and then stopped although there was more. How many "
    "pages a busy minute fills, nobody knows beforehand.",
    "Go on until a page brings nothing new, however many there are.",
)
LAST_PAGE_ONLY = Mistake(
    "keeps-only-the-last-page",
    "You have fetched the others too, but each page took the place of the one before.",
    "Make the list once, before the loop, and add to it.",
)
BY_TIME = Mistake(
    "goes-by-the-time",
    "Two events can happen in the same second, and one can get into the list late, "
    "with an older time. Comparing times drops them.",
    "Decide by the id whether an event is new, and by nothing else.",
)
BY_ID_ORDER = Mistake(
    "takes-ids-for-numbers-in-order",
    "An id is a name. It says which event it is, and not which came first.",
    "Ask whether you have had the id before, not whether it is greater.",
)
BY_CONTENT = Mistake(
    "takes-equal-content-for-the-same-event",
    "Two people can pay the same amount for the same thing. Two ids are two events.",
    "Compare the ids, and not what the events are about.",
)
TWICE = Mistake(
    "an-event-twice",
    "A page may begin with events that you have had already. Whoever ships a parcel "
    "for each event in your list ships two.",
    "Remember the ids that you have collected, and skip the events that have them.",
)
ENDLESS = Mistake(
    "never-ends-a-round",
    "You asked until a page would be empty. Here a page always begins with a few "
    "events that you know, so it never is.",
    "End the round when a page brings nothing new, empty or not.",
)
KEEPS_STATE = Mistake(
    "remembers-the-call-before",
    "The second call knew of the first: something outlives the call, such as a default "
    "argument or a variable outside of the function.",
    "Make the list, the cursor and the ids inside of the function.",
)
ORDER = Mistake(
    "other-order",
    "A payment comes before its refund. The shop wants the events in the order of the "
    "list.",
    "Append each event at the end of your list, in the order of the page.",
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
    for after, end in zip(afters, ends, strict=False):
        if after is None and last is not None:
            return STARTS_OVER
        if after not in (None, last):
            return CURSOR_NOT_LAST
        last = end or last
    return None
