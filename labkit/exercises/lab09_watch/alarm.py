"""9.2: an alert that finds outages and lets people sleep.

Many alerts are right, so only windows with a clear result are compared with the
reference one by one. In the four weeks, the check compares what an alert achieves.
"""

import random
import time
from collections.abc import Iterator
from typing import Any

from labkit.checks.contract import contract
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab09_watch.month import HOUR, month
from labkit.exercises.lab09_watch.reasons import ERRORS, MISTAKES, REFUSALS
from labkit.exercises.lab09_watch.trial import IN_TIME, Window, summed_up, try_out
from labkit.model import LAB_EPOCH

NOON = LAB_EPOCH - 86_400.0 + 12 * HOUR
NIGHT = NOON + 15 * HOUR

CONTRACT = contract("""
    given: Return whether the receiver is down.
    given: `window` is a list, oldest first, of the attempts of the last 60 minutes; it
        may be empty. Each attempt is a dictionary: "at" is when the attempt ended, in
        seconds of the simulated time, "status" is an int, or None if no response
        arrived, and "seconds" is how long it took.
    given: An attempt failed if no response arrived, or if the status is 500 or above.
    empty: If the window is empty, return False.
    calm: If no attempt failed, return False: this alert does not count a 4xx as a
        failure, and a slow response is a response.
    alone: The result is True or False and depends only on the window: equal windows
        give equal results.
    down: If at least 20 attempts ended in the ten minutes up to the latest one, and all
        of them failed, return True.
    clock: The clock of the machine and the date of the window do not matter.
    alarms: In January, February and March, cause at most one false alarm per week.
    found: In these months, find each outage in busy hours within ten minutes of its
        beginning.
    open: All other results are your decision.
    open: The check does not test whether you change the window, or a status above 599.
""")


def spread(
    end: float,
    count: int,
    *statuses: int | None,
    seconds: float = 0.2,
    over: float = HOUR,
) -> Window:
    """Return so many attempts, evenly over the last `over` seconds."""
    step = over / count
    return [
        {
            "at": end - over + step * (place + 1),
            "status": statuses[place % len(statuses)],
            "seconds": seconds,
        }
        for place in range(count)
    ]


def _outage(
    *statuses: int | None,
    good: int = 40,
    failed: int = 20,
    seconds: float = 0.02,
    end: float = NOON,
) -> Window:
    """Return an hour whose last ten minutes brought these statuses."""
    before = spread(end - IN_TIME, good, 200, over=HOUR - IN_TIME) if good else []
    return before + spread(end, failed, *statuses, seconds=seconds, over=IN_TIME)


def _single(sentence: str, kind: str, window: Window, note: str = "") -> Trial:
    return Trial(sentence, {"kind": kind, "window": window}, note)


def _trials() -> Iterator[Trial]:
    yield _single("empty", "empty", [])
    yield from _calm()
    good, bad = spread(NOON, 60, 200), _outage(503)
    yield Trial(
        "alone",
        {"kind": "sequence", "window": [good, bad, bad, bad, bad, good, good, bad]},
        "one call per line",
    )
    yield Trial("alone", {"kind": "repeated", "window": [_outage(503, 503, 200)] * 20})
    for days, note in ((-400, "400 days earlier"), (400, "400 days later")):
        window = _outage(503, end=NOON + days * 86_400)
        yield _single("clock", "clock is wrong", window, note)
    for status in (503, 500, None, *ERRORS):
        yield _single("down", "down", _outage(status))
    yield _single("down", "down", _outage(None, seconds=10.0))
    yield _single("down", "mixed", _outage(500, None, 503))
    yield _single("down", "mixed", _outage(502, failed=60))
    yield _single("down", "mixed", _outage(504, good=0))
    for hour in (0, 3, 6, 22):
        window = _outage(503, end=NOON + (12 + hour) * HOUR)
        yield _single("down", "mixed", window, f"at {hour}:00")
    for look in ("alarms", "found"):
        for number in (1, 2, 3):
            yield Trial(look, {"kind": "month", "month": number, "look": look})
    for kind, window in _probes():
        yield probe({"kind": kind, "window": window})
    yield probe({"kind": "clock is right", "window": _outage(503)})


def _calm() -> Iterator[Trial]:
    for count in (3, 1, 2, 5, 11):
        yield _single("calm", "few", spread(NIGHT, count, 200))
    for count in (60, 600):
        yield _single("calm", "busy", spread(NOON, count, 200))
    ebbing = spread(NOON - 660, 99, 200, over=2_900) + spread(NOON, 1, 200)
    yield _single("calm", "busy", ebbing, "the last one after a pause of 11 minutes")
    for status in (202, 204, 201):
        yield _single("calm", "acknowledged", spread(NOON, 60, status))
    for status in REFUSALS:
        yield _single("calm", "refused", spread(NOON, 60, status))
    yield _single("calm", "refused", _outage(401, failed=90))
    for seconds in (12.0, 30.0):
        yield _single("calm", "slow", spread(NOON, 60, 200, seconds=seconds))


def _probes() -> Iterator[tuple[str, Window]]:
    """Yield windows whose result is open, but which tell why an alert is wrong."""
    for failed in (20, 14, 10):
        yield "all fail", _outage(503, failed=failed)
        yield "alone", _outage(503, good=0, failed=failed)
        good = spread(NOON - 2_400, 40, 200, over=1_200)
        yield "long pause", good + _outage(503, good=0, failed=failed)
    first = spread(NOON - 3000, 20, 200, over=600)
    yield "good at first", first + spread(NOON, 100, 503, over=3000)
    yield "nine of ten", _outage(200, *[500] * 9)
    yield "thick", _outage(503, good=40 * 12, failed=20 * 12)
    yield "hopeless", spread(NOON, 60, 500)
    yield "hopeless", spread(NOON, 600, None, seconds=10.0)
    yield "slow failures", _outage(500, seconds=30.0)
    for kind, failures in (("one failure", 1), ("two failures", 2)):
        yield kind, spread(NOON - 60, 60, 200) + spread(NOON, failures, 500, over=60)
    night = spread(NIGHT - 2400, 2, 200)
    tried = [
        {"at": NIGHT + at, "status": 500, "seconds": 0.3}
        for at in (-2300, -306, -301, -1)
    ]
    yield "three by night", night + tried[1:]
    yield "four by night", night + tried
    yield "diluted", spread(NOON, 4800, 500, *[200] * 59)
    for share in (17, 9):
        yield "sale", spread(NOON, 408, *[200] * (share - 1), 500)


def _generate(rng: random.Random) -> Trial:
    """Return a window without failures, or one of an outage."""
    seconds = rng.choice((0.01, 0.2, 3.0, 10.0))
    if rng.random() < 0.5:
        statuses = rng.choices((200, 201, 202, 204, *REFUSALS), k=7)
        window = spread(NOON, rng.randint(1, 90), *statuses, seconds=seconds)
        return _single("calm", "generated", window)
    failed: list[int | None] = rng.choices((None, *ERRORS), k=7)
    window = _outage(
        *failed,
        good=rng.randint(0, 60),
        failed=rng.randint(20, 60),
        seconds=seconds,
        end=NOON + rng.randint(-1200, 1200) * HOUR,
    )
    return _single("down", "generated", window)


class _Asked:
    """Asks an alert about a window, about several, or all through a month.

    What is compared of several is whether equal windows gave equal results. Of a month
    it is whether each outage was found, or whether there were few false alarms, as
    `look` says.
    """

    def show(self, fields: Fields) -> str:
        """Return the window in one line."""
        if fields["month"]:
            return f"all windows of {month(fields['month']).name}"
        if fields["kind"] == "sequence":
            return "\n".join(map(summed_up, fields["window"]))
        if fields["kind"] == "repeated":
            return f"{summed_up(fields['window'][0])}, {len(fields['window'])} times"
        return summed_up(fields["window"])

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the alert."""
        if fields["month"]:
            return self._month(solution, fields)
        if fields["kind"] == "clock is right":
            return self._one(solution, _until_now(fields["window"]))
        if fields["kind"] not in ("sequence", "repeated"):
            return self._one(solution, fields["window"])
        seen = [self._one(solution, window) for window in fields["window"]]
        windows = [*map(summed_up, fields["window"])]
        results = {(w, each.value) for w, each in zip(windows, seen, strict=True)}
        same = len(results) == len(set(windows))
        return Seen(same, ", ".join(each.text for each in seen))

    def _one(self, solution: Any, window: Window) -> Seen:
        copied = [dict(attempt) for attempt in window]
        return outcome(lambda: solution(copied), exactly)

    def _month(self, solution: Any, fields: Fields) -> Seen:
        asked: list[Seen] = []

        def alert(window: Window) -> bool:
            seen = self._one(solution, window)
            if not isinstance(seen.result, bool):
                asked.append(seen)
                raise _NoAnswer(summed_up(window))
            return seen.result

        try:
            tried = try_out(alert, month(fields["month"]))
        except _NoAnswer as failed:
            text = f"{asked[0].text} for this window: {failed}"
            return Seen(asked[0].value, text, asked[0].error, asked[0].result)
        good = not tried.missed if fields["look"] == "found" else not tried.too_many
        wrong = tried.missed if fields["look"] == "found" else tried.false_alarms[:4]
        first = str(tried).partition("\n")[0]
        return Seen(good, "\n  ✗ ".join([first, *map(str, wrong)]))


class _NoAnswer(Exception):
    """An alert returned something else than True or False, or raised."""


def _until_now(window: Window) -> Window:
    """Move a window to where it ends now, by the clock of this machine."""
    late = time.time() - window[-1]["at"]
    return [{**attempt, "at": attempt["at"] + late} for attempt in window]


ALERT = judged(
    id="9.2",
    lab="09_watch",
    wants="alert(window) -> bool",
    contract=CONTRACT,
    space=Space(
        {"kind": "", "window": [], "month": 0, "look": ""}, _trials, _generate, many=60
    ),
    observer=_Asked(),
    mistakes=MISTAKES,
    hints=(
        (
            "Begin with a list of the failed attempts: those without a response, and "
            "those with 500 and above. How long is it?"
        ),
        (
            "Divide this number by the number of attempts. What failure rate does one "
            "event cause on a quiet night, if all of its four attempts fail?"
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
