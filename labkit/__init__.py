"""Webhook Lab: learn webhooks by running them.

The floors, from the ground up; a file imports only from lower floors.

    words     errors, model, samples, capture, exits, loading, pane, console
    rules     signing, retry, profiles
    wire      faults, transport, in_browser
    parties   carrying, sender, receiver, tunnel
    judges    explore, probes, examine
    views     timeline, inspector, playground, widgets, beside
    lessons   sandbox, verdicts, checks, bench, tracked, predictions, progress,
              exports, answers, surroundings, standing, exercises
    surfaces  demo, sending, measuring, classroom, links, load, authoring, grading,
              content, cli

The names below are loaded when they are first used, so that `import labkit` is quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.model import Event, History
    from labkit.receiver import Receiver
    from labkit.sender import Sender, simulate
    from labkit.surroundings import environment, ready

__all__ = [
    "Event",
    "History",
    "Receiver",
    "Sender",
    "environment",
    "ready",
    "simulate",
]

_HOMES = {
    "Event": "labkit.model",
    "History": "labkit.model",
    "Receiver": "labkit.receiver",
    "Sender": "labkit.sender",
    "environment": "labkit.surroundings",
    "ready": "labkit.surroundings",
    "simulate": "labkit.sender",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"labkit has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]
