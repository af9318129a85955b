"""What can go wrong on the wire: one small class a fault, one method each.

A fault changes the plan of one `Crossing`, the way of a request over the wire and of
the response back, before it is walked. Faults compose: each finds the plan as the one
before it left it.

To add one: write the class in the file of its kind, with a docstring that says what the
sender and what the receiver sees, then add it to `FAULTS` below.
"""

from collections.abc import Mapping
from typing import Never

from labkit.errors import UnknownName
from labkit.faults.answers import RateLimit, Redirect, ServerError
from labkit.faults.fault import Crossing, Fault
from labkit.faults.forgery import (
    DoubleHeader,
    DropHeader,
    Tamper,
    TamperSignature,
    Truncate,
)
from labkit.faults.loss import (
    BreakRequest,
    CrashReceiver,
    LoseRequest,
    LoseResponse,
    Outage,
    Refuse,
    ResetResponse,
    Unreachable,
)
from labkit.faults.provider import ChangeFormat, FutureClock, RotatedSecret, StaleClock
from labkit.faults.traffic import (
    Delay,
    Duplicate,
    Reorder,
    Replay,
    SlowBody,
    SlowResponse,
)


class _Faults(dict[str, type[Fault]]):
    def __missing__(self, name: str) -> Never:
        raise UnknownName("fault", name, self)


FAULTS: Mapping[str, type[Fault]] = _Faults(
    {
        kind.__name__: kind
        for kind in (
            BreakRequest,
            ChangeFormat,
            CrashReceiver,
            Delay,
            DoubleHeader,
            DropHeader,
            Duplicate,
            FutureClock,
            LoseRequest,
            LoseResponse,
            Outage,
            RateLimit,
            Redirect,
            Refuse,
            Reorder,
            Replay,
            ResetResponse,
            RotatedSecret,
            ServerError,
            SlowBody,
            SlowResponse,
            StaleClock,
            Tamper,
            TamperSignature,
            Truncate,
            Unreachable,
        )
    }
)
"""Every fault by its name; an unknown name raises UnknownName."""

__all__ = [
    "FAULTS",
    "BreakRequest",
    "ChangeFormat",
    "CrashReceiver",
    "Crossing",
    "Delay",
    "DoubleHeader",
    "DropHeader",
    "Duplicate",
    "Fault",
    "FutureClock",
    "LoseRequest",
    "LoseResponse",
    "Outage",
    "RateLimit",
    "Redirect",
    "Refuse",
    "Reorder",
    "Replay",
    "ResetResponse",
    "RotatedSecret",
    "ServerError",
    "SlowBody",
    "SlowResponse",
    "StaleClock",
    "Tamper",
    "TamperSignature",
    "Truncate",
    "Unreachable",
]
