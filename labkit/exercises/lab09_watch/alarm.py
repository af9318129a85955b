"""9.2: an alert that finds outages and lets people sleep."""

from statistics import StatisticsError

from labkit.checks import Exercise, Mistake, Question, short
from labkit.exercises.lab09_watch.month import HOUR, clock, month
from labkit.exercises.lab09_watch.reasons import (
    EMPTY_RAISES,
    FALSE_ALARM,
    NO_BOOL,
    NONE_COMPARED,
    ONLY_200,
    REMEMBERS,
    RINGS_ON_NOTHING,
    TOO_LATE,
    spread,
    why_it_rings,
    why_quiet,
)
from labkit.exercises.lab09_watch.trial import (
    IN_TIME,
    Alert,
    Found,
    Trial,
    Window,
    summed_up,
    try_out,
)
from labkit.model import LAB_EPOCH

NOON = LAB_EPOCH - 86_400.0 + 12 * HOUR
NIGHT = NOON + 15 * HOUR
RINGS = "True: the receiver is down"
QUIET = "False: nothing is wrong"

RAISED_BY_EMPTY: dict[type[BaseException], Mistake] = dict.fromkeys(
    (ZeroDivisionError, IndexError, ValueError, StatisticsError), EMPTY_RAISES
)


def is_quiet_when_all_is_well(alert: Alert) -> None:
    """It is quiet when nothing was sent, and when all was acknowledged."""
    ask = _about([], QUIET)
    if _answer(ask, alert, [], known=RAISED_BY_EMPTY):
        ask.fail("True", RINGS_ON_NOTHING)
    night = spread(NIGHT, 3, 200)
    busy = spread(NOON, 60, 200)
    for window in (night, busy):
        ask = _about(window, QUIET)
        if _answer(ask, alert, window):
            ask.fail("True", why_it_rings(alert, window))
    for status in (202, 204):
        window = spread(NOON, 60, status)
        ask = _about(window, QUIET)
        if _answer(ask, alert, window):
            ask.fail("True", ONLY_200)


def rings_when_most_fail(alert: Alert) -> None:
    """It rings when the last ten minutes brought 5xx, or no answer at all."""
    for status, seconds in ((503, 0.02), (500, 0.3), (None, 10.0), (None, 0.01)):
        window = spread(NOON - 600, 40, 200, over=HOUR - 600)
        window += spread(NOON, 20, status, seconds=seconds, over=600)
        ask = _about(window, RINGS)
        known: dict[type[BaseException], Mistake] = {}
        if status is None:
            known = {TypeError: NONE_COMPARED}
        if not _answer(ask, alert, window, known=known):
            ask.fail("False", why_quiet(alert, window, status))


def answers_from_the_window_alone(alert: Alert) -> None:
    """The same window gives the same answer, whatever was asked before."""
    good, bad = "an hour of 200", "an hour of 503"
    hours = {good: spread(NOON, 60, 200), bad: spread(NOON, 60, 503)}
    names = (good, bad, bad, good, good, bad)
    ask = Question(
        sent=", ".join(names),
        expected="the same result for every hour of 503, and for every hour of 200",
        why=REMEMBERS.why,
        try_next=REMEMBERS.try_next,
    )
    answers = [(name, _answer(ask, alert, hours[name])) for name in names]
    if len(set(answers)) > len(hours):
        ask.fail(", ".join(str(answer) for _, answer in answers), REMEMBERS)


def holds_in_january(alert: Alert) -> None:
    """January: outages found within 10 minutes, at most one false alarm a week."""
    _holds(alert, 1)


def holds_in_february(alert: Alert) -> None:
    """February, which nobody could tune on: the same."""
    _holds(alert, 2)


def holds_in_march(alert: Alert) -> None:
    """March, which nobody could tune on: the same."""
    _holds(alert, 3)


def _holds(alert: Alert, number: int) -> None:
    trial = _tried(alert, number)
    _finds_outages(trial, alert)
    _lets_sleep(trial, alert)


def _tried(alert: Alert, number: int) -> Trial:
    def asked(window: Window) -> bool:
        try:
            answer = alert(window)
        except Exception as error:  # noqa: BLE001 - a learner raises anything
            ask = _about(window, "True or False")
            known = dict(RAISED_BY_EMPTY) if len(window) < 2 else {}
            if any(attempt["status"] is None for attempt in window):
                known[TypeError] = NONE_COMPARED
            return _answer(ask, _raising(error), window, known=known)
        if answer is not True and answer is not False:
            _about(window, "True or False").fail(short(answer), NO_BOOL)
        return answer

    return try_out(asked, month(number))


def _raising(error: Exception) -> Alert:
    def raising(window: Window) -> bool:
        raise error

    return raising


def _finds_outages(trial: Trial, alert: Alert) -> None:
    if not trial.missed:
        return
    missed = trial.missed[0]
    outage = missed.outage
    deadline = outage.starts + IN_TIME
    window = _window_at(trial, deadline)
    ask = Question(
        sent=f"{trial.month.name}. From {clock(outage.starts)} on, for "
        f"{(outage.ends - outage.starts) / 60:.0f} min, {outage.what}.\n"
        f"Ten minutes later: {summed_up(window)}",
        expected="True, by then at the latest",
        why=TOO_LATE.why,
        try_next=TOO_LATE.try_next,
    )
    ask.fail(_how_late(missed, trial), why_quiet(alert, window, outage.status))


def _how_late(missed: Found, trial: Trial) -> str:
    others = len(trial.missed) - 1
    more = ""
    if others:
        more = f"; {others} other outage{'' if others == 1 else 's'} as well"
    if missed.at is None:
        return f"False, to the end of the outage{more}"
    minutes = (missed.at - missed.outage.starts) / 60
    return f"False; True only after {minutes:.0f} min{more}"


def _lets_sleep(trial: Trial, alert: Alert) -> None:
    if trial.too_many is None:
        return
    first, second = trial.too_many
    ask = Question(
        sent=f"{trial.month.name}, two alarms within a week:\n{first}\n{second}",
        expected="False at one of the two or both: nothing was wrong",
        why=FALSE_ALARM.why,
        try_next=FALSE_ALARM.try_next,
    )
    number = len(trial.false_alarms)
    ask.fail(
        f"True at both; {number} false alarms in all",
        why_it_rings(alert, second.window),
    )


def _answer(
    ask: Question,
    alert: Alert,
    window: Window,
    known: dict[type[BaseException], Mistake] | None = None,
) -> bool:
    answered = ask.call(alert, [dict(attempt) for attempt in window], known=known)
    if answered is not True and answered is not False:
        ask.fail(short(answered), NO_BOOL)
    return bool(answered)


def _about(window: Window, expected: str) -> Question:
    return Question(
        sent=summed_up(window),
        expected=expected,
        why="An attempt failed if no response arrived or the status is 500 and above. "
        "The share of failed attempts decides.",
        try_next="Call your alert with such a window and follow it line by line.",
    )


def _window_at(trial: Trial, moment: float) -> Window:
    return [
        attempt
        for attempt in trial.month.attempts
        if moment - HOUR < attempt["at"] <= moment  # type: ignore[operator]
    ]


ALERT = Exercise(
    id="9.2",
    lab="09_watch",
    wants="alert(window) -> bool",
    cases=(
        is_quiet_when_all_is_well,
        answers_from_the_window_alone,
        rings_when_most_fail,
        holds_in_january,
        holds_in_february,
        holds_in_march,
    ),
    hints=(
        (
            "Begin with a list of the failed attempts: those without a response, and "
            "those with 500 and above. How long is it?"
        ),
        (
            "Divide this number by the number of attempts. Which share does one failed "
            "event cause on a quiet night, if it is tried four times?"
        ),
        (
            'window[-1]["at"] is the time of the last attempt. An hour is long: use '
            "only the attempts that are at most 600 s older."
        ),
        (
            "You need two thresholds, joined by `and`: a minimum number of attempts "
            "and a minimum failure rate. rehearse(alert, january) helps you choose."
        ),
    ),
)
