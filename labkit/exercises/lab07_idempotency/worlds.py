"""The surroundings of a receiver in a trial: its ship, its file, its requests."""

import contextlib
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from labkit.checks.calls import JSON, Answered
from labkit.checks.observing import exactly
from labkit.checks.space import Fields
from labkit.checks.steps import App, Callbacks, Post
from labkit.exercises.lab07_idempotency.clock import later
from labkit.model import Event

PATIENCE = 0.1
"""Seconds to wait for a ship in another thread."""


def post(
    event: Event,
    attempt: int = 1,
    delivery: int = 1,
    *,
    body: bytes | None = None,
    app: int = 0,
) -> Post:
    """Return one attempt of a delivery; the event's id is not among its headers."""
    headers = {
        **JSON,
        "X-Delivery-Id": f"dlv_{delivery}",
        "X-Request-Id": f"req_{delivery}{attempt}",
        "X-Sent-At": str(1_767_225_600 + 86_400 * (delivery - 1) + 300 * (attempt - 1)),
    }
    return Post(event.body if body is None else body, headers, app=app)


class Shop(Callbacks):
    """The surroundings in 7.1: a warehouse that ships, and nothing durable."""

    def __init__(self, fields: Fields) -> None:
        waits = fields["kind"] in ("new", "slow")
        super().__init__(
            lambda _, app: self.takes(app),
            slow=fields["kind"] == "slow",
            patience=PATIENCE if waits else 0,
        )

    def takes(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with."""
        return [self.ship(app)]

    def ship(self, app: int) -> Any:
        """Return the function that ships the parcels of an app."""
        shipped = self.callback("ship" if app == 0 else f"ship of shop {app + 1}")

        def ship(order_id: Any) -> None:
            shipped(order_id)

        return ship

    def ends(self, answered: Answered) -> None:
        """Let go of what an exception holds, as a server does: a connection, say."""
        super().ends(answered)
        error = answered.error
        while error is not None:
            traceback.clear_frames(error.__traceback__)
            error = error.__context__


def _effects(effects: Sequence[Any]) -> Any:
    """Return what is compared: the parcels, not the calls that failed."""
    return tuple(exactly(each) for each in effects if is_parcel(each))


def is_parcel(effect: tuple[Any, ...]) -> bool:
    """Whether an effect is one that the contract counts."""
    return not effect[0].startswith("_") and not effect[0].endswith(" raises")


@contextlib.contextmanager
def _shop(fields: Fields) -> Iterator[Shop]:
    yield Shop(fields)


SHOP = App(_shop, normal_effects=_effects, clock=later, fresh=True)
