"""What proves the mistakes of exercise 12.1 in its trials."""

from collections.abc import Sequence

from labkit.checks.mistakes import Mutant, Proof
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab07_idempotency import mistakes as earlier
from labkit.exercises.lab07_idempotency.proofs import (
    basics,
    both,
    doubled,
    hidden,
    kind,
    last,
    late,
    never_asked,
    requests,
    rule,
)
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.world import LONG_WAIT, REFUSED


def _shipped(_: Fields, seen: Seen) -> bool:
    """Accept a parcel in the last request."""
    made = requests(seen)
    return bool(made) and bool(made[-1][1])


def _refused(_: Fields, seen: Seen) -> bool:
    """Accept a last request that was refused."""
    made = requests(seen)
    return bool(made) and made[-1][0].status in REFUSED


def _read_once(fields: Fields, seen: Seen) -> bool:
    return (_shipped if fields["kind"] == "retired" else _refused)(fields, seen)


def _both_ways(found: Sequence[Seen]) -> bool:
    """Accept trials of which some end with a 2xx, and some with a refusal."""
    return len({requests(seen)[-1][0].acknowledged for seen in found}) == 2


def _no_start(_: Fields, seen: Seen) -> bool:
    return seen.error is not None and not requests(seen)


def _forgotten(_: Fields, seen: Seen) -> bool:
    return hidden(seen, "_knows") == [False]


def _claimed(_: Fields, seen: Seen) -> bool:
    return any(hidden(seen, "_knows"))


def _called_for_each(_: Fields, seen: Seen) -> bool:
    """Accept a call to ship with one key for each request."""
    keys = hidden(seen, "_key")
    return len(keys) >= len(requests(seen)) and len(set(keys)) == 1 and bool(keys[0])


def _keyless(_: Fields, seen: Seen) -> bool:
    return set(hidden(seen, "_key")) == {None}


def _new_keys(_: Fields, seen: Seen) -> bool:
    keys = hidden(seen, "_key")
    return None not in keys and len(set(keys)) > 1


def _blames(_: Fields, seen: Seen) -> bool:
    return any(
        400 <= answered.status < 500 and answered.status != 410
        for answered, _ in requests(seen)
    )


def _gone(_: Fields, seen: Seen) -> bool:
    return any(answered.status == 410 for answered, _ in requests(seen))


def _asks_to_wait(_: Fields, seen: Seen) -> bool:
    return LONG_WAIT in repr(seen.value)


def _stuck(_: Fields, seen: Seen) -> bool:
    return any(hidden(seen, "_stuck"))


def _paged(_: Fields, seen: Seen) -> bool:
    return bool(hidden(seen, "_page"))


def _never_paged(fields: Fields, seen: Seen) -> bool:
    """Accept that no page came, but not because page was called in a wrong way."""
    errors = [answered.error for answered, _ in requests(seen)]
    return not _paged(fields, seen) and all(
        error is None or isinstance(error, TimeoutError) for error in errors
    )


PROOFS: list[Proof] = [
    *basics(),
    Mutant(
        mistakes.MACHINE_CLOCK,
        [("now=config.now()", "now=__import__('time').time()")],
        on=kind("new within two clock"),
    ),
    rule(mistakes.THREAD, "slow", how=late, may="new"),
    rule(mistakes.UNKNOWN_TYPE, "type", "new", last("other", parcels=0), some=True),
    rule(mistakes.NEW_FIELDS, "fields", "new", last("other", slips=True), some=True),
    rule(mistakes.REWRITTEN, "spaces", "new within", _refused),
    rule(mistakes.ONE_SECRET, "two", "new", _refused, some=True),
    rule(
        mistakes.SECRETS_ONCE,
        "retired rotated",
        "new",
        _read_once,
        some=True,
        together=_both_ways,
    ),
    rule(mistakes.RETIRED, "retired", "new stranger rotated", _shipped),
    rule(mistakes.NO_CHECK, "stranger", "new", _shipped, some=True),
    rule(mistakes.UNSIGNED, "unsigned", "new stranger", _shipped, some=True),
    rule(mistakes.NO_TIME, "old", "new stranger", _shipped, some=True),
    rule(mistakes.FUTURE, "ahead", "new old", _shipped, some=True),
    rule(earlier.KEY_IS_ORDER, "order", "new other", last("2xx", parcels=0)),
    rule(mistakes.DUP_ERROR, "attempt", "new", last("other", parcels=0)),
    rule(mistakes.NO_MEMORY, "attempt", "new", both(doubled, _keyless, never_asked)),
    rule(
        mistakes.LEFT_TO_SERVICE,
        "late",
        "attempt",
        both(doubled, _called_for_each, never_asked),
    ),
    rule(mistakes.FORGETS, "weeks", "attempt late later", doubled),
    rule(mistakes.IN_MEMORY, "restart", "late", both(doubled, _forgotten, never_asked)),
    rule(mistakes.NO_START, "restart", "new", _no_start),
    rule(mistakes.STUCK, "fails", "new", _stuck),
    rule(mistakes.STOPS, "fails", "new", _gone),
    rule(mistakes.BLAMES_SENDER, "fails", "new", _blames),
    rule(mistakes.LONG_WAIT, "fails", "new", _asks_to_wait),
    rule(mistakes.ACK_ANYWAY, "fails", "new", last("2xx", parcels=0)),
    rule(
        mistakes.CLAIMED_EARLY, "retry crash", "new", last("2xx", parcels=0), some=True
    ),
    rule(mistakes.NO_WORK, "breaker", "new", last("2xx", parcels=0)),
    rule(mistakes.NO_KEY, "acted", "attempt", both(doubled, _keyless)),
    rule(mistakes.NEW_KEY, "acted", "attempt", both(doubled, _new_keys)),
    rule(
        mistakes.CLAIM_STAYS, "crash", "retry", both(last("other", parcels=0), _claimed)
    ),
    rule(mistakes.NO_ALERT, "outage outages", "new", _never_paged),
    rule(mistakes.LATE_ALERT, "outage", "new", _paged, may="outages"),
    rule(mistakes.MISSED, "outages", "outage"),
    rule(mistakes.STRANGERS, "flood", "scattered", _paged, some=True),
    rule(mistakes.NO_SHARE, "fifth", "new scattered flood", _paged),
    rule(mistakes.WOLF, "scattered", "new", _paged, may="fifth flood"),
]
