"""Providers of messages: chat, calls, mail, push."""

from labkit.profiles.disable import DisableRule
from labkit.profiles.profile import (
    ASSUMED_TIMEOUT,
    DAY,
    HOUR,
    NO_TIMEOUT,
    RENEWED,
    Confidence,
    Profile,
    Redirects,
    RetryHeaders,
)
from labkit.retry import FixedDelays, FullJitter, MultipliedJitter, spread

SLACK = Profile(
    name="slack",
    title="Slack, Events API",
    timeout=3,
    schedule=FixedDelays((0, 60, 300)),
    redirects=Redirects(2),
    renews=RENEWED,
    headers=RetryHeaders(
        number="x-slack-retry-num",
        reason="x-slack-retry-reason",
        reasons=(
            ("timeout", "http_timeout"),
            ("refused", "connection_failed"),
            ("lost", "connection_failed"),
            ("http_error", "http_error"),
        ),
        other="unknown_error",
    ),
    stop_headers=(("X-Slack-No-Retry", "1"),),
    scheme="slack",
    disable=DisableRule(
        text=(
            "it may be, when fewer than 5 % of the events of the last 60 min were "
            "answered with 200; with fewer than 1000 events in that time it is left "
            "alone"
        ),
        ratio=0.95,
        window=HOUR,
        least=1000,
    ),
    source="docs.slack.dev/apis/events-api, api.slack.com/events/app_rate_limited",
    assumptions=("the first retry after 0 s: nearly at once is published",),
)

DISCORD = Profile(
    name="discord",
    title="Discord, webhook events",
    timeout=3,
    success=frozenset({204}),
    schedule=spread(600, retries=6),
    renews=RENEWED,
    scheme="discord",
    disable=DisableRule(
        text="sending stops and the owner gets a mail; after how many is not published"
    ),
    source="discord/discord-api-docs:developers/events/webhook-events.mdx",
    assumptions=(
        (
            "6 retries, each delay twice the one before: exponential over 10 min is "
            "published, the intervals are not"
        ),
        "a new timestamp and signature on each attempt",
    ),
)

ZOOM = Profile(
    name="zoom",
    title="Zoom",
    timeout=3,
    success=frozenset({200, 204}),
    schedule=FixedDelays((300, 1200, 3600)),
    renews=RENEWED,
    scheme="zoom",
    disable=DisableRule(
        text="the URL is validated every 72 h, and a mail tells when that fails"
    ),
    after_last="the event is dropped; later events still come",
    source=(
        "devsupport.zoom.us, article 360059893812 (webhook delays), "
        "developers.zoom.us/blog/webhook-delays"
    ),
    assumptions=("a new timestamp and signature on each attempt",),
)

TWILIO = Profile(
    name="twilio",
    title="Twilio, callbacks for calls and messages",
    timeout=15,
    timeout_connect=5,
    schedule=FixedDelays((0,)),
    # By default (rp=ct) any answer at all, even 500, ends the matter.
    stop_statuses=range(100, 600),
    scheme="twilio",
    after_last="the fallback URL is asked",
    source=(
        "twilio.com/docs/usage/webhooks/webhooks-connection-overrides, "
        "twilio.com/docs/api/errors/11205"
    ),
    assumptions=(
        "the one retry comes at once: its delay is not published",
        "it follows every lost answer: published is a time-out of the connecting",
    ),
)

TWILIO_EVENTS = Profile(
    name="twilio-events",
    title="Twilio, Event Streams",
    timeout=ASSUMED_TIMEOUT,
    schedule=spread(4 * HOUR, retries=8),
    jitter=FullJitter(),
    scheme="twilio",
    source="twilio.com/docs/events/event-delivery-and-duplication",
    assumptions=(
        (
            "8 retries, each delay twice the one before, with full jitter: exponential "
            "with jitter over 4 h is published, no more"
        ),
        NO_TIMEOUT,
    ),
)

SENDGRID = Profile(
    name="sendgrid",
    title="SendGrid, Event Webhook",
    timeout=10,
    schedule=spread(DAY, retries=10),
    source="docs.sendgrid.com/for-developers/tracking-events/troubleshooting",
    confidence=Confidence.SECOND_HAND,
    assumptions=(
        (
            "10 retries, each delay twice the one before: growing intervals over 24 h "
            "are published, no more"
        ),
    ),
)

SENDGRID_INBOUND = Profile(
    name="sendgrid-inbound",
    title="SendGrid, Inbound Parse",
    timeout=ASSUMED_TIMEOUT,
    schedule=FixedDelays((450,) * 8 + (10650,) * 24),
    stop_statuses=range(300, 500),
    after_last="the message is dropped, and nobody is told",
    source="support.sendgrid.com, article 46513815674395",
    assumptions=(
        "7 min 30 s in the first hour: 5 to 10 min are published",
        "2 h 57 min 30 s after it: about 3 h until 72 h are over are published",
        (
            "no answer is retried like a 5xx: a DNS error is dropped at once, but the "
            "lab has no DNS"
        ),
        NO_TIMEOUT,
    ),
)

MAILGUN_DISPUTE = (
    "Mailgun has two schedules on its own pages: 5, 10, 15 min, 1, 2, 4 h in the "
    "manual, and 10, 10, 15, 30 min, 1, 2, 4 h in the help centre."
)

MAILGUN = Profile(
    name="mailgun",
    title="Mailgun, the help centre's schedule",
    timeout=ASSUMED_TIMEOUT,
    success=frozenset({200}),
    schedule=FixedDelays((600, 600, 900, 1800, 3600, 7200, 14400)),
    stop_statuses=frozenset({406}),
    source="help.mailgun.com, article 202236504 (webhooks)",
    assumptions=(NO_TIMEOUT,),
    dispute=MAILGUN_DISPUTE,
)

MAILGUN_MANUAL = Profile(
    name="mailgun-manual",
    title="Mailgun, the manual's schedule",
    timeout=ASSUMED_TIMEOUT,
    success=frozenset({200}),
    schedule=FixedDelays((300, 600, 900, 3600, 7200, 14400)),
    stop_statuses=frozenset({406}),
    source="documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-retries",
    assumptions=(NO_TIMEOUT,),
    dispute=MAILGUN_DISPUTE,
)

POSTMARK = Profile(
    name="postmark",
    title="Postmark, inbound",
    timeout=120,
    success=frozenset({200}),
    schedule=FixedDelays((60, 300, 600, 600, 600, 900, 1800, 3600, 7200, 21600)),
    stop_statuses=frozenset({403}),
    after_last='the message is marked "Inbound Error", to be sent again by a person',
    source=(
        "postmarkapp.com/support/article/"
        "understanding-inbound-webhook-retries-in-postmark"
    ),
    confidence=Confidence.SECOND_HAND,
)

PUSHER = Profile(
    name="pusher",
    title="Pusher Beams",
    timeout=3,
    schedule=FixedDelays((10, 30, 120, 300)),
    source="support.pusher.com, article 4412244115601 (Beams time-outs and retries)",
)

BREVO = Profile(
    name="brevo",
    title="Brevo",
    timeout=ASSUMED_TIMEOUT,
    schedule=FixedDelays((600, 3600, 7200, 28800)),
    stop_statuses=frozenset(range(400, 500)) - {429},
    source="developers.brevo.com/docs/retry-mechanism",
    assumptions=(NO_TIMEOUT,),
)

AHASEND = Profile(
    name="ahasend",
    title="AhaSend",
    timeout=ASSUMED_TIMEOUT,
    schedule=FixedDelays(tuple(number**4 for number in range(1, 7))),
    jitter=MultipliedJitter(0.9, 1.1),
    disable=DisableRule(text="after 100 consecutive failures", consecutive=100),
    source="ahasend.com, documentation of webhooks",
    assumptions=(NO_TIMEOUT,),
)

LIVECHAT = Profile(
    name="livechat",
    title="LiveChat",
    timeout=10,
    success=frozenset({200}),
    schedule=spread(6 * HOUR, retries=10),
    source="livechat/livechat-public-docs#525",
    assumptions=(
        "each delay twice the one before: 10 retries in 6 h are published",
        "a time-out of 10 s: about 10 s are published",
    ),
)

PROFILES = (
    SLACK,
    DISCORD,
    ZOOM,
    TWILIO,
    TWILIO_EVENTS,
    SENDGRID,
    SENDGRID_INBOUND,
    MAILGUN,
    MAILGUN_MANUAL,
    POSTMARK,
    PUSHER,
    BREVO,
    AHASEND,
    LIVECHAT,
)
