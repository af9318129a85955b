"""Lab 09: a log without secrets, an alert that people can trust, and recovery.

line.py          exercise 9.1
requests_to_log.py  the requests that 9.1 is tried with
log_lines.py     what is compared of a line
month.py         four weeks of attempts
calendar.py      the picture of such a month
trial.py         how an alert performs in them
alarm.py         exercise 9.2
reasons.py       the mistakes of 9.2
silence.py       exercise 9.4
recover.py       exercise 9.3
letters.py       the histories that 9.3 is tried with
predictions.py   what learners are asked before each simulation

`month` and `rehearse` are for the notebook: an alert is tuned with them.
"""

from labkit.exercises.lab09_watch.alarm import ALERT
from labkit.exercises.lab09_watch.line import LOG_LINE
from labkit.exercises.lab09_watch.month import month
from labkit.exercises.lab09_watch.predictions import PREDICTIONS
from labkit.exercises.lab09_watch.recover import RECOVER
from labkit.exercises.lab09_watch.silence import SILENT
from labkit.exercises.lab09_watch.trial import rehearse

__all__ = ["EXERCISES", "PREDICTIONS", "month", "rehearse"]

EXERCISES = (LOG_LINE, ALERT, SILENT, RECOVER)
