"""Lab 13: the sending side, from the order to the end of a delivery.

tables.py      the tables that all exercises share
rows.py        how a function of a database is observed
exploring.py   every crash point, every interleaving
outbox.py      exercise 13.1
guard.py       exercise 13.2
sending.py     exercise 13.3, with exchange.py
claim.py       exercise 13.4
finish.py      exercise 13.5, with finish_mistakes.py
fair.py        exercise 13.6
portal.py      exercise 13.7, with portal_trials.py, portal_mistakes.py and
               portal_showing.py
rotation.py    exercise 13.8
due.py         rows of deliveries for 13.4 and 13.6
showing.py     how verdicts show rows and times
gathering.py   writes the learner's functions into a folder
program.py     what runs there, with wire.py and tables.py
finale.py      the real command examines it
month.py       it delivers the hostile month of lab 12
receiver.py    the learner's own receiver of lab 12
predictions.py what is asked before each experiment
"""

from labkit.exercises.lab13_be_the_provider.claim import CLAIM
from labkit.exercises.lab13_be_the_provider.fair import NEXT_DUE
from labkit.exercises.lab13_be_the_provider.finale import examine_program
from labkit.exercises.lab13_be_the_provider.finish import FINISH
from labkit.exercises.lab13_be_the_provider.guard import ALLOWED
from labkit.exercises.lab13_be_the_provider.month import hostile_month
from labkit.exercises.lab13_be_the_provider.outbox import PLACE_ORDER
from labkit.exercises.lab13_be_the_provider.portal import PORTAL
from labkit.exercises.lab13_be_the_provider.predictions import PREDICTIONS
from labkit.exercises.lab13_be_the_provider.receiver import own_receiver
from labkit.exercises.lab13_be_the_provider.rotation import LIVE_SECRETS
from labkit.exercises.lab13_be_the_provider.sending import ATTEMPT
from labkit.exercises.lab13_be_the_provider.tables import SCHEMA, connect

EXERCISES = (
    PLACE_ORDER,
    ALLOWED,
    ATTEMPT,
    CLAIM,
    FINISH,
    NEXT_DUE,
    PORTAL,
    LIVE_SECRETS,
)

__all__ = [
    "EXERCISES",
    "PREDICTIONS",
    "SCHEMA",
    "connect",
    "examine_program",
    "hostile_month",
    "own_receiver",
]
