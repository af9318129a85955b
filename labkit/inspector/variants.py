"""What else a sender may have signed: other bytes, another form of the secret.

A signature that does not fit says nothing of why. So the likely mistakes are made here
one by one, and the one whose signature is the given one is the reason. No mistake is
tried first, then one, then two at once.
"""

import base64
import binascii
import hmac
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from labkit.inspector.rewrites import Choice
from labkit.signing import SCHEMES, Layout, Scheme

LIMIT = 30_000_000
"""How many bytes are hashed for one request before the search is given up."""

_DIGESTS = ("sha256", "sha1", "sha512")
_LABEL = re.compile(r"[A-Za-z]\w{0,9}=(?=[^=])")


@dataclass(frozen=True, slots=True)
class Match:
    """How the given signature came about."""

    body: Choice
    key: Choice
    layout: Choice
    digest: str

    @property
    def reason(self) -> str:
        """The mistakes in a few words; empty where there is none."""
        digest = f"{self.digest} instead of sha256" if self.digest != "sha256" else ""
        parts = (self.body.reason, self.key.reason, self.layout.reason, digest)
        return ", ".join(filter(None, parts))


def search(
    given: set[bytes],
    *,
    bodies: list[Choice],
    keys: list[Choice],
    layouts: list[Choice],
) -> Match | None:
    """Return the match with the fewest mistakes, or None.

    The first of each list is what the scheme asks for. A layout's content stands in
    front of the body.
    """
    hashed = 0
    axes: tuple[list[Choice], ...] = (
        bodies, keys, layouts, [Choice(name, b"") for name in _DIGESTS]
    )  # fmt: skip
    for mistakes in range(3):
        for wrong in itertools.combinations(range(len(axes)), mistakes):
            ways = [
                axis[1:] if place in wrong else axis[:1]
                for place, axis in enumerate(axes)
            ]
            for body, key, layout, digest in itertools.product(*ways):
                content = layout.content + body.content
                hashed += len(content)
                if hashed > LIMIT:
                    return None
                if hmac.digest(key.content, content, digest.words) in given:
                    return Match(body, key, layout, digest.words)
    return None


def signatures_in(value: str) -> set[bytes]:
    """Return every digest that a header's value may hold, in hex or base64."""
    found = set()
    for token in re.split(r"[,;\s]+", value):
        bare = _LABEL.sub("", token, count=1)
        for decode in (binascii.unhexlify, _from_base64):
            try:
                found.add(decode(bare))
            except ValueError:
                continue
    # A short word such as v1 or a time is base64 too, but no digest.
    return {digest for digest in found if len(digest) >= 20}


def in_hex(value: str) -> bool:
    """Whether the longest part of a header's value is written in hex."""
    tokens = (_LABEL.sub("", token, count=1) for token in re.split(r"[,;\s]+", value))
    return re.fullmatch(r"[0-9A-Fa-f]{40,}", max(tokens, key=len)) is not None


def keys_of(secret: str, *, decoded: bool) -> list[Choice]:
    """Return the keys that a secret may be taken for, the right one first.

    `decoded` is true where the scheme takes the base64 after `whsec_`.
    """
    forms = list(_spellings(secret, decoded=decoded))
    for words, text, reason in _cleaned(secret):
        forms += [
            Choice(f"{words}{form.words}", form.content, form.reason or reason)
            for form in _spellings(text, decoded=decoded)
            if not form.reason
        ]
    forms += [
        Choice(words, text.encode(), reason)
        for words, text, reason in (
            ("with a line break at its end", f"{secret}\n", "line break"),
            ("with a line break \\r\\n at its end", f"{secret}\r\n", "line break"),
            ("with a space at its end", f"{secret} ", "space"),
            ("in its quotation marks", f'"{secret}"', "quotation marks"),
            ("in its quotation marks '", f"'{secret}'", "quotation marks"),
            ("with whsec_ in front", f"whsec_{secret}", "secret without its prefix"),
            ("not at all: the key is empty", "", "empty secret"),
        )
    ]
    return sorted(forms, key=lambda form: bool(form.reason))


def _spellings(secret: str, *, decoded: bool) -> Iterator[Choice]:
    """Yield the ways to make a key of a secret: as text, and decoded."""
    bare = secret.removeprefix("whsec_")
    yield Choice("as text", secret.encode(), "secret not decoded" if decoded else "")
    if bare != secret:
        yield Choice("as text without whsec_", bare.encode(), "secret cut")
    padded = bare + "=" * (-len(bare) % 4)
    for words, text, decode in (
        ("base64", padded, _from_base64),
        ("hex", bare, bytes.fromhex),
    ):
        try:
            key = decode(text)
        except ValueError:
            continue
        right = decoded and words == "base64"
        reason = "" if right else "secret decoded"
        yield Choice(f"decoded from {words}", key, reason)


def _cleaned(secret: str) -> Iterator[tuple[str, str, str]]:
    """Yield a secret without what was copied along with it."""
    for quote in ('"', "'"):
        if len(secret) > 2 and secret[0] == secret[-1] == quote:
            yield "without its quotation marks, ", secret[1:-1], "quotation marks"
    name, equals, value = secret.partition("=")
    if equals and _NAME.fullmatch(name) and value.strip("="):
        yield f"without {name}= in front, ", value.strip("\"'"), "NAME= in front"
    _, comma, value = secret.partition(",")
    if comma and value:
        yield "without what stands before the comma, ", value, "prefix of a version"


def mistaken_for(secret: str) -> str:
    """Say what a secret is if it is no signing secret, by its beginning; or nothing."""
    return next((what for form, what in _NO_SECRETS if form.match(secret)), "")


_NAME = re.compile(r"(?:export )?[A-Z][A-Z0-9_]+")

_NO_SECRETS = tuple(
    (re.compile(form), what)
    for form, what in (
        (r"(sk|rk|pk)_(test|live)_", "an API key of Stripe"),
        (r"we_[0-9A-Za-z]+$", "the id of an endpoint at Stripe"),
        (r"ep_[0-9A-Za-z]+$", "the id of an endpoint at Svix"),
        (r"(evt|msg|app)_[0-9A-Za-z]+$", "the id of an event, a message or an app"),
        (r"gh[pousr]_|github_pat_", "an access token of GitHub"),
        (r"xox[a-z]-|xapp-", "a token of Slack"),
        (r"shp(at|ca|pa)_", "an access token of Shopify"),
        (r"(AC|SK)[0-9a-f]{32}$", "an SID of Twilio"),
        (r"EAAA|sq0[a-z]{3}-", "an access token or an id of Square"),
        (r"pdl_(live|sdbx)_apikey_", "an API key of Paddle"),
        (r"ntfset_", "the id of a notification setting at Paddle"),
        (r"eyJ[\w-]+\.[\w-]+\.", "a JWT"),
        (r"whpk_|-----BEGIN PUBLIC", "a public key"),
        (r"re_[0-9A-Za-z_]+$|SG\.", "an API key of a mail service"),
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            "a UUID, as ids are",
        ),
    )
)


def layouts_for(own: Layout | None, *, id: str, t: str, url: str) -> list[Choice]:  # noqa: A002 - the word of every provider
    """Return what may precede the body: the scheme's own layout, then all others."""
    known = (scheme.layout for scheme in SCHEMES.values())
    first = own or Scheme.layout
    layouts = dict.fromkeys(filter(None, (first, *known, *_OTHER_LAYOUTS)))
    return [
        Choice(
            layout.words,
            layout.before(id=id, t=t, url=url),
            "other content signed" if place else "",
        )
        for place, layout in enumerate(layouts)
    ]


_OTHER_LAYOUTS = (
    Layout("the time and the body", "{t}"),
    Layout("the time, a comma and the body", "{t},"),
    Layout("the time, a line break and the body", "{t}\n"),
    Layout("the id and the body", "{id}"),
    Layout("the id, a full stop and the body", "{id}."),
    Layout("the id, the time and the body", "{id}{t}"),
    Layout("the URL, a full stop, the time and the body", "{url}.{t}."),
    Layout("the method, the URL and the body", "POST{url}"),
)
"""Layouts of providers for which the kit has no scheme."""


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
