"""Notice when the endpoint's process ends, and find the request that ended it."""

import collections
from dataclasses import dataclass

from labkit.errors import LabError
from labkit.examine.evidence import evidence_of
from labkit.findings import Evidence, Finding, Severity, Who
from labkit.probes import Exchange, Harness, Silence
from labkit.probes.crashes import restarted

REVIVAL = 2.0
"""How long a dead endpoint is given to come back by itself, in seconds."""

HANGING = 6
"""After how many requests in a row without a response a valid event is tried."""

PROVED = 2
"""How often it is proved, for one sender, which request ends the process."""


@dataclass(frozen=True, slots=True)
class Death:
    """One end of the process.

    `during` is the id of the probe, or "contact"; `who` can send its requests.
    `suspect` is the request that was in progress. `proved` says whether the same
    request ended it again after a restart, None if that was not tried. `again` is true
    if it was not tried because the cause had been proved before. `then` says what
    became of the process.
    """

    during: str
    who: Who
    suspect: Exchange
    evidence: Evidence
    proved: bool | None
    then: str
    again: bool = False

    def __str__(self) -> str:
        if self.again:
            return f"the process ended again; {self.then}"
        proof = {
            True: "; the same request ended it again after a restart",
            False: "; the same request alone did not end it again",
            None: "",
        }[self.proved]
        return f"the process ended during “{self.suspect.label}”{proof}; {self.then}"


class Life:
    """Whether the endpoint is still there; asked when a response was missing."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self.deaths: list[Death] = []
        self.over = ""
        self.stopped: Finding | None = None
        # The probes whose last requests got no response, and the first such request.
        self._hung: list[str] = []
        self._first_hung: Exchange | None = None
        self._comes_back = True
        # Which probe sent the last requests: a process may end after its response.
        self._senders: collections.deque[tuple[Exchange, str, Who]]
        self._senders = collections.deque(maxlen=20)

    def check(self, during: str, who: Who = Who.ANYONE) -> Death | None:
        """Return how the process ended since the last check, or None."""
        harness = self._harness
        known = [exchange for exchange, _, _ in self._senders]
        for exchange in harness.recent:
            if not any(exchange is one for one in known):
                self._senders.append((exchange, during, who))
        if not harness.silences:
            return None
        silence = harness.silences[0]
        hung = harness.hung_in_a_row
        self._note_hung(during, hung)
        harness.forget_silences()
        harness.hung_in_a_row = hung
        if harness.wire.listens():
            if hung >= HANGING and not self._responds():
                self.over = (
                    f"the endpoint stopped responding during {during}: {hung} "
                    "requests in a row got no response in time"
                )
                self.stopped = self._stopped()
            return None
        death = self._death(during, who, silence)
        self.deaths.append(death)
        return death

    def _note_hung(self, during: str, hung: int) -> None:
        """Keep where a row of requests without a response began."""
        timed_out = [
            silence.exchange
            for silence in self._harness.silences
            if silence.exchange.response.problem == "timed out"
        ]
        if hung <= len(timed_out):
            self._hung, self._first_hung = [], None
        if hung and timed_out:
            self._first_hung = self._first_hung or timed_out[-min(hung, len(timed_out))]
            self._hung.append(during)

    def _stopped(self) -> Finding | None:
        """Return the finding that nothing gets a response any more."""
        first = self._first_hung
        if first is None or not self._harness.accepts:
            return None
        return Finding(
            id="stops-responding",
            title=f"after one request the receiver responds to nothing ({first.label})",
            severity=Severity.HIGH,
            who=Who.NOBODY,
            facts=f"{self.over}, and then a valid event got none; the first was "
            f"“{first.label}”",
            experiment=f"sent a valid event after {HANGING} or more requests in a row "
            "without a response",
            why="every event fails until someone restarts the receiver, and no "
            "supervisor notices, because the process still runs",
            fix="release locks, connections and workers in every case (Python: with, "
            "finally), give all waiting a time limit, and let a health check restart "
            "the receiver",
            references=("CWE-667", "CWE-400"),
            probes=tuple(dict.fromkeys(self._hung)),
            evidence=(evidence_of(self._harness, first),),
        )

    def _responds(self) -> bool:
        """Tell whether a valid event gets a response, when others got none."""
        harness = self._harness
        answer = harness.deliver("a valid event after others that hung").response
        harness.timings.pop()
        harness.forget_silences()
        return answer.status is not None

    def _death(self, during: str, who: Who, silence: Silence) -> Death:
        harness, suspect = self._harness, silence.suspect
        proved: bool | None = None
        again = False
        if self._comes_back:
            harness.pause(REVIVAL)
        self._comes_back = harness.wire.listens()
        harness.restarts += self._comes_back
        if self._comes_back:
            then = "it came back by itself"
        elif harness.levers.restart is None:
            then = "nothing listens at its address any more"
            self.over = f"the process ended during {during}, before this probe"
        else:
            try:
                restarted(harness)
                alike = [death for death in self.deaths if death.who is who]
                again = sum(death.proved is True for death in alike) >= PROVED
                if not again:
                    suspect, proved = self._proved(silence)
                if proved:
                    during, who = self._sender(suspect, during, who)
                then = "it was started again"
            except LabError as error:
                then = f"it could not be started again: {error}"
                self.over = f"the process ended during {during}, before this probe"
        harness.forget_silences()
        evidence = evidence_of(harness, suspect)
        return Death(during, who, suspect, evidence, proved, then, again)

    def _proved(self, silence: Silence) -> tuple[Exchange, bool]:
        """Return the request that ends the process, and whether it did so again.

        A process may end a moment after its response, so the requests before the one
        without a response are tried as well.
        """
        for suspect in silence.suspects:
            if self._ends_again(suspect):
                return suspect, True
        return silence.suspect, False

    def _sender(self, suspect: Exchange, during: str, who: Who) -> tuple[str, Who]:
        """Return which probe sent a request, and who can send what it sends."""
        for exchange, sender, sends in self._senders:
            if exchange is suspect:
                return sender, sends
        return during, who

    def _ends_again(self, suspect: Exchange) -> bool:
        harness = self._harness
        harness.send(suspect.label, suspect.request)
        for _ in range(6):
            harness.pause(0.05)
            if not harness.wire.listens():
                restarted(harness)
                return True
        return False


def findings_of(deaths: list[Death]) -> list[Finding]:
    """Return one finding for each kind of request that ended the process."""
    by_who: dict[Who, list[Death]] = {}
    anyone = any(death.who is Who.ANYONE for death in deaths)
    for death in deaths:
        # What is rejected ends it; then a captured signature adds nothing.
        same = anyone and death.who is Who.CAPTURER
        by_who.setdefault(Who.ANYONE if same else death.who, []).append(death)
    return [_finding(who, group) for who, group in by_who.items()]


def _finding(who: Who, deaths: list[Death]) -> Finding:
    first = deaths[0]
    name = {Who.ANYONE: "unsigned", Who.PROVIDER: "signed"}.get(who, "valid")
    severity = Severity.LOW if who is Who.PROVIDER else Severity.HIGH
    return Finding(
        id=f"process-ends-{name}",
        title=f"one request ends the receiver's process ({first.suspect.label})",
        severity=severity,
        who=who,
        facts="; ".join(f"{death.during}: {death}" for death in deaths[:4]),
        experiment="after each missing response, checked whether the endpoint still "
        "listens; the cause is the request that was in progress",
        why="while the process is down, all events fail; an attacker can keep it down "
        "by repeating the request",
        fix="look in the receiver's log for the error that ended the process, and "
        "catch it; in Node, an error thrown in a callback or a rejected promise ends "
        "the process",
        references=("CWE-248", "CWE-400"),
        probes=tuple(dict.fromkeys(d.during for d in deaths if d.during != "contact")),
        evidence=tuple(death.evidence for death in deaths[:4]),
    )
