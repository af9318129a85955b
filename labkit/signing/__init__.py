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
from labkit.signing.address import Square, Twilio
from labkit.signing.body import Generic, GitHub, Shopify
from labkit.signing.discord import Discord
from labkit.signing.scheme import Challenge, KeyForm, Layout, Scheme
from labkit.signing.standard import Standard, Svix
from labkit.signing.timed import Paddle, Slack, Stripe, Zoom

__all__ = ["SCHEMES", "Challenge", "KeyForm", "Layout", "Scheme"]


class _Schemes(dict[str, Scheme]):
    def __missing__(self, name: str) -> Never:
        raise UnknownName("scheme", name, self)


SCHEMES: Mapping[str, Scheme] = _Schemes(
    {
        scheme.name: scheme
        for scheme in (
            Generic(),
            GitHub(),
            Stripe(),
            Slack(),
            Shopify(),
            Standard(),
            Svix(),
            Twilio(),
            Square(),
            Zoom(),
            Discord(),
            Paddle(),
        )
    }
)
"""Every scheme by name; an unknown name raises UnknownName."""
