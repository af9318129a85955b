"""What proves the mistakes that the exercises of this lab have in common."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
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

_AGAIN = "attempt identical delivery bytes"
How = Callable[[Fields, Seen], bool]
Which = Callable[[Fields], bool]


def kind(kinds: str) -> Which:
    """Accept the trials of these kinds, which are separated by spaces, or "*" for all.

    "again" stands for all kinds of duplicates.
    """
    names = kinds.replace("again", _AGAIN).split()
    return lambda fields: kinds == "*" or fields["kind"] in names


def rule(
    mistake: Mistake,
    differs: str,
    agrees: str = "",
    how: How = always,
    *,
    some: bool = False,
    may: str = "",
    **more: Any,
) -> Rule:
    """Return the rule that is told by kinds of trials (see `Rule` and `kind`)."""
    on, not_on, perhaps = kind(differs), kind(agrees), kind(may)
    return Rule(mistake, on, not_on, how, some=some, may=perhaps, **more)


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


def last(status: str, *, parcels: int | None = None, slips: bool = False) -> How:
    """Accept a last response, "2xx" or "other", with so many parcels.

    A response after a slip in the code, such as a wrong name, is neither; with `slips`
    it counts.
    """

    def how(_: Fields, seen: Seen) -> bool:
        made = requests(seen)
        if not made:
            return False
        answered, left = made[-1]
        if _by_accident(answered.error) and not slips:
            return False
        fits = answered.acknowledged if status == "2xx" else not answered.acknowledged
        return fits and parcels in (None, len(left))

    return how


def both(*hows: How) -> How:
    """Accept what all accept."""
    return lambda fields, seen: all(how(fields, seen) for how in hows)


def doubled(fields: Fields, seen: Seen) -> bool:
    """Accept a parcel too many for the order of the last request."""
    made = requests(seen)
    order = json.loads(fields["steps"][-1].body)["data"]["order_id"]
    return len(made) > 1 and any(order in parcel for parcel in made[-1][1])


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


def late(_: Fields, seen: Seen) -> bool:
    """Accept a parcel that left after a 2xx."""
    return any(
        answered.acknowledged and each[0].endswith(LATE)
        for answered, parcels in requests(seen)
        for each in parcels
    )


def never_asked(_: Fields, seen: Seen) -> bool:
    """Accept a receiver that shipped without asking its file before."""
    return not any(hidden(seen, "_asked"))


def basics() -> list[Proof]:
    """Return the proofs for a receiver that handles no new event as it should."""
    return [
        *app_rules(kind("new"), "/webhooks"),
        rule(WRONG_ENDPOINT, "new", how=_no_such_path, may="*"),
        rule(mistakes.NEVER_SHIPS, "new", how=last("2xx", parcels=0), may="*"),
        rule(mistakes.TWICE_AT_ONCE, "new", how=_twice, may="*"),
        rule(mistakes.SOMETHING_ELSE, "new", how=_something_else, may="*"),
    ]


def common(*, no_memory: Mistake | None = mistakes.NO_MEMORY) -> list[Proof]:
    """Return the proofs; `no_memory` is for a receiver that ships every duplicate."""
    found: list[Proof] = [
        *basics(),
        rule(mistakes.ACK_FIRST, "slow", how=late, may="new"),
        rule(mistakes.KEY_OF_ATTEMPT, "attempt", "identical", doubled),
        rule(mistakes.KEY_FROM_HEADER, "delivery", "attempt identical", doubled),
        rule(mistakes.KEY_FROM_BYTES, "bytes", "attempt delivery", doubled),
        rule(mistakes.TAKES_ALL, "other", "new", last("2xx", parcels=0)),
        rule(mistakes.KEY_IS_ORDER, "order", "new other", last("2xx", parcels=0)),
        rule(
            mistakes.IS_ERROR,
            "attempt identical",
            "new",
            both(last("other", parcels=0), _not_locked),
        ),
        rule(mistakes.TOO_SHORT, "memory between", "new again", doubled, some=True),
        rule(mistakes.ACK_ANYWAY, "fails", "new", _acknowledges_failure, some=True),
        rule(mistakes.BLAMES_SENDER, "fails", "new", _blames, some=True),
        rule(mistakes.CLAIMED_EARLY, "retry", "new", last("2xx", parcels=0), some=True),
        rule(
            mistakes.RETRY_FAILS,
            "retry retries",
            "new",
            both(last("other"), _not_locked),
            some=True,
        ),
        rule(mistakes.FORGETS_AFTER_TROUBLE, "after", "attempt retry", doubled),
        rule(mistakes.FORGETS_AFTER_TROUBLE, "once", "attempt retry", doubled),
        rule(mistakes.SHARED_MEMORY, "apart", "attempt other", _shared),
        rule(
            mistakes.SHARED_MEMORY,
            "new",
            how=last("2xx", parcels=0),
            may="*",
            stateful=True,
        ),
    ]
    if no_memory:
        found.append(rule(no_memory, "again", "new", both(last("2xx"), doubled)))
    return found


def with_file() -> list[Proof]:
    """Return the proofs for receivers that keep the ids in a file."""
    first = common(no_memory=None)

    def in_vain(_: Fields, seen: Seen) -> bool:
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

    return [
        *(replace(each, mistake=_with_file(each.mistake)) for each in first),
        rule(mistakes.NEVER_ASKED, "attempt identical", "new", both(doubled, in_vain)),
        rule(mistakes.NOT_COMMITTED, "attempt identical", "new", both(doubled, lost)),
        rule(
            mistakes.NO_MEMORY, "attempt identical", "new", both(doubled, wrote_nothing)
        ),
        rule(
            mistakes.IN_MEMORY, "restart", "attempt identical", both(doubled, not_kept)
        ),
        rule(mistakes.WIPED, "restart", "attempt identical", both(doubled, wiped)),
        rule(
            mistakes.TABLE_TWICE,
            "new restart",
            how=_table_exists,
            some=True,
            may="restarts process apart generated",
        ),
        rule(
            mistakes.LEFT_OPEN,
            "attempt identical delivery bytes between attempts others",
            "new",
            locked,
            some=True,
        ),
    ]


def _with_file(mistake: Mistake) -> Mistake:
    """Say what often commits a claim unseen, where the claim is in a file."""
    if mistake is not mistakes.CLAIMED_EARLY:
        return mistake
    more = (
        " The exception must leave `with database:`, because a `return` in this block "
        "commits. With `isolation_level=None`, each statement commits at once."
    )
    return replace(mistake, try_next=mistake.try_next + more)


def _rows_gone(seen: Seen) -> bool:
    """Whether rows of shipments were removed."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    return any(each[0] == GONE for _, effects in steps for each in effects)


def _table_exists(_: Fields, seen: Seen) -> bool:
    return bool(re.search("table .* already exists", str(seen.error)))


def _acknowledges_failure(fields: Fields, seen: Seen) -> bool:
    """Accept a 2xx for a request in which ship failed, if there is a ship."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    failed = [
        any(each[0].endswith(" raises") for each in effects)
        for answered, effects in steps
        if answered is not None
    ]
    is_last = not any(failed) or failed[-1]
    return is_last and last("2xx", parcels=0)(fields, seen)


def _blames(_: Fields, seen: Seen) -> bool:
    made = requests(seen)
    return bool(made) and any(
        not answered.acknowledged and answered.status < 500 for answered, _ in made
    )


def _shared(fields: Fields, seen: Seen) -> bool:
    """Accept a second app that takes the event of the first one for its own."""
    made = requests(seen)
    return len(made) > 1 and made[1][0].acknowledged and not made[1][1]
