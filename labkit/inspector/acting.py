"""What the page lets a reader do: plan responses, send requests, replay a session.

Every one of these needs the header X-Inspector, which no form of another site can send
without asking first.
"""

import contextlib
import json
import random
import secrets
import time
from collections.abc import Iterable
from typing import Any

import flask

from labkit.errors import BadSecret, BadSetting
from labkit.inbox import Received
from labkit.inbox.captures import read_lines
from labkit.inbox.planned import MOST, Planned
from labkit.inbox.watch import Watch
from labkit.inspector.checking import Checking
from labkit.model import Event, Request, header_pairs
from labkit.samples import payments
from labkit.signing import SCHEMES

MINE = "X-Inspector"

_LONGEST = 64_000_000
"""How many bytes a session may have that is replayed."""


def allow(what: str) -> None:
    """Answer 403 unless the page itself asks for this."""
    if flask.request.headers.get(MINE) != what:
        flask.abort(403, f"the header {MINE} is missing")


def plan(watch: Watch) -> dict[str, Any]:
    """Plan the next responses: statuses in order, and their delay and body."""
    asked = _asked()
    try:
        delay = float(asked.get("delay") or 0)
        body = str(asked.get("body", ""))
        coming = [
            Planned(status, body, delay) for status in _statuses(asked.get("statuses"))
        ]
        watch.plan.set(coming)
    except (BadSetting, ValueError, TypeError) as error:
        flask.abort(400, str(error))
    return {"planned": len(watch.plan)}


def send(watch: Watch, edited: Received) -> dict[str, Any]:
    """Send an edited request to the app."""
    asked = _asked()
    try:
        headers = header_pairs([(name, value) for name, value in asked["headers"]])
        path, body = str(asked["path"]), str(asked["body"]).encode()
        request = Request(str(asked["method"]).upper(), path, headers, body)
    except (BadSetting, KeyError, ValueError, TypeError) as error:
        flask.abort(400, f"this cannot be sent: {error}")
    if not path.startswith("/"):
        flask.abort(400, "a path begins with a slash")
    return {"status": watch.resend(edited, request).status}


def send_test(watch: Watch, checking: Checking, url: str) -> dict[str, Any]:
    """Sign a new event by a scheme and send it to the app.

    The first secret that has the scheme's form signs it, or a new secret.
    """
    asked = _asked()
    scheme = SCHEMES.get(str(asked.get("scheme")))
    path = str(asked.get("path") or "/webhooks")
    if scheme is None or not path.startswith("/"):
        flask.abort(400, "choose a scheme, and a path that begins with a slash")
    now = int(time.time())
    id_ = f"evt_test_{secrets.token_hex(4)}"
    event = Event("payment.succeeded", payments(1)[0].data, id=id_, created_at=now)
    secret = next(filter(lambda each: _suits(scheme, each), checking.secrets), None)
    signing = secret or scheme.make_secret(random.Random(now))
    signed = scheme.sign(
        event.body, secret=signing, id=event.id, timestamp=now, url=url + path
    )
    headers = (("Content-Type", "application/json"), *signed.items())
    response = watch.send(Request("POST", path, headers, event.body))
    return {"status": response.status, "known": secret is not None}


def replay(watch: Watch) -> dict[str, Any]:
    """Send the requests of an exported session to the app, oldest first."""
    if (flask.request.content_length or 0) > _LONGEST:
        flask.abort(413, "the file is too long")
    text = flask.request.get_data().decode("utf-8", "replace")
    with contextlib.suppress(ValueError):  # it has a request on each line
        if isinstance(found := json.loads(text), list):
            text = "\n".join(json.dumps(each, ensure_ascii=False) for each in found)
    try:
        session = read_lines(text)
    except BadSetting as error:
        flask.abort(400, str(error))
    statuses = [watch.send(got.request).status for got in session]
    return {"sent": len(statuses), "acknowledged": sum(s // 100 == 2 for s in statuses)}


def _asked() -> dict[str, Any]:
    asked = flask.request.get_json(force=True, silent=True)
    if not isinstance(asked, dict):
        flask.abort(400, "give an object as JSON")
    return asked


def _statuses(text: object) -> Iterable[int]:
    """Read statuses in order, such as `503*3,200`; an empty text plans nothing."""
    for part in str(text or "").replace(" ", "").split(","):
        if not part:
            continue
        status, _, times = part.partition("*")
        yield from [int(status)] * min(int(times or 1), MOST + 1)


def _suits(scheme: Any, secret: str) -> bool:
    try:
        scheme.check_secret(secret)
    except BadSecret:
        return False
    return True
