"""Lab 01: polling for events, compared with webhooks.

service.py       a provider whose list of events can be asked
hour.py          an hour of events, and how it went
poll.py          exercise 1.1
mistakes.py      what goes wrong in it, and on which trials it shows
signs.py         signs of it in what was asked for and returned
formula.py       exercise 1.2
predictions.py   what the learner is asked before each run
"""

from labkit.exercises.lab01_push_not_poll.formula import DELAY_AND_COST
from labkit.exercises.lab01_push_not_poll.hour import Hour, by_polling, by_webhook
from labkit.exercises.lab01_push_not_poll.poll import POLL
from labkit.exercises.lab01_push_not_poll.predictions import PREDICTIONS
from labkit.exercises.lab01_push_not_poll.service import Service, one_hour

__all__ = [
    "EXERCISES",
    "PREDICTIONS",
    "Hour",
    "Service",
    "by_polling",
    "by_webhook",
    "one_hour",
]

EXERCISES = (POLL, DELAY_AND_COST)
