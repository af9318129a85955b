"""Exercise 11.2: one word for what went wrong with a captured request."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, always, edit, edits, mistakes
from labkit.checks.observing import Function, Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab11_go_live.captures import (
    TOLERANCE,
    WORDS,
    Capture,
    Maker,
    fits,
    incidents,
    sampled,
    with_old_signature,
)
from labkit.signing import SCHEMES

SAMPLES = 6
"""How many captures of each kind are shown."""

RETURNS_NOTHING, OTHER_WORDS, BELIEVES_ERROR, BELIEVES_STATUS, FIVE_ONLY = mistakes("""
    returns-nothing: Your function returns None for this capture, because one path
        through it has no `return`. The person who asks at night then has no diagnosis.
        Try: Let the last line be `return "healthy"`, for captures to which no other
        word applies.
    another-word: Your function returns a word that is not one of the six. A program
        that counts the incidents of a month will not count this one.
        Try: Use the six words exactly as in the exercise, in lower case.
    believes-the-error-text: Your diagnosis depends on the error text. The text says
        only what the receiver assumed: two causes can have the same text, and another
        receiver uses other texts.
        Try: Ignore `error`, and use what can be measured: signatures, times, ids.
    believes-the-status: Your diagnosis depends on the status. Receivers respond to the
        same fault with 400, 401, 403 or 500, and a 200 only means that the receiver saw
        no fault.
        Try: Ignore `status`, and use what can be measured: signatures, times, ids.
    knows-only-the-five: Your function recognises only the five captures of this lab.
        The next incident has another id.
        Try: Use the meaning of the fields: whether a signature matches, and how far
        apart two times are.
""")
BLAMES_SECRET, BLAMES_BYTES, COMPARES_JSON, MISSES_SECRET, PAST_ONLY = mistakes("""
    blames-the-secret-first: Your code blames the secret although the signature matches
        the bytes that arrived. The receiver checked other bytes; replacing the secret
        would not help.
        Try: Call `fits(capture, capture["raw"])` first: its result tells the two
        apart.
    blames-the-bytes-first: Your code blames the bytes although the signature does not
        match the bytes that arrived either. Fixing the parsing would not help, because
        the secret is wrong.
        Try: Call `fits(capture, capture["raw"])` before you compare raw and
        checked.
    compares-meanings: Your code compares the parsed JSON of the two bodies. The
        signature covers the bytes, and these differ although the JSON is the same.
        Try: Call `fits(capture, capture["checked"])`; do not parse the bodies.
    misses-the-wrong-secret: Your code does not notice that the signature does not match
        the bytes that arrived. Until the secret is right, nothing else in the request
        can be trusted.
        Try: Call `fits(capture, capture["raw"])`.
    looks-back-only: Your code does not notice a timestamp that is too far in the
        future. The receiver rejects such a request too, because one of the two clocks
        is wrong (clock skew).
        Try: Use `abs()` of the difference.
""")
MISSES_STALE, TOO_STRICT, FIXED_LIMIT, MISSES_SLOW, SLOW_TOO_SOON = mistakes("""
    misses-the-stale: Your code does not notice that the request is too old for the
        receiver. The cause may be a replay, a slow queue or a wrong clock.
        Try: Compare webhook-timestamp, as a number, with `arrived_at`; 300 seconds
        are allowed.
    stale-too-soon: Your code calls a request stale that is within the 300 seconds. The
        receiver accepts it, so you would look for a fault that does not exist.
        Try: Compare with `> 300`.
    one-limit-for-all: Your code uses one time limit for all providers. Slack waits for
        3 s, GitHub for 10 s, others for 30 s.
        Try: Compare capture["seconds"] with capture["timeout"].
    misses-the-slow: Your code does not notice that the response came after the
        provider's timeout. The provider counted a failure and will retry.
        Try: Compare capture["seconds"] with capture["timeout"].
    slow-too-soon: Your code calls a response slow that came exactly at the timeout. The
        provider still received it.
        Try: Compare with `capture["seconds"] > capture["timeout"]`.
""")
SLOW_FIRST, EVERY_REPEAT, EVERY_PARCEL, MISSES_DOUBLED, OLD_SIGNATURE = mistakes("""
    slow-hides-doubled: Your code returns "slow" although two parcels were shipped for
        one event. The delay may have caused the second request, but the second parcel
        is the harm.
        Try: Check for "doubled" before "slow".
    blames-every-repeat: Your code calls every repeated event doubled. This time nothing
        was shipped: the receiver acknowledged a duplicate, as it should
        (deduplication).
        Try: Return "doubled" only if `shipped` is true as well.
    blames-every-parcel: Your code calls every shipped event doubled. This one was
        shipped for the first time.
        Try: Check as well whether the id is in `seen`.
    misses-the-doubled: Your code does not notice that an event was shipped twice.
        Signature, time and status are all in order, so nothing else will tell you.
        Try: Check whether `capture["id"]` is in `capture["seen"]` and `shipped` is
        true.
    reads-one-signature-only: Your code does not accept a header with several
        signatures. During a secret rotation the header contains two, separated by a
        space, and one match is enough.
        Try: Call `fits`, which tries all signatures of the header.
""")
WRONG_ORDER, CHANGES, ROUNDED, PART_OF_ID = mistakes("""
    asks-in-another-order: Your code checks the conditions in another order, so it
        returns the later of two faults. If the secret is wrong, for example, the time
        may be forged too.
        Try: Check in the order of the exercise, and return at the first condition
        that is true.
    changes-the-capture: Your code changes the capture. It is evidence, and the next
        person who reads it finds it changed.
        Try: Read the capture, and write nothing into it.
    rounds-the-time: Your code rounds a time to whole seconds, so it does not notice a
        request that is less than a second over the limit.
        Try: Compare the difference as it is; convert only webhook-timestamp.
    finds-a-part-of-an-id: Your code finds the id inside another, longer id in `seen`.
        That is the id of another event.
        Try: Compare whole ids: use `in` with the list, not with a string.
""")


CONTRACT = contract("""
    given: Return the diagnosis for a captured request.
    wrong secret: Return "wrong secret" if the signature does not match
        `capture["raw"]`.
    re-serialised: Return "re-serialised" if it does not match `capture["checked"]`.
    stale: Return "stale" if webhook-timestamp, in seconds, is more than 300 seconds
        before or after `arrived_at`.
    doubled: Return "doubled" if the id is among those in seen, and shipped is true.
    slow: Return "slow" if the response took more seconds than the provider's timeout.
    healthy: Return "healthy" if none of these conditions is true.
    order: If several are true, return the first one in this list.
    beliefs: Ignore `status` (an int) and `error` (a string), because they say only what
        the receiver assumed.
    kept: The capture is evidence: do not change it.
    open: The check does not test captures with missing fields.
""")

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


def _trials() -> Iterator[Trial]:
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


def _apart(capture: Capture) -> float:
    """Return how far the request's time is ahead of the receiver's, in seconds."""
    signed_at = float(capture["headers"]["webhook-timestamp"])
    return signed_at - float(capture["arrived_at"])


def _shown(capture: Capture) -> str:
    """Return a capture in a few lines, without what tells nothing."""
    same = capture["raw"] == capture["checked"]
    raw, checked = (fits(capture, capture[name]) for name in ("raw", "checked"))
    if raw:
        signature = "fits raw" + (" and checked" if checked else ", not checked")
    else:
        signature = "fits checked, not raw" if checked else "fits neither"
    repeated = capture["id"] in capture["seen"]
    ids = ", ".join(capture["seen"]) or "nothing"
    return "\n".join(
        (
            f"id {capture['id']}, status {capture['status']}",
            f"error {capture['error']!r}",
            f"checked {'is' if same else 'is not'} raw; the signature {signature}",
            f"arrived_at - webhook-timestamp = {-_apart(capture):.1f} s",
            f"seconds {capture['seconds']}, timeout {capture['timeout']}",
            f"id {'is' if repeated else 'is not'} in seen ({ids})",
            f"shipped {capture['shipped']}",
        )
    )


def _about(*abouts: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["about"] in abouts


def _kind(about: str, *kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["about"] == about and fields["kind"] in kinds


def _says(*words: str) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: seen.result in words


def _believes(mistake: Mistake, what: str, values: Sequence[Any]) -> list[Proof]:
    """Return one rule per word: only `what` was changed, and the result with it."""
    return [
        Rule(
            mistake,
            _kind("beliefs", f"{what} {word}"),
            some=True,
            may=always,
            together=lambda seen: 0 < len(seen) < len(values),
        )
        for word in KINDS
    ]


_RAW = 'if not fits(capture, capture["raw"]):'
_CHECKED = 'if not fits(capture, capture["checked"]):'
_DIFFER = 'if capture["raw"] != capture["checked"]:'
_DOUBLED = 'if capture["id"] in capture["seen"] and capture["shipped"]:'
_SLOW = 'if capture["seconds"] > capture["timeout"]:'
_PARSED = (
    'if len({str(__import__("json").loads(capture[each])) '
    'for each in ("raw", "checked")}) > 1:'
)
_APART = 'capture["arrived_at"] - signed_at'
_FIRST_SLOW = f'{_SLOW}\n        return "slow"\n    '
_OTHERS = _about(*WORDS, "beliefs")

MISTAKES: tuple[Proof, ...] = (
    Rule(
        CHANGES,
        always,
        how=lambda _, seen: isinstance(seen.value, tuple) and "changed" in seen.value,
        some=True,
    ),
    Rule(
        RETURNS_NOTHING,
        always,
        how=lambda _, seen: seen.result is None and not seen.raised,
        some=True,
    ),
    Rule(
        OTHER_WORDS,
        always,
        how=lambda _, s: isinstance(s.result, str) and s.result not in WORDS,
        some=True,
    ),
    *_believes(BELIEVES_ERROR, "error", ERRORS),
    *_believes(BELIEVES_STATUS, "status", STATUSES),
    Rule(
        FIVE_ONLY,
        lambda f: f["about"] in WORDS[:5] and f["kind"] == "any",
        lambda f: f["kind"] == "five",
        may=always,
    ),
    edit(BLAMES_SECRET, (_CHECKED, _DIFFER), (_RAW, _CHECKED)),
    edit(
        BLAMES_BYTES, (_RAW, f'{_DIFFER}\n        return "re-serialised"\n    {_RAW}')
    ),
    edit(COMPARES_JSON, (_CHECKED, _PARSED)),
    edit(MISSES_SECRET, (_RAW, "if False:")),
    edit(MISSES_SECRET, (_RAW, "if False:"), (_CHECKED, _DIFFER)),
    edit(PAST_ONLY, ("abs(", "(")),
    *edits(
        ROUNDED,
        _APART,
        f"int({_APART})",
        f"round({_APART})",
        _APART.replace('capture["arrived_at"]', 'int(capture["arrived_at"])'),
    ),
    *edits(
        PART_OF_ID,
        'capture["id"] in capture["seen"]',
        'capture["id"] in str(capture["seen"])',
        'any(each.startswith(capture["id"]) for each in capture["seen"])',
    ),
    Rule(
        TOO_STRICT, _kind("healthy", "300"), _about("stale"), _says("stale"), some=True
    ),
    Rule(
        MISSES_STALE,
        lambda f: f["about"] == "stale" and abs(_apart(f["capture"])) >= 301,
        may=_about("stale"),
        how=_says(*set(WORDS) - {"stale"}),
        some=True,
    ),
    Rule(FIXED_LIMIT, lambda f: f["kind"] == "fixed"),
    edit(MISSES_SLOW, (_SLOW, "if False:")),
    edit(SLOW_TOO_SOON, (_SLOW, _SLOW.replace(">", ">="))),
    edit(SLOW_FIRST, (_DOUBLED, _FIRST_SLOW + _DOUBLED)),
    edit(EVERY_REPEAT, (_DOUBLED, 'if capture["id"] in capture["seen"]:')),
    edit(EVERY_PARCEL, (_DOUBLED, 'if capture["shipped"]:')),
    edit(EVERY_PARCEL, (_DOUBLED, f'{_FIRST_SLOW}if capture["shipped"]:')),
    edit(MISSES_DOUBLED, (_DOUBLED, "if False:")),
    Rule(
        OLD_SIGNATURE,
        _kind("healthy", "rotation"),
        lambda f: f["kind"] in ("any", "five"),
        _says("wrong secret"),
    ),
    Rule(WRONG_ORDER, _about("order"), _OTHERS, _says(*WORDS), some=True),
)

DIAGNOSE = judged(
    id="11.2",
    lab="11_go_live",
    wants="diagnose(capture: dict) -> str",
    hints=numbered("""
        1: Follow the decision tree: one `if` for each question, in its order, each with
            a `return`.
        2: fits(capture, capture["raw"]) answers the first question, and fits(capture,
            capture["checked"]) the second.
        3: capture["headers"]["webhook-timestamp"] is a string. Convert it to a number,
            and use abs() of its difference from arrived_at.
        4: "doubled" needs two conditions: the id is in seen, and shipped is true.
            "slow" compares seconds with timeout.
    """),
    contract=CONTRACT,
    space=Space({"kept": False}, _trials),
    observer=Function(
        lambda fields: [fields["capture"]],
        lambda fields: _shown(fields["capture"]),
        keeps_arguments=True,
    ),
    mistakes=MISTAKES,
)
