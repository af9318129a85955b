"""9.3: which dead letters to resend, by both sides of a history."""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks.contract import contract
from labkit.checks.mistakes import Proof, Rule, mistakes, raised
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space
from labkit.exercises.lab09_watch.letters import (
    NOT_IDS,
    Letter,
    Recovered,
    generate,
    trials,
)

NO_LIST, NO_DELIVERIES, ALL_OF_THEM, PENDING, NONE_FOUND, IGNORES_SINCE = mistakes("""
    returns-no-list: Your function does not return a list. The program that resends
        counts the deliveries first, and then goes through them.
        Try: Return a list, which may be empty.
    returns-no-deliveries: Your list contains something other than deliveries.
        sender.resend needs deliveries; an id or an event is not enough, because an
        event can have several deliveries.
        Try: Put the deliveries of history.dead_letters into the list.
    resends-what-was-acknowledged: Your list contains a delivery that was acknowledged.
        A resend would make a duplicate.
        Try: Begin with history.dead_letters, the deliveries whose state is "dead".
    resends-what-is-under-way: Your list contains a pending delivery, which the sender
        will retry by itself. Your resend would make a duplicate.
        Try: Use only deliveries whose state is "dead".
    leaves-a-dead-letter: Your list lacks a delivery that the sender has given up on and
        that the receiver never acknowledged. Nobody else will send it.
        Try: Follow this delivery through your conditions: which one excludes it?
    ignores-since: Your list contains a delivery that died before `since`. An earlier
        call has handled it.
        Try: Compare the time at which it died with `since`.
""")
WRONG_WAY, STRICT, BY_BIRTH, BY_FIRST, BY_SENT, FROM_START = mistakes("""
    compares-the-wrong-way-round: Your list contains the deliveries that died before
        `since`, not those that died after it.
        Try: Reverse the comparison.
    leaves-out-since-itself: Your code skips a delivery that failed exactly at `since`.
        If `recover` runs every hour from where it last ended, that delivery is lost.
        Try: Compare with >=.
    takes-birth-for-death: Your code uses the time of the event instead of the time at
        which the delivery died. Retries continue for hours, so the delivery of an old
        event can die after `since`.
        Try: Use ended_at of the last attempt.
    takes-the-first-attempt: Your code uses the time of the first attempt. The sender
        gives up on a delivery at its last attempt, which may be hours later.
        Try: Use attempts[-1].
    takes-the-sending-for-the-end: Your code uses the start of the last attempt. It was
        sent before `since` and timed out after it.
        Try: Use ended_at of the last attempt, not sent_at.
    counts-from-the-start: Your code treats `since` as seconds from the start of the
        history. Like every time in a history, it is in seconds since 1970.
        Try: Compare ended_at with `since` as it is.
""")
NO_ATTEMPT_RAISES, NO_ATTEMPT_LOST, SENDER_ONLY, ARRIVED_IS_DONE = mistakes("""
    raises-without-an-attempt: Your code raises an exception for a delivery without
        attempts. If an endpoint was disabled, its deliveries have no attempts, and
        these need a resend most.
        Try: If there is no attempt, use the event's created_at.
    forgets-letters-without-an-attempt: Your code skips deliveries without attempts. If
        an endpoint was disabled, its deliveries have no attempts, and without a resend
        the events are lost.
        Try: If there is no attempt, use the event's created_at.
    believes-the-sender-alone: Your code uses only the sender's view. The receiver
        acknowledged this event, but the response was lost or late, so a resend makes a
        duplicate.
        Try: Look at history.arrivals too: which events were acknowledged there?
    takes-arrived-for-acknowledged: Your code treats every arrival as a success. The
        receiver responded to this one with an error or crashed, so nothing was done.
        Try: Use only the arrivals that are acknowledged.
""")
FORGETS_RESENT, ACKED_SINCE, TWICE, TWICE_BUT_LATER, UNORDERED, BY_DEATH = mistakes("""
    resends-what-a-resend-brought: Your list contains an event that was acknowledged in
        a later delivery. Someone has already resent it.
        Try: Collect the ids of events that were acknowledged in any delivery, and
        skip them.
    forgets-what-was-acknowledged-before: Your code ignores acknowledgements before
        `since`. The receiver has the event, however long ago it acknowledged it.
        Try: Use `since` only for the times at which deliveries died, and look for
        acknowledgements in the whole history.
    resends-an-event-twice: Your list contains the same event twice, because two of its
        deliveries died. One payment would be resent twice.
        Try: Remember the ids that are in the list already.
    forgets-the-second-death: Your code looks only at one of the deliveries of an event.
        Another delivery of it died after `since`.
        Try: Check first when the delivery died, and then whether the event is
        already in the list.
    not-in-the-order-of-the-events: Your list is not in the order of the events. If it
        is resent in this order, a cancellation can arrive before its order.
        Try: Sort by the event's created_at.
    in-the-order-of-their-deaths: Your list is sorted by the times at which the
        deliveries died. Some deliveries are retried for longer than others, so that is
        not the order of the events.
        Try: Sort by the event's created_at.
""")
BY_ID, NOT_LATER = mistakes("""
    in-the-order-of-their-ids: Your list is sorted by the ids. Ids do not always grow
        with time.
        Try: Sort by the event's created_at.
    ignores-later-acknowledgements: Your list contains an event that the receiver
        acknowledged after its delivery had died. A resend would make a duplicate.
        Try: Use every acknowledgement of the history, whatever its time is.
""")

CONTRACT = contract("""
    given: Return the dead letters to resend, as a list of deliveries.
    dead: A dead letter is a delivery that the sender has given up on. A delivery for
        which attempts may still follow (a pending one) is not a dead letter.
    since: Pick the dead letters that died at `since` or later.
    death: A delivery dies when its last attempt ends.
    no-attempt: A delivery without any attempt died when its event was created.
    given: `since` is in seconds of the simulated time, like every time in a history.
    acknowledged: Leave out an event that the receiver has acknowledged at any time: in
        response to a resend, or to an attempt whose response never arrived.
    arrived: An event that arrived but was not acknowledged still has to be resent.
    once: Pick each event once, however many of its deliveries died.
    order: Sort the list by the times when the events were created.
    open: If several deliveries of an event died, the check does not test which one you
        pick.
    open: It does not test events that were created at the same time.
""")


def _of(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


def _has(name: str) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: seen.result is not None and name in seen.result


def _has_all(fields: Fields, seen: Seen) -> bool:
    wanted = sorted(each.id for each in fields["letters"])
    return seen.result is not None and sorted(seen.result) == wanted


def _has_any(_: Fields, seen: Seen) -> bool:
    return bool(seen.result) and NOT_IDS not in seen.result


def _unheard(fields: Fields, seen: Seen) -> bool:
    return _has_any(fields, seen) and not seen.result.heard


def _empty(_: Fields, seen: Seen) -> bool:
    return bool(seen.result == [])


def _lacks_one(fields: Fields, seen: Seen) -> bool:
    dead = {each.id for each in fields["letters"]}
    return seen.result is not None and set(seen.result) < dead


def _has_one_twice(_: Fields, seen: Seen) -> bool:
    return bool(seen.result) and len(set(seen.result)) < len(seen.result)


def _not_ids(length: int) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: (
        isinstance(seen.result, list)
        and seen.result[:1] == [NOT_IDS]
        and len(seen.result) == length
    )


def _the_wrong_way(fields: Fields, seen: Seen) -> bool:
    return (_has_any if fields["kind"] == "before" else _empty)(fields, seen)


def _in_order(key: Callable[[Letter], Any]) -> Callable[[Fields, Seen], bool]:
    return lambda fields, seen: bool(
        seen.result == [each.id for each in sorted(fields["letters"], key=key)]
    )


def _broken(fields: Fields, seen: Seen, wanted: Seen) -> str | None:
    """Return the sentence that a generated trial shows to be broken, or None."""
    if fields["kind"] or not isinstance(seen.result, list) or NOT_IDS in seen.result:
        return None
    if wrong := set(seen.result) - set(wanted.result):
        letters = [each for each in fields["letters"] if each.id in wrong]
        if any(status == 200 for each in letters for _, status in each.arrived):
            return "acknowledged"
        return "since" if any(each.state == "dead" for each in letters) else "dead"
    if len(set(seen.result)) < len(seen.result):
        return "once"
    return "since" if len(seen.result) < len(wanted.result) else None


_AT_FIRST = _of("single", "pending", "border", "late", "mid", "sent")
_STUMBLES = raised("IndexError", "ValueError", "TypeError", "AttributeError")

MISTAKES: Sequence[Proof] = (
    Rule(NO_LIST, lambda _: True, how=_not_ids(2), some=True),
    Rule(NO_DELIVERIES, lambda _: True, how=_not_ids(3), some=True),
    Rule(ALL_OF_THEM, _of("acked"), how=_has("evt_1")),
    Rule(PENDING, _of("pending"), _of("acked"), _has("evt_3")),
    Rule(
        FROM_START,
        _of("relative"),
        how=lambda _, seen: bool(seen.result == ["evt_2"]),
        may=lambda fields: fields["kind"] == "young" or _AT_FIRST(fields),
    ),
    Rule(WRONG_WAY, _of("before", "young"), how=_the_wrong_way, may=_AT_FIRST),
    Rule(BY_BIRTH, _of("late", "mid", "sent"), _of("young"), _empty, may=_AT_FIRST),
    Rule(BY_FIRST, _of("late"), _of("young", "mid"), _empty, may=_AT_FIRST),
    Rule(BY_SENT, _of("sent"), _of("young", "late", "mid"), _empty),
    Rule(STRICT, _of("border"), _of("young", "late"), _empty),
    Rule(IGNORES_SINCE, _of("before"), how=_has("evt_1"), may=_of("none-early")),
    Rule(NO_ATTEMPT_RAISES, _of("none-early", "none-late"), how=_STUMBLES),
    Rule(NO_ATTEMPT_LOST, _of("none-late"), _of("young"), _empty),
    Rule(SENDER_ONLY, _of("unheard", "heard-late", "shared"), how=_unheard),
    Rule(FORGETS_RESENT, _of("resent"), _of("unheard", "heard-late"), _has("evt_1")),
    Rule(NOT_LATER, _of("resent", "heard-late"), _of("unheard"), _has_any),
    Rule(ACKED_SINCE, _of("long-ago"), _of("resent"), _has_any, some=True),
    Rule(ARRIVED_IS_DONE, _of("arrived"), _of("single"), _empty, may=_of("crashed")),
    Rule(TWICE, _of("twice"), how=_has_one_twice),
    Rule(TWICE_BUT_LATER, _of("again"), _of("twice"), _lacks_one, some=True),
    Rule(BY_DEATH, _of("order"), how=_in_order(lambda each: each.tries[-1])),
    Rule(BY_ID, _of("order"), how=_in_order(lambda each: each.id)),
    Rule(UNORDERED, _of("order"), how=_has_all, some=True),
    Rule(NONE_FOUND, _of("single"), how=_empty),
)

RECOVER = judged(
    id="9.3",
    lab="09_watch",
    wants="recover(history, since) -> list",
    contract=CONTRACT,
    space=Space(
        {"kind": "", "since": -5, "letters": (), "ordered": False, "relative": False},
        trials,
        generate=generate,
    ),
    observer=Recovered(),
    mistakes=MISTAKES,
    blames=_broken,
    hints=(
        (
            "Begin with history.dead_letters. Leave out what died before `since`, what "
            "the receiver has acknowledged, and what is already in your list."
        ),
        (
            "A delivery died at delivery.attempts[-1].ended_at. If the endpoint was "
            "disabled, there are no attempts: use delivery.event.created_at."
        ),
        (
            "The ids of all events that the receiver acknowledged: {arrival.event.id "
            "for arrival in history.arrivals if arrival.acknowledged}."
        ),
        (
            "Sort by event.created_at first. Then use a loop, and a set of the ids "
            "that you have already picked."
        ),
    ),
)
