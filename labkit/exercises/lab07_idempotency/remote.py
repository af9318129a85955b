"""Exercise 7.4: the parcel service is remote, and acts once for each key."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from labkit.checks import Exercise, Mistake, Question
from labkit.exercises.lab07_idempotency import asking, mistakes
from labkit.exercises.lab07_idempotency.asking import (
    FIRST,
    IN_OTHER_BYTES,
    SECOND,
)
from labkit.exercises.lab07_idempotency.clock import later
from labkit.exercises.lab07_idempotency.exploring import (
    UNDONE,
    at_once,
    deeper,
    dying,
    each_once,
    none_undone,
    quickly,
    slowly,
)
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab07_idempotency.shops import FILE, MakeApp, Shop, ShopWithFile
from labkit.explore import Boot, Outcome, World
from labkit.running.sources import Sources

NO_KEY = Mistake(
    "no-key",
    "Your code calls ship without an idempotency key. After a timeout you must call "
    "again, and without a key the service ships a second parcel.",
    "Pass a key: ship(order_id, idempotency_key=…).",
)
HASHED = Mistake(
    "key-changes-with-the-process",
    "Your code builds the key with hash(), which returns other values in each "
    "process. After a restart the same event has another key, so it is shipped twice.",
    'Use the id of the event as the key: event["id"].',
)
ONE_KEY = Mistake(
    "one-key-for-all",
    "Your code uses the same key for two events. The service already knows this key, "
    "so it ships nothing for the second customer.",
    'Use a key that differs from event to event: event["id"].',
)
TWO_KEYS = Mistake(
    "new-key-for-every-try",
    "Your code made a new key for the second attempt. The first call had timed out "
    "after the parcel left, so the service shipped a second parcel.",
    "Build the key from a value that is the same in all attempts of an event.",
)
KEY_REUSED = Mistake(
    "key-used-for-two-events",
    "Your code used one key for two events, because a rollback made the number free "
    "again. The service knows the key, so it ships nothing for the second event.",
    "Build the key from the event, not from a row that may be rolled back.",
)
KEY_LOST = Mistake(
    "key-lost-at-the-restart",
    "Your code made a new key after a restart. The first call had timed out after the "
    "parcel left, so the service shipped a second parcel.",
    "Build the key from the event, or commit it to the file before you call ship.",
)
LEFT_TO_SERVICE = Mistake(
    "memory-left-to-the-service",
    "Your code relies on the service to recognise duplicates, but the service forgets "
    "a key after 24 hours. A later duplicate ships a second parcel.",
    "Store the id in your file after the call, and look there first.",
)
LOST = Mistake(
    "claimed-before-success",
    "Your code commits the id before it calls ship. If the process crashes between "
    "the two, the retry looks like a duplicate, and the parcel is lost.",
    "Call ship first, and commit the id after it has returned.",
)
KEY_UNCOMMITTED = Mistake(
    "key-not-kept-before-the-call",
    "Your code lost its key in a crash after the call. The next attempt made another "
    "key, so the service shipped a second parcel.",
    "Build the key from the event, or commit it before you call ship.",
)
CLAIM_STAYS = Mistake(
    "claim-outlives-its-worker",
    "Your code keeps the claim of a process that crashed, so it rejects every retry. "
    "No worker is left to finish the work.",
    "Remove the claim: two calls with the same key ship one parcel.",
)
NO_START = Mistake(
    "does-not-start-again",
    "Your app cannot start again after a crash during its start. What the first start "
    "left behind stops every further start.",
    "Make every start-up step safe to repeat: CREATE TABLE IF NOT EXISTS.",
)
KEYS_RACE = Mistake(
    "two-workers-two-keys",
    "Two workers handled the same event at the same time, and each used its own key. "
    "The service shipped two parcels.",
    "Build the key from the event, or let an INSERT decide which key is used.",
)
DYING = {
    "lost": LOST,
    "doubled": KEY_UNCOMMITTED,
    "refused": CLAIM_STAYS,
    "no start": NO_START,
    "deadlock": mistakes.DEADLOCK,
}
AT_ONCE = {
    "doubled": KEYS_RACE,
    "lost": mistakes.LOST_TOGETHER,
    "refused": mistakes.NEVER_ACKED,
    "deadlock": mistakes.DEADLOCK,
}


Fails = Callable[[], object] | None
"""What a ship does before it fails; None for one that does not."""


class ParcelService:
    """Replace the remote service: act once for each key that it remembers.

    `trouble` is "" or says when a call times out: "before" it has acted, or "after".
    """

    def __init__(self) -> None:
        self.orders: list[Any] = []
        self.keys: list[Any] = []
        self.trouble = ""
        self._known: set[str] = set()

    def ship(self, order_id: str, idempotency_key: Any = None) -> None:
        """Send the parcel of an order, once for each key."""
        self.keys.append(idempotency_key)
        if self.trouble == "before":
            raise TimeoutError("no answer within 10 s")
        if not idempotency_key or str(idempotency_key) not in self._known:
            self.orders.append(order_id)
            self._known.add(str(idempotency_key))
        if self.trouble == "after":
            raise TimeoutError("no answer within 10 s")

    def forget(self) -> None:
        """Let 24 hours go by."""
        self._known.clear()


class RemoteShop(ShopWithFile):
    """The file, empty at first, and the parcel service."""

    known: ClassVar[dict[type[BaseException], Mistake]] = {
        **Shop.known,
        sqlite3.OperationalError: mistakes.TABLE_TWICE,
    }

    def prepare(self) -> None:
        """Open the service."""
        self.service = ParcelService()

    def takes(self) -> tuple[Any, ...]:
        """Return the arguments of `make_app`."""
        return (str(self.file), self.service.ship)

    def parcels(self) -> list[Any]:
        """Return the orders that the service has sent."""
        return self.service.orders

    @contextlib.contextmanager
    def trouble(self) -> Iterator[None]:
        """Let calls time out before the service has acted."""
        self.service.trouble = "before"
        try:
            yield
        finally:
            self.service.trouble = ""


def ships_a_payment(make_app: MakeApp) -> None:
    """A payment is shipped, with a key, and then acknowledged."""
    asking.ships_one(RemoteShop, make_app)
    ask = asking.question(FIRST, [(1, 1)], "ship called with an idempotency_key")
    with RemoteShop.opened(make_app) as shop:
        shop.start(ask).send(FIRST)
        keys = shop.service.keys
        if not all(keys):
            ask.fail(f"idempotency_key={keys[0]!r}", NO_KEY)
        hashes = (str(abs(hash(text))) for text in (FIRST.id, FIRST.body))
        if any(digits in str(keys[0]) for digits in hashes):
            ask.fail("a key made by hash()", HASHED)


def tells_events_apart(make_app: MakeApp) -> None:
    """Another event has a parcel of its own, even for the same order."""
    with RemoteShop.opened(make_app) as shop:
        ask = asking.question(
            SECOND,
            [(1, 2)],
            "a parcel for A-1 and one for A-2",
            "after the payment of A-1, another one",
        )
        desk = shop.start(ask)
        desk.send(FIRST)
        answered = desk.send(SECOND, delivery=2)
        if shop.parcels() == ["A-1"] and len(set(shop.service.keys)) == 1:
            known = ONE_KEY if len(shop.service.keys) > 1 else mistakes.TAKES_ALL
            ask.fail(shop.told(answered), known, lines=answered.lines)
    asking.tells_events_apart(RemoteShop, make_app)


def ships_on_the_retry(make_app: MakeApp) -> None:
    """When ship times out before it has acted: 5xx, and a later attempt ships."""
    asking.ships_on_the_retry(RemoteShop, make_app, "ship raises TimeoutError")


def ships_once_over_a_time_out(make_app: MakeApp) -> None:
    """When ship times out after it has acted: 5xx, and the retry adds no parcel."""
    for tries, known, body in (
        ([(1, 1), (2, 1)], TWO_KEYS, None),
        ([(1, 1), (1, 2)], mistakes.KEY_FROM_HEADER, None),
        ([(1, 1), (2, 1)], mistakes.KEY_FROM_BYTES, IN_OTHER_BYTES),
    ):
        note = "ship acts and then times out in the first one"
        if body is not None:
            note += "; the second one comes in other bytes"
        ask = asking.question(FIRST, tries, "a 5xx, then a 2xx, and one parcel", note)
        with RemoteShop.opened(make_app) as shop:
            desk = shop.start(ask)
            shop.service.trouble = "after"
            first = desk.send(FIRST)
            shop.service.trouble = ""
            attempt, delivery = tries[1]
            second = desk.send(FIRST, attempt, delivery=delivery, body=body)
            if len(shop.parcels()) > 1:
                ask.fail(shop.told(first, second), known)
            if first.acknowledged:
                ask.fail(shop.told(first, second), mistakes.ACK_ANYWAY)
            asking.expect_2xx_for_copy(ask, shop, first, second)
    note = "and before it a payment of A-1, for which ship acted and timed out"
    ask = asking.question(SECOND, [(1, 2)], "a parcel for A-2, too", note)
    with RemoteShop.opened(make_app) as shop:
        desk = shop.start(ask)
        shop.service.trouble = "after"
        desk.send(FIRST)
        shop.service.trouble = ""
        answered = desk.send(SECOND, delivery=2)
        if "A-2" not in shop.parcels():
            ask.fail(shop.told(answered), KEY_REUSED, lines=answered.lines)


def remembers_by_itself(make_app: MakeApp) -> None:
    """A copy that comes when the service has forgotten the key ships nothing."""
    for tries, known, restart in (
        ([(1, 1), (2, 1)], LEFT_TO_SERVICE, False),
        ([(1, 1), (1, 2)], mistakes.KEY_FROM_HEADER, False),
        ([(1, 1), (2, 1)], mistakes.IN_MEMORY, True),
    ):
        note = "a day goes by in between, and the service forgets its keys"
        if restart:
            note += "; your process is restarted"
        ask = asking.question(FIRST, tries, "one parcel, a 2xx both times", note)
        with RemoteShop.opened(make_app) as shop:
            desk = shop.start(ask)
            first = desk.send(FIRST)
            shop.service.forget()
            if restart:
                desk = shop.restart(ask)
            attempt, delivery = tries[1]
            second = desk.send(FIRST, attempt, delivery=delivery)
            if len(shop.parcels()) > 1:
                ask.fail(shop.told(first, second), known)
            asking.expect_2xx_for_copy(ask, shop, first, second)
    asking.remembers_old_rows(RemoteShop, make_app, lambda shop: shop.service.forget())


def keeps_its_key_over_a_restart(make_app: MakeApp) -> None:
    """After a time-out and a restart the retry adds no parcel."""
    ask = asking.question(
        FIRST,
        [(1, 1), (2, 1)],
        "one parcel, and a 2xx at last",
        "ship acts and times out; then your process is restarted",
    )
    with RemoteShop.opened(make_app) as shop:
        desk = shop.start(ask)
        shop.service.trouble = "after"
        first = desk.send(FIRST)
        shop.service.trouble = ""
        with other_process_id(make_app):
            second = shop.restart(ask).send(FIRST, 2)
        if len(shop.parcels()) > 1:
            ask.fail(shop.told(first, second), KEY_LOST)
        asking.expect_2xx_for_copy(ask, shop, first, second)
    _keeps_its_key_overnight(make_app)


def _keeps_its_key_overnight(make_app: MakeApp) -> None:
    ask = asking.question(
        FIRST,
        [(1, 1), (2, 1)],
        "one parcel, and a 2xx at last",
        "ship acts and times out; the retry comes 23 hours later",
    )
    noon = 43_200 - time.time() % 86_400
    with RemoteShop.opened(make_app) as shop:
        desk = shop.start(ask)
        shop.service.trouble = "after"
        with later(make_app, noon):
            first = desk.send(FIRST)
        shop.service.trouble = ""
        with later(make_app, noon + 23 * 3600):
            second = desk.send(FIRST, 2)
        if len(shop.parcels()) > 1:
            replace(
                ask,
                why="Your key depends on the time or the date. The call timed out "
                "after the parcel had left, and the retry on the next day used another "
                "key, so the service shipped a second parcel.",
                try_next="Build the key only from the id of the event.",
            ).fail(shop.told(first, second))
        asking.expect_2xx_for_copy(ask, shop, first, second)


@contextlib.contextmanager
def other_process_id(make_app: MakeApp) -> Iterator[None]:
    """Give the learner's code another process id, as after a restart."""
    real, other = os.getpid, os.getpid() + 1

    def getpid() -> int:
        return other

    spaces = [f.__globals__ for f in Sources([make_app]).functions]
    places = [(vars(os), "getpid")]
    places += [(s, name) for s in spaces for name, v in list(s.items()) if v is real]
    for space, name in places:
        space[name] = getpid
    try:
        yield
    finally:
        for space, name in places:
            space[name] = real


def survives_every_death(make_app: MakeApp) -> str:
    """Wherever the process dies: after restart and retry there is one parcel."""
    tried = dying(_dying(), _one(make_app), once, DYING)
    return f"Deaths: {tried}"


def holds_at_the_same_moment(make_app: MakeApp) -> str:
    """Two copies at the same moment, in two processes: one parcel."""
    tried = at_once(
        _both("two processes over one file"),
        _shop(make_app),
        once,
        AT_ONCE,
        processes=2,
    )
    return f"Two processes: {tried}"


def acknowledges_nothing_undone(make_app: MakeApp) -> str:
    """When the call of one fails, the other one has not been acknowledged for it."""
    remarks = []
    for number in (2, 1):
        # Where ship takes long, the other one has its turn without being switched to.
        boot = _shop(make_app, fails=slowly)
        at_once(
            _failing(),
            boot,
            undone,
            UNDONE,
            retries=0,
            preemptions=0,
            processes=number,
        )
        boot = _shop(make_app, fails=quickly)
        remarks.append(
            at_once(_failing(), boot, undone, UNDONE, retries=0, processes=number)
        )
    return f"A ship that fails: {remarks[0]}"


def holds_further(make_app: MakeApp) -> str:
    """A search with two deaths in a row, or a second switch, finds no harm."""
    deeper(
        [
            lambda seconds: dying(
                _dying(), _one(make_app), once, DYING, times=2, seconds=seconds
            ),
            lambda seconds: at_once(
                _both("two processes over one file"),
                _shop(make_app),
                once,
                AT_ONCE,
                preemptions=2,
                processes=2,
                seconds=seconds,
            ),
            lambda seconds: at_once(
                _failing(),
                _shop(make_app, fails=quickly),
                undone,
                UNDONE,
                retries=0,
                preemptions=2,
                processes=2,
                seconds=seconds,
            ),
        ]
    )
    return REACH


REACH = "Two deaths in a row, two switches: as many as the time allows."


def shipped(outcome: Outcome) -> list[Any]:
    """Return the orders that the service has sent: one for each key."""
    orders, known = [], set()
    for effect in outcome.effects:
        key = dict(effect.settings)["idempotency_key"]
        if not key or str(key) not in known:
            orders.append(effect.args[0])
            known.add(str(key))
    return orders


once = each_once(shipped)
undone = none_undone(shipped)


def _dying() -> Question:
    return Question(
        sent="POST /webhooks; the process dies, starts again, and the sender retries; "
        f"the first call of ship acts and times out\n{FIRST.body.decode()}",
        expected="one parcel at last, and a 2xx, wherever it died",
        why="The service is another machine: no transaction of yours reaches it. "
        "What it has done stays done when your process dies.",
        try_next="Look at the line where it dies. What did the service know by then, "
        "and what your file?",
    )


def _both(where: str) -> Question:
    return Question(
        sent=f"POST /webhooks, twice at once: {where}\n{FIRST.body.decode()}",
        expected="one parcel, in whatever order the lines run; at last a 2xx for both",
        why="A retry may overtake the attempt before it.",
        try_next="Look at the effects in the picture: with which keys was ship called?",
    )


def _failing() -> Question:
    return Question(
        sent="POST /webhooks, twice at once, and ship times out before it acts\n"
        f"{FIRST.body.decode()}",
        expected="no 2xx as long as there is no parcel",
        why="After a 2xx the sender forgets the event.",
        try_next="Look at the 2xx in the picture: what did that worker know?",
    )


def _one(make_app: MakeApp) -> Boot:
    def boot(world: World) -> Any:
        def ship(order_id: str, idempotency_key: Any = None) -> None:
            first = not world.effects
            world.effect(order_id, idempotency_key=idempotency_key)
            if first:
                raise TimeoutError("no answer within 10 s")

        return make_app(str(world.directory / FILE), ship)

    return boot


def _shop(make_app: MakeApp, *, fails: Fails = None) -> Boot:
    def boot(world: World) -> Any:
        def ship(order_id: str, idempotency_key: Any = None) -> None:
            if fails:
                fails()
                raise TimeoutError("no answer within 10 s")
            world.effect(order_id, idempotency_key=idempotency_key)

        return make_app(str(world.directory / FILE), ship)

    return boot


def _start(
    make_app: MakeApp, file: Path, kept: list[Any]
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


REMOTE = Exercise(
    id="7.4",
    lab="07_idempotency",
    wants="make_app(db_path, ship) -> Flask",
    cases=(
        ships_a_payment,
        tells_events_apart,
        ships_on_the_retry,
        ships_once_over_a_time_out,
        remembers_by_itself,
        keeps_its_key_over_a_restart,
    ),
    searches=(
        real_restart(_start),
        survives_every_death,
        holds_at_the_same_moment,
        acknowledges_nothing_undone,
        holds_further,
    ),
    hints=(
        (
            "You may call ship twice, if the service can see that it is the same "
            "parcel. Which value is the same in all attempts of an event?"
        ),
        (
            "Which is worse, to call ship twice or never? So what comes first, the "
            "call or the row that says that it is done?"
        ),
        (
            "The first order of this lab is correct here: ask the file, call ship "
            'with idempotency_key=event["id"], and write the row.'
        ),
    ),
)
