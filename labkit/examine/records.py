"""What an examination found, as records."""

import functools
from collections import Counter
from dataclasses import dataclass

from labkit.model import Headers
from labkit.probes import Endpoint, Exchange, Finding, Outcome, Probe
from labkit.redaction import Redaction, shown_header

BODY_SHOWN = 300
"""Characters shown of a body."""

BODY_READ = 20_000
"""Bytes of a body that are looked at to show it."""

VALUE_SHOWN = 200
"""Characters shown of a header's value."""


@dataclass(frozen=True, slots=True)
class Result:
    """One probe and what came of it; `seconds` is how long it took."""

    probe: Probe
    finding: Finding
    seconds: float

    @property
    def outcome(self) -> Outcome:
        """Passed, failed, unknown, or not applicable."""
        return self.finding.outcome


@dataclass(frozen=True, slots=True)
class Report:
    """What an examination found; `seconds` is how long all of it took."""

    endpoint: Endpoint
    results: tuple[Result, ...]
    seconds: float

    def of(self, outcome: Outcome) -> tuple[Result, ...]:
        """Return the results with that outcome, in order."""
        return tuple(result for result in self.results if result.outcome is outcome)

    @property
    def failed(self) -> bool:
        """Whether any probe failed."""
        return bool(self.of(Outcome.FAILED))

    @property
    def summary(self) -> str:
        """Say in one line how many probes had which outcome."""
        counts = Counter(result.outcome for result in self.results)
        said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
        noun = "probe" if len(self.results) == 1 else "probes"
        return f"{len(self.results)} {noun} in {self.seconds:.1f} s: {said}"

    def shown(self, exchange: Exchange) -> tuple[str, str]:
        """Return a request and its answer as text, shortened, without any secret."""
        request, answer = exchange.request, exchange.answer
        asked = f"{request.method} {self._shown(request.path, VALUE_SHOWN)} HTTP/1.1"
        answered = str(answer)
        return (
            self._message(asked, request.headers, request.body),
            self._message(answered, answer.headers, answer.body),
        )

    def _message(self, first: str, headers: Headers, body: bytes) -> str:
        lines = [
            f"{name}: {self._shown(shown_header(name, value), VALUE_SHOWN)}"
            for name, value in headers
        ]
        text = body[:BODY_READ].decode("utf-8", "backslashreplace")
        shown = self._shown(text, BODY_SHOWN)
        if len(body) > BODY_SHOWN:
            shown += f" ({len(body)} bytes)"
        return "\n".join((first, *lines, "", shown)).strip()

    def _shown(self, text: str, limit: int) -> str:
        # Secrets first: cut in two, one would not be found.
        text = _redaction(tuple(self.endpoint.secrets)).line(text)
        # Control characters of an answer must not reach the reader's terminal.
        plain = "".join(
            sign if sign.isprintable() else repr(sign)[1:-1] for sign in text
        )
        return plain if len(plain) <= limit else plain[:limit] + " …"


@functools.lru_cache(maxsize=4)
def _redaction(secrets: tuple[str, ...]) -> Redaction:
    return Redaction(secrets)
