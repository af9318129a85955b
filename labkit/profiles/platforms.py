"""Platforms that tell of what happens on them: code, shops, sites, studies."""

from labkit.profiles.disable import DisableRule
from labkit.profiles.profile import (
    ASSUMED_TIMEOUT,
    HOUR,
    NO_TIMEOUT,
    Confidence,
    Profile,
)
from labkit.retry import Exponential, FixedDelays, FullJitter, spread

NEVER = FixedDelays(())

GITHUB_REDELIVERY = (
    "nothing is sent again by itself; within 3 days a person or the API may ask for a "
    "redelivery, which has the same body, signature and X-GitHub-Delivery"
)

GITHUB_DISPUTE = (
    '"GitHub retries failed deliveries, up to 3 times" is met in the wild. GitHub\'s '
    "own pages: never automatically."
)

GITHUB = Profile(
    name="github",
    title="GitHub",
    timeout=10,
    schedule=NEVER,
    scheme="github",
    after_last=GITHUB_REDELIVERY,
    source="docs.github.com/webhooks/using-webhooks (best practices, failures)",
    dispute=GITHUB_DISPUTE,
)

GITHUB_ENTERPRISE = Profile(
    name="github-enterprise",
    title="GitHub Enterprise Server",
    timeout=30,
    schedule=NEVER,
    scheme="github",
    after_last=GITHUB_REDELIVERY,
    source="docs.github.com/webhooks/using-webhooks (best practices, failures)",
    dispute=GITHUB_DISPUTE,
)

GITLAB = Profile(
    name="gitlab",
    title="GitLab",
    timeout=10,
    schedule=NEVER,
    disable=DisableRule(
        text=(
            "4 failures in a row: for 1 min, then twice as long each time up to 24 h; "
            "40 in a row: until a person helps"
        ),
        consecutive=40,
    ),
    after_last="nothing is sent again by itself",
    source="about.gitlab.com/blog/2024/11/14 (webhooks disabled, from GitLab 17.11)",
    confidence=Confidence.SECOND_HAND,
)

SHOPIFY = Profile(
    name="shopify",
    title="Shopify",
    timeout=5,
    timeout_connect=1,
    schedule=spread(4 * HOUR, retries=8),
    scheme="shopify",
    disable=DisableRule(
        text=(
            "after 8 consecutive failures a subscription made by the Admin API is "
            "deleted, with warning mails before"
        ),
        consecutive=8,
    ),
    source=(
        "shopify.dev/changelog/updates-to-webhook-retry-mechanism, "
        "community.shopify.dev/t/24625"
    ),
    assumptions=(
        (
            "each delay twice the one before: 8 retries over 4 h, exponential, are "
            "published, the intervals are not"
        ),
    ),
    dispute=(
        '"19 retries over 48 h" is claimed in many places. Shopify: 8 over 4 h, since '
        "10 September 2024."
    ),
)

ASHBY = Profile(
    name="ashby",
    title="Ashby",
    timeout=ASSUMED_TIMEOUT,
    schedule=FixedDelays(tuple((2**number - 1) * 10 for number in range(1, 10))),
    stop_statuses=frozenset({401, 403, 404, 405, 410}),
    source="developers.ashbyhq.com/docs/retries",
    confidence=Confidence.EARLIER_COPY,
    assumptions=(NO_TIMEOUT,),
)

WIX = Profile(
    name="wix",
    title="Wix",
    timeout=1.25,
    success=frozenset({200}),
    schedule=FixedDelays(
        (
            *(60, 600, 3600),
            *(7200,) * 3,
            *(14400,) * 3,
            *(28800,) * 2,
            43200,
        )
    ),
    source="dev.wix.com/docs/rest/articles/getting-started/webhook-resend-policy",
)

DNSIMPLE = Profile(
    name="dnsimple",
    title="DNSimple",
    timeout=ASSUMED_TIMEOUT,
    schedule=spread(2 * HOUR, retries=10),
    source="dnsimple/dnsimple-developer#391",
    assumptions=(
        "each delay twice the one before: at most 10 retries in 2 h are published",
        NO_TIMEOUT,
    ),
)

PROLIFIC = Profile(
    name="prolific",
    title="Prolific",
    timeout=ASSUMED_TIMEOUT,
    schedule=Exponential(first=60, retries=11),
    jitter=FullJitter(),
    source="docs.prolific.com/api-reference/webhooks/event-delivery-and-retry-logic",
    assumptions=(
        (
            "the delays without jitter add up to 34 h 7 min, with full jitter to half "
            "of that on average: about 24 h are published"
        ),
        NO_TIMEOUT,
    ),
)

PROFILES = (
    GITHUB,
    GITHUB_ENTERPRISE,
    GITLAB,
    SHOPIFY,
    ASHBY,
    WIX,
    DNSIMPLE,
    PROLIFIC,
)
