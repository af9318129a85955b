"""What a question is about: a solution, its source, and situations to put it in."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.checks import Exercise
from labkit.checks.calls import JSON
from labkit.exercises.own_code.asked import Asked
from labkit.exercises.own_code.lines import OwnSource
from labkit.explore import Boot, Outcome, World
from labkit.model import Request, header_pairs


@dataclass(frozen=True, slots=True)
class Situation:
    """One input to a solution.

    `sent` shows it as a verdict does. `run` puts a solution into it. `arguments` makes
    the arguments of a plain function; it is None for everything else.
    """

    sent: str
    run: Callable[[Any], object]
    arguments: Callable[[], Sequence[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """How an app is set up and what it is sent, for questions about processes.

    `arguments` makes the arguments of make_app from a world, whose directory survives a
    crash. `count` counts in an outcome what the app did for the event; `noun` names it.
    `odd` are bodies that the contract leaves open. `often_at_once` is how often a
    question about a crash is about the time before the retry: after it, most correct
    solutions give the same answer.
    """

    body: bytes
    arguments: Callable[[World], Sequence[Any]]
    count: Callable[[Outcome], int]
    noun: str
    event: str = "the event"
    headers: Callable[[bytes], Mapping[str, str]] = lambda _: JSON
    path: str = "/webhooks"
    prepare: Callable[[World], object] = lambda _: None
    often_at_once: float = 0.8
    odd: Sequence[bytes] = field(
        default=(b"", b"[]", b"{}", b"no JSON", b'"text"', b'{"id": "evt_1"}')
    )

    def boot(self, make_app: Any) -> Boot:
        """Return what starts the app in a world."""

        def boot(world: World) -> Any:
            self.prepare(world)
            return make_app(*self.arguments(world))

        return boot

    def request(self, body: bytes | None = None) -> Request:
        """Return the request that delivers a body, by default the event."""
        content = self.body if body is None else body
        return Request(
            "POST", self.path, header_pairs(dict(self.headers(content))), content
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """A solution that has passed, and what there is to ask about it."""

    exercise: Exercise
    solution: Any
    own: OwnSource
    situations: Sequence[Situation]
    shop: Shop | None


Kind = Callable[[Subject, random.Random], Asked | None]
"""Makes one question about a solution, or None if this kind has none to ask."""
