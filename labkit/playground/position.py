"""Where the dials stand, and the code that says the same."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

from labkit.arguments import check_whole
from labkit.faults import Fault
from labkit.model import Event
from labkit.samples import payments

Source = Callable[[int], list[Event]]
"""From a number to that many events: `payments`, `pushes`, `contacts` or your own."""


MOST = 100_000
"""So many events a playground sends at most."""


@dataclass(frozen=True, slots=True)
class Position:
    """What the dials settle: everything but the receiver.

    `events` is how many events of `source` are sent. Raises BadSetting for less
    than one.
    """

    profile: str = "standard"
    events: int = 100
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    source: Source = payments

    def __post_init__(self) -> None:
        check_whole("events", self.events, least=1, most=MOST)
        check_whole("seed", self.seed)

    def arguments(self) -> str:
        """Write the part of a call that says what is sent, how, and over what wire."""
        faults = ", ".join(written(fault) for fault in self.faults)
        wire = f", faults=[{faults}]" if faults else ""
        return f'{self.source.__name__}({self.events}), profile="{self.profile}"' + wire

    def imports(self) -> Iterator[str]:
        """Write the lines that bring the names of the call."""
        if self.source.__module__ == payments.__module__:
            yield f"from {payments.__module__} import {self.source.__name__}"
        names = sorted({fault.name for fault in self.faults})
        if names:
            yield f"from labkit.faults import {', '.join(names)}"


def written(fault: Fault) -> str:
    """Write a fault as the code that makes it: only what differs from the default."""
    given = []
    for each in fields(fault):
        value = getattr(fault, each.name)
        if value != each.default:
            given.append(f"{each.name}={_literal(value)}")
    return f"{fault.name}({', '.join(given)})"


def _literal(value: object) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if callable(value):
        return str(getattr(value, "__name__", "your_function"))
    return repr(value)
