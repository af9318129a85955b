"""When a provider stops sending to an endpoint altogether.

A `DisableRule` is data; a `Health` is what must be remembered of one endpoint to apply
it. After each finished attempt:

    health = rule.note(health, at=now, status=503, acknowledged=False)
    if rule.should_disable(health): ...
"""

from dataclasses import dataclass, replace

BUCKETS = 60
"""Into how many pieces the window of a ratio is cut."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many attempts failed and how many were made in one piece of the window."""

    number: int
    failed: int
    made: int


@dataclass(frozen=True, slots=True)
class Health:
    """What is remembered of one endpoint; `Health()` is an endpoint never tried.

    `failures` counts those since the last success, `failing_since` and `failing_for`
    are their first moment and their span in seconds, `status` is the last answer.
    """

    failures: int = 0
    failing_since: float | None = None
    failing_for: float = 0.0
    status: int | None = None
    recent: tuple[Bucket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableRule:
    """When an endpoint is disabled; every condition that is given is enough.

    `consecutive` is a number of failures without a success between them, `age` the
    seconds that failures have gone on without one, `ratio` the share of failures, or
    more, among at least `least` attempts in the last `window` seconds, `statuses` the
    answers that disable at once. With `whole_deliveries` only deliveries that were
    given up count as failures, not their attempts. `pause` is for how many seconds
    nothing is sent; None means until a person enables the endpoint again. `text` is the
    rule in words, for learners. Without a condition the rule never disables.
    """

    text: str
    consecutive: int | None = None
    age: float | None = None
    ratio: float | None = None
    window: float = 3600.0
    least: int = 1
    statuses: frozenset[int] = frozenset()
    whole_deliveries: bool = False
    pause: float | None = None

    def note(
        self,
        health: Health,
        *,
        at: float,
        status: int | None,
        acknowledged: bool,
        given_up: bool = False,
    ) -> Health:
        """Return the endpoint's health after one more finished attempt.

        `at` is when the attempt ended, in seconds, and does not go back; `given_up`
        says that no further attempt will be made.
        """
        recent = health.recent
        if self.ratio is not None:
            recent = self._counted(recent, at, failed=not acknowledged)
        if acknowledged:
            return Health(status=status, recent=recent)
        if self.whole_deliveries and not given_up:
            return replace(health, status=status, recent=recent)
        since = at if health.failing_since is None else health.failing_since
        return Health(
            failures=health.failures + 1,
            failing_since=since,
            failing_for=at - since,
            status=status,
            recent=recent,
        )

    def should_disable(self, health: Health) -> bool:
        """Tell whether an endpoint of that health is to be disabled."""
        if health.status in self.statuses:
            return True
        if self.consecutive is not None and health.failures >= self.consecutive:
            return True
        if self.age is not None and health.failing_for >= self.age:
            return True
        if self.ratio is None:
            return False
        made = sum(bucket.made for bucket in health.recent)
        failed = sum(bucket.failed for bucket in health.recent)
        return made >= self.least and failed >= self.ratio * made

    def _counted(
        self, recent: tuple[Bucket, ...], at: float, *, failed: bool
    ) -> tuple[Bucket, ...]:
        number = int(at * BUCKETS // self.window)
        if recent and recent[-1].number == number:
            last = recent[-1]
            grown = Bucket(number, last.failed + failed, last.made + 1)
            return (*recent[:-1], grown)
        kept = (bucket for bucket in recent if bucket.number > number - BUCKETS)
        return (*kept, Bucket(number, int(failed), 1))


NEVER_DISABLES = DisableRule(text="never, as far as is published")
