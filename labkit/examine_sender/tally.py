"""Complaints, doubts and controls of one probe, and the judgement that they give."""

from labkit.examine_sender.probe import Judgement, unknown
from labkit.findings import ProbeOutcome
from labkit.witness import Endpoint, Sighting

SHOWN = 3


class Tally:
    """It passes only what was seen to arrive.

    A complaint fails the probe. A doubt makes it unknown. Without a single control,
    that is a delivery which arrived by the same trigger, nothing passes.
    """

    def __init__(self) -> None:
        self._complaints: list[str] = []
        self._doubts: list[str] = []
        self._sightings: list[Sighting] = []
        self._controls = 0

    def complain(self, fact: str, *sightings: Sighting) -> None:
        """Note what went wrong."""
        self._complaints.append(fact)
        self._sightings += sightings

    def doubt(self, fact: str) -> None:
        """Note what could not be judged, and why."""
        self._doubts.append(fact)

    def control(self, count: int = 1) -> None:
        """Note that something arrived that had to arrive."""
        self._controls += count

    def arrived(self, endpoint: Endpoint, mark: str, what: str) -> bool:
        """Tell whether the event arrived at that endpoint; doubt if it did not."""
        if endpoint.seen(mark):
            self.control()
            return True
        says = "that responds with" if what[:1].isdigit() else "with"
        self.doubt(f"no delivery arrived at the endpoint {says} {what}")
        return False

    @property
    def doubted(self) -> bool:
        """Whether there is a doubt."""
        return bool(self._doubts)

    @property
    def controls(self) -> int:
        """How many controls there are."""
        return self._controls

    @property
    def failed(self) -> bool:
        """Whether there is a complaint."""
        return bool(self._complaints)

    def judgement(self, passed: str) -> Judgement:
        """Return the judgement; `passed` is its fact if all is well."""
        if self._complaints:
            shown = "; ".join(self._complaints[:SHOWN])
            more = len(self._complaints) - SHOWN
            rest = f"; and {more} more" if more > 0 else ""
            return Judgement(
                ProbeOutcome.FAILED, shown + rest, tuple(self._sightings[:6])
            )
        if self._doubts:
            return unknown("; ".join(self._doubts[:SHOWN]))
        if not self._controls:
            return unknown("nothing arrived, so nothing can be said")
        return Judgement(ProbeOutcome.PASSED, passed)
