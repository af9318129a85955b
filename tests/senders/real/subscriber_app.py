"""django-webhook-subscriber as a program: `subscriber_app.py SOCKET DATABASE BROKER`.

With `worker` as the socket it is the Celery worker. Its times are shortened by its own
settings of an endpoint.
"""

import sys
import uuid

import django
from celery import Celery
from django.conf import settings
from served import serve

CREATED = "created"
PLACE, DATABASE, BROKER = sys.argv[1:4]

settings.configure(
    SECRET_KEY="made up",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "django_webhook_subscriber",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE,
            "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE"},
        }
    },
    MAX_BATCH_SIZE=100,
)
app = Celery("shop", broker=BROKER)
app.set_default()  # in every thread
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True
app.autodiscover_tasks(["django_webhook_subscriber"])
django.setup()

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django_webhook_subscriber.delivery import send_webhooks
from django_webhook_subscriber.models import WebhookSubscriber, WebhookSubscription


def register(url: str, secret: str) -> str:
    """Add a subscriber and its subscription, as the admin page does."""
    row = WebhookSubscriber.objects.create(
        name=uuid.uuid4().hex,
        content_type=ContentType.objects.get_for_model(Group),
        target_url=url,
        secret=secret or uuid.uuid4().hex,
        retry_delay=2,
        timeout=3,
    )
    WebhookSubscription.objects.create(subscriber=row, event_name=CREATED)
    return str(row.pk)


def unregister(id_: str) -> None:
    """Switch it off; a deleted row makes each of its tasks raise."""
    for row in WebhookSubscriber.objects.filter(pk=id_):
        row.is_active = False
        row.save()


def trigger(data: str) -> None:
    """Save a model and send its event."""
    send_webhooks(Group.objects.create(name=data), CREATED)


if PLACE == "worker":
    app.worker_main(
        ["worker", "--pool=threads", "--concurrency=80", "--loglevel=WARNING"]
    )
else:
    call_command("migrate", verbosity=0)
    serve(PLACE, {"register": register, "unregister": unregister, "trigger": trigger})
