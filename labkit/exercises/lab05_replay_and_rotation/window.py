"""Trials of time and body, and the mistakes they tell, for 5.1, 5.2 and 5.4.

The field `t` is the timestamp as the request has it, `now` the receiver's clock.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant, Proof, Rule, edits
from labkit.checks.observing import RAISES
from labkit.checks.space import Fields, Trial, probe
from labkit.exercises.lab05_replay_and_rotation import mistakes as m
from labkit.exercises.verifiers import (
    BASE,
    HONEST,
    lets_in,
    locks_out,
    of,
    refused,
    stumbles,
)
from labkit.samples import contacts, payments

EVENT = payments(1)[0]
TIME = EVENT.created_at
TOLERANCE = 300.0
DAY = 86_400.0
TEN_YEARS = 3_652 * DAY

_FRESH: Sequence[tuple[float, float]] = (
    (7.5, 300),
    (-7.5, 300),
    (299, 300),
    (-299, 300),
    (300, 300),
    (-300, 300),
)
_STALE: Sequence[tuple[float, float]] = (
    (300.5, 300),
    (301, 300),
    (302, 300),
    (399, 300),
    (DAY, 300),
)


SIGNED: Fields = {
    **BASE,
    "t": str(TIME),
    "body": EVENT.body,
    "signed_t": None,
    "signed_body": None,
    "content": None,
    "now": float(TIME),
    "tolerance": TOLERANCE,
}
"""The fields of a request that was signed as it is sent.

`signed_…` is what was signed instead of a field, `content` what was signed altogether.
"""

FORGED: Sequence[tuple[str, dict[str, Any]]] = (
    ("body", {"body": EVENT.body.replace(b"A-1", b"A-2"), "signed_body": EVENT.body}),
    ("t", {"t": str(TIME + 30), "signed_t": str(TIME)}),
    ("body", {"body": EVENT.body[:-1], "signed_body": EVENT.body}),
    ("body", {"body": b"", "signed_body": EVENT.body}),
)
"""What was changed after signing: kinds of trials, and their fields."""


def content_of(fields: Fields, *names: str) -> bytes:
    """Return what was signed: these fields, the body last, with full stops between."""
    if (content := fields["content"]) is not None:
        whole: bytes = content
        return whole
    signed = [fields[f"signed_{name}"] for name in names]
    *front, body = (
        fields[name] if each is None else each
        for name, each in zip(names, signed, strict=True)
    )
    return "".join(f"{each}." for each in front).encode() + bytes(body)


def at(age: float, tolerance: float = TOLERANCE) -> dict[str, Any]:
    """Return the fields of a request that is so old when it arrives."""
    return {"now": TIME + age, "tolerance": tolerance}


def window_trials(sentence: str, *, fixed: bool = False) -> Iterator[Trial]:
    """Yield requests on both sides of the limits.

    With `fixed`, the tolerance is always 300 s.
    """
    fresh, stale = list(_FRESH), list(_STALE)
    if not fixed:
        fresh += [(0, 0), (60, 60), (-60, 60), (59, 60), (3, 5), (-3, 5), (0.5, 1)]
        fresh += [(0.5, 0.5), (-1.5, 1.5)]
        fresh += [(500, 900), (-900, 900), (900, 900), (5000, 7200), (80_000, DAY)]
        stale += [(1, 0), (0.5, 0), (100, 60), (61, 60), (30, 10), (901, 900)]
        stale += [(7, 5), (119, 60), (7201, 7200), (1.5, 1)]
    for age, tolerance in stale[4:5] + stale:
        yield Trial(sentence, {"kind": "old", **at(age, tolerance)})
    yield Trial(sentence, {"kind": "old", **at(TEN_YEARS)})
    for age, tolerance in stale[4:5] + stale:
        yield Trial(sentence, {"kind": "future", **at(-age, tolerance)})
    yield Trial(sentence, {"kind": "future", **at(-TEN_YEARS)})
    for age, tolerance in fresh:
        yield Trial(sentence, {"kind": "fresh", **at(age, tolerance)})
    if not fixed:
        yield probe({"kind": "fresh", **at(0, 1e15)})
    yield Trial(sentence, {"kind": "unit", "now": TIME / 1000})
    yield probe({"kind": "unit", "now": TIME * 1000.0})
    real = int(time.time())
    wide = {"t": str(real), "now": real - 1e8, "tolerance": 1e7}
    yield Trial(sentence, {"kind": "clock", **wide})


def random_request(rng: random.Random) -> dict[str, Any]:
    """Return the changes of a request with a random body, at a random time."""
    changes: dict[str, Any] = {"kind": "random"}
    if rng.random() < 0.4:
        tolerance = rng.choice((0, 1, 60, 300, 900))
        edge = rng.choice((-1, 1)) * tolerance
        changes |= at(edge + rng.choice((-1, -0.5, 0, 0, 0.5, 1)), tolerance)
    if rng.random() < 0.4:
        changes["body"] = rng.randbytes(rng.randrange(40))
    return changes


def small_trials(sentence: str) -> Iterator[Trial]:
    """Yield timestamps of few digits, and of as many as the contracts allow."""
    for t in ("5", "0", "123456789012"):
        yield Trial(sentence, {"kind": "small", "t": t, "now": float(t)})
    yield Trial(sentence, {"kind": "small", "t": "5", "now": 7.0})


def late_trials(sentence: str) -> Iterator[Trial]:
    """Yield retries that were signed hours after the event, and before it."""
    for later in (36_000, -36_000, 3 * 86_400):
        t = TIME + later
        fields = {"kind": "late", "t": str(t), "now": float(t)}
        yield Trial(sentence, fields, "a retry; the body has the time of the event")
    names = ("created", "timestamp", "time", "date")
    times = ",".join(f'"{name}":{TIME}' for name in names)
    body = f'{{"id":"evt_1",{times}}}'.encode()
    t = TIME + 36_000
    fields = {"kind": "late-too", "t": str(t), "now": float(t), "body": body}
    yield Trial(sentence, fields, "a retry; the body has the time of the event")


_NO_DIGITS = {
    "words": ("yesterday", "\u00b2", "12x"),
    "nan": ("NaN", "nan"),
    "infinite": ("inf", "-inf"),
    "below-zero": ("-1", f"-{TIME}"),
    "thousand-fold": (f"{TIME}000",),
    "digits-first": (f"{TIME}abc", f"{TIME};"),
    "fraction": (f"{TIME}.5", f"{TIME}.0", "1.7672256e9", f"{TIME}e0"),
}
"""Timestamps that are not only digits, or that are milliseconds."""


def digits_trials(sentence: str) -> Iterator[Trial]:
    """Yield such timestamps, all of them signed."""
    for kind, texts in _NO_DIGITS.items():
        for text in texts:
            fields = {"kind": f"digits:{kind}", "t": text}
            lenient = _raises if kind == "thousand-fold" else None
            yield Trial(sentence, fields, also=lenient)


def _raises(value: Any) -> bool:
    """Accept an exception: the contracts leave open signed times of so many digits."""
    return isinstance(value, tuple) and value[0] == RAISES


_SPELLED = (
    b'{ "id": "evt_00001",\n  "event": "payment.succeeded" }',
    b'{"name":"Zo\\u00eb" ,"amount":1.0,"big":1e2}',
    b'{"a":1, "a":2}',
)
_JSON = ('{"name":"Zoë 李雷"}'.encode(), b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}')
"""JSON in a form that only some programs write."""


def body_trials(sentence: str) -> Iterator[Trial]:
    """Yield bodies that a program might read or write in another way."""
    for body in _SPELLED:
        yield Trial(sentence, {"kind": "spelled", "body": body})
    for body in _JSON:
        yield Trial(sentence, {"kind": "json", "body": body})
    for body in (EVENT.body + b"\n", b" " + EVENT.body, EVENT.body + b"\r\n"):
        yield Trial(sentence, {"kind": "trimmed", "body": body})
    latin = contacts(1)[0].body.replace("ø".encode(), b"\xf8") + b"\xff"
    for body in (latin, bytes(range(256)), b"\x80"):
        yield Trial(sentence, {"kind": "no-text", "body": body})
    for body in (
        b"hello",
        b"null",
        b"[1]",
        b"x" * 100_000,
        b"\0",
        b"{",
        b"\xef\xbb\xbf{}",
    ):
        yield Trial(sentence, {"kind": "text", "body": body})
    yield Trial(sentence, {"kind": "empty", "body": b""}, "the body is empty")
    large = {"kind": "large", "body": b"x" * 3_000_000}
    yield Trial(sentence, large, "3,000,000 bytes")
    spaced = json.dumps(json.loads(EVENT.body)).encode()
    for body, signed in (
        (spaced, EVENT.body),
        (EVENT.body, spaced),
        (EVENT.body + b" ", EVENT.body),
    ):
        fields = {"kind": "two-bodies", "body": body, "signed_body": signed}
        yield Trial(sentence, fields, "another spelling of this JSON was signed")


def sign_trials(sentence: str) -> Iterator[Trial]:
    """Yield signed timestamps that `int` reads although they are not only digits."""
    for text in (f"+{TIME}", "1_767_225_600"):
        yield Trial(sentence, {"kind": "sign", "t": text})


def body_mistakes() -> list[Proof]:
    """Return the rules for bodies that are read or written in another way."""
    return [
        locks_out(m.RESERIALISED, "spelled", but=[HONEST]),
        lets_in(m.TWO_BODIES, "two-bodies", but=[HONEST, "forged-*"], some=True),
        locks_out(m.DECODED, "no-text", but=["text", HONEST]),
        stumbles(m.DECODED, "no-text", but=["text", HONEST], classes=[UnicodeError]),
        locks_out(m.TRIMMED, "trimmed", but=["spelled", HONEST], some=True),
    ]


def digits_mistakes() -> list[Proof]:
    """Return the rules for timestamps that are not only digits."""
    wrong: tuple[type[BaseException], ...] = (ValueError, OverflowError, TypeError)
    short = [f"digits:{each}" for each in _NO_DIGITS if each != "thousand-fold"]
    return [
        lets_in(m.NAN, "digits:nan"),
        lets_in(m.FRACTIONS, "digits:fraction", but=["digits:digits-first"]),
        lets_in(m.PREFIX, "digits:digits-first", but=["digits:nan"]),
        lets_in(m.MILLISECONDS, "digits:thousand-fold"),
        lets_in(m.NEGATIVE, "digits:below-zero", but=["digits:fraction"]),
        stumbles(m.GARBAGE_TIME, *short, but=[HONEST], classes=wrong),
        stumbles(m.HUGE_TIME, "huge", but=short, classes=wrong),
    ]


def window_mistakes(
    t: str, future: Mistake = m.FUTURE, clock: Mistake = m.CLOCK
) -> list[Proof]:
    """Return the proofs for the window; `t` is the text's name in the reference."""
    window, sent_at = f"abs(now - int({t})) <= tolerance", f"int({t})"
    units = (
        f"abs(now - {sent_at} / 1000) <= tolerance",
        f"abs(now * 1000 - {sent_at}) <= tolerance",
        f"abs(now * 1000 - {sent_at}) <= tolerance * 1000",
        f"abs(now / 1000 - {sent_at}) <= tolerance",
        f"abs(now - {sent_at}) * 1000 <= tolerance",
        f"abs(now - {sent_at}) / 1000 <= tolerance",
        f"abs(now - {sent_at}) / 60 <= tolerance",
        f"abs(now - {sent_at}) <= tolerance / 60",
        f"abs(now - {sent_at}) <= tolerance / 1000",
    )
    own = (5, 10, 30, 60, 120, 299, 301, 300, 360, 600, 900, 1800, 3600, 86_400)
    on = of(HONEST, "fresh", "old", "future", "unit", "clock", "late")

    def changed(mistake: Mistake, *texts: str) -> list[Mutant]:
        return edits(mistake, window, *texts, on=on)

    return [
        *changed(m.TURNED_ROUND, f"abs(now - {sent_at}) > tolerance"),
        *changed(m.UNIT, *units),
        *changed(clock, window.replace("now", "__import__('time').time()")),
        lets_in(m.NOT_CHECKED, "old", "future", "unit", "clock"),
        *changed(m.BACKWARDS, f"{sent_at} - now <= tolerance"),
        lets_in(future, "future", but=["old", "fresh"]),
        *changed(m.OWN_TOLERANCE, *(f"abs(now - {sent_at}) <= {each}" for each in own)),
        Rule(
            m.TOO_NARROW, of("fresh"), of("old", "future", HONEST), refused, some=True
        ),
        locks_out(m.EVENTS_TIME, "late", but=[HONEST, "fresh"]),
    ]
