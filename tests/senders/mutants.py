"""Mutants of the good sender, read from `mutants.toml`: one bug per probe."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """A sender with one bug, which only one probe finds.

    A `program` mutant needs sockets, so it runs as a program. A `namespace` one needs a
    network of its own, too. An `ordered` one promises an order. Each edit is a text
    that occurs once in the source, and its replacement.
    """

    probe: str
    bug: str
    edits: tuple[tuple[str, str], ...]
    program: bool = False
    ordered: bool = False
    namespace: bool = False

    def of(self, source: str) -> str:
        """Return the source with the bug."""
        for old, new in self.edits:
            count = source.count(old)
            assert count == 1, f"{self.probe}: {old!r} occurs {count} times"
            source = source.replace(old, new)
        return source


def _read() -> tuple[Mutant, ...]:
    text = Path(__file__).with_name("mutants.toml").read_text(encoding="utf-8")
    return tuple(
        Mutant(
            probe=entry["probe"],
            bug=entry["bug"],
            edits=tuple((edit["old"], edit["new"]) for edit in entry["edit"]),
            program=entry.get("program", False),
            ordered=entry.get("ordered", False),
            namespace=entry.get("namespace", False),
        )
        for entry in tomllib.loads(text)["mutant"]
    )


MUTANTS = _read()
