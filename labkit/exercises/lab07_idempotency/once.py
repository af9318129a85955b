"""Exercise 7.1: a copy ships nothing, as long as requests come one after the other."""

from labkit.checks import Exercise
from labkit.checks.calls import AppCaller
from labkit.exercises.lab07_idempotency import asking, mistakes
from labkit.exercises.lab07_idempotency.asking import FIRST
from labkit.exercises.lab07_idempotency.shops import Desk, MakeApp, Shop, Warehouse


def ships_a_payment(make_app: MakeApp) -> None:
    """A payment is shipped, once, and then acknowledged."""
    asking.ships_one(Shop, make_app)


def knows_a_copy(make_app: MakeApp) -> None:
    """The next attempt of the same event ships nothing and is acknowledged."""
    asking.knows_a_copy(Shop, make_app)


def tells_events_apart(make_app: MakeApp) -> None:
    """Another event has a parcel of its own, even for the same order."""
    asking.tells_events_apart(Shop, make_app)


def knows_a_resend(make_app: MakeApp) -> None:
    """The same event in another delivery, or in other bytes, ships nothing."""
    asking.knows_a_resend(Shop, make_app)


def ships_on_the_retry(make_app: MakeApp) -> None:
    """When ship raises, the answer is 5xx, and a later attempt ships."""
    asking.ships_on_the_retry(Shop, make_app, "ship raises")
    asking.ships_after_any_exception(Shop, make_app)


def remembers_long_enough(make_app: MakeApp) -> None:
    """A copy is known after hundreds of other events, and after three days."""
    asking.remembers_many(Shop, make_app)
    asking.remembers_for_days(Shop, make_app)


def keeps_apps_apart(make_app: MakeApp) -> None:
    """Two shops in one program, each with an app of its own, do not mix."""
    with Shop.opened(make_app) as shop:
        ask = asking.question(
            FIRST,
            [(1, 1)],
            "a parcel from each of the two",
            "to make_app(first), and then to make_app(second)",
        )
        first, other = shop.start(ask), Warehouse()
        bench = AppCaller.set_up(ask, make_app, other.ship, known=shop.known)
        second = Desk(bench, shop)
        first.send(FIRST)
        second.send(FIRST)
        counts = len(shop.parcels()), len(other.orders)
        if counts != (1, 1):
            text = f"parcels from first: {counts[0]}, from second: {counts[1]}"
            ask.fail(text, mistakes.SHARED_MEMORY)


ONCE = Exercise(
    id="7.1",
    lab="07_idempotency",
    wants="make_app(ship) -> Flask",
    cases=(
        ships_a_payment,
        knows_a_copy,
        tells_events_apart,
        knows_a_resend,
        ships_on_the_retry,
        remembers_long_enough,
        keeps_apps_apart,
    ),
    hints=(
        (
            "Which value is the same in every delivery of an event, and differs from "
            "event to event?"
        ),
        "Create a set in make_app. The view looks the id up before it ships.",
        (
            "After which line do you know that the parcel is shipped? Add the id to "
            "the set only after that line."
        ),
    ),
)
