"""Webhook Lab: learn webhooks by running them.

The layers, lowest first; a module imports only from lower layers.

    words     errors, arguments, model, record, samples, extension
    rules     retry, redaction, signing, profiles
    wire      transport, faults
    running   running, faketime
    pictures  drawing, timeline, history
    parties   inbox, inspector, tunnel, receiver, sender, witness, dashboard
    judges    findings, explore, probes, examine, examine_sender
    views     playground, widgets
    lessons   checks, learner, exercises
    surfaces  demo, build, classroom, load, pytest_plugin, workspace, cli

The names below are loaded when they are first used, so that `import labkit` is quick.
The API reference of all public packages is at `api/` on the project's site, and
`labkit dev links OWNER/REPO` prints its address.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.exercises.glossary import glossary
    from labkit.exercises.opening import ready
    from labkit.history import History
    from labkit.learner.environment import environment
    from labkit.model import Event
    from labkit.receiver import Receiver
    from labkit.sender import Sender, simulate

__all__ = [
    "Event",
    "History",
    "Receiver",
    "Sender",
    "environment",
    "glossary",
    "ready",
    "simulate",
]

_HOMES = {
    "Event": "labkit.model",
    "History": "labkit.history",
    "Receiver": "labkit.receiver",
    "Sender": "labkit.sender",
    "environment": "labkit.learner.environment",
    "glossary": "labkit.exercises.glossary",
    "ready": "labkit.exercises.opening",
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
