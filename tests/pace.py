"""How slow and how busy this machine is, for bounds that mean one at rest."""

import os
import time

NOMINAL = 0.02
"""Seconds that the loop takes where the bounds were set, on a core at its best."""


def slowness() -> float:
    """Return how many times longer than on that core work takes; at least 1.

    Shared machines run at half their speed for minutes, which no test can help.
    """
    took = []
    for _ in range(3):
        began = time.process_time()
        total = 0
        for number in range(500_000):
            total += number
        took.append(time.process_time() - began)
    return max(1.0, sorted(took)[1] / NOMINAL)


def load() -> float:
    """Return how many programs want a processor; 0 where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
