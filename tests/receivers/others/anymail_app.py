"""django-anymail's webhook for Resend, as its documentation shows it.

Source: anymail.dev, "Resend", and "Tracking sent mail status".
"""

import os
from pathlib import Path
from typing import Any

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    ANYMAIL={"RESEND_SIGNING_SECRET": os.environ["SECRET"]},
    INSTALLED_APPS=["anymail"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="a key that signs nothing here",
)
django.setup()

from anymail.signals import tracking
from django.core.management import call_command
from django.dispatch import receiver
from django.urls import include, path

urlpatterns = [path("anymail/", include("anymail.urls"))]


@receiver(tracking)
def handle_event(sender: Any, event: Any, esp_name: str, **_: Any) -> None:
    if event.event_type == "delivered":
        with Path(os.environ["LEDGER"]).open("a") as ledger:
            ledger.write(f"{event.event_id}\n")


if __name__ == "__main__":
    call_command("runserver", os.environ["PORT"], use_reloader=False)
