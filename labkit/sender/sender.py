"""A provider: it delivers events to one endpoint, as its profile promises.

A delivery is a SimPy process, so the same code runs in virtual time, where three days
of retries pass in milliseconds, and in real time, scaled or not.
"""

import math
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from labkit.arguments import (
    check_function,
    check_number,
    check_text,
    check_whole,
    listed,
    shown,
)
from labkit.errors import BadSetting, shown_plainly
from labkit.faults import Fault
from labkit.history import History
from labkit.model import Delivery, Event
from labkit.profiles import PROFILES, Profile
from labkit.sender.plan import Plan, Signature
from labkit.sender.simulation import Hearer, Simulation
from labkit.signing import scheme_named
from labkit.transport import IN_BROWSER, Endpoint, HttpTransport, transport_to

SLOWEST = 0.001
"""The least speed: a second of the simulation takes a thousand seconds."""


class Sender:
    """A provider: it delivers events to one endpoint, as its profile promises.

    `endpoint` is a Flask app (called in process) or a URL (over HTTP); where it names
    no path, deliveries go to `path`. With a `secret` each attempt is signed by
    `scheme`; without one nothing is signed. `profile` names the provider's promises,
    `faults` what the wire does. `seed` settles all chance. `url` is the address that
    the provider has on file, for the schemes that sign it; by default the real one.
    `concurrency` bounds the attempts that are under way at one time.

    Raises UnknownName, BadSecret and BadSetting when built, not when first used.
    """

    @shown_plainly
    def __init__(
        self,
        endpoint: Endpoint,
        *,
        scheme: str = "generic",
        secret: str | None = None,
        extra_secrets: Sequence[str] = (),
        profile: str | Profile = "standard",
        faults: Iterable[Fault] = (),
        seed: int = 0,
        path: str = "/webhooks",
        url: str | None = None,
        concurrency: int | None = None,
    ) -> None:
        check_text("scheme", scheme)
        check_text("path", path)
        if not path.startswith("/"):
            raise BadSetting(f"path is {shown(path)}; let it begin with /")
        if url is not None:
            check_text("url", url)
        self._endpoint = endpoint
        self._path = transport_to(endpoint, path=path)[1]
        self._signature = Signature(
            scheme_named(scheme),
            secret,
            tuple(listed("extra_secrets", extra_secrets)),
            url or _url(endpoint, self._path),
        )
        self._profile = PROFILES[profile] if isinstance(profile, str) else profile
        if not isinstance(self._profile, Profile):
            raise BadSetting(f"profile is {shown(profile)}; give the name of one")
        self._faults = _checked_faults(faults, self._signature)
        self._seed = _checked_seed(seed)
        self._concurrency = concurrency
        if concurrency is not None:
            check_whole("concurrency", concurrency, least=1)

    @shown_plainly
    def send(
        self,
        *events: Event,
        until: float | None = None,
        speed: float | None = None,
        progress: bool = False,
        heard: Hearer | None = None,
    ) -> History:
        """Deliver the events, each from its `created_at` on, and return what happened.

        `until` ends the simulation that many seconds after its start; deliveries that
        are not at their end by then stay pending. `speed` is None for virtual time, 1
        for real time, 3600 for an hour in a second; in real time, requests go out side
        by side in threads. `progress` shows a bar. `heard` is called with each attempt
        that has ended and its response, or None.

        Raises ConnectionRefused when nobody listens at a URL at the start.
        """
        _check_events(events)
        if heard is not None:
            check_function("heard", heard)
        starts = [float(event.created_at) for event in events]
        return self._run(events, starts, until, speed, progress=progress, heard=heard)

    @shown_plainly
    def resend(
        self,
        deliveries: Iterable[Delivery],
        *,
        at: float | None = None,
        every: float = 0.0,
        until: float | None = None,
        speed: float | None = None,
        progress: bool = False,
    ) -> History:
        """Deliver once more what was delivered before, with the same ids and bytes.

        `deliveries` are most often a history's dead letters. The first starts at the
        lab time `at` (seconds since the epoch; by default when the last attempt among
        them ended), each further one `every` seconds later.
        """
        again = listed("deliveries", deliveries)
        check_number("every", every, least=0)
        if at is not None:
            check_number("at", at, least=0)
        for delivery in again:
            if not isinstance(delivery, Delivery):
                raise BadSetting(
                    f"{delivery!r:.60} is no delivery; "
                    "give some of a history, like history.dead_letters"
                )
        ended = [a.ended_at for delivery in again for a in delivery.attempts]
        begin = max(ended, default=0.0) if at is None else at
        starts = [begin + place * every for place in range(len(again))]
        events = [delivery.event for delivery in again]
        return self._run(events, starts, until, speed, progress=progress)

    def _run(
        self,
        events: Sequence[Event],
        starts: Sequence[float],
        until: float | None,
        speed: float | None,
        *,
        progress: bool,
        heard: Hearer | None = None,
    ) -> History:
        for name, value in (("speed", speed), ("until", until)):
            if value is not None and value != math.inf:
                check_number(name, value)
        if speed is not None and 0 < speed < SLOWEST:
            raise BadSetting(f"speed is {speed}; give at least {SLOWEST}")
        if speed is not None and not speed > 0:
            raise BadSetting(f"speed is {speed}; 1 is real time, 3600 an hour a second")
        if until is not None and not until > 0:
            raise BadSetting(
                f"until is {until} s; the simulation ends that many seconds after its "
                "start, so give a number above 0"
            )
        plan = Plan(
            events=events,
            started_at=min(starts, default=0.0),
            path=self._path,
            signature=self._signature,
            profile=self._profile,
            faults=self._faults,
            seed=self._seed,
            concurrency=self._concurrency,
            speed=speed,
        )
        transport, _ = transport_to(self._endpoint)
        try:
            if isinstance(transport, HttpTransport):
                transport.connect()
            with _bar(len(events) if progress else 0) as finished:
                simulation = Simulation(plan, transport, finished, heard=heard)
                return simulation.run(starts, until)
        finally:
            if isinstance(transport, HttpTransport):
                transport.close()


@shown_plainly
def simulate(
    endpoint: Endpoint,
    events: Iterable[Event],
    *,
    scheme: str = "generic",
    secret: str | None = None,
    profile: str | Profile = "standard",
    faults: Iterable[Fault] = (),
    seed: int = 0,
    until: float | None = None,
    path: str = "/webhooks",
    url: str | None = None,
    concurrency: int | None = None,
    speed: float | None = None,
    progress: bool = False,
    heard: Hearer | None = None,
) -> History:
    """Deliver events to an endpoint over a faulty wire and return the history.

    The arguments are those of `Sender` and `Sender.send`. Time is virtual unless
    `speed` is given; nothing waits, and the same seed gives the same history.

        simulate(app, [Event("push", {})], faults=[LoseResponse(probability=0.3)])
    """
    sender = Sender(
        endpoint,
        scheme=scheme,
        secret=secret,
        profile=profile,
        faults=faults,
        seed=seed,
        path=path,
        url=url,
        concurrency=concurrency,
    )
    return sender.send(
        *listed("events", events),
        until=until,
        speed=speed,
        progress=progress,
        heard=heard,
    )


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], object]]:
    """Show a bar for so many deliveries, and give the function that moves it by one."""
    if not total:
        yield lambda: None
        return
    from tqdm.auto import tqdm

    if IN_BROWSER:
        tqdm.monitor_interval = 0  # its watcher would be a thread
    with tqdm(total=total, unit=" deliveries") as bar:
        yield bar.update


def _checked_faults(faults: Iterable[Fault], signature: Signature) -> tuple[Fault, ...]:
    """Return the faults, with every secret that is used in the scheme's own form."""
    scheme, checked = signature.scheme, []
    if signature.secret is not None:
        for secret in (signature.secret, *signature.extra_secrets):
            scheme.check_secret(secret)
    for fault in listed("faults", faults):
        if not isinstance(fault, Fault):
            raise BadSetting(
                f"{fault!r:.60} is no fault; give instances, "
                "like faults=[LoseResponse(probability=0.3)]"
            )
        checked.append(fault if signature.secret is None else fault.completed(scheme))
    return tuple(checked)


def _checked_seed(seed: int) -> int:
    if not isinstance(seed, int) or not -(2**63) <= seed < 2**63:
        raise BadSetting(f"the seed is {seed!r}; give a whole number of 64 bits")
    return seed


def _check_events(events: Sequence[Event]) -> None:
    for event in events:
        if not isinstance(event, Event):
            raise BadSetting(
                f"{event!r:.60} is no event; "
                'make one with Event("payment.succeeded", {"order_id": "A-1"})'
            )


def _url(endpoint: Endpoint, path: str) -> str:
    if not isinstance(endpoint, str):
        return f"http://127.0.0.1{path}"
    parts = urllib.parse.urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}{path}"
