"""Providers that move money."""

from labkit.profiles.disable import DisableRule
from labkit.profiles.profile import (
    ASSUMED_TIMEOUT,
    DAY,
    HOUR,
    NO_TIMEOUT,
    RENEWED,
    Confidence,
    Ordering,
    Profile,
    RetryHeaders,
)
from labkit.retry import FixedDelays, spread

STRIPE = Profile(
    name="stripe",
    title="Stripe, live mode",
    timeout=ASSUMED_TIMEOUT,
    schedule=spread(3 * DAY, retries=12),
    renews=RENEWED,
    scheme="stripe",
    after_last="the event stays listable for 30 days; mails tell of failing endpoints",
    source=(
        "docs.stripe.com/webhooks, docs.stripe.com/webhooks/process-undelivered-events"
    ),
    assumptions=(
        (
            "12 retries, each delay twice the one before: exponential over 3 days is "
            "published, the intervals are not"
        ),
        NO_TIMEOUT,
    ),
)

STRIPE_SANDBOX = Profile(
    name="stripe-sandbox",
    title="Stripe, sandbox",
    timeout=ASSUMED_TIMEOUT,
    schedule=spread(3 * HOUR, retries=3),
    renews=RENEWED,
    scheme="stripe",
    source="docs.stripe.com/webhooks",
    assumptions=(
        (
            "3 retries over 3 h, each delay twice the one before: 3 times over a few "
            "hours is published"
        ),
        NO_TIMEOUT,
    ),
)

PAYPAL = Profile(
    name="paypal",
    title="PayPal",
    timeout=ASSUMED_TIMEOUT,
    schedule=spread(3 * DAY, retries=25, factor=1.3),
    after_last="the event is marked as failed, to be resent by a person or the API",
    source="developer.paypal.com/api/rest/webhooks/rest",
    assumptions=(
        (
            "delays that grow by 30 % each time: up to 25 retries over 3 days are "
            "published, the intervals are not"
        ),
        NO_TIMEOUT,
    ),
)

SQUARE = Profile(
    name="square",
    title="Square",
    timeout=10,
    schedule=FixedDelays((60, 120, 240, 480, 960, 1920, *(3600,) * 72)),
    max_age=72 * HOUR,
    headers=RetryHeaders(
        number="square-retry-number",
        reason="square-retry-reason",
        reasons=(("timeout", "http_timeout"), ("http_error", "http_error")),
        other="other_error",
        first_sent="square-initial-delivery-timestamp",
        always=(("square-environment", "Sandbox"),),
    ),
    scheme="square",
    disable=DisableRule(
        text="after 3 weeks without a single 2xx, with a mail each week",
        age=21 * DAY,
    ),
    after_last="the event is discarded",
    source=(
        "developer.squareup.com/docs/webhooks-api/delivery-sla, "
        "developer.squareup.com/docs/webhooks/step4manage"
    ),
    dispute=(
        "Square's own pages say 72 h and, in the troubleshooting page, 24 h. The "
        "printed table needs 73 h 3 min for its last retry; here it is cut at 72 h."
    ),
)

ADYEN = Profile(
    name="adyen",
    title="Adyen",
    timeout=10,
    schedule=FixedDelays(
        (
            *(10, 10),
            *(120, 300, 600, 900, 1800, 3600, 7200, 14400),
            *(28800,) * 90,
        )
    ),
    max_age=30 * DAY,
    ordering=Ordering.QUEUE,
    after_last="it leaves the queue after 30 days; a notice goes out after 5 retries",
    source="docs.adyen.com/development-resources/webhooks/troubleshoot",
    assumptions=(
        "10 s between the first 3 attempts: that they are quick is published",
        "8 h between the last attempts, until 30 days are over",
    ),
)

PADDLE = Profile(
    name="paddle",
    title="Paddle, live",
    timeout=5,
    success=frozenset({200}),
    schedule=FixedDelays((180,) * 20 + (6390,) * 40),
    renews=RENEWED,
    scheme="paddle",
    after_last="the status is failed; it may be sent again by the API",
    source="developer.paddle.com/webhooks/about/respond-to-webhooks",
    confidence=Confidence.SECOND_HAND,
    assumptions=(
        (
            "equal delays in the first hour and after it: 60 retries in 3 days are "
            "published, 20 of them in the first hour is what others say"
        ),
    ),
)

PADDLE_SANDBOX = Profile(
    name="paddle-sandbox",
    title="Paddle, sandbox",
    timeout=5,
    success=frozenset({200}),
    schedule=spread(900, retries=3),
    renews=RENEWED,
    scheme="paddle",
    after_last="the status is failed; it may be sent again by the API",
    source="developer.paddle.com/webhooks/about/respond-to-webhooks",
    assumptions=("each delay twice the one before: 3 retries in 15 min are published",),
)

RECURLY = Profile(
    name="recurly",
    title="Recurly",
    timeout=ASSUMED_TIMEOUT,
    schedule=FixedDelays(tuple(10 + x * 2 ** (x + 5) for x in range(1, 11))),
    ordering=Ordering.QUEUE,
    source="docs.recurly.com/recurly-subscriptions/docs/automatic-retries",
    assumptions=(NO_TIMEOUT,),
    dispute=(
        "Recurly's formula is 10 + x·2^(x+5) s for 10 retries. Here x runs from 1 to "
        "10; its page counts x from 0, which ends after 72 h 51 min 48 s."
    ),
)

WEPAY = Profile(
    name="wepay",
    title="WePay, the old interface",
    timeout=ASSUMED_TIMEOUT,
    success=frozenset({200}),
    schedule=FixedDelays((900, 1800, 3600, 21600, 43200, 86400)),
    source="support.wepay.com, article 203609403",
    assumptions=(NO_TIMEOUT,),
)

RAZORPAY = Profile(
    name="razorpay",
    title="Razorpay",
    timeout=ASSUMED_TIMEOUT,
    schedule=spread(DAY, retries=10),
    disable=DisableRule(text="after 24 h of failures, with a mail", age=DAY),
    source="razorpay.com/docs/webhooks/best-practices",
    assumptions=(
        (
            "10 retries, each delay twice the one before: exponential over 24 h is "
            "published, the intervals are not"
        ),
        NO_TIMEOUT,
    ),
)

PAYMONGO = Profile(
    name="paymongo",
    title="PayMongo",
    timeout=30,
    schedule=spread(136.5 * 60, retries=12),
    disable=DisableRule(
        text="after 3 events in a row that used up all their retries",
        consecutive=3,
        whole_deliveries=True,
    ),
    after_last="the event is marked as failed, to be resent by a person",
    source=(
        "developers.paymongo.com/docs/webhook-retry-logic, "
        "developers.paymongo.com/docs/developer-tools-retry-logic"
    ),
    assumptions=(
        (
            "each delay twice the one before: 12 retries in 136.5 min are published; "
            "doubling from 2 s gives just that"
        ),
    ),
)

PROFILES = (
    STRIPE,
    STRIPE_SANDBOX,
    PAYPAL,
    SQUARE,
    ADYEN,
    PADDLE,
    PADDLE_SANDBOX,
    RECURLY,
    WEPAY,
    RAZORPAY,
    PAYMONGO,
)
