"""Exercise 11.1: from a subscription to a stream that a page can read."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from labkit.checks import short
from labkit.checks.contract import contract, numbered
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab11_go_live.event_mistakes import MISTAKES
from labkit.exercises.lab11_go_live.streaming import Streaming
from labkit.model import Event
from labkit.samples import contacts, payments, pushes

CONTRACT = contract("""
    given: Yield the events of a subscription as server-sent events, in bytes.
    given: `subscribe()` opens a subscription: an iterator of events that waits for the
        next one, for hours if necessary, and has a method `close()`. An event is a
        dictionary with `id`, `event`, `created_at` and `data`. All pages share the same
        dictionary object. The id and the type of an event contain no line break.
    frame: Turn each event into one chunk of bytes in UTF-8: the lines `id`, `event`
        (the type) and `data` (the whole event as JSON), and a blank line.
    text: The data may contain any text, also line breaks.
    at-once: Call `subscribe` once, and yield the chunk of an event before you ask for
        the next event.
    kept: Do not change the events.
    twice: An event that arrives twice gives two chunks.
    end: If the subscription ends, close it, and end the stream as well.
    page: If `close()` of your stream is called, close the subscription.
    error: If the subscription raises an exception, close it. You may let the exception
        propagate, or catch it and end the stream.
    unread: If your stream is closed before its first chunk, no subscription stays open.
    apart: Two streams at the same time do not affect each other.
    open: The order of the lines is your decision, and comments and `retry:` may come
        between the chunks. The server calls `close()` of your stream in any case, also
        at its end or after an exception. If your stream has a `close()` method of its
        own, it may wait for this call before it closes the subscription. The check does
        not test lone surrogates, which no text in UTF-8 contains.
""")


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


def _trial(
    sentence: str,
    kind: str,
    events: Sequence[dict[str, Any]],
    *script: str,
    **more: Any,
) -> Trial:
    steps = [(0, do) for do in script]
    changes = {"kind": kind, "events": list(events), "script": steps, **more}
    return Trial(sentence, changes)


def _odd(number: int, data: Any) -> dict[str, Any]:
    return {
        "id": f"evt_odd_{number}",
        "event": "order.commented",
        "created_at": 1_767_225_600,
        "data": data,
    }


ODD = [
    _odd(number, data)
    for number, data in enumerate(
        (
            {},
            {"note": ""},
            {"a": None, "b": True, "c": [1.5, -2], "d": {"e": []}},
            {"note": "a\r\rb\n\nc\r\n\r\nd"},
            {"note": "\x00\x0b\x0c\x1c\u2029", "é": "😀"},
            {"note": "data: {}\n\nid: x"},
            {"note": "a < b & c > d", "html": "<b>&amp;</b>"},
            {"note": "x" * 70_000},
        )
    )
]
ODD.append({**NOTE, "id": "EVT_Ab-9", "event": "Order.Commented"})


def _trials() -> Iterator[Trial]:
    for event in (PAYMENT, PUSH, CONTACT):
        yield _trial("frame", "frame", [event], "read")
    for event in (NOTE, *ODD):
        yield _trial("text", "text", [event], "read")
    five = (PAYMENT, SECOND, THIRD, FOURTH, FIFTH)
    yield _trial("at-once", "at once", five, *["read"] * 5)
    yield _trial("at-once", "at once", (PUSH, CONTACT, NOTE), *["read"] * 3)
    many = [_odd(number, {}) for number in range(300)]
    yield _trial("at-once", "at once", many, *["read"] * 300)
    yield _trial("kept", "kept", (PAYMENT, PUSH), "read", "read", "end")
    for again in ((PAYMENT, PUSH, PAYMENT), (PAYMENT, PAYMENT)):
        yield _trial("twice", "twice", again, *["read"] * len(again))
    for events in ((PAYMENT, PUSH), (PAYMENT,), (), (NOTE, PUSH, CONTACT, PAYMENT)):
        reads = ["read"] * len(events)
        yield _trial("end", "end", events, *reads, "end", "close")
    for number in (2, 1, 3):
        yield _trial("page", "page", five, *["read"] * number, "close")
    for events in ((PAYMENT,), (), (PUSH, PAYMENT)):
        reads = ["read"] * len(events)
        yield _trial("error", "error", events, *reads, "end", "close", error=True)
    yield _trial("unread", "unread", [PAYMENT], "close")
    first = (PAYMENT, SECOND, THIRD)
    for others in ([[PUSH, CONTACT]], [[PAYMENT, SECOND]]):
        script = [(0, "read"), (1, "read"), (0, "read"), (0, "close"), (1, "read")]
        changes = {"kind": "apart", "events": first, "others": others}
        yield Trial("apart", {**changes, "script": [*script, (1, "close")]})


def _generate(rng: random.Random) -> Trial:
    letters = "ab\n\r: {}é李\u2028\x85\\\"'"
    events = [
        _odd(rng.randrange(9), {"note": "".join(rng.choices(letters, k=12))})
        for _ in range(rng.randint(1, 5))
    ]
    number = rng.randint(0, len(events))
    if number == len(events):
        return _trial("end", "end", events, *["read"] * number, "end", "close")
    return _trial("page", "page", events, *["read"] * number, "close")


def _show(fields: Fields) -> str:
    events = fields["events"]
    if len(events) == 1:
        told = f"a subscription with {short(events[0])}"
    else:
        some = [f"{each['event']} {each['id']}" for each in events[:6]]
        names = ", ".join(some + ["and so on"] * (len(events) > 6))
        told = f"a subscription with {len(events)} events: {names or 'none'}"
    if fields["error"]:
        told += ", which then raises an exception"
    if fields["others"]:
        told += f"\nand a second page with {len(fields['others'][0])} other events"
    words = {"read": "a frame is read", "end": "the stream is read to its end"}
    words["close"] = "the page is closed"
    page = " of page {}" if fields["others"] else ""
    steps = [words[do] + page.format(at + 1) for at, do in fields["script"]]
    if len(steps) > 8:
        return f"{told}\n{len(steps)} frames are read"
    return f"{told}\n" + ", ".join(steps)


EVENTS = judged(
    id="11.1",
    lab="11_go_live",
    wants="events(subscribe: Callable[[], Iterator[dict]]) -> Iterator[bytes]",
    contract=CONTRACT,
    space=Space(
        {"kind": "frame", "events": [], "others": [], "script": [], "error": False},
        _trials,
        _generate,
        many=60,
    ),
    observer=Streaming(_show),
    mistakes=MISTAKES,
    hints=numbered("""
        1: Write a generator: subscribe, go through the events with a for loop, and
            yield one frame for each.
        2: A frame is three lines, `id: …`, `event: …` and `data: …`, then a blank line.
            Join them into one string and encode it.
        3: If the page is closed, the server closes your generator, which raises
            GeneratorExit at the yield. A finally block also runs in that case.
        4: subscription = subscribe(), then try: with the loop in it, then finally:
            subscription.close().
    """),
)
