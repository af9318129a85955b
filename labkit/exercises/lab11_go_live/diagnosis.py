"""Exercise 11.2: one word for what went wrong with a captured request."""

import copy
import random
from collections.abc import Callable
from typing import Any

from labkit.checks import Exercise, Mistake, Question, quietly, short
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

Diagnose = Callable[[Capture], Any]

SAMPLES = 12
"""How many captures of each kind are shown."""

RETURNS_NOTHING = Mistake(
    "returns-nothing",
    "The colleague who asks at night gets None. One way through your function ends "
    "without a return.",
    'Let the last line be `return "healthy"`, for what no other word fits.',
)
OTHER_WORDS = Mistake(
    "another-word",
    "Whoever counts the incidents of a month counts six words, and yours is none of "
    "them.",
    "Use the six words as they stand in the exercise, in lower case.",
)
BELIEVES_ERROR = Mistake(
    "believes-the-error-text",
    "Only the text in the receiver's log was changed, and your diagnosis with it. The "
    "text is somebody's guess: the same words stand over two causes, and the next "
    "receiver uses others.",
    "Leave error out, and ask what can be measured: signatures, times, ids.",
)
BELIEVES_STATUS = Mistake(
    "believes-the-status",
    "Only the status was changed, and your diagnosis with it. A receiver may answer "
    "400, 401, 403 or 500 to the same fault, and a 200 only says that it saw none.",
    "Leave status out, and ask what can be measured: signatures, times, ids.",
)
FIVE_ONLY = Mistake(
    "knows-only-the-five",
    "You know the five incidents by heart. The sixth one comes with another id.",
    "Judge by what the fields mean: whether a signature fits, how far two times are "
    "apart.",
)
BLAMES_SECRET = Mistake(
    "blames-the-secret-first",
    "The secret is right: the signature fits the bytes that arrived. It was checked "
    "over others. Whoever now replaces the secret replaces a good one, and goes on "
    "refusing.",
    'Ask fits(capture, capture["raw"]) first: that is what tells the two apart.',
)
BLAMES_BYTES = Mistake(
    "blames-the-bytes-first",
    "The signature does not fit the bytes that arrived either. Whoever mends the "
    "parsing now goes on refusing, because the secret is another one.",
    'Ask fits(capture, capture["raw"]) before you compare raw and checked.',
)
COMPARES_JSON = Mistake(
    "compares-meanings",
    "Both bodies mean the same, and the signature is not over the meaning. It is over "
    "the bytes, and these differ.",
    'Ask whether the signature fits capture["checked"], byte for byte.',
)
MISSES_SECRET = Mistake(
    "misses-the-wrong-secret",
    "With this secret the signature does not fit what arrived. Nothing else about the "
    "request can be believed before that is settled.",
    'Ask fits(capture, capture["raw"]).',
)
PAST_ONLY = Mistake(
    "looks-back-only",
    "The request seems to come from the future: one of the two clocks is wrong. The "
    "receiver refuses that as well, and nobody looks at the clock.",
    "Take abs() of the difference.",
)
MISSES_STALE = Mistake(
    "misses-the-stale",
    "The signature is right and the request is too old for the receiver. It may be a "
    "replay, a queue that was held up, or a clock.",
    "Compare webhook-timestamp, as a number, with arrived_at; 300 seconds are allowed.",
)
TOO_STRICT = Mistake(
    "stale-too-soon",
    "Requests take their time, and clocks differ by some seconds. 300 seconds are "
    "allowed, either way, and 300 are not more than 300.",
    "Compare with > 300.",
)
FIXED_LIMIT = Mistake(
    "one-limit-for-all",
    "How long a provider waits differs: Slack 3 s, GitHub 10 s, others 30 s. What is "
    "slow for one is fast for another.",
    'Compare capture["seconds"] with capture["timeout"].',
)
MISSES_SLOW = Mistake(
    "misses-the-slow",
    "The answer was good and came when nobody was waiting any more. The provider has "
    "counted a failure and will send the event again.",
    'Compare capture["seconds"] with capture["timeout"].',
)
SLOW_TOO_SOON = Mistake(
    "slow-too-soon",
    "This answer came in time, if only just: the provider waits as long as timeout "
    "says.",
    'The answer is late when capture["seconds"] > capture["timeout"].',
)
SLOW_FIRST = Mistake(
    "slow-hides-doubled",
    "Two parcels have left for one event, and you name the delay. It may be the cause "
    "of the second request; the harm is that the receiver acted on it.",
    'Ask for "doubled" before "slow": the first word that holds is wanted.',
)
EVERY_REPEAT = Mistake(
    "blames-every-repeat",
    "The event had been seen before, and nothing was shipped this time: the receiver "
    "acknowledged a duplicate and did no more. That is how it should be.",
    'A repeat is "doubled" only where shipped is true as well.',
)
EVERY_PARCEL = Mistake(
    "blames-every-parcel",
    "This event was shipped for the first time. That is what it was sent for.",
    "Ask as well whether the id is among those in seen.",
)
MISSES_DOUBLED = Mistake(
    "misses-the-doubled",
    "The id is among those that had been handled, and it was shipped again: two "
    "parcels, one payment. Signature, time and status are all in order, so nothing "
    "else will tell you.",
    'Ask whether capture["id"] is in capture["seen"], and whether it was shipped.',
)
OLD_SIGNATURE = Mistake(
    "reads-one-signature-only",
    "While a secret is being replaced the header holds several signatures, parted by "
    "spaces. One that fits is enough.",
    "Let fits read the header; it goes through all of them.",
)
FALSE_ALARM = Mistake(
    "sees-a-fault-where-none-is",
    "Nothing is wrong with this request. Whoever looks for a fault in it overlooks the "
    "one next to it.",
    'Go through the five conditions one by one; where none holds it is "healthy".',
)
WRONG_ORDER = Mistake(
    "asks-in-another-order",
    "Two faults hold at once, and you name the later one. A later question is worth "
    "nothing while an earlier one is open: under a wrong secret the time may be forged "
    "too.",
    "Ask in the order of the exercise, and return at the first that holds.",
)
CHANGES = Mistake(
    "changes-the-capture",
    "A capture is evidence. The next one who looks finds it changed.",
    "Read it, and write nothing into it.",
)


def tells_the_five_apart(diagnose: Diagnose) -> None:
    """The five captured incidents are told apart."""
    words = ("re-serialised", "wrong secret", "stale", "slow", "doubled")
    for capture, word in zip(incidents().values(), words, strict=True):
        _ask(diagnose, capture, word)


def leaves_the_healthy_alone(diagnose: Diagnose) -> None:
    """A healthy request is healthy, whatever its log says."""
    for capture in sampled(lambda make: make.healthy(), SAMPLES):
        _ask(diagnose, capture, "healthy")


def knows_wrong_secrets(diagnose: Diagnose) -> None:
    """A signature that fits nothing is a wrong secret."""
    for capture in sampled(lambda make: make.wrong_secret(), SAMPLES):
        _ask(diagnose, capture, "wrong secret")


def knows_other_bytes(diagnose: Diagnose) -> None:
    """A signature that fits what arrived and not what was checked is re-serialised."""
    for capture in sampled(lambda make: make.reserialised(), SAMPLES):
        _ask(diagnose, capture, "re-serialised")


def knows_other_times(diagnose: Diagnose) -> None:
    """A request from too far away in time is stale, from either side."""
    for capture in sampled(lambda make: make.stale(), SAMPLES):
        _ask(diagnose, capture, "stale")
    for capture in sampled(lambda make: make.stale(ahead=True), SAMPLES):
        _ask(diagnose, capture, "stale")


def knows_second_parcels(diagnose: Diagnose) -> None:
    """A second parcel for one event is doubled."""
    for capture in sampled(lambda make: make.doubled(), SAMPLES):
        _ask(diagnose, capture, "doubled")


def knows_late_answers(diagnose: Diagnose) -> None:
    """An answer after the provider's time is slow."""
    for capture in sampled(lambda make: make.slow(), SAMPLES):
        _ask(diagnose, capture, "slow")


def knows_the_borders(diagnose: Diagnose) -> None:
    """What is just within a limit is healthy; so is a repeat that ships nothing."""
    for capture in sampled(lambda make: make.healthy(), 4):
        signed_at = int(capture["headers"]["webhook-timestamp"])
        repeat = {"seen": [capture["id"], *capture["seen"]], "shipped": False}
        for changed in (
            {**capture, "arrived_at": signed_at + TOLERANCE},
            {**capture, "arrived_at": signed_at - TOLERANCE},
            {**capture, "seconds": capture["timeout"]},
            {**capture, **repeat},
            with_old_signature(capture),
        ):
            _ask(diagnose, changed, "healthy")


def asks_in_order(diagnose: Diagnose) -> None:
    """Where two faults hold at once, the first of the list is named."""
    for number in range(SAMPLES):
        make = Maker(random.Random(f"two {number}"))
        for capture, word in _of_two_faults(make):
            _ask(diagnose, capture, word)


def _of_two_faults(make: Maker) -> list[tuple[Capture, str]]:
    other = make.healthy()["secret"]
    stale = make.stale()
    again = {"seen": [stale["id"]], "shipped": True}
    rewritten = make.reserialised()
    shifted = {"arrived_at": rewritten["arrived_at"] + 4_000}
    doubled = make.doubled()
    late = {"seconds": doubled["timeout"] + 2.5}
    return [
        ({**rewritten, "secret": other}, "wrong secret"),
        ({**stale, "secret": other}, "wrong secret"),
        ({**rewritten, **shifted}, "re-serialised"),
        ({**stale, **again}, "stale"),
        ({**stale, "seconds": stale["timeout"] + 3}, "stale"),
        ({**doubled, **late}, "doubled"),
    ]


def _ask(diagnose: Diagnose, capture: Capture, word: str) -> None:
    """Ask for a diagnosis, and end the case unless it is that word."""
    ask = Question(
        sent=_shown(capture),
        expected=repr(word),
        why="Another cause is behind this request, and asks for another remedy.",
        try_next="Go through the questions of the tree by hand, with this capture.",
    )
    given = copy.deepcopy(capture)
    answered = ask.call(diagnose, given)
    if given != capture:
        ask.fail("the capture is no longer as it was", CHANGES)
    if answered is None:
        ask.fail("None", RETURNS_NOTHING)
    if not isinstance(answered, str) or answered not in WORDS:
        ask.fail(short(answered), OTHER_WORDS)
    if answered != word:
        ask.fail(short(answered), _why(diagnose, capture, answered, word))


def _why(diagnose: Diagnose, capture: Capture, answered: str, word: str) -> Mistake:
    """Tell from the answers to changed captures why the word is wrong."""

    def says(**changes: Any) -> Any:
        return quietly(diagnose, {**copy.deepcopy(capture), **changes})

    if any(says(error=text) != answered for text in _ERRORS):
        return BELIEVES_ERROR
    if any(says(status=status) != answered for status in _STATUSES):
        return BELIEVES_STATUS
    if _by_heart(diagnose):
        return FIVE_ONLY
    if word == "healthy":
        return _why_not_healthy(capture, answered, says)
    if _faults(capture) > 1 and WORDS.index(answered) > WORDS.index(word):
        return _why_later(answered, word)
    apart = _apart(capture)
    looks_back = says(arrived_at=capture["arrived_at"] + 2 * apart) == "stale"
    one_limit = says(seconds=10_000.0) == "slow"
    return {
        "wrong secret": BLAMES_BYTES if answered == "re-serialised" else MISSES_SECRET,
        "re-serialised": BLAMES_SECRET if answered == "wrong secret" else COMPARES_JSON,
        "stale": PAST_ONLY if apart > 0 and looks_back else MISSES_STALE,
        "doubled": MISSES_DOUBLED,
        "slow": FIXED_LIMIT if one_limit else MISSES_SLOW,
    }[word]


_ERRORS = ("", "signature does not match", "request refused", "stale", "timeout")
_STATUSES = (200, 204, 400, 401, 403, 409, 500)


def _why_later(answered: str, word: str) -> Mistake:
    if word == "wrong secret" and answered == "re-serialised":
        return BLAMES_BYTES
    if word == "doubled" and answered == "slow":
        return SLOW_FIRST
    return WRONG_ORDER


def _why_not_healthy(
    capture: Capture, answered: str, says: Callable[..., Any]
) -> Mistake:
    repeated = capture["id"] in capture["seen"]
    if answered == "doubled":
        return EVERY_REPEAT if repeated else EVERY_PARCEL
    if answered == "slow":
        in_time = capture["seconds"] == capture["timeout"]
        return SLOW_TOO_SOON if in_time else FIXED_LIMIT
    if answered == "stale":
        return TOO_STRICT
    if " " in capture["headers"]["webhook-signature"]:
        return OLD_SIGNATURE
    return FALSE_ALARM


def _by_heart(diagnose: Diagnose) -> bool:
    """Whether the five are known by something that means nothing: another id, a day."""
    words = ("re-serialised", "wrong secret", "stale", "slow", "doubled")
    five = list(incidents().values())
    known = [quietly(diagnose, copy.deepcopy(capture)) for capture in five]
    if tuple(known) != words:
        return False
    kinds: tuple[Callable[[Maker], Capture], ...] = (
        lambda make: make.reserialised(),
        lambda make: make.wrong_secret(),
        lambda make: make.stale(),
        lambda make: make.slow(),
        lambda make: make.doubled(),
    )
    others = [next(sampled(kind, 1)) for kind in kinds]
    return all(
        quietly(diagnose, other) != word
        for other, word in zip(others, words, strict=True)
    )


def _faults(capture: Capture) -> int:
    """Return how many of the five faults hold for a capture."""
    known = fits(capture, capture["raw"])
    checked = known and fits(capture, capture["checked"])
    return sum(
        (
            not known,
            capture["raw"] != capture["checked"] if not known else not checked,
            abs(_apart(capture)) > TOLERANCE,
            capture["id"] in capture["seen"] and bool(capture["shipped"]),
            capture["seconds"] > capture["timeout"],
        )
    )


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
    return "\n".join(
        (
            f"id {capture['id']}, status {capture['status']}",
            f"error {capture['error']!r}",
            f"checked {'is' if same else 'is not'} raw; the signature {signature}",
            f"arrived_at - webhook-timestamp = {-_apart(capture):.1f} s",
            f"seconds {capture['seconds']}, timeout {capture['timeout']}",
            f"id {'is' if repeated else 'is not'} in seen",
            f"shipped {capture['shipped']}",
        )
    )


DIAGNOSE = Exercise(
    id="11.2",
    lab="11_go_live",
    wants="diagnose(capture: dict) -> str",
    cases=(
        tells_the_five_apart,
        leaves_the_healthy_alone,
        knows_wrong_secrets,
        knows_other_bytes,
        knows_other_times,
        knows_second_parcels,
        knows_late_answers,
        knows_the_borders,
        asks_in_order,
    ),
    hints=(
        (
            "Walk down the tree: one `if` for each question, in its order, each with a "
            "return."
        ),
        (
            'fits(capture, capture["raw"]) answers the first question, and '
            'fits(capture, capture["checked"]) the second.'
        ),
        (
            'capture["headers"]["webhook-timestamp"] is text. Make a number of it, and '
            "take abs() of its difference from arrived_at."
        ),
        (
            "doubled needs two things at once: the id is in seen, and shipped is true. "
            "slow compares seconds with timeout."
        ),
    ),
)
