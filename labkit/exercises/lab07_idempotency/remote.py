"""Exercise 7.4: the parcel service is remote, and acts once for each key."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import mistakes
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.checks.steps import Do, Fail, Restart, Wait
from labkit.exercises.lab07_idempotency import mistakes as shared
from labkit.exercises.lab07_idempotency import trials
from labkit.exercises.lab07_idempotency.exploring import Explored, Fails
from labkit.exercises.lab07_idempotency.harm import TOGETHER
from labkit.exercises.lab07_idempotency.proofs import (
    both,
    doubled,
    hidden,
    last,
    never_asked,
    requests,
    rule,
    with_file,
)
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab07_idempotency.trials import FIRST, SECOND, trial
from labkit.exercises.lab07_idempotency.worlds import (
    FILE,
    HASH,
    NO_KEY_PASSED,
    RemoteShop,
    post,
    shop,
)
from labkit.explore import Boot, Outcome, World

NO_KEY, HASHED, ONE_KEY, TWO_KEYS, KEY_REUSED, KEY_LOST, LEFT_TO_SERVICE = mistakes("""
    no-key: Your code calls ship without an idempotency key. After a timeout you must
        call again, and without a key the service ships a second parcel.
        Try: Pass a key: ship(order_id, idempotency_key=…).
    key-changes-with-the-process: Your code builds the key with hash(), which returns
        a different value in each process. After a restart the same event has another
        key, so it is shipped twice.
        Try: Use the id of the event as the key: event["id"].
    one-key-for-all: Your code uses the same key for two events. The service already
        knows this key, so it ships nothing for the second customer.
        Try: Use a key that differs from event to event: event["id"].
    new-key-for-every-try: Your code made a new key for the second attempt. The first
        call had timed out after the parcel left, so the service shipped a second
        parcel.
        Try: Build the key from a value that is the same in all attempts of an event.
    key-used-for-two-events: Your code used the same key for two events: the key is a
        number that became free again when the first call failed. The service knows the
        key, so it ships nothing for the second event.
        Try: Build the key from the event, not from a number that is used again after a
        failure.
    key-lost-at-the-restart: Your code made a new key after a restart. The first call
        had timed out after the parcel left, so the service shipped a second parcel.
        Try: Build the key from the event, or commit it to the file before you call
        ship.
    memory-left-to-the-service: Your code relies on the service to recognise duplicates,
        but the service forgets a key after 24 hours. A later duplicate ships a second
        parcel.
        Try: Store the id in your file after the call, and look there first.
""")
KEY_IS_ORDER, KEY_FROM_HEADER, KEY_FROM_BYTES = mistakes("""
    key-is-the-order: Your code makes the idempotency key from the order. Two events
        about one order have the same key, so the service ships nothing for the second.
        Try: Use the id of the event as the key: event["id"].
    key-from-an-unsigned-header: Your code makes the idempotency key from a header. A
        redelivery of the same event may have another value in this header, so the
        service ships a second parcel.
        Try: Make the key from the id in the signed body: event["id"].
    key-from-the-bytes: Your code makes the idempotency key from the bytes of the body.
        Some senders serialise the body again for each attempt, so the same event gets
        another key, and the service ships a second parcel.
        Try: Make the key from event["id"].
""")
LOST, KEY_UNCOMMITTED, CLAIM_STAYS, KEYS_RACE = mistakes("""
    claimed-before-success: Your code commits the id before it calls ship. If the
        process crashes between the two, the retry looks like a duplicate, and the
        parcel is lost.
        Try: Call ship first, and commit the id after it has returned.
    key-not-kept-before-the-call: Your code lost its key in a crash after the call. The
        next attempt made another key, so the service shipped a second parcel.
        Try: Build the key from the event, or commit it before you call ship.
    claim-outlives-its-worker: Your code keeps the claim of a process that crashed, so
        it rejects every retry. No worker is left to finish the work.
        Try: Remove the claim: two calls with the same key ship one parcel.
    two-workers-two-keys: Two workers handled the same event at the same time, and each
        used its own key. The service shipped two parcels.
        Try: Build the key from the event, or let an INSERT decide which key is used.
""")

CONTRACT = contract("""
    given: Return a Flask app that ships each event once, with a remote parcel service.
    given: Endpoint and body are those of 7.1.
    given: `ship(order_id, idempotency_key=…)` calls the service, which ships once for
        each key; another call with the same key returns and does nothing.
    given: The service forgets a key after 24 hours.
    given: `db_path` is an SQLite file, empty at first.
    new: For a new event, call `ship` with its order and a key, and respond with a 2xx
        after it has returned.
    same: Two events are the same if their ids are equal; different events get different
        parcels.
    duplicate: For a duplicate of an event that was shipped, respond with a 2xx; there
        is no second parcel.
    forgotten: This also holds days later, when the service has forgotten the key.
    failure: `ship` may raise TimeoutError, before or after the service has shipped:
        respond with a 5xx.
    retry: When a later attempt arrives, try again, so that one parcel is shipped, also
        after a restart or on the next day.
    restart: After a restart, `make_app` is called again with the same file, and
        duplicates ship nothing.
    crash: Wherever the process crashes, one parcel is shipped, and the next attempt
        after the restart, or the one after it, gets a 2xx.
    processes: Several processes handle requests at the same time, all with the same
        file.
    undone: Do not respond to a duplicate with a 2xx before the parcel is shipped.
    open: The check does not test other exceptions of `ship`, other types of events, or
        bodies without an id.
    open: If a call timed out after the service had shipped, and the service has
        forgotten its key, nobody can avoid a second parcel; the check does not test
        this.
""")


def _silence() -> TimeoutError:
    return TimeoutError("no answer within 10 s")


_ACTED = Fail(_silence, "ship", acts=True)
_FORGET = Do(
    lambda world: world.forget(), "24 hours pass, and the service forgets its keys"
)


def _trials() -> Iterator[Trial]:
    yield from trials.new()
    yield from trials.told_apart()
    yield from trials.duplicates()
    yield from trials.other_bytes("duplicate")
    again = post(FIRST, 2)
    yield trial("forgotten", "forgotten", post(FIRST), _FORGET, again)
    resent = post(FIRST, 1, 2)
    yield trial("forgotten", "forgotten-header", post(FIRST), _FORGET, resent)
    steps = post(FIRST), _FORGET, Restart(), again
    yield trial("forgotten", "forgotten-restart", *steps)
    yield from trials.old_rows("forgotten", _FORGET)
    yield from trials.remembered("forgotten")
    yield from trials.crowded("forgotten", trials.OTHERS_IN_FILE, _FORGET)
    yield from trials.failures([_silence])
    yield from _acted()
    yield from trials.restarts("restart", [_ACTED, post(FIRST, 0)])


def _acted() -> Iterator[Trial]:
    """Yield calls that time out after the service has shipped."""
    failed, again = (_ACTED, post(FIRST)), post(FIRST, 2)
    yield trial("failure", "fails-acted", *failed)
    yield trial("retry", "acted", *failed, again)
    yield trial("retry", "acted-header", *failed, post(FIRST, 1, 2))
    for kind_, head in (("bytes", b'{ "id"'), ("field", b'{"attempt": 2, "id"')):
        body = FIRST.body.replace(b'{"id"', head)
        yield trial("retry", f"acted-{kind_}", *failed, post(FIRST, 2, body=body))
    yield trial("retry", "acted-twice", *failed, _ACTED, again, post(FIRST, 3))
    yield trial("retry", "acted-other", *failed, post(SECOND, 1, 2))
    yield trial("retry", "acted-restart", *failed, Restart(), again)
    noon = Wait(86_400 + 43_200 - time.time() % 86_400)
    note = "the first attempt comes at noon, the second one 23 hours later"
    steps = noon, *failed, Wait(23 * 3600.0), again
    yield trial("retry", "acted-late", *steps, note=note)
    yield trial("retry", "acted-after", *failed, again, post(FIRST, 3), _FORGET, again)


def _boot(make_app: Any, fails_by: Fails) -> Boot:
    def boot(world: World) -> Any:
        def ship(order_id: str, idempotency_key: Any = None) -> None:
            if fails_by:
                fails_by()
                raise _silence()
            world.effect(order_id, idempotency_key=idempotency_key)

        return make_app(str(world.directory / FILE), ship)

    return boot


def _times_out_once(make_app: Any, _: Fails) -> Boot:
    def boot(world: World) -> Any:
        def ship(order_id: str, idempotency_key: Any = None) -> None:
            first = not world.effects
            world.effect(order_id, idempotency_key=idempotency_key)
            if first:
                raise _silence()

        return make_app(str(world.directory / FILE), ship)

    return boot


def _start(
    make_app: Any, file: Path, kept: list[Any]
) -> tuple[Any, Callable[[], list[Any]]]:
    """Start over a service whose first call acts and times out."""
    first = not kept

    def ship(order_id: Any, idempotency_key: Any = None) -> None:
        call = [order_id, str(idempotency_key)]
        if idempotency_key is None or call not in kept:
            kept.append(call)
        if first:
            raise TimeoutError("no answer within 10 s")

    return make_app(str(file), ship), lambda: [order for order, _ in kept]


def _shipped(outcome: Outcome) -> list[Any]:
    """Return the orders that the service has sent: one for each key."""
    orders, known = [], set()
    for effect in outcome.effects:
        key = dict(effect.settings)["idempotency_key"]
        if not key or str(key) not in known:
            orders.append(effect.args[0])
            known.add(str(key))
    return orders


EXPLORED = Explored(
    _boot,
    _shipped,
    trouble="ship times out before the service acts",
    together={**TOGETHER, "doubled": KEYS_RACE},
    crashing={
        "lost": LOST,
        "doubled": KEY_UNCOMMITTED,
        "refused": CLAIM_STAYS,
        "no start": shared.NO_START,
        "deadlock": shared.DEADLOCK,
    },
    dying_boot=_times_out_once,
    dying_note="the first call to ship times out after the service has shipped",
)


def _has(effect: str) -> Any:
    def how(_: Fields, seen: Seen) -> bool:
        return any(each[0] == effect for _, left in requests(seen) for each in left)

    return how


def _same_key_twice(_: Fields, seen: Seen) -> bool:
    keys = hidden(seen, "_key")
    return len(keys) == 2 and keys[0] == keys[1]


def _not_kept(_: Fields, seen: Seen) -> bool:
    return not any(hidden(seen, "_rows")) and not any(hidden(seen, "_elsewhere"))


_ONCE_MORE = both(last("2xx"), doubled)

REMOTE = judged(
    id="7.4",
    lab="07_idempotency",
    wants="make_app(db_path, ship) -> Flask",
    hints=numbered("""
        1: You may call ship twice, if the service can see that it is the same parcel.
            Which value is the same in all attempts of an event?
        2: Which is worse, to call ship twice or never? So what comes first, the call or
            the row that says that it is done?
        3: Look in the file, call ship with idempotency_key=event["id"], and then write
            the row.
    """),
    contract=CONTRACT,
    space=Space(
        {"kind": "new", "steps": [post(FIRST)]},
        _trials,
        trials.random_steps("duplicate", _FORGET, Restart(), errors=[_silence]),
        many=8,
    ),
    observer=shop(RemoteShop),
    mistakes=[
        rule(NO_KEY, "new", how=_has(NO_KEY_PASSED), may="*"),
        rule(HASHED, "new", how=_has(HASH), may="*"),
        rule(ONE_KEY, "other", "new", both(last("2xx", parcels=0), _same_key_twice)),
        rule(
            KEY_IS_ORDER,
            "order",
            "new other",
            both(last("2xx", parcels=0), _same_key_twice),
        ),
        rule(TWO_KEYS, "acted", "new", doubled),
        rule(KEY_FROM_HEADER, "acted-header", "new acted", doubled),
        rule(KEY_FROM_BYTES, "acted-bytes", "new acted acted-header", doubled),
        rule(KEY_REUSED, "acted-other", "other", last("2xx", parcels=0)),
        rule(KEY_LOST, "acted-restart", "acted", doubled),
        rule(shared.ACK_ANYWAY, "fails-acted", "new", last("2xx"), may="fails"),
        rule(LEFT_TO_SERVICE, "forgotten", "attempt", both(_ONCE_MORE, never_asked)),
        rule(
            shared.IN_MEMORY,
            "forgotten-restart",
            "forgotten",
            both(_ONCE_MORE, _not_kept),
        ),
        rule(shared.KEY_FROM_HEADER, "forgotten-header", "forgotten", doubled),
        *with_file(),
    ],
    searches=(
        real_restart(_start),
        EXPLORED.dying("crash"),
        EXPLORED.at_once("processes", 2),
        EXPLORED.undone("undone"),
        EXPLORED.further(
            "This also holds with a second crash or preemption, as far as there was "
            "time.",
            "crashes",
            "processes",
            "undone",
        ),
    ),
)
