"""The history of a simulation: its record, and the picture of it."""

from dataclasses import dataclass

from labkit.record import Record
from labkit.timeline import Timeline


@dataclass(frozen=True, slots=True)
class History(Record):
    """Everything that happened in one simulation, with its picture.

    Read `attempts`, `arrivals`, `deliveries`, `dead_letters` and `account`; write the
    history with `to_jsonl()`, and draw it with `timeline()`.
    """

    def timeline(self) -> Timeline:
        """Draw the history: text in a terminal, a picture in a notebook's cell."""
        return Timeline(self)
