"""What each exercise's solution is put into when questions about it are made.

Exercises with the four parts bring their trials along; the others have their own
situations and shops here.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from labkit.checks import Exercise
from labkit.checks.calls import JSON, AppCaller
from labkit.checks.observing import Function
from labkit.exercises.lab02_endpoint.answer import PAYMENT
from labkit.exercises.lab04_signatures.digests import signature_of
from labkit.exercises.lab07_idempotency.row import stored
from labkit.exercises.lab07_idempotency.worlds import FILE, make_table
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.own_code.subject import Shop, Situation
from labkit.explore import Outcome, World
from labkit.explore.world import scratch
from labkit.samples import payments
from labkit.signing import SCHEMES

EVENT, OTHER = payments(2)
_SECRET = b"a secret of the shop"
_WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_NOW = 1_767_225_600
_LONGEST = 500
"""How long a trial may be shown, in characters."""


def situations_of(exercise: Exercise) -> Sequence[Situation]:
    """Return inputs for the solutions of an exercise."""
    found = [*_trials(exercise), *_SITUATIONS.get(exercise.id, list)()]
    if shop := SHOPS.get(exercise.id):
        found += _visits(shop)
    return found


def _trials(exercise: Exercise) -> Iterator[Situation]:
    """Yield situations from the trials of an exercise: those that are short."""
    if exercise.judge is None:
        return
    observer, space = exercise.judge.observer, exercise.judge.space
    for trial in exercise.judge.trials:
        fields = space.fields(trial)
        sent = observer.show(fields)
        if trial.probe or len(sent) > _LONGEST:
            continue

        def run(solution: Any, fields: Any = fields) -> object:
            return observer.observe(solution, fields)

        arguments = None
        if isinstance(observer, Function):

            def arguments(fields: Any = fields) -> Sequence[Any]:
                return observer.arguments(dict(fields))

        yield Situation(sent, run, arguments)


def _visits(shop: Shop) -> Iterator[Situation]:
    """Yield the situations that every receiver can be in."""
    shown = f"POST {shop.path}\n{shop.body.decode()}"
    yield Situation(shown, lambda make_app: _post(shop, make_app, [shop.body]))
    yield Situation(
        f"{shown}\nand then the same request again",
        lambda make_app: _post(shop, make_app, [shop.body, shop.body]),
    )


def _post(shop: Shop, make_app: Any, bodies: Sequence[bytes]) -> None:
    with scratch() as directory:
        caller = AppCaller(shop.boot(make_app)(World(directory)))
        for body in bodies:
            caller.send(body, dict(shop.request(body).headers), path=shop.path)


def _effects(outcome: Outcome) -> int:
    return len(outcome.effects)


def _keys(outcome: Outcome) -> int:
    """Count the parcels of a service that acts once for each key."""
    keys = [dict(each.settings).get("idempotency_key") for each in outcome.effects]
    return len({key for key in keys if key is not None}) + keys.count(None)


def _config(world: World) -> Config:
    return Config(
        secrets=lambda: [_WHSEC],
        now=lambda: float(_NOW),
        tolerance=300.0,
        db_path=str(world.directory / FILE),
        ship=world.effect,
        page=lambda _: None,
    )


def _signed(body: bytes) -> Mapping[str, str]:
    signature = SCHEMES["standard"].sign(
        body, secret=_WHSEC, id=EVENT.id, timestamp=_NOW
    )
    return {**JSON, **signature}


def _prepare_row(world: World) -> None:
    file = world.directory / FILE
    if not file.exists():
        make_table(file)


_PAID = f"a payment for the order {EVENT.data['order_id']}"

SHOPS: Mapping[str, Shop] = {
    "2.1": Shop(EVENT.body, lambda _: (), lambda _: 0, "", path=PAYMENT),
    "2.3": Shop(
        EVENT.body, lambda world: (world.effect,), _effects, "calls of process", _PAID
    ),
    "4.3": Shop(
        EVENT.body,
        lambda world: (_SECRET, world.effect),
        _effects,
        "calls of process",
        _PAID,
        lambda body: {**JSON, "X-Webhook-Signature": signature_of(_SECRET, body)},
    ),
    "7.1": Shop(
        EVENT.body,
        lambda world: (world.effect,),
        _effects,
        "parcels",
        _PAID,
        often_at_once=0.0,
    ),
    "7.2": Shop(
        EVENT.body,
        lambda world: (str(world.directory / FILE), world.effect),
        _effects,
        "parcels",
        _PAID,
    ),
    "7.3": Shop(
        EVENT.body,
        lambda world: (str(world.directory / FILE),),
        lambda outcome: len(stored(outcome)),
        "rows in shipments",
        _PAID,
        prepare=_prepare_row,
    ),
    "7.4": Shop(
        EVENT.body,
        lambda world: (str(world.directory / FILE), world.effect),
        _keys,
        "parcels",
        _PAID,
    ),
    "8.1": Shop(
        EVENT.body, lambda world: (world.effect,), _effects, "stored bodies", _PAID
    ),
    "12.1": Shop(
        EVENT.body, lambda world: (_config(world),), _keys, "parcels", _PAID, _signed
    ),
}
"""The apps by exercise: how they are set up, and what they are sent."""


def _delays() -> list[Situation]:
    def after(attempt: int) -> Situation:
        def arguments() -> Sequence[Any]:
            return (attempt, random.Random(7))

        return Situation(
            f"attempt = {attempt}, rng = random.Random(7)",
            lambda solution: solution(*arguments()),
            arguments,
        )

    return [after(attempt) for attempt in (1, 2, 5, 9, 10, 11)]


def _streams() -> list[Situation]:
    def of(count: int) -> Situation:
        def subscribe() -> Iterator[dict[str, Any]]:
            return iter([json.loads(event.body) for event in payments(count)])

        def run(events: Any) -> None:
            for _chunk in events(subscribe):
                continue

        return Situation(f"a subscription that yields {count} payments and ends", run)

    return [of(1), of(2), of(0)]


_SITUATIONS: Mapping[str, Callable[[], Sequence[Situation]]] = {
    "6.2": _delays,
    "11.1": _streams,
}
"""Further inputs, which show more of a solution than its trials do."""
