"""Deliveries as SimPy processes, each from its first attempt to its end."""

import functools
import math
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from typing import Any

import simpy

from labkit.errors import ConnectionRefused, NoAnswer, TimedOut
from labkit.faults import Crossing
from labkit.history import History
from labkit.model import (
    Attempt,
    Delivery,
    Ending,
    PackedArrivals,
    Request,
    Response,
)
from labkit.profiles.disable import NEVER_DISABLES, Health
from labkit.profiles.profile import Ordering
from labkit.sender.clock import Clock, RealTime
from labkit.sender.copies import send_copy
from labkit.sender.plan import LATENCY, Plan
from labkit.transport import Transport

AT_ONCE = nullcontext()
"""Stands in for a place in a queue where there is no queue."""

Hearer = Callable[[Attempt, Response | None], object]
"""Is told of each attempt that has ended, with the response, if one came in time."""

Steps = Generator[simpy.Event, Any, Any]
"""What a process of a simulation yields: the events that it waits for."""


class Requests:
    """Plans the request of any attempt of a simulation again when it is asked for.

    `attempts` are those made so far, by the place of their delivery. One object serves
    all attempts, because a long history has a hundred thousand of them.
    """

    __slots__ = ("_places", "_plan", "attempts")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.attempts: list[tuple[Attempt, ...]] = [()] * len(plan.events)
        self._places: dict[str, list[int]] = {}

    def __call__(self, attempt: Attempt) -> Request:
        """Plan the attempt's crossing again and return its request."""
        place = self._place_of(attempt)
        before = self.attempts[place]
        return self._plan.cross(place, attempt.number, attempt.sent_at, before).request

    def _place_of(self, attempt: Attempt) -> int:
        """Find the delivery of an attempt, also where an event is delivered twice."""
        if not self._places:
            for place, event in enumerate(self._plan.events):
                self._places.setdefault(event.id, []).append(place)
        places = self._places[attempt.event.id]
        for place in places[1:]:
            made = self.attempts[place]
            if len(made) >= attempt.number and made[attempt.number - 1] == attempt:
                return place
        return places[0]


class Simulation:
    """The processes of one simulation, and what they have noted so far.

    Several simulations with one `env`, and the same `started_at`, share a clock: then
    `begin` each of them, run the environment, and take each one's `history`.
    """

    def __init__(
        self,
        plan: Plan,
        transport: Transport,
        finished: Callable[[], object] = lambda: None,
        *,
        env: simpy.Environment | None = None,
        heard: Hearer | None = None,
    ) -> None:
        self._plan = plan
        self._heard = heard
        self._profile = plan.profile
        self._send = functools.partial(send_copy, transport, plan.profile)
        self._finished = finished
        self._started_at = plan.started_at
        self._requests = Requests(plan)
        self._attempts = self._requests.attempts
        self._states = ["pending"] * len(plan.events)
        self._arrivals = PackedArrivals(plan.events)
        self._endings: dict[tuple[int | None, str | None, tuple[str, ...]], Ending] = {}
        self._health = Health()
        self._disabled_at: float | None = None
        self._disabled_until = -math.inf
        self._down_until = -math.inf
        self._env = env or (Clock() if plan.speed is None else RealTime(plan.speed))
        self._real_time = self._env if isinstance(self._env, RealTime) else None
        queued = plan.profile.ordering == Ordering.QUEUE
        self._turn = simpy.Resource(self._env) if queued else None
        self._lines = (
            simpy.Resource(self._env, plan.concurrency) if plan.concurrency else None
        )

    def run(self, starts: Sequence[float], until: float | None) -> History:
        """Run every delivery to its end, or to `until` (seconds).

        `starts` has the lab time at which each event is due, in the order of the plan's
        events.
        """
        self.begin(starts)
        self._env.run(until=until)
        return self.history()

    def begin(self, starts: Sequence[float]) -> None:
        """Have every delivery begin at its time, once the environment runs."""
        self._env.process(self._begin(starts))

    def attempt(self, place: int) -> Steps:
        """Make one attempt of a delivery, outside of any schedule.

        The process returns the attempt and the response, or None if none came.
        """
        response = yield from self._attempt(place)
        return self._attempts[place][-1], response

    def end(self, place: int, state: str) -> None:
        """Note how a delivery ended: "acknowledged" or "dead"."""
        self._states[place] = state

    def history(self) -> History:
        """Return what has happened so far."""
        return History(
            tuple(
                Delivery(event, attempts, state)
                for event, attempts, state in zip(
                    self._plan.events, self._attempts, self._states, strict=True
                )
            ),
            # In real time a request is noted when it is responded to.
            sorted(self._arrivals, key=lambda arrival: arrival.at)
            if self._real_time
            else self._arrivals,
            self._started_at,
            self._plan.seed,
            self._disabled_at,
            frozenset(f.name for f in self._plan.faults if f.changes_request),
        )

    def _begin(self, starts: Sequence[float]) -> Steps:
        """Start each delivery when it is due; only those under way take up room."""
        for place in sorted(range(len(starts)), key=starts.__getitem__):
            wait = starts[place] - self._started_at - self._env.now
            if wait > 0:
                yield self._env.timeout(wait)
            self._env.process(self._carry(place))

    def _carry(self, place: int) -> Steps:
        with self._turn.request() if self._turn else AT_ONCE as turn:
            if turn is not None:
                yield turn
            self._states[place] = yield from self._deliver(place)
        self._finished()

    def _deliver(self, place: int) -> Steps:
        """Make attempts until one is acknowledged or the provider gives up."""
        env = self._env
        while True:
            with self._lines.request() if self._lines else AT_ONCE as line:
                if line is not None:
                    yield line
                while env.now < self._disabled_until:
                    if self._disabled_until == math.inf:
                        return "dead"
                    yield env.timeout(self._disabled_until - env.now)
                response = yield from self._attempt(place)
            attempt = self._attempts[place][-1]
            done = attempt.status is not None and self._profile.acknowledges(
                attempt.status
            )
            delay = None if done else self._next_delay(place, attempt, response)
            self._note_health(attempt, done, given_up=not done and delay is None)
            if delay is None:
                return "acknowledged" if done else "dead"
            yield env.timeout(delay)

    def _next_delay(
        self, place: int, attempt: Attempt, response: Response | None
    ) -> float | None:
        if response is not None and self._profile.told_to_stop(response):
            return None
        return self._profile.next_delay(
            attempt.number,
            status=attempt.status,
            retry_after=response.header("Retry-After") if response else None,
            now=attempt.ended_at,
            rng=self._plan.chance.draws(place, attempt.number, b"retry"),
        )

    def _note_health(self, attempt: Attempt, done: bool, *, given_up: bool) -> None:
        rule = self._profile.disable
        if rule is NEVER_DISABLES:
            return
        self._health = rule.note(
            self._health,
            at=attempt.ended_at,
            status=attempt.status,
            acknowledged=done,
            given_up=given_up,
        )
        if rule.should_disable(self._health):
            self._health = Health()
            if self._disabled_at is None:
                self._disabled_at = attempt.ended_at
            pause = math.inf if rule.pause is None else rule.pause
            self._disabled_until = self._env.now + pause

    def _attempt(self, place: int) -> Steps:
        """Make one attempt, note it, and return the response, if one came."""
        env, profile = self._env, self._profile
        number = len(self._attempts[place]) + 1
        sent_at = self._started_at + env.now
        crossing = self._plan.cross(place, number, sent_at, self._attempts[place])
        response: Response | None = None
        problem: str | None
        if crossing.refused or env.now < self._down_until:
            problem = "refused"
            yield env.timeout(LATENCY)
        elif crossing.unreachable:
            problem = "timed out"
            yield env.timeout(profile.timeout_connect or profile.timeout)
        else:
            response, problem = yield from self._exchange(place, crossing)
        status = response.status if response else None
        ended = (status, problem, tuple(crossing.struck))
        ending = self._endings.get(ended)
        if ending is None:
            ending = self._endings[ended] = Ending(*ended, self._requests)
        ended_at = self._started_at + env.now
        attempt = Attempt(crossing.event, number, sent_at, ended_at, ending)
        self._attempts[place] += (attempt,)
        if self._heard is not None:
            self._heard(attempt, response)
        return response

    def _exchange(self, place: int, crossing: Crossing) -> Steps:
        """Let the copies arrive; wait for the response to the first, or time out."""
        env, timeout = self._env, self._profile.timeout
        began = env.now
        first = crossing.copies[0] if crossing.copies else math.inf
        in_time = first <= timeout
        for copy, delay in enumerate(crossing.copies):
            if copy or not in_time:
                self._arrive_later(place, crossing, copy, delay)
        if not in_time:
            yield env.timeout(timeout)
            return None, "timed out"
        yield env.timeout(first)
        if self._real_time is None:
            answer, waited = self._arrive(place, crossing, 0), first
        else:
            patience = timeout - first
            answer = yield from self._wait_for(
                self._real_time, place, crossing, patience
            )
            waited = env.now - began
        if isinstance(answer, ConnectionRefused):
            return None, "refused"
        too_late = crossing.response_lost or waited + crossing.back > timeout
        if too_late or isinstance(answer, TimedOut):
            yield env.timeout(max(0.0, timeout - waited))
            return None, "timed out"
        yield env.timeout(crossing.back)
        broken = crossing.reset or isinstance(answer, NoAnswer)
        return (None, "lost") if broken else (answer, None)

    def _arrive_later(
        self, place: int, crossing: Crossing, copy: int, delay: float
    ) -> None:
        def arrive(_: simpy.Event) -> None:
            env = self._real_time
            if env is None:
                self._arrive(place, crossing, copy)
            elif env.now >= self._down_until:
                patience = self._profile.timeout
                self._arrive_in_real_time(env, place, crossing, copy, patience)

        self._env.timeout(delay).callbacks.append(arrive)

    def _arrive(self, place: int, crossing: Crossing, copy: int) -> Response | NoAnswer:
        """Let one copy arrive; return what the wire or the receiver answers to it."""
        if self._env.now < self._down_until:
            return ConnectionRefused("the receiver is down")
        sent = self._send(crossing, copy, self._profile.timeout)
        return self._note_arrival(place, crossing, copy, self._env.now, sent)

    def _wait_for(
        self, env: RealTime, place: int, crossing: Crossing, patience: float
    ) -> Steps:
        """Let the first copy arrive in real time; return what comes within patience."""
        if env.now < self._down_until:
            return ConnectionRefused("the receiver is down")
        sent = yield self._arrive_in_real_time(env, place, crossing, 0, patience)
        return TimedOut("no response in time") if sent is None else sent[0]

    def _arrive_in_real_time(
        self,
        env: RealTime,
        place: int,
        crossing: Crossing,
        copy: int,
        patience: float,
    ) -> simpy.Event:
        """Let one copy arrive in a thread; return the event of its end."""
        arrived_at = env.now
        return env.call(
            functools.partial(self._send, crossing, copy, patience),
            lambda sent: self._note_arrival(place, crossing, copy, arrived_at, sent),
            patience,
        )

    def _note_arrival(
        self,
        place: int,
        crossing: Crossing,
        copy: int,
        arrived_at: float,
        sent: tuple[Response | NoAnswer, bool],
    ) -> Response | NoAnswer:
        """Note what became of a copy, if it reached the receiver; return the answer."""
        answer, reached = sent
        if not reached:
            return answer
        crashed = crossing.down > 0
        if crashed:
            self._down_until, crossing.down = self._env.now + crossing.down, 0.0
        status = answer.status if isinstance(answer, Response) else None
        self._arrivals.add(
            place,
            crossing.number,
            copy,
            self._started_at + arrived_at,
            None if crashed else status,
        )
        return answer
