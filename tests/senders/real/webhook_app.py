"""django-webhook as a program: `webhook_app.py SOCKET DATABASE BROKER`.

With `worker` as the socket it is the Celery worker. One application is both, as in a
Django project.
"""

import sys

import django
from celery import Celery
from django.conf import settings
from served import serve

GROUP = "auth.Group"
PLACE, DATABASE, BROKER = sys.argv[1:4]

settings.configure(
    SECRET_KEY="made up",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django_webhook",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE,
            # SQLite waits by the worker's clock, which may run fast.
            "OPTIONS": {"timeout": 6000, "transaction_mode": "IMMEDIATE"},
        }
    },
    # Its cache would hide a new endpoint for a minute.
    DJANGO_WEBHOOK={"MODELS": [GROUP], "USE_CACHE": False},
)
app = Celery("shop", broker=BROKER)
app.set_default()  # in every thread
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True
django.setup()

from django.contrib.auth.models import Group
from django.core.management import call_command
from django_webhook.models import Webhook, WebhookSecret, WebhookTopic


def register(url: str, secret: str) -> str:
    """Add the rows, as the admin page does."""
    row = Webhook.objects.create(url=url)
    row.topics.set([WebhookTopic.objects.get(name=f"{GROUP}/create")])
    if secret:
        WebhookSecret.objects.create(webhook=row, token=secret)
    return str(row.pk)


def unregister(id_: str) -> None:
    """Switch it off; a deleted row makes each of its tasks raise."""
    Webhook.objects.filter(pk=id_).update(active=False)


def trigger(data: str) -> None:
    """Save a model."""
    Group.objects.create(name=data)


if PLACE == "worker":
    app.worker_main(
        ["worker", "--pool=threads", "--concurrency=80", "--loglevel=WARNING"]
    )
else:
    call_command("migrate", verbosity=0)
    from django_webhook.models import populate_topics_from_settings

    populate_topics_from_settings()
    serve(PLACE, {"register": register, "unregister": unregister, "trigger": trigger})
