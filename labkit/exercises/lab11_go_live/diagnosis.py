"""Exercise 11.2: one word for what went wrong with a captured request."""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, always, edit, edits, mistakes
from labkit.checks.observing import Function, Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space
from labkit.exercises.lab11_go_live.captures import WORDS, Capture, fits
from labkit.exercises.lab11_go_live.diagnosis_captures import (
    ERRORS,
    KINDS,
    STATUSES,
    apart,
    trials,
)

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
            f"arrived_at - webhook-timestamp = {-apart(capture):.1f} s",
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
        lambda f: f["about"] == "stale" and abs(apart(f["capture"])) >= 301,
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
    space=Space({"kept": False}, trials),
    observer=Function(
        lambda fields: [fields["capture"]],
        lambda fields: _shown(fields["capture"]),
        keeps_arguments=True,
    ),
    mistakes=MISTAKES,
)
