"""What a learner of lab 07 is asked to expect."""

from labkit.predictions import Prediction

PREDICTIONS: tuple[Prediction, ...] = ()
