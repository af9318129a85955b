"""What can go wrong on the wire: one small class a fault, one method each.

A fault changes the plan of one `Crossing`, the way of a request over the wire and of
the response back, before it is walked. Faults compose: each finds the plan as the one
before it left it.

Every fault that is written in one of the files below is in `FAULTS`, and can be
imported from here:

    answers.py     responses that come from something before the receiver
    forgery.py     requests that do not arrive as they were signed
    loss.py        requests, responses and connections that are lost
    provider.py    what goes wrong at the provider, before the request is signed
    traffic.py     requests that arrive late, twice or out of order
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Never

from labkit.errors import UnknownName
from labkit.faults import answers, forgery, loss, provider, traffic
from labkit.faults.fault import Crossing, Fault

if TYPE_CHECKING:
    # A type checker does not see what the loop below finds.
    from labkit.faults.answers import *  # noqa: F403
    from labkit.faults.forgery import *  # noqa: F403
    from labkit.faults.loss import *  # noqa: F403
    from labkit.faults.provider import *  # noqa: F403
    from labkit.faults.traffic import *  # noqa: F403


class _Faults(dict[str, type[Fault]]):
    def __missing__(self, name: str) -> Never:
        raise UnknownName("fault", name, self)


FAULTS: Mapping[str, type[Fault]] = _Faults(
    sorted(
        (name, kind)
        for module in (answers, forgery, loss, provider, traffic)
        for name, kind in vars(module).items()
        if isinstance(kind, type)
        and issubclass(kind, Fault)
        and kind.__module__ == module.__name__
    )
)
"""Every fault by its name; an unknown name raises UnknownName."""

globals().update(FAULTS)

__all__ = ["FAULTS", "Crossing", "Fault", *FAULTS]  # noqa: PLE0604 - they are names
