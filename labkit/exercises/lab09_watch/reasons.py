"""Why an alert is wrong, told by what it says to the same window a little changed.

All statuses 200, all answers fast, more traffic, the last ten minutes alone: what makes
the wrong answer go away is what it was wrong about.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from labkit.checks import Mistake, quietly
from labkit.exercises.lab09_watch.month import HOUR
from labkit.exercises.lab09_watch.trial import (
    IN_TIME,
    Alert,
    Attempt,
    Window,
    is_failure,
)

FEW = 0.25
"""A share of failures that is high, for the attempts it is a share of."""

NO_BOOL = Mistake(
    "returns-no-bool",
    "Whoever asks wants yes or no. None, a list or a number looks like one of the two "
    "in an `if`, and hides a missing `return` or a half-finished thought.",
    "Return True or False on every way out; a comparison is already one of them.",
)
EMPTY_RAISES = Mistake(
    "raises-on-an-empty-window",
    "At night an hour may pass without an attempt. Your alert died of it, and an alert "
    "that died is never heard of again.",
    "Ask first whether there is anything in the window, before you divide by its "
    "length or look at its last entry.",
)
RINGS_ON_NOTHING = Mistake(
    "rings-on-an-empty-window",
    "No attempt for an hour is an ordinary night. You would be woken in each of them. "
    "Silence is worth a watch of its own, one that knows the hour of the day.",
    "Return False where the window is too empty to judge.",
)
ALWAYS = Mistake(
    "rings-when-all-is-well",
    "Every attempt was acknowledged and you rang. An alarm that rings on good days is "
    "switched off after a week, and then it misses the bad one.",
    "Let the answer depend on how many attempts failed.",
)
ONLY_200 = Mistake(
    "only-200-is-good",
    "202 and 204 acknowledge as well as 200: the receiver has the event. One harmless "
    "change in an answer, and your alarm rings for days.",
    "Call an attempt failed when there was no answer, or 500 and above.",
)
NONE_COMPARED = Mistake(
    "compares-none-with-a-number",
    "Where no answer came there is no status: None, which no number can be compared "
    "with. Your alert died in the first outage in which nobody answered.",
    "Ask whether the status is None before you compare it.",
)
SILENCE_FORGOTTEN = Mistake(
    "no-answer-is-no-failure",
    "In the worst outages nobody answers at all: the process is gone, or stuck. Their "
    "status is None, and you did not count it.",
    "Count None as a failure, like 500 and above.",
)
ERRORS_FORGOTTEN = Mistake(
    "errors-are-no-failures",
    "The receiver answered, and what it said is that it could not do its work. You "
    "rang only where no answer came.",
    "Count every status from 500 on as a failure, like None.",
)
ONE_STATUS = Mistake(
    "knows-one-status-only",
    "You look for one of the statuses from 500 on. A proxy answers 502, a full queue "
    "503, a bug 500: an outage has many numbers.",
    "Compare with the whole range: 500 and above.",
)
SECONDS_ONLY = Mistake(
    "looks-at-the-seconds-only",
    "The attempts failed within a moment: an error is often the fastest answer of all. "
    "How long they took says nothing about that.",
    "Look at the status, and let the seconds be.",
)
NEVER = Mistake(
    "never-rings",
    "Every attempt of an hour failed and you were quiet. The first to call will be a "
    "customer.",
    "Count the attempts that failed, and compare that with a bound.",
)
REMEMBERS = Mistake(
    "remembers-earlier-calls",
    "You were asked about the same window again and said something else. An alert that "
    "remembers is wrong after every restart, and nobody can try it on last month.",
    "Answer from the window alone, and keep nothing between two calls.",
)
OWN_CLOCK = Mistake(
    "looks-at-the-clock",
    "You asked this machine for the time. The attempts may be of last month, as they "
    "are here, and then all of them are too old for you.",
    'Count back from the last attempt of the window: window[-1]["at"].',
)
HOUR_HIDES = Mistake(
    "the-good-minutes-hide-the-bad",
    "For ten minutes nearly everything failed, but you set that against a whole hour, "
    "and most of that hour was good. By the time your bound is reached, the hour is "
    "over.",
    "Judge the last ten minutes, or lower the bound for the share of an hour.",
)
WANTS_ALL = Mistake(
    "waits-until-everything-fails",
    "One attempt in ten still came through, and that was enough to keep you quiet. "
    "Most outages are like that: one of several servers, one full disk.",
    "Ring when most attempts fail; do not wait for all.",
)
WANTS_MORE = Mistake(
    "waits-for-more-failures",
    "A number of failures that is right for a busy hour is out of reach in a slow one. "
    "Here most attempts failed, and they were too few for you.",
    "Compare failures with attempts, and keep the number that you insist on small.",
)
TOO_LATE = Mistake(
    "found-too-late",
    "Ten minutes were agreed on. After that, events come too late and people begin to "
    "write.",
    "Rehearse your alert on January, and look at what it saw ten minutes after the "
    "outage began.",
)
ANY_FAILURE = Mistake(
    "rings-at-every-failure",
    "One or two attempts failed among many, and the sender tries again by itself: that "
    "is what retries are for. Somebody got up for nothing.",
    "Ring only when a good part of many attempts failed.",
)
NO_MINIMUM = Mistake(
    "judges-by-too-few",
    "A few attempts are not enough to judge by: one event that fails, and is tried "
    "again, makes three or four failures on its own. On a quiet night that is nearly "
    "all there is.",
    "Add a smallest number of attempts below which you say False.",
)
COUNTS = Mistake(
    "counts-without-comparing",
    "You counted failures and did not ask of how many. Ten are few among the four "
    "hundred attempts of a sale, and many among the twelve of a slow morning.",
    "Divide by the number of attempts before you compare.",
)
TOO_TOUCHY = Mistake(
    "bound-too-low",
    "A few failures among many attempts are an ordinary day, and the sender's retries "
    "take care of them. You were called for a share that nobody would notice.",
    "Raise the share of failures at which you ring.",
)
BLAMES_ITSELF = Mistake(
    "counts-refusals-as-failures",
    "These attempts were refused with 4xx, and rightly so: somebody sent what has no "
    "valid signature. Your receiver did its work. Who counts that lets any stranger "
    "ring your bell.",
    "Leave the 4xx out: failed is no answer, or 500 and above.",
)
SLOW_IS_DOWN = Mistake(
    "slow-is-not-down",
    "Every attempt was acknowledged; they only took longer than last week. That is "
    "worth a look on Monday, and nobody has to get up for it.",
    "Judge by the status. If you look at the seconds, do it in another watch.",
)
FALSE_ALARM = Mistake(
    "false-alarms",
    "At most one false alarm a week was agreed on. After the third, people stop "
    "looking, and then an alarm is worth nothing.",
    "Rehearse your alert on January: it lists the windows at which you rang.",
)


def why_quiet(alert: Alert, window: Window, status: int | None) -> Mistake:
    """Say why it is quiet on a window whose last ten minutes fail with `status`."""

    def rings(changed: Window) -> bool:
        return quietly(alert, changed) is True

    failing = _changed(window, is_failure)
    end = window[-1]["at"]
    signs: tuple[tuple[Callable[[], bool], Mistake], ...] = (
        (lambda: _rings_by_the_clock(alert, window, end), OWN_CLOCK),
        (
            lambda: status is None and rings(failing(status=503)),
            SILENCE_FORGOTTEN,
        ),
        (lambda: rings(failing(seconds=30.0)), SECONDS_ONLY),
        (
            lambda: (
                status is not None and any(rings(failing(status=n)) for n in _ERRORS)
            ),
            ONE_STATUS,
        ),
        (
            lambda: status is not None and rings(failing(status=None, seconds=10.0)),
            ERRORS_FORGOTTEN,
        ),
        (lambda: rings([a for a in window if a["at"] > end - IN_TIME]), HOUR_HIDES),
        (lambda: rings(_last_fail(window, end)), WANTS_ALL),
        (lambda: rings(_thicker(window, 12)), WANTS_MORE),
        (lambda: not any(rings(each) for each in _hopeless(end)), NEVER),
    )
    return next((mistake for holds, mistake in signs if holds()), HOUR_HIDES)


_ERRORS = (500, 502, 503, 504)


def why_it_rings(alert: Alert, window: Window) -> Mistake:
    """Say why it rings on a window in which nothing is wrong."""

    def quiet(changed: Window) -> bool:
        return quietly(alert, changed) is not True

    calm = _changed(window, _any)(status=200, seconds=0.2)
    if not window:
        return RINGS_ON_NOTHING
    if not quiet(calm):
        return ALWAYS
    if quiet(_changed(window, _acknowledged)(status=200)):
        return ONLY_200
    if quiet(_changed(window, _refused)(status=200)):
        return BLAMES_ITSELF
    if quiet(_changed(window, _any)(seconds=0.2)):
        return SLOW_IS_DOWN
    return _by_numbers(window, quiet)


def _by_numbers(window: Window, quiet: Callable[[Window], bool]) -> Mistake:
    """Tell by the numbers of attempts and failures why it rings."""
    end = window[-1]["at"]
    for failures in (1, 2):
        few = spread(end - 60, 60, 200) + spread(end, failures, 500, over=60)
        if not quiet(few):
            return ANY_FAILURE
    if not quiet(_diluted(window)):
        return COUNTS
    recent = [a for a in window if a["at"] > end - IN_TIME]
    judged = window if quiet(recent) else recent
    failed = sum(map(is_failure, judged))
    return NO_MINIMUM if failed >= FEW * len(judged) else TOO_TOUCHY


def spread(
    end: float,
    count: int,
    status: int | None,
    *,
    seconds: float = 0.2,
    over: float = HOUR,
) -> Window:
    """Return so many attempts, evenly over the last `over` seconds."""
    step = over / count
    return [
        {"at": end - over + step * place, "status": status, "seconds": seconds}
        for place in range(1, count + 1)
    ]


def _changed(
    window: Window, concerns: Callable[[Attempt], bool]
) -> Callable[..., Window]:
    def changed(**fields: object) -> Window:
        return [{**a, **fields} if concerns(a) else dict(a) for a in window]

    return changed


def _any(attempt: Attempt) -> bool:
    return True


def _acknowledged(attempt: Attempt) -> bool:
    return attempt["status"] is not None and 200 <= attempt["status"] < 300


def _refused(attempt: Attempt) -> bool:
    return attempt["status"] is not None and 400 <= attempt["status"] < 500


def _last_fail(window: Window, end: float) -> Window:
    """Return the window with nothing but failures in its last ten minutes."""
    failed = next((a for a in reversed(window) if is_failure(a)), {"status": 503})
    return [
        {**a, "status": failed["status"]} if a["at"] > end - IN_TIME else dict(a)
        for a in window
    ]


def _thicker(window: Window, times: int) -> Window:
    """Return the window with each attempt so many times."""
    return [dict(a) for a in window for _ in range(times)]


def _diluted(window: Window, times: int = 60) -> Window:
    """Return the window with so many good attempts behind each one."""
    good = {"status": 200, "seconds": 0.2}
    return [
        {**a, **good} if copy else dict(a) for a in window for copy in range(times + 1)
    ]


def _hopeless(end: float) -> Iterator[Window]:
    """Yield hours in which everything fails, in one way or another."""
    for status, seconds in ((503, 0.02), (500, 0.3), (None, 10.0)):
        yield spread(end, 60, status, seconds=seconds)
        yield spread(end, 600, status, seconds=seconds)


def _rings_by_the_clock(alert: Alert, window: Window, end: float) -> bool:
    def rings() -> bool:
        return quietly(alert, [dict(attempt) for attempt in window]) is True

    with _clock_at(end):
        rang = rings()
    # An alert that remembers its calls may ring now as well.
    return rang and not rings()


@contextmanager
def _clock_at(moment: float) -> Iterator[None]:
    """Let `time.time` say that moment."""
    kept = time.time
    time.time = lambda: moment
    try:
        yield
    finally:
        time.time = kept
