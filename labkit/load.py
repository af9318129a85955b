"""A provider for Locust: signed events with duplicates, from one machine or many.

Give this file to Locust, or import `Provider` in a locustfile of your own:

    locust -f labkit/load.py --headless --users 20 --run-time 1m \
        --host http://127.0.0.1:5000/webhooks --secret whsec_…

Each Locust user delivers events one after the other. Some deliveries are duplicates:
the same id and body once more, by any user of the same worker, at times while the first
is still under way. Locust counts the two apart, as `delivery` and `duplicate`.

A response with a 2xx that comes after the sender's timeout has a row of its own,
`acknowledged late`: the receiver did the work, and the sender delivers again. Without a
connection there is no response time; such attempts are in the row `not connected` and
count in no median.

Importing this file imports Locust, which patches the standard library for gevent; so
nothing of the kit imports it. It needs the extra `load`.
"""

import logging
import math
import random
import time
import urllib.parse
from argparse import ArgumentTypeError
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import gevent
from locust import FastHttpUser, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from labkit.errors import BadSetting, LabError
from labkit.model import Event
from labkit.profiles import PROFILES
from labkit.sender.options import check_target, scheme_of
from labkit.sender.plan import Signature
from labkit.signing import scheme_named

RAMP = 5.0
"""Seconds in which all users are started, unless --spawn-rate says otherwise."""

LATE = 2.0
"""How many times the sender's timeout to wait for a late response."""

REMEMBERED = 1_000
"""How many of its latest events a worker may deliver again."""

_plans: WeakKeyDictionary[Environment, "Plan"] = WeakKeyDictionary()
_watches: WeakKeyDictionary[Environment, gevent.Greenlet] = WeakKeyDictionary()


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Add the kit's options to Locust's; workers get the master's."""
    parser.add_argument(
        "--scheme", default="", help="Signature scheme; the default is generic."
    )
    parser.add_argument(
        "--secret",
        default="",
        env_var="LABKIT_SECRET",
        include_in_web_ui=False,
        help="Signing secret; without it, deliveries are not signed.",
    )
    parser.add_argument("--event", default="payment.succeeded", help="Type of event.")
    parser.add_argument(
        "--sender",
        default="standard",
        help="Profile of the provider whose timeout applies.",
    )
    parser.add_argument(
        "--duplicates",
        type=_share,
        default=0.1,
        help="Share of the deliveries that are duplicates, from 0 to 1.",
    )
    parser.add_argument(
        "--every", type=float, default=0.1, help="Seconds between a user's deliveries."
    )
    parser.add_argument(
        "--most",
        type=int,
        default=100_000,
        help="Number of deliveries after which the test stops.",
    )
    parser.add_argument(
        "--seed",
        type=int,
        help="Seed for ids and random choices; the default is the current time.",
    )
    parser.add_argument(
        "--i-own-this-endpoint",
        dest="owned",
        action="store_true",
        help="Confirm that you own the endpoint; required for other machines.",
    )
    parser.set_defaults(run_time=60)


@events.init.add_listener
def look_at_settings(environment: Environment, **_: Any) -> None:
    """End at once, with one sentence, for settings that can't be used.

    Without a rate, Locust would start one user per second.
    """
    options: Any = environment.parsed_options
    if options is not None and options.spawn_rate is None:
        options.spawn_rate = max(1.0, (options.num_users or 1) / RAMP)
    if isinstance(environment.runner, WorkerRunner) or not environment.host:
        return
    try:
        Plan(environment)
    except LabError as error:
        raise SystemExit(str(error)) from None


@events.test_start.add_listener
def begin(
    environment: Environment, clock: Callable[[], float] = time.time, **_: Any
) -> None:
    """Plan what this process sends, and bound what all of them do."""
    runner, options = environment.runner, environment.parsed_options
    if runner is None or options is None:
        return
    if not isinstance(runner, WorkerRunner):
        # The workers are given the master's options, these two included.
        fresh = options.seed is None
        options.seed_of_run = int(clock()) if fresh else options.seed
        workers = max(1, getattr(runner, "worker_count", 1))
        options.share = math.ceil(options.most / workers)
        if environment in _watches:
            _watches[environment].kill()
        _watches[environment] = gevent.spawn(_end_after, environment, options.most)
    _plans.pop(environment, None)
    if not isinstance(runner, MasterRunner):
        try:
            _plans[environment] = Plan(environment, clock=clock)
        except LabError as error:
            logging.getLogger(__name__).error(error)  # noqa: TRY400 - one sentence


class Plan:
    """What one worker is to send, from its options; all its users share it.

    Raises LabError for settings that can't be used.
    """

    def __init__(
        self, environment: Environment, *, clock: Callable[[], float] = time.time
    ) -> None:
        options: Any = environment.parsed_options
        self.clock = clock
        url = str(environment.host)
        check_target(url, owned=options.owned)
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSetting(f"{url!r:.80} is no address; write http://HOST/PATH")
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path if parts.path.strip("/") else "/webhooks"
        if parts.query:
            self.path += f"?{parts.query}"
        scheme = scheme_named(scheme_of(options.scheme or None, options.secret or None))
        self.signature = Signature(
            scheme, options.secret or None, (), f"{self.base}{self.path}"
        )
        self.timeout = PROFILES[options.sender].timeout
        self.event_type = options.event
        self.duplicates = options.duplicates
        if options.every < 0 or options.most < 1:
            raise BadSetting(
                f"--every {options.every:g} --most {options.most} can't be done; give "
                "0 seconds or more, and 1 delivery or more"
            )
        self.every = options.every
        self.left = getattr(options, "share", options.most)
        self.worker = getattr(environment.runner, "worker_index", 0)
        self.seed = getattr(options, "seed_of_run", 0)
        self.users = 0
        self._made = 0
        self._latest: deque[Event] = deque(maxlen=REMEMBERED)
        self.sign(Event(self.event_type, {}))

    def sign(self, event: Event) -> Any:
        """Return the request that carries this event now."""
        return self.signature.request(
            self.path, event.body, event=event, id_=event.id, timestamp=self.clock()
        )

    def take(self, rng: random.Random) -> tuple[str, Event]:
        """Return the next event to send, and whether it is a delivery or a duplicate.

        Raises StopUser when this worker has had its share.
        """
        if self.left <= 0:
            raise StopUser
        self.left -= 1
        if self._latest and rng.random() < self.duplicates:
            return "duplicate", rng.choice(self._latest)
        self._made += 1
        name = f"{self.seed}-{self.worker}-{self._made}"
        event = Event(
            self.event_type,
            {"order_id": f"A-{name}", "amount": rng.randrange(500, 20_000)},
            id=f"evt_{name}",
            created_at=int(self.clock()),
        )
        self._latest.append(event)
        return "delivery", event


class Provider(FastHttpUser):
    """Deliver events to the host, one each `--every` seconds."""

    def __init__(self, environment: Environment) -> None:
        self.plan = _plans.get(environment)
        if self.plan is not None:
            self.plan.users += 1
            self.host = self.plan.base
            self.connection_timeout = self.plan.timeout
            self.network_timeout = LATE * self.plan.timeout
            self.rng = random.Random(
                f"{self.plan.seed} {self.plan.worker} {self.plan.users}"
            )
        super().__init__(environment)

    def on_start(self) -> None:
        """Send nothing where there is no plan; why was said at the start."""
        if self.plan is None:
            raise StopUser

    def wait_time(self) -> float:
        """Return the seconds until the next delivery."""
        return float(self.plan.every) if self.plan else 0.0

    @task
    def deliver(self) -> None:
        """Send one event, and say what a sender makes of the answer."""
        if self.plan is None:
            raise StopUser
        name, event = self.plan.take(self.rng)
        request = self.plan.sign(event)
        with self.client.post(
            request.path,
            data=request.body,
            headers=dict(request.headers),
            name=name,
            allow_redirects=False,
            catch_response=True,
        ) as response:
            judge(response, self.plan.timeout)


def judge(response: Any, timeout: float) -> None:
    """Say what a sender with this timeout, in seconds, makes of the response."""
    meta, status = response.request_meta, response.status_code
    if not status:
        if not isinstance(response.error, TimeoutError):
            meta["name"], meta["response_time"] = "not connected", None
        return
    if not 200 <= status <= 299:
        response.failure(f"{status} is not a 2xx: a sender would try again")
    elif meta["response_time"] > 1000 * timeout:
        meta["name"] = "acknowledged late"
        response.failure(
            f"a 2xx after more than {timeout:g} s: the sender has given up, and will "
            "try again"
        )


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise ArgumentTypeError(f"{text} is no share; give a number from 0 to under 1")
    return value


def _end_after(environment: Environment, most: int) -> None:
    """End the test when so many deliveries are counted; with a page, go on serving."""
    runner, options = environment.runner, environment.parsed_options
    if runner is None or options is None:
        return
    while environment.stats.total.num_requests < most:
        gevent.sleep(0.2)
    if options.headless:
        runner.quit()
    else:
        runner.stop()
