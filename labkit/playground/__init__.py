"""The playground's engine: where the dials stand, what comes of it, how often.

    Stand       the receiver to be tried, and how its work is counted
    Position    provider, number of events, faults and seed: what the dials settle
    Trial       one simulation: its history, its counts, its line of code
    sweep       the same with a hundred seeds: rates, with their intervals

Nothing in here knows a widget. `labkit.widgets` puts sliders over it; without them
`sweep` and `simulate` do the same in text.
"""

from labkit.playground.counts import WATCHED, Counts
from labkit.playground.dials import Dial, dial_for, usual_dials
from labkit.playground.position import Position
from labkit.playground.rates import Rate, Sweep, sweep, wilson
from labkit.playground.stand import Stand, Trial

__all__ = [
    "WATCHED",
    "Counts",
    "Dial",
    "Position",
    "Rate",
    "Stand",
    "Sweep",
    "Trial",
    "dial_for",
    "sweep",
    "usual_dials",
    "wilson",
]
