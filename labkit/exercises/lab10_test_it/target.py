"""What `break_it` is given: a shop to deliver to, with a clock and a warehouse.

A delivery is a dictionary, so that it can be written by hand:

    "body"      the bytes
    "headers"   a dictionary of names and values
    "at"        when it arrives, in seconds from the start; 0 unless said otherwise
    "closed"    whether the warehouse is closed meanwhile; False unless said otherwise
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.checks import short_text
from labkit.errors import BadSetting, UnknownName, shown_plainly
from labkit.exercises.lab10_test_it.shops import SHOPS, MakeShop, Shop
from labkit.model import LAB_EPOCH, Event, Request, header_pairs
from labkit.samples import payments
from labkit.signing import SCHEMES
from labkit.transport import AppTransport

Delivery = dict[str, Any]

LATEST = 1e10
"""The latest time at which a delivery may arrive, in seconds: about 300 years."""


class WarehouseClosed(Exception):
    """Raised by `ship` while the warehouse is closed."""


@dataclass(frozen=True, slots=True, repr=False)
class CallOutcome:
    """What a shop did with one delivery: its answer, and the orders it shipped.

    `reason` is what it said with a 4xx.
    """

    status: int
    shipped: tuple[str, ...]
    reason: str = ""

    @property
    def acknowledged(self) -> bool:
        """Whether the answer was 2xx."""
        return 200 <= self.status < 300

    @property
    def effect(self) -> tuple[bool, tuple[str, ...]]:
        """What of it counts: whether it acknowledged, and the orders it shipped."""
        return self.acknowledged, self.shipped

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.status}{reason}, ships {', '.join(self.shipped) or 'nothing'}"

    __repr__ = __str__


class TargetStand:
    """A shop that runs, and the world around it."""

    def __init__(self, make_shop: MakeShop, secret: str) -> None:
        self.parcels: list[str] = []
        self.now = 0.0
        self._closed = False
        app = make_shop(secret, self._ship, lambda: LAB_EPOCH + self.now)
        self._transport = AppTransport(app)

    def deliver(self, delivery: Mapping[str, Any]) -> CallOutcome:
        """Deliver one, and return its outcome."""
        self.now = float(delivery.get("at", 0.0))
        self._closed = bool(delivery.get("closed", False))
        before = len(self.parcels)
        headers = {"Content-Type": "application/json", **delivery["headers"]}
        request = Request(
            "POST", "/webhooks", header_pairs(headers), bytes(delivery["body"])
        )
        response = self._transport.send(request, timeout=1.0)
        told = 400 <= response.status < 500
        # The remedy, after a semicolon, is for the sender.
        text = response.body.decode("utf-8", "replace").partition(";")[0]
        shipped = tuple(self.parcels[before:])
        return CallOutcome(response.status, shipped, short_text(text) if told else "")

    def _ship(self, order_id: str) -> None:
        if self._closed:
            raise WarehouseClosed("the warehouse is closed")
        self.parcels.append(str(order_id))


class Target:
    """A shop with one bug.

    `secret` is what its sender signs with, `event` a payment that it would send,
    `source` the shop's own lines, `parcels` the orders that have left so far.
    """

    def __init__(self, shop: Shop, secret: str) -> None:
        self.secret = secret
        self.event = payments(1)[0]
        self.source = shop.source
        self.signed: list[tuple[bytes, dict[str, str]]] = []
        self._scheme = SCHEMES[shop.scheme]
        self._stand = TargetStand(shop.broken, secret)

    @property
    def parcels(self) -> list[str]:
        """The orders that have left the shop, in order."""
        return list(self._stand.parcels)

    @shown_plainly
    def sign(self, body: Event | bytes, at: float = 0.0) -> Delivery:
        """Return the delivery that the sender would make of a body at that time.

        `body` is bytes, or an event; `at` is in seconds from the start.
        """
        content = body.body if isinstance(body, Event) else body
        if not isinstance(content, bytes):
            raise BadSetting(
                f"sign() takes bytes or an event, not {type(body).__name__}; "
                "text.encode() turns a string into bytes"
            )
        headers = self._scheme.sign(
            content,
            secret=self.secret,
            id=_id_of(content),
            timestamp=int(LAB_EPOCH + at),
        )
        self.signed.append((content, headers))
        return {"body": content, "headers": dict(headers), "at": at}

    @shown_plainly
    def send(self, delivery: Delivery) -> CallOutcome:
        """Try a delivery on this shop, which remembers earlier ones."""
        if problem := problem_of(delivery, self._stand.now):
            raise BadSetting(problem)
        return self._stand.deliver(delivery)


@shown_plainly
def target(exercise: str) -> Target:
    """Return the shop of an exercise, to try deliveries on: "10.2", "10.3" or "10.4".

    Raises UnknownName for another exercise.
    """
    shop = SHOPS.get(exercise)
    if shop is None:
        raise UnknownName("exercise", exercise, SHOPS)
    return Target(shop, shop.secrets[0])


def problem_of(delivery: Any, now: float) -> str:
    """Say what is wrong with the form of a delivery, or nothing."""
    if not isinstance(delivery, dict):
        return (
            f"a delivery is a dictionary, not {type(delivery).__name__}; "
            "receiver.sign(…) makes one"
        )
    if missing := {"body", "headers"} - delivery.keys():
        return f"the delivery has no {' and no '.join(sorted(missing))}"
    if unknown := delivery.keys() - {"body", "headers", "at", "closed"}:
        named = ", ".join(map(repr, sorted(map(str, unknown))))
        return (
            f"the delivery has {named}; it may have only body, headers, at and closed"
        )
    if not isinstance(delivery["body"], bytes):
        kind = type(delivery["body"]).__name__
        return (
            f"the delivery's body is {kind}, but it must be bytes; .encode() turns a "
            "string into bytes"
        )
    headers = delivery["headers"]
    if not isinstance(headers, dict) or not all(
        isinstance(each, str) for pair in headers.items() for each in pair
    ):
        return "the delivery's headers are not a dictionary of strings"
    at = delivery.get("at", 0.0)
    if isinstance(at, bool) or not isinstance(at, int | float) or not abs(at) < LATEST:
        return f"the delivery's at is {at!r:.40}, but it must be a number of seconds"
    if at < now:
        return (
            f"the delivery arrives at {at:g} s, but the shop's clock already shows "
            f"{now:g} s"
        )
    return ""


def _id_of(body: bytes) -> str:
    """Return the id of the event in a body, or one for a body that has none."""
    try:
        found = json.loads(body)["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "evt_none"
    return found if isinstance(found, str) and found.isascii() else "evt_none"
