"""Lab 11: a public address, the exact bytes, a relay to pages, and the first incidents.

frames.py        a strict reader of server-sent events
events.py        exercise 11.1
event_mistakes.py  the mistakes of 11.1
streaming.py     subscriptions, and what a page gets of a stream
captures.py      the five captured incidents, and others with the same faults
diagnosis.py     exercise 11.2
diagnosis_captures.py  the captures that 11.2 is tried with
handshake.py     exercise 11.3
handshake_requests.py  the requests that 11.3 is tried with
pictures.py      the decision tree, and a captured request as a page
predictions.py   what learners are asked before each experiment

`fits` and `incidents` are for the notebook: they are what a diagnosis works with.
"""

from labkit.exercises.lab11_go_live.captures import fits, incidents
from labkit.exercises.lab11_go_live.diagnosis import DIAGNOSE
from labkit.exercises.lab11_go_live.events import EVENTS
from labkit.exercises.lab11_go_live.handshake import HANDSHAKE
from labkit.exercises.lab11_go_live.predictions import PREDICTIONS

__all__ = ["EXERCISES", "PREDICTIONS", "fits", "incidents"]

EXERCISES = (EVENTS, DIAGNOSE, HANDSHAKE)
