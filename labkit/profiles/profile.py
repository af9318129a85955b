"""What one provider promises about its deliveries, as a record."""

import itertools
import math
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from labkit.errors import BadSetting
from labkit.model import Headers, Response
from labkit.profiles.disable import NEVER_DISABLES, DisableRule
from labkit.retry import RetryPolicy, Statuses

HOUR = 3_600.0
DAY = 86_400.0

_COLUMNS = 74
"""So many columns of text fit a narrow cell."""

ANY_2XX = range(200, 300)

ASSUMED_TIMEOUT = 10.0
NO_TIMEOUT = "a time-out of 10 s: none is published"
"""What stands in `assumptions` beside `ASSUMED_TIMEOUT`."""

RENEWED = frozenset({"timestamp", "signature"})
"""What most providers renew on each attempt; the id and the body stay."""


class Confidence(StrEnum):
    """Who says what the profile holds, apart from what it marks as assumed."""

    PUBLISHED = "the provider's own page, specification or code"
    SECOND_HAND = "partly somebody else, about the provider"
    EARLIER_COPY = "partly an earlier copy of the provider's page"


class Ordering(StrEnum):
    """Whether a provider keeps its events in order."""

    NONE = "none"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Redirects:
    """How many redirects are followed, and which statuses turn the POST into a GET.

    The GET carries no body, so the event is gone; the other redirects repeat the POST.
    """

    most: int = 0
    becomes_get: frozenset[int] = frozenset({301, 302, 303})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryHeaders:
    """The headers by which a provider tells an attempt from the first.

    `number` and `reason` are header names, sent from the second attempt on; `reasons`
    pairs the kit's words (timeout, refused, lost, http_error) with the provider's,
    `other` stands for the rest. `first_sent` is the name of a header with the time of
    the first attempt (RFC 3339), and `always` are further pairs; both are sent with
    every attempt.
    """

    number: str
    reason: str
    reasons: Headers
    other: str
    first_sent: str = ""
    always: Headers = ()

    def __call__(
        self, number: int, reason: str | None, first_sent_at: float
    ) -> Headers:
        """Return the headers of attempt `number`, counted from 1."""
        pairs = list(self.always)
        if self.first_sent:
            moment = datetime.fromtimestamp(int(first_sent_at), tz=UTC)
            pairs.append((self.first_sent, moment.strftime("%Y-%m-%dT%H:%M:%SZ")))
        if number > 1:
            pairs.append((self.number, str(number - 1)))
            pairs.append(
                (self.reason, dict(self.reasons).get(reason or "", self.other))
            )
        return tuple(pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(RetryPolicy):
    """What one provider promises: a retry policy, and all that goes with it.

    `timeout` bounds a whole attempt and `timeout_connect` the connecting, in seconds.
    `success` holds the statuses that acknowledge. `renews` names what is new on each
    attempt: "timestamp", "signature", "id". `stop_headers` are replies that end the
    delivery. `scheme` is the signing scheme it goes with. `after_last` says what
    happens to a dead letter. `source` is the page, `as_of` the month in which it was
    read. Whatever the provider does not publish stands in `assumptions`; `dispute` says
    where sources disagree. `print(profile)` shows it all.

    To try another schedule on the same provider, use `dataclasses.replace`.
    """

    name: str
    title: str
    timeout: float
    timeout_connect: float | None = None
    success: Statuses = ANY_2XX
    redirects: Redirects = Redirects()
    renews: frozenset[str] = frozenset()
    headers: RetryHeaders | None = None
    stop_headers: Headers = ()
    scheme: str = "generic"
    disable: DisableRule = NEVER_DISABLES
    ordering: Ordering = Ordering.NONE
    after_last: str = "the event is dropped"
    source: str
    as_of: str = "2026-09"
    confidence: Confidence = Confidence.PUBLISHED
    assumptions: tuple[str, ...] = ()
    dispute: str = ""

    def __post_init__(self) -> None:
        # No super() here: slots=True makes a new class that super() doesn't know.
        RetryPolicy.__post_init__(self)
        if not 0 < self.timeout < math.inf:
            raise BadSetting(
                f"timeout is {self.timeout} s; it must be finite and above 0"
            )
        unknown = self.renews - {"timestamp", "signature", "id"}
        if unknown:
            raise BadSetting(
                f"renews holds {', '.join(sorted(unknown))}; it may hold timestamp, "
                "signature and id"
            )

    @property
    def assumed(self) -> bool:
        """Whether any part of the profile is assumed and not published."""
        return bool(self.assumptions)

    def acknowledges(self, status: int) -> bool:
        """Tell whether that status makes the provider stop: the event has arrived."""
        return status in self.success

    def told_to_stop(self, response: Response) -> bool:
        """Tell whether a failed attempt's reply asks for no further attempt."""
        return any(
            (response.header(name) or "").strip().lower() == value
            for name, value in self.stop_headers
        )

    def retry_headers(
        self, number: int, *, reason: str | None, first_sent_at: float
    ) -> Headers:
        """Return the provider's own headers of attempt `number`, counted from 1.

        `reason` is why the attempt before failed: "timeout", "refused", "lost",
        "http_error", or None. `first_sent_at` is in seconds since the epoch.
        """
        if self.headers is None:
            return ()
        return self.headers(number, reason, first_sent_at)

    def __str__(self) -> str:
        lines = [
            ("", self.title),
            ("Timeout", lasting(self.timeout)),
            ("Acknowledged by", _statuses(self.success)),
            ("Delays", _delays(self.delays)),
            ("Last attempt", f"{lasting(self.horizon)} after the first"),
            ("Never retried", _statuses(self.stop_statuses)),
            ("Redirects", _redirects(self.redirects)),
            ("Ordering", str(self.ordering)),
            ("Renewed", ", ".join(sorted(self.renews)) or "nothing"),
            ("Given up", self.after_last),
            ("Disabled", self.disable.text),
            *(("Assumed", assumption) for assumption in self.assumptions),
            ("Disputed", self.dispute),
            ("Source", f"{self.source} ({self.as_of}); {self.confidence}"),
        ]
        return "\n".join(_entry(label, text) for label, text in lines if text)


def _entry(label: str, text: str) -> str:
    """Write a label and its text, which may take several lines."""
    head = f"{label + ':':<17}" if label else ""
    return textwrap.fill(
        text,
        _COLUMNS,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    )


def lasting(seconds: float) -> str:
    """Write a duration as people do: 18000 is "5 h", 90 is "1 min 30 s"."""
    whole = int(seconds)
    parts = [
        (whole // 86400, "d"),
        (whole // 3600 % 24, "h"),
        (whole // 60 % 60, "min"),
        (whole % 60 + (seconds - whole), "s"),
    ]
    return " ".join(f"{n:g} {unit}" for n, unit in parts if n) or "0 s"


def _delays(delays: tuple[float, ...]) -> str:
    runs = [(lasting(d), len(list(run))) for d, run in itertools.groupby(delays)]
    texts = [text if times == 1 else f"{text} ×{times}" for text, times in runs]
    return ", ".join(texts) or "none, it never retries"


def _redirects(redirects: Redirects) -> str:
    return f"at most {redirects.most} followed" if redirects.most else "not followed"


def _statuses(statuses: Statuses) -> str:
    if isinstance(statuses, range):
        return f"{statuses.start}-{statuses.stop - 1}"
    numbers = sorted(statuses)
    # Neighbours keep the difference of number and position.
    runs = itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ", ".join(
        str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans
    )
