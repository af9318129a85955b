"""6.3: the wait that a receiver asks for with Retry-After."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from requests.structures import CaseInsensitiveDict

from labkit.checks.contract import contract
from labkit.checks.mistakes import Proof, Rule, edit, mistakes, raised
from labkit.checks.observing import Function, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab06_retries.clock import time_zone
from labkit.model import LAB_EPOCH

IN_TWO_MINUTES = "Thu, 01 Jan 2026 00:02:00 GMT"
IN_2040 = "Sun, 01 Jan 2040 00:02:00 GMT"
NAME_GIVEN = "Retry-After"

RETURNS_TEXT, ABSENT_RAISES, ABSENT_IS_ZERO, ZERO_IS_NONE = mistakes("""
    returns-the-text: Your function returns a string. The value of a header is a string,
        but "120" cannot be passed to sleep or compared with 60.
        Try: Convert it to a float.
    needs-the-header: Your code raises an exception if there is no Retry-After. Most
        responses have none, and the exception ends the delivery.
        Try: Use headers.get, which returns None if the header is absent.
    no-wish-is-taken-for-zero: Your code returns 0 if the header is absent. 0 means
        "retry now"; None means that the receiver asks for nothing and the schedule
        applies.
        Try: Return None if the header is absent.
    zero-is-taken-for-no-wish: Your code treats a requested delay of 0 as if there were
        none. In Python 0 counts as false, so `if seconds:` drops it.
        Try: Compare with None: `is None`, `is not None`.
""")
NO_DATES, RAISES_ON_DATES, RETURNS_MOMENT, IGNORES_NOW = mistakes("""
    no-dates: Your code returns None for a date. Retry-After may contain a date instead
        of seconds, and proxies do send that.
        Try: Read the date with email.utils.parsedate_to_datetime. If you do so already,
        look at what your `except` catches.
    raises-on-dates: Your code raises an exception for a date. Retry-After may contain a
        date instead of seconds, so a valid header ends your delivery.
        Try: Try seconds first; if the value is not a number, try a date.
    returns-the-moment: Your code returns the time that the date names, in seconds since
        1970. That is a wait of half a century.
        Try: Subtract `now`.
    looks-at-the-clock: Your code uses the clock of this machine instead of `now`. With
        `now`, a test can let three days pass without waiting.
        Try: Subtract `now`; do not read a clock.
""")
BACKWARDS, PAST_IS_NEGATIVE, PAST_IS_NONE = mistakes("""
    subtracts-backwards: Your code subtracts the date from now. For a date in the
        future, the result is negative.
        Try: Reverse the subtraction: the date minus now.
    negative-wait: Your code returns a negative number for a date in the past.
        time.sleep raises an exception for it, and the delivery ends.
        Try: Return at least 0: max(0.0, …).
    past-date-is-taken-for-no-wish: Your code returns None for a date in the past. Such
        a date means that the receiver is ready now, so the wait is 0.
        Try: Return 0.0 for a date before now.
""")
LOCAL_TIME, ONE_CASE, RAISES_ON_NONSENSE = mistakes("""
    takes-gmt-for-local-time: Your code reads the date as local time, but an HTTP date
        is in GMT. The wait is wrong by hours in most time zones.
        Try: Convert the date as UTC: use moment.replace(tzinfo=timezone.utc) before you
        call .timestamp(), or calendar.timegm instead of time.mktime.
    name-in-one-spelling: Your code finds the header in only one spelling. Header names
        are not case-sensitive, and HTTP/2 sends them in lower case.
        Try: Use .get of the mapping, or compare both names in lower case.
    raises-on-nonsense: Your code raises an exception for a value that it cannot read. A
        header can contain anything, so one odd response ends the delivery.
        Try: Catch what the conversions raise, and return None.
""")
NONSENSE_IS_A_WISH, MORE_THAN_DIGITS, NEGATIVE_SECONDS = mistakes("""
    nonsense-is-taken-for-a-wish: Your code returns a number for a value that it cannot
        read. With 0, the sender retries at once, again and again; with None, the
        schedule applies.
        Try: Return None for everything that is neither seconds nor a date.
    reads-more-than-digits: Your code accepts more than digits. float() also reads 1.5,
        1e9, inf and nan, and int() reads +5; RFC 9110 allows only digits.
        Try: Check that the value consists only of digits before you convert it.
    negative-seconds: Your code returns a negative wait. time.sleep raises an exception
        for it, so a mistake by the receiver ends your delivery.
        Try: Do not return a number below 0.
""")


CONTRACT = contract("""
    given: Return how many seconds the receiver asks to wait, or None.
    given: `headers` maps names to values and finds a name in upper or lower case, like
        `response.headers` in the library `requests`; its keys are spelled as they
        arrived.
    given: `now` is in seconds since 1970-01-01 UTC, like `time.time()`.
    digits: If the value of Retry-After consists only of the digits 0 to 9, return this
        number of seconds.
    absent: If the header is absent, return None.
    date: If the value is an HTTP date, return the seconds from `now` until then.
    past: If the date has passed, return 0.0.
    zone: The result does not depend on the time zone of the machine.
    name: The name of the header may be in upper or lower case.
    other: For every other value, return None and raise nothing.
    older: An HTTP date has two older forms; for these, return the seconds or None.
    open: The check does not test numbers of more than 15 digits, digits other than 0 to
        9, whitespace around the value, dates that do not exist, such as 30 February,
        dates that are not in GMT or that lack a part such as the weekday, or the older
        forms on a machine whose time zone is not UTC.
""")

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


def _is(*values: object) -> Callable[[Fields], bool]:
    return lambda fields: fields["value"] in values


def _date(fields: Fields) -> bool:
    """Whether a date is given, under the usual name."""
    value = fields["value"] or ""
    usual = fields["name"] == NAME_GIVEN and value not in _NONSENSE
    return bool(usual and value.endswith(" GMT"))


def _far(fields: Fields) -> bool:
    """Whether the date is more than a few seconds ahead."""
    if not _date(fields):
        return False
    return bool(parsedate_to_datetime(fields["value"]).timestamp() - fields["now"] > 10)


def _number(_: Fields, seen: Seen) -> bool:
    return _is_number(seen.result) and seen.error is None


def _wait(_: Fields, seen: Seen) -> bool:
    return _is_number(seen.result) and not seen.result < 0


def _below_zero(_: Fields, seen: Seen) -> bool:
    return bool(_is_number(seen.result) and seen.result < 0)


def _text(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.result, (str, bytes))


def _by_clock(fields: Fields, seen: Seen) -> bool:
    """Accept what the machine's clock gives, which goes on from call to call."""
    ahead = parsedate_to_datetime(fields["value"]).timestamp() - time.time()
    waits = (ahead, max(0.0, ahead))
    return _is_number(seen.result) and any(abs(seen.result - w) < 5 for w in waits)


_GIVEN = 'headers.get("Retry-After")'
_READ = "parsedate_to_datetime(value)"
_WAIT = "max(0.0, when.timestamp() - now)"
_ABSENT = "if value is None:\n        return None"

MISTAKES: list[Proof] = [
    Rule(RETURNS_TEXT, _is("120"), how=_text),
    Rule(ABSENT_RAISES, _is(None), how=raised()),
    edit(ABSENT_IS_ZERO, (_ABSENT, "if value is None:\n        return 0.0")),
    Rule(ABSENT_IS_ZERO, _is(None), how=lambda _, seen: seen.result == 0),
    edit(ZERO_IS_NONE, ("float(value)", "float(value) or None")),
    edit(RETURNS_MOMENT, (_WAIT, "when.timestamp()")),
    *(
        Rule(IGNORES_NOW, _far, how=_by_clock, some=True, stateful=changes)
        for changes in (False, True)
    ),
    edit(BACKWARDS, (_WAIT, "now - when.timestamp()")),
    edit(BACKWARDS, (_WAIT, "max(0.0, now - when.timestamp())")),
    edit(NO_DATES, (_READ, "None\n        return None")),
    Rule(RAISES_ON_DATES, _date, _is("120"), raised(), some=True),
    edit(PAST_IS_NEGATIVE, (_WAIT, "when.timestamp() - now")),
    edit(
        PAST_IS_NONE,
        (_WAIT, "when.timestamp() - now if when.timestamp() > now else None"),
    ),
    edit(
        PAST_IS_NONE,
        (_WAIT, "when.timestamp() - now if when.timestamp() >= now else None"),
    ),
    edit(
        LOCAL_TIME,
        (_READ, f"{_READ}.replace(tzinfo=None)"),
        ("when.tzinfo is None", "False"),
    ),
    edit(ONE_CASE, (_GIVEN, 'dict(headers.items()).get("Retry-After")')),
    Rule(RAISES_ON_NONSENSE, _is(*_NONSENSE, *_OLDER), _is("120"), raised(), some=True),
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
        _arguments, _show, _normal, around=lambda fields: time_zone(fields["zone"])
    ),
    mistakes=MISTAKES,
)
