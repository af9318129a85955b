"""Why a point was lost: the known mistake that a shift gives away."""

from collections.abc import Sequence

from labkit.checks import Mistake
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.house import Call, Visit
from labkit.exercises.lab12_night_shift.month import DAY, MINUTE, PAYMENT
from labkit.exercises.lab12_night_shift.shift import Shift
from labkit.model import Event

LONG = 10 * MINUTE
"""A Retry-After of more seconds than that delays what could be done."""

MANY = 10
"""So many authentic requests, all refused, give away a clock of another time."""

REFUSALS = range(400, 500)


class Blame:
    """What the visits of one shift, taken together, say about the receiver."""

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        accepted = [v for v in shift.visits if v.flaw and (v.acknowledged or v.calls)]
        self._accepted = {visit.flaw for visit in accepted}
        self._authentic = [v for v in shift.visits if not v.flaw and not v.odd]
        self._took_any = any(v.acknowledged or v.calls for v in self._authentic)

    def forged(self, visit: Visit) -> Mistake | None:
        """Say why something was accepted that should have been refused."""
        if "wrongly signed" in self._accepted:
            return mistakes.NO_CHECK
        return {
            "unsigned": mistakes.UNSIGNED,
            "too old": mistakes.NO_TIME,
            "from the future": (
                mistakes.NO_TIME if "too old" in self._accepted else mistakes.FUTURE
            ),
            "signed with the retired secret": mistakes.RETIRED,
        }.get(visit.flaw)

    def telling(self, visits: Sequence[Visit]) -> Visit | None:
        """Return the visit that decided over a lost event, or None if none came."""
        good = [visit for visit in visits if not visit.flaw]
        taken = next((visit for visit in visits if visit.acknowledged), None)
        return taken or next(iter(good or visits), None)

    def lost(self, visits: Sequence[Visit]) -> Mistake | None:
        """Say why no parcel ever left for an event."""
        taken = self.telling(visits)
        if taken is None or not taken.acknowledged:
            return self._refused(visits)
        if taken.flaw:
            return self.forged(taken)
        if any(call.raised for call in taken.calls):
            return mistakes.ACK_ANYWAY
        if self._shift.left_to_thread:
            return mistakes.THREAD
        before = [v for v in visits if v.at < taken.at]
        if any(call.raised for visit in before for call in visit.calls):
            return mistakes.CLAIMED_EARLY
        return mistakes.NO_WORK

    def doubled(
        self, one: tuple[Visit, Call], other: tuple[Visit, Call]
    ) -> Mistake | None:
        """Say why a second parcel left."""
        (visit, first), (again, second) = one, other
        if again.flaw:
            return self.forged(again)
        if first.key is not None and second.key is not None:
            if first.key != second.key:
                return mistakes.NEW_KEY
            late = second.at - first.at >= DAY
            if late and not self._doubles_in_one_life():
                return mistakes.IN_MEMORY
            return mistakes.LEFT_TO_SERVICE if late else None
        if first.raised:
            return mistakes.NO_KEY
        if visit.life == again.life or self._doubles_in_one_life():
            return mistakes.NO_MEMORY
        return mistakes.IN_MEMORY

    def late(
        self, event: Event, first: Visit, visits: Sequence[Visit]
    ) -> Mistake | None:
        """Say why what could have been done was done late."""
        if first.stuck:
            return mistakes.STUCK
        if refused := self._refused(visits):
            return refused
        if event.type != PAYMENT:
            return mistakes.UNKNOWN_TYPE
        before = [visit for visit in visits if visit.at <= first.at]
        if any(_seconds(visit.retry_after) > LONG for visit in before):
            return mistakes.LONG_WAIT
        shipped = [v for v in visits if any(call.parcel for call in v.calls)]
        if shipped and any(
            not visit.acknowledged and visit.status is not None and not visit.calls
            for visit in visits
            if visit.at > shipped[0].at
        ):
            return mistakes.DUP_ERROR
        if "ChangeFormat" in first.faults and not first.acknowledged:
            return mistakes.NEW_FIELDS
        return None

    def _refused(self, visits: Sequence[Visit]) -> Mistake | None:
        """Say why authentic requests were refused."""
        shift = self._shift
        if shift.history.disabled_at is not None:
            return mistakes.STOPS
        if shift.not_started is not None:
            return mistakes.NO_START
        refused = [v for v in visits if not v.flaw and v.status in REFUSALS]
        if not refused:
            return None
        if not self._took_any and len(self._authentic) >= MANY:
            return mistakes.MACHINE_CLOCK
        rotation = shift.month.rotation
        for visit in refused:
            at_start = shift.known_at_start[visit.life - 1]
            if visit.secret and visit.secret not in at_start:
                return mistakes.SECRETS_ONCE
            if rotation.begins <= visit.at < rotation.ends:
                return mistakes.ONE_SECRET
        return None

    def _doubles_in_one_life(self) -> bool:
        """Whether some event was shipped for again by the process that had done it."""
        done: set[tuple[str, int]] = set()
        for visit in self._shift.visits:
            for call in visit.calls:
                if (call.order, visit.life) in done:
                    return True
                if not call.raised and not visit.flaw:
                    done.add((call.order, visit.life))
        return False


def _seconds(retry_after: str) -> float:
    return float(retry_after) if retry_after.isdecimal() else 0.0
