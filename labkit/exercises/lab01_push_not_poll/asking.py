"""One service, a solution that asks it, and what can be seen of that."""

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.checks import short
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields
from labkit.exercises.lab01_push_not_poll.service import AskedTooOften, Service
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.model import Event

PAUSE = 0.01
"""The usual interval, in seconds: a solution that sleeps for real is quick."""


class NotFresh(LookupError):
    """The first request already continued after an event of another call."""


class Uneven(Service):
    """A service whose pages differ in size, and never begin with the cursor itself."""

    def _page_at(self, there: Sequence[Event], place: int) -> Sequence[Event]:
        size = (4, 2, 5, 1, 3)[len(self.asked) % 5]
        older = there[max(0, place - self._overlap) : max(0, place - 1)]
        return [*older, *there[place : place + size]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a solution asked for, and what came: one page of ids for each request.

    `ids` are those of the events that it returned, or None if it returned no list of
    events. `right` are the ids that it should have returned.
    """

    service: Service
    pages: Sequence[Sequence[str]]
    returned: Any
    ids: Sequence[str] | None
    right: Sequence[str]
    for_real: bool
    error: BaseException | None

    @property
    def slept(self) -> list[float]:
        """The arguments of `sleep`, in order."""
        return self.service.slept

    @property
    def changed(self) -> Sequence[Any]:
        """The returned events that are not as they were on their page."""
        sent = {event.id: json.loads(event.body) for event in self.service.events}
        return [each for each in self.returned if each != sent.get(each["id"])]

    @property
    def moments(self) -> list[float]:
        """The moments at which there were requests, each once."""
        return sorted({request.at for request in self.service.asked})


class Asking:
    """Calls poll with a service, and sees the events and the pauses.

    `few` says how many requests are enough, or None if that is not compared. With
    `again`, poll was called that many times before. Of the kind `later`, only the
    pauses are compared.
    """

    def __init__(self, few: Callable[[Fields], int | None]) -> None:
        self._few = few

    def show(self, fields: Fields) -> str:
        """Tell which events there are, and how poll is called."""
        count, last = len(fields["events"]), max(fields["happened"], default=0)
        at_first = sum(at == 0 for at in fields["happened"])
        noun = "event is" if at_first == 1 else "events are"
        story = f"{at_first} {noun} in the list"
        if last:
            story += f", {count - at_first} more arrive during the pauses"
        if fields["uneven"]:
            story += ". A page contains 1 to 5 new ones"
        elif fields["page"] < count:
            story += f". A page contains at most {fields['page']} new ones"
        if fields["overlap"]:
            story += f"; it may begin with up to {fields['overlap']} older ones"
        if fields["kind"] in (
            "same second",
            "earlier",
            "names",
            "content",
            "order",
            "case",
        ):
            parts = (
                f"{each.id} at {each.created_at % 86_400} s"
                for each in fields["events"]
            )
            story += ": " + ", ".join(parts)
        call = f"poll(list_events, sleep, {fields['interval']}, {fields['rounds']})"
        return f"{story}.\n{call}"

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Let the solution ask, and see what it returned and when it slept."""
        for _ in range(fields["again"]):
            self.observe(solution, {**fields, "again": 0})
        interval = fields["interval"]
        service = (Uneven if fields["uneven"] else Service)(
            fields["events"],
            happened=[at * interval for at in fields["happened"]],
            page=fields["page"],
            overlap=fields["overlap"],
            patience=fields["patience"],
        )
        pages: list[list[str]] = []

        def list_events(after: Any = None) -> list[dict[str, Any]]:
            if not pages and isinstance(after, str) and after:
                raise NotFresh(
                    f"the first request of this call asked after {after:.60}"
                )
            page = service.list_events(after)
            pages.append([event["id"] for event in page])
            return page

        arguments = (list_events, service.sleep, interval, fields["rounds"])
        with real_sleeps() as slept:
            seen = outcome(lambda: solution(*arguments), exactly)
        asked = Asked(
            service,
            pages,
            seen.result,
            _ids(seen.result),
            [event.id for event in fields["events"]],
            bool(slept),
            seen.error,
        )
        few = self._few(fields)
        many = few is not None and len(service.asked) > few
        events = None if fields["kind"] == "later" and asked.ids else seen.value
        value = (events, tuple(service.slept), bool(slept), many)
        return Seen(value, _told(asked, seen, few), seen.error, asked)


def broken_sentence(fields: Fields, seen: Seen, wanted: Seen) -> str | None:
    """Return the sentence that a difference breaks, or None for that of the trial.

    A trial of one sentence also shows what is wrong with pauses, order and pages.
    """
    asked: Asked = seen.result
    if isinstance(seen.error, AskedTooOften):
        return "pages"
    if seen.error is not None or asked.ids is None:
        return None
    ids, right, pauses = list(asked.ids), list(asked.right), asked.slept
    if ids == right and not asked.changed:
        too_many = len(pauses) > len(wanted.result.slept)
        other = any(each != fields["interval"] for each in pauses)
        asks_on = len(asked.pages) >= fields["rounds"]
        too_few = asks_on and len(pauses) < len(wanted.result.slept)
        return "pauses" if too_many or too_few or other else None
    if len(set(ids)) < len(ids):
        return "once"
    if sorted(ids) == sorted(right):
        return "list"
    return "pages" if fields["kind"] == "overlap" else None


def _ids(returned: Any) -> Sequence[str] | None:
    if not isinstance(returned, list):
        return None
    if not all(isinstance(each, dict) and "id" in each for each in returned):
        return None
    return [each["id"] for each in returned]


def _told(asked: Asked, seen: Seen, few: int | None) -> str:
    """Say which events were returned, what is wrong with them, and the pauses."""
    if isinstance(asked.error, AskedTooOften):
        text = f"no end after {len(asked.service.asked)} requests"
    elif asked.ids is None:
        text = seen.text
    else:
        ids = asked.ids
        text = f"{len(ids)} {'event' if len(ids) == 1 else 'events'}"
        twice = (
            sorted({each for each in ids if ids.count(each) > 1})
            if len(ids) < 200
            else []
        )
        returned = {each for each in ids if isinstance(each, Hashable)}
        missing = [each for each in asked.right if each not in returned]
        if twice:
            text += f"; more than once: {_few(twice)}"
        if missing:
            text += f"; missing: {_few(missing)}"
        if not (twice or missing):
            text += f": {_few(ids, 9)}" if ids else ""
        if changed := asked.changed:
            text += f"; as {short(changed[0], 240)}"
    pauses = ", ".join(f"{each!r:.20}" for each in asked.slept[:6])
    more = ", …" if len(asked.slept) > 6 else ""
    text += f"; sleep called with {pauses}{more}" if pauses else "; no pause"
    if few is not None:
        count = len(asked.service.asked)
        text += f"; {count if count > few else f'at most {few}'} requests"
    return text


def _few(ids: Sequence[str], most: int = 4) -> str:
    """Name some of the ids, and say how many there are."""
    if len(ids) <= most:
        return ", ".join(ids)
    return f"{', '.join(ids[: most - 1])}, … {ids[-1]} ({len(ids)} in all)"
