"""Lab 10: reversed roles. The learner writes the tests, and breaks the receivers.

sound.py         right verifiers, in several styles
broken.py        broken verifiers, each with one bug
survivors.py     what a test lacks that lets one of them live
hunt.py          runs tests on all of them
demands.py       why tests fail on a right one
testing.py       exercise 10.1
shops/           three shops with one bug each, and their twins without
target.py        a shop to deliver to, with a clock and a warehouse
breaking.py      what 10.2 to 10.4 have in common
signature.py     exercise 10.2
memory.py        exercise 10.3
claim.py         exercise 10.4
predictions.py   what learners are asked before each experiment

`hunt` and `target` are for the notebook: tests and deliveries are tried with them.
"""

from labkit.exercises.lab10_test_it.claim import CLAIM
from labkit.exercises.lab10_test_it.hunt import hunt
from labkit.exercises.lab10_test_it.memory import MEMORY
from labkit.exercises.lab10_test_it.predictions import PREDICTIONS
from labkit.exercises.lab10_test_it.signature import SIGNATURE
from labkit.exercises.lab10_test_it.target import target
from labkit.exercises.lab10_test_it.testing import EXERCISE

__all__ = ["EXERCISES", "PREDICTIONS", "hunt", "target"]

EXERCISES = (EXERCISE, SIGNATURE, MEMORY, CLAIM)
