"""The host of a receiver: its process, its file, its parcel service.

The house starts the receiver, passes requests to it, crashes its process, starts it
again with the same file, and notes the response to every visitor.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flask import Flask

from labkit.checks.calls import let_go
from labkit.errors import (
    ConnectionLost,
    ConnectionRefused,
    SignatureMissing,
    TimestampOutOfTolerance,
    VerificationError,
)
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.month import DAY, SCHEME, Month
from labkit.explore.world import fresh_directory, read_files, write_files
from labkit.model import Request, Response
from labkit.receiver import errors_of
from labkit.running.fresh import FreshProcess
from labkit.transport import AppTransport, Mishap
from labkit.transport.way import SMOOTH

TOLERANCE = 300.0
FILE = "shop.db"
PATIENCE = 20.0
"""Seconds after which the provider gives up an attempt, and the server its worker."""

TRIES = 20
"""So many calls for one order in one request are an endless loop."""

MakeApp = Callable[[Config], Any]


class Death(BaseException):
    """The process ends here; no `except Exception` of a handler catches it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the parcel service; `parcel` tells whether a parcel left."""

    order: str
    key: str | None
    at: float
    parcel: bool
    raised: bool


@dataclass(slots=True)
class Visit:
    """One request that reached the receiver, and its result.

    `door` says who came: "provider", "resend" or "stranger". `flaw` is "" for an
    authentic request, otherwise what is wrong with it. `secret` is the valid one that
    it is signed with, or "". `trouble` is how the parcel service will fail for it.
    `status` is None if the process crashed. `life` counts the receiver's starts.
    `slept` is for how many seconds the view slept; it is `stuck` when it slept longer
    than the provider waits, or kept calling forever.
    """

    door: str
    at: float
    request: Request
    flaw: str
    secret: str
    odd: bool
    trouble: str
    life: int
    status: int | None = None
    retry_after: str = ""
    error: BaseException | None = None
    calls: list[Call] = field(default_factory=list)
    slept: float = 0.0
    stuck: bool = False
    event_id: str = ""
    number: int = 1
    copy: int = 0
    faults: tuple[str, ...] = ()

    @property
    def acknowledged(self) -> bool:
        """Whether the answer was a 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def wait(self) -> float:
        """The seconds for which the sender was asked to wait, 0 where it was not."""
        return float(self.retry_after) if self.retry_after.isdecimal() else 0.0

    @property
    def fair(self) -> bool:
        """Whether nothing stood in the way of the work: a good request, a good hour."""
        return not (self.flaw or self.odd or self.trouble)


@dataclass(frozen=True, slots=True)
class Page:
    """One call of `page`; `visit` is the request that was being answered, if any."""

    at: float
    text: str
    visit: Visit | None


class House:
    """The receiver's host, for one month."""

    def __init__(
        self, make_app: MakeApp, month: Month, directory: Path, memory: FreshProcess
    ) -> None:
        self.visits: list[Visit] = []
        self.pages: list[Page] = []
        self.calls: list[Call] = []
        self.known_at_start: list[list[str]] = []
        self.not_started: BaseException | None = None
        self.left_to_thread = False
        self.doubts = memory.doubts
        self.life = 0
        self._make_app = make_app
        self._month = month
        self._root = directory
        self._memory = memory
        self._now: Callable[[], float] = lambda: 0.0
        self._keys: dict[str, float] = {}
        self._times = Counter[str]()
        self._visit: Visit | None = None
        self._dead = False
        self._home = threading.get_ident()
        self._transport: AppTransport | None = None
        self._app: Any = None
        self._directory: Path | None = None

    def open(self, now: Callable[[], float]) -> None:
        """Start the receiver for the first time; `now` is the lab's clock.

        Raises what make_app raises, and TypeError if it does not return an app.
        """
        self._now = now
        self.restart()
        if self.not_started is not None:
            raise self.not_started

    def restart(self) -> None:
        """End the process, and start the receiver over the same file."""
        files = read_files(self._directory) if self._directory else ()
        self._start(files)

    def _start(self, files: Any) -> None:
        self._directory = fresh_directory(self._root, self.life)
        write_files(self._directory, files)
        self.life += 1
        self._memory.freshen()
        self._transport, self._dead = None, False
        self.known_at_start.append(self._month.rotation.valid(self._now()))
        config = Config(
            secrets=lambda: self._month.rotation.valid(self._now()),
            now=self._now,
            tolerance=TOLERANCE,
            db_path=str(self._directory / FILE),
            ship=self._ship,
            page=self._page,
        )
        try:
            app = self._make_app(config)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner raises anything
            self.not_started = error
            return
        if not isinstance(app, Flask):
            self.not_started = TypeError(
                f"make_app returned {type(app).__name__}, not a Flask app"
            )
            return
        self._app = app
        self._transport = AppTransport(app)

    def receive(
        self, door: str, request: Request, timeout: float, mishap: Mishap
    ) -> Response:
        """Pass one request to the receiver. Raises NoAnswer if no response comes."""
        if mishap.breaks_off:
            raise ConnectionLost("the connection broke in the middle of the request")
        if self._transport is None:
            raise ConnectionRefused("the receiver does not start")
        visit = self._visitor(door, request)
        self.visits.append(visit)
        self._visit = visit
        errors: list[BaseException] = []
        try:
            with errors_of(self._app, into=errors):
                response = self._transport.send(request, timeout=timeout)
        finally:
            self._visit = None
            self._close(errors)
        visit.error = errors[-1] if errors else self._transport.last_error
        self._transport.last_error = None
        if self._dead:
            visit.error = None
            self._start(self._left)
            raise ConnectionLost("the process died over it")
        visit.status = response.status
        visit.retry_after = response.header("Retry-After") or ""
        if mishap.reset:
            self.restart()
        return response

    def _visitor(self, door: str, request: Request) -> Visit:
        at = self._now()
        flaw, secret = self._flaw(request, at)
        id_ = request.header("webhook-id") or ""
        self._times[id_] += 1
        signatures = [n for n, _ in request.headers if n == SCHEME.signature_header]
        return Visit(
            door,
            at,
            request,
            flaw,
            secret,
            len(signatures) > 1,
            self._month.trouble(f"{id_} {self._times[id_]}", at),
            self.life,
            event_id=id_,
        )

    def _flaw(self, request: Request, at: float) -> tuple[str, str]:
        """Return what is wrong with a request, and the secret that it fits."""
        headers = dict(request.headers)
        rotation = self._month.rotation
        for secret in rotation.valid(at):
            try:
                SCHEME.verify(request.body, headers, secrets=[secret], now=at)
            except SignatureMissing:
                return "unsigned", ""
            except TimestampOutOfTolerance as error:
                return ("too old" if error.age > 0 else "from the future"), ""
            except VerificationError:
                continue
            return "", secret
        try:
            SCHEME.verify(request.body, headers, secrets=[rotation.old], now=at)
        except VerificationError:
            return "wrongly signed", ""
        return "signed with the retired secret", ""

    def _close(self, errors: list[BaseException]) -> None:
        """As in a server, do not let a handled exception keep a connection open."""
        last = self._transport.last_error if self._transport else None
        for error in (*errors, last):
            let_go(error)

    def _ship(self, order_id: Any, idempotency_key: Any = None) -> None:
        if threading.get_ident() != self._home or self._dead:
            self.left_to_thread = True
            return
        now, visit = self._now(), self._visit
        key = None if idempotency_key is None else str(idempotency_key)
        trouble = visit.trouble if visit else ""
        if visit is None and self._month.incident_at(now):
            trouble = "before"
        acts = not trouble.endswith("before")
        parcel = acts and (key is None or now - self._keys.get(key, -DAY) >= DAY)
        if parcel and key is not None:
            self._keys[key] = now
        call = Call(str(order_id), key, now, parcel, bool(trouble))
        self.calls.append(call)
        if visit is not None:
            visit.calls.append(call)
            if sum(made.order == call.order for made in visit.calls) >= TRIES:
                self._stop(visit)
        if trouble.startswith("dies"):
            self._die()
        if trouble:
            raise TimeoutError("the parcel service did not answer")

    def sleep(self, seconds: float) -> None:
        """Let the view sleep in virtual time; if it sleeps too long, stop it."""
        if self._visit is not None:
            self._visit.slept += seconds
            if self._visit.slept >= PATIENCE:
                self._stop(self._visit)

    def _stop(self, visit: Visit) -> None:
        visit.stuck = True
        self._die()

    def _die(self) -> None:
        # The next process finds only what is on the disk now.
        self._left = read_files(self._directory) if self._directory else ()
        self._dead = True
        raise Death

    def _page(self, text: Any = "") -> None:
        if threading.get_ident() != self._home or self._dead:
            return
        self.pages.append(Page(self._now(), str(text), self._visit))


class Sleeper(Protocol):
    """Lets virtual time pass."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


@contextmanager
def sleeping_in(house: Sleeper) -> Iterator[None]:
    """Let `time.sleep` pass in the house's time, for this thread."""
    owner, real = threading.get_ident(), time.sleep

    def sleep(seconds: Any) -> None:
        if threading.get_ident() == owner:
            house.sleep(float(seconds))
        else:
            real(seconds)

    time.sleep = sleep
    try:
        yield
    finally:
        time.sleep = real


class Door:
    """One way into the house, as a sender's transport; `name` says who uses it."""

    base = "http://127.0.0.1"

    def __init__(self, house: House, name: str) -> None:
        self._house = house
        self.name = name

    def send(
        self, request: Request, *, timeout: float, mishap: Mishap = SMOOTH
    ) -> Response:
        """Pass the request on. Raises NoAnswer."""
        return self._house.receive(self.name, request, timeout, mishap)
