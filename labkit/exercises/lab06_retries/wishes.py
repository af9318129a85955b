"""6.3: what the receiver asks for by Retry-After."""

import time
from collections.abc import Callable, Mapping

from requests.structures import CaseInsensitiveDict

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.exercises.lab06_retries.clock import time_zone
from labkit.model import LAB_EPOCH

RetryAfter = Callable[[Mapping[str, str], float], float | None]

IN_TWO_MINUTES = "Thu, 01 Jan 2026 00:02:00 GMT"
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


def reads_seconds(retry_after: RetryAfter) -> None:
    """A number is the seconds to wait."""
    for text, wanted in (("120", 120.0), ("5", 5.0), ("86400", 86400.0)):
        ask = _about_header(text, str(wanted))
        answered = ask.call(retry_after, _headers(text), float(LAB_EPOCH))
        if isinstance(answered, (str, bytes)):
            ask.fail(short(answered), RETURNS_TEXT)
        if not _is_number(answered) or answered != wanted:
            ask.fail(short(answered))


def says_none_when_absent(retry_after: RetryAfter) -> None:
    """Without the header there is no wish: None."""
    ask = _about_header(None, "None")
    headers = CaseInsensitiveDict({"Content-Type": "text/plain"})
    known: dict[type[BaseException], Mistake] = {Exception: ABSENT_RAISES}
    answered = ask.call(retry_after, headers, float(LAB_EPOCH), known=known)
    if answered is not None:
        ask.fail(short(answered), ABSENT_IS_ZERO)


def takes_zero_for_a_wish(retry_after: RetryAfter) -> None:
    """A zero means at once."""
    ask = _about_header("0", "0.0")
    answered = ask.call(retry_after, _headers("0"), float(LAB_EPOCH))
    if answered is None:
        ask.fail("None", ZERO_IS_NONE)
    if not _is_number(answered) or answered != 0:
        ask.fail(short(answered))


def reads_dates(retry_after: RetryAfter) -> None:
    """A date is read as the time from now until then."""
    known: dict[type[BaseException], Mistake] = {Exception: RAISES_ON_DATES}
    for ahead in (120, 60):
        now = float(LAB_EPOCH + 120 - ahead)
        ask = _about_header(IN_TWO_MINUTES, str(float(ahead)), now=now)
        with time_zone("UTC"):
            answered = ask.call(retry_after, _headers(IN_TWO_MINUTES), now, known=known)
        if not _is_number(answered):
            ask.fail(short(answered), NO_DATES)
        if abs(answered - ahead) > 0.001:
            _misread_date(ask, retry_after, answered, ahead)


def takes_a_past_date_for_now(retry_after: RetryAfter) -> None:
    """A date that has passed gives 0, never less."""
    now = float(LAB_EPOCH + 3600)
    ask = _about_header(IN_TWO_MINUTES, "0.0", now=now)
    with time_zone("UTC"):
        answered = ask.call(retry_after, _headers(IN_TWO_MINUTES), now)
    if answered is None:
        ask.fail("None", PAST_IS_NONE)
    if _is_number(answered) and answered < 0:
        ask.fail(short(answered), PAST_IS_NEGATIVE)
    if not _is_number(answered) or answered != 0:
        ask.fail(short(answered))


def reads_dates_anywhere(retry_after: RetryAfter) -> None:
    """The same date is the same wait in every time zone."""
    now = float(LAB_EPOCH)
    for zone, hours in (("LAB+5", "5 hours behind"), ("LAB-9", "9 hours ahead of")):
        ask = _about_header(
            IN_TWO_MINUTES, "120.0", place=f"on a machine {hours} GMT", now=now
        )
        with time_zone(zone):
            answered = ask.call(retry_after, _headers(IN_TWO_MINUTES), now)
        if not _is_number(answered) or abs(answered - 120) > 0.001:
            ask.fail(short(answered), LOCAL_TIME)


def finds_the_name_in_any_case(retry_after: RetryAfter) -> None:
    """The header is found however its name is written."""
    for name in ("retry-after", "RETRY-AFTER"):
        ask = _about_header("120", "120.0", name=name)
        headers = CaseInsensitiveDict({name: "120"})
        known: dict[type[BaseException], Mistake] = {KeyError: ONE_CASE}
        answered = ask.call(retry_after, headers, float(LAB_EPOCH), known=known)
        if answered is None:
            ask.fail("None", ONE_CASE)
        if answered != 120:
            ask.fail(short(answered))


def ignores_nonsense(retry_after: RetryAfter) -> None:
    """What is neither seconds nor a date is no wish: None."""
    nonsense = (
        "soon",
        "",
        "",
        "120 seconds",
        "12-34",
        "Thu, 99 Foo 2026 25:61:61 GMT",
    )
    for text in nonsense:
        ask = _about_header(text, "None")
        known: dict[type[BaseException], Mistake] = {Exception: RAISES_ON_NONSENSE}
        answered = ask.call(retry_after, _headers(text), float(LAB_EPOCH), known=known)
        if answered is not None:
            ask.fail(short(answered), NONSENSE_IS_A_WISH)


def reads_digits_only(retry_after: RetryAfter) -> None:
    """Seconds are digits: what only a float could be is no wish."""
    known: dict[type[BaseException], Mistake] = {Exception: RAISES_ON_NONSENSE}
    ask = _about_header("-5", "None or 0.0, and nothing below")
    answered = ask.call(retry_after, _headers("-5"), float(LAB_EPOCH), known=known)
    if answered is not None and answered != 0:
        ask.fail(short(answered), NEGATIVE_SECONDS)
    for text in ("nan", "inf", "1.5", "1e9"):
        ask = _about_header(text, "None")
        answered = ask.call(retry_after, _headers(text), float(LAB_EPOCH), known=known)
        if answered is not None:
            ask.fail(short(answered), MORE_THAN_DIGITS)


def survives_old_dates(retry_after: RetryAfter) -> None:
    """The two older forms of an HTTP date raise nothing."""
    for text in ("Thursday, 01-Jan-26 00:02:00 GMT", "Thu Jan  1 00:02:00 2026"):
        ask = _about_header(text, "120.0, or None for a form that you don't read")
        known: dict[type[BaseException], Mistake] = {Exception: RAISES_ON_NONSENSE}
        answered = ask.call(retry_after, _headers(text), float(LAB_EPOCH), known=known)
        if answered is not None and not (_is_number(answered) and answered >= 0):
            ask.fail(short(answered))


def _misread_date(
    ask: Question, retry_after: RetryAfter, answered: float, ahead: int
) -> None:
    """End the case with the mistake behind a date that was read wrongly."""
    if abs(answered - (LAB_EPOCH + 120)) < 86_400:
        ask.fail(short(answered), RETURNS_MOMENT)
    far = quietly(retry_after, _headers("Sun, 01 Jan 2040 00:02:00 GMT"), 2208988800.0)
    if _is_number(far) and abs(far - 120) > 86_400:
        # No clock stands both in 2026 and in 2040; the lab's two dates tell it apart.
        ask.fail("a wait that does not depend on now", IGNORES_NOW)
    if answered == -ahead or (answered == 0 and far == 0):
        ask.fail(short(answered), BACKWARDS)
    if abs(answered) <= 15 * 3600:
        ask.fail(short(answered), LOCAL_TIME)
    ask.fail(short(answered))


def _about_header(
    text: str | None,
    expected: str,
    *,
    name: str = NAME_GIVEN,
    place: str = "",
    now: float | None = None,
) -> Question:
    sent = "no Retry-After" if text is None else f"{name}: {text}"
    if now is not None:
        clock = time.strftime("%H:%M:%S", time.gmtime(now))
        sent += f"\nnow = {now:.0f}, which is 2026-01-01 {clock} UTC"
    return Question(
        sent=f"{sent}\n{place}" if place else sent,
        expected=expected,
        why="The header holds seconds in digits, or an HTTP date; all else is no wish.",
        try_next="Call your function with this one header and follow it line by line.",
    )


def _headers(text: str) -> CaseInsensitiveDict[str]:
    return CaseInsensitiveDict({NAME_GIVEN: text})


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


RETRY_AFTER = Exercise(
    id="6.3",
    lab="06_retries",
    wants="retry_after(headers, now) -> float | None",
    cases=(
        reads_seconds,
        says_none_when_absent,
        takes_zero_for_a_wish,
        reads_dates,
        takes_a_past_date_for_now,
        reads_dates_anywhere,
        finds_the_name_in_any_case,
        ignores_nonsense,
        reads_digits_only,
        survives_old_dates,
    ),
    hints=(
        "There are four ways out: absent, digits, a date, and anything else.",
        "value.isdecimal() tells whether a text is digits and nothing but digits.",
        "email.utils.parsedate_to_datetime(value) reads a date, or raises.",
        "The datetime's .timestamp() minus now is the wait; max(0.0, …) bounds it.",
    ),
)
