"""django-signal-webhooks as a program: `signal_app.py SOCKET DATABASE`."""

import sys
import uuid

import django
from django.conf import settings
from served import serve

GROUP = "django.contrib.auth.models.Group"

settings.configure(
    SECRET_KEY="made up",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "signal_webhooks",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sys.argv[2],
            "OPTIONS": {"timeout": 30},
        }
    },
    SIGNAL_WEBHOOKS={"HOOKS": {GROUP: ...}, "TIMEOUT": 3},
)
django.setup()

from django.contrib.auth.models import Group
from django.core.management import call_command
from signal_webhooks.models import Webhook
from signal_webhooks.typing import SignalChoices


def register(url: str, secret: str) -> str:
    """Add a row, as the admin page does."""
    row = Webhook.objects.create(
        name=uuid.uuid4().hex, signal=SignalChoices.CREATE, ref=GROUP, endpoint=url
    )
    return str(row.pk)


def unregister(id_: str) -> None:
    """Delete the row."""
    Webhook.objects.filter(pk=id_).delete()


def trigger(data: str) -> None:
    """Save a model."""
    Group.objects.create(name=data)


call_command("migrate", verbosity=0)
serve(
    sys.argv[1],
    {"register": register, "unregister": unregister, "trigger": trigger},
)
