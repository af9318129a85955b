"""A provider: it signs events and delivers them, as its profile promises.

randomness.py   every random draw, derived from the seed
plan.py         which request an attempt is, and what the wire does to it
clock.py        virtual time, and real time with requests side by side
copies.py       one copy of a request on its way, and the redirects
simulation.py   deliveries as SimPy processes
sender.py       the sender, and `simulate`
replaying.py    captured requests, sent again
options.py      events, faults and a target, all given as text
"""

from labkit.sender.clock import Clock
from labkit.sender.plan import LATENCY, Plan, Signature
from labkit.sender.sender import Sender, simulate
from labkit.sender.simulation import Simulation, Steps

__all__ = [
    "LATENCY",
    "Clock",
    "Plan",
    "Sender",
    "Signature",
    "Simulation",
    "Steps",
    "simulate",
]
