"""6.3: what the receiver asks for by Retry-After."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from requests.structures import CaseInsensitiveDict

from labkit.checks import Mistake
from labkit.checks.contract import Contract, Sentence, given, leaves_open
from labkit.checks.mistakes import Proof, Rule
from labkit.checks.observing import Function, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab06_retries.clock import time_zone
from labkit.model import LAB_EPOCH

IN_TWO_MINUTES = "Thu, 01 Jan 2026 00:02:00 GMT"
IN_2040 = "Sun, 01 Jan 2040 00:02:00 GMT"
NAME_GIVEN = "Retry-After"

RETURNS_TEXT = Mistake(
    "returns-the-text",
    "A header's value is text. \"120\" can't be slept and can't be compared with 60.",
    "Make a float of it.",
)
ABSENT_RAISES = Mistake(
    "needs-the-header",
    "Most answers have no Retry-After at all. An exception here ends the delivery "
    "over a header that was never promised.",
    "Ask with headers.get, which answers None where there is nothing.",
)
ABSENT_IS_ZERO = Mistake(
    "no-wish-is-taken-for-zero",
    "0 says: come back at once. None says: nothing was asked for, wait as planned. "
    "Who mixes them up hammers every receiver that does not know the header.",
    "Return None where the header is absent.",
)
ZERO_IS_NONE = Mistake(
    "zero-is-taken-for-no-wish",
    "0 is a wish like any other: the receiver is ready now. In Python 0 counts as "
    "false, and an `if seconds:` drops it.",
    "Compare with None: `is None`, `is not None`.",
)
NO_DATES = Mistake(
    "no-dates",
    "Retry-After may hold a date in place of seconds, and proxies do send that. Read "
    "as nothing, the receiver's wish is lost.",
    "email.utils.parsedate_to_datetime reads an HTTP date.",
)
RAISES_ON_DATES = Mistake(
    "raises-on-dates",
    "Retry-After may hold a date in place of seconds. Your sender would die of a "
    "header that is perfectly legal.",
    "Try seconds first; when that is no number, try a date before you give up.",
)
RETURNS_MOMENT = Mistake(
    "returns-the-moment",
    "You return the moment that the date names, in seconds since 1970: a wait of half "
    "a century. What is wanted is the time from now until then.",
    "Subtract `now`.",
)
IGNORES_NOW = Mistake(
    "looks-at-the-clock",
    "You looked at the clock of this machine. The time was handed to you as `now`, so "
    "that three days can pass in a test without anybody waiting.",
    "Subtract `now`, and ask no clock.",
)
BACKWARDS = Mistake(
    "subtracts-backwards",
    "You took the date away from now. A date ahead of now gives a negative wait that "
    "way, or none.",
    "Turn the subtraction round: the date minus now.",
)
PAST_IS_NEGATIVE = Mistake(
    "negative-wait",
    "The date has passed, so the receiver is ready. A negative number makes "
    "time.sleep raise, and the delivery ends there.",
    "Return 0 where the number would fall below it: max(0.0, …).",
)
PAST_IS_NONE = Mistake(
    "past-date-is-taken-for-no-wish",
    "A date that has passed is a wish that is fulfilled: the receiver is ready now, "
    "and there is nothing to wait for. That is 0, not None.",
    "Return 0.0 for a date before now.",
)
LOCAL_TIME = Mistake(
    "takes-gmt-for-local-time",
    "An HTTP date is in GMT. You read it as local time, so the wait is wrong by hours "
    "wherever the sender does not run in London, and by one hour there in summer.",
    "Make the datetime an aware one, with timezone.utc, before you take its timestamp.",
)
ONE_CASE = Mistake(
    "name-in-one-spelling",
    "Names of headers know no upper and lower case, and HTTP/2 sends them all in "
    "lower case. The header was there and you did not see it.",
    "Ask the mapping itself with .get, or compare both names in lower case.",
)
RAISES_ON_NONSENSE = Mistake(
    "raises-on-nonsense",
    "A header comes from outside and may hold anything. Here one odd answer of a "
    "receiver ends the sender's loop.",
    "Catch what the conversions raise, and return None.",
)
NONSENSE_IS_A_WISH = Mistake(
    "nonsense-is-taken-for-a-wish",
    "What can't be read is no wish. 0 would make the sender come back at once, again "
    "and again; None lets it wait as planned.",
    "Return None for everything that is neither seconds nor a date.",
)
MORE_THAN_DIGITS = Mistake(
    "reads-more-than-digits",
    "float() reads far more than RFC 9110 allows: 1.5, 1e9, inf, nan. A wait of inf "
    "or nan is no wait at all, and the standard says digits, nothing else.",
    "Ask whether the value is digits only before you convert it.",
)
NEGATIVE_SECONDS = Mistake(
    "negative-seconds",
    "A wait below zero makes time.sleep raise. The receiver's mistake has become "
    "yours.",
    "Let nothing below 0 out of the function.",
)


CONTRACT = Contract(
    (
        given("Return how many seconds the receiver asks to wait, or None."),
        given(
            "`headers` maps names to values and finds a name in upper or lower case, "
            "like `response.headers` of requests; its keys are written as they arrived."
        ),
        given("`now` is in seconds since 1970-01-01 UTC, like `time.time()`."),
        Sentence(
            "digits",
            "If the value of Retry-After consists only of the digits 0 to 9, return "
            "this number of seconds.",
        ),
        Sentence("absent", "If the header is absent, return None."),
        Sentence(
            "date",
            "If the value is an HTTP date, return the seconds from `now` until then.",
        ),
        Sentence("past", "If the date has passed, return 0.0."),
        Sentence("zone", "The result does not depend on the time zone of the machine."),
        Sentence("name", "The name of the header may be in upper or lower case."),
        Sentence("other", "For every other value, return None and raise nothing."),
        Sentence(
            "older",
            "The two older forms of an HTTP date may be read or give None.",
        ),
        leaves_open(
            "The check does not test numbers of more than 15 digits, digits other than "
            "0 to 9, spaces around the value, dates that are not in GMT, and the older "
            "forms on a machine whose time zone is not UTC."
        ),
    )
)

_OLDER = ("Thursday, 01-Jan-26 00:02:00 GMT", "Thu Jan  1 00:02:00 2026")
_NONSENSE = (
    "soon",
    "",
    "120 seconds",
    "120s",
    "12-34",
    "1,200",
    "0x10",
    "120, 60",
    "Thu, 99 Foo 2026 25:61:61 GMT",
    "Thu, 01 Jan 2026",
    "GMT",
    "null",
    "é",
    "x" * 5000,
)
_NUMBERS = ("1.5", "1e9", "inf", "nan", "1_000", "120.0", "Infinity")
_SIGNED = ("-5", "+5", "-0")


def _trials() -> Iterator[Trial]:
    for text in ("120", "5", "1", "3600", "3601", "86400", "86401", "604800"):
        yield Trial("digits", {"value": text})
    for text in ("0", "00", "007", "31536000", "999999999999999"):
        yield Trial("digits", {"value": text})
    yield Trial("digits", {"value": "60", "now": 0.0})
    yield Trial("absent", {"value": None})
    for ahead in (120, 60, 1, 0.5, 7200, 86_400, 40 * 86_400):
        yield Trial("date", {"value": IN_TWO_MINUTES, "now": LAB_EPOCH + 120.0 - ahead})
    yield Trial("date", {"value": IN_2040, "now": 2_208_988_800.0})
    for date in ("Thu, 29 Feb 2024 12:00:00 GMT", "Sat, 31 Oct 2026 23:59:59 GMT"):
        yield Trial("date", {"value": date, "now": 1_700_000_000.0})
    for late in (3600, 0, 0.25, 1, 86_400 * 400):
        yield Trial("past", {"value": IN_TWO_MINUTES, "now": LAB_EPOCH + 120.0 + late})
    for zone in ("LAB+5", "LAB-9"):
        yield Trial("zone", {"value": IN_TWO_MINUTES, "zone": zone})
    for name in ("retry-after", "RETRY-AFTER", "rEtry-aFter"):
        yield Trial("name", {"name": name})
    yield Trial("name", {"name": "retry-after", "value": IN_TWO_MINUTES})
    for text in (*_NONSENSE, *_SIGNED, *_NUMBERS):
        yield Trial("other", {"value": text})
    for text in _OLDER:
        yield Trial("older", {"value": text}, also=lambda seen: seen == exactly(None))


def _random(rng: random.Random) -> Trial:
    now = float(rng.randrange(10**9, 3 * 10**9))
    if rng.random() < 0.3:
        return Trial("digits", {"value": str(rng.randrange(10**9)), "now": now})
    when = datetime.fromtimestamp(now + rng.randrange(-(10**6), 10**7), UTC)
    date = format_datetime(when, usegmt=True)
    return Trial("date", {"value": date, "now": now})


def _arguments(fields: Fields) -> list[object]:
    headers = CaseInsensitiveDict({"Content-Type": "text/plain"})
    if fields["value"] is not None:
        headers[fields["name"]] = fields["value"]
    return [headers, fields["now"]]


def _show(fields: Fields) -> str:
    value = fields["value"]
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(fields["now"]))
    sent = "no Retry-After" if value is None else f"{fields['name']}: {value}"
    sent += f"\nnow = {fields['now']:.2f}, which is {clock} UTC"
    if fields["zone"] != "UTC":
        sent += f"\non a machine in the time zone {fields['zone']}"
    return sent


def _normal(value: Any) -> Any:
    """Return what is compared: a number up to a millisecond, or the exact value."""
    return ("number", round(value, 3)) if _is_number(value) else exactly(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _when(fields: Fields) -> float | None:
    """Return the moment that a date in GMT names, or None."""
    try:
        date = datetime.strptime(
            (fields["value"] or "").replace("GMT", "+0000"), "%a, %d %b %Y %H:%M:%S %z"
        )
    except ValueError:
        return None
    return date.timestamp()


def _is(*values: object) -> Callable[[Fields], bool]:
    return lambda fields: fields["value"] in values


def _digits(fields: Fields) -> bool:
    return (fields["value"] or "").isdigit()


def _base(fields: Fields) -> bool:
    return bool(fields["value"] == "120" and fields["name"] == NAME_GIVEN)


def _date(fields: Fields) -> bool:
    """Whether a date is given, on a machine in UTC, under the usual name."""
    usual = fields["zone"] == "UTC" and fields["name"] == NAME_GIVEN
    return usual and _when(fields) is not None


def _future(fields: Fields) -> bool:
    return _date(fields) and (_when(fields) or 0) > fields["now"]


def _far(fields: Fields) -> bool:
    """Whether the date is more than a few seconds ahead."""
    return _future(fields) and (_when(fields) or 0) - fields["now"] > 10


def _past(fields: Fields) -> bool:
    return _date(fields) and (_when(fields) or 0) < fields["now"]


def _other_name(fields: Fields) -> bool:
    return bool(fields["name"] != NAME_GIVEN)


def _none(_: Fields, seen: Seen) -> bool:
    return bool(seen.value == exactly(None))


def _number(_: Fields, seen: Seen) -> bool:
    return _is_number(seen.result) and seen.error is None


def _wait(_: Fields, seen: Seen) -> bool:
    return _is_number(seen.result) and not seen.result < 0


def _raises(_: Fields, seen: Seen) -> bool:
    return seen.error is not None


def _text(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.result, (str, bytes))


def _below_zero(_: Fields, seen: Seen) -> bool:
    return bool(_is_number(seen.result) and seen.result < 0)


def _near(wanted: Callable[[Fields, float], float]) -> Callable[[Fields, Seen], bool]:
    """Accept a result near what `wanted` makes of the fields and of the date."""

    def near(fields: Fields, seen: Seen) -> bool:
        moment = wanted(fields, _when(fields) or 0.0)
        if not _is_number(seen.result):
            return False
        return any(abs(seen.result - each) < 5 for each in (moment, max(0.0, moment)))

    return near


MISTAKES: list[Proof] = [
    Rule(RETURNS_TEXT, _digits, how=_text),
    Rule(ABSENT_RAISES, _is(None), how=_raises),
    Rule(ABSENT_IS_ZERO, _is(None), how=_number),
    Rule(ZERO_IS_NONE, _is("0"), _is("120"), _none),
    Rule(RETURNS_MOMENT, _future, how=_near(lambda _, when: when)),
    Rule(IGNORES_NOW, _far, how=_near(lambda _, when: when - time.time()), some=True),
    Rule(BACKWARDS, _far, how=_near(lambda fields, when: fields["now"] - when)),
    Rule(NO_DATES, _future, _base, _none),
    Rule(RAISES_ON_DATES, _future, _base, _raises),
    Rule(PAST_IS_NEGATIVE, _past, _future, _below_zero),
    Rule(PAST_IS_NONE, _past, _future, _none),
    Rule(LOCAL_TIME, lambda fields: fields["zone"] != "UTC", _future),
    Rule(ONE_CASE, _other_name, _base),
    Rule(RAISES_ON_NONSENSE, _is(*_NONSENSE, *_OLDER), _is("120"), _raises, some=True),
    Rule(NONSENSE_IS_A_WISH, _is(*_NONSENSE), _is("120"), _number, some=True),
    Rule(NEGATIVE_SECONDS, _is("-5"), _is("120"), _below_zero),
    Rule(MORE_THAN_DIGITS, _is(*_NUMBERS, *_SIGNED), _is("120"), _wait, some=True),
]

RETRY_AFTER = judged(
    id="6.3",
    lab="06_retries",
    wants="retry_after(headers, now) -> float | None",
    hints=(
        "There are four ways out: absent, digits, a date, and anything else.",
        "value.isascii() and value.isdigit() together mean: only the digits 0 to 9.",
        "email.utils.parsedate_to_datetime(value) reads a date, or raises.",
        "The datetime's .timestamp() minus now is the wait; max(0.0, …) bounds it.",
    ),
    contract=CONTRACT,
    space=Space(
        {"value": "120", "name": NAME_GIVEN, "now": float(LAB_EPOCH), "zone": "UTC"},
        _trials,
        _random,
        many=60,
    ),
    observer=Function(
        _arguments,
        _show,
        _normal,
        around=lambda fields: time_zone(fields["zone"]),
    ),
    mistakes=MISTAKES,
)
