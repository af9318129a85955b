"""Sign a request as a provider does, and verify it as a receiver must.

`SCHEMES[name]` is one scheme of the labs, `PROVIDERS[name]` one of a further provider:

    headers = SCHEMES["standard"].sign(body, secret=secret, id=id, timestamp=now)
    SCHEMES["standard"].verify(body, headers, secrets=[secret], now=now)

To verify raises VerificationError or returns None; it never returns False, which a
caller could forget to look at. `scheme_named` finds a scheme of either kind, and makes
one from a description such as `header=X-Signature signed={t}.{body} time=X-Time`.
"""

from collections.abc import Mapping
from typing import Never

from labkit.arguments import check_text
from labkit.errors import UnknownName
from labkit.signing import address, body, described, discord, standard, timed
from labkit.signing.described import Description
from labkit.signing.handshakes import HANDSHAKES, Handshake, Place
from labkit.signing.parts import KeyForm, Layout, Unit
from labkit.signing.providers import Providers
from labkit.signing.scheme import Scheme

__all__ = [
    "HANDSHAKES",
    "PROVIDERS",
    "SCHEMES",
    "Description",
    "Handshake",
    "KeyForm",
    "Layout",
    "Place",
    "Scheme",
    "Unit",
    "scheme_named",
]


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

PROVIDERS: Mapping[str, Scheme] = Providers()
"""The schemes of further providers by name."""


def scheme_named(text: str) -> Scheme:
    """Return the scheme of that name, or the one that the text describes.

    Raises UnknownName for a name that is neither in SCHEMES nor in PROVIDERS, and
    BadSetting for a description that makes no scheme.
    """
    check_text("scheme", text)
    if "=" in text:
        return described.described(described.read(text))
    for schemes in (SCHEMES, PROVIDERS):
        if text in schemes:
            return schemes[text]
    raise UnknownName("scheme", text, [*SCHEMES, *PROVIDERS])
