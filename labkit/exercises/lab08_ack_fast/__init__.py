"""Lab 08: store an event, acknowledge it, process it, and handle any order.

receive.py       exercise 8.1
enqueues.py      what its check passes to make_app
receive_mistakes.py   the mistakes of 8.1
jobs.py          the queue that the check of 8.2 hands over, and a process that dies
worker.py        exercise 8.2
order.py         exercise 8.3
predictions.py   what is asked before each simulation
"""

from labkit.exercises.lab08_ack_fast.order import APPLY
from labkit.exercises.lab08_ack_fast.predictions import PREDICTIONS
from labkit.exercises.lab08_ack_fast.receive import RECEIVE
from labkit.exercises.lab08_ack_fast.worker import WORK

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (RECEIVE, WORK, APPLY)
