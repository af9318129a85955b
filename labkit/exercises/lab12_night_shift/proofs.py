"""What proves the mistakes of exercise 12.1 in its trials."""

from collections.abc import Sequence

from labkit.checks.mistakes import Mutant, Proof, Rule
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import LATE
from labkit.exercises.lab07_idempotency import mistakes as earlier
from labkit.exercises.lab07_idempotency.proofs import (
    NEW,
    basics,
    both,
    doubled,
    hidden,
    kind,
    last,
    requests,
    some,
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


def _late(_: Fields, seen: Seen) -> bool:
    return any(
        answered.acknowledged and each[0].endswith(LATE)
        for answered, parcels in requests(seen)
        for each in parcels
    )


def _no_start(_: Fields, seen: Seen) -> bool:
    return seen.error is not None and not requests(seen)


def _never_asked(_: Fields, seen: Seen) -> bool:
    return not any(hidden(seen, "_asked"))


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
        on=kind("new", "within", "two", "clock"),
    ),
    Rule(mistakes.THREAD, kind("slow"), how=_late, may=kind("new")),
    Rule(mistakes.UNKNOWN_TYPE, kind("type"), NEW, last("other", parcels=0), some=True),
    some(mistakes.NEW_FIELDS, kind("fields"), last("other", parcels=0)),
    Rule(mistakes.REWRITTEN, kind("spaces"), kind("new", "within"), _refused),
    some(mistakes.ONE_SECRET, kind("two"), _refused),
    Rule(
        mistakes.SECRETS_ONCE,
        kind("retired", "rotated"),
        NEW,
        _read_once,
        some=True,
        together=_both_ways,
    ),
    Rule(
        mistakes.RETIRED,
        kind("retired"),
        kind("new", "stranger", "rotated"),
        _shipped,
    ),
    Rule(mistakes.NO_CHECK, kind("stranger"), NEW, _shipped, some=True),
    Rule(
        mistakes.UNSIGNED,
        kind("unsigned"),
        kind("new", "stranger"),
        _shipped,
        some=True,
    ),
    Rule(mistakes.NO_TIME, kind("old"), kind("new", "stranger"), _shipped, some=True),
    Rule(mistakes.FUTURE, kind("ahead"), kind("new", "old"), _shipped, some=True),
    Rule(
        earlier.KEY_IS_ORDER,
        kind("order"),
        kind("new", "other"),
        last("2xx", parcels=0),
    ),
    Rule(mistakes.DUP_ERROR, kind("attempt"), NEW, last("other", parcels=0)),
    Rule(
        mistakes.NO_MEMORY, kind("attempt"), NEW, both(doubled, _keyless, _never_asked)
    ),
    Rule(
        mistakes.LEFT_TO_SERVICE,
        kind("late"),
        kind("attempt"),
        both(doubled, _called_for_each, _never_asked),
    ),
    Rule(
        mistakes.IN_MEMORY,
        kind("restart"),
        kind("late"),
        both(doubled, _forgotten, _never_asked),
    ),
    Rule(mistakes.NO_START, kind("restart"), NEW, _no_start),
    Rule(mistakes.STUCK, kind("fails"), NEW, _stuck),
    Rule(mistakes.STOPS, kind("fails"), NEW, _gone),
    Rule(mistakes.BLAMES_SENDER, kind("fails"), NEW, _blames),
    Rule(mistakes.LONG_WAIT, kind("fails"), NEW, _asks_to_wait),
    Rule(mistakes.ACK_ANYWAY, kind("fails"), NEW, last("2xx", parcels=0)),
    some(mistakes.CLAIMED_EARLY, kind("retry", "crash"), last("2xx", parcels=0)),
    Rule(mistakes.NO_WORK, kind("breaker"), NEW, last("2xx", parcels=0)),
    Rule(mistakes.NO_KEY, kind("acted"), kind("attempt"), both(doubled, _keyless)),
    Rule(mistakes.NEW_KEY, kind("acted"), kind("attempt"), both(doubled, _new_keys)),
    Rule(
        mistakes.CLAIM_STAYS,
        kind("crash"),
        kind("retry"),
        both(last("other", parcels=0), _claimed),
    ),
    Rule(mistakes.NO_ALERT, kind("outage", "outages"), NEW, _never_paged),
    Rule(mistakes.LATE_ALERT, kind("outage"), NEW, _paged, may=kind("outages")),
    Rule(mistakes.MISSED, kind("outages"), kind("outage")),
    Rule(mistakes.STRANGERS, kind("flood"), kind("scattered"), _paged, some=True),
    Rule(mistakes.WOLF, kind("scattered"), NEW, _paged, may=kind("fifth", "flood")),
]
