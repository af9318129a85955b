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
"""How many chunks without an event are listened to before one must come."""


class Subscription:
    """A subscription as the check hands it out: it counts what is taken from it.

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
    """What is subscribed to: the subscriptions are kept, to be looked at."""

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
        """How many subscriptions nobody has closed."""
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
    "Whoever sends the answer wants chunk after chunk, and got None: the page stays "
    "empty.",
    "Put `yield` where a frame is ready; the function then is a generator.",
)
NO_ITERATOR = Mistake(
    "returns-no-iterator",
    "The server goes through what you return, chunk by chunk, and can't go through "
    "this.",
    "Make events a generator: a plain function with `yield` in it.",
)
ALL_AT_ONCE = Mistake(
    "all-in-one-piece",
    "One piece of bytes can be sent when it is complete, and a stream never is. "
    "Besides, going through bytes gives numbers.",
    "Yield the bytes of each frame by themselves.",
)
GATHERS = Mistake(
    "gathers-before-it-sends",
    "A subscription goes on for days. Who collects first and sends then, sends when "
    "the page has long been closed.",
    "Yield each frame inside of the loop, as soon as its event has come.",
)
LATE = Mistake(
    "one-event-late",
    "You asked for the next event before this one's frame was out. The next one may "
    "come in an hour, and so long the page does not see this one.",
    "Yield the frame of an event before you ask for another.",
)
TEXT = Mistake(
    "yields-text",
    "What goes over a connection is bytes. A server refuses text, or guesses how to "
    "encode it.",
    "Encode each frame as UTF-8 before you yield it.",
)
NO_BYTES = Mistake(
    "yields-no-bytes",
    "A chunk goes over the connection as it is, so it has to be bytes.",
    "Make one text of the frame's lines, and encode it.",
)
NOT_UTF_8 = Mistake(
    "not-utf-8",
    "A page reads server-sent events as UTF-8 and nothing else. Other bytes become "
    "signs that nobody wrote.",
    "Use .encode() without a name; it means UTF-8.",
)
NO_BLANK_LINE = Mistake(
    "no-blank-line",
    "The blank line is what ends a frame. Without it the page goes on collecting lines "
    "and shows nothing.",
    "End the frame with two line breaks: the one of its last line, and an empty line.",
)
IN_PIECES = Mistake(
    "frame-in-pieces",
    "The chunk holds a part of a frame only. Where another part, such as a comment to "
    "keep the connection, gets in between, or the stream is closed, half a frame is "
    "out.",
    "Put the lines together first, and yield the frame as one chunk.",
)
NO_FIELD = Mistake(
    "line-without-a-field",
    "A page knows the fields id, event, data and retry, in lower case and with a "
    "colon. It passes over any other line without a word, and its content is lost.",
    "Begin each line with one of these names and a colon. JSON that goes over several "
    "lines needs `data: ` before each of them.",
)
TWICE = Mistake(
    "several-frames-of-one-event",
    "One event has come, and the page would get more than one. What it counts is "
    "doubled.",
    "Write one frame for each event, with one blank line at its end.",
)
NOTHING_COMES = Mistake(
    "no-frame-for-an-event",
    "An event has come, and the page hears nothing of it.",
    "Yield a frame for each event of the subscription, whatever its type.",
)
NO_ID = Mistake(
    "no-id",
    "When a connection breaks, the browser comes back and says which id it saw last. "
    "Without ids it can't, and nobody knows what it has missed.",
    "Add a line `id: ` with the event's id.",
)
WRONG_ID = Mistake(
    "another-id",
    "The id of the frame is what the browser names when it comes back. With a number "
    "of your own, which begins anew with each stream, it names another event.",
    'Take event["id"] as it is.',
)
NO_TYPE = Mistake(
    "no-type",
    "The page listens for types, with addEventListener. A frame without a type is a "
    "`message`, and no listener for payments is called.",
    "Add a line `event: ` with the event's type.",
)
WRONG_TYPE = Mistake(
    "another-type",
    "The page listens for the type as the provider names it; under another name its "
    "listener is never called.",
    'Take event["event"] as it is.',
)
NO_DATA = Mistake(
    "no-data",
    "A frame without data is passed over by every browser: not one listener is called.",
    "Add a line `data: ` with the event's JSON.",
)
REPR = Mistake(
    "python-instead-of-json",
    "This is how Python writes a dictionary: single quotes, None, True. JSON.parse in "
    "the page raises a SyntaxError at the first quote.",
    "Write the data with json.dumps.",
)
NOT_JSON = Mistake(
    "data-is-no-json",
    "JSON.parse in the page can't read this, and the listener ends with an error.",
    "Write the event with json.dumps, as it is, and put the result behind `data: `.",
)
TWICE_JSON = Mistake(
    "json-in-json",
    "The JSON was written as JSON once more. JSON.parse in the page gives a text, and "
    "its fields are all undefined.",
    "Call json.dumps once.",
)
INNER = Mistake(
    "only-the-inner-data",
    "The page gets the inner data without the envelope, and can't tell when it "
    "happened.",
    "Write the whole event as JSON, with its four fields.",
)
CHANGED_DATA = Mistake(
    "changes-the-data",
    "What the page reads is not what the event held. Signs were lost or replaced on "
    "the way, or fields left out.",
    "json.dumps(event).encode() loses nothing; leave out what comes in between.",
)
CHANGES_EVENT = Mistake(
    "changes-the-event",
    "The same dictionary goes to every page that is open. The next one finds it "
    "without what you took out, or with what you put in.",
    "Read the event, and write into nothing but a new text.",
)
ORDER = Mistake(
    "mixes-events-up",
    "A frame came with another event than the one that was just taken.",
    "Make the frame of the event at hand, in the order in which they come.",
)
MANY = Mistake(
    "subscribes-again",
    "Each call of subscribe opens another subscription, and the relay now feeds both. "
    "What the first one took, nobody sees.",
    "Call subscribe once, and keep what it returns.",
)
STOP_ITERATION = Mistake(
    "lets-stop-iteration-out",
    "next() raises StopIteration when the subscription ends. Let out of a generator, "
    "Python makes a RuntimeError of it, and the server logs an error for each page "
    "that was served to the end.",
    "Go through the subscription with a for loop: it knows when to end.",
)
NEVER_ENDS = Mistake(
    "goes-on-after-the-end",
    "The subscription has ended, and you go on sending. The connection stays open, and "
    "with it one of the server's threads.",
    "Let the function end when the subscription does.",
)
LEFT_OPEN = Mistake(
    "left-open-when-the-page-goes",
    "The page was closed, and the subscription was not. The relay goes on keeping "
    "events for somebody who will never fetch them; after a month of visitors it is "
    "full.",
    "What must happen however it ends stands in a `finally`.",
)
NO_CLOSE = Mistake(
    "can-not-be-closed",
    "When the page goes, the server calls close() on what you returned, and this has "
    "none. Nobody ends the subscription.",
    "Make events a generator, which has a close(), and close the subscription in a "
    "`finally`.",
)
REFUSES_END = Mistake(
    "refuses-to-end",
    "close() raises GeneratorExit at the yield. You caught it and went on, and the "
    "server gets a RuntimeError for it.",
    "Catch no more than you need; a bare `except` catches the end as well.",
)
OPEN_AT_THE_END = Mistake(
    "left-open-at-the-end",
    "The stream came to its end, and the subscription was not closed. The relay keeps "
    "a place for it all the same.",
    "Close it in a `finally`, which is passed however the stream ends.",
)
OPEN_AFTER_ERROR = Mistake(
    "left-open-after-an-error",
    "The subscription raised an error, and nobody closed it. Errors come in crowds: "
    "each page tries again every few seconds, and each try leaves one more open.",
    "Close it in a `finally`, which is passed however the stream ends.",
)
TOO_EARLY = Mistake(
    "subscribes-before-it-is-asked",
    "The page was gone before the first chunk. A generator that has not begun has no "
    "`finally` to pass, so what was subscribed before stays open.",
    "Call subscribe inside of the generator, just before the `try`.",
)
SHARED = Mistake(
    "shares-between-streams",
    "Two pages were open, and one disturbed the other. What belongs to one stream was "
    "kept where both can reach it.",
    "Keep everything in the function's own variables.",
)


def frames_one_event(events: Events) -> None:
    """An event becomes a frame with its id, its type and its JSON."""
    for event in (PAYMENT, PUSH, CONTACT):
        ask = _asking([event])
        stream, relay = _open(ask, events, event)
        frame = _next_frame(ask, stream, relay)
        for given in relay.subscriptions[0].handed_out:
            if given != event:
                ask.fail(f"the event is now {short(given)}", CHANGES_EVENT)
        _compare(ask, frame, event)


def sends_at_once(events: Events) -> None:
    """The frame of an event is out before the next event is asked for."""
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
    """Line breaks and foreign letters in the data break no frame, and arrive."""
    ask = _asking([NOTE])
    stream, relay = _open(ask, events, NOTE)
    _compare(ask, _next_frame(ask, stream, relay), NOTE)


def ends_with_the_subscription(events: Events) -> None:
    """When the subscription ends, the stream ends too, and closes it."""
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
    """An event that comes twice becomes two frames."""
    given = (PAYMENT, PUSH, PAYMENT)
    ask = _asking(given)
    stream, relay = _open(ask, events, *given)
    for event in given:
        _compare(ask, _next_frame(ask, stream, relay), event, ORDER)


def closes_with_the_page(events: Events) -> None:
    """When the page is closed, so is the subscription."""
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
    """When the subscription raises an error, it is closed."""
    sent = "a subscription that raises an error after its first event"
    ask = _about(sent, "a closed subscription, whether the error is let out or not")
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
    """A page that is gone before its first event leaves no subscription open."""
    ask = _about(
        "a page that is closed before it has read anything",
        "no subscription, or a closed one",
    )
    stream, relay = _open(ask, events, PAYMENT)
    _close(ask, stream)
    if relay.open:
        ask.fail("a subscription that is still open", TOO_EARLY)


def keeps_streams_apart(events: Events) -> None:
    """Two pages at a time don't disturb one another."""
    ask = _about(
        "two pages at a time, with different events; the first one is closed early",
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
        ask.fail("the first page's end has ended the second, or nothing", SHARED)
    _compare(ask, _next_frame(ask, second, other, SHARED), CONTACT, SHARED)
    _close(ask, second)
    if other.open:
        ask.fail("the second subscription is still open", SHARED)


def _about(sent: str, expected: str) -> Question:
    return Question(
        sent=sent,
        expected=expected,
        why="A page that listens to this stream does not see what has happened.",
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
    """Open a stream; return what the answer returned, to be gone through."""
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
    """What a server does with an iterable: it goes through it, and closes it."""

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
    """Return the frames of a chunk, or end the case where a page would stumble."""
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
    """Return the next frame; comments in between are passed over."""
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
    """End the case as a frame in pieces, if the chunks to come complete it."""
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
    """End the case unless the frame holds that event.

    `other` is the mistake where the frame is whole and holds another event.
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
        # Gone through to its end, it does not refuse again when Python clears it away.
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
            "A generator fits: subscribe, go through the events with a for loop, and "
            "yield one frame for each."
        ),
        (
            "A frame is three lines, `id: …`, `event: …` and `data: …`, then an empty "
            "line. Put them together as one text and encode it."
        ),
        (
            "When the page goes, the server closes your generator, which raises "
            "GeneratorExit at the yield. try … finally is passed on that way too."
        ),
        (
            "subscription = subscribe(), then try: with the loop in it, then finally: "
            "subscription.close()."
        ),
    ),
)
