"""The surroundings of a receiver in a trial: clock, secrets, file, parcel service."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labkit.checks.calls import JSON, Answered
from labkit.checks.observing import exactly
from labkit.checks.space import Fields
from labkit.checks.steps import App, Do, Fail, Post, status_class
from labkit.exercises.lab07_idempotency.files import asks, impatient
from labkit.exercises.lab07_idempotency.worlds import Shop, is_parcel, processes
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.house import (
    FILE,
    PATIENCE,
    TOLERANCE,
    TRIES,
    Death,
    sleeping_in,
)
from labkit.exercises.lab12_night_shift.month import DAY, SCHEME, STARTS, month
from labkit.exercises.lab12_night_shift.scoring import APART, FREE, IN_TIME
from labkit.explore.world import fresh_directory, read_files, scratch, write_files
from labkit.model import Event

OLD, NEW = month(1).rotation.old, month(1).rotation.new
STRANGER = SCHEME.make_secret(random.Random(7))
REFUSED = (400, 401, 403)
AFTER_ALL = "A-900"
"""The order of a payment that comes when the parcel service works again."""

LONG_WAIT = "asks for a long wait"

_SECRETS = {
    NEW: "signed with the new secret",
    STRANGER: "signed with another secret",
    "": "without a signature",
}

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignedPost(Post):
    """One request, signed when it is sent.

    `secret` signs `original`, or the body if that is None; without a secret, the
    signature is left out. The request comes `wait` seconds after the one before, and
    its timestamp is `age` seconds old. `machine` takes the time from the machine's
    clock. `alters` changes the headers.
    """

    id: str = ""
    secret: str = OLD
    age: float = 0
    wait: float = 0
    original: bytes | None = None
    machine: bool = False
    alters: Callable[[Headers], Headers] = lambda headers: headers

    def __str__(self) -> str:
        how = [_SECRETS.get(self.secret, "")]
        if self.age:
            side = "old" if self.age > 0 else "ahead"
            how.append(f"its timestamp is {_span(abs(self.age))} {side}")
        notes = ", ".join(each for each in (*how, self.note) if each)
        later = f"{_span(self.wait)} later: " if self.wait else ""
        told = f"\n({notes})" if notes else ""
        body = self.body.decode("utf-8", "backslashreplace")
        return f"{later}{self.method} {self.path}\n{body}{told}"

    def at(self, now: float) -> "SignedPost":
        """Return the request as it is sent at that time, with its headers."""
        stamp = int((time.time() if self.machine else now) - self.age)
        signed = self.body if self.original is None else self.original
        made = SCHEME.sign(
            signed, secret=self.secret or OLD, id=self.id, timestamp=stamp
        )
        if not self.secret:
            made = {k: v for k, v in made.items() if k != SCHEME.signature_header}
        return replace(self, headers=self.alters({**JSON, **made}))


def deliver(event: Event, **changes: Any) -> SignedPost:
    """Return the request that delivers an event."""
    return SignedPost(**{"body": event.body, "id": event.id, **changes})


def _span(seconds: float) -> str:
    for size, name in ((DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds / size:.0f} {name}"
    return "1 second" if seconds == 1 else f"{seconds:.0f} seconds"


class Stuck(Death):
    """The view took too long, and its worker was stopped."""


class Night(Shop):
    """What `config` gives to a receiver, on a clock of its own.

    Hidden effects: "_key" is the key of each call to ship, "_asked" tells whether the
    file was asked before it in the same request, and "_page" is the time of each page.
    "_stuck" tells that a view was stopped, and "_knows" whether the file names an event
    when the process starts again.
    """

    def __init__(self, fields: Fields, statements: Sequence[str], folder: Path) -> None:
        super().__init__(fields, statements)
        self.time = float(STARTS)
        self.secrets: Sequence[str] = fields["secrets"]
        self.failing: Callable[[str], bool] = lambda _: False
        self.down = False
        self._root = folder
        self._directory: Path | None = None
        self._left: Any = ()
        self._dead = False
        self.lives = 0
        self._calls = 0
        self._slept = 0.0
        self._mark = 0
        self._keys: dict[str, float] = {}
        self._pages: list[float] = []
        self._outages: list[list[float]] = []
        self._tried: set[str] = set()

    def takes(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with, in a new process over the same file."""
        if self._directory is not None:
            left = self._left if self._dead else read_files(self._directory)
            self.record.note("_knows", any(b"evt_" in data for _, data in left))
            self._left = left
        self._dead = False
        self._directory = fresh_directory(self._root, self.lives)
        write_files(self._directory, self._left)
        self.lives += 1
        return [
            Config(
                secrets=lambda: [*self.secrets],
                now=lambda: self.time,
                tolerance=TOLERANCE,
                db_path=str(self._directory / FILE),
                ship=self._service(self.lives),
                page=self._page,
            )
        ]

    def prepared(self, step: Post) -> Post:
        """Let time pass, and sign the request."""
        if not isinstance(step, SignedPost):
            return step
        self.time += step.wait
        self._calls, self._slept, self._mark = 0, 0.0, len(self._statements)
        return step.at(self.time)

    def sleep(self, seconds: float) -> None:
        """Let the view sleep without waiting; stop it if the provider gives up."""
        self._slept += seconds
        if self._slept >= PATIENCE:
            self._stop(f"the view was still sleeping after {PATIENCE:.0f} seconds")

    def _stop(self, why: str) -> None:
        self.record.note("_stuck", True)
        self._die(Stuck(why))

    def _die(self, death: Death) -> None:
        if self._directory is not None:
            self._left = read_files(self._directory)
        self._dead = True
        raise death

    def _service(self, life: int) -> Callable[..., None]:
        real = super().ship(0)

        def ship(order_id: Any, idempotency_key: Any = None) -> None:
            if self._dead or life != self.lives:
                return
            self._calls += 1
            if self._calls >= TRIES:
                self._stop(f"ship was called {TRIES} times for one request")
            key = None if idempotency_key is None else str(idempotency_key)
            self.record.note("_key", key)
            self.record.note("_asked", asks(self._statements[self._mark :]))
            failure = self.failure("ship")
            if self._fails(str(order_id)):
                self.record.note("ship raises")
                raise silence()
            known = key is not None and self.time - self._keys.get(key, -DAY) < DAY
            if key is not None and not known and (not failure or failure.acts):
                self._keys[key] = self.time
            if failure is not None and isinstance(error := failure.error(), Death):
                if failure.acts and not known:
                    self.record.note("ship", order_id)
                self._die(error)
            if not known:
                real(order_id)
            elif failure is not None:
                raise failure.error()

        ship.__qualname__ = "ship"
        return ship

    def _fails(self, order: str) -> bool:
        """Whether a call fails: always in an outage, otherwise the first one."""
        if self.down:
            self._outages[-1].append(self.time)
        again = order in self._tried
        self._tried.add(order)
        return self.down or (self.failing(order) and not again)

    def _page(self, text: Any) -> None:
        del text
        if not self._dead:
            self._pages.append(self.time)
            self.record.note("_page", self.time)

    def begin_outage(self) -> None:
        """Let all calls to ship fail from now on."""
        self.down = True
        self._outages.append([])

    def end_outage(self) -> None:
        """Let the calls to ship succeed again."""
        self.down = False

    def look_for_pages(self) -> None:
        """Note for each outage whether a page came in time."""
        for failed in self._outages:
            first = failed[0] if failed else self.time
            paged = any(first <= at <= first + IN_TIME for at in self._pages)
            told = "a page" if paged else "no page"
            self.record.note(f"{told} within ten minutes of the first failure")

    def count_alarms(self) -> None:
        """Note whether there were more false alarms than are free."""
        last, alarms = -APART, 0
        for at in self._pages:
            alarms += at - last > APART
            last = at
        if alarms > FREE:
            self.record.note(f"{alarms} false alarms")
        else:
            self.record.note(f"at most {FREE} false alarm")


def silence() -> TimeoutError:
    """Return the exception of a call to ship without a response."""
    return TimeoutError("the parcel service did not respond")


def crash() -> Death:
    """Return what ends the process."""
    return Death("the process crashed")


SILENT = Fail(silence, "ship")
ACTED = Fail(silence, "ship", acts=True)
CRASH = Fail(crash, "ship")
CRASH_ACTED = Fail(crash, "ship", acts=True)


def valid(*secrets: str) -> Do:
    """Return the step after which only these secrets are valid."""
    names = {(OLD,): "the old one", (NEW, OLD): "the new and the old one"}
    told = names.get(secrets, "the new one")

    def change(night: Night) -> None:
        night.secrets = secrets

    return Do(change, f"from now on, config.secrets() returns {told}")


BEGIN_OUTAGE = Do(Night.begin_outage, "the parcel service is down from now on")
END_OUTAGE = Do(Night.end_outage, "the parcel service works again")


def every(number: int, text: str) -> Do:
    """Return the step after which the first call for each such order fails."""

    def change(night: Night) -> None:
        night.failing = lambda order: int(order.removeprefix("A-")) % number == 0

    return Do(change, text)


def _normal_status(status: int) -> str:
    return "refused" if status in REFUSED else status_class(status)


def _waits(answered: Answered) -> str:
    asked = answered.headers.get("Retry-After", "")
    return LONG_WAIT if asked.isdecimal() and float(asked) > IN_TIME else ""


def _parcels(effects: Sequence[Any]) -> Any:
    return tuple(exactly(each) for each in effects if is_parcel(each))


def _compared(fields: Fields, values: tuple[Any, ...]) -> Any:
    """Return what is compared: of crashes and alerts only how they end."""
    kind = fields["kind"]
    parcels = sorted((each for _, left in values for each in left), key=repr)
    if kind.startswith("crash"):
        return values[-1][0], tuple(parcels)
    if kind == "breaker":
        return values[-1][0], any(AFTER_ALL in repr(each) for each in parcels)
    if kind == "retired":
        return values[-1]
    if kind in ("scattered", "fifth", "flood", "outage", "outages"):
        return values[-1][1]
    if kind == "generated":
        return tuple(got for got, _ in values), tuple(parcels)
    return values


@contextlib.contextmanager
def _opened(fields: Fields) -> Iterator[Night]:
    with scratch() as folder, impatient() as statements:
        night = Night(fields, statements, folder)
        with sleeping_in(night), processes(lambda: night.lives):
            yield night


OBSERVER = App(
    _opened,
    normal_status=_normal_status,
    normal_effects=_parcels,
    normal=_waits,
    prepared=lambda night, step: night.prepared(step),
    compared=_compared,
    fresh=True,
)
