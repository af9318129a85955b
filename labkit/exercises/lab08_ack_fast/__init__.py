"""Lab 08: store an event, acknowledge it, process it, and handle any order.

receive.py            exercise 8.1
receive_mistakes.py   its mistakes
enqueues.py           what its check passes to make_app
worker.py             exercise 8.2
worker_mistakes.py    its mistakes
worker_proofs.py      what proves each of them
jobs.py               the queue that its check passes, and a process that crashes
working.py            a worker that runs on this queue, with crashes and restarts
order.py              exercise 8.3
order_mistakes.py     its mistakes
predictions.py        what is asked before each simulation
"""

from labkit.exercises.lab08_ack_fast.order import APPLY
from labkit.exercises.lab08_ack_fast.predictions import PREDICTIONS
from labkit.exercises.lab08_ack_fast.receive import RECEIVE
from labkit.exercises.lab08_ack_fast.worker import WORK

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (RECEIVE, WORK, APPLY)
