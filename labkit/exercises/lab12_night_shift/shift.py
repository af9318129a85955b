"""One month of one receiver."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from labkit.exercises.lab07_idempotency.files import impatient
from labkit.exercises.lab12_night_shift.house import (
    Call,
    Door,
    House,
    MakeApp,
    Page,
    Visit,
    sleeping_in,
)
from labkit.exercises.lab12_night_shift.month import (
    SCHEME,
    STARTS,
    Forgery,
    Month,
)
from labkit.explore.memory import memory_of
from labkit.explore.world import scratch
from labkit.faults import DropHeader, Fault, RotatedSecret
from labkit.history import History
from labkit.model import Event
from labkit.profiles import PROFILES, Profile
from labkit.retry import FixedDelays
from labkit.running.sources import Sources
from labkit.sender import Clock, Plan, Signature, Simulation, Steps

PROVIDER = PROFILES["standard"]
ONCE = replace(PROVIDER, name="once", schedule=FixedDelays(()))
PATH = "/webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The result of one month: the provider's history, and the house's own notes.

    `visits` are in order of arrival; `resent` is the history of the second deliveries.
    `known_at_start` lists the secrets that were valid at each start of the receiver.
    `doubts` says what a restart could not reset, as a new process would.
    """

    month: Month
    history: History
    resent: History
    visits: tuple[Visit, ...]
    calls: tuple[Call, ...]
    pages: tuple[Page, ...]
    known_at_start: tuple[list[str], ...]
    doubts: tuple[str, ...]
    not_started: BaseException | None
    left_to_thread: bool

    def of(self, event: Event) -> list[Visit]:
        """Return the visits that carried this event, first to last."""
        return [visit for visit in self.visits if visit.event_id == event.id]


def live_through(
    month: Month, make_app: MakeApp, run: "Callable[[Month, House], Run] | None" = None
) -> Shift:
    """Run a receiver through a month, in virtual time and in this process.

    `run` makes the senders of the month, if they are not the usual ones.
    """
    memory = memory_of(Sources([make_app]))
    memory.freshen()
    try:
        with scratch() as directory, impatient():
            house = House(make_app, month, directory, memory)
            with sleeping_in(house):
                return (run or Run)(month, house).go()
    finally:
        memory.restore()


class Run:
    """The senders of one month on one clock, and the house that they come to."""

    def __init__(self, month: Month, house: House) -> None:
        self._month = month
        self._house = house
        self._env = Clock()

    def go(self) -> Shift:
        """Run the month to the end of its last delivery."""
        month, house = self._month, self._house
        resent, back = month.resent
        house.open(lambda: STARTS + float(self._env.now))
        provider = self._sender("provider", month.events)
        again = self._sender("resend", resent, starts=back)
        strangers = [self._stranger(forgery) for forgery in month.forgeries]
        self._env.process(self._deploys())
        self._env.run()
        return self._shift(provider.history(), again.history(), strangers)

    def _shift(
        self, history: History, second: History, strangers: list[Simulation]
    ) -> Shift:
        house = self._house
        self._attach("provider", [history])
        self._attach("resend", [second])
        self._attach("stranger", [each.history() for each in strangers])
        return Shift(
            month=self._month,
            history=history,
            resent=second,
            visits=tuple(house.visits),
            calls=tuple(house.calls),
            pages=tuple(house.pages),
            known_at_start=tuple(house.known_at_start),
            doubts=house.doubts,
            not_started=house.not_started,
            left_to_thread=house.left_to_thread,
        )

    def _sender(
        self, name: str, events: tuple[Event, ...], *, starts: float | None = None
    ) -> Simulation:
        """Deliver events at their own times, or one by one from `starts` on."""
        plan = self._plan(events, PROVIDER, self._month.faults)
        plan = replace(plan, seed=2 * self._month.number + (starts is not None))
        times = [
            float(event.created_at) if starts is None else starts + 30 * place
            for place, event in enumerate(events)
        ]
        return self._begun(name, plan, times)

    def _stranger(self, forgery: Forgery) -> Simulation:
        fault: Fault = DropHeader()
        if forgery.secret is not None:
            fault = RotatedSecret(secret=forgery.secret)
        plan = self._plan((forgery.event,), ONCE, (fault,))
        return self._begun("stranger", plan, [float(forgery.event.created_at)])

    def _plan(
        self, events: tuple[Event, ...], profile: Profile, faults: tuple[Fault, ...]
    ) -> Plan:
        secret, url = self._month.rotation.old, f"http://127.0.0.1{PATH}"
        return Plan(
            events=events,
            started_at=STARTS,
            path=PATH,
            signature=Signature(SCHEME, secret, (), url),
            profile=profile,
            faults=faults,
            seed=0,
            concurrency=None,
            speed=None,
        )

    def _begun(self, door: str, plan: Plan, times: list[float]) -> Simulation:
        sender = Simulation(plan, Door(self._house, door), env=self._env)
        sender.begin(times)
        return sender

    def _deploys(self) -> Steps:
        for at in self._month.deploys:
            yield self._env.timeout(at - STARTS - self._env.now)
            self._house.restart()

    def _attach(self, door: str, histories: list[History]) -> None:
        """Tell each visit which attempt it was, from what its sender has noted."""
        visits = [visit for visit in self._house.visits if visit.door == door]
        arrivals = sorted(
            (a for history in histories for a in history.arrivals),
            key=lambda arrival: arrival.at,
        )
        faults = {
            (a.event.id, a.number): a.faults
            for history in histories
            for a in history.attempts
        }
        known = {(a.event.id, a.at): a for a in arrivals}
        for visit in visits:
            arrival = known.get((visit.event_id, visit.at))
            if arrival is not None:
                visit.number, visit.copy = arrival.number, arrival.copy
                visit.faults = faults.get((visit.event_id, arrival.number), ())
