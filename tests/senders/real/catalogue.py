"""The senders from the registry, and their verdicts in `senders.md`, section 1.1."""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from labkit.examine_sender import Levers, Promise
from labkit.signing import SCHEMES, Layout, Scheme
from labkit.signing.scheme import hmac_hex
from labkit.signing.timed import Slack
from tests.senders.real.running import celery, running, senders_python


class DjangoWebhook(Slack):
    """The layout of django-webhook: Slack's without `v0`, under names of its own."""

    name = "django-webhook"
    signature_header = "Django-Webhook-Signature-v1"
    timestamp_header = "Django-Webhook-Request-Timestamp"
    label = ""
    layout = Layout("the time, a colon and the body", "{t}:")
    _shape = re.compile("[0-9a-f]{64}")
    _wanted = "64 lower-case hex digits"

    def _signature(
        self, key: bytes, body: bytes, event_id: str, t: str, url: str
    ) -> str:
        return hmac_hex(key, f"{t}:".encode() + body)


@dataclass(frozen=True)
class Sender:
    """A sender from the registry: how it is started, and the verdicts to be found.

    `table` has the marks of `senders.md`, section 1.1, by probe. With a `speed`, it is
    the one of the worker's clock. `skip` names what this sender has no room for. A
    `quick` patience suffices on a machine that is not busy.
    """

    name: str
    app: str
    table: dict[str, str]
    promise: Promise
    skip: tuple[str, ...] = ()
    scheme: Scheme | None = None
    secret: str = ""
    patience: float = 30.0
    quick: float = 12.0
    speed: float = 1.0
    queue: bool = False

    def started(self, folder: Path) -> AbstractContextManager[Levers]:
        """Start it in the folder, with a queue if it needs one."""
        python = senders_python()
        if self.queue:
            return celery(folder, self.app, python, speed=self.speed)
        return running(folder, self.app, python)


SENDERS = (
    # As shipped it has no retries. A schedule of 2 s is what a user expects of it.
    Sender(
        name="django-signal-webhooks",
        app="signal_app.py",
        promise=Promise(delays=(2.0,), timeout=3.0),
        table={
            "identity.id": "✗",
            "sign.valid": "–",
            "retry.500": "✗",
            "retry.reset": "✗",
            "retry.timeout": "✗",
            "retry.429": "✗",
            "redirect.canary": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "fair.slow": "✓",
            "fair.caller": "✓",
            "data.body": "✓",
            "ssrf.deliver": "✗",
        },
    ),
    # Its guard lets all private addresses through or none, and the kit is at one, so it
    # is off here: every address that its client understands is called.
    # It takes statuses of 4xx as final and retries them still, because its queue can't
    # be told to stop. `backoff` is left out: each lease begins with the shortest delay
    # again, this one holds two attempts, and its one relay spreads them anyway.
    Sender(
        name="django-outbound-webhooks",
        app="outbound_app.py",
        promise=Promise(timeout=1.0, overlap=5.0),
        skip=("end.deleted",),
        scheme=SCHEMES["standard"],
        secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        patience=45.0,
        table={
            "identity.id": "✓",
            "identity.retry": "✓",
            "identity.time": "✓",
            "sign.valid": "✓",
            "retry.500": "✓",
            "retry.reset": "✓",
            "retry.timeout": "✓",
            "retry.429": "✓",
            "retry.after": "✓",
            "retry.gone": "✗",
            "redirect.canary": "✗",
            "redirect.secrets": "✗",
            "ssrf.register": "✗",
            "ssrf.deliver": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "fair.slow": "✗",
            "data.body": "✓",
            "data.size": "✓",
            "rotate.both": "✓",
            "rotate.ends": "✓",
        },
    ),
    # The id that the kit finds is the endpoint's. With 80 threads one that hangs keeps
    # its thread forever (`retry.timeout`), but delays no other endpoint yet. At this
    # speed the delays of 60 s can't be told from ones with jitter.
    Sender(
        name="django-webhook",
        app="webhook_app.py",
        promise=Promise(delays=(60.0,) * 5),
        skip=("end",),
        scheme=DjangoWebhook(),
        secret="a secret of the test",
        patience=45.0,
        speed=20,
        queue=True,
        table={
            "identity.id": "✗",
            "identity.retry": "✓",
            "identity.time": "✓",
            "sign.valid": "✓",
            "retry.500": "✓",
            "retry.reset": "✗",
            "retry.timeout": "✗",
            "retry.429": "✓",
            "retry.after": "✗",
            "retry.gone": "✗",
            "backoff.grows": "✗",
            "redirect.canary": "✗",
            "redirect.secrets": "✗",
            "ssrf.register": "✗",
            "ssrf.deliver": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "data.body": "✓",
            "crash.commit": "✗",
            "crash.flight": "✗",
        },
    ),
    # A 410 is not retried, but the endpoint stays: the next event is sent to it.
    Sender(
        name="django-webhook-subscriber",
        app="subscriber_app.py",
        promise=Promise(delays=(2.0,) * 3, timeout=3.0),
        skip=("end", "twice"),
        secret="a secret of the test",
        patience=45.0,
        queue=True,
        table={
            "identity.id": "✗",
            "identity.retry": "✓",
            "sign.valid": "–",
            "sign.secret-on-wire": "✗",
            "retry.500": "✓",
            "retry.reset": "✓",
            "retry.timeout": "✓",
            "retry.429": "✗",
            "retry.after": "✗",
            "retry.gone": "✗",
            "backoff.grows": "✗",
            "redirect.canary": "✗",
            "redirect.secrets": "✗",
            "ssrf.register": "✗",
            "ssrf.deliver": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "data.body": "✓",
            "crash.commit": "✗",
            "crash.flight": "✗",
        },
    ),
)
