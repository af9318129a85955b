"""Lab 04: sign, verify, and let nothing unsigned in. The cases are in `lab04/`."""

from labkit.exercises.lab04 import github, receive, sign, verify
from labkit.predictions import Prediction

EXERCISES = (sign.EXERCISE, verify.EXERCISE, receive.EXERCISE, github.EXERCISE)

PREDICTIONS: tuple[Prediction, ...] = ()
