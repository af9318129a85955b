"""Let the explorer deliver one event twice at the same moment, or crash the receiver.

First everything with one preemption (or one crash) is tried, in full; a last case goes
on with two, as far as the time of the check reaches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.checks import Mistake, NotTried, Question
from labkit.checks.cases import Case
from labkit.checks.judging import SECONDS, once_in_check, seconds_left, work_left
from labkit.checks.proving import Search
from labkit.exercises.lab07_idempotency import mistakes
from labkit.exercises.lab07_idempotency.harm import (
    ORDER,
    TOGETHER,
    MakeApp,
    Name,
    behind_a_lock,
    check_then_act,
    each_once,
    none_undone,
)
from labkit.exercises.lab07_idempotency.search import (
    DELIVERY,
    PATIENCE,
    at_once,
    reported_of,
    tell,
)
from labkit.exercises.lab07_idempotency.trials import FIRST
from labkit.explore import Boot, Counterexample, Outcome, World, crashes
from labkit.explore.waits import here
from labkit.model import Request
from labkit.transport import AppTransport

RESERVE = 0.5
"""Seconds that a check keeps to tell what was found."""

LEAST = 0.1
"""Seconds that each further try gets, however slow the machine is."""

TRY = (
    "Follow the picture down to the line that does the harm. What did each worker know "
    "there, and what was committed by then?"
)

Fails = Callable[[], object] | None
"""What a ship does before it fails; None for one that does not."""


@dataclass(frozen=True, slots=True)
class Explored:
    """What the explorer tries with the receivers of one exercise.

    `boot(make_app, fails)` starts a receiver, `parcels` counts what it did. `together`
    and `crashing` name the kinds of harm. A search that finds another kind of harm
    quotes the sentence that it tests. `dying_boot` starts the receiver that crashes, if
    that is another one; `dying_note` says what is special there. `lasting_boot` starts
    one whose work takes a minute. `wording` puts a mistake into the exercise's words.
    """

    boot: Callable[[MakeApp, Fails], Boot]
    parcels: Callable[[Outcome], list[Any]]
    verb: str = "shipped"
    trouble: str = "ship raises"
    together: Mapping[str, Name] = field(default_factory=lambda: TOGETHER)
    crashing: Mapping[str, Name] = field(default_factory=dict)
    dying_boot: Callable[[MakeApp, Fails], Boot] | None = None
    dying_note: str = ""
    lasting_boot: Callable[[MakeApp], Boot] | None = None
    wording: Callable[[Mistake], Mistake] = lambda mistake: mistake

    def at_once(self, sentence: str, processes: int) -> Search:
        """Return the search with two duplicates in threads or in two processes."""
        label = "Two processes" if processes == 2 else "Two threads"

        def run(make_app: MakeApp, text: str) -> str:
            lasting = processes == 2 and self.lasting_boot
            try:
                told = self._together(make_app, text, processes)
            except NotTried:
                if lasting:  # these are few, even on a busy machine
                    self._lasting(make_app, text, lasting(make_app))
                raise
            if lasting:
                self._lasting(make_app, text, lasting(make_app))
            return f"{label}: {told}"

        return Search(sentence, run)

    def undone(self, sentence: str, numbers: Sequence[int] = (2, 1)) -> Search:
        """Return the search in which the work of two duplicates fails."""

        def run(make_app: MakeApp, text: str) -> str:
            told = [self._undone(make_app, text, number) for number in numbers]
            return f"The work fails: {told[0]}"

        return Search(sentence, run)

    def starting(self, sentence: str) -> Search:
        """Return the search in which a process starts while another one works."""
        return Search(
            sentence,
            lambda make_app, text: f"A start: {self._starting(make_app, text)}",
        )

    def dying(self, sentence: str) -> Search:
        """Return the search in which the process crashes at each line."""
        return Search(
            sentence, lambda make_app, text: f"Crashes: {self._dying(make_app, text)}"
        )

    def further(self, title: str, *searches: str) -> Case:
        """Return the case that goes on with two preemptions, or two crashes."""

        def case(make_app: MakeApp) -> str:
            for left, name in zip(range(len(searches), 0, -1), searches, strict=True):
                seconds = max(LEAST, (work_left() - RESERVE) / left)
                _FURTHER[name](self, make_app, title, seconds * _busy())
            return "Beyond that, as many as the time allows, perhaps not all."

        case.__doc__ = title
        case.__name__ = "further"
        return case

    def _together(
        self,
        make_app: MakeApp,
        text: str,
        processes: int,
        preemptions: int = 1,
        seconds: float = PATIENCE,
    ) -> str:
        where = f"two {'processes with one file' if processes == 2 else 'threads'}"
        ask = _asks(
            f"twice at once: {where}",
            f"{ORDER!r} is {self.verb} once, in whatever order the workers run; a 2xx "
            "for both at the end",
            text,
        )
        known = dict(self.together)
        if processes == 2 and known["doubled"] is check_then_act:
            known["doubled"] = behind_a_lock
        boot = self._receiver(make_app, None)
        judge = each_once(self.parcels, self.verb)
        more = {"preemptions": preemptions, "processes": processes}
        names = self._worded(known)
        return at_once(ask, boot, judge, names, make_app, seconds=seconds, **more)

    def _undone(
        self,
        make_app: MakeApp,
        text: str,
        processes: int,
        preemptions: int = 1,
        seconds: float = PATIENCE,
    ) -> str:
        ask = _asks(
            f"twice at once; {self.trouble}",
            f"no 2xx as long as {ORDER!r} is not {self.verb}",
            text,
        )
        judge = none_undone(self.parcels, self.verb)
        known = self._worded(
            {"lost": mistakes.ACKED_UNDONE, "deadlock": mistakes.DEADLOCK}
        )
        told = ""
        # If ship takes long, the other worker runs without a preemption.
        tries = ((slowly, 0), (quickly, preemptions))[preemptions - 1 :]
        for fails, most in tries:
            told = at_once(
                ask,
                self._receiver(make_app, fails),
                judge,
                known,
                make_app,
                retries=0,
                preemptions=most,
                processes=processes,
                seconds=seconds,
            )
        return told

    def _receiver(self, make_app: MakeApp, fails: Fails) -> Boot:
        """Return the boot of a receiver; in one check it is always the same one."""
        boots = once_in_check(self, dict[tuple[int, Fails], Boot])
        return boots.setdefault((id(make_app), fails), self.boot(make_app, fails))

    def _worded(self, known: Mapping[str, Name]) -> Mapping[str, Name]:
        def worded(name: Name) -> Name:
            if isinstance(name, Mistake):
                return self.wording(name)

            def found(make_app: MakeApp, first: Counterexample) -> Mistake | None:
                mistake = name(make_app, first)
                return mistake and self.wording(mistake)

            return found

        return {kind: worded(name) for kind, name in known.items()}

    def _lasting(self, make_app: MakeApp, text: str, boot: Boot) -> None:
        """Let the second request come while the first one's work takes a minute."""
        ask = _asks(
            "twice at once: two processes with one file; ship takes a minute",
            f"{ORDER!r} is {self.verb} once",
            text,
        )
        self._in_two_processes(ask, boot, make_app, preemptions=0)

    def _starting(self, make_app: MakeApp, text: str) -> str:
        ask = _asks(
            "twice; a second process with the same file starts while the first one "
            "handles the first request, and gets the second one",
            f"{ORDER!r} is {self.verb} once, wherever the start comes",
            text,
        )
        boot = _starting_late(self._receiver(make_app, None))
        return self._in_two_processes(ask, boot, make_app, preemptions=1)

    def _in_two_processes(
        self, ask: Question, boot: Boot, make_app: MakeApp, *, preemptions: int
    ) -> str:
        """Look for harm that has no name; a request may fail, also a second time."""
        return at_once(
            ask,
            boot,
            each_once(self.parcels, self.verb, at_last=False),
            {},
            make_app,
            preemptions=preemptions,
            processes=2,
            seconds=PATIENCE,
        )

    def _dying(
        self, make_app: MakeApp, text: str, times: int = 1, seconds: float = PATIENCE
    ) -> str:
        ask = _asks(
            "the process crashes and starts again, and the sender retries"
            + (f"; {self.dying_note}" if self.dying_note else ""),
            f"{ORDER!r} is {self.verb} once, and a 2xx at the end",
            text,
        )
        boot = (self.dying_boot or self.boot)(make_app, None)
        judge = each_once(self.parcels, self.verb)
        report = reported_of(
            boot,
            lambda: crashes(boot, [DELIVERY], judge, crashes=times, seconds=seconds),
        )
        tell(ask, self.crashing, report, in_full=times == 1, make_app=make_app)
        places = f"at each of {report.points} places"
        return f"{places}, {report.tried} different histories."


_FURTHER: Mapping[str, Callable[[Explored, MakeApp, str, float], str]] = {
    "threads": lambda self, *given: self._together(*given[:2], 1, 2, given[2]),
    "processes": lambda self, *given: self._together(*given[:2], 2, 2, given[2]),
    "undone": lambda self, *given: self._undone(*given[:2], 2, 2, given[2]),
    "crashes": lambda self, *given: self._dying(*given[:2], 2, given[2]),
}


def _busy() -> float:
    """Return how long this machine takes for a second of this check, at most 4 s.

    The explorer's limits are in seconds that pass, however little it gets of them.
    """
    used, passed = SECONDS - work_left(), SECONDS - seconds_left()
    return min(4.0, max(1.0, passed / max(used, 0.1)))


def _asks(sent: str, expected: str, text: str) -> Question:
    return Question(
        sent=f"POST /webhooks, {sent}\n{FIRST.body.decode()}",
        expected=expected,
        why=f'The contract says: "{text}"',
        try_next=TRY,
    )


def _starting_late(boot: Boot) -> Boot:
    """Return the boot of which further processes start with their first request."""

    def late(world: World) -> Any:
        if world.process == 0:
            return boot(world)
        started: list[AppTransport] = []

        def receiver(request: Request) -> Any:
            if not started:
                started.append(AppTransport(boot(world)))
            return started[0].send(request, timeout=0)

        return receiver

    return late


def quickly() -> None:
    """Take no time."""


def slowly() -> None:
    """Let half a minute go by for the worker that calls this, but not for the check."""
    worker = here()
    if worker is None:
        return
    deadline = worker.deadline(30)
    while worker.wait(deadline, "the warehouse"):
        continue  # another one had to wait as well; time has not passed yet
