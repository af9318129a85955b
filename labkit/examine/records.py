"""What an examination found, as records."""

from collections import Counter
from dataclasses import dataclass

from labkit.model import Request
from labkit.probes import Endpoint, Exchange, Finding, Outcome, Probe

BODY_SHOWN = 300
"""Characters shown of a body."""

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
        answer = exchange.answer
        lines = [f"{answer}", *(_line(*pair) for pair in answer.headers)]
        answered = "\n".join((*lines, "", _text(answer.body)))
        return (
            self._hidden(_request(exchange.request)),
            self._hidden(answered if answer.status is not None else str(answer)),
        )

    def _hidden(self, text: str) -> str:
        for secret in self.endpoint.secrets:
            text = text.replace(secret, "[secret]")
        return text.strip()


def _request(request: Request) -> str:
    first = f"{request.method} {_cut(request.path, VALUE_SHOWN)} HTTP/1.1"
    lines = [first, *(_line(*pair) for pair in request.headers)]
    return "\n".join((*lines, "", _text(request.body)))


def _line(name: str, value: str) -> str:
    return f"{name}: {_cut(value, VALUE_SHOWN)}"


def _text(body: bytes) -> str:
    text = _cut(body[: 4 * BODY_SHOWN].decode("utf-8", "backslashreplace"), BODY_SHOWN)
    if len(body) > 4 * BODY_SHOWN:
        text += f" ({len(body)} bytes)"
    return text


def _cut(text: str, limit: int) -> str:
    # Control characters of an answer must not reach the reader's terminal.
    plain = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return plain if len(plain) <= limit else plain[:limit] + " …"
