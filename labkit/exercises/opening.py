"""The first cell of every notebook: the kit works, and where the learner is."""

from labkit.checks.verdicts import Note
from labkit.exercises import EXERCISES
from labkit.learner import environment, progress
from labkit.learner.below import show_below
from labkit.learner.course import course_of


def ready(made_for: str) -> Note:
    """Say that the kit works, and show the map of all labs and exercises.

    `made_for` is the version of the kit that the notebook was written with. A notebook
    of another version runs as far as it can.
    """
    show_below(lambda: course_of(EXERCISES, progress.read()).map())
    return environment.ready(made_for)
