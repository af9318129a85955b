"""What `deliver` is given in a check: a post, a sleep, and a log of both."""

from collections.abc import Mapping, Sequence
from typing import Any

POST = "POST"

Log = Sequence[str | float]
"""Attempts and sleeps in their order: "POST", or a number of seconds."""

ENOUGH = 40
"""After so many attempts of one delivery nobody believes in an end any more."""


class Endless(BaseException):
    """A delivery that does not end; it is no Exception, so that nobody catches it."""


class Wire:
    """What `deliver` is given: a post that answers from a list, and a sleep.

    An answer is a status, or an exception class that is raised; the last one repeats.
    `log` has "POST" for each attempt and a number for each sleep, in order.
    """

    def __init__(self, *answers: int | type[BaseException]) -> None:
        self._answers = answers
        self.log: list[str | float] = []
        self.sent: list[tuple[Any, Any]] = []

    def post(self, body: Any, headers: Any) -> int:
        """Note an attempt, and answer it as the list says."""
        kept = dict(headers) if isinstance(headers, Mapping) else headers
        self.sent.append((body, kept))
        self.log.append(POST)
        if len(self.sent) > ENOUGH:
            raise Endless
        answer = self._answers[min(len(self.sent), len(self._answers)) - 1]
        if isinstance(answer, int):
            return answer
        raise answer("no answer" if answer is not ValueError else "a bug in post")

    def sleep(self, seconds: float) -> None:
        """Note a sleep, and return at once."""
        self.log.append(seconds)

    @property
    def posts(self) -> int:
        """How many attempts were made."""
        return self.log.count(POST)

    @property
    def sleeps(self) -> list[float]:
        """The sleeps, in order."""
        return [entry for entry in self.log if not isinstance(entry, str)]

    @property
    def answers(self) -> str:
        """What post answers, in words."""
        names = [a if isinstance(a, int) else a.__name__ for a in self._answers]
        return ", ".join(map(str, names))
