"""Lab 12: one receiver, one hostile month, every fault at once.

config.py        what a receiver is given
month.py         what happens in a month, drawn from its number
house.py         the receiver's process, its file, its parcel service
shift.py         one month lived through: the senders and the house on one clock
blame.py         which known mistake a shift gives away; mistakes.py has their words
scoring.py       the lost points, each with the delivery behind it
sheet.py         the score sheet, as text and HTML
receive.py       exercise 12.1
world.py         what surrounds a receiver in its trials
trials.py        the trials, by sentence of the contract
proofs.py        what proves a mistake in them
restarting.py    a restart in processes of their own
ladder.py        receivers that do a little more at each step
incidents.py     three incidents, from the log to the sender's side
predictions.py   what learners are asked before they look

`score`, `LADDER`, `incident` and `for_playing` are for the notebook.
"""

from labkit.exercises.lab12_night_shift.config import for_playing
from labkit.exercises.lab12_night_shift.incidents import NEW, OLD, incident
from labkit.exercises.lab12_night_shift.ladder import LADDER
from labkit.exercises.lab12_night_shift.predictions import PREDICTIONS
from labkit.exercises.lab12_night_shift.receive import NIGHT_SHIFT, score

__all__ = [
    "EXERCISES",
    "LADDER",
    "NEW",
    "OLD",
    "PREDICTIONS",
    "for_playing",
    "incident",
    "score",
]

EXERCISES = (NIGHT_SHIFT,)
