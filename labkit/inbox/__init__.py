"""What a receiver has received: the requests, the responses, and how to note them.

received.py   what is kept of one request
inbox.py      an inbox as a cell shows it
planned.py   responses planned by hand
watch.py      note what comes in to an app and goes out of it
captures.py   requests as lines of JSON
"""

from labkit.inbox.inbox import Inbox
from labkit.inbox.received import Received
from labkit.inbox.watch import REMEMBERED, REMEMBERED_BYTES, Watch, errors_of
from labkit.redaction import REDACTED

__all__ = [
    "REDACTED",
    "REMEMBERED",
    "REMEMBERED_BYTES",
    "Inbox",
    "Received",
    "Watch",
    "errors_of",
]
