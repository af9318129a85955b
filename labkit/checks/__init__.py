"""Judge a learner's solution, and say what was found.

verdicts.py      what a check says, as text and as HTML
judging.py       an exercise, its cases, and how they are tried
calls.py         call a Flask app in process, and say what it responded
predictions.py   a question before each simulation
"""

from labkit.checks.judging import (
    ASYNC,
    CALLED,
    STUCK,
    Case,
    Exercise,
    Mistake,
    NotAttempted,
    NotTried,
    NotYet,
    Question,
    describe,
    examine,
    lines_of,
    name_of,
    quietly,
    seconds_left,
    short,
    short_text,
)

__all__ = [
    "ASYNC",
    "CALLED",
    "STUCK",
    "Case",
    "Exercise",
    "Mistake",
    "NotAttempted",
    "NotTried",
    "NotYet",
    "Question",
    "describe",
    "examine",
    "lines_of",
    "name_of",
    "quietly",
    "seconds_left",
    "short",
    "short_text",
]
