"""What goes wrong in polling, and on which trials it shows."""

import inspect
from collections.abc import Callable, Sequence

from labkit.checks import Mistake
from labkit.checks.mistakes import Proof, Rule, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab01_push_not_poll.asking import Asked, NotFresh
from labkit.exercises.lab01_push_not_poll.service import AskedTooOften, NoSuchEvent
from labkit.exercises.lab01_push_not_poll.signs import (
    awake,
    equal_pages,
    has_items,
    is_end,
    is_part,
    key_as_attribute,
    lost,
    no_end,
    one_round_more,
    only_first,
    other_order,
    paused,
    real_sleep,
    stops_at_quiet,
    twice,
)

PRINTS, YIELDS, NO_LIST, NESTED, IDS = mistakes("""
    returns-nothing: Your function returns None, but the caller needs the events.
        Try: Collect the events in a list, and return it after the last round.
    yields-instead-of-returning: Your function contains `yield`, so it returns a
        generator and runs nothing until the caller iterates over it. The caller needs
        the list of events.
        Try: Append to a list instead of using `yield`, and return the list at the end.
    returns-no-list: Your function does not return a list. The caller counts and indexes
        the events, and reads them twice.
        Try: Collect the events in [] and return that.
    keeps-the-pages: Your function returns a list of pages instead of a list of events.
        Try: Use extend instead of append: it adds each event of the page.
    returns-ids: Your function returns ids. An id says that something happened, but the
        shop needs the whole event.
        Try: Collect the event, and use its id only for the cursor and to recognise
        duplicates.
""")
PARTS, NO_ATTRIBUTES, OWN_SLEEP, NO_SLEEP, SLEEPS_AT_THE_ENDS = mistakes("""
    returns-parts-of-events: Your function returns only parts of the events. The shop
        needs the id, the type and the data.
        Try: Append each event as it is, with all four fields.
    takes-events-for-objects: Your code reads attributes of an event. An event is a
        dictionary, which has keys and no attributes.
        Try: Write event["id"] instead of event.id.
    does-not-use-the-sleep-it-is-given: Your code calls time.sleep instead of the
        argument `sleep`. You wait in real time, but no time passes on the clock of the
        service.
        Try: Call sleep(interval), the function that was passed to poll.
    asks-without-a-pause: Your code does not pause between two rounds. If a client sends
        so many requests, providers respond with an error, and later block the client.
        Try: Call sleep(interval) between one round and the next.
    sleeps-before-the-first-or-after-the-last-round: Your code sleeps before the first
        round or after the last one. A pause belongs between two rounds; another one
        only makes the caller wait.
        Try: For n rounds, make n - 1 pauses.
""")
SLEEPS_AT_PAGES, OTHER_SECONDS, ONE_ROUND, OTHER_ROUNDS, EMPTY_PAGE = mistakes("""
    sleeps-between-pages: Your code sleeps between the pages of one round. If many
        events happen, it falls behind.
        Try: Fetch all pages of a round one after the other, then sleep once.
    sleeps-for-other-seconds: Your code calls sleep with a number other than `interval`.
        The caller chose the interval to send no more requests than the provider allows.
        Try: Pass on the argument: sleep(interval).
    does-not-look-again: Your code polls in only one round. Events that happen later
        never reach the shop.
        Try: Repeat the round `rounds` times.
    counts-the-rounds-wrong: Your code does not run as many rounds as the caller
        asked for.
        Try: Count again: for n rounds, `for number in range(n)`.
    an-empty-page-breaks-it: Your code reads the last element of an empty page. Most
        rounds return nothing, so the page is an empty list.
        Try: Move the cursor only if the page contains an event.
""")
NOTHING_YET, STOPS_AT_QUIET, NO_CURSOR, STARTS_OVER = mistakes("""
    looks-for-the-last-event-before-there-is-one: Your code reads the last collected
        event before the first request, when the list is still empty.
        Try: Begin with a cursor of None, which asks from the beginning.
    stops-at-the-first-quiet-round: Your function ends at the first round without new
        events. The next round may return some.
        Try: Let an empty page end the round, not the whole function.
    asks-from-the-beginning: Your code always asks for the first page, so the same
        events are returned every time and later ones never.
        Try: Store the id of the last event, and pass it to list_events.
    starts-over-in-each-round: Your code fetches everything from the beginning in each
        round. After a year, that is a year of events every few seconds.
        Try: Set the cursor to None once, before the loop, and keep it from round to
        round.
""")
CURSOR_IS_NO_ID, CURSOR_NOT_LAST, ONE_PAGE, SOME_PAGES = mistakes("""
    cursor-is-no-id: Your cursor is not the id of an event. list_events continues after
        an event, which it finds by its id.
        Try: Pass the id of the last event: page[-1]["id"].
    cursor-is-not-the-last-event: Your cursor is not the last event of the page. The
        events in between are fetched twice or skipped.
        Try: Set the cursor to the id of the last event of the page: page[-1]["id"].
    one-page-a-round: Your code fetches one page per round. If more events happen than
        fit on a page, the rest wait, and after the last round they are never fetched.
        Try: Ask again at once, with the new cursor, until a page contains nothing new.
    a-fixed-number-of-pages: Your code limits the pages or the events of a round to a
        fixed number. Nobody can know in advance how many pages a busy minute fills.
        Try: Continue until a page contains nothing new, however many pages there are.
""")
LAST_PAGE_ONLY, BY_TIME, BY_ID_ORDER, BY_CONTENT = mistakes("""
    keeps-only-the-last-page: Your function returns only the events of the last page or
        round. They replaced the events before them.
        Try: Create the list once, before the loop, and add to it.
    goes-by-the-time: Your code compares times to find new events. Two events can happen
        in the same second, and one can be added to the list late, so your code drops
        some.
        Try: Use only the id to decide whether an event is new.
    takes-ids-for-numbers-in-order: Your code treats a greater id as a later event. An
        id names an event and says nothing about the order.
        Try: Check whether you already have the id, not whether it is greater.
    takes-equal-content-for-the-same-event: Your code treats two events with equal
        content as one. Two people can pay the same amount for the same thing.
        Try: Compare the ids, not the content of the events.
""")
TWICE, ENDLESS, KEEPS_STATE, ORDER = mistakes("""
    an-event-twice: Your list contains an event more than once. A page may begin with
        events that you already have, and the shop would ship two parcels.
        Try: Keep the ids that you have collected, and skip events with such an id.
    never-ends-a-round: Your round ends only at an empty page. Here each page begins
        with events that you already have, so no page is empty.
        Try: End the round when a page contains nothing new, whether it is empty or not.
    remembers-the-call-before: The check called your function twice, and the second call
        used data from the first. Something keeps its value between calls: a mutable
        default argument, or a variable outside the function.
        Try: Create the list, the cursor and the ids inside the function.
    other-order: Your list is not in the order of the service's list. A payment comes
        before its refund, so the order matters.
        Try: Append each event to the end of your list, in the order of the page.
""")


Accepts = Callable[[Fields], bool]
How = Callable[[Asked, Fields], bool]

ONE_REQUEST = ("one", "later", "quiet", "empty")
"""Kinds of trials in which one request per round returns everything."""

PLAIN = (*ONE_REQUEST, "two pages", "pages")
"""Kinds of trials in which no page contains an event again."""


def _of(*kinds: str) -> Accepts:
    return lambda fields: fields["kind"] in kinds


def _any(_: Fields) -> bool:
    return True


def _if(condition: How) -> Callable[[Fields, Seen], bool]:
    """Return a `how` that looks at the requests; no exception has ended them."""
    return lambda fields, seen: (
        (seen.error is None or isinstance(seen.error, AskedTooOften))
        and condition(seen.result, fields)
    )


def _index_error(condition: Callable[[Asked], bool]) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: isinstance(seen.error, IndexError) and condition(seen.result)


def _returned(condition: Callable[[object], bool]) -> Callable[[Fields, Seen], bool]:
    """Return a `how` that looks at what was returned."""
    return lambda _, seen: seen.error is None and condition(seen.result.returned)


def _cursor(asked: Asked) -> Mistake | None:
    """Return the mistake in where a solution continued, or None."""
    last: str | None = None
    before: object = None
    for request, page in zip(asked.service.asked, asked.pages, strict=False):
        if request.after is None and last is not None:
            return STARTS_OVER
        if request.after not in (None, last, before):
            return CURSOR_NOT_LAST
        last, before = page[-1] if page else last, request.after
    return None


MISTAKES: Sequence[Proof] = (
    Rule(PRINTS, _any, how=_returned(lambda value: value is None), some=True),
    Rule(YIELDS, _any, how=_returned(inspect.isgenerator), some=True),
    Rule(
        NO_LIST,
        _any,
        how=_returned(
            lambda value: (
                not (value is None or inspect.isgenerator(value))
                and not isinstance(value, list)
            )
        ),
        some=True,
    ),
    Rule(NESTED, _any, how=_returned(has_items((list, tuple))), some=True),
    Rule(IDS, _any, how=_returned(has_items(str)), some=True),
    Rule(PARTS, _any, how=_returned(is_part), some=True),
    Rule(NO_ATTRIBUTES, _any, how=key_as_attribute, some=True),
    Rule(KEEPS_STATE, _any, some=True, stateful=True, remembers=True),
    Rule(
        KEEPS_STATE,
        _any,
        how=lambda _, seen: isinstance(seen.error, NotFresh),
        some=True,
    ),
    Rule(KEEPS_STATE, _of("again"), _of("one", "later")),
    Rule(
        CURSOR_IS_NO_ID,
        _any,
        how=lambda _, seen: isinstance(seen.error, NoSuchEvent),
        some=True,
    ),
    Rule(NOTHING_YET, _any, how=_index_error(lambda asked: not asked.pages), some=True),
    Rule(
        EMPTY_PAGE,
        _of("empty", "quiet"),
        how=_index_error(lambda asked: bool(asked.pages) and not asked.pages[-1]),
        some=True,
    ),
    Rule(
        NO_CURSOR,
        _of("later", "quiet", "pages", "requests"),
        how=_if(only_first),
        some=True,
        may=_any,
    ),
    Rule(OWN_SLEEP, _of("later"), how=_if(real_sleep), may=_any),
    Rule(
        NO_SLEEP,
        _of("later"),
        _of("one"),
        _if(lambda a, f: awake(a, f) and len(a.pages) >= f["rounds"]),
        may=_of("empty", "quiet"),
    ),
    Rule(
        ONE_ROUND,
        _of("later"),
        _of("one"),
        _if(lambda a, f: awake(a, f) and len(a.pages) < max(3, f["rounds"])),
    ),
    Rule(
        SLEEPS_AT_THE_ENDS,
        _of(*ONE_REQUEST, "pages"),
        how=_if(
            lambda a, f: paused(a, f) and len(a.slept) == f["rounds"] >= len(a.moments)
        ),
    ),
    Rule(
        SLEEPS_AT_PAGES,
        _of("pages"),
        how=_if(lambda a, f: paused(a, f) and len(a.slept) > f["rounds"]),
        may=_any,
    ),
    Rule(
        OTHER_SECONDS,
        _of("later"),
        _of("one"),
        _if(lambda a, f: bool(a.slept) and not paused(a, f)),
        some=True,
    ),
    Rule(
        OTHER_ROUNDS,
        _of("later"),
        how=_if(
            lambda a, f: (
                f["rounds"] > len(a.moments) == len(a.slept) + 1
                and a.pages.count([]) < f["rounds"]
                and not a.for_real
            )
        ),
        may=_of("one"),
    ),
    Rule(OTHER_ROUNDS, _of("one", "later", "pages"), how=_if(one_round_more)),
    Rule(
        STOPS_AT_QUIET,
        _of("quiet"),
        _of("one", "later"),
        _if(stops_at_quiet),
        may=_of("empty"),
    ),
    Rule(
        ONE_PAGE,
        _of("two pages", "pages"),
        _of(*ONE_REQUEST),
        _if(lambda a, f: not only_first(a, f)),
    ),
    Rule(
        SOME_PAGES,
        _of("many"),
        _of(*ONE_REQUEST, "two pages"),
        _if(equal_pages),
        may=_of("pages", "uneven"),
    ),
    Rule(LAST_PAGE_ONLY, _of("quiet", "pages"), _of("one"), _if(is_end), some=True),
    *(
        Rule(mistake, _of(*kinds), _of(*PLAIN, *not_), _if(lost), some=True)
        for mistake, kinds, not_ in (
            (BY_TIME, ("same second", "earlier"), ()),
            (BY_ID_ORDER, ("names",), ()),
            (BY_CONTENT, ("content",), ("order",)),
        )
    ),
    Rule(
        STARTS_OVER,
        _of("requests", "pages", "later"),
        how=_if(lambda a, f: _cursor(a) is STARTS_OVER and not only_first(a, f)),
        some=True,
        may=lambda fields: fields["rounds"] > 1,
    ),
    Rule(
        CURSOR_NOT_LAST,
        lambda fields: not fields["overlap"],
        how=_if(lambda a, _: _cursor(a) is CURSOR_NOT_LAST),
        some=True,
        may=_any,
    ),
    Rule(TWICE, _of("overlap"), _of(*PLAIN), _if(twice), some=True),
    Rule(ENDLESS, _of("overlap"), _of(*PLAIN), _if(no_end)),
    Rule(ORDER, _any, how=_if(other_order), some=True),
)
