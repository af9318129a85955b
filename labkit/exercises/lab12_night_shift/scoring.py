"""From a shift to its lost points, each with the delivery behind it.

Five things are scored. A harmed event costs one point of its aspect's twenty; alerts
cost more, because there are fewer of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labkit.checks import Mistake, lines_of
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.blame import REFUSALS, Blame
from labkit.exercises.lab12_night_shift.house import PATIENCE, Call, Page, Visit
from labkit.exercises.lab12_night_shift.month import (
    HOUR,
    MINUTE,
    PAYMENT,
    Span,
    clock,
)
from labkit.exercises.lab12_night_shift.shift import Shift
from labkit.model import Event

ASPECTS = {
    "forged": "no request is accepted that is forged or too old",
    "lost": "every payment leads to a parcel",
    "doubled": "no payment leads to two parcels",
    "late": "work that was possible is done and acknowledged within ten minutes",
    "alerts": "an incident causes a page within ten minutes, and false alarms are rare",
}
"""What is scored, in the order in which it is best fixed."""

WORTH = 20
"""How many points each aspect has."""

IN_TIME = 10 * MINUTE
APART = 4 * HOUR
"""Pages that are at most so far apart, in seconds, count as one alert."""

FREE = 1
"""How many false alarms cost nothing."""

COME_AGAIN = (408, 425, 429)
"""The 4xx that mean: the request is correct, send it again."""

MISSED, FALSE = 10, 2
"""What an incident that was not found in time costs, and what a false alarm."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Lost points, and the delivery behind them.

    `event_id` and `label` name the delivery and its attempt, `at` is in lab time.
    """

    aspect: str
    points: int
    event_id: str
    label: str
    at: float
    sent: str
    answered: str
    expected: str
    mistake: Mistake | None
    lines: tuple[str, ...] = ()


def losses(shift: Shift) -> tuple[Loss, ...]:
    """Return every loss of a shift, by aspect, the oldest first."""
    scorer = _Scorer(shift)
    found = [
        *scorer.forged(),
        *scorer.lost(),
        *scorer.doubled(),
        *scorer.late(),
        *scorer.alerts(),
    ]
    order = list(ASPECTS)
    return tuple(sorted(found, key=lambda loss: (order.index(loss.aspect), loss.at)))


class _Scorer:
    """Finds the harm in one shift."""

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._blame = Blame(shift)
        self._visits: dict[str, list[Visit]] = {}
        self._parcels: dict[str, list[tuple[Visit, Call]]] = {}
        for visit in shift.visits:
            self._visits.setdefault(visit.event_id, []).append(visit)
            for call in visit.calls:
                if call.parcel:
                    self._parcels.setdefault(call.order, []).append((visit, call))
        self._shipped = {call.order for call in shift.calls if call.parcel}

    def forged(self) -> Iterator[Loss]:
        """Find what was accepted and should have been refused: once for each event."""
        for visits in self._visits.values():
            taken = [v for v in visits if v.flaw and (v.acknowledged or v.calls)]
            if taken:
                visit = taken[0]
                yield self._loss(
                    "forged",
                    visit,
                    "a 4xx, and no parcel",
                    self._blame.forged(visit),
                    f"{visit.status}{_left(visit)}; the request was {visit.flaw}",
                )

    def lost(self) -> Iterator[Loss]:
        """Find the payments for which no parcel ever left."""
        for event in self._payments():
            if event.data["order_id"] in self._shipped:
                continue
            visits = self._visits.get(event.id, [])
            visit = self._blame.telling(visits)
            expected = f"one parcel for {event.data['order_id']}"
            why = self._blame.lost(visits)
            if visit is None:
                yield self._never_came(event, expected, why)
                continue
            end = "; no parcel ever left"
            yield self._loss("lost", visit, expected, why, _said(visit) + end)

    def doubled(self) -> Iterator[Loss]:
        """Find the payments for which more than one parcel left."""
        for event in self._payments():
            order = event.data["order_id"]
            left = self._parcels.get(order, [])
            if len(left) > 1:
                (_, first), (visit, _) = left[:2]
                yield self._loss(
                    "doubled",
                    visit,
                    f"one parcel for {order}",
                    self._blame.doubled(left[0], left[1]),
                    f"{_said(visit)}; a second parcel left for {order}, the first one "
                    f"at {clock(first.at)}",
                )

    def late(self) -> Iterator[Loss]:
        """Find events whose work was possible, but not done within ten minutes."""
        for event in self._events():
            visits = [v for v in self._visits.get(event.id, []) if not v.flaw]
            if found := self._too_late(event, visits):
                yield self._loss("late", *found)

    def _too_late(
        self, event: Event, visits: list[Visit]
    ) -> tuple[Visit, str, Mistake | None, str] | None:
        """Return the visit to blame, what was expected of it, why, and what it did."""
        if stuck := next((visit for visit in visits if visit.stuck), None):
            times = f"ship was called {len(stuck.calls)} times"
            said = f"no answer within {PATIENCE:.0f} s; {times}"
            expected = "an answer before the provider gives the attempt up"
            return stuck, expected, mistakes.STUCK, said
        if away := next((v for v in visits if v.wait > IN_TIME), None):
            said = f"{_said(away)}; Retry-After: {away.retry_after}"
            expected = "no Retry-After, or one of at most ten minutes"
            return away, expected, mistakes.LONG_WAIT, said
        if blamed := next((v for v in visits if _blames_sender(v)), None):
            why, said = self._blame.refused(blamed), f"{_said(blamed)}; ship had failed"
            return blamed, "a 5xx: the request was good", why, said
        if self._is_lost(event) or not (missed := self._missed_chance(visits)):
            return None
        expected = "a 2xx, and its work done, within ten minutes from here"
        why_late = self._blame.late(event, missed, visits)
        return missed, expected, why_late, _said(missed) + _until(missed, visits)

    def _missed_chance(self, visits: list[Visit]) -> Visit | None:
        """Return the first visit that could have been acknowledged, but was not soon.

        The network's own copies do not count, because no sender waits for their
        responses.
        """
        done = [visit.at for visit in visits if visit.acknowledged]
        for visit in visits:
            chance = visit.fair and not visit.acknowledged and not visit.copy
            if chance and not any(visit.at < at <= visit.at + IN_TIME for at in done):
                return visit
        return None

    def alerts(self) -> Iterator[Loss]:
        """Find incidents without a page in time, and false alarms."""
        for span in self._shift.month.incidents:
            if loss := self._missed(span):
                yield loss
        alarms: list[Page] = []
        last = -APART
        for page in self._shift.pages:
            if any(s.starts <= page.at < s.ends + HOUR for s in self._incidents()):
                continue
            if page.at - last > APART:
                alarms.append(page)
            last = page.at
        for page in alarms[FREE:]:
            visit = page.visit
            why = mistakes.STRANGERS if visit and visit.flaw else mistakes.WOLF
            yield Loss(
                "alerts",
                FALSE,
                visit.event_id if visit else "",
                label(visit) if visit else "",
                page.at,
                _sent(visit) if visit else "",
                f"page({page.text!r:.60}), and nothing was wrong: alarm "
                f"{alarms.index(page) + 1} of {len(alarms)} false ones",
                f"at most {FREE} false alarm in the month",
                why,
            )

    def _missed(self, span: Span) -> Loss | None:
        hit = [
            visit
            for visit in self._shift.visits
            if visit.at in span and not visit.flaw and visit.trouble
        ]
        if not hit:
            return None
        first = hit[0]
        rang = [p.at for p in self._shift.pages if first.at <= p.at < span.ends + HOUR]
        if rang and rang[0] <= first.at + IN_TIME:
            return None
        known = mistakes.MISSED if self._shift.pages else mistakes.NO_ALERT
        said = "no page came"
        if rang:
            known = mistakes.LATE_ALERT
            said = f"the first page came at {clock(rang[0])}"
        if hit[0].life != hit[-1].life:
            said += "; the process was restarted meanwhile"
        return Loss(
            "alerts",
            MISSED,
            first.event_id,
            label(first),
            first.at,
            _sent(first),
            f"{span.what} from {clock(span.starts)} on, and {said}",
            f"page(…) within ten minutes from {clock(first.at)}",
            known,
        )

    def _incidents(self) -> tuple[Span, ...]:
        return self._shift.month.incidents

    def _events(self) -> tuple[Event, ...]:
        return self._shift.month.events

    def _payments(self) -> list[Event]:
        return [event for event in self._events() if event.type == PAYMENT]

    def _is_lost(self, event: Event) -> bool:
        return event.type == PAYMENT and event.data["order_id"] not in self._shipped

    def _loss(
        self,
        aspect: str,
        visit: Visit,
        expected: str,
        mistake: Mistake | None,
        answered: str,
    ) -> Loss:
        return Loss(
            aspect,
            1,
            visit.event_id,
            label(visit),
            visit.at,
            _sent(visit),
            answered,
            expected,
            mistake,
            _lines(visit),
        )

    def _never_came(self, event: Event, expected: str, why: Mistake | None) -> Loss:
        stopped = self._shift.history.disabled_at is not None
        reason = "the receiver did not run"
        if stopped:
            reason = "the provider had stopped sending"
        return Loss(
            "lost",
            1,
            event.id,
            "no attempt",
            float(event.created_at),
            f"nothing: {reason}\n{event.body.decode()}",
            "nothing; no parcel ever left",
            expected,
            why,
        )


def label(visit: Visit) -> str:
    """Name a visit: who came, and which attempt or copy it was."""
    text = f"attempt {visit.number}"
    if visit.copy:
        text = f"copy {visit.copy} of {text}"
    return {"resend": f"resend, {text}", "stranger": "from a stranger"}.get(
        visit.door, text
    )


def _lines(visit: Visit) -> tuple[str, ...]:
    return lines_of(visit.error) if visit.error else ()


def _said(visit: Visit) -> str:
    """Say what was answered, and what the parcel service did meanwhile."""
    answered = "the process died" if visit.status is None else str(visit.status)
    if visit.error is not None:
        answered += f", from {type(visit.error).__name__}: {visit.error}".rstrip(": ")
    failed = [call for call in visit.calls if call.raised]
    if failed:
        acted = "after" if failed[0].parcel else "before"
        answered += f"; ship failed {acted} it had acted"
    elif not visit.calls:
        answered += "; ship was not called"
    return answered


def _until(missed: Visit, visits: list[Visit]) -> str:
    """Say when the first 2xx came after a missed chance."""
    later = [v.at for v in visits if v.acknowledged and v.at > missed.at]
    return f"; the next 2xx came at {clock(later[0])}" if later else "; no 2xx came"


def _left(visit: Visit) -> str:
    orders = [call.order for call in visit.calls if call.parcel]
    return f", and a parcel left for {orders[0]}" if orders else ""


def _blames_sender(visit: Visit) -> bool:
    """Whether a good request was refused because ship had failed."""
    failed = visit.calls and all(call.raised for call in visit.calls)
    refused = visit.status in REFUSALS and visit.status not in COME_AGAIN
    return bool(failed and refused and not visit.flaw)


def _sent(visit: Visit) -> str:
    struck = ", ".join(visit.faults)
    head = f"{visit.event_id}, {label(visit)}, {clock(visit.at)}"
    if struck and visit.door != "stranger":
        head += f" ({struck})"
    return f"{head}\n{visit.request.body.decode('utf-8', 'replace')}"
