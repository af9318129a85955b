"""What proves the mistakes that the exercises of this lab have in common."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.calls import Answered
from labkit.checks.mistakes import Proof, Rule, always
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import LATE
from labkit.exercises.lab02_endpoint.apps import app_rules
from labkit.exercises.lab02_endpoint.report_mistakes import WRONG_ENDPOINT
from labkit.exercises.lab07_idempotency import mistakes
from labkit.exercises.lab07_idempotency.worlds import (
    FIRST,
    GONE,
    HELD,
    LOCKED,
    is_parcel,
)

How = Callable[[Fields, Seen], bool]
Which = Callable[[Fields], bool]


def kind(*kinds: str) -> Which:
    """Accept the trials of these kinds."""
    return lambda fields: fields["kind"] in kinds


def requests(seen: Seen) -> list[tuple[Answered, list[Any]]]:
    """Return each response, and the parcels that left while it was made."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    return [
        (answered, [each for each in effects if is_parcel(each)])
        for answered, effects in steps
        if answered is not None
    ]


def hidden(seen: Seen, name: str) -> list[Any]:
    """Return what the world noted under that name, in order; it is not shown."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    return [each[1] for _, effects in steps for each in effects if each[0] == name]


def last(status: str, *, parcels: int | None = None) -> How:
    """Accept a last response, "2xx" or "other", with so many parcels.

    A response after a slip in the code, such as a wrong name, is neither.
    """

    def how(_: Fields, seen: Seen) -> bool:
        made = requests(seen)
        if not made:
            return False
        answered, left = made[-1]
        if _by_accident(answered.error):
            return False
        fits = answered.acknowledged if status == "2xx" else not answered.acknowledged
        return fits and parcels in (None, len(left))

    return how


def both(*hows: How) -> How:
    """Accept what all accept."""
    return lambda fields, seen: all(how(fields, seen) for how in hows)


def doubled(_: Fields, seen: Seen) -> bool:
    """Accept a parcel too many in the last request."""
    made = requests(seen)
    return len(made) > 1 and bool(made[-1][1])


def locked(_: Fields, seen: Seen) -> bool:
    """Accept a file that an earlier request has left locked."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    return any(each[0] in (LOCKED, HELD) for _, effects in steps for each in effects)


def _not_locked(fields: Fields, seen: Seen) -> bool:
    return not locked(fields, seen)


def _by_accident(error: BaseException | None) -> bool:
    """Whether a request failed because of a slip in the code, not of what it decided.

    Flask also raises a TypeError for a view that returns nothing.
    """
    slips = isinstance(error, (TypeError, AttributeError, NameError))
    return slips and "valid response" not in str(error)


def _no_such_path(_: Fields, seen: Seen) -> bool:
    """Accept a 404 that Flask has sent, because the app has no such path."""
    has_path = re.search(r"this app has (.*, )?/webhooks(,|$)", seen.text)
    return any(a.status == 404 for a, _ in requests(seen)) and not has_path


def _something_else(_: Fields, seen: Seen) -> bool:
    left = [each for _, parcels in requests(seen) for each in parcels]
    return len(left) == 1 and left[0][1:2] != (FIRST.data["order_id"],)


def _twice(_: Fields, seen: Seen) -> bool:
    left = [each for _, parcels in requests(seen) for each in parcels]
    return len(left) == 2 and left[0] == left[1]


def _late(_: Fields, seen: Seen) -> bool:
    return any(
        answered.acknowledged and each[0].endswith(LATE)
        for answered, parcels in requests(seen)
        for each in parcels
    )


_AGAIN = ("attempt", "identical", "delivery", "bytes")
NEW = kind("new")
RESENT = kind(*_AGAIN)


def some(mistake: Mistake, which: Which, how: How, agrees: Which = NEW) -> Rule:
    """Return a rule for which one such trial is enough."""
    return Rule(mistake, which, agrees, how, some=True)


def basics() -> list[Proof]:
    """Return the proofs for a receiver that handles no new event as it should."""
    return [
        *app_rules(NEW, "/webhooks"),
        Rule(WRONG_ENDPOINT, NEW, how=_no_such_path, may=always),
        Rule(mistakes.NEVER_SHIPS, NEW, how=last("2xx", parcels=0), may=always),
        Rule(mistakes.TWICE_AT_ONCE, NEW, how=_twice, may=always),
        Rule(mistakes.SOMETHING_ELSE, NEW, how=_something_else, may=always),
    ]


def common(*, no_memory: Mistake | None = mistakes.NO_MEMORY) -> list[Proof]:
    """Return the proofs; `no_memory` is for a receiver that ships every duplicate."""
    found: list[Proof] = [
        *basics(),
        Rule(mistakes.ACK_FIRST, kind("slow"), how=_late, may=kind("new")),
        Rule(mistakes.KEY_OF_ATTEMPT, kind("attempt"), kind("identical"), doubled),
        Rule(
            mistakes.KEY_FROM_HEADER,
            kind("delivery"),
            kind("attempt", "identical"),
            doubled,
        ),
        Rule(
            mistakes.KEY_FROM_BYTES, kind("bytes"), kind("attempt", "delivery"), doubled
        ),
        Rule(mistakes.TAKES_ALL, kind("other"), NEW, last("2xx", parcels=0)),
        Rule(
            mistakes.KEY_IS_ORDER,
            kind("order"),
            kind("new", "other"),
            last("2xx", parcels=0),
        ),
        Rule(
            mistakes.IS_ERROR,
            kind("attempt", "identical"),
            NEW,
            both(last("other", parcels=0), _not_locked),
        ),
        some(
            mistakes.TOO_SHORT, kind("memory", "between"), doubled, kind("new", *_AGAIN)
        ),
        some(mistakes.ACK_ANYWAY, kind("fails"), last("2xx", parcels=0)),
        some(mistakes.BLAMES_SENDER, kind("fails"), _blames),
        some(mistakes.CLAIMED_EARLY, kind("retry"), last("2xx", parcels=0)),
        some(
            mistakes.RETRY_FAILS,
            kind("retry", "retries"),
            both(last("other"), _not_locked),
        ),
        Rule(
            mistakes.FORGETS_AFTER_TROUBLE,
            kind("after"),
            kind("attempt", "retry"),
            doubled,
        ),
        Rule(mistakes.SHARED_MEMORY, kind("apart"), kind("attempt", "other"), _shared),
        Rule(
            mistakes.SHARED_MEMORY,
            NEW,
            how=last("2xx", parcels=0),
            may=always,
            stateful=True,
        ),
    ]
    if no_memory:
        found.append(Rule(no_memory, RESENT, NEW, both(last("2xx"), doubled)))
    return found


def with_file() -> list[Proof]:
    """Return the proofs for receivers that keep the ids in a file."""

    def never_asked(_: Fields, seen: Seen) -> bool:
        return not any(hidden(seen, "_asked")[-1:]) and any(hidden(seen, "_knows"))

    def lost(_: Fields, seen: Seen) -> bool:
        kept = hidden(seen, "_rows")
        lost = any(hidden(seen, "_wrote")) and not any(kept) and False in kept
        return lost and not any(hidden(seen, "_deleted"))

    def wrote_nothing(_: Fields, seen: Seen) -> bool:
        return not any(hidden(seen, "_wrote"))

    def wiped(_: Fields, seen: Seen) -> bool:
        return hidden(seen, "_rows")[:2] == [True, False] or _rows_gone(seen)

    def not_kept(_: Fields, seen: Seen) -> bool:
        kept = [*hidden(seen, "_rows"), *hidden(seen, "_elsewhere")]
        return not any(kept) and not _rows_gone(seen)

    again, restarted = kind("attempt", "identical"), kind("restart")
    return [
        *common(no_memory=None),
        Rule(mistakes.NEVER_ASKED, again, NEW, both(doubled, never_asked)),
        Rule(mistakes.NOT_COMMITTED, again, NEW, both(doubled, lost)),
        Rule(mistakes.NO_MEMORY, again, NEW, both(doubled, wrote_nothing)),
        Rule(mistakes.IN_MEMORY, restarted, again, both(doubled, not_kept)),
        Rule(mistakes.WIPED, restarted, again, both(doubled, wiped)),
        Rule(
            mistakes.TABLE_TWICE,
            kind("new", "restart"),
            how=_table_exists,
            some=True,
            may=kind("restarts", "process", "meanwhile", "apart", "generated"),
        ),
        Rule(
            mistakes.LEFT_OPEN,
            kind(*_AGAIN, "between", "attempts", "others"),
            NEW,
            locked,
            some=True,
        ),
    ]


def _rows_gone(seen: Seen) -> bool:
    """Whether rows of shipments were removed."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    return any(each[0] == GONE for _, effects in steps for each in effects)


def _table_exists(_: Fields, seen: Seen) -> bool:
    return bool(re.search("table .* already exists", str(seen.error)))


def _blames(_: Fields, seen: Seen) -> bool:
    made = requests(seen)
    return bool(made) and any(
        not answered.acknowledged and answered.status < 500 for answered, _ in made
    )


def _shared(fields: Fields, seen: Seen) -> bool:
    """Accept a second app that takes the event of the first one for its own."""
    made = requests(seen)
    return len(made) > 1 and made[1][0].acknowledged and not made[1][1]
