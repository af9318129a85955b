"""The mistakes of 11.1, and how a page notices them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.space import Fields
from labkit.exercises.lab11_go_live.streaming import Note, notes_of

RETURNS_NOTHING, NO_ITERATOR, ALL_AT_ONCE, GATHERS, LATE, TEXT, NO_BYTES = mistakes("""
    returns-nothing: Your function returns None, but the server needs chunks of bytes.
        The page stays empty.
        Try: Use `yield` for each frame, which makes the function a generator.
    returns-no-iterator: Your function returns something that is not an iterator, so the
        server cannot send it chunk by chunk.
        Try: Make `events` a generator: a plain function with `yield` in it.
    all-in-one-piece: Your function returns all bytes at once, but a stream is never
        complete. Iterating over bytes also gives numbers.
        Try: Yield the bytes of each frame separately.
    gathers-before-it-sends: Your code collects all events before it sends the first. A
        subscription lasts for days, so by then the page is closed.
        Try: Yield each frame inside the loop, as soon as its event has arrived.
    one-event-late: Your code asks for the next event before it yields the frame of this
        one. The next event may come in an hour, and until then the page does not see
        this one.
        Try: Yield the frame of an event before you ask for the next event.
    yields-text: Your code yields strings, but a connection carries bytes. The server
        rejects a string or guesses its encoding.
        Try: Encode each frame as UTF-8 before you yield it.
    yields-no-bytes: Your code yields a chunk that is not bytes.
        Try: Join the lines of the frame into one string, and encode it.
""")
NOT_UTF_8, NO_BLANK_LINE, IN_PIECES, NO_FIELD, TWICE, NOTHING_COMES = mistakes("""
    not-utf-8: Your code encodes the frame in an encoding other than UTF-8. A page reads
        server-sent events only as UTF-8, so other bytes become wrong characters.
        Try: Use .encode() without an argument, which means UTF-8.
    no-blank-line: Your frame does not end with a blank line. Without it the page
        collects lines and shows nothing.
        Try: End the frame with two line breaks: one for its last line, and one for
        the blank line.
    frame-in-pieces: Your code yields a frame in several chunks. A comment that keeps
        the connection open may come between them, or the stream may be closed after
        half a frame.
        Try: Join the lines first, and yield the frame as one chunk.
    line-without-a-field: Your frame contains a line without a known field name. A page
        knows id, event, data and retry, in lower case and with a colon, and ignores
        every other line.
        Try: Begin each line with one of these names and a colon; JSON with several
        lines needs `data: ` before each of them.
    several-frames-of-one-event: Your code yields more than one frame for one event, so
        the page shows it twice.
        Try: Write one frame per event, with one blank line at its end.
    no-frame-for-an-event: Your code yields no frame for an event, so the page does not
        see it.
        Try: Yield a frame for each event of the subscription, whatever its type is, and
        even if its id has come before.
""")
NO_ID, WRONG_ID, NO_TYPE, WRONG_TYPE, NO_DATA, REPR, NOT_JSON, TWICE_JSON = mistakes("""
    no-id: Your frame has no id. After an interruption the browser tells you the last id
        that it saw; without ids, nobody knows what it missed.
        Try: Add a line `id: ` with the event's id.
    another-id: The id of your frame differs from the id of the event. The browser sends
        this id when it reconnects, and then it refers to another event.
        Try: Use event["id"] as it is.
    no-type: Your frame has no type. The page listens for types with addEventListener,
        so no listener for payments is called.
        Try: Add a line `event: ` with the event's type.
    another-type: The type of your frame differs from the type of the event. The page
        listens for the provider's name, so its listener is never called.
        Try: Use event["event"] as it is.
    no-data: Your frame has no data. Browsers ignore such a frame and call no listener.
        Try: Add a line `data: ` with the event as JSON.
    python-instead-of-json: Your data is a dictionary as Python prints it: single
        quotes, None, True. JSON.parse in the page raises a SyntaxError.
        Try: Write the data with json.dumps.
    data-is-no-json: Your data is not valid JSON, so JSON.parse in the page raises a
        SyntaxError.
        Try: Write the event with json.dumps without `indent`, and put the one line
        that it returns after `data: ` as it is.
    json-in-json: Your code calls json.dumps twice. JSON.parse in the page returns a
        string, and its fields are undefined.
        Try: Call json.dumps once.
""")
INNER, CHANGED_DATA, CHANGES_EVENT, ORDER, MANY, STOP_ITERATION = mistakes("""
    only-the-inner-data: Your data contains only the inner data of the event. The page
        then does not know when it happened.
        Try: Write the whole event as JSON, with its four fields.
    changes-the-data: Your data differs from the event. Characters were lost or
        replaced, or fields were left out.
        Try: Use json.dumps(event).encode(), which loses nothing.
    changes-the-event: Your code changes the event. The same dictionary goes to every
        open page, so the next page gets the changed one.
        Try: Only read the event, and build a new string from it.
    mixes-events-up: Your code yields the frame of an event other than the one that it
        has just taken.
        Try: Make each frame from the current event, in the order of arrival.
    subscribes-again: Your code calls subscribe more than once. Each call opens another
        subscription, and the events of the first are lost.
        Try: Call subscribe once, and keep its result in a variable.
    lets-stop-iteration-out: Your code lets StopIteration escape from the generator, and
        Python turns it into a RuntimeError. The server logs an error for each page.
        Try: Use a for loop over the subscription; it knows when to end.
""")
NEVER_ENDS, LEFT_OPEN, NO_CLOSE, REFUSES_END, OPEN_AT_THE_END = mistakes("""
    goes-on-after-the-end: Your code continues after the subscription has ended. The
        connection stays open and occupies a thread of the server.
        Try: Let the function end when the subscription ends.
    left-open-when-the-page-goes: Your code does not close the subscription when the
        page is closed. The relay keeps events for it, and its memory fills up.
        Try: Close the subscription in a `finally` block.
    can-not-be-closed: Your function returns an object without close(). If the page is
        closed, the server cannot end the subscription.
        Try: Make `events` a generator, which has close(), and close the
        subscription in a `finally` block.
    refuses-to-end: Your code yields again after close() has raised GeneratorExit at the
        yield. The server gets a RuntimeError.
        Try: Do not yield in a `finally` block, and catch only what you need; a bare
        `except` also catches GeneratorExit.
    left-open-at-the-end: Your code does not close the subscription at the end of the
        stream. The relay still keeps a place for it.
        Try: Close it in a `finally` block, which runs however the stream ends.
""")
OPEN_AFTER_ERROR, TOO_EARLY, SHARED = mistakes("""
    left-open-after-an-error: Your code does not close the subscription if it raises an
        error. Each page reconnects every few seconds, and each time one more
        subscription stays open.
        Try: Close it in a `finally` block, which runs however the stream ends.
    subscribes-before-it-is-asked: Your code subscribes before the generator starts. If
        the page is closed before the first chunk, no `finally` block runs and the
        subscription stays open.
        Try: Call subscribe inside the generator, just before the `try`.
    shares-between-streams: Two open pages affect each other in your code, because they
        share a variable.
        Try: Keep everything in local variables of the function.
""")

_BAD = {
    "not UTF-8": NOT_UTF_8,
    "no blank line at its end": NO_BLANK_LINE,
    "a line without a known field": NO_FIELD,
}
_STREAMS = {
    "NoneType": RETURNS_NOTHING,
    "str": ALL_AT_ONCE,
    "bytes": ALL_AT_ONCE,
    "list": GATHERS,
    "no iterator": NO_ITERATOR,
}
_OPEN = {
    "end": OPEN_AT_THE_END,
    "page": LEFT_OPEN,
    "error": OPEN_AFTER_ERROR,
    "unread": TOO_EARLY,
    "apart": SHARED,
}


_BY_NAME = {
    "pieces": IN_PIECES,
    "changed": CHANGES_EVENT,
    "subscribed": MANY,
    "no end": NEVER_ENDS,
    "refuses": REFUSES_END,
}
_BY_DETAIL: Mapping[str, Callable[[Any], Mistake | None]] = {
    "stream": _STREAMS.get,
    "chunk": lambda kind: TEXT if kind == "str" else NO_BYTES,
    "bad": _BAD.get,
    "several": lambda taken: GATHERS if taken > 1 else TWICE,
    "raises": lambda what: STOP_ITERATION if what == "StopIteration" else None,
    "one more": lambda known: TWICE if known else None,
}


def _diagnosis(fields: Fields, seen: Seen) -> Mistake | None:
    """Return the mistake behind the first note that differs from a correct stream."""
    wanted = notes_of(fields)
    for place, note in enumerate(seen.result or ()):
        right = wanted[place]
        if note[: len(right)] == right or note[:2] == right[:2] == ("open", 0):
            continue
        return _of_note(fields, note, right)
    return None


def _of_note(fields: Fields, note: Note, right: Note) -> Mistake | None:
    """Return the mistake behind a note that should be another one."""
    name, *what = note
    if name == "frame" and right[0] == "frame":
        return _of_frame(fields, note, right)
    if name in ("no frame", "end") and right[0] == "frame":
        return SHARED if fields["kind"] == "apart" else NOTHING_COMES
    if name == "open":
        without = fields["kind"] == "page" and not what[1]
        return NO_CLOSE if without else _OPEN.get(fields["kind"])
    if name in _BY_DETAIL:
        return _BY_DETAIL[name](what[0])
    return _BY_NAME.get(name)


def _of_frame(fields: Fields, note: Note, right: Note) -> Mistake | None:
    """Return the mistake of a frame that is not the right one."""
    _, id_, kind, data, taken = note
    _, right_id, right_kind, right_data, right_taken = right
    event = next(e for e in _all(fields) if e["id"] == right_id)
    if data is None or id_ is None or kind is None:
        return NO_DATA if data is None else NO_ID if id_ is None else NO_TYPE
    if data[0] == "no JSON":
        return REPR if data[1] in (str(event), str(event["data"])) else NOT_JSON
    if (id_, kind, data) == (right_id, right_kind, right_data):
        return GATHERS if taken == len(fields["events"]) > right_taken + 1 else LATE
    others = [e for e in _all(fields) if e["id"] == id_ and exactly(e) == data]
    if others and id_ != right_id:
        return SHARED if fields["kind"] == "apart" else ORDER
    if id_ != right_id or kind != right_kind:
        return WRONG_ID if id_ != right_id else WRONG_TYPE
    if data[0] == "str":
        return TWICE_JSON
    return INNER if data == exactly(event["data"]) else CHANGED_DATA


def _all(fields: Fields) -> list[dict[str, Any]]:
    return [event for page in (fields["events"], *fields["others"]) for event in page]


def _shows(mistake: Mistake) -> Rule:
    def how(fields: Fields, seen: Seen) -> bool:
        return isinstance(seen.result, list) and _diagnosis(fields, seen) is mistake

    return Rule(mistake, always, how=how, some=True)


MISTAKES: Sequence[Proof] = [
    _shows(each) for each in list(globals().values()) if isinstance(each, Mistake)
]
