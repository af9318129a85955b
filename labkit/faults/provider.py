"""What goes wrong at the provider, before the request is signed."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from labkit.faults.fault import Crossing, Fault
from labkit.signing import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleClock(Fault):
    """The provider's clock is `seconds` behind when it signs.

    The receiver sees an authentic request that seems to be old. Beyond its tolerance it
    refuses; the sender tries again.
    """

    at_provider: ClassVar[bool] = True

    seconds: float = 600.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Set the clock back."""
        crossing.clock -= self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureClock(Fault):
    """The provider's clock is `seconds` ahead when it signs.

    The receiver sees an authentic request from the future. Beyond its tolerance it
    refuses; the sender tries again.
    """

    at_provider: ClassVar[bool] = True

    seconds: float = 600.0

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Set the clock ahead."""
        crossing.clock += self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedSecret(Fault):
    """The provider signs with another secret, `secret`; None makes one up.

    A receiver that knows only the old one refuses the request, and the sender tries
    again. Unsigned requests are left as they are.
    """

    at_provider: ClassVar[bool] = True

    secret: str | None = None

    def completed(self, scheme: Scheme) -> Self:
        """Make up a secret if none is given, and check it.

        Raises BadSecret if it does not have the form of the scheme.
        """
        secret = self.secret
        if secret is None:
            secret = scheme.make_secret(random.Random("rotated"))
        scheme.check_secret(secret)
        return replace(self, secret=secret)

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Take the other secret."""
        crossing.secret = self.secret


def adds_fields(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload as a provider sends it a year later: with more fields."""
    data = {**payload["data"], "metadata": {"channel": "web"}, "livemode": True}
    return {**payload, "api_version": "2027-01-01", "data": data}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFormat(Fault):
    """The provider changes its payload, properly signed; `change` gives the new one.

    By default fields are added. A receiver that only reads what it knows does not
    notice; one that is strict about the rest refuses what it should take, and the
    sender tries again. `change` is given a fresh dictionary, and depends on nothing
    else: the history calls it again.
    """

    at_provider: ClassVar[bool] = True

    change: Callable[[dict[str, Any]], dict[str, Any]] = adds_fields

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Encode the changed payload in the body's place."""
        changed = self.change(json.loads(crossing.body))
        text = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
        crossing.body = text.encode()
