"""Exercise 8.1: store an event durably, then acknowledge it."""

import asyncio
import queue
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from labkit.checks.calls import JSON
from labkit.checks.contract import contract
from labkit.checks.proving import judged
from labkit.checks.raising import BUGS, EXITS
from labkit.checks.space import Space, Trial
from labkit.checks.steps import App, Fail, MakeAnother, Post, Step
from labkit.exercises.lab08_ack_fast.enqueues import (
    Make,
    compared,
    failing,
    normal_effects,
    world,
)
from labkit.exercises.lab08_ack_fast.receive_mistakes import MISTAKES
from labkit.samples import payments


class DiskFull(Exception):
    """An exception of the queue that is not of a standard class."""


CONTRACT = contract("""
    given: Return a Flask app that stores each request body and then acknowledges it.
    store: For each POST to /webhooks, call `enqueue(body)` exactly once, with the raw
        bytes of the body, whatever they contain.
    retry: This includes retries.
    given: There is one exception: if the same body is already stored, you may
        acknowledge it without calling `enqueue`.
    other: For a request with another method or path, do not call `enqueue`.
    after: After `enqueue` has returned, and not before, respond with a 2xx.
    raises: If it raises, respond with a 5xx and do not call it again, whatever it
        raises: this includes SystemExit and CancelledError.
    time: Respond within 3 seconds.
    apart: `make_app` may be called many times; each app calls its own `enqueue`.
    open: The check does not test KeyboardInterrupt, Werkzeug's HTTPException (which
        Flask's `abort` raises), or chunked bodies.
    open: It runs your app without a server, and treats an exception that your app does
        not catch as a 500.
""")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain"}
RETRIES: Sequence[Mapping[str, str]] = (
    JSON,
    {**JSON, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"},
    {**JSON, "X-Attempt": "2", "webhook-id": "evt_00001"},
)
LARGE = b'{"id":"evt_00001","data":"' + b"0123456789abcdef" * 70_000
SIZES = (8_193, 65_535, 65_536, 65_537, 1_100_000)
BODIES: Sequence[tuple[str, bytes, Mapping[str, str]]] = (
    (
        "json",
        b'{ "id": "evt_00001",  "event" :"payment.succeeded",\n "data": {"n": 1.0}}',
        JSON,
    ),
    (
        "json",
        '{"id":"crm_00001","data":{"name":"Zoë","city":"K\\u00f6ln"}}'.encode(),
        JSON,
    ),
    (
        "json",
        b'{"id":"evt_1","data":{"order_id":"A-1","order_id":"A-2"},"n":1e3}',
        JSON,
    ),
    ("odd", b'{"id":"evt_00001","event":"payment.succ', JSON),
    ("latin", '{"id":"crm_00002","data":{"name":"Zoë"}}'.encode("latin-1"), JSON),
    ("latin", '{"id":"crm_00002","data":{"name":"Zoë"}}\n'.encode("latin-1"), TEXT),
    ("form", b"command=%2Fship&text=A-1", FORM),
    ("form", b"", FORM),
    ("odd", b"order_id=A-1", {}),
    ("odd", b"", {}),
    ("odd", b"[]", JSON),
    ("odd", b"null", JSON),
    ("odd", b'{"event":"x.y"}', JSON),
    ("odd", b'{"id":"evt_9","event":"customer.created","data":{}}', JSON),
    ("bytes", b"\xef\xbb\xbf{}\r\n", JSON),
    ("bytes", b" \t{}\x00\n", JSON),
    ("bytes", b"\x1f\x8b\x08\x00", {"Content-Type": "application/octet-stream"}),
    *(("bytes", LARGE[:size], JSON) for size in SIZES),
)
ERRORS: Sequence[Make] = (
    partial(sqlite3.OperationalError, "database is locked"),
    partial(OSError, "no space left on device"),
    partial(DiskFull, "quota used up"),
    partial(TimeoutError, "the queue does not answer"),
    partial(ValueError, "too long for this queue"),
    partial(KeyError, "jobs"),
    StopIteration,
    partial(SystemExit, 1),
    asyncio.CancelledError,
    partial(TypeError, "unsupported"),
    MemoryError,
    partial(ConnectionResetError, "reset"),
    GeneratorExit,
    partial(RuntimeError, "the queue is closed"),
    *BUGS,
    *EXITS,
    partial(queue.Full),
    partial(EOFError, "the queue hung up"),
    partial(BufferError, "in use"),
    partial(ImportError, "no module named jobs"),
    partial(NameError, "jobs"),
    partial(SyntaxError, "invalid query"),
    partial(UnicodeDecodeError, "utf-8", b"\xff", 0, 1, "invalid start byte"),
    partial(sqlite3.IntegrityError, "UNIQUE constraint failed"),
    partial(ExceptionGroup, "two at once", [ValueError("one"), OSError("two")]),
    partial(BrokenPipeError, "broken pipe"),
    partial(FileExistsError, 17, "File exists", "jobs/1.json"),
    partial(FileNotFoundError, 2, "No such file or directory", "jobs"),
    partial(BlockingIOError, "the file is locked"),
    partial(LookupError, "jobs"),
    partial(ArithmeticError, "overflow"),
    partial(ReferenceError, "gone"),
    partial(SystemError, "internal"),
    partial(UserWarning, "the queue is almost full"),
    partial(Exception, "something else"),
    partial(BaseException, "something else"),
    StopAsyncIteration,
)
ALIKE = (
    (b'{"id":"evt_1"}', b'{"id":"evt_10"}'),
    (b'{"id":"evt_1"}', b'{"id":"EVT_1"}'),
    (LARGE[:5_000] + b'1"}', LARGE[:5_000] + b'2"}'),
    (b'{"id":"evt_1"' + LARGE[20:5_000], b'{"id":"evt_2"' + LARGE[20:5_000]),
)
"""Bodies that are alike: the same beginning, or the same end and length."""
EVENTS = [event.body for event in payments(8)]
FULL: Make = partial(DiskFull, "quota used up")


def _trials() -> Iterator[Trial]:
    plain = Post(EVENTS[0])
    yield _trial("store", "plain", plain)
    for kind, content, headers in BODIES:
        yield _trial("store", kind, Post(content, headers))
    for form in (b"order_id=A-4", b"text=ship"):
        yield _trial("store", "two", Post(b"order_id=A-3", FORM), Post(form, FORM))
    for one, other in ALIKE:
        yield _trial("store", "ids", Post(one), Post(other))
    yield _trial("store", "deep", Post(b"[" * 3000 + b"]" * 3000))
    for number, headers in enumerate(RETRIES):
        first, again = Post(EVENTS[number + 1]), Post(EVENTS[number + 1], headers)
        kind = "marked" if number else "retry"
        yield _trial("retry", kind, Fail(FULL, "enqueue"), first, again)
        fails = Fail(FULL, "enqueue")
        steps = (fails, first, fails, first, again, Post(EVENTS[7]))
        yield _trial("retry", kind, *steps)
    for method, path in (
        ("GET", "/webhooks"),
        ("POST", "/"),
        ("POST", "/elsewhere"),
        ("PUT", "/webhooks"),
        ("HEAD", "/webhooks"),
        ("DELETE", "/webhooks"),
        ("POST", "/webhooks/elsewhere"),
        ("GET", "/"),
    ):
        yield _trial("other", "other", Post(EVENTS[0], method=method, path=path))
    yield _trial("after", "slow", plain)
    yield _trial("after", "plain", Post(EVENTS[4]))
    for kind, content, headers in BODIES:
        yield _trial("after", kind, Post(content, headers))
    for number, headers in enumerate(RETRIES):
        first, again = Post(EVENTS[number + 1]), Post(EVENTS[number + 1], headers)
        yield _trial("after", "duplicate", first, again, again)
    for error in ERRORS:
        yield _trial("raises", "fails", failing(error), Post(EVENTS[5]))
    yield _trial("time", "plain", plain)
    yield _trial("time", "fails", failing(FULL), plain)
    both = [Post(EVENTS[6]), Post(EVENTS[6], app=1)]
    yield _trial("apart", "apps", MakeAnother(), *both)
    yield _trial("apart", "apps", MakeAnother(), *reversed(both))


def _trial(sentence: str, kind: str, *steps: Step) -> Trial:
    return Trial(sentence, {"kind": kind, "about": sentence, "steps": list(steps)})


def _random(rng: random.Random) -> Trial:
    """Return a body of random bytes with a random content type."""
    content = rng.randbytes(rng.randrange(200))
    return _trial("store", "bytes", Post(content, rng.choice((JSON, TEXT, {}))))


RECEIVE = judged(
    id="8.1",
    lab="08_ack_fast",
    wants="make_app(enqueue) -> Flask",
    contract=CONTRACT,
    space=Space(
        {"kind": "plain", "about": "store", "steps": [Post(EVENTS[0])]},
        _trials,
        _random,
        many=30,
    ),
    observer=App(world, normal_effects=normal_effects, compared=compared),
    mistakes=MISTAKES,
    hints=(
        "The view has three steps: read the raw body, enqueue it, acknowledge it.",
        (
            "`request.get_data()` returns the body as bytes. Which response does the "
            "sender get if `enqueue` raises? Does Flask send one for every exception?"
        ),
        (
            "Put only the call to `enqueue` into a `try`. Flask turns an Exception "
            "into a 500 by itself, but not SystemExit or CancelledError: catch "
            "BaseException and return a 503."
        ),
    ),
)
