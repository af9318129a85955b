"""django-outbound-webhooks as a program: `outbound_app.py SOCKET DATABASE`.

Its relay runs in a loop, because it stays in the foreground on PostgreSQL alone. The
times are shortened by its own settings: one delivery holds the relay for the time of
its lease at most, and on SQLite there is one relay.
"""

import base64
import os
import sys
import threading
import time
import uuid
from dataclasses import dataclass

import django
from django.conf import settings
from served import serve

settings.configure(
    SECRET_KEY="made up",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django_domain_events",
        "django_outbound_webhooks",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sys.argv[2],
            "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
        }
    },
    DJANGO_DOMAIN_EVENTS={
        "BACKOFF_BASE_SECONDS": 0.5,
        "MAX_RECEIVER_RETRY_DELAY_SECONDS": 12.0,
    },
    DJANGO_OUTBOUND_WEBHOOKS={
        "ALLOW_PRIVATE_ADDRESSES": True,
        "TIMEOUT_SECONDS": 1.0,
        "LEASE_MARGIN_SECONDS": 0.25,
        "DELIVERY_LEASE_SECONDS": 2,
        "INNER_BACKOFF_BASE_SECONDS": 0.25,
        "SECRET_ROTATION_OVERLAP_SECONDS": 5,
    },
)
django.setup()

from django.core.management import call_command
from django.db import transaction
from django_domain_events import event, fire
from django_domain_events.delivery.deliver import deliver_pending
from django_domain_events.models.delivery_record import DeliveryRecord
from django_outbound_webhooks import register_endpoint, rotate_secret
from django_outbound_webhooks.models.endpoint import Endpoint

NAME = "shop.OrderPlaced"


@event(name=NAME)
@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """The event of this app."""

    name: str


def register(url: str, secret: str) -> str:
    """Register an endpoint for the event."""
    row = register_endpoint(
        name=uuid.uuid4().hex, url=url, secret=secret, event_names=[NAME]
    )
    return str(row.pk)


def unregister(id_: str) -> None:
    """Delete the endpoint."""
    Endpoint.objects.filter(pk=id_).delete()


def trigger(data: str) -> None:
    """Fire the event in a transaction."""
    with transaction.atomic():
        fire(OrderPlaced(name=data))


def dead_letters() -> int:
    """Count the deliveries whose attempts are used up."""
    return DeliveryRecord.objects.filter(status="dead").count()


def rotate(id_: str) -> str:
    """Give the endpoint another secret, and return it."""
    secret = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    rotate_secret(Endpoint.objects.get(pk=id_), new_secret=secret)
    return secret


def relay() -> None:
    """Deliver what is due, over and over."""
    while True:
        try:
            deliver_pending(worker_id="relay")
        except Exception as error:  # noqa: BLE001 - a busy database
            sys.stderr.write(f"relay: {error!r}\n")
        time.sleep(0.1)


call_command("migrate", verbosity=0)
threading.Thread(target=relay, daemon=True).start()
serve(
    sys.argv[1],
    {
        "register": register,
        "unregister": unregister,
        "trigger": trigger,
        "dead_letters": dead_letters,
        "rotate": rotate,
    },
)
