"""Lab 10: reversed roles. The learner writes the tests, and breaks the receivers.

verifiers.py     correct verifiers, in several styles
broken.py        broken verifiers, each with one bug, and what tests lack
hunt.py          runs tests on all of them
demands.py       why tests fail on a right one
testing.py       exercise 10.1
shops/           three shops with one bug each, and their twins without
target.py        a shop to deliver to, with a clock and a warehouse
breaking.py      what 10.2 to 10.4 have in common
signature.py     exercise 10.2
memory.py        exercise 10.3
claim.py         exercise 10.4
orders.py        four weeks of orders, shipped or not
alarm.py         exercise 10.5
predictions.py   what learners are asked before each experiment

`hunt`, `target`, `orders_of_month` and `rehearse` are for the notebook: tests,
deliveries and alarms are tried with them.
"""

from labkit.exercises.lab10_test_it.alarm import ALARM
from labkit.exercises.lab10_test_it.claim import CLAIM
from labkit.exercises.lab10_test_it.hunt import hunt
from labkit.exercises.lab10_test_it.memory import MEMORY
from labkit.exercises.lab10_test_it.orders import month as orders_of_month
from labkit.exercises.lab10_test_it.orders import rehearse
from labkit.exercises.lab10_test_it.predictions import PREDICTIONS
from labkit.exercises.lab10_test_it.signature import SIGNATURE
from labkit.exercises.lab10_test_it.target import target
from labkit.exercises.lab10_test_it.testing import EXERCISE

__all__ = ["EXERCISES", "PREDICTIONS", "hunt", "orders_of_month", "rehearse", "target"]

EXERCISES = (EXERCISE, SIGNATURE, MEMORY, CLAIM, ALARM)
