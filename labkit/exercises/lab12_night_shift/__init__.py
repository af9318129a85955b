"""Lab 12: one receiver, one hostile month, every fault at once."""

from labkit.exercises.lab12_night_shift.receive import NIGHT_SHIFT, judge

EXERCISES = (NIGHT_SHIFT,)
PREDICTIONS = ()
