"""Endpoints that are added by hand, for a sender without a command that does it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from labkit.examine_sender.clocks import Clock
from labkit.findings.commands import Refused
from labkit.witness import Endpoint, Witness

PATIENCE = 1_800.0
"""How long someone has to add URLs, in real seconds."""

AGAIN = 5.0
"""After how many real seconds another event asks which URLs are there."""


class Examined(Protocol):
    """What a wait needs of an examination."""

    clock: Clock
    witness: Witness
    registered: list[Endpoint]

    def trigger(self, mark: str) -> object:
        """Let the sender send an event with that mark."""


@dataclass(slots=True)
class ByHand:
    """URLs that someone else adds to the sender.

    They are written to `file`, one per line, or said if there is none. An examination
    goes on when an event has arrived at each of them, so nothing has to be confirmed.
    """

    say: Callable[[str], None]
    file: Path | None = None
    patience: float = PATIENCE
    again: float = AGAIN
    _known: set[str] = field(default_factory=set)

    def register(self, url: str, secret: str) -> str:
        """Take the URL as the id; whether it is there is found out by `wait`."""
        return url

    def wait(self, harness: Examined) -> None:
        """Ask for the new URLs, and trigger events until each of them was called.

        One that was not called in time is not waited for again.
        """
        fresh = [one for one in harness.registered if one.url not in self._known]
        if not fresh:
            return
        self._known.update(one.url for one in fresh)
        self._ask(harness, fresh)
        until = time.monotonic() + self.patience
        while missing := [
            one for one in fresh if not harness.witness.seen(path=one.path)
        ]:
            if time.monotonic() >= until:
                urls = ", ".join(one.url for one in missing)
                self.say(
                    f"No event arrived at {urls}; the examination continues without it"
                )
                return
            self._look(harness, missing)
        self.say(
            f"An event arrived at each of them ({len(fresh)}); the examination "
            "continues"
        )

    def _ask(self, harness: Examined, fresh: list[Endpoint]) -> None:
        urls = [one.url for one in harness.registered]
        if self.file is not None:
            self.file.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
            self.say(f"Add the new URLs in {self.file} to your sender")
        else:
            lines = "".join(f"\n  {one.url}" for one in fresh)
            self.say(f"Add these URLs to your sender:{lines}")

    def _look(self, harness: Examined, missing: list[Endpoint]) -> None:
        """Make one event, whose mark no endpoint knows, and wait for it."""
        try:
            harness.trigger(harness.witness.new_mark())
        except Refused as refused:
            self.say(str(refused))
        until = time.monotonic() + self.again
        while time.monotonic() < until:
            harness.clock.pause(harness.witness.changed, until)
            if all(harness.witness.seen(path=one.path) for one in missing):
                return
