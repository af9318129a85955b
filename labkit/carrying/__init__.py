"""One simulation on its way: what is drawn, what is sent, and the processes of it.

chance.py       every draw, derived from the seed
plan.py         which request an attempt is, and what the wire does to it
simulation.py   deliveries as SimPy processes
"""

from labkit.carrying.plan import LATENCY, Plan, Signature
from labkit.carrying.simulation import Clock, Simulation, Steps

__all__ = ["LATENCY", "Clock", "Plan", "Signature", "Simulation", "Steps"]
