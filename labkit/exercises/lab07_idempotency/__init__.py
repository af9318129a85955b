"""Lab 07: an event is worked on once, however often and whenever it comes.

shops.py      the surroundings of a receiver: its file, its ship, its parcels
clock.py      a receiver days later
mistakes.py   what answers to several of the exercises get wrong
asking.py     what all of them are asked, one request after the other
exploring.py  two requests at the same moment, and the death of the process
restarting.py a restart with a process of its own for each attempt
once.py       exercise 7.1
together.py   exercise 7.2
row.py        exercise 7.3
remote.py     exercise 7.4
"""

from labkit.exercises.lab07_idempotency.once import ONCE
from labkit.exercises.lab07_idempotency.predictions import PREDICTIONS
from labkit.exercises.lab07_idempotency.remote import REMOTE
from labkit.exercises.lab07_idempotency.row import ROW
from labkit.exercises.lab07_idempotency.together import TOGETHER

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (ONCE, TOGETHER, ROW, REMOTE)
