"""The requests with which the handshakes of 11.3 are tried."""

import hashlib
import hmac
import json
import random
import string
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from labkit.checks.calls import JSON
from labkit.checks.space import Trial
from labkit.checks.steps import Post, Step

SECRET = b" Blue-Kite-42\n"
TOKEN = "Tr4m-77"  # noqa: S105 - a secret of the course
RIGHT = "sha256={}"
HOST = "confirm.payco.example"
MARK = "q7Zk"
"""What each challenge contains, so that an echo of it is seen."""

CHALLENGE = f"{MARK}19fB"
ALL = string.ascii_letters + string.digits


def echo(**query: str) -> Post:
    """Return a GET with these parameters."""
    path = f"/webhooks?{urlencode(query)}" if query else "/webhooks"
    return Post(b"", {}, "GET", path)


def _digest(data: bytes, secret: bytes = SECRET) -> str:
    return hmac.new(secret, data, hashlib.sha256).hexdigest()


def _body(event: str, data: dict[str, Any]) -> bytes:
    fields = {"id": "evt_1", "event": event, "created_at": 1767225600, "data": data}
    return json.dumps(fields, separators=(",", ":")).encode()


def _signed(body: bytes, signature: str | None = RIGHT, note: str = "") -> Post:
    """Return a request. {} in `signature` is the right digest; None is no header."""
    headers = dict(JSON)
    if signature is not None:
        headers["X-Webhook-Signature"] = signature.format(_digest(body))
    return Post(body, headers, note=note)


def _post(event: str, signature: str | None = RIGHT, **data: Any) -> Post:
    return _signed(_body(event, data), signature)


def _challenge(value: Any, signature: str | None = RIGHT) -> Post:
    return _post("endpoint.challenge", signature, challenge=value)


def _confirm(url: Any, signature: str | None = RIGHT) -> Post:
    return _post("subscription.confirm", signature, url=url)


FORGED_EVENT = _body("payment.succeeded", {"order_id": f"{MARK}-1"}).decode()
GOOD_URL = f"https://{HOST}/s/8f2"
FORGERIES = (
    *(None, f"sha256={'0' * 64}", _digest(b"x"), "sha256=", "é"),
    *("{}", "sha1={}", "sha256={}0", "sha256=sha256={}"),
)


def trials() -> Iterator[Trial]:
    """Yield the fixed trials, easy ones first."""
    yield from _gets()
    for signature in FORGERIES:
        yield _one("unsigned", _challenge(CHALLENGE, signature))
        yield _one("unsigned", _confirm(GOOD_URL, signature))
        yield _one("unsigned", _post("payment.succeeded", signature, order_id="A-1"))
    yield _one("unsigned", _challenge(FORGED_EVENT, None))
    other = f"sha256={_digest(_body('endpoint.challenge', {'challenge': MARK}))}"
    note = "the signature belongs to another body"
    yield _one("unsigned", _challenge(CHALLENGE, other), note)
    for body in (b"", b"{", b"[]", b"5", b"\xff", b'{"event": "push"}'):
        yield _one("unsigned", _signed(body, None))
    yield from _challenges()
    yield from _urls()
    for event in ("payment.succeeded", "push", "endpoint.challenge.expired"):
        yield _one("other", _post(event, order_id="A-1"))
    yield _one("other", _post("payment.succeeded", challenge=CHALLENGE, url=GOOD_URL))
    for body in (b" %b\n", b"%b\r\n"):
        spaced = body % _body("push", {"order_id": "A-1"})
        yield _one("other", _signed(spaced), "white space around the JSON")
    steps = [_confirm("https://evil.example/", None), _challenge(CHALLENGE)]
    yield Trial("sign", {"steps": [*steps, echo(token=TOKEN, challenge=CHALLENGE)]})
    yield from _other_app()


def _other_app() -> Iterator[Trial]:
    """Yield trials of a second app, with a secret and a token of its own."""
    own: dict[str, Any] = {"secret": b"\xff\x00other", "token": " a b+c&d=%41"}
    for sentence, step in (
        ("echo", echo(token=own["token"], challenge=CHALLENGE)),
        ("wrong-token", echo(token=TOKEN, challenge=CHALLENGE)),
        ("unsigned", _challenge(CHALLENGE)),
    ):
        yield Trial(sentence, {"steps": [step], **own}, "an app of its own")
    body = _body("endpoint.challenge", {"challenge": CHALLENGE})
    signature = f"sha256={_digest(body, own['secret'])}"
    step = _signed(body, signature)
    yield Trial("sign", {"steps": [step], **own}, "an app of its own")


def _one(sentence: str, step: Step, note: str = "") -> Trial:
    return Trial(sentence, {"steps": [step]}, note)


def _gets() -> Iterator[Trial]:
    texts = (f"{MARK} & more", f"<b>{MARK}</b>", f"{MARK}0", f" {MARK}\n", MARK * 99)
    for challenge in (CHALLENGE, MARK, *texts):
        yield _one("echo", echo(token=TOKEN, challenge=challenge))
    yield _one("echo", echo(challenge=f"{MARK}é", token=TOKEN, mode="subscribe"))
    for token in ("guessed", "", TOKEN.lower(), TOKEN[:-1], f"{TOKEN} ", "é"):
        yield _one("wrong-token", echo(token=token, challenge=CHALLENGE))
    yield _one("wrong-token", echo(challenge=CHALLENGE))
    yield _one("wrong-token", echo(token=TOKEN))
    yield _one("wrong-token", echo())
    script = f"<script>{MARK}</script>"
    yield _one("wrong-token", echo(challenge=script))


def _challenges() -> Iterator[Trial]:
    for challenge in (CHALLENGE, "a", "Z9", "0", MARK * 16, "x" * 64, "x" * 63, ALL):
        yield _one("sign", _challenge(challenge))
    for challenge in (
        FORGED_EVENT,
        "",
        "x" * 65,
        "x" * 5000,
        f"{MARK}-1",
        f"{MARK} ",
        f" {MARK}",
        f"{MARK}\n",
        f"{MARK}ë",
        f"{MARK}_1",
        f"{MARK}.1",
        "{}",
        "\u0663\u0664",
        f"{MARK}²",
        "a\x00b",
        "v1:a",
    ):
        yield _one("form", _challenge(challenge))
    for value in (None, 7, True, [CHALLENGE], {"a": CHALLENGE}, 1.5):
        yield _one("form", _challenge(value))


def _urls() -> Iterator[Trial]:
    for url in (GOOD_URL, f"https://{HOST}/", f"https://{HOST}/c?token=a%20b&x=//y/@z"):
        yield _one("confirm", _confirm(url))
    other, similar = HOST.replace(".", "-"), HOST.replace(".", "-", 1)
    urls = f"""
        https://evil.example/ http://{HOST}/s/8f2 https://{HOST}.evil.example/
        https://{other}/ https://{similar}/ https://evil-{HOST}/ https://evil.{HOST}/
        https://evil.example/{HOST}/ https://evil.example/?u=https://{HOST}/
        https://evil.example#https://{HOST}/ https://{HOST}@evil.example/
        https://user@{HOST}/ https://user:pw@{HOST}/ https://{HOST}:8443/
        https://{HOST}:443/ https://{HOST}\\@evil.example/ https://{HOST}
        ftp://{HOST}/ //{HOST}/ javascript://{HOST}/ http://127.0.0.1:8080/admin
        file:///etc/passwd https://[::1/ {HOST}
    """
    for url in (*urls.split(), f" https://{HOST}/", ""):
        yield _one("foreign", _confirm(url))
    for value in (None, 5, [GOOD_URL], {"url": GOOD_URL}):
        yield _one("foreign", _confirm(value))


def generated(rng: random.Random) -> Trial:
    """Return a signed challenge of the right form, or of another one."""
    letters = "abcXYZ059"
    if rng.random() < 0.5:
        text = "".join(rng.choices(letters, k=rng.randrange(1, 65)))
        return _one("sign", _challenge(text))
    signs = list(rng.choices(letters, k=rng.randrange(1, 60)))
    signs.insert(rng.randrange(len(signs)), rng.choice('{}":,. -_=/\n\tëé٣'))
    return _one("form", _challenge("".join(signs)))
