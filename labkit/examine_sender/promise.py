"""What the sender promises, as far as its owner says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.errors import BadSetting
from labkit.profiles import PROFILES
from labkit.profiles.profile import Ordering
from labkit.retry import FullJitter, MultipliedJitter

FULL = (0.0, 1.0)
NONE = (1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is promised; None means that nothing is said about it.

    `delays` are the seconds between attempts, empty for a sender that never retries.
    `jitter` holds the least and the largest factor of a delay. `timeout` bounds one
    attempt, `overlap` is how long both secrets sign after a rotation, both in seconds
    of the sender's clock. `never_retried` holds statuses. `disable_after` is the number
    of deliveries that fail in a row before an endpoint is disabled, 0 if unknown.
    """

    delays: tuple[float, ...] | None = None
    jitter: tuple[float, float] | None = None
    timeout: float | None = None
    overlap: float | None = None
    never_retried: frozenset[int] | None = None
    disable_after: int = 0
    ordered: bool | None = None

    @property
    def never_retries(self) -> bool:
        """Whether it is promised that nothing is ever retried."""
        return self.delays == ()


def promise_from(
    *,
    profile: str = "",
    schedule: str = "",
    jitter: str = "",
    timeout: float | None = None,
    overlap: float | None = None,
    never_retried: Sequence[int] = (),
    disable_after: int = 0,
    ordered: bool | None = None,
) -> Promise:
    """Return the promise from what was typed; options come before the profile.

    `schedule` is a list such as "5,300,1800", or "none". `jitter` is "full", "none" or
    a share such as 0.2. Raises UnknownName for a profile and BadSetting for a schedule
    or jitter that can't be read.
    """
    delays = _delays(schedule)
    spread = _jitter(jitter)
    stops = frozenset(never_retried) or None
    if profile:
        known = PROFILES[profile]
        if delays is None:
            delays = known.delays
            spread = spread or _spread_of(known.jitter)
        timeout = timeout or known.timeout
        stops = stops or frozenset(known.stop_statuses)
        if ordered is None:
            ordered = known.ordering is not Ordering.NONE
    return Promise(
        delays=delays,
        jitter=spread,
        timeout=timeout,
        overlap=overlap,
        never_retried=stops,
        disable_after=disable_after,
        ordered=ordered,
    )


def _delays(text: str) -> tuple[float, ...] | None:
    if not text:
        return None
    if text.strip().lower() == "none":
        return ()
    try:
        delays = tuple(float(part) for part in text.split(","))
    except ValueError:
        delays = (-1.0,)
    if min(delays) < 0:
        raise BadSetting(
            f"the schedule is {text!r}; give seconds such as 5,300,1800, or none"
        )
    return delays


def _jitter(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    if text in {"full", "none"}:
        return FULL if text == "full" else NONE
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadSetting(f"the jitter is {text!r}; give full, none or a share as 0.2")
    return (1 - share, 1 + share)


def _spread_of(jitter: object) -> tuple[float, float]:
    if isinstance(jitter, FullJitter):
        return FULL
    if isinstance(jitter, MultipliedJitter):
        return (jitter.low, jitter.high)
    return NONE
