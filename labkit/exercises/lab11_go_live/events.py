"""Exercise 11.1: from a subscription to a stream that a page can read."""

import copy
import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any, Self

from labkit.checks import (
    ASYNC,
    Exercise,
    Mistake,
    NotAttempted,
    Question,
    describe,
    lines_of,
    quietly,
    short,
)
from labkit.exercises.lab11_go_live.frames import BadFrame, Frame, frames_in
from labkit.model import Event
from labkit.samples import contacts, payments, pushes

Events = Callable[[Callable[[], Iterator[dict[str, Any]]]], Any]

PATIENCE = 8
"""How many chunks without an event may come before one with an event."""


class Subscription:
    """A subscription for the check: it counts the events that are taken from it.

    It hands out copies, and keeps them in `handed_out`: a solution may change them.
    `taken` counts the events that were asked for. After the last one it ends; if there
    is an `error` it raises that first, once. `closed` counts the calls of close().
    """

    def __init__(
        self, events: list[dict[str, Any]], error: Exception | None = None
    ) -> None:
        self.taken = 0
        self.closed = 0
        self.handed_out: list[dict[str, Any]] = []
        self._events = events
        self._error = error

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> dict[str, Any]:
        if self.closed or self.taken == len(self._events):
            error, self._error = self._error, None
            raise error or StopIteration
        self.taken += 1
        self.handed_out.append(copy.deepcopy(self._events[self.taken - 1]))
        return self.handed_out[-1]

    def close(self) -> None:
        """End the subscription."""
        self.closed += 1


class Relay:
    """Makes subscriptions, and keeps them for the check."""

    def __init__(self, *events: dict[str, Any], error: Exception | None = None) -> None:
        self.subscriptions: list[Subscription] = []
        self._events = list(events)
        self._error = error

    def subscribe(self) -> Subscription:
        """Return a new subscription to the events."""
        self.subscriptions.append(Subscription(self._events, self._error))
        return self.subscriptions[-1]

    @property
    def taken(self) -> int:
        """How many events were asked for, in all subscriptions."""
        return sum(each.taken for each in self.subscriptions)

    @property
    def open(self) -> int:
        """How many subscriptions are still open."""
        return sum(not each.closed for each in self.subscriptions)


class Connection(Exception):
    """The relay has lost its own connection."""


def wire(event: Event) -> dict[str, Any]:
    """Return an event as it lies in a body."""
    parsed: dict[str, Any] = json.loads(event.body)
    return parsed


PAYMENT, SECOND, THIRD, FOURTH, FIFTH = (wire(event) for event in payments(5))
PUSH = wire(pushes(1)[0])
CONTACT = wire(contacts(1)[0])
NOTE: dict[str, Any] = {
    "id": "evt_note",
    "event": "order.commented",
    "created_at": 1_767_225_600,
    "data": {
        "order_id": "A-1",
        "note": "Ring twice:\n\ndata: at the back\r\nevent: door",
        "from": 'Zoë 李雷 \u2028 \x85 \\ "quoted"',
        "gift": None,
    },
}

RETURNS_NOTHING = Mistake(
    "returns-nothing",
    (
        "Your function returns None, but the server needs chunks of bytes. The page "
        "stays empty."
    ),
    "Use `yield` for each frame, which makes the function a generator.",
)
NO_ITERATOR = Mistake(
    "returns-no-iterator",
    (
        "Your function returns something that is not an iterator, so the server "
        "cannot send it chunk by chunk."
    ),
    "Make events a generator: a plain function with `yield` in it.",
)
ALL_AT_ONCE = Mistake(
    "all-in-one-piece",
    (
        "Your function returns all bytes at once, but a stream is never complete. "
        "Iterating over bytes also gives numbers."
    ),
    "Yield the bytes of each frame separately.",
)
GATHERS = Mistake(
    "gathers-before-it-sends",
    (
        "Your code collects all events before it sends the first. A subscription "
        "lasts for days, so by then the page is closed."
    ),
    "Yield each frame inside the loop, as soon as its event has arrived.",
)
LATE = Mistake(
    "one-event-late",
    (
        "Your code asks for the next event before it yields the frame of this one. "
        "The next event may come in an hour, and until then the page does not see "
        "this one."
    ),
    "Yield the frame of an event before you ask for the next event.",
)
TEXT = Mistake(
    "yields-text",
    (
        "Your code yields strings, but a connection carries bytes. The server rejects"
        " a string or guesses its encoding."
    ),
    "Encode each frame as UTF-8 before you yield it.",
)
NO_BYTES = Mistake(
    "yields-no-bytes",
    "Your code yields a chunk that is not bytes.",
    "Join the lines of the frame into one string, and encode it.",
)
NOT_UTF_8 = Mistake(
    "not-utf-8",
    (
        "Your code encodes the frame in another encoding than UTF-8. A page reads "
        "server-sent events only as UTF-8, so other bytes become wrong characters."
    ),
    "Use .encode() without an argument, which means UTF-8.",
)
NO_BLANK_LINE = Mistake(
    "no-blank-line",
    (
        "Your frame does not end with a blank line. Without it the page collects "
        "lines and shows nothing."
    ),
    (
        "End the frame with two line breaks: one for its last line, and one for the "
        "blank line."
    ),
)
IN_PIECES = Mistake(
    "frame-in-pieces",
    (
        "Your code yields a frame in several chunks. A comment that keeps the "
        "connection open may come between them, or the stream may be closed after "
        "half a frame."
    ),
    "Join the lines first, and yield the frame as one chunk.",
)
NO_FIELD = Mistake(
    "line-without-a-field",
    (
        "Your frame contains a line without a known field name. A page knows id, "
        "event, data and retry, in lower case and with a colon, and ignores every "
        "other line."
    ),
    (
        "Begin each line with one of these names and a colon; JSON with several lines"
        " needs `data: ` before each of them."
    ),
)
TWICE = Mistake(
    "several-frames-of-one-event",
    ("Your code yields more than one frame for one event, so the page shows it twice."),
    "Write one frame per event, with one blank line at its end.",
)
NOTHING_COMES = Mistake(
    "no-frame-for-an-event",
    "Your code yields no frame for an event, so the page does not see it.",
    "Yield a frame for each event of the subscription, whatever its type is.",
)
NO_ID = Mistake(
    "no-id",
    (
        "Your frame has no id. After an interruption the browser tells you the last "
        "id that it saw; without ids, nobody knows what it missed."
    ),
    "Add a line `id: ` with the event's id.",
)
WRONG_ID = Mistake(
    "another-id",
    (
        "Your frame has another id than the event. The browser sends this id when it "
        "reconnects, and then it refers to another event."
    ),
    'Use event["id"] as it is.',
)
NO_TYPE = Mistake(
    "no-type",
    (
        "Your frame has no type. The page listens for types with addEventListener, so"
        " no listener for payments is called."
    ),
    "Add a line `event: ` with the event's type.",
)
WRONG_TYPE = Mistake(
    "another-type",
    (
        "Your frame has another type than the event. The page listens for the "
        "provider's name, so its listener is never called."
    ),
    'Use event["event"] as it is.',
)
NO_DATA = Mistake(
    "no-data",
    "Your frame has no data. Browsers ignore such a frame and call no listener.",
    "Add a line `data: ` with the event as JSON.",
)
REPR = Mistake(
    "python-instead-of-json",
    (
        "Your data is a dictionary as Python prints it: single quotes, None, True. "
        "JSON.parse in the page raises a SyntaxError."
    ),
    "Write the data with json.dumps.",
)
NOT_JSON = Mistake(
    "data-is-no-json",
    "Your data is not valid JSON, so JSON.parse in the page raises a SyntaxError.",
    "Write the event with json.dumps, and put the result after `data: `.",
)
TWICE_JSON = Mistake(
    "json-in-json",
    (
        "Your code calls json.dumps twice. JSON.parse in the page returns a string, "
        "and its fields are undefined."
    ),
    "Call json.dumps once.",
)
INNER = Mistake(
    "only-the-inner-data",
    (
        "Your data contains only the inner data of the event. The page then does not "
        "know when it happened."
    ),
    "Write the whole event as JSON, with its four fields.",
)
CHANGED_DATA = Mistake(
    "changes-the-data",
    (
        "Your data differs from the event. Characters were lost or replaced, or "
        "fields were left out."
    ),
    "Use json.dumps(event).encode(), which loses nothing.",
)
CHANGES_EVENT = Mistake(
    "changes-the-event",
    (
        "Your code changes the event. The same dictionary goes to every open page, so"
        " the next page gets the changed one."
    ),
    "Only read the event, and build a new string from it.",
)
ORDER = Mistake(
    "mixes-events-up",
    (
        "Your code yields the frame of another event than the one that it has just "
        "taken."
    ),
    "Make each frame from the current event, in the order of arrival.",
)
MANY = Mistake(
    "subscribes-again",
    (
        "Your code calls subscribe more than once. Each call opens another "
        "subscription, and the events of the first are lost."
    ),
    "Call subscribe once, and keep its result in a variable.",
)
STOP_ITERATION = Mistake(
    "lets-stop-iteration-out",
    (
        "Your code lets StopIteration out of the generator, and Python turns it into "
        "a RuntimeError. The server logs an error for each page."
    ),
    "Use a for loop over the subscription; it knows when to end.",
)
NEVER_ENDS = Mistake(
    "goes-on-after-the-end",
    (
        "Your code continues after the subscription has ended. The connection stays "
        "open and occupies a thread of the server."
    ),
    "Let the function end when the subscription ends.",
)
LEFT_OPEN = Mistake(
    "left-open-when-the-page-goes",
    (
        "Your code does not close the subscription when the page is closed. The relay"
        " keeps events for it, and its memory fills up."
    ),
    "Close the subscription in a `finally` block.",
)
NO_CLOSE = Mistake(
    "can-not-be-closed",
    (
        "Your function returns an object without close(). If the page is closed, the "
        "server cannot end the subscription."
    ),
    (
        "Make events a generator, which has close(), and close the subscription in a "
        "`finally` block."
    ),
)
REFUSES_END = Mistake(
    "refuses-to-end",
    (
        "Your code catches the GeneratorExit that close() raises at the yield, and "
        "continues. The server gets a RuntimeError."
    ),
    "Catch only what you need; a bare `except` also catches GeneratorExit.",
)
OPEN_AT_THE_END = Mistake(
    "left-open-at-the-end",
    (
        "Your code does not close the subscription at the end of the stream. The "
        "relay still keeps a place for it."
    ),
    "Close it in a `finally` block, which runs however the stream ends.",
)
OPEN_AFTER_ERROR = Mistake(
    "left-open-after-an-error",
    (
        "Your code does not close the subscription if it raises an error. Each page "
        "reconnects every few seconds, and each time one more subscription stays "
        "open."
    ),
    "Close it in a `finally` block, which runs however the stream ends.",
)
TOO_EARLY = Mistake(
    "subscribes-before-it-is-asked",
    (
        "Your code subscribes before the generator starts. If the page is closed "
        "before the first chunk, no `finally` block runs and the subscription stays "
        "open."
    ),
    "Call subscribe inside the generator, just before the `try`.",
)
SHARED = Mistake(
    "shares-between-streams",
    ("Two open pages affect each other in your code, because they share a variable."),
    "Keep everything in local variables of the function.",
)


def frames_one_event(events: Events) -> None:
    """The stream turns an event into a frame with its id, its type and its JSON."""
    for event in (PAYMENT, PUSH, CONTACT):
        ask = _asking([event])
        stream, relay = _open(ask, events, event)
        frame = _next_frame(ask, stream, relay)
        for given in relay.subscriptions[0].handed_out:
            if given != event:
                ask.fail(f"the event is now {short(given)}", CHANGES_EVENT)
        _compare(ask, frame, event)


def sends_at_once(events: Events) -> None:
    """The stream yields the frame of an event before it asks for the next event."""
    given = (PAYMENT, SECOND, THIRD, FOURTH, FIFTH)
    ask = _asking(given)
    stream, relay = _open(ask, events, *given)
    for number, event in enumerate(given, start=1):
        frame = _next_frame(ask, stream, relay)
        if len(relay.subscriptions) > 1:
            ask.fail(f"subscribe was called {len(relay.subscriptions)} times", MANY)
        if relay.taken != number:
            told = f"the frame {number} after {relay.taken} events had been taken"
            ask.fail(told, GATHERS if relay.taken == len(given) else LATE)
        _compare(ask, frame, event, ORDER)


def keeps_every_sign(events: Events) -> None:
    """Line breaks and non-ASCII characters in the data arrive, and break no frame."""
    ask = _asking([NOTE])
    stream, relay = _open(ask, events, NOTE)
    _compare(ask, _next_frame(ask, stream, relay), NOTE)


def ends_with_the_subscription(events: Events) -> None:
    """When the subscription ends, the stream closes it, and ends too."""
    ask = _asking([PAYMENT, PUSH], "two frames, the end, and a closed subscription")
    stream, relay = _open(ask, events, PAYMENT, PUSH)
    for event in (PAYMENT, PUSH):
        _compare(ask, _next_frame(ask, stream, relay), event, ORDER)
    for _ in range(PATIENCE):
        chunk = _next_chunk(ask, stream)
        if chunk is None:
            break
        if frames := _frames(ask, chunk):
            again = any(each.id in (PAYMENT["id"], PUSH["id"]) for each in frames)
            ask.fail(short(chunk), TWICE if again else None)
    else:
        ask.fail("chunk after chunk", NEVER_ENDS)
    _close(ask, stream)
    if relay.open:
        ask.fail("the end, and the subscription is still open", OPEN_AT_THE_END)
    for given, event in zip(
        relay.subscriptions[0].handed_out, (PAYMENT, PUSH), strict=True
    ):
        if given != event:
            ask.fail(f"the event is now {short(given)}", CHANGES_EVENT)


def frames_a_repeated_event(events: Events) -> None:
    """The stream turns an event that arrives twice into two frames."""
    given = (PAYMENT, PUSH, PAYMENT)
    ask = _asking(given)
    stream, relay = _open(ask, events, *given)
    for event in given:
        _compare(ask, _next_frame(ask, stream, relay), event, ORDER)


def closes_with_the_page(events: Events) -> None:
    """When the page is closed, the stream closes the subscription."""
    sent = "an endless subscription; the page is closed after its second event"
    ask = _about(sent, "a closed subscription")
    stream, relay = _open(ask, events, PAYMENT, SECOND, THIRD, FOURTH)
    for event in (PAYMENT, SECOND):
        _compare(ask, _next_frame(ask, stream, relay), event, ORDER)
    _close(ask, stream)
    if relay.open:
        no_close = not callable(getattr(stream, "close", None))
        ask.fail("the subscription is still open", NO_CLOSE if no_close else LEFT_OPEN)


def closes_after_an_error(events: Events) -> None:
    """When the subscription raises an exception, the stream closes it."""
    sent = "a subscription that raises an error after its first event"
    ask = _about(
        sent, ("a closed subscription, whether the exception leaves the stream or not")
    )
    stream, relay = _open(ask, events, PAYMENT, error=Connection("lost"))
    _compare(ask, _next_frame(ask, stream, relay), PAYMENT)
    for _ in range(PATIENCE):
        try:
            next(stream)
        except (Exception, SystemExit):  # noqa: BLE001 - any way to end will do
            break
    else:
        ask.fail("chunk after chunk", NEVER_ENDS)
    _close(ask, stream)
    if relay.open:
        ask.fail("the subscription is still open", OPEN_AFTER_ERROR)


def leaves_nothing_unread(events: Events) -> None:
    """A page that is closed before its first event leaves no subscription open."""
    ask = _about(
        "a page that is closed before it has read anything",
        "no subscription, or a closed one",
    )
    stream, relay = _open(ask, events, PAYMENT)
    _close(ask, stream)
    if relay.open:
        ask.fail("a subscription that is still open", TOO_EARLY)


def keeps_streams_apart(events: Events) -> None:
    """Two pages that are open at the same time do not affect each other."""
    ask = _about(
        "two pages at once, with different events; the first one is closed early",
        "each page's own events, and two closed subscriptions",
    )
    first, one = _open(ask, events, PAYMENT, SECOND, THIRD)
    second, other = _open(ask, events, PUSH, CONTACT)
    for stream, relay, event in (
        (first, one, PAYMENT),
        (second, other, PUSH),
        (first, one, SECOND),
    ):
        _compare(ask, _next_frame(ask, stream, relay, SHARED), event, SHARED)
    _close(ask, first)
    if one.open or other.taken != 1 or not other.open:
        ask.fail(
            "the end of the first page also ended the second, or ended nothing", SHARED
        )
    _compare(ask, _next_frame(ask, second, other, SHARED), CONTACT, SHARED)
    _close(ask, second)
    if other.open:
        ask.fail("the second subscription is still open", SHARED)


def _about(sent: str, expected: str) -> Question:
    return Question(
        sent=sent,
        expected=expected,
        why="A page that listens to this stream does not see the events.",
        try_next="Print the chunks for two payments, and read them line by line.",
    )


def _asking(
    given: list[dict[str, Any]] | tuple[dict[str, Any], ...], expected: str = ""
) -> Question:
    number = f"a subscription with {len(given)} events"
    sent = f"a subscription with {short(given[0])}" if len(given) == 1 else number
    return _about(
        sent, expected or "a frame for each: id, event, data, and a blank line"
    )


def _open(
    ask: Question,
    events: Events,
    *given: dict[str, Any],
    error: Exception | None = None,
) -> tuple[Any, Relay]:
    """Open a stream; return the iterator that the solution returned."""
    relay = Relay(*given, error=error)
    stream = ask.call(events, relay.subscribe)
    if stream is None:
        ask.fail("None", RETURNS_NOTHING)
    if inspect.isasyncgen(stream):
        ask.fail("an async generator, which no WSGI server goes through", ASYNC)
    if isinstance(stream, (str, bytes)):
        ask.fail(short(stream), ALL_AT_ONCE)
    if isinstance(stream, (list, tuple)) and relay.taken == len(given):
        ask.fail(f"a {type(stream).__name__} of {len(stream)}", GATHERS)
    try:
        iterator = iter(stream)
    except TypeError:
        ask.fail(short(stream), NO_ITERATOR)
    return iterator if iterator is stream else _Opened(iterator, stream), relay


class _Opened:
    """Iterate as a server does: read to the end, and close."""

    def __init__(self, iterator: Iterator[Any], stream: Any) -> None:
        self._iterator = iterator
        if callable(close := getattr(stream, "close", None)):
            self.close = close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return next(self._iterator)


def _next_chunk(ask: Question, stream: Any) -> bytes | None:
    """Return the next chunk, or None at the end."""
    try:
        chunk = next(stream)
    except StopIteration:
        return None
    except NotImplementedError as error:
        raise NotAttempted from error
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner raises anything
        stopped = isinstance(error.__cause__, StopIteration)
        ask.fail(
            describe(error),
            STOP_ITERATION if stopped else None,
            lines=lines_of(error),
        )
    if isinstance(chunk, str):
        ask.fail(short(chunk), TEXT)
    if not isinstance(chunk, bytes):
        ask.fail(short(chunk), NO_BYTES)
    return chunk


def _frames(ask: Question, chunk: bytes) -> list[Frame]:
    """Return the frames of a chunk, or end the case if a page could not read it."""
    try:
        return frames_in(chunk)
    except BadFrame as bad:
        mistakes = {
            "not-utf-8": NOT_UTF_8,
            "no-blank-line": NO_BLANK_LINE,
            "no-field": NO_FIELD,
        }
        shown = f"the line {short(bad.line)}" if bad.line else short(chunk)
        ask.fail(shown, mistakes[bad.kind])


def _next_frame(  # noqa: RET503 - what comes last raises
    ask: Question, stream: Any, relay: Relay, missing: Mistake = NOTHING_COMES
) -> Frame:
    """Return the next frame; comments in between are ignored."""
    taken = relay.taken
    for _ in range(PATIENCE):
        chunk = _next_chunk(ask, stream)
        if chunk is None:
            ask.fail("the end, without a frame", missing)
        if _is_piece(chunk):
            _tell_pieces(ask, stream, chunk)
        frames = _frames(ask, chunk)
        if len(frames) > 1:
            several = relay.taken - taken > 1
            ask.fail(short(chunk), GATHERS if several else TWICE)
        if frames:
            return frames[0]
        if relay.taken > taken + 1:
            break
    ask.fail("no frame, though the event has come", missing)


def _is_piece(chunk: bytes) -> bool:
    """Whether a chunk ends in the middle of a frame."""
    try:
        frames_in(chunk)
    except BadFrame as bad:
        return bad.kind == "no-blank-line"
    return False


def _tell_pieces(ask: Question, stream: Any, chunk: bytes) -> None:
    """End the case with "in pieces" if the next chunks complete the frame."""
    whole = chunk
    for _ in range(PATIENCE):
        piece = _next_chunk(ask, stream)
        if piece is None:
            return
        whole += piece
        try:
            frames = frames_in(whole)
        except BadFrame as bad:
            if bad.kind == "no-blank-line":
                continue
            return
        if len(frames) == 1:
            ask.fail(f"{short(chunk)}, and the rest in other chunks", IN_PIECES)
        return


def _compare(
    ask: Question, frame: Frame, event: dict[str, Any], other: Mistake | None = None
) -> None:
    """End the case unless the frame contains that event.

    `other` is the mistake if the frame is complete and contains another event.
    """
    if frame.data is None:
        ask.fail("a frame without data", NO_DATA)
    if frame.id is None:
        ask.fail("a frame without an id", NO_ID)
    if frame.event is None:
        ask.fail("a frame without a type", NO_TYPE)
    try:
        data = json.loads(frame.data)
    except ValueError:
        like_python = frame.data == str(event) or frame.data == str(event["data"])
        ask.fail(f"data: {short(frame.data)}", REPR if like_python else NOT_JSON)
    if data == event and frame.id == event["id"] and frame.event == event["event"]:
        return
    told = f"id {frame.id!r}, type {frame.event!r}, data {short(frame.data)}"
    ids = data.get("id") if isinstance(data, dict) else None
    if other and ids == frame.id and frame.id != event["id"]:
        ask.fail(told, other)
    if frame.id != event["id"]:
        ask.fail(told, WRONG_ID)
    if frame.event != event["event"]:
        ask.fail(told, WRONG_TYPE)
    if isinstance(data, str):
        ask.fail(told, TWICE_JSON)
    ask.fail(told, INNER if data == event["data"] else CHANGED_DATA)


def _close(ask: Question, stream: Any) -> None:
    """Close a stream as a server does, after its end and when the page has gone."""
    close = getattr(stream, "close", None)
    if close is None:
        return
    try:
        close()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner raises anything
        ignored = isinstance(error, RuntimeError) and "ignored" in str(error)
        # Read to its end, it does not refuse again when Python deletes it.
        for _ in range(PATIENCE):
            quietly(next, stream, None)
        ask.fail(
            describe(error), REFUSES_END if ignored else None, lines=lines_of(error)
        )


EVENTS = Exercise(
    id="11.1",
    lab="11_go_live",
    wants="events(subscribe: Callable[[], Iterator[dict]]) -> Iterator[bytes]",
    cases=(
        frames_one_event,
        sends_at_once,
        keeps_every_sign,
        ends_with_the_subscription,
        frames_a_repeated_event,
        closes_with_the_page,
        closes_after_an_error,
        leaves_nothing_unread,
        keeps_streams_apart,
    ),
    hints=(
        (
            "Write a generator: subscribe, go through the events with a for loop, and "
            "yield one frame for each."
        ),
        (
            "A frame is three lines, `id: …`, `event: …` and `data: …`, then a blank "
            "line. Join them into one string and encode it."
        ),
        (
            "If the page is closed, the server closes your generator, which raises "
            "GeneratorExit at the yield. A finally block also runs in that case."
        ),
        (
            "subscription = subscribe(), then try: with the loop in it, then finally: "
            "subscription.close()."
        ),
    ),
)
