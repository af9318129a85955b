"""Server-sent events: every new request, in batches, to the pages that are open.

A stream keeps one of the server's threads, so there are few; who opens one too many
ends the oldest, whose page then asks every other second instead. Behind a Jupyter
server a closed page can't be seen, and that way its stream is given up for a new one.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from labkit.inbox.watch import Log

STREAMS = 4
"""How many pages are kept up to date by a stream at once."""

BEAT = 0.25
"""How long new requests are gathered for one batch, in seconds."""

BATCH = 200
"""How many requests one batch holds at most."""

SILENCE = 15.0
"""After how many seconds without news a comment is sent, to keep proxies patient."""


class Streams:
    """The open streams of one inspector; `row` makes plain data of a request.

    It looks at the log four times a second, so that the receiver's own threads have
    nothing to do with it.
    """

    def __init__(self, log: Log, row: Callable[[Any], dict[str, Any]]) -> None:
        self._log = log
        self._row = row
        self._lock = threading.Lock()
        self._open: deque[threading.Event] = deque()
        self._closed = False

    def batch(self, after: int) -> dict[str, Any]:
        """Return the next rows after that number, and the number of the last one."""
        found = self._log.since(after)[:BATCH]
        last = found[-1].number if found else after
        return {"rows": [self._row(got) for got in found], "last": last}

    def events(self, after: int, gone: Callable[[], bool]) -> Iterator[str]:
        """Yield events until the client is gone, gives way to another, or all ends."""
        over = threading.Event()
        self._begin(over)
        try:
            yield "retry: 1000\n\n"
            waited = 0.0
            while not gone():
                batch = self.batch(after)
                if batch["rows"]:
                    after, waited = batch["last"], 0.0
                    yield f"event: rows\nid: {after}\ndata: {json.dumps(batch)}\n\n"
                elif waited >= SILENCE:
                    waited = 0.0
                    yield ": nothing new\n\n"
                if over.wait(BEAT):
                    yield "event: farewell\ndata: {}\n\n"
                    return
                waited += BEAT
        finally:
            self._end(over)

    def close(self) -> None:
        """End all streams, and every one that is still to come."""
        with self._lock:
            self._closed = True
            for over in self._open:
                over.set()

    def _begin(self, over: threading.Event) -> None:
        with self._lock:
            self._open.append(over)
            if self._closed:
                over.set()
            elif len(self._open) > STREAMS:
                self._open.popleft().set()

    def _end(self, over: threading.Event) -> None:
        with self._lock:
            if over in self._open:
                self._open.remove(over)
