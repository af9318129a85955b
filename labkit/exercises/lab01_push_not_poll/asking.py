"""One service, an answer that asks it, and what the answer made of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from labkit.checks import Mistake, Question, short
from labkit.exercises.lab01_push_not_poll import mistakes
from labkit.exercises.lab01_push_not_poll.service import (
    AskedTooOften,
    NoSuchEvent,
    Service,
)
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.model import Event

Poll = Callable[..., Any]

PATIENCE = 80
"""So many requests are far more than any case needs."""

PAUSE = 0.01
"""The interval of the cases, in seconds: an answer that sleeps for real is quick."""


class NotFresh(LookupError):
    """The first request already went on after an event of some other call."""


class NoObject(AttributeError):
    """An event, which is a dictionary, was asked for an attribute."""


# A verdict shows the name; the learner is to see the one that Python would show.
NoObject.__name__ = "AttributeError"


class Record(dict[str, Any]):
    """A dictionary that notices when it is taken for an object."""

    def __getattr__(self, name: str) -> NoReturn:
        kind = NoObject if name in self else AttributeError
        raise kind(f"'dict' object has no attribute {name!r}")


class Uneven(Service):
    """A service whose pages differ in size, and never begin with the cursor itself."""

    def _page_at(self, there: Sequence[Event], place: int) -> Sequence[Event]:
        size = (4, 2, 5, 1, 3)[len(self.asked) % 5]
        older = there[max(0, place - self._overlap) : max(0, place - 1)]
        return [*older, *there[place : place + size]]


class Asking:
    """One service, and an answer that asks it."""

    def __init__(
        self,
        poll: Poll,
        events: Sequence[Event],
        story: str,
        *,
        page: int = 100,
        overlap: int = 0,
        happened: Sequence[float] | None = None,
        service: type[Service] = Service,
        patience: int = PATIENCE,
    ) -> None:
        self._poll = poll
        self._events = events
        self._story = story
        self._pages: list[list[str]] = []
        self._rounds = 0
        self._for_real = False
        self._known: dict[type[BaseException], Mistake] = {
            NotFresh: mistakes.KEEPS_STATE,
            NoSuchEvent: mistakes.CURSOR_IS_NO_ID,
            NoObject: mistakes.NO_ATTRIBUTES,
            IndexError: mistakes.NOTHING_YET,
        }
        self._patience = patience
        self.service = service(
            events,
            happened=[0.0] * len(events) if happened is None else happened,
            page=page,
            overlap=overlap,
            patience=patience,
        )

    def judge(self, rounds: int) -> None:
        """Run the answer, and end the case unless it collected every event once."""
        answered = self.run(rounds)
        if mistake := mistakes.of_shape(answered):
            self.fail(short(answered), mistake)
        pauses = mistakes.of_pauses(
            self.service, PAUSE, rounds, for_real=self._for_real
        )
        ids = [event["id"] for event in answered]
        if ids != self._ids:
            self.fail(self._told(ids), self._wrong_events(ids, pauses))
        if answered != (whole := [_wire(event) for event in self._events]):
            self.fail(f"{short(answered)} in place of {short(whole)}")
        if pauses:
            self._fail_for_pauses(pauses)

    def run(self, rounds: int) -> Any:
        """Let the answer ask. An exception, or asking without end, ends the case."""
        self._rounds = rounds
        arguments = (self._listed, self.service.sleep, PAUSE, rounds)
        try:
            with real_sleeps() as slept:
                answered = self._question().call(
                    self._poll, *arguments, known=self._known
                )
        except AskedTooOften:
            self.fail(
                f"{self._patience} requests, and no end",
                mistakes.of_cursor(self.service, self._ends) or mistakes.ENDLESS,
            )
        self._for_real = bool(slept)
        return answered

    def collected(self, answered: object) -> bool:
        """Whether every event was returned once, in order."""
        if mistakes.of_shape(answered) or not isinstance(answered, list):
            return False
        return [event["id"] for event in answered] == self._ids

    def fail(
        self, answered: str, mistake: Mistake | None = None, *, expected: str = ""
    ) -> NoReturn:
        """End the case: this was answered, and this mistake, if known, is why."""
        self._question(expected).fail(answered, mistake)

    @property
    def _ids(self) -> list[str]:
        return [event.id for event in self._events]

    @property
    def _ends(self) -> list[str | None]:
        return [page[-1] if page else None for page in self._pages]

    def _question(self, expected: str = "") -> Question:
        call = f"poll(list_events, sleep, {PAUSE}, {self._rounds})"
        noun = "round" if self._rounds == 1 else "rounds"
        return Question(
            sent=f"{self._story}\n{call}, so {self._rounds} {noun}",
            expected=expected or f"each event once, in order: {_few(self._ids, 9)}",
            why="What poll misses, the shop never ships. What it returns twice, the "
            "shop ships twice.",
            try_next="Play it through on paper: which `after` goes out, which page "
            "comes back, what is the cursor then?",
        )

    def _listed(self, after: Any = None) -> list[dict[str, Any]]:
        if not self._pages and isinstance(after, str) and after:
            raise NotFresh(f"the first request of this call asked after {after:.60}")
        page = self.service.list_events(after)
        self._pages.append([event["id"] for event in page])
        self._known.pop(IndexError, None)
        if not page:
            self._known[IndexError] = mistakes.EMPTY_PAGE
        return [Record(event) for event in page]

    def _told(self, ids: Sequence[str]) -> str:
        """Say which events were returned, and what is wrong with them."""
        twice = sorted({each for each in ids if ids.count(each) > 1})
        missing = [each for each in self._ids if each not in ids]
        noun = "event" if len(ids) == 1 else "events"
        parts = [f"{len(ids)} {noun}"]
        if twice:
            parts.append(f"more than once: {_few(twice)}")
        if missing:
            parts.append(f"missing: {_few(missing)}")
        if not twice and not missing:
            parts.append(f"in the order {_few(ids, 9)}")
        asked = len(self.service.asked)
        requests = "request" if asked == 1 else "requests"
        return "; ".join([*parts, f"{asked} {requests} in all"])

    def _fail_for_pauses(self, mistake: Mistake) -> None:
        slept = self.service.slept
        times = "once" if len(slept) == 1 else f"{len(slept)} times"
        pauses = self._rounds - 1
        wanted = f"{pauses} pauses of {PAUSE} s, between the rounds"
        wanted = {0: "no pause", 1: f"one pause of {PAUSE} s"}.get(pauses, wanted)
        self.fail(
            f"the right events, with sleep called {times}: {short(slept)}",
            mistake,
            expected=f"the same events, and {wanted}",
        )

    def _wrong_events(
        self, ids: Sequence[str], pauses: Mistake | None
    ) -> Mistake | None:
        """Say what made the events wrong: cursor, pauses, paging or sorting out."""
        if sorted(ids) == sorted(self._ids):
            return mistakes.ORDER
        if cursor := mistakes.of_cursor(self.service, self._ends):
            return cursor
        if len(set(ids)) < len(ids):
            return mistakes.TWICE
        if pauses:
            return self._wrong_pauses(pauses)
        if list(ids) == next((page for page in reversed(self._pages) if page), None):
            return self._unfetched() or mistakes.LAST_PAGE_ONLY
        return self._unfetched() or self._sorted_out(ids)

    def _wrong_pauses(self, pauses: Mistake) -> Mistake:
        """Tell who stopped at a quiet round from who paused in another way."""
        asked = self.service.asked
        last = [ask.came for ask in asked if ask.at == asked[-1].at]
        early = len({ask.at for ask in asked}) < self._rounds
        return mistakes.STOPS_AT_QUIET if early and last == [0] else pauses

    def _unfetched(self) -> Mistake | None:
        """Return the mistake of ending a round too early, if that is what was done."""
        if {each for page in self._pages for each in page} == set(self._ids):
            return None
        if not self.service.asked:
            return mistakes.OTHER_ROUNDS
        if len(self.service.asked) <= self._rounds:
            return mistakes.ONE_PAGE
        requests = Counter(ask.at for ask in self.service.asked)
        same = len(requests) > 1 and len(set(requests.values())) == 1
        return mistakes.SOME_PAGES if same else None

    def _sorted_out(self, ids: Sequence[str]) -> Mistake | None:
        """Find the rule by which an answer has taken new events for old ones."""
        if list(ids) in _rising(self._events, [e.created_at for e in self._events]):
            return mistakes.BY_TIME
        if list(ids) in _rising(self._events, self._ids):
            return mistakes.BY_ID_ORDER
        contents = [(event.type, dict(event.data)) for event in self._events]
        new = [contents.index(each) == place for place, each in enumerate(contents)]
        first = [each for each, fresh in zip(self._ids, new, strict=True) if fresh]
        return mistakes.BY_CONTENT if list(ids) == first else None


def _few(ids: Sequence[str], most: int = 4) -> str:
    """Name some of the ids, and say how many there are."""
    if len(ids) <= most:
        return ", ".join(ids)
    return f"{', '.join(ids[: most - 1])}, … {ids[-1]} ({len(ids)} in all)"


def _rising(events: Sequence[Event], values: Sequence[Any]) -> tuple[list[str], ...]:
    """Return what is left when only greater values, or no smaller ones, count."""
    strict: list[str] = []
    loose: list[str] = []
    highest = None
    for event, value in zip(events, values, strict=True):
        if highest is None or value > highest:
            strict.append(event.id)
        if highest is None or value >= highest:
            loose.append(event.id)
            highest = value
    return strict, loose


def _wire(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "event": event.type,
        "created_at": event.created_at,
        "data": dict(event.data),
    }
