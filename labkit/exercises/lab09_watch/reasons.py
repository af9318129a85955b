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
    (
        "Your alert returns neither True nor False. None, a list or a number looks "
        "like one of the two in an `if`, and hides a missing `return`."
    ),
    "Return True or False on every path; a comparison already is one of them.",
)
EMPTY_RAISES = Mistake(
    "raises-on-an-empty-window",
    (
        "Your alert raises an exception for an empty window. At night an hour may "
        "pass without an attempt, and an alert that crashed reports nothing."
    ),
    (
        "Check whether the window is empty before you divide by its length or use its"
        " last entry."
    ),
)
RINGS_ON_NOTHING = Mistake(
    "rings-on-an-empty-window",
    (
        "Your alert fires for an empty window. At night that is normal, so people are"
        " woken for nothing; missing traffic needs a separate alert."
    ),
    "Return False if the window is empty.",
)
ALWAYS = Mistake(
    "rings-when-all-is-well",
    (
        "Your alert fires although every attempt was acknowledged. People disable "
        "such an alert after a week, and then it misses the real outage."
    ),
    "Let the result depend on the number of failed attempts.",
)
ONLY_200 = Mistake(
    "only-200-is-good",
    (
        "Your alert takes 202 and 204 for failures. Both acknowledge the event, so "
        "one harmless change of a status makes your alert fire for days."
    ),
    (
        "Count an attempt as failed if there was no response, or a status of 500 and "
        "above."
    ),
)
NONE_COMPARED = Mistake(
    "compares-none-with-a-number",
    (
        "Your alert compares None with a number and raises an exception. The status "
        "is None if no response arrived, so the alert crashes in exactly such an "
        "outage."
    ),
    "Check whether the status is None before you compare it.",
)
SILENCE_FORGOTTEN = Mistake(
    "no-answer-is-no-failure",
    (
        "Your alert does not count attempts without a response. In the worst outages "
        "nothing responds: the process has crashed or hangs."
    ),
    "Count None as a failure, like 500 and above.",
)
ERRORS_FORGOTTEN = Mistake(
    "errors-are-no-failures",
    (
        "Your alert counts only attempts without a response. A status of 500 and "
        "above means that the receiver could not do its work."
    ),
    "Count every status from 500 on as a failure, like None.",
)
ONE_STATUS = Mistake(
    "knows-one-status-only",
    (
        "Your alert counts only one of the statuses from 500 on. A proxy returns 502,"
        " a full queue 503, and a bug 500."
    ),
    "Compare with the whole range: 500 and above.",
)
SECONDS_ONLY = Mistake(
    "looks-at-the-seconds-only",
    (
        "Your alert looks only at how long the attempts took. Errors are often the "
        "fastest responses of all."
    ),
    "Use the status, and ignore the seconds.",
)
NEVER = Mistake(
    "never-rings",
    (
        "Your alert did not fire although every attempt of an hour failed. The first "
        "person to notice is a customer."
    ),
    "Count the failed attempts, and compare the number with a limit.",
)
REMEMBERS = Mistake(
    "remembers-earlier-calls",
    (
        "Your alert gave another result for the same window. If it depends on earlier"
        " calls, it is wrong after a restart, and nobody can try it on last month."
    ),
    "Use only the window, and keep nothing between two calls.",
)
OWN_CLOCK = Mistake(
    "looks-at-the-clock",
    (
        "Your alert asks this machine for the time. The attempts may be from last "
        "month, as they are here, and then all of them seem too old."
    ),
    'Count back from the last attempt of the window: window[-1]["at"].',
)
HOUR_HIDES = Mistake(
    "the-good-minutes-hide-the-bad",
    (
        "Your alert compares the failures of ten minutes with a whole hour, most of "
        "which was good. When it reaches your limit, the hour is over."
    ),
    "Judge only the last ten minutes, or lower the share for the hour.",
)
WANTS_ALL = Mistake(
    "waits-until-everything-fails",
    (
        "Your alert waits until every attempt fails. In most outages some still "
        "succeed, because one of several servers works."
    ),
    "Fire if most attempts fail.",
)
WANTS_MORE = Mistake(
    "waits-for-more-failures",
    (
        "Your alert requires more failures than there are in a slow hour. Here most "
        "attempts failed, but they were too few for it."
    ),
    "Compare the failures with the attempts, and keep the minimum number small.",
)
TOO_LATE = Mistake(
    "found-too-late",
    (
        "Your alert finds an outage after more than ten minutes. By then, events are "
        "late and customers notice."
    ),
    (
        "Rehearse your alert on January, and look at the window ten minutes after the"
        " outage began."
    ),
)
ANY_FAILURE = Mistake(
    "rings-at-every-failure",
    (
        "Your alert fires for one or two failures among many attempts. The sender "
        "retries these by itself, so nobody has to get up."
    ),
    "Fire only if a large share of many attempts failed.",
)
NO_MINIMUM = Mistake(
    "judges-by-too-few",
    (
        "Your alert judges by too few attempts. One event that fails and is retried "
        "makes three or four failures, and at night there is little else."
    ),
    "Add a minimum number of attempts, below which the result is False.",
)
COUNTS = Mistake(
    "counts-without-comparing",
    (
        "Your alert counts failures without comparing them with the attempts. Ten "
        "failures are few among four hundred attempts, and many among twelve."
    ),
    "Divide by the number of attempts before you compare.",
)
TOO_TOUCHY = Mistake(
    "bound-too-low",
    (
        "Your alert fires for a small share of failures. That happens on an ordinary "
        "day, and the sender's retries handle it."
    ),
    "Raise the share of failures.",
)
BLAMES_ITSELF = Mistake(
    "counts-refusals-as-failures",
    (
        "Your alert counts requests that the receiver rightly rejected with a 4xx. "
        "Anyone can trigger it by sending invalid requests."
    ),
    (
        "Do not count 4xx: an attempt failed if there was no response, or a status of"
        " 500 and above."
    ),
)
SLOW_IS_DOWN = Mistake(
    "slow-is-not-down",
    (
        "Your alert fires because responses are slow, although every attempt was "
        "acknowledged. Nobody has to get up for that."
    ),
    "Use the status; watch the seconds with a separate alert.",
)
FALSE_ALARM = Mistake(
    "false-alarms",
    (
        "Your alert causes more than one false alarm per week. People start to ignore"
        " such an alert (alert fatigue)."
    ),
    "Rehearse your alert on January: it lists the windows for which it fired.",
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
