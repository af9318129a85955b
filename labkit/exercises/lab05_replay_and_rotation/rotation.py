"""A rotation of secrets, carried out step by step while payments arrive.

`STEPS` are actions at the provider or at the receiver. `carry_out` performs some of
them one after another. In between the provider delivers, requests signed earlier arrive
late, and an attacker tries their luck; real signatures are made and verified. What
happened is a `Rotation`, with a history to draw.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from labkit.errors import BadSetting, UnknownName, VerificationError, shown_plainly
from labkit.history import History
from labkit.model import (
    LAB_EPOCH,
    Arrival,
    Attempt,
    Delivery,
    Ending,
    Event,
    Headers,
    Request,
)
from labkit.signing import SCHEMES

SECRETS = {
    "old": "whsec_Kf5pvZ6M66agfR3sJbGwh+/ibAf/DSHX2wszd3c4pcY=",
    "new": "whsec_jTwSB0/EEjKHRfcofXghlgXc6XC1K8OfdxJupiooRS4=",
}
WAIT = 300.0
"""How long the waiting step takes, in seconds: as long as the tolerance."""

APART = 20.0
"""Seconds from one step to the next, if there are few steps."""

WAITING, AT_ONCE, DELETING, RESTARTING = "cdij"
"""The letters of the steps that are handled or named in a way of their own."""

MOST = 50
"""How many steps one rotation may have."""

_LATENCY = 0.05


@dataclass(frozen=True, slots=True)
class World:
    """Who signs and accepts what at one moment.

    `made` tells whether there is a new secret, `signs` what the provider signs with,
    `accepts` what the receiver knows. `down` is true where the receiver was away for a
    moment, `open` where it takes what is not signed.
    """

    made: bool = False
    signs: tuple[str, ...] = ("old",)
    accepts: tuple[str, ...] = ("old",)
    down: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class RotationStep:
    """One thing to do; `needs_new` tells whether it uses the new secret."""

    letter: str
    text: str
    change: Callable[[World], World]
    needs_new: bool = True

    def __str__(self) -> str:
        return f"{self.letter})  {self.text}"

    __repr__ = __str__


def _delete_old(world: World) -> World:
    rest = tuple(name for name in world.signs if name != "old")
    return replace(world, signs=rest or (("new",) if world.made else ()))


def _step(
    letter: str, text: str, *, needs_new: bool = True, **change: Any
) -> RotationStep:
    """Return a step that changes these fields of the world."""
    return RotationStep(letter, text, lambda world: replace(world, **change), needs_new)


STEPS = (
    _step("a", "Receiver: accept the new secret only.", accepts=("new",)),
    _step("b", "Provider: sign every request with both secrets.", signs=("old", "new")),
    _step(
        WAITING,
        "Wait five minutes, until every request signed before has arrived.",
        needs_new=False,
    ),
    _step(
        AT_ONCE,
        "Both, at 12:00 sharp: sign with the new secret only, accept only that.",
        signs=("new",),
        accepts=("new",),
    ),
    _step(
        "e",
        "Provider: make a new secret. Still sign requests with the old one.",
        needs_new=False,
        made=True,
    ),
    _step(
        "f",
        "Receiver: accept requests without a valid signature for an hour.",
        needs_new=False,
        open=True,
    ),
    _step("g", "Provider: sign with the new secret only.", signs=("new",)),
    _step(
        "h", "Receiver: accept the old secret and the new one.", accepts=("old", "new")
    ),
    RotationStep(
        DELETING,
        "Provider: delete the old secret at once, because it has leaked.",
        _delete_old,
        needs_new=False,
    ),
    _step(
        RESTARTING,
        "Receiver: stop it, replace the old secret with the new one, restart it.",
        accepts=("new",),
        down=True,
    ),
)
"""The steps, shuffled; not all of them are useful."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One request on its way: signed with `signed` in one state, arrived in another.

    `place` counts the steps that were done when it arrived. `late` tells whether a step
    was carried out while it was under way, `honest` whether the provider sent it.
    `world` is what it met; `status` is None where nobody listened.
    """

    name: str
    signed: tuple[str, ...]
    place: int
    late: bool
    honest: bool
    status: int | None
    sent_at: float
    arrived_at: float
    world: World

    @property
    def right(self) -> bool:
        """Whether an honest request was acknowledged, or a forged one was not."""
        return (self.status == 200) is self.honest

    def __str__(self) -> str:
        by = " and ".join(self.signed)
        way = f"{self.name}, signed with {by}" if by else f"{self.name}, not signed"
        if self.late:
            way += ", sent before this step"
        return f"{way}: {self.status or 'connection refused'}"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of the steps: every passage in the order of arrival.

    `unmade` is the step that used the new secret before there was one, or None; the
    rotation ended there.
    """

    steps: tuple[RotationStep, ...]
    passages: tuple[Passage, ...]
    history: History
    unmade: RotationStep | None

    @property
    def wrong(self) -> tuple[Passage, ...]:
        """What went wrong, in the order of arrival."""
        return tuple(passage for passage in self.passages if not passage.right)

    def timeline(self) -> Any:
        """Draw the deliveries."""
        return self.history.timeline()

    def __repr__(self) -> str:
        lines = []
        done = len(self.passages) and self.passages[-1].place
        for place, step in enumerate((None, *self.steps)):
            lines.append(str(step) if step else "    Before the first step.")
            lines += [
                f"      {'ok' if passage.right else 'NO'} {passage}"
                for passage in self.passages
                if passage.place == place
            ]
            if self.unmade and place == done + 1:
                lines.append("      NO there is no new secret yet")
                break
        return "\n".join(lines)


@shown_plainly
def carry_out(order: Iterable[object]) -> Rotation:
    """Do the steps in this order, named by letter or taken from STEPS.

    Raises UnknownName for anything that is not a step, BadSetting for more than MOST of
    them.
    """
    steps = chosen(order)
    if len(steps) > MOST:
        raise BadSetting(f"{len(steps)} steps; a rotation has at most {MOST}")
    return _Running(steps).to_the_end()


def chosen(order: Iterable[object]) -> tuple[RotationStep, ...]:
    """Return the steps that are named by letter, by text or as they are.

    Raises UnknownName for anything else.
    """
    return tuple(_named(each) for each in order)


def _named(wanted: object) -> RotationStep:
    text = str(wanted).strip()
    for step in STEPS:
        if wanted is step or text in (step.text, str(step)):
            return step
        if text.rstrip(").").lower() == step.letter:
            return step
    raise UnknownName("step", str(wanted)[:60], [step.letter for step in STEPS])


class _Running:
    """A rotation under way: the world, the clock, and what is still travelling."""

    def __init__(self, steps: tuple[RotationStep, ...]) -> None:
        self._steps = steps
        # What was signed before the first step has to be fresh after the last.
        self._apart = min(APART, 240 / max(1, len(steps)))
        self._world = World()
        self._at = float(LAB_EPOCH)
        self._travelling: dict[tuple[str, ...], float] = {}
        self._passages: list[Passage] = []
        self._deliveries: list[Delivery] = []
        self._arrivals: list[Arrival] = []

    def to_the_end(self) -> Rotation:
        """Carry out every step, and then let the attacker try the old secret."""
        unmade = None
        self._traffic(0, waited=False)
        for place, step in enumerate(self._steps, start=1):
            waits = step.letter == WAITING
            if step.needs_new and not self._world.made:
                unmade = step
                break
            self._at += WAIT if waits else self._apart
            self._world = step.change(replace(self._world, down=False))
            self._traffic(place, waited=waits)
        if unmade is None:
            self._at += self._apart
            place = len(self._steps)
            self._pass("attacker's request", ("old",), place, self._at, honest=False)
        history = History(
            tuple(self._deliveries), tuple(self._arrivals), float(LAB_EPOCH), 0
        )
        return Rotation(self._steps, tuple(self._passages), history, unmade)

    def _traffic(self, place: int, *, waited: bool) -> None:
        world, apart = self._world, self._apart
        if waited:
            self._travelling.clear()
        self._pass(self._next_payment(), world.signs, place, self._at + 0.1 * apart)
        for signed, since in self._travelling.items():
            if signed != world.signs:
                arrives = self._at + 0.4 * apart
                self._pass(self._next_payment(), signed, place, arrives, since=since)
        if world.open:
            self._pass(
                "attacker's request", (), place, self._at + 0.6 * apart, honest=False
            )
        self._travelling[world.signs] = self._at + 0.8 * apart

    def _next_payment(self) -> str:
        number = sum(passage.honest for passage in self._passages) + 1
        return f"payment {number}"

    def _pass(
        self,
        name: str,
        signed: tuple[str, ...],
        place: int,
        arrives: float,
        *,
        since: float | None = None,
        honest: bool = True,
    ) -> None:
        sent_at = arrives if since is None else since
        number = len(self._passages) + 1
        by = "+".join(signed) or "nothing"
        event = Event(
            "payment.succeeded",
            {"order_id": f"A-{number}" if honest else "FORGED"},
            id=f"{'pay' if honest else 'forged'}{number}_by_{by}",
            created_at=int(sent_at),
        )
        headers = _headers(event, signed, sent_at)
        status = self._answer(event, headers, arrives)
        passage = Passage(
            name,
            signed,
            place,
            since is not None,
            honest,
            status,
            sent_at,
            arrives,
            self._world,
        )
        self._passages.append(passage)
        self._note(event, headers, passage)

    def _answer(self, event: Event, headers: Headers, now: float) -> int | None:
        world = self._world
        if world.down:
            return None
        if world.open:
            return 200
        try:
            SCHEMES["standard"].verify(
                event.body,
                dict(headers),
                secrets=[SECRETS[name] for name in world.accepts],
                now=now,
            )
        except VerificationError:
            return 401
        return 200

    def _note(self, event: Event, headers: Headers, passage: Passage) -> None:
        request = Request("POST", "/webhooks", headers, event.body)
        attempt = Attempt(
            event,
            1,
            passage.sent_at,
            passage.arrived_at + _LATENCY,
            Ending(passage.status, None if passage.status else "refused", (), request),
        )
        state = "acknowledged" if passage.status == 200 else "pending"
        self._deliveries.append(Delivery(event, (attempt,), state))
        if passage.status:
            arrived = passage.arrived_at
            self._arrivals.append(Arrival(event, 1, 0, arrived, passage.status))


def _headers(event: Event, signed: tuple[str, ...], sent_at: float) -> Headers:
    if not signed:
        return (("Content-Type", "application/json"),)
    first, *others = (SECRETS[name] for name in signed)
    headers = SCHEMES["standard"].sign(
        event.body,
        secret=first,
        id=event.id,
        timestamp=int(sent_at),
        extra_secrets=others,
    )
    return (("Content-Type", "application/json"), *headers.items())
