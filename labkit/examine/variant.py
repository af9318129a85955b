"""One variation of a valid event."""

from collections.abc import Callable
from dataclasses import dataclass

from labkit.model import Request
from labkit.probes import Draft, Harness


@dataclass(frozen=True, slots=True)
class Variant:
    """One experiment.

    `name` is its stable name, `changed` says what is different about the request. If
    it is accepted, `bug` says what the receiver does, and `fix` what to do about it.
    """

    name: str
    changed: str
    bug: str
    fix: str
    make: Callable[[Harness, Draft], Request]
