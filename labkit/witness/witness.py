"""The witness: one script per path, and the sightings they led to."""

import itertools
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from labkit.witness.behaviours import Behaviour, Respond
from labkit.witness.sightings import Request, Sighting

MARK = re.compile(rb"lk[0-9a-f]{6}m[0-9]+k")
"""What the kit puts into an event's data, so that it knows the delivery again."""

ACCEPT = Respond(200)


class Endpoint:
    """One path of the witness.

    `script` holds what is done with the first, second, … request for an event that
    the endpoint plays for; the last entry is repeated. Every other event gets 200,
    and so does every request once `open` is false.
    `url` is filled in by whoever serves the witness.
    """

    def __init__(self, witness: "Witness", path: str, script: Sequence[Behaviour]):
        self._witness = witness
        self.path = path
        self.script = tuple(script) or (ACCEPT,)
        self.marks: set[str] = set()
        self.open = True
        self.url = path
        self.id = ""

    def seen(self, mark: str | None = None) -> tuple[Sighting, ...]:
        """Return the sightings in the order of arrival, of one mark if it is given."""
        return self._witness.seen(path=self.path, mark=mark)

    def behaviour(self, mark: str, number: int) -> Behaviour:
        """Return what is done with request `number` (from 1) for that event."""
        if mark not in self.marks or not self.open:
            return ACCEPT
        return self.script[min(number, len(self.script)) - 1]


class Witness:
    """It decides what each request gets, and remembers all of them.

    `clock` gives seconds and starts anywhere; sightings count from its first value.
    `otherwise` says what is done with a request for a path that is no endpoint's.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._start = clock, clock()
        self._run = secrets.token_hex(3)
        self._numbers = itertools.count(1)
        self._sightings: list[Sighting] = []
        self._at: dict[str, list[int]] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self.changed = threading.Condition()
        self.otherwise: Callable[[Request], Behaviour] = _accept

    def now(self) -> float:
        """Return the time in seconds since the witness was made."""
        return self._clock() - self._start

    def new_mark(self) -> str:
        """Return a mark that no other event carries."""
        return f"lk{self._run}m{next(self._numbers)}k"

    def endpoint(self, name: str, *script: Behaviour) -> Endpoint:
        """Add a path that plays the script."""
        path = f"/{name}-{self._run}{next(self._numbers)}"
        added = Endpoint(self, path, script)
        with self.changed:
            self._endpoints[path] = added
        return added

    def paths(self) -> frozenset[str]:
        """Return the paths of all endpoints."""
        with self.changed:
            return frozenset(self._endpoints)

    def seen(
        self, *, path: str | None = None, mark: str | None = None
    ) -> tuple[Sighting, ...]:
        """Return the sightings in the order of arrival."""
        with self.changed:
            places = range(len(self._sightings))
            chosen = places if path is None else self._at.get(path, ())
            found = (self._sightings[place] for place in chosen)
            return tuple(s for s in found if mark in (None, s.mark))

    def count(self) -> int:
        """Return how many sightings there are."""
        return len(self._sightings)

    def arrive(
        self, request: Request, *, connected: float, began: float
    ) -> tuple[int, Behaviour]:
        """Record a request and return its index and what is to be done with it."""
        path = request.target.partition("?")[0]
        found = MARK.search(request.everything)
        mark = found[0].decode() if found else ""
        with self.changed:
            number = 1 + len(self.seen(path=path, mark=mark))
            endpoint = self._endpoints.get(path)
            behaviour = endpoint.behaviour(mark, number) if endpoint else None
            if behaviour is None:
                behaviour = self.otherwise(request)
            self._sightings.append(
                Sighting(
                    path=path,
                    mark=mark,
                    number=number,
                    request=request,
                    connected=connected,
                    began=began,
                    ended=self.now(),
                    behaviour=behaviour.name,
                )
            )
            index = len(self._sightings) - 1
            self._at.setdefault(path, []).append(index)
            self.changed.notify_all()
            return index, behaviour

    def amend(self, index: int, **changes: Any) -> None:
        """Record how an exchange went on."""
        with self.changed:
            self._sightings[index] = replace(self._sightings[index], **changes)
            self.changed.notify_all()


def _accept(request: Request) -> Behaviour:
    return ACCEPT
