"""Sample events from the three sources of the labs: payments, a code host, a CRM.

The same arguments give the same events, so that a lab reads the same in every run.
"""

import random

from labkit.arguments import check_number, check_whole
from labkit.model import LAB_EPOCH, Event


def payments(count: int = 1, *, every: float = 60.0, seed: int = 0) -> list[Event]:
    """Return `count` events `payment.succeeded`, one each `every` seconds.

    Order n is "A-n"; amounts are in cents.
    """
    _check(count, every, seed)
    rng = random.Random(f"payments {seed}")
    return [
        Event(
            "payment.succeeded",
            {
                "order_id": f"A-{number}",
                "amount": rng.randrange(500, 20_000),
                "currency": rng.choice(("EUR", "GBP", "USD")),
            },
            id=f"evt_{seed}{number:04}",
            created_at=LAB_EPOCH + round((number - 1) * every),
        )
        for number in range(1, count + 1)
    ]


def pushes(count: int = 1, *, every: float = 300.0, seed: int = 0) -> list[Event]:
    """Return `count` events `push` of a code host, one each `every` seconds."""
    _check(count, every, seed)
    rng = random.Random(f"pushes {seed}")
    return [
        Event(
            "push",
            {
                "repository": rng.choice(("shop/web", "shop/api", "shop/docs")),
                "branch": rng.choice(("main", "main", "fix/basket")),
                "commit": f"{rng.getrandbits(160):040x}",
                "author": rng.choice(("Ada", "Grace", "Zoë", "李雷")),
            },
            id=f"psh_{seed}{number:04}",
            created_at=LAB_EPOCH + round((number - 1) * every),
        )
        for number in range(1, count + 1)
    ]


def contacts(count: int = 1, *, every: float = 900.0, seed: int = 0) -> list[Event]:
    """Return `count` events `contact.created` of a CRM, one each `every` seconds."""
    _check(count, every, seed)
    rng = random.Random(f"contacts {seed}")
    names = ("Søren Øst", "Ada King", "Zoë Noir", "Grace Hall", "李雷")
    return [
        Event(
            "contact.created",
            {
                "contact_id": f"C-{number}",
                "name": rng.choice(names),
                "email": f"contact{number}@shop.example",
            },
            id=f"crm_{seed}{number:04}",
            created_at=LAB_EPOCH + round((number - 1) * every),
        )
        for number in range(1, count + 1)
    ]


def _check(count: int, every: float, seed: int) -> None:
    check_whole("count", count, least=0)
    check_whole("seed", seed)
    check_number("every", every)
