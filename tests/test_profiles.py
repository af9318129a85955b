import copy
import dataclasses
import pickle
import random
import re

import pytest

from labkit.errors import BadSetting, UnknownName
from labkit.model import Response
from labkit.profiles import PROFILES, DisableRule, Health, Ordering, Profile
from labkit.profiles.profile import lasting
from labkit.retry import Exponential, FixedDelays
from labkit.signing import SCHEMES

pytestmark = pytest.mark.pure

NOW = 1_767_225_600.0

every_profile = pytest.mark.parametrize("name", PROFILES)


def clock(text: str) -> float:
    """Turn the table's "27:35:05" into seconds."""
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


# The column Σ of the table of published policies: from the first attempt to the last.
PUBLISHED_SUMS = {
    "stripe": "72:00:00",
    "github": "0:00:00",
    "github-enterprise": "0:00:00",
    "shopify": "4:00:00",
    "slack": "0:06:00",
    "svix": "27:35:05",
    "svix-server": "27:35:05",
    "resend": "27:35:05",
    "standard": "75:35:05",
    "convoy": "0:16:40",
    "convoy-glossary": "0:34:40",
    "outpost": "8:31:30",
    "twilio-events": "4:00:00",
    "paypal": "72:00:00",
    "sendgrid": "24:00:00",
    "sendgrid-inbound": "72:00:00",
    "mailgun-manual": "7:30:00",
    "mailgun": "8:05:00",
    "zoom": "1:25:00",
    "discord": "0:10:00",
    "gitlab": "0:00:00",
    "paddle": "72:00:00",
    "paddle-sandbox": "0:15:00",
    "sns": "0:01:00",
    "postmark": "10:21:00",
    "pusher": "0:07:40",
    "ashby": "2:48:50",
    "brevo": "11:10:00",
    "recurly": "163:53:08",
    "wepay": "43:45:00",
    "razorpay": "24:00:00",
    "livechat": "6:00:00",
    "dnsimple": "2:00:00",
    "paymongo": "2:16:30",
    "wix": "47:11:00",
}

FIXED_NAMES = (
    "standard stripe github shopify slack svix square zoom paddle twilio discord "
    "svix-server convoy outpost mailgun postmark pusher sendgrid adyen brevo recurly "
    "paypal sns gitlab"
)


def delays_of(profile: Profile, seed: int, status: int | None = 500) -> list[float]:
    rng = random.Random(seed)
    delays: list[float] = []
    while True:
        delay = profile.next_delay(
            len(delays) + 1, status=status, retry_after=None, now=NOW, rng=rng
        )
        if delay is None:
            return delays
        delays.append(delay)
        assert len(delays) <= len(profile.delays)


def next_delay(
    name: str, made: int = 1, *, status: int | None = 500, retry_after: str | None
) -> float | None:
    return PROFILES[name].next_delay(
        made, status=status, retry_after=retry_after, now=NOW, rng=random.Random(0)
    )


@pytest.mark.parametrize("name", FIXED_NAMES.split())
def test_the_names_that_are_fixed_are_there(name: str) -> None:
    assert PROFILES[name].name == name


def test_an_unknown_name_is_told_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'stripe'") as caught:
        PROFILES["strype"]
    assert caught.value.nearest == "stripe"
    assert "strype" not in PROFILES
    assert PROFILES.get("strype") is None


def test_profiles_can_not_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        PROFILES["github"] = PROFILES["stripe"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        PROFILES["github"].timeout = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(("name", "total"), PUBLISHED_SUMS.items())
def test_the_delays_add_up_to_what_is_published(name: str, total: str) -> None:
    assert PROFILES[name].horizon == clock(total)


def test_squares_printed_table_needs_more_than_its_72_hours() -> None:
    square = PROFILES["square"]
    printed = dataclasses.replace(square, max_age=float("inf"))
    assert printed.horizon == clock("73:03:00")
    assert square.horizon == clock("71:03:00")


def test_adyen_goes_on_for_30_days_and_no_longer() -> None:
    assert 29.5 * 86_400 < PROFILES["adyen"].horizon <= 30 * 86_400


@pytest.mark.parametrize(
    ("name", "delays"),
    [
        ("square", [60, 120, 240, 480, 960, 1920, 3600, 3600]),
        ("adyen", [10, 10, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 28800]),
        ("outpost", [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360]),
        ("ashby", [10, 30, 70, 150, 310, 630, 1270, 2550, 5110]),
        ("ahasend", [1, 16, 81, 256, 625, 1296]),
        ("paymongo", [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]),
        ("convoy-exponential", [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120]),
        ("prolific", [60, 120, 240]),
    ],
)
def test_schedules_given_as_a_rule_start_as_the_rule_says(
    name: str, delays: list[float]
) -> None:
    assert list(PROFILES[name].delays[: len(delays)]) == delays


@pytest.mark.parametrize("name", ["github", "github-enterprise", "gitlab"])
def test_github_and_gitlab_never_retry(name: str) -> None:
    for status in [None, 200, 302, 404, 410, 429, 500, 503]:
        for made in [1, 2, 100]:
            assert next_delay(name, made, status=status, retry_after="1") is None


@every_profile
def test_every_delivery_ends_and_no_delay_is_negative(name: str) -> None:
    for status in [None, 302, 404, 410, 429, 500, 503]:
        assert all(delay >= 0 for delay in delays_of(PROFILES[name], 1, status))


@every_profile
def test_the_same_seed_gives_the_same_delays(name: str) -> None:
    profile = PROFILES[name]
    status = None if name == "twilio" else 500
    delays = delays_of(profile, 7, status)
    assert delays == delays_of(profile, 7, status)
    assert len(delays) == len(profile.delays)


@every_profile
def test_every_profile_has_a_title_a_source_and_a_date(name: str) -> None:
    profile = PROFILES[name]
    assert profile.title
    assert "." in profile.source or "#" in profile.source
    assert re.fullmatch(r"20[0-9]{2}-[01][0-9]", profile.as_of)
    assert profile.scheme in SCHEMES
    assert profile.renews <= {"timestamp", "signature", "id"}
    assert profile.disable.text


@every_profile
def test_what_is_assumed_and_disputed_is_shown_to_the_learner(name: str) -> None:
    profile = PROFILES[name]
    shown = str(profile)
    assert profile.assumed == bool(profile.assumptions)
    assert shown.count("\nAssumed:") == len(profile.assumptions)
    in_one_line = " ".join(shown.split())  # long texts are wrapped
    assert all(assumption in in_one_line for assumption in profile.assumptions)
    assert profile.dispute in in_one_line
    assert profile.source in in_one_line
    assert profile.title in in_one_line


@pytest.mark.parametrize(
    "name",
    ["stripe", "shopify", "paypal", "discord", "twilio-events", "sendgrid", "razorpay"],
)
def test_intervals_that_nobody_publishes_are_marked_as_assumed(name: str) -> None:
    assert any("publish" in text for text in PROFILES[name].assumptions)


@pytest.mark.parametrize("name", ["svix", "pusher", "github", "wix", "postmark"])
def test_what_is_published_in_full_is_not_marked(name: str) -> None:
    assert not PROFILES[name].assumed


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("github", "never automatically"),
        ("shopify", "19 retries over 48 h"),
        ("square", "24 h"),
        ("mailgun", "two schedules"),
        ("mailgun-manual", "two schedules"),
        ("standard", "410"),
        ("svix-server", "410"),
        ("convoy", "410"),
        ("outpost", "410"),
        ("outpost", "304"),
        ("recurly", "from 0"),
    ],
)
def test_where_sources_disagree_the_profile_says_so(name: str, word: str) -> None:
    assert word in PROFILES[name].dispute


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("stripe", [200, 201, 202, 204, 299], [199, 300, 302, 304, 400, 500]),
        ("mailgun", [200], [201, 202, 204, 406]),
        ("postmark", [200], [201, 204, 403]),
        ("paddle", [200], [201, 204]),
        ("zoom", [200, 204], [201, 202, 301]),
        ("discord", [204], [200, 201, 401]),
        ("outpost", [200, 204, 304, 399], [199, 400, 500]),
        ("wix", [200], [204]),
    ],
)
def test_success_is_what_the_provider_takes_for_it(
    name: str, accepted: list[int], refused: list[int]
) -> None:
    acknowledges = PROFILES[name].acknowledges
    assert all(acknowledges(status) for status in accepted)
    assert not any(acknowledges(status) for status in refused)


@every_profile
def test_a_redirect_acknowledges_nothing_except_at_outpost(name: str) -> None:
    acknowledged = [s for s in range(300, 400) if PROFILES[name].acknowledges(s)]
    assert bool(acknowledged) == (name == "outpost")


@every_profile
def test_redirects_are_followed_by_three_senders_only(name: str) -> None:
    followed = {"slack": 2, "outpost": 10}
    most = 10 if name.startswith("convoy") else followed.get(name, 0)
    assert PROFILES[name].redirects.most == most


@pytest.mark.parametrize(
    ("name", "stops", "goes_on"),
    [
        ("mailgun", [406], [400, 404, 410, 500, None]),
        ("postmark", [403], [401, 404, 500, None]),
        ("standard", [410], [404, 429, 500, None]),
        ("svix-server", [], [404, 410, 500, None]),
        ("ashby", [401, 403, 404, 405, 410], [400, 429, 500, None]),
        ("brevo", [400, 404, 410, 499], [429, 500, 503, None]),
        ("sendgrid-inbound", [301, 400, 429, 499], [500, 503, None]),
        ("twilio", [301, 404, 500, 503], [None]),
    ],
)
def test_a_stop_status_ends_the_delivery(
    name: str, stops: list[int], goes_on: list[int | None]
) -> None:
    assert [next_delay(name, status=s, retry_after=None) for s in stops] == (
        [None] * len(stops)
    )
    assert None not in [next_delay(name, status=s, retry_after=None) for s in goes_on]


@pytest.mark.parametrize(
    ("asked", "waited"), [("0", 5), ("120", 120), ("99999999", 86_400), ("soon", 5)]
)
def test_standard_webhooks_honour_retry_after_up_to_a_day(
    asked: str, waited: float
) -> None:
    delay = next_delay("standard", status=503, retry_after=asked)
    assert delay is not None
    asked_for_nothing = asked == "soon"
    assert (0.8 if asked_for_nothing else 1.0) * waited <= delay <= 1.2 * waited


@every_profile
def test_no_sender_but_svix_server_comes_earlier_than_it_was_asked_to(
    name: str,
) -> None:
    profile = PROFILES[name]
    delays = [
        profile.next_delay(
            1, status=503, retry_after="600", now=NOW, rng=random.Random(seed)
        )
        for seed in range(300)
    ]
    early = any(delay is not None and delay < 600 for delay in delays)
    assert profile.may_come_early == (name == "svix-server")
    if profile.retry_after is not None:
        assert early == (name == "svix-server")


def test_standard_webhooks_spread_what_is_asked_for_to_a_later_time() -> None:
    delays = [
        PROFILES["standard"].next_delay(
            1, status=503, retry_after="600", now=NOW, rng=random.Random(seed)
        )
        for seed in range(1000)
    ]
    assert all(delay is not None and 600 <= delay <= 720 for delay in delays)
    assert len(set(delays)) > 900


def test_svix_server_penalises_then_bounds_then_spreads() -> None:
    # worker.rs: max(5, 60) = 60; 100 within [60, 120] stays; times 0.8 to 1.2.
    delays = [
        PROFILES["svix-server"].next_delay(
            1, status=429, retry_after="100", now=NOW, rng=random.Random(seed)
        )
        for seed in range(2000)
    ]
    known = [delay for delay in delays if delay is not None]
    assert 80 <= min(known) < 82
    assert 118 < max(known) <= 120


def test_convoys_exponential_schedule_is_capped_before_jitter() -> None:
    # exponentialBackoff.go: the cap first, then up to 5 s.
    schedule = Exponential(first=10, cap=7200, retries=11)
    profile = dataclasses.replace(PROFILES["convoy-exponential"], schedule=schedule)
    delays = [
        profile.next_delay(
            11, status=500, retry_after=None, now=NOW, rng=random.Random(seed)
        )
        for seed in range(200)
    ]
    assert all(delay is not None and 7200 <= delay <= 7205 for delay in delays)


@pytest.mark.parametrize("status", [429, 502, 504])
def test_standard_webhooks_slow_down_after_a_sign_of_overload(status: int) -> None:
    delay = next_delay("standard", status=status, retry_after=None)
    assert delay is not None
    assert 48 <= delay <= 72


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("1", 300, 300), ("450", 450, 450), ("9999", 600, 600)],
)
def test_svix_server_keeps_retry_after_between_one_and_two_delays(
    asked: str, least: float, most: float
) -> None:
    delay = next_delay("svix-server", 2, status=500, retry_after=asked)
    assert delay is not None
    assert 0.8 * least <= delay <= 1.2 * most


@pytest.mark.parametrize("status", [None, 429])
def test_svix_server_waits_a_minute_after_a_sign_of_overload(
    status: int | None,
) -> None:
    delay = next_delay("svix-server", 1, status=status, retry_after=None)
    assert delay is not None
    assert 48 <= delay <= 72


@every_profile
def test_no_receiver_can_park_a_delivery_for_ever(name: str) -> None:
    profile = PROFILES[name]
    delay = next_delay(name, status=None, retry_after="999999999999")
    assert delay is None or delay <= 1.2 * max(profile.horizon, 86_400)


def test_slack_counts_retries_and_names_the_reason() -> None:
    slack = PROFILES["slack"]
    assert slack.retry_headers(1, reason=None, first_sent_at=NOW) == ()
    assert slack.retry_headers(2, reason="timeout", first_sent_at=NOW) == (
        ("x-slack-retry-num", "1"),
        ("x-slack-retry-reason", "http_timeout"),
    )
    reasons = [
        dict(slack.retry_headers(4, reason=reason, first_sent_at=NOW))
        for reason in ("refused", "lost", "http_error", None)
    ]
    assert [each["x-slack-retry-reason"] for each in reasons] == [
        "connection_failed",
        "connection_failed",
        "http_error",
        "unknown_error",
    ]
    assert reasons[0]["x-slack-retry-num"] == "3"


def test_square_names_the_first_delivery_in_every_attempt() -> None:
    square = PROFILES["square"]
    always = (
        ("square-environment", "Sandbox"),
        ("square-initial-delivery-timestamp", "2026-01-01T00:00:00Z"),
    )
    assert square.retry_headers(1, reason=None, first_sent_at=NOW) == always
    assert square.retry_headers(3, reason="lost", first_sent_at=NOW + 0.7) == (
        *always,
        ("square-retry-number", "2"),
        ("square-retry-reason", "other_error"),
    )


@every_profile
def test_all_others_send_no_retry_headers(name: str) -> None:
    headers = PROFILES[name].retry_headers(2, reason="lost", first_sent_at=NOW)
    assert bool(headers) == (name in {"slack", "square"})


@pytest.mark.parametrize(
    ("name", "header", "stops"),
    [
        ("slack", ("x-slack-no-retry", "1"), True),
        ("slack", ("X-Slack-No-Retry", "0"), False),
        ("svix", ("Webhook-Delivery", "Disable"), True),
        ("svix", ("webhook-delivery", "abort-message"), True),
        ("stripe", ("X-Slack-No-Retry", "1"), False),
    ],
)
def test_a_reply_may_ask_for_no_further_attempt(
    name: str, header: tuple[str, str], stops: bool
) -> None:
    assert PROFILES[name].told_to_stop(Response(500, (header,))) is stops


def test_a_retry_renews_timestamp_and_signature_or_nothing() -> None:
    renewing = ["stripe", "slack", "standard", "svix", "svix-server", "paddle"]
    same = ["github", "shopify", "square"]
    assert all(PROFILES[n].renews == {"timestamp", "signature"} for n in renewing)
    assert all(PROFILES[n].renews == set() for n in same)


def test_adyen_and_recurly_keep_a_queue_and_nobody_else() -> None:
    queues = [n for n, p in PROFILES.items() if p.ordering == Ordering.QUEUE]
    assert sorted(queues) == ["adyen", "recurly"]
    assert PROFILES["adyen"].ordering == "queue"
    assert PROFILES["stripe"].ordering == "none"


@pytest.mark.parametrize(
    ("name", "timeout"),
    [
        ("github", 10),
        ("github-enterprise", 30),
        ("shopify", 5),
        ("slack", 3),
        ("svix", 15),
        ("svix-server", 30),
        ("outpost", 5),
        ("twilio", 15),
        ("square", 10),
        ("zoom", 3),
        ("discord", 3),
        ("paddle", 5),
        ("pusher", 3),
        ("postmark", 120),
        ("wix", 1.25),
    ],
)
def test_the_published_time_outs(name: str, timeout: float) -> None:
    assert PROFILES[name].timeout == timeout


@every_profile
def test_connecting_takes_no_longer_than_the_whole(name: str) -> None:
    profile = PROFILES[name]
    assert 0 < (profile.timeout_connect or profile.timeout) <= profile.timeout


@every_profile
def test_a_profile_survives_pickling_and_copying(name: str) -> None:
    profile = PROFILES[name]
    assert pickle.loads(pickle.dumps(profile)) == profile  # noqa: S301
    assert copy.deepcopy(profile) == profile
    assert hash(dataclasses.replace(profile)) == hash(profile)


def test_a_profile_with_another_schedule_has_other_delays() -> None:
    quick = dataclasses.replace(PROFILES["stripe"], schedule=FixedDelays((1, 2)))
    assert quick.delays == (1, 2)
    assert quick.horizon == 3


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("inf"), float("nan")])
def test_a_senseless_time_out_is_a_bad_setting(timeout: float) -> None:
    with pytest.raises(BadSetting, match="timeout"):
        dataclasses.replace(PROFILES["github"], timeout=timeout)


def test_an_unknown_word_in_renews_is_a_bad_setting() -> None:
    with pytest.raises(BadSetting, match="renews holds body"):
        dataclasses.replace(PROFILES["github"], renews=frozenset({"body"}))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1.25, "1.25 s"),
        (90, "1 min 30 s"),
        (18000, "5 h"),
        (272105, "3 d 3 h 35 min 5 s"),
    ],
)
def test_durations_are_written_as_people_do(seconds: float, text: str) -> None:
    assert lasting(seconds) == text


def test_the_text_form_of_a_profile() -> None:
    lines = str(PROFILES["shopify"]).splitlines()
    assert lines[0] == "Shopify"
    assert "Timeout:         5 s" in lines
    assert "Acknowledged by: 200-299" in lines
    assert "Last attempt:    4 h after the first" in lines
    assert "Redirects:       not followed" in lines
    brevo = str(PROFILES["brevo"])
    assert "Never retried:   400-428, 430-499" in brevo
    assert "Delays:          none, it never retries" in str(PROFILES["github"])
    assert "1 h ×70" in str(PROFILES["square"])


def watch(rule: DisableRule, *attempts: tuple[float, int | None]) -> bool:
    """Feed attempts, each a moment and a status, and ask whether to disable."""
    health = Health()
    for at, status in attempts:
        health = rule.note(
            health, at=at, status=status, acknowledged=status in range(200, 300)
        )
    return rule.should_disable(health)


def test_consecutive_failures_disable_and_a_success_between_them_saves() -> None:
    rule = PROFILES["shopify"].disable
    failures = [(float(n), 500) for n in range(8)]
    assert not watch(rule, *failures[:7])
    assert watch(rule, *failures)
    assert not watch(rule, *failures[:7], (7.0, 200), (8.0, 500))


def test_failures_that_last_long_enough_disable() -> None:
    rule = PROFILES["square"].disable
    weeks = 21 * 86_400.0
    assert not watch(rule, (0.0, 500), (weeks - 1, 500))
    assert watch(rule, (0.0, 500), (weeks, None))
    assert not watch(rule, (0.0, 500), (9.0, 204), (weeks, None))


def test_the_share_of_failures_disables_only_with_enough_attempts() -> None:
    rule = PROFILES["convoy"].disable
    assert not watch(rule, *[(n * 10.0, 500) for n in range(9)])
    assert watch(rule, *[(n * 10.0, 500) for n in range(10)])
    mixed = [(n * 10.0, 200 if n % 10 < 4 else 500) for n in range(20)]
    assert not watch(rule, *mixed)
    assert rule.pause == 30


def test_exactly_the_share_is_enough() -> None:
    rule = DisableRule(text="half", ratio=0.5, window=60, least=4)
    assert watch(rule, (0.0, 200), (1.0, 200), (2.0, 500), (3.0, 500))
    assert not watch(rule, (0.0, 200), (1.0, 200), (2.0, 200), (3.0, 500))


def test_failures_older_than_the_window_are_forgotten() -> None:
    rule = DisableRule(text="half", ratio=0.5, window=60, least=4)
    failures = [(float(n), 500) for n in range(10)]
    successes = [(62.0 + n, 200) for n in range(9)]
    assert not watch(rule, *failures, *successes)
    assert watch(rule, *failures, *successes[:1], (63.0, 500), (64.0, 500))


def test_the_window_keeps_a_bounded_memory() -> None:
    rule = PROFILES["slack"].disable
    health = Health()
    for at in range(0, 20_000, 3):
        health = rule.note(health, at=float(at), status=500, acknowledged=False)
    assert len(health.recent) <= 60
    assert rule.should_disable(health)


def test_gone_disables_at_once_in_the_specification_only() -> None:
    assert watch(PROFILES["standard"].disable, (0.0, 410))
    assert not watch(PROFILES["standard"].disable, (0.0, 410), (1.0, 200))
    for name, profile in PROFILES.items():
        assert watch(profile.disable, (0.0, 410)) == (name == "standard")


def test_where_deliveries_count_a_failed_attempt_does_not() -> None:
    rule = PROFILES["paymongo"].disable
    health = Health()
    for delivery in range(3):
        assert not rule.should_disable(health)
        for attempt in range(13):
            health = rule.note(
                health,
                at=delivery * 10_000.0 + attempt,
                status=500,
                acknowledged=False,
                given_up=attempt == 12,
            )
    assert rule.should_disable(health)


def test_a_rule_without_a_condition_never_disables() -> None:
    rule = PROFILES["github"].disable
    assert not watch(rule, *[(n * 1e6, 500) for n in range(1_000)])
