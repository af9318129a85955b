"""The mistakes of 6.2, and what many draws show of them."""

from collections.abc import Callable, Sequence

from labkit.checks import Mistake
from labkit.checks.mistakes import Proof, Rule, edit, mistakes, raised
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab06_retries.draws import ATTEMPTS, Sample, is_wait

ABOUT = 0.9
"""From this share on, the longest of many waits counts as the upper bound."""

NO_SECONDS, SLEEPS_ITSELF, ENDS_EARLY, OWN_CHANCE, OWN_SEED = mistakes("""
    returns-no-seconds: Your function does not return a number. Its caller passes the
        result to sleep, which needs a number of seconds.
        Try: Return the delay itself: a float, in seconds.
    sleeps-itself: Your function sleeps. Then a test has to wait, and a sender with a
        thousand deliveries cannot sleep for one of them.
        Try: Return the seconds and leave the waiting to the caller.
    ends-too-early: Your function returns None too early. Ten attempts have nine waits
        between them, and each missing attempt halves the longest outage that an event
        survives.
        Try: Check which attempts have been made if `attempt` is 9: one more is to come.
    takes-chance-from-elsewhere: Your code takes its random numbers from somewhere other
        than `rng`. No test and no simulation can then repeat its results, because
        nobody knows the seed.
        Try: Draw only with `rng`, for example with rng.uniform or rng.random.
    draws-the-same-number-every-time: Your code draws the same number in each call,
        because it starts a generator from the same seed each time. Ten thousand senders
        that all draw the same are a thundering herd again.
        Try: Do not create a generator or set a seed; draw from `rng`.
""")
REMEMBERS, NO_JITTER, ON_TOP, EQUAL_JITTER, LITTLE_JITTER = mistakes("""
    counts-its-own-calls: Your function keeps something from one call to the next, such
        as a count. It serves all deliveries at once, so one delivery changes the waits
        of another.
        Try: Use only the argument `attempt`, and keep nothing between two calls.
    no-jitter: Your waits have no jitter, so all deliveries that failed together retry
        together. This thundering herd can take down a receiver that has only just
        recovered.
        Try: Draw the wait between 0 and the upper bound instead of returning the bound.
    jitter-on-top: Your code waits for the whole upper bound and adds a random time. So
        all deliveries still come together, only a little later.
        Try: Make the whole wait random: anything from 0 to the upper bound.
    half-the-delay-is-fixed: Half of your wait is fixed, and only the other half is
        random (this is called equal jitter). The deliveries are spread over only half
        of the time.
        Try: Draw from 0 to the upper bound, with no fixed part before it.
    part-of-the-delay-is-fixed: Your waits do not begin at 0: a part of them is fixed,
        or there is a lowest wait. The smaller the random part, the closer together the
        deliveries arrive.
        Try: Draw from 0 to the upper bound, with no fixed part and no minimum above 0.
""")
NEGATIVE_WAIT, MILLISECONDS, OFF_BY_ONE, NO_GROWTH, LINEAR = mistakes("""
    negative-wait: Your function returns a negative wait. time.sleep raises an exception
        for it, and the delivery ends.
        Try: Let the draw start at 0.
    milliseconds: Your waits are a thousand times too long. They seem to be in
        milliseconds, but the contract asks for seconds.
        Try: Remove the factor of 1,000.
    exponent-off-by-one: Your exponent is off by one. `attempt` counts the attempts that
        were made, from 1, so the upper bound after the first is 1 s, and 1 is 2 to the
        power of 0.
        Try: Calculate your formula by hand for 1 and 2; the bounds must be 1 s and 2 s.
    does-not-grow: Your upper bound does not grow. Ten attempts are then over soon, and
        the event does not survive a longer outage.
        Try: Double the upper bound with each attempt.
    grows-by-steps: Your upper bound grows by the same step each time. Doubling starts
        just as fast and covers a much longer outage with the same number of attempts.
        Try: Use a power of 2 instead of a product.
""")
CAP_TOO_LOW, WRONG_BOUND, WHOLE_SECONDS, TENTHS, NOT_EVEN = mistakes("""
    cap-too-low: Your upper bound stops growing too early. A low cap wastes the last
        attempts on an outage that is not over; the cap is 3,600 seconds.
        Try: Check the unit of your cap.
    other-bounds: Your upper bounds are wrong. After attempts 1, 2, 3 and 4 they must be
        1, 2, 4 and 8 seconds.
        Try: Print the upper bound, without the draw, for attempts 1 to 4.
    whole-seconds: Your code waits only whole seconds. Thousands of deliveries then
        retry at only a few different times: after the first attempt there are at most
        two of them.
        Try: Draw a float, and do not round it.
    rounds-to-tenths: Your code rounds the wait to tenths of a second. After the first
        attempt there are only 11 different waits, so many deliveries retry at the same
        time.
        Try: Do not round the wait, or round it to hundredths.
    not-evenly-spread: Your code makes some waits more likely than others. Where waits
        are more likely, many deliveries retry at the same time.
        Try: Draw each wait from 0 to the upper bound with equal probability, as
        rng.uniform does.
""")
NEVER_ENDS, ENDS_LATE, NO_NONE_AT_END, RAISES_AT_END = mistakes("""
    never-ends: Your function never returns None, so no event becomes a dead letter.
        Events that can never be delivered stay in the queue and delay the others.
        Try: Return None if ten attempts have been made.
    one-attempt-too-many: Your function allows one attempt too many. If `attempt` is 10,
        ten attempts have been made, and ten is the limit.
        Try: Check the comparison with 10: is it > or >=?
    no-none-at-the-end: Your function returns a number after the last attempt. A wait of
        0 means "try again now", so the sender retries without a pause. Only None ends
        the retries.
        Try: Return None if ten attempts have been made.
    raises-at-the-end: Your function raises an exception after the last attempt. Ten
        failed attempts are normal, and the caller would need a `try` around each call.
        Try: Return None if ten attempts have been made.
""")


Shows = Callable[[Sample], bool]


def _no_jitter(sample: Sample) -> bool:
    """Whether the waits are bounds: whole numbers that never get smaller."""
    tops = [row.top for row in sample.rows]
    whole = all(top.is_integer() or top == 0.5 for top in tops)
    return (
        sample.is_constant and whole and tops == sorted(tops) and not _no_growth(sample)
    )


def _no_growth(sample: Sample) -> bool:
    tops = [row.top for row in sample.rows]
    return max(tops) <= 1.2 * min(tops) and not sample.seeds


def _jitter_on_top(sample: Sample) -> bool:
    near = all(row.bound <= row.low <= 1.1 * row.bound for row in sample.rows)
    return near and not sample.is_constant


def _fixed_part(sample: Sample) -> bool:
    """Whether the shortest wait is well above 0, and the waits above it are even."""
    moving = [row for row in sample.rows if row.low < row.top]
    fixed = any(row.low > (1 - ABOUT) * row.top for row in moving)
    return fixed and sample.is_even_inside and sample.rows[0].low > 0


def _capped(sample: Sample) -> bool:
    cap = max(row.top for row in sample.rows)
    bounds = [min(cap, row.bound) for row in sample.rows]
    reached = all(
        ABOUT <= row.top / bound <= 1 / ABOUT
        for row, bound in zip(sample.rows, bounds, strict=True)
    )
    return reached and 1.2 <= cap < 0.8 * sample.rows[-1].bound


def _other_bounds(sample: Sample) -> bool:
    """Whether the waits are even between 0 and other bounds."""
    from_zero = all(0 <= row.low <= (1 - ABOUT) * row.top for row in sample.rows)
    even = from_zero and sample.is_even_inside
    return even and any(not ABOUT <= row.top / row.bound <= 1 for row in sample.rows)


def _rounded_to_tenths(sample: Sample) -> bool:
    values = [value for row in sample.rows for value in row.values]
    tenths = all(value == round(value, 1) for value in values)
    return tenths and sample.is_even and not sample.is_whole


def _uneven(sample: Sample) -> bool:
    return sample.is_within and not sample.is_even and not sample.is_constant


def _at(look: str, *attempts: int) -> Callable[[Fields], bool]:
    return lambda fields: (
        fields["look"] == look and (not attempts or fields["attempt"] in attempts)
    )


def _draws(fields: Fields) -> bool:
    return fields["look"] in ("bound", "even")


def _shows(mistake: Mistake, shows: Shows) -> Rule:
    """Return the rule for a mistake that many draws show."""

    def how(_: Fields, seen: Seen) -> bool:
        return isinstance(seen.result, Sample) and shows(seen.result)

    return Rule(mistake, _draws, how=how, some=True)


def _no_wait(_: Fields, seen: Seen) -> bool:
    return not seen.raised and seen.value != "slept"


def _a_number(_: Fields, seen: Seen) -> bool:
    return is_wait(seen.result) and seen.result > 0


_BOUND, _WAIT = "min(3600, 2 ** (attempt - 1))", "rng.uniform(0, bound)"

MISTAKES: Sequence[Proof] = (
    Rule(
        SLEEPS_ITSELF,
        _at("number"),
        how=lambda _, seen: seen.value == "slept",
        some=True,
    ),
    Rule(
        ENDS_EARLY,
        _at("number", *range(2, ATTEMPTS)),
        _at("number", 1),
        lambda _, seen: seen.result is None and not seen.raised,
        some=True,
    ),
    Rule(NO_SECONDS, _at("number", 1), how=_no_wait, may=_at("number")),
    Rule(
        OWN_CHANCE,
        _at("same"),
        _at("number"),
        lambda _, seen: seen.result is False and seen.error is None,
        some=True,
    ),
    Rule(
        REMEMBERS,
        _at("same"),
        _at("number"),
        lambda _, seen: seen.result is True and seen.error is None,
        some=True,
    ),
    Rule(REMEMBERS, lambda _: True, some=True, stateful=True, remembers=True),
    _shows(OWN_SEED, lambda sample: sample.is_constant and sample.seeds),
    _shows(NO_JITTER, _no_jitter),
    _shows(NO_GROWTH, lambda sample: _no_growth(sample) and sample.rows[0].low >= 0),
    _shows(WHOLE_SECONDS, lambda sample: sample.is_whole and not sample.is_constant),
    _shows(TENTHS, _rounded_to_tenths),
    _shows(NEGATIVE_WAIT, lambda sample: min(sample.shares) < 0),
    edit(OFF_BY_ONE, (_BOUND, "2**attempt")),
    edit(OFF_BY_ONE, (_BOUND, "2 ** (attempt - 2)")),
    edit(LINEAR, (_BOUND, "attempt")),
    edit(MILLISECONDS, (_BOUND, "1000 * 2 ** (attempt - 1)")),
    edit(EQUAL_JITTER, (_WAIT, "bound / 2 + rng.uniform(0, bound / 2)")),
    _shows(ON_TOP, _jitter_on_top),
    _shows(LITTLE_JITTER, _fixed_part),
    _shows(CAP_TOO_LOW, _capped),
    _shows(WRONG_BOUND, _other_bounds),
    _shows(NOT_EVEN, _uneven),
    Rule(ENDS_LATE, _at("end", 10), _at("end", 11, 12, 100), _a_number),
    Rule(NEVER_ENDS, _at("end"), how=_a_number),
    Rule(RAISES_AT_END, _at("end"), _at("number"), raised()),
    Rule(NO_NONE_AT_END, _at("end"), how=lambda f, seen: not _a_number(f, seen)),
)
