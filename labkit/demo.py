"""A complete example: a simple receiver and a network that loses responses."""

from collections import Counter
from collections.abc import Iterator

from flask import Flask, request

from labkit.faults import Duplicate, LoseResponse, Refuse
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.sender import simulate

SECRET = "a secret of the demo"  # noqa: S105 - it guards nothing
DAY = 86_400


def picture() -> str:
    """Return the README's picture, an SVG file: one payment whose response is lost."""
    history = simulate(naive_shop([]), payments(1), faults=[LoseResponse(until=1)])
    svg: str = history.timeline().svg()
    return svg


def naive_shop(shipped: list[str]) -> Flask:
    """Return a typical first receiver: it ships everything that arrives."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        event = request.get_json()
        shipped.append(event["data"]["order_id"])
        return "", 200

    return app


def tell(seed: int) -> Iterator[str]:
    """Run the demo over real HTTP on this machine, and yield what to print."""
    shipped: list[str] = []
    events = payments(8, every=DAY / 8)
    with Receiver(naive_shop(shipped)) as receiver:
        yield f"A shop listens at {receiver.url}/webhooks and ships what is paid for."
        yield (
            "Eight signed payments come in over one simulated day. The network\n"
            "loses one response in three and duplicates one request in five. For two\n"
            "hours the shop is down.\n"
        )
        history = simulate(
            receiver.url,
            events,
            secret=SECRET,
            faults=[
                LoseResponse(probability=1 / 3),
                Duplicate(probability=1 / 5),
                Refuse(after=DAY / 2 - 3600, until=DAY / 2 + 3600),
            ],
            seed=seed,
        )
    yield str(history.timeline())
    parcels = Counter(shipped)
    account = history.account
    doubled = sorted(order for order, times in parcels.items() if times > 1)
    missing = account.events - len(parcels)
    yield (
        f"\nsent          {account.events} events in {account.attempts} attempts"
        f"\nacknowledged  {account.acknowledged}"
        f"\nlost          {missing} orders without a parcel"
        f"\ndoubled       {len(doubled)} orders with more than one"
        f"{': ' + ', '.join(doubled) if doubled else ''}"
        f"\nparcels       {parcels.total()} for {account.events} payments"
    )
    if doubled:
        yield (
            "\nEvery request was authentic. The shop cannot tell a second attempt "
            "from a\nsecond payment. In lab 07 it learns to do so."
        )
