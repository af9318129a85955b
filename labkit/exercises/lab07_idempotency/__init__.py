"""Lab 07: each event has its effect once, however often and whenever it arrives.

worlds.py      the surroundings of a receiver: its ship, its file, its requests
files.py       what a receiver keeps in its SQLite file
clock.py       a receiver days later
trials.py      the trials that the exercises have in common
proofs.py      what proves the mistakes that they have in common
mistakes.py    these mistakes
in_rows.py     the same in the words of 7.3, where a parcel is a row
harm.py        what the explorer looks for, and the mistakes that it proves
search.py      one search of the explorer, and what a check tells of it
exploring.py   two requests at the same moment, and the crash of the process
restarting.py  a restart with a new process for each attempt
once.py        exercise 7.1
together.py    exercise 7.2
row.py         exercise 7.3
remote.py      exercise 7.4
"""

from labkit.exercises.lab07_idempotency.once import ONCE
from labkit.exercises.lab07_idempotency.predictions import PREDICTIONS
from labkit.exercises.lab07_idempotency.remote import REMOTE
from labkit.exercises.lab07_idempotency.row import ROW
from labkit.exercises.lab07_idempotency.together import TOGETHER

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (ONCE, TOGETHER, ROW, REMOTE)
