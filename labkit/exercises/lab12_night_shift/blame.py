"""Why a point was lost: the known mistake that a shift gives away."""

from collections.abc import Sequence

from labkit.checks import Mistake
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.house import Call, Visit
from labkit.exercises.lab12_night_shift.month import DAY, PAYMENT
from labkit.exercises.lab12_night_shift.shift import Shift
from labkit.model import Event

MANY = 10
"""If so many authentic requests are all refused, the receiver uses another clock."""

REFUSALS = range(400, 500)


class Blame:
    """What the visits of one shift, taken together, say about the receiver."""

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        accepted = [v for v in shift.visits if v.flaw and (v.acknowledged or v.calls)]
        self._accepted = {visit.flaw for visit in accepted if visit.calls}
        self._authentic = [v for v in shift.visits if not v.flaw and not v.odd]
        self._took_any = any(v.acknowledged or v.calls for v in self._authentic)
        self._read_once = any(map(self._unknown_at_start, self._authentic))

    def forged(self, visit: Visit) -> Mistake | None:
        """Say why something was accepted that should have been refused."""
        if visit.flaw not in self._accepted:
            return None
        if "wrongly signed" in self._accepted:
            return mistakes.NO_CHECK
        if "retired" in visit.flaw and self._read_once:
            return mistakes.SECRETS_ONCE
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
            died = next((v for v in visits if v.calls and v.status is None), None)
            after = [v for v in visits if died and v.at > died.at and v.fair]
            if after and not any(visit.calls for visit in after):
                return mistakes.CLAIM_STAYS
            return self._refused(visits)
        if taken.flaw:
            return self.forged(taken)
        if any(call.raised for call in taken.calls):
            return mistakes.ACK_ANYWAY
        if self._shift.left_to_thread:
            return mistakes.THREAD
        if self._acks_untouched():
            return mistakes.NO_WORK
        return mistakes.CLAIMED_EARLY

    def doubled(
        self, one: tuple[Visit, Call], other: tuple[Visit, Call]
    ) -> Mistake | None:
        """Say why a second parcel left."""
        (_, first), (again, second) = one, other
        if again.flaw:
            return self.forged(again)
        if first.key is not None and second.key is not None:
            if first.key != second.key:
                return mistakes.NEW_KEY
            late = second.at - first.at >= DAY
            if late and not self._doubles_in_one_life():
                return mistakes.IN_MEMORY
            return mistakes.LEFT_TO_SERVICE if late else None
        if self._doubles_in_one_life():
            return mistakes.NO_MEMORY
        return mistakes.NO_KEY if first.raised else mistakes.IN_MEMORY

    def refused(self, visit: Visit) -> Mistake:
        """Say what is wrong with a refusal that the receiver's own failure caused."""
        return mistakes.STOPS if visit.status == 410 else mistakes.BLAMES_SENDER

    def late(
        self, event: Event, first: Visit, visits: Sequence[Visit]
    ) -> Mistake | None:
        """Say why work that was possible was done late."""
        if first.stuck:
            return mistakes.STUCK
        if refused := self._refused(visits):
            return refused
        if event.type != PAYMENT:
            return mistakes.UNKNOWN_TYPE
        done = any(v.at < first.at and any(c.parcel for c in v.calls) for v in visits)
        return mistakes.DUP_ERROR if done and not first.calls else None

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
        if any(map(self._unknown_at_start, refused)):
            return mistakes.SECRETS_ONCE
        if self._refuses_new_fields():
            return mistakes.NEW_FIELDS
        rotation = shift.month.rotation
        if any(rotation.begins <= visit.at < rotation.ends for visit in refused):
            return mistakes.ONE_SECRET
        return None

    def _unknown_at_start(self, visit: Visit) -> bool:
        """Whether it was refused, signed with a secret newer than the process."""
        known = self._shift.known_at_start[visit.life - 1]
        return visit.status in REFUSALS and visit.secret not in known

    def _refuses_new_fields(self) -> bool:
        """Whether nothing was acknowledged any more once there were more fields."""
        took = {
            "ChangeFormat" in visit.faults
            for visit in self._authentic
            if visit.acknowledged and visit.calls
        }
        return took == {False}

    def _acks_untouched(self) -> bool:
        """Whether some payment was acknowledged before ship was ever called for it."""
        payments = {e.id for e in self._shift.month.events if e.type == PAYMENT}
        met: set[str] = set()
        for visit in self._authentic:
            if visit.event_id in payments - met:
                if visit.calls or visit.acknowledged:
                    met.add(visit.event_id)
                if visit.acknowledged and not visit.calls:
                    return True
        return False

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
