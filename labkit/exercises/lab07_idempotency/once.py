"""Exercise 7.1: a duplicate ships nothing, as long as requests come one by one."""

from collections.abc import Iterator

from labkit.checks.contract import contract, numbered
from labkit.checks.proving import judged
from labkit.checks.space import Space, Trial
from labkit.checks.steps import Wait
from labkit.exercises.lab07_idempotency import trials
from labkit.exercises.lab07_idempotency.proofs import common
from labkit.exercises.lab07_idempotency.trials import FIRST, LATE, OTHERS
from labkit.exercises.lab07_idempotency.worlds import Shop, post, shop

CONTRACT = contract("""
    given: Return a Flask app that ships each event once.
    given: The endpoint is POST /webhooks.
    given: The body is JSON with "id" and "data", and data["order_id"] is the order.
    new: For a new event, call `ship(order_id)` once, and respond with a 2xx after it
        has returned.
    same: Two events are the same if, and only if, their ids are equal: different events
        may have the same data, and one id may be a part of another.
    duplicate: For a duplicate of an event that was shipped, ship nothing and respond
        with a 2xx.
    bytes: A duplicate may have other headers, and its JSON may have other bytes.
    memory: This holds days later and after hundreds of other events.
    failure: If `ship` raises an Exception, nothing was shipped: respond with a 5xx.
    retry: When a later attempt of that event arrives, ship it; from then on its
        duplicates ship nothing.
    apart: `make_app` may be called many times; its apps share nothing.
    open: The check does not test two requests at the same time, Werkzeug's
        HTTPException, SystemExit, other types of events, or bodies without an id or an
        order.
""")


def _trials() -> Iterator[Trial]:
    yield from trials.new()
    yield from trials.told_apart()
    yield from trials.duplicates()
    yield from trials.other_bytes()
    yield from trials.crowded("memory", OTHERS)
    yield from trials.remembered()
    yield from trials.failures()
    yield from trials.again_at_once()
    yield from trials.two_shops()


ONCE = judged(
    id="7.1",
    lab="07_idempotency",
    wants="make_app(ship) -> Flask",
    hints=numbered("""
        1: Which value is the same in every delivery of an event, and differs from event
            to event?
        2: Create a set in make_app. The view looks the id up before it ships.
        3: After which line do you know that the parcel is shipped? Add the id to the
            set only after that line.
    """),
    contract=CONTRACT,
    space=Space(
        {"kind": "new", "steps": [post(FIRST)]},
        _trials,
        trials.random_steps("duplicate", Wait(LATE)),
        many=15,
    ),
    observer=shop(Shop),
    mistakes=common(),
)
