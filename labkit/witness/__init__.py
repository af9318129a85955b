"""An endpoint that misbehaves on purpose, and records everything that a sender does.

    behaviours.py    what the endpoint does with one request: respond, hang, reset, drip
    sightings.py     one request as it arrived, with its times
    witness.py       scripts per path, and the sightings they led to
    server.py        the witness on sockets of this machine, in clear or over TLS
    canary.py        ports that no request may ever reach
    in_process.py    the witness without sockets, in virtual time
    certificates.py  certificates that a sender must accept or refuse
    names.py         a name server whose answers change

All times are in seconds of the witness's clock, which starts at 0.
"""

from labkit.witness.behaviours import (
    Behaviour,
    Bomb,
    CloseUnanswered,
    Drip,
    DripHeaders,
    Garbage,
    Hang,
    Reset,
    Respond,
    Stream,
)
from labkit.witness.canary import Canary
from labkit.witness.sightings import Request, Sighting
from labkit.witness.witness import Endpoint, Witness

__all__ = [
    "Behaviour",
    "Bomb",
    "Canary",
    "CloseUnanswered",
    "Drip",
    "DripHeaders",
    "Endpoint",
    "Garbage",
    "Hang",
    "Request",
    "Reset",
    "Respond",
    "Sighting",
    "Stream",
    "Witness",
]
