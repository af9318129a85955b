"""The mistakes of 9.2, and on which windows an alert with each of them is wrong.

Several of them show only in the four weeks. They are then proved by probes: windows
that are like those of the four weeks, but differ in one thing only.
"""

from collections.abc import Callable, Collection

from labkit.checks import Mistake
from labkit.checks.mistakes import Rule, mistakes, raised, returned
from labkit.checks.observing import Seen
from labkit.checks.space import Fields

ERRORS = (500, 501, 502, 503, 504, 507, 520, 599)
"""Statuses of a receiver that is down."""

REFUSALS = (400, 401, 404, 410, 429, 499)

NO_BOOL, EMPTY_RAISES, RINGS_ON_NOTHING, ALWAYS, ONLY_200, NONE_COMPARED = mistakes("""
    returns-no-bool: Your alert returns neither True nor False. None, a list or a number
        looks like one of the two in an `if`, and hides a missing `return`.
        Try: Return True or False on every path; a comparison already is one of
        them.
    raises-on-an-empty-window: Your alert raises an exception for an empty window. At
        night an hour may pass without an attempt, and an alert that crashed reports
        nothing.
        Try: Check whether the window is empty before you divide by its length or
        use its last entry.
    rings-on-an-empty-window: Your alert fires for an empty window. At night that is
        normal, so people are woken without a reason; missing traffic needs a separate
        alert.
        Try: Return False if the window is empty.
    rings-when-all-is-well: Your alert fires although every attempt was acknowledged.
        People disable such an alert after a week, and then it misses the real outage.
        Try: Let the result depend on the number of failed attempts.
    only-200-is-good: Your alert treats a 2xx other than 200 as a failure. Every 2xx
        acknowledges the event, so a harmless change of the status makes your alert fire
        for days.
        Try: Count an attempt as failed if there was no response, or a status of 500
        and above.
    compares-none-with-a-number: Your alert uses None like a number and raises an
        exception. The status is None if no response arrived, so the alert crashes in
        exactly such an outage.
        Try: Check whether the status is None before you compare it or calculate
        with it.
""")
SILENCE_FORGOTTEN, ERRORS_FORGOTTEN, ONE_STATUS, SECONDS_ONLY, NEVER = mistakes("""
    no-answer-is-no-failure: Your alert does not count attempts without a response. In
        the worst outages nothing responds: the process has crashed or hangs.
        Try: Count None as a failure, like 500 and above.
    errors-are-no-failures: Your alert counts only attempts without a response. A status
        of 500 and above means that the receiver could not do its work.
        Try: Count every status from 500 on as a failure, like None.
    misses-some-statuses: Your alert does not count every status from 500 on. A proxy
        returns 502, a full queue 503, and a bug 500.
        Try: Compare with the whole range: 500 and above.
    looks-at-the-seconds-only: Your alert looks only at how long the attempts took.
        Errors are often the fastest responses of all.
        Try: Use the status, and ignore the seconds.
    never-rings: Your alert did not fire although every attempt of an hour failed. The
        first person to notice is a customer.
        Try: Count the failed attempts, and compare the number with a limit.
""")
REMEMBERS, OWN_CLOCK, HOUR_HIDES, WANTS_ALL, WANTS_MORE, TOO_LATE = mistakes("""
    remembers-earlier-calls: Your alert gave a different result for the same window. If
        it depends on earlier calls, it is wrong after a restart, and nobody can try it
        on last month.
        Try: Use only the window, and keep nothing between two calls.
    looks-at-the-clock: Your alert asks this machine for the time. The attempts may be
        from last month, as they are here, and then all of them seem too old.
        Try: Count back from the last attempt of the window: window[-1]["at"].
    the-good-minutes-hide-the-bad: Your alert compares the failures of ten minutes with
        a whole hour, most of which was good. By the time the failure rate reaches your
        limit, most of an hour has passed.
        Try: Look only at the last ten minutes, or let the alert fire at a lower
        failure rate of the hour.
    waits-until-everything-fails: Your alert does not fire although nine of ten attempts
        failed. In most outages some still succeed, because one of several servers
        works.
        Try: Fire if most attempts fail.
    waits-for-more-failures: Your alert requires more attempts or failures than there
        are in a slow hour. Here all attempts of ten minutes failed, but they were too
        few for it.
        Try: Compare the failures with the attempts, and keep the minimum number
        small.
    found-too-late: Your alert does not find every outage within ten minutes. After
        that, events are late and customers notice.
        Try: Rehearse your alert on January, and look at the window ten minutes
        after the outage began.
""")
ANY_FAILURE, NO_MINIMUM, COUNTS, TOO_TOUCHY, BLAMES_ITSELF, SLOW_IS_DOWN = mistakes("""
    rings-at-every-failure: Your alert fires for one or two failures among many
        attempts. The sender retries these by itself, so nobody has to get up.
        Try: Fire only if a large share of many attempts failed.
    judges-by-too-few: Your alert judges by too few attempts. One event that fails and
        is retried causes three or four failures, and at night there are few other
        attempts.
        Try: Add a minimum number of attempts, below which the result is False.
    counts-without-comparing: Your alert fires although only one attempt in sixty
        failed. Ten failures are few among four hundred attempts, and many among twelve.
        Try: Divide the number of failures by the number of attempts before you
        compare.
    bound-too-low: Your alert fires for a small share of failures. That happens on an
        ordinary day, and the sender's retries handle it.
        Try: Raise the failure rate at which your alert fires.
    counts-refusals-as-failures: Your alert counts requests that the receiver rightly
        rejected with a 4xx. Anyone can trigger it by sending invalid requests.
        Try: Do not count 4xx: an attempt failed if there was no response, or a
        status of 500 and above.
    slow-is-not-down: Your alert fires because responses are slow, although every
        attempt was acknowledged. Nobody has to get up for that.
        Try: Use the status; watch the seconds with a separate alert.
""")
(FALSE_ALARM,) = mistakes("""
    false-alarms: Your alert causes more than one false alarm per week. People start to
        ignore such an alert (alert fatigue).
        Try: Rehearse your alert on January: it lists the windows for which it
        fired.
""")

Accepts = Callable[[Fields], bool]


def _of(*kinds: str) -> Accepts:
    return lambda fields: fields["kind"] in kinds


def _down(statuses: Collection[int | None]) -> Accepts:
    """Accept the windows whose last ten minutes brought one of these statuses."""
    return lambda f: f["kind"] == "down" and f["window"][-1]["status"] in statuses


def _look(what: str) -> Accepts:
    return lambda fields: fields["look"] == what


def _either(*conditions: Accepts) -> Accepts:
    return lambda fields: any(accepts(fields) for accepts in conditions)


def _fires(_: Fields, seen: Seen) -> bool:
    return seen.result is True


def _quiet(_: Fields, seen: Seen) -> bool:
    return seen.result is False


def _fires_at(mistake: Mistake, *kinds: str, agrees: Accepts) -> Rule:
    """Return the rule for an alert that fires for some of these windows."""
    return Rule(mistake, _of(*kinds), agrees, _fires, some=True, may=_look("alarms"))


def _quiet_at(mistake: Mistake, *kinds: str, agrees: Accepts) -> Rule:
    """Return the rule for an alert that misses some of these windows."""
    may = _either(_look("found"), _down([503]), _of("mixed"))
    return Rule(mistake, _of(*kinds), agrees, _quiet, some=True, may=may)


def _in_month(mistake: Mistake, number: int, look: str) -> Rule:
    """Return the rule for what is wrong in one month; it explains one trial only."""
    return Rule(
        mistake,
        lambda fields: fields["month"] == number and fields["look"] == look,
        how=lambda _, seen: seen.value is False,
    )


def _no_bool(fields: Fields, seen: Seen) -> bool:
    single = fields["kind"] not in ("sequence", "repeated", "month")
    return single and not seen.raised and not isinstance(seen.result, bool)


def _none_misused(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.error, TypeError) and "None" in str(seen.error)


_CALM = ("few", "busy")
_NO_FAILURE = (*_CALM, "acknowledged", "refused", "slow")
_RARE = ("one failure", "two failures")
_BY_NIGHT = ("three by night", "four by night")

MISTAKES = (
    Rule(EMPTY_RAISES, _of("empty"), _of("busy"), raised()),
    Rule(RINGS_ON_NOTHING, _of("empty"), how=_fires),
    _fires_at(ALWAYS, *_CALM, agrees=_of("empty")),
    _fires_at(ONLY_200, "acknowledged", agrees=_of(*_CALM)),
    _fires_at(BLAMES_ITSELF, "refused", agrees=_of(*_CALM, "acknowledged")),
    Rule(
        SECONDS_ONLY, _either(_of("slow"), _down(ERRORS)), _of(*_CALM, "slow failures")
    ),
    _fires_at(SLOW_IS_DOWN, "slow", agrees=_of(*_CALM, "acknowledged")),
    Rule(NONE_COMPARED, _down([None]), _of(*_CALM), _none_misused),
    Rule(
        OWN_CLOCK,
        _either(_of("clock is wrong"), _down([503])),
        _of("clock is right", *_CALM),
        _quiet,
    ),
    Rule(
        NEVER,
        _either(_of("down", "clock is right", "thick", "hopeless"), _look("found")),
        _of(*_NO_FAILURE),
        returned(("bool", False), False),
    ),
    Rule(SILENCE_FORGOTTEN, _down([None]), _down(ERRORS), _quiet),
    Rule(ERRORS_FORGOTTEN, _down(ERRORS), _down([None]), _quiet),
    *(
        Rule(
            ONE_STATUS,
            _down([other for other in ERRORS if other != status]),
            _down([status]),
            _quiet,
            some=True,
        )
        for status in ERRORS
    ),
    _quiet_at(HOUR_HIDES, "long pause", agrees=_of("alone", "good at first")),
    _quiet_at(WANTS_ALL, "nine of ten", agrees=_of("all fail", *_NO_FAILURE)),
    _quiet_at(WANTS_MORE, "alone", agrees=_of("thick", *_NO_FAILURE)),
    _fires_at(ANY_FAILURE, *_RARE, agrees=_of(*_NO_FAILURE)),
    _fires_at(COUNTS, "diluted", agrees=_of(*_NO_FAILURE, *_RARE)),
    _fires_at(NO_MINIMUM, *_BY_NIGHT, agrees=_of(*_NO_FAILURE, *_RARE, "diluted")),
    _fires_at(TOO_TOUCHY, "sale", agrees=_of(*_NO_FAILURE, *_RARE, "diluted")),
    *(
        Rule(REMEMBERS, _of("sequence"), stateful=stateful)
        for stateful in (True, False)
    ),
    Rule(NO_BOOL, lambda _: True, how=_no_bool, some=True),
    *(_in_month(TOO_LATE, number, "found") for number in (1, 2, 3)),
    *(_in_month(FALSE_ALARM, number, "alarms") for number in (1, 2, 3)),
)
