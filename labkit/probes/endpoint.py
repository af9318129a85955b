"""What is examined: the endpoint, what its provider promises, and its levers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from labkit.probes.sample import Sample
from labkit.profiles import Profile
from labkit.signing import Scheme


class Need(StrEnum):
    """What has to be given before some probes can be judged; the value says how."""

    EFFECTS = "--effects or --effects-url, a number that grows with every event"
    RESTART = "--restart, a command that kills the receiver and starts it again"
    OUTAGE = "--break and --mend, commands between which no event can be processed"
    RETIRED_SECRET = "--retired-secret, an old secret that must be refused"  # noqa: S105 - a sentence
    SECOND_SECRET = "--second-secret, another secret that is valid just now"  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is examined, and how its provider speaks to it.

    `signed_url` is the address configured at the provider, for the schemes that sign
    it; it is `url` unless a proxy stands between.
    """

    url: str
    scheme: Scheme
    secret: str = field(repr=False)
    profile: Profile
    sample: Sample = field(default_factory=Sample)
    signed_url: str = ""
    second_secret: str = field(default="", repr=False)
    retired_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for secret in (self.secret, self.second_secret, self.retired_secret):
            if secret or secret is self.secret:
                self.scheme.check_secret(secret)

    @property
    def secrets(self) -> list[str]:
        """Every secret that was given, none of which may be shown."""
        return [s for s in (self.secret, self.second_secret, self.retired_secret) if s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What can be read off and done to the receiver from outside; each may be missing.

    `effects` returns how much it has done; `restart` kills it and starts it again;
    after `break_` no event can be processed until `mend`.
    """

    effects: Callable[[], float] | None = None
    restart: Callable[[], None] | None = None
    break_: Callable[[], None] | None = None
    mend: Callable[[], None] | None = None
