import doctest
import email.utils
import math
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from labkit import retry
from labkit.errors import BadSetting
from labkit.retry import (
    AddedJitter,
    Bounded,
    BoundedByPlan,
    Exponential,
    FixedDelays,
    FullJitter,
    Jitter,
    MultipliedJitter,
    NoJitter,
    RetryPolicy,
    SlowDown,
    parse_retry_after,
    spread,
)

pytestmark = pytest.mark.pure

NOW = 784_111_777.0
"""Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110, 5.6.7."""


class Untouched(random.Random):
    """A source of chance that nobody may draw from."""

    def random(self) -> float:
        raise AssertionError("chance was used")

    def getrandbits(self, k: int, /) -> int:
        raise AssertionError("chance was used")


def next_delay(
    policy: RetryPolicy,
    made: int,
    *,
    status: int | None = 500,
    retry_after: str | None = None,
    rng: random.Random | None = None,
) -> float | None:
    return policy.next_delay(
        made,
        status=status,
        retry_after=retry_after,
        now=NOW,
        rng=rng or Untouched(),
    )


def test_the_examples_in_the_docstrings_hold() -> None:
    tried = doctest.testmod(retry)
    assert tried.attempted > 0
    assert tried.failed == 0


def test_fixed_delays_come_in_order_and_end() -> None:
    schedule = FixedDelays((5, 300))
    assert [schedule(made) for made in range(4)] == [None, 5, 300, None]


def test_exponential_doubles_up_to_its_cap_and_ends() -> None:
    schedule = Exponential(first=1, cap=5, retries=4)
    assert [schedule(made) for made in range(6)] == [None, 1, 2, 4, 5, None]


def test_exponential_stays_at_its_cap_where_floats_overflow() -> None:
    assert Exponential(first=1, factor=10, cap=60)(500) == 60


@pytest.mark.parametrize("retries", [1, 3, 12, 25])
@pytest.mark.parametrize("factor", [1.0, 1.3, 2.0])
def test_spread_retries_end_exactly_at_the_total(retries: int, factor: float) -> None:
    delays = spread(86_400, retries=retries, factor=factor).delays
    assert len(delays) == retries
    assert sum(delays) == 86_400
    assert list(delays) == sorted(delays)


@pytest.mark.parametrize(("retries", "factor"), [(0, 2.0), (3, 0.0), (3, -1.0)])
def test_spreading_over_nothing_is_a_bad_setting(retries: int, factor: float) -> None:
    with pytest.raises(BadSetting, match="must be above 0"):
        spread(60, retries=retries, factor=factor)


def test_no_jitter_draws_no_chance() -> None:
    assert NoJitter()(7.0, Untouched()) == 7.0


@pytest.mark.parametrize(
    ("jitter", "least", "most"),
    [
        (FullJitter(), 0, 100),
        (MultipliedJitter(0.8, 1.2), 80, 120),
        (AddedJitter(5), 100, 105),
    ],
    ids=["full", "multiplied", "added"],
)
def test_jitter_fills_its_range_and_does_not_leave_it(
    jitter: Jitter, least: float, most: float
) -> None:
    rng = random.Random(1)
    drawn = [jitter(100.0, rng) for _ in range(2_000)]
    assert least <= min(drawn) < least + (most - least) * 0.05
    assert most - (most - least) * 0.05 < max(drawn) <= most


def test_the_same_seed_gives_the_same_jitter() -> None:
    first, second = random.Random(4), random.Random(4)
    assert FullJitter()(9.0, first) == FullJitter()(9.0, second)


def test_a_policy_ends_after_its_last_delay() -> None:
    policy = RetryPolicy(schedule=FixedDelays((5, 300)))
    assert [next_delay(policy, made) for made in (1, 2, 3, 4)] == [5, 300, None, None]


@pytest.mark.parametrize("made", [0, -1])
def test_before_the_first_attempt_there_is_no_delay(made: int) -> None:
    assert next_delay(RetryPolicy(schedule=FixedDelays((5, 300))), made) is None


def test_a_stop_status_gives_up_at_once() -> None:
    policy = RetryPolicy(schedule=FixedDelays((5,)), stop_statuses=frozenset({410}))
    assert next_delay(policy, 1, status=410) is None
    assert next_delay(policy, 1, status=409) == 5
    assert next_delay(policy, 1, status=None) == 5


def test_max_age_cuts_the_schedule() -> None:
    policy = RetryPolicy(schedule=Exponential(first=60), max_age=600)
    assert policy.delays == (60, 120, 240)
    assert policy.horizon == 420


def test_a_retry_at_exactly_max_age_is_still_made() -> None:
    assert RetryPolicy(schedule=FixedDelays((60, 60)), max_age=120).horizon == 120


def test_a_schedule_without_end_is_a_bad_setting() -> None:
    with pytest.raises(BadSetting, match="goes on after 1000 retries"):
        RetryPolicy(schedule=Exponential(first=1, cap=60))


@pytest.mark.parametrize("delay", [-1.0, math.inf, math.nan])
def test_a_senseless_delay_is_a_bad_setting(delay: float) -> None:
    with pytest.raises(BadSetting, match="delay 2 is"):
        RetryPolicy(schedule=FixedDelays((5, delay)))


def test_retry_after_is_ignored_unless_the_policy_honours_it() -> None:
    policy = RetryPolicy(schedule=FixedDelays((5,)))
    assert next_delay(policy, 1, retry_after="120") == 5


@pytest.mark.parametrize(
    ("asked", "waited"), [("1", 10), ("120", 120), ("999999", 3600), ("soon", 5)]
)
def test_retry_after_counts_within_its_bounds(asked: str, waited: float) -> None:
    policy = RetryPolicy(schedule=FixedDelays((5,)), retry_after=Bounded(10, 3600))
    assert next_delay(policy, 1, status=503, retry_after=asked) == waited


@pytest.mark.parametrize(("asked", "waited"), [("1", 300), ("400", 400), ("999", 600)])
def test_retry_after_counts_within_multiples_of_the_plan(
    asked: str, waited: float
) -> None:
    policy = RetryPolicy(schedule=FixedDelays((300,)), retry_after=BoundedByPlan(1, 2))
    assert next_delay(policy, 1, status=503, retry_after=asked) == waited


def test_a_fraction_of_a_second_is_rounded_up() -> None:
    assert BoundedByPlan(1, 2)(400.2, 300) == 401


def test_slowing_down_lengthens_short_delays_only() -> None:
    slow = SlowDown(after=frozenset({None, 429}), least=60)
    policy = RetryPolicy(schedule=FixedDelays((5, 300)), slow_down=slow)
    assert next_delay(policy, 1, status=429) == 60
    assert next_delay(policy, 1, status=None) == 60
    assert next_delay(policy, 1, status=500) == 5
    assert next_delay(policy, 2, status=429) == 300


@pytest.mark.parametrize(
    "jitter",
    [NoJitter(), FullJitter(), MultipliedJitter(0.8, 1.2), AddedJitter(5)],
    ids=lambda jitter: type(jitter).__name__,
)
def test_no_attempt_comes_before_retry_after_whatever_the_jitter(
    jitter: Jitter,
) -> None:
    policy = RetryPolicy(
        schedule=Exponential(first=1, cap=60, retries=8),
        jitter=jitter,
        retry_after=Bounded(0, 3600),
    )
    waits = {
        next_delay(policy, 1, status=503, retry_after="120", rng=random.Random(seed))
        for seed in range(200)
    }
    assert None not in waits
    assert min(wait for wait in waits if wait is not None) >= 120
    assert (len(waits) > 100) == (jitter != NoJitter())


def test_a_policy_may_say_that_jitter_brings_an_attempt_forward() -> None:
    policy = RetryPolicy(
        schedule=FixedDelays((5,)),
        jitter=MultipliedJitter(0.5, 0.5),
        retry_after=Bounded(0, 3600),
    )
    rng = random.Random(0)
    assert next_delay(policy, 1, status=503, retry_after="600", rng=rng) == 900
    early = replace(policy, may_come_early=True)
    assert next_delay(early, 1, status=503, retry_after="600", rng=rng) == 300


def test_retry_after_is_bounded_by_the_plan_that_the_penalty_has_lengthened() -> None:
    policy = RetryPolicy(
        schedule=FixedDelays((5,)),
        retry_after=BoundedByPlan(1, 2),
        slow_down=SlowDown(after=frozenset({429}), least=60),
    )
    assert next_delay(policy, 1, status=429, retry_after="100") == 100
    assert next_delay(policy, 1, status=429, retry_after="1") == 60
    assert next_delay(policy, 1, status=429, retry_after="999") == 120
    assert next_delay(policy, 1, status=503, retry_after="100") == 10


def test_the_penalty_holds_where_retry_after_asks_for_less() -> None:
    policy = RetryPolicy(
        schedule=FixedDelays((5,)),
        retry_after=Bounded(1, 3600),
        slow_down=SlowDown(after=frozenset({429}), least=60),
    )
    assert next_delay(policy, 1, status=429, retry_after="10") == 60
    assert next_delay(policy, 1, status=503, retry_after="10") == 10


def test_jitter_comes_last() -> None:
    policy = RetryPolicy(
        schedule=FixedDelays((5,)),
        jitter=MultipliedJitter(2, 2),
        retry_after=Bounded(0, 60),
    )
    assert next_delay(policy, 1, retry_after="60", rng=random.Random(0)) == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("  120\t", 120),
        ("000120", 120),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("sun, 6 nov 1994 08:50:37 gmt", 60),
        ("Sun, 06 Nov 1994 08:50:37 +0000", 60),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Sun, 06 Nov 2044 08:49:37 GMT", 1_577_923_200),
        ("Sunday, 06-Nov-44 08:49:37 GMT", 1_577_923_200),
        ("Monday, 06-Nov-45 08:49:37 GMT", 0),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value: str, seconds: float) -> None:
    assert parse_retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "-5",
        "+5",
        "1.5",
        "1e3",
        "0x10",
        "inf",
        "nan",
        "１２０",
        "٣",
        "120 s",
        "120, 60",
        "9" * 5_000,
        "Sun, 06 Nov 1994",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nop 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 PST",
        "1994-11-06T08:49:37Z",
    ],
)
def test_a_senseless_retry_after_is_none(value: str) -> None:
    assert parse_retry_after(value, NOW) is None


def test_every_date_that_python_writes_is_read() -> None:
    hypothesis = pytest.importorskip(
        "hypothesis", reason="hypothesis is not in the browser's Python"
    )
    st = hypothesis.strategies

    def check(now: int, when: int) -> None:
        moment = datetime.fromtimestamp(when, tz=UTC)
        value = email.utils.format_datetime(moment, usegmt=True)
        assert parse_retry_after(value, float(now)) == max(0, when - now)

    moments = st.integers(0, 4_000_000_000)
    hypothesis.given(moments, moments)(check)()


def test_whatever_the_header_holds_nothing_is_raised() -> None:
    hypothesis = pytest.importorskip(
        "hypothesis", reason="hypothesis is not in the browser's Python"
    )
    st = hypothesis.strategies
    like_dates = st.from_regex(
        r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"
        r"|[A-Z][a-z]+, [0-9]{2}-(Jan|Feb|Nov)-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
        r"|[A-Z][a-z]{2} (Feb|Nov) [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}"
    )
    like_numbers = st.from_regex(r"[-+]?[0-9.e]*")

    def check(value: str, now: float) -> None:
        asked = parse_retry_after(value, now)
        assert asked is None or (math.isfinite(asked) and asked >= 0)

    values = st.one_of(st.text(), like_numbers, like_dates)
    hypothesis.given(values, st.floats(0, 4e9))(check)()
