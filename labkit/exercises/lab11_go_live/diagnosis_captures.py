"""The captures that exercise 11.2 shows, with one fault, two or none."""

import random
import re
from collections.abc import Callable, Iterator

from labkit.checks.space import Trial
from labkit.exercises.lab11_go_live.captures import (
    TOLERANCE,
    Capture,
    Maker,
    incidents,
    sampled,
    with_old_signature,
)
from labkit.signing import SCHEMES

SAMPLES = 6
"""How many captures of each kind are shown."""
KINDS: dict[str, Callable[[Maker], Capture]] = {
    "wrong secret": lambda make: make.wrong_secret(),
    "re-serialised": lambda make: make.reserialised(),
    "stale": lambda make: make.stale(),
    "doubled": lambda make: make.doubled(),
    "slow": lambda make: make.slow(),
    "healthy": lambda make: make.healthy(),
}
ERRORS = ("", "signature does not match", "request refused", "stale", "timeout")
STATUSES = (200, 204, 400, 401, 403, 409, 500)


def _trial(about: str, kind: str, capture: Capture, note: str = "") -> Trial:
    return Trial(about, {"about": about, "kind": kind, "capture": capture}, note)


def trials() -> Iterator[Trial]:
    """Yield the captures of the contract, sentence by sentence."""
    words = ("re-serialised", "wrong secret", "stale", "slow", "doubled")
    for word, capture in zip(words, incidents().values(), strict=True):
        yield _trial(word, "five", capture)
    for word, kind in KINDS.items():
        for capture in sampled(kind, SAMPLES):
            yield _trial(word, "any", capture)
    for capture in sampled(lambda make: make.stale(ahead=True), SAMPLES):
        yield _trial("stale", "ahead", capture)
    for capture in sampled(KINDS["healthy"], 2):
        yield from _borders(capture)
    yield from _several()
    for kind in KINDS.values():
        for capture in sampled(kind, 2):
            changes = {"about": "kept", "kind": "kept", "capture": capture}
            yield Trial("kept", {**changes, "kept": True})
    for capture in sampled(KINDS["healthy"], 3):
        rewritten = _with_swapped_keys(capture["raw"])
        yield _trial("re-serialised", "sorted", {**capture, "checked": rewritten})


def _with_swapped_keys(raw: bytes) -> bytes:
    """Return a body that is as long, with the first two keys in another order."""
    first, second = re.findall(rb'"\w+":\s*(?:"[^"]*"|[0-9]+)', raw)[:2]
    swapped = raw.replace(first, b"?", 1).replace(second, first, 1)
    return swapped.replace(b"?", second, 1)


def _several() -> Iterator[Trial]:
    for number in range(SAMPLES):
        for capture in _of_two_faults(Maker(random.Random(f"two {number}"))):
            yield _trial("order", "two", capture)
    for word, kind in KINDS.items():
        capture = next(sampled(kind, 1))
        for error in ERRORS:
            yield _trial("beliefs", f"error {word}", {**capture, "error": error})
        for status in STATUSES:
            yield _trial("beliefs", f"status {word}", {**capture, "status": status})


def _borders(capture: Capture) -> Iterator[Trial]:
    signed_at = int(capture["headers"]["webhook-timestamp"])
    for apart in (TOLERANCE, -TOLERANCE, TOLERANCE - 0.2, 0.2 - TOLERANCE):
        yield _trial("healthy", "300", {**capture, "arrived_at": signed_at + apart})
    for apart in (300.2, -300.2, 300.4, 300.5, -300.5):
        yield _trial("stale", "border", {**capture, "arrived_at": signed_at + apart})
    for more in (3_600, 86_400):
        # A retry is signed again, long after the event was created.
        yield _trial("healthy", "retry", _signed_later(capture, more))
    in_time = {**capture, "seconds": capture["timeout"]}
    yield _trial("healthy", "in time", in_time)
    for timeout, seconds in ((3, 3.1), (15, 14), (30, 29)):
        word = "slow" if seconds > timeout else "healthy"
        changed = {**capture, "timeout": timeout, "seconds": seconds}
        yield _trial(word, "fixed", changed)
    yield _trial("slow", "border", {**capture, "timeout": 5, "seconds": 5.01})
    id_, seen = capture["id"], capture["seen"]
    for ids in ([id_, *seen], [*seen, id_], [seen[0], id_, seen[1]], [id_]):
        yield _trial("doubled", "place", {**capture, "seen": ids})
        repeat = {**capture, "seen": ids, "shipped": False}
        yield _trial("healthy", "repeat", repeat)
    for ids in ([f"{id_}0"], [f"x{id_}"], [id_.upper()], [id_[:-1]], []):
        yield _trial("healthy", "similar ids", {**capture, "seen": ids})
    yield _trial("healthy", "rotation", with_old_signature(capture))
    changed = {**capture, "raw": capture["raw"] + b" ", "checked": capture["raw"]}
    yield _trial("wrong secret", "repaired", changed)


def _signed_later(capture: Capture, seconds: int) -> Capture:
    at = int(capture["headers"]["webhook-timestamp"]) + seconds
    made = SCHEMES["standard"].sign(
        capture["raw"], secret=capture["secret"], id=capture["id"], timestamp=at
    )
    headers = {**capture["headers"], **made}
    return {**capture, "headers": headers, "arrived_at": at + 1.5}


def _of_two_faults(make: Maker) -> Iterator[Capture]:
    other = make.healthy()["secret"]
    stale, rewritten, doubled = make.stale(), make.reserialised(), make.doubled()
    again = {"seen": [stale["id"]], "shipped": True}
    shifted = {"arrived_at": rewritten["arrived_at"] + 4_000}
    yield {**rewritten, "secret": other}
    yield {**stale, "secret": other}
    yield {**doubled, "secret": other}
    yield {**make.slow(), "secret": other}
    yield {**rewritten, **shifted}
    yield {**rewritten, "seen": [rewritten["id"]], "shipped": True}
    yield {**rewritten, "seconds": rewritten["timeout"] + 2}
    yield {**stale, **again}
    yield {**stale, "seconds": stale["timeout"] + 3}
    yield {**doubled, "seconds": doubled["timeout"] + 2.5}


def apart(capture: Capture) -> float:
    """Return how far the request's time is ahead of the receiver's, in seconds."""
    signed_at = float(capture["headers"]["webhook-timestamp"])
    return signed_at - float(capture["arrived_at"])
