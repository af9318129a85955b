"""Sign a request as a provider does, and verify it as a receiver must.

`SCHEMES[name]` is one scheme:

    headers = SCHEMES["standard"].sign(body, secret=secret, id=id, timestamp=now)
    SCHEMES["standard"].verify(body, headers, secrets=[secret], now=now)

To verify raises VerificationError or returns None; it never returns False, which a
caller could forget to look at.
"""

from collections.abc import Mapping
from typing import Never

from labkit.errors import UnknownName
from labkit.signing import address, body, discord, standard, timed
from labkit.signing.scheme import Challenge, KeyForm, Layout, Scheme

__all__ = ["SCHEMES", "Challenge", "KeyForm", "Layout", "Scheme"]


_KINDS: tuple[type[Scheme], ...] = (
    body.Generic,
    body.GitHub,
    timed.Stripe,
    timed.Slack,
    body.Shopify,
    standard.Standard,
    standard.Svix,
    address.Twilio,
    address.Square,
    timed.Zoom,
    discord.Discord,
    timed.Paddle,
)


class _Schemes(dict[str, Scheme]):
    def __missing__(self, name: str) -> Never:
        raise UnknownName("scheme", name, self)


SCHEMES: Mapping[str, Scheme] = _Schemes((kind.name, kind()) for kind in _KINDS)
"""Every scheme by name; an unknown name raises UnknownName."""
