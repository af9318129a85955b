"""Senders that others build on: Standard Webhooks and the webhook services."""

from labkit.profiles.disable import DisableRule
from labkit.profiles.profile import DAY, HOUR, RENEWED, Profile, Redirects
from labkit.retry import (
    AddedJitter,
    Bounded,
    BoundedByPlan,
    Exponential,
    FixedDelays,
    MultipliedJitter,
    SlowDown,
)

SVIX_DELAYS = FixedDelays((5, 300, 1800, 7200, 18000, 36000, 36000))

GONE_IS_NOT_SPECIAL = (
    '"410 disables the endpoint" is often taught as general practice. It is in the '
    "Standard Webhooks specification, but this sender's code does not do it."
)

STANDARD = Profile(
    name="standard",
    title="Standard Webhooks, the specification's example schedule",
    timeout=20,
    schedule=FixedDelays((5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)),
    jitter=MultipliedJitter(0.8, 1.2),
    retry_after=Bounded(5, DAY),
    slow_down=SlowDown(after=frozenset({429, 502, 504}), least=60),
    stop_statuses=frozenset({410}),
    renews=RENEWED,
    scheme="standard",
    disable=DisableRule(text="at once by 410 Gone", statuses=frozenset({410})),
    after_last="the owner is told by another channel, then the endpoint is disabled",
    source="standard-webhooks:spec/standard-webhooks.md",
    assumptions=(
        "a time-out of 20 s: the specification says 15 to 30 s",
        "jitter of 20 % either way: the specification asks for some",
        "at least 60 s after 429, 502 and 504: it asks to slow down",
        (
            "Retry-After counts from 5 s to 1 d, and jitter only adds to it: the "
            "specification asks to take the header into consideration"
        ),
    ),
    dispute=(
        '"410 disables the endpoint" is often taught as general practice. It is in '
        "this specification; Svix's open server, Convoy and Outpost do not do it."
    ),
)

SVIX = Profile(
    name="svix",
    title="Svix, hosted",
    timeout=15,
    schedule=SVIX_DELAYS,
    renews=RENEWED,
    stop_headers=(
        ("webhook-delivery", "disable"),
        ("webhook-delivery", "abort-message"),
    ),
    scheme="svix",
    disable=DisableRule(
        text=(
            "after 5 days of failures: several in 24 h, with at least 12 h between "
            "the first and the last"
        ),
        age=5 * DAY,
    ),
    after_last="the event message.attempt.exhausted is sent to the operator",
    source="docs.svix.com/retries, docs.svix.com/receiving/delivery-control",
)

SVIX_SERVER = Profile(
    name="svix-server",
    title="Svix, the open server",
    timeout=30,
    schedule=SVIX_DELAYS,
    jitter=MultipliedJitter(0.8, 1.2),
    retry_after=BoundedByPlan(1, 2),
    may_come_early=True,  # the code multiplies by the jitter last
    slow_down=SlowDown(after=frozenset({None, 429}), least=60),
    renews=RENEWED,
    scheme="svix",
    disable=DisableRule(
        text=(
            "after 120 h without a success, counted from the first event that was "
            "given up"
        ),
        age=120 * HOUR,
        whole_deliveries=True,
    ),
    after_last="the event message.attempt.exhausted is sent to the operator",
    source="svix/svix-webhooks:server/svix-server/config.default.toml, src/worker.rs",
    assumptions=(
        "60 s after a lost connection too: the code says so of a time-out and of 429",
    ),
    dispute=GONE_IS_NOT_SPECIAL,
)

RESEND = Profile(
    name="resend",
    title="Resend, which sends by Svix",
    timeout=15,
    schedule=SVIX_DELAYS,
    renews=RENEWED,
    scheme="svix",
    source="resend.com/docs/webhooks/retries-and-replays",
    assumptions=("a time-out of 15 s: Svix's",),
)

CONVOY_TIMEOUT = "a time-out of 30 s: it is set for each endpoint"

CONVOY_DISABLES = DisableRule(
    text=(
        "for 30 s when 70 % of at least 10 requests in 5 min failed (a circuit "
        "breaker); until a person helps after 10 such trips in a row"
    ),
    ratio=0.7,
    window=300,
    least=10,
    pause=30,
)

CONVOY_DISPUTE = (
    "Convoy itself has three defaults: 10 × 100 s and 3 × 10 s in the code, and from "
    "10 s to 15 min in the website's glossary. " + GONE_IS_NOT_SPECIAL
)

CONVOY_SOURCE = (
    "frain-dev/convoy:datastore/models.go, config/config.go, "
    "retrystrategies/exponentialBackoff.go"
)

CONVOY = Profile(
    name="convoy",
    title="Convoy, linear",
    timeout=30,
    schedule=FixedDelays((100,) * 10),
    redirects=Redirects(10),
    disable=CONVOY_DISABLES,
    after_last="the delivery is marked as failed; with an open breaker, as discarded",
    source=CONVOY_SOURCE,
    assumptions=(CONVOY_TIMEOUT,),
    dispute=CONVOY_DISPUTE,
)

CONVOY_EXPONENTIAL = Profile(
    name="convoy-exponential",
    title="Convoy, exponential",
    timeout=30,
    schedule=Exponential(first=10, cap=7200, retries=10),
    jitter=AddedJitter(5),
    redirects=Redirects(10),
    disable=CONVOY_DISABLES,
    after_last="the delivery is marked as failed; with an open breaker, as discarded",
    source=CONVOY_SOURCE,
    assumptions=(
        CONVOY_TIMEOUT,
        (
            "10 s at first and 10 retries: both are settings; the doubling, the cap of "
            "2 h and the jitter are the code's"
        ),
    ),
    dispute=CONVOY_DISPUTE,
)

CONVOY_GLOSSARY = Profile(
    name="convoy-glossary",
    title="Convoy, the schedule of the website's glossary",
    timeout=30,
    schedule=FixedDelays((10, 30, 60, 180, 300, 600, 900)),
    redirects=Redirects(10),
    disable=CONVOY_DISABLES,
    after_last="the delivery is marked as failed; with an open breaker, as discarded",
    source="getconvoy.io/docs/glossary/retry-schedule",
    assumptions=(CONVOY_TIMEOUT,),
    dispute=CONVOY_DISPUTE,
)

OUTPOST = Profile(
    name="outpost",
    title="Outpost",
    timeout=5,
    success=range(200, 400),
    schedule=Exponential(first=30, retries=10),
    redirects=Redirects(10),
    disable=DisableRule(
        text=(
            "not unless switched on, then after 100 consecutive failures; alerts at "
            "50, 70, 90 and 100 % of that"
        )
    ),
    after_last="an alert, at most one an hour for each destination",
    source=(
        "hookdeck/outpost:docs/content/features/event-delivery.mdoc, "
        "internal/backoff/backoff.go, "
        "internal/destregistry/providers/destwebhook/httphelper.go"
    ),
    dispute=(
        "The documentation says that anything but 2xx is retried; the code takes a 3xx "
        "that is not followed, such as 304, for a success. " + GONE_IS_NOT_SPECIAL
    ),
)

SNS = Profile(
    name="sns",
    title="Amazon SNS over HTTP/S, the default policy",
    timeout=15,
    schedule=FixedDelays((20,) * 3),
    jitter=MultipliedJitter(0.8, 1.2),
    max_age=HOUR,
    after_last="it goes to the dead-letter queue, if one is attached",
    source="docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html",
    assumptions=(
        "a time-out of 15 s: not confirmed",
        "jitter of 20 % either way: only that there is some is published",
        "any status other than 2xx is retried",
    ),
)

PROFILES = (
    STANDARD,
    SVIX,
    SVIX_SERVER,
    RESEND,
    CONVOY,
    CONVOY_EXPONENTIAL,
    CONVOY_GLOSSARY,
    OUTPOST,
    SNS,
)
