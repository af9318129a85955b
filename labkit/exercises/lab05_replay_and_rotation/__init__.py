"""Lab 05: the time in the signature, and the rotation of secrets."""

from labkit.exercises.lab05_replay_and_rotation import several, standard, steps, stripe
from labkit.exercises.lab05_replay_and_rotation.predictions import PREDICTIONS
from labkit.exercises.lab05_replay_and_rotation.rotation import STEPS, carry_out

__all__ = ["EXERCISES", "PREDICTIONS", "STEPS", "carry_out"]

EXERCISES = (standard.EXERCISE, several.EXERCISE, steps.EXERCISE, stripe.EXERCISE)
