"""Weigh the responses: complaints fail a probe, doubts leave it unknown."""

from labkit.findings import ProbeOutcome
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Sign
from labkit.probes.wire import WireResponse

SHOWN = 4
"""How many complaints a judgement spells out."""

# What servers answer to a method that they don't know: a refusal in all but number.
_NOT_IMPLEMENTED = 501

_TYPE_REFUSALS = frozenset({400, 406, 411, 413, 415, 422})


class Tally:
    """Collects the verdicts on the exchanges of one probe.

    Each method weighs one exchange by what must come back; `finding` sums up.
    """

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._complaints: list[str] = []
        self._doubts: list[str] = []
        self._taken: list[str] = []
        self._evidence: list[Exchange] = []
        self._signs: set[Sign] = set()

    def accept(self, exchange: Exchange) -> None:
        """Ask that it was acknowledged."""
        if self._harness.acknowledged(exchange.response):
            return
        if exchange.response.status == 429:
            self._doubt_limited(exchange)
        else:
            self._complain(exchange, "wanted: acknowledged", accepting=True)

    def refuse(
        self,
        exchange: Exchange,
        *,
        may_hang_up: bool = False,
        may_redirect: bool = False,
    ) -> None:
        """Ask for a refusal, 4xx; a 5xx is none.

        With `may_hang_up` the connection may also be closed without a response; with
        `may_redirect` the request may be sent elsewhere, which processes nothing.
        """
        status = exchange.response.status
        if status == 429:
            self._doubt_limited(exchange)
        elif status is None:
            if not (may_hang_up and exchange.response.problem == "lost"):
                self._complain(exchange, "wanted: a rejection, 4xx")
        elif may_redirect and 300 <= status < 400:
            return
        elif not (400 <= status < 500 or status == _NOT_IMPLEMENTED):
            self._complain(exchange, "wanted: a rejection, 4xx")

    def survive(self, exchange: Exchange, *, may_hang_up: bool = False) -> None:
        """Ask for any response that is not a 5xx."""
        status = exchange.response.status
        if status is None:
            if not (may_hang_up and exchange.response.problem == "lost"):
                self._complain(exchange, "wanted: a response below 500")
        elif status >= 500 and status != _NOT_IMPLEMENTED:
            self._complain(exchange, "wanted: a response below 500")

    def reject_content(self, exchange: Exchange) -> None:
        """Ask for a 4xx: it is signed, but it is not an event; 2xx leaves a doubt."""
        if self._harness.acknowledged(exchange.response):
            self._taken.append(exchange.label)
        else:
            self.survive(exchange)

    def read_as_sent(self, exchange: Exchange) -> None:
        """Ask that it was acknowledged, or refused, but not for its signature."""
        status = exchange.response.status
        harness = self._harness
        if harness.acknowledged(exchange.response):
            return
        if status is None or status >= 500 or status not in _TYPE_REFUSALS:
            self._complain(
                exchange,
                "its signature is valid; wanted: 2xx, or 400 or 415",
                accepting=True,
            )
        elif status == harness.refusal:
            self._doubt(
                f"{exchange.label}: {status}, the same as for a forgery, so the "
                "reason can't be told"
            )

    def effects(self, label: str, gained: float, wanted: float) -> None:
        """Ask for that many events' worth of effects."""
        if abs(gained - wanted) > 1e-6:
            sign = Sign.EXTRA if gained > wanted else Sign.MISSED
            self.complain(
                f"{label}: effects of {events(gained)}, wanted: {wanted:g}", sign
            )

    def complain(
        self, facts: str, sign: Sign = Sign.OTHER, *evidence: Exchange
    ) -> None:
        """Count this against the endpoint."""
        self._complaints.append(facts)
        self._signs.add(sign)
        self._evidence += evidence

    def mark(self, sign: Sign) -> None:
        """Add a sign to those of a complaint."""
        self._signs.add(sign)

    @property
    def complained(self) -> bool:
        """Whether anything was counted against the endpoint so far."""
        return bool(self._complaints)

    def doubt(self, facts: str) -> None:
        """Say why something can't be judged."""
        self._doubt(facts)

    def show(self, *exchanges: Exchange) -> None:
        """Keep exchanges as evidence, for a complaint about all of them."""
        self._evidence += exchanges

    def judgement(self, good: str) -> Judgement:
        """Sum up; `good` says what was seen if nothing was wrong."""
        if self._complaints:
            # Three events with one outcome are said once.
            different = [*dict.fromkeys(self._complaints)]
            facts = "; ".join(different[:SHOWN])
            more = len(different) - SHOWN
            facts += f"; and {more} more" if more > 0 else ""
            return Judgement(
                ProbeOutcome.FAILED,
                facts,
                tuple(self._evidence[:SHOWN]),
                frozenset(self._signs),
            )
        if not self._harness.accepts:
            return Judgement(
                ProbeOutcome.UNKNOWN,
                "a valid event is rejected as well, so a rejection says nothing; "
                "fix valid.plain first",
            )
        doubts = self._doubts[:SHOWN]
        if self._taken:
            doubts.append(
                f"acknowledged: {', '.join(self._taken)}; whether the receiver uses "
                "such a body can't be seen from outside"
            )
        if doubts:
            return Judgement(ProbeOutcome.UNKNOWN, "; ".join(doubts))
        return Judgement(ProbeOutcome.PASSED, good)

    def _complain(
        self, exchange: Exchange, wanted: str, *, accepting: bool = False
    ) -> None:
        answer = exchange.response
        if answer.problem == "timed out":
            wanted += (
                "; a missing response is ambiguous: the request may still be in "
                "progress"
            )
        sign = _sign(self._harness, answer, accepting=accepting)
        self.complain(f"{exchange.label}: {answer}, {wanted}", sign, exchange)

    def _doubt_limited(self, exchange: Exchange) -> None:
        self._doubt(
            f"{exchange.label}: 429, the endpoint limits the rate; lift the limit and "
            "examine again"
        )

    def _doubt(self, facts: str) -> None:
        self._doubts.append(facts)


def events(count: float) -> str:
    """Write a number of events with its noun."""
    return "1 event" if count == 1 else f"{count:g} events"


def _sign(harness: Harness, answer: WireResponse, *, accepting: bool) -> Sign:
    """Return the kind of failure that a response is."""
    status = answer.status
    if status is None:
        return Sign.HUNG if answer.problem == "timed out" else Sign.LOST
    if status >= 500:
        return Sign.CRASHED
    if 300 <= status < 400:
        return Sign.REDIRECTED
    if accepting:
        return Sign.REJECTED
    return Sign.ACCEPTED if harness.acknowledged(answer) else Sign.OTHER
