"""What each provider promises, as data with its source and date.

    from labkit.profiles import PROFILES
    print(PROFILES["stripe"])

The files below hold one kind of provider each. A profile is added there, as a record
with its source; the tests then ask everything of it that they ask of the others.

    profile.py     the record: one provider's schedule, timeout, success rule, ...
    disable.py     when an endpoint is disabled
    senders.py     Standard Webhooks, Svix, Convoy, Outpost, Amazon SNS, ...
    payments.py    Stripe, PayPal, Square, Adyen, Paddle, Recurly, ...
    messages.py    Slack, Discord, Zoom, Twilio, mail services, ...
    platforms.py   GitHub, GitLab, Shopify, ...
"""

from collections.abc import Mapping
from types import MappingProxyType

from labkit.errors import UnknownName
from labkit.profiles import messages, payments, platforms, senders
from labkit.profiles.disable import DisableRule, Health
from labkit.profiles.profile import Confidence, Ordering, Profile, Redirects

__all__ = [
    "PROFILES",
    "Confidence",
    "DisableRule",
    "Health",
    "Ordering",
    "Profile",
    "Redirects",
]


class _Catalogue(dict[str, Profile]):
    def __missing__(self, name: str) -> Profile:
        raise UnknownName("profile", name, self)


PROFILES: Mapping[str, Profile] = MappingProxyType(
    _Catalogue(
        (profile.name, profile)
        for module in (senders, payments, messages, platforms)
        for profile in module.PROFILES
    )
)
"""Every profile by name. A name that isn't there raises UnknownName."""
