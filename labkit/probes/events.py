"""Events in the shape of each provider, from `events.json`.

They are made up after the providers' own pages. An entry holds the `event`, where its
id and type are (`id_path`, `type_path`; empty if they are only in headers), the `type`
for the header, what ids look like if none is in the body (`ids`), and further values
that are unique for each event (`vary`). `objects` are the paths of the object that the
event is about; `before` and `after` are the types of events about it that the provider
sends earlier and later.
"""

import functools
import json
from importlib.resources import files
from typing import Any

from labkit.probes.sample import Encoding, Ids, Sample

LAB = "lab"
"""The name of the event of the labs, a payment."""


@functools.cache
def _entries() -> dict[str, dict[str, Any]]:
    text = files("labkit.probes").joinpath("events.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def names() -> list[str]:
    """Return the names of all events."""
    return [LAB, *_entries()]


def event_of(name: str) -> Sample | None:
    """Return the event of that provider, or None."""
    if name == LAB:
        return Sample()
    entry = _entries().get(name)
    if entry is None:
        return None
    return Sample(
        template=entry["event"],
        id_path=entry["id_path"],
        type_path=entry["type_path"],
        kind=entry.get("type", ""),
        encoding=Encoding(entry.get("encoding", "json")),
        ids=Ids[entry["ids"]] if "ids" in entry else None,
        vary=tuple(entry.get("vary", ())),
        ending=entry.get("ending", "").encode(),
        objects=tuple(entry.get("objects", ())),
        before=entry.get("before", ""),
        after=entry.get("after", ""),
    )
