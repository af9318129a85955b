"""9.4: an alert for missing traffic, which knows how long is normal at which hour."""

import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from labkit.checks.contract import contract
from labkit.checks.mistakes import Rule, edit, mistakes, raised
from labkit.checks.observing import Function, exactly, truth
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab06_retries.clock import time_zone
from labkit.model import LAB_EPOCH

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
MIDNIGHT = float(LAB_EPOCH)
LIMITS = (*[4 * HOUR] * 6, *[30 * MINUTE] * 16, *[2 * HOUR] * 2)
"""Four hours until 6:00, half an hour until 22:00, then two hours."""

NO_ATTEMPT_RAISES, NO_ATTEMPT_IS_FINE, LAST_OF_LIST, FIRST_ATTEMPT = mistakes("""
    raises-without-an-attempt: Your code raises an exception if there is no attempt. A
        new endpoint, or one that was disabled long ago, has none, and an alert that
        crashed reports nothing.
        Try: Check whether there is an attempt before you look for the last one.
    quiet-without-an-attempt: Your code reports nothing if there was no attempt at all.
        Such an endpoint needs attention, because it may never have been enabled.
        Try: Return True if no attempt arrived at or before `now`.
    trusts-the-order: Your code uses the last attempt in the list as the latest one.
        Attempts that come from several servers are not sorted, so the silence seems too
        long.
        Try: Use the largest time, not the last position.
    counts-from-the-first-attempt: Your code counts from the first attempt. The silence
        begins with the latest one, so your alert fires although attempts arrive all the
        time.
        Try: Use the latest attempt that is not later than `now`.
""")
THE_FUTURE, LIMIT_OF_NOW, LIMIT_OF_LAST, HOURS_BETWEEN, LAST_HOUR = mistakes("""
    counts-attempts-of-the-future: Your code counts an attempt that arrived after `now`.
        If you try the alert on last month, every silence of that month is then
        invisible.
        Try: Ignore attempts that are later than `now`.
    only-the-hour-of-now: Your code looks only at the hour of `now`. In the morning the
        limit becomes shorter, and the alert fires because of a silence that was normal
        at night.
        Try: Use the largest limit of all hours, from the last attempt to `now`.
    only-the-hour-of-the-last-attempt: Your code looks only at the hour of the last
        attempt. In the evening the limit becomes longer, and the alert fires although
        the silence is normal at that hour.
        Try: Use the largest limit of all hours, from the last attempt to `now`.
    forgets-the-hours-between: Your code compares only two hours, the first and the
        last. If the hours between them have a longer limit, the alert fires too early.
        Try: Use the largest limit of all hours, from the last attempt to `now`.
    forgets-the-hour-of-now: Your code does not look at the hour of `now`. If that hour
        has a longer limit, the alert fires although the silence is normal.
        Try: A range ends before its second argument, so add 1 to the hour of `now`.
""")
SMALLEST, AT_THE_LIMIT, OWN_CLOCK, LOCAL_HOURS, NO_MIDNIGHT = mistakes("""
    uses-the-smallest-limit: Your code uses the smallest of the limits. One busy hour
        then makes the alert fire after a quiet night: a false alarm every morning.
        Try: Use max, not min.
    fires-at-the-limit: Your code fires if the silence is exactly as long as the limit.
        A silence of that length is still normal.
        Try: Compare with >, not with >=.
    looks-at-the-clock: Your code reads the clock of this machine. The alert then cannot
        be tested with last month's attempts, because all of them seem too old.
        Try: Use `now`, and read no clock.
    uses-the-local-hour: Your code uses the hour of the machine's time zone. The limits
        are for hours in UTC, so on a machine in another time zone the alert uses the
        wrong limits.
        Try: Compute the hour from the seconds: int(at // 3600) % 24.
    fails-after-midnight: Your code finds no hours if the silence lasts past midnight,
        because the hour of `now` is then smaller than the hour of the last attempt.
        Try: Count hours since 1970, and take each of them % 24.
""")
ONE_DAY_TOO_MANY, NO_BOOL, CHANGES, STEPS, ONE_DAY_ONLY = mistakes("""
    reads-past-the-last-limit: Your code uses an index of 24 or more. The list has 24
        limits, with the indexes 0 to 23, so the hour must start again at 0 after
        midnight.
        Try: Take the number of the hour % 24.
    returns-no-bool: Your code returns neither True nor False. A number or None looks
        like a result in an `if`, and hides a missing `return`.
        Try: Return the result of the comparison.
    changes-the-attempts: Your code changes the list of attempts. The program still
        needs that list, and the next alert gets another one.
        Try: Use max or sorted, which leave the list as it is.
    steps-from-the-last-attempt: Your code takes steps of an hour from the last attempt.
        From 05:59 to 06:01 no step of an hour fits, so the hour of `now` is missing.
        Try: Count the hours themselves, from last // 3600 to now // 3600.
    knows-no-longer-silence: Your code keeps only the hours of the day of both times. If
        more than a day lies between them, some of the hours between are missing.
        Try: Count the hours since 1970, and use % 24 only for the index.
""")

CONTRACT = contract("""
    given: Return whether no attempt has arrived for longer than normal.
    given: `attempts` is a list with the time of each attempt, in any order. It may be
        empty, and it may contain attempts that arrived after `now`.
    given: All times are in seconds since 1970-01-01 UTC. `limits` is a list with 24
        numbers: for each hour of the day (UTC), the longest normal silence in seconds.
    silence: The silence is the time from the latest attempt to `now`; ignore attempts
        after `now`.
    longer: Return True if the silence is longer than the limit, and False if it is not.
    limit: The limit is the largest number in `limits` for the hour of the latest
        attempt, the hour of `now`, and every hour between them.
    none: If no attempt arrived at or before `now`, return True.
    alone: The result depends only on the arguments, not on the machine's time zone.
    kept: Do not change the lists.
    open: The check does not test times before 1970.
""")


def _at(day: int, hour: float) -> float:
    """Return the time of an hour of a day, both counted from the lab's first day."""
    return MIDNIGHT + day * DAY + hour * HOUR


def _trials() -> Iterator[Trial]:
    yield from _silences()
    yield from _lengths()
    yield from _limits()
    yield Trial("none", {"attempts": []}, "no attempt at all")
    yield Trial("none", {"attempts": [_at(0, 13)]}, "the only attempt is in the future")
    long_ago = {"attempts": [_at(0, 11)], "now": _at(2, 12)}
    yield Trial("none", {"attempts": [_at(0, 12.5)], "limits": [10 * DAY] * 24})
    for zone in ("LAB+5", "LAB-9"):
        yield Trial("alone", {"zone": zone})
        for now in (9, 21.5, 6.25):
            changes = {"attempts": [_at(0, now - 1)], "now": _at(0, now)}
            yield Trial("alone", {"zone": zone, **changes})
    yield Trial("alone", {"again": 1, "attempts": [_at(0, 11)]})
    yield Trial("alone", {"again": 2})
    unsorted = [_at(0, 11.9), _at(0, 9), _at(0, 11)]
    for attempts in (unsorted, unsorted[::-1], [*unsorted, _at(0, 14)], [_at(0, 14)]):
        yield Trial("kept", {"attempts": attempts, "kept": True})
    yield Trial("silence", long_ago, "two days")
    yield probe({"now": _at(400, 12), "attempts": [_at(400, 11.9)]})


def _night(hour: float) -> Fields:
    """Return the changes for a latest attempt at that hour of the second day."""
    return {"attempts": [_at(0, 20), _at(1, hour)]}


def _silences() -> Iterator[Trial]:
    for minutes in (10, 40, 29, 31, 180):
        at = [_at(0, 12) - minutes * MINUTE]
        yield Trial("silence", {"attempts": at}, f"silent for {minutes} min")
    early, late, later = _at(0, 8), _at(0, 11.9), _at(0, 11.2)
    for attempts in ([early, late], [late, early], [early, late, later]):
        yield Trial("silence", {"attempts": attempts}, "one attempt 6 min ago")
    for attempts in ([early, later], [later, early], [later, later]):
        yield Trial("silence", {"attempts": attempts}, "the latest 48 min ago")
    for after in (1.0, 60.0, DAY):
        changes = {"attempts": [later, _at(0, 12) + after]}
        yield Trial("silence", changes, f"one more {after:,.0f} s after now")
        changes = {"attempts": [_at(0, 12) + after, late]}
        yield Trial("silence", changes, f"and one {after:,.0f} s after now")
    yield Trial("silence", {"attempts": [_at(0, 12)]}, "the attempt arrived just now")
    first = {"attempts": [0.0], "now": 600.0, "limits": [1800] * 24}
    yield Trial("silence", first, "the attempt arrived at the start of 1970")


def _lengths() -> Iterator[Trial]:
    for seconds in (1800.0, 1800.5, 1801.0, 1799.0, 1799.5):
        note = f"the silence is {seconds:g} s, the limit 1800"
        for late in (0.0, 0.5):
            now = _at(0, 12.75) + late
            yield Trial("longer", {"attempts": [now - seconds], "now": now}, note)
    for limit in (0.0, 5.0, 7 * HOUR):
        for more in (0.0, 1.0):
            changes = {"attempts": [_at(0, 12) - limit - more], "limits": [limit] * 24}
            note = f"each limit is {limit:g} s, the silence {limit + more:g} s"
            yield Trial("longer", changes, note)


def _limits() -> Iterator[Trial]:
    for hour, now, note in (
        (3.0, 6.25, "the night ends"),
        (5.5, 6.25, "the last minutes of the night"),
        (5 + 59.9 / 60, 6.75, "the attempt was just before 6:00"),
        (6.0, 6.75, "the attempt was at 6:00"),
        (2.0, 6.25, "more than four hours"),
        (1.9, 5.8, "at night"),
        (1.0, 5.8, "at night, too long"),
        (21.8, 22.75, "the evening begins"),
        (21.2, 21.95, "before the evening"),
        (21.4, 22.0, "at 22:00"),
    ):
        changes = {**_night(hour), "now": _at(1, now)}
        yield Trial("limit", changes, note)
    for hour, now, note in (
        (23.5, 25.5, "past midnight"),
        (23.5, 27.6, "past midnight, more than four hours"),
        (21.5, 30.5, "a whole night"),
        (21.9, 25.7, "evening and night"),
        (20.0, 25.0, "past midnight, five hours"),
    ):
        changes = {"attempts": [_at(0, hour)], "now": _at(0, now)}
        yield Trial("limit", changes, note)
    lunch = [600.0] * 24
    lunch[12] = 3 * HOUR
    for hour, now, note in (
        (11.5, 13.5, "an hour between has the largest limit"),
        (10.2, 13.9, "longer than the largest limit"),
        (12.9, 13.5, "the first hour has it"),
        (11.5, 12.2, "the last hour has it"),
        (11.5, 11.9, "no hour has it"),
        (11 + 3599.5 / 3600, 13.2, "the whole hour lies between"),
        (11 + 2459.7 / 3600, 12 + 0.3 / 3600, "the last hour has just begun"),
        (13.0, 13.5, "the hour before does not count"),
        (11.5, 11.99, "the hour after does not count"),
    ):
        changes = {"attempts": [_at(0, hour)], "now": _at(0, now), "limits": lunch}
        yield Trial("limit", changes, f"limit of 3 h at 12, else 600 s: {note}")
    for hour in (0, 23):
        one = [600.0] * 24
        one[hour] = 5 * HOUR
        changes = {"attempts": [_at(0, 22.5)], "now": _at(0, 25.5), "limits": one}
        yield Trial("limit", changes, f"only {hour}:00 has a limit of 5 h")
    for hours in (22, 23, 24, 25, 37):
        long = [600.0] * 24
        long[(10 + hours) % 24] = 3 * DAY
        for over in (0.0, 0.9):
            end = 10.1 + hours + over
            changes = {"attempts": [_at(0, 10.1)], "now": _at(0, end), "limits": long}
            note = f"{(10 + hours) % 24}:00 has a limit of 3 days, the others 600 s"
            yield Trial("limit", changes, note)
    two_days = [DAY] * 24
    two_days[4] = 2 * DAY
    changes = {"attempts": [_at(0, 12)], "now": _at(1, 18), "limits": two_days}
    yield Trial("limit", changes, "more than a day: every hour counts")


def _random(rng: random.Random) -> Trial:
    now = _at(rng.randrange(3), 0) + rng.randrange(24 * 3600)
    attempts = [
        now - rng.choice((1, 1, 1, -1)) * rng.randrange(1, 40_000)
        for _ in range(rng.randrange(1, 5))
    ]
    limits = [float(rng.choice((600, 1800, 7200, 14_400))) for _ in range(24)]
    return Trial("limit", {"attempts": attempts, "now": now, "limits": limits})


def _clock(moment: float) -> str:
    day = int((moment - MIDNIGHT) // DAY) + 1
    return f"day {day}, {time.strftime('%H:%M:%S', time.gmtime(moment))}"


def _show(fields: Fields) -> str:
    attempts = ", ".join(map(_clock, fields["attempts"])) or "none"
    sent = f"attempts: {attempts}\nnow: {_clock(fields['now'])}"
    if tuple(fields["limits"]) == LIMITS:
        sent += "\nlimits: 4 h until 6:00, 30 min until 22:00, then 2 h"
    if fields["zone"] != "UTC":
        sent += f"\non a machine in the time zone {fields['zone']}"
    return sent


def _arguments(fields: Fields) -> Sequence[Any]:
    return [list(fields["attempts"]), fields["now"], list(fields["limits"])]


def _empty(fields: Fields) -> bool:
    return not fields["attempts"]


def _normal(value: Any) -> Any:
    return truth(value) if isinstance(value, bool) else exactly(value)


_LAST = "last = max(earlier)"
_FIRST_HOUR = "first, final = int(last // 3600), int(now // 3600)"
_ALL_HOURS = "limits[hour % 24] for hour in range(first, final + 1)"
_EARLIER = "[at for at in attempts if at <= now]"
_RESULT = "return now - last > max("

MISTAKES = (
    Rule(NO_ATTEMPT_RAISES, _empty, how=raised()),
    edit(NO_ATTEMPT_IS_FINE, ("return True", "return False")),
    edit(LAST_OF_LIST, (_LAST, "last = earlier[-1]")),
    edit(LAST_OF_LIST, (_EARLIER, "attempts"), (_LAST, "last = attempts[-1]")),
    edit(FIRST_ATTEMPT, (_LAST, "last = min(earlier)")),
    edit(FIRST_ATTEMPT, (_LAST, "last = earlier[0]")),
    edit(THE_FUTURE, (_EARLIER, "list(attempts)")),
    edit(
        THE_FUTURE,
        (_EARLIER, "list(attempts)"),
        (_FIRST_HOUR, f"{_FIRST_HOUR}; first = min(first, final)"),
    ),
    edit(LIMIT_OF_NOW, (_ALL_HOURS, "limits[hour % 24] for hour in [final]")),
    edit(LIMIT_OF_LAST, (_ALL_HOURS, "limits[hour % 24] for hour in [first]")),
    edit(HOURS_BETWEEN, (_ALL_HOURS, "limits[hour % 24] for hour in [first, final]")),
    edit(
        LAST_HOUR,
        (_ALL_HOURS, "limits[hour % 24] for hour in [first, *range(first, final)]"),
    ),
    edit(SMALLEST, (_RESULT, "return now - last > min(")),
    edit(AT_THE_LIMIT, (_RESULT, "return now - last >= max(")),
    edit(OWN_CLOCK, ("earlier =", "import time; now = time.time(); earlier =")),
    edit(
        LOCAL_HOURS,
        (
            _FIRST_HOUR,
            (
                "from datetime import datetime; "
                "zone = datetime.fromtimestamp(now).astimezone().utcoffset(); "
                "o = zone.total_seconds(); "
                "first, final = int((last + o) // 3600), int((now + o) // 3600)"
            ),
        ),
    ),
    edit(
        NO_MIDNIGHT,
        (_FIRST_HOUR, "first, final = int(last // 3600) % 24, int(now // 3600) % 24"),
    ),
    edit(
        NO_MIDNIGHT,
        (
            _FIRST_HOUR,
            "first, final = sorted((int(last // 3600) % 24, int(now // 3600) % 24))",
        ),
    ),
    edit(
        ONE_DAY_TOO_MANY,
        (
            _FIRST_HOUR,
            (
                "first = int(last // 3600) % 24; "
                "final = first + int(now // 3600) - int(last // 3600)"
            ),
        ),
        (_ALL_HOURS, "limits[hour] for hour in range(first, final + 1)"),
    ),
    Rule(
        NO_BOOL,
        lambda _: True,
        how=lambda _, seen: not isinstance(seen.result, bool) and not seen.raised,
        some=True,
    ),
    edit(
        STEPS,
        (
            _ALL_HOURS,
            (
                "limits[int((last + 3600 * step) // 3600) % 24] "
                "for step in range(int((now - last) // 3600) + 1)"
            ),
        ),
    ),
    edit(
        ONE_DAY_ONLY,
        (
            _FIRST_HOUR,
            (
                "first, final = int(last // 3600) % 24, int(now // 3600) % 24; "
                "final += 24 * (final < first)"
            ),
        ),
    ),
    edit(CHANGES, ("earlier =", "attempts.sort(); earlier =")),
)

SILENT = judged(
    id="9.4",
    lab="09_watch",
    wants="silent(attempts, now, limits) -> bool",
    hints=(
        "Begin with the attempts that are not later than `now`. What if none is left?",
        (
            "int(at // 3600) counts the hours since 1970. Its remainder, % 24, is the "
            "hour of the day."
        ),
        (
            "range(first, final + 1) goes through all hours from the latest attempt to "
            "`now`. max finds the largest of their limits."
        ),
    ),
    contract=CONTRACT,
    space=Space(
        {
            "attempts": (_at(0, 11.75),),
            "now": _at(0, 12),
            "limits": LIMITS,
            "zone": "UTC",
            "kept": False,
        },
        _trials,
        _random,
    ),
    observer=Function(
        _arguments,
        _show,
        _normal,
        around=lambda fields: time_zone(fields["zone"]),
        keeps_arguments=True,
    ),
    mistakes=MISTAKES,
)
