"""A history in the numbers that matter to the operator of the receiver."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkit.history import History

WATCHED: Mapping[str, str] = {
    "lost": "no work was done for the event",
    "doubled": "its work was done more than once",
    "late": "it was acknowledged too late",
    "dead": "the sender gave up on it",
}
"""What can become of an event that should not, each with what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many events came to grief, and what it cost.

    `lost` and `doubled` are counted by the receiver's effects where it shows them
    (`by_effects`), and else by its acknowledgements. `late` were first acknowledged
    more than `patience` seconds after they had happened. `strange` counts effects that
    belong to no event: the work of a forgery.
    """

    events: int
    attempts: int
    lost: int
    doubled: int
    late: int
    dead: int
    strange: int
    patience: float
    by_effects: bool

    @property
    def attempts_per_event(self) -> float:
        """How often an event was sent, on average."""
        return self.attempts / self.events if self.events else 0.0

    def rows(self) -> list[tuple[str, str]]:
        """Return label and number of everything that is counted, in order."""
        rows = [(name, f"{getattr(self, name):,}") for name in WATCHED]
        if self.strange:
            rows.append(("strange", f"{self.strange:,}"))
        return [*rows, ("attempts per event", f"{self.attempts_per_event:.2f}")]

    @property
    def meaning(self) -> str:
        """What lost, doubled and late are judged by, in a sentence."""
        judge = (
            "Lost and doubled are counted by the receiver's own work"
            if self.by_effects
            else "Lost and doubled are counted by acknowledgements: none, or several"
        )
        strange = ", strange is work that belongs to no event" if self.strange else ""
        minutes = f"{self.patience / 60:g}"
        return f"{judge}{strange}; late is after more than {minutes} min."

    def __str__(self) -> str:
        found = ", ".join(f"{label} {number}" for label, number in self.rows())
        noun = "event" if self.events == 1 else "events"
        return f"{self.events:,} {noun}: {found}\n{self.meaning}"


def count(
    history: History, *, effects: Mapping[str, int] | None, patience: float
) -> Counts:
    """Count a history; `effects` maps what the receiver worked on to how often.

    An effect names its event by id or by order. `patience` is in seconds.
    """
    acknowledged: dict[str, float] = {}
    times = Counter[str]()
    for arrival in history.arrivals:
        if arrival.acknowledged:
            times[arrival.event.id] += 1
            acknowledged.setdefault(arrival.event.id, arrival.at)
    ids = [delivery.event.id for delivery in history.deliveries]
    strange = 0
    if effects is not None:
        times, strange = _by_event(history, effects)
    created = {d.event.id: d.event.created_at for d in history.deliveries}
    return Counts(
        events=len(ids),
        attempts=sum(len(delivery.attempts) for delivery in history.deliveries),
        lost=sum(times[id_] == 0 for id_ in ids),
        doubled=sum(times[id_] > 1 for id_ in ids),
        late=sum(at - created[id_] > patience for id_, at in acknowledged.items()),
        dead=len(history.dead_letters),
        strange=strange,
        patience=patience,
        by_effects=effects is not None,
    )


def added(before: Sequence[object], after: Sequence[object]) -> Counter[str]:
    """Return which effects are there now and were not there before."""
    # Most receivers only append; counting everything again would grow with each trial.
    if after[: len(before)] == before:
        return Counter(map(str, after[len(before) :]))
    return Counter(map(str, after)) - Counter(map(str, before))


def _by_event(history: History, effects: Mapping[str, int]) -> tuple[Counter[str], int]:
    """Sort effects by the event that they name; count those that name none."""
    known: dict[str, str] = {}
    for delivery in history.deliveries:
        event = delivery.event
        known[event.id] = event.id
        if order := event.data.get("order_id"):
            known[str(order)] = event.id
    times = Counter[str]()
    strange = 0
    for name, often in effects.items():
        if name in known:
            times[known[name]] += often
        else:
            strange += often
    return times, strange
