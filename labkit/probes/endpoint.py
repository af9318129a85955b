"""What is examined: the endpoint, what its provider promises, and its levers."""

import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from labkit.model import Headers
from labkit.probes.sample import Sample
from labkit.profiles import Profile
from labkit.signing import HANDSHAKES, Handshake, Scheme


class Need(StrEnum):
    """What has to be given before some probes can be judged; the value says how."""

    EFFECTS = "--effects or --effects-url (a number that grows with every event)"
    RESTART = "--restart (a command that kills the receiver and starts it again)"
    OUTAGE = "--break and --mend (commands between which no event can be processed)"
    RETIRED_SECRET = "--retired-secret (an old secret that must be rejected)"  # noqa: S105 - a sentence
    SECOND_SECRET = "--second-secret (another secret that is valid at the same time)"  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is examined, and how its provider speaks to it.

    `signed_url` is the address configured at the provider, for the schemes that sign
    it; it is `url` unless there is a proxy in between. Then requests carry the headers
    that the proxy would add: the public host, and `X-Forwarded-Proto`. `headers` are
    sent with every request; `host` is a public host name for schemes that sign no URL.
    `app` is the application itself, if it is called in this process. `sample` is the
    event to send, and `other_samples` are events to try if the endpoint does not take
    it. `handshake` is how the provider checks a new URL, by default as the scheme's
    does, and `verify_token` the text that it is given for that. `gzip` says that the
    provider compresses its bodies.
    """

    url: str
    scheme: Scheme
    secret: str = field(repr=False)
    profile: Profile
    sample: Sample = field(default_factory=Sample)
    other_samples: tuple[Sample, ...] = ()
    signed_url: str = ""
    headers: Headers = ()
    host: str = ""
    app: object = None
    handshake: Handshake | None = None
    verify_token: str = field(default="", repr=False)
    gzip: bool = False
    second_secret: str = field(default="", repr=False)
    retired_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.handshake is None and self.scheme.handshake:
            own = HANDSHAKES[self.scheme.handshake]
            object.__setattr__(self, "handshake", own)
        for secret in (self.secret, self.second_secret, self.retired_secret):
            if secret or secret is self.secret:
                self.scheme.check_secret(secret)

    @property
    def public_headers(self) -> Headers:
        """What a proxy between the provider and the endpoint would add."""
        names = {name.lower() for name, _ in self.headers}
        public = urllib.parse.urlsplit(self.signed_url)
        host = self.host or public.netloc.rpartition("@")[2]
        pairs = (("Host", host), ("X-Forwarded-Proto", public.scheme))
        return tuple((n, v) for n, v in pairs if v and n.lower() not in names)

    @property
    def shown_url(self) -> str:
        """The URL without a user and a password."""
        parts = urllib.parse.urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def secrets(self) -> list[str]:
        """Every secret that was given."""
        return [s for s in (self.secret, self.second_secret, self.retired_secret) if s]

    @property
    def hidden(self) -> list[str]:
        """What may not be shown: the secrets, and a password in the URL."""
        password = urllib.parse.urlsplit(self.url).password
        return [*self.secrets, *([password] if password else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What can be read off and done to the receiver from outside; each may be missing.

    `effects` returns how much it has done; `restart` kills it and starts it again;
    after `break_` no event can be processed until `mend`. `effect_delay` says that the
    side effect of an event takes that many seconds at present, which makes races wide
    enough to be seen.
    """

    effects: Callable[[], float] | None = None
    restart: Callable[[], None] | None = None
    break_: Callable[[], None] | None = None
    mend: Callable[[], None] | None = None
    effect_delay: float = 0.0
