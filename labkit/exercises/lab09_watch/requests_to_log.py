"""The requests with which the log line of 9.1 is tried."""

import json
import random
from collections.abc import Iterator
from typing import Any

from labkit.checks.calls import JSON
from labkit.checks.space import Trial
from labkit.exercises.lab09_watch.log_lines import SECRET_FIELDS
from labkit.samples import payments

FORGED = "198.51.100.99"

# All secrets are made up for the check. No part of them is a word or can occur by
# chance: a placeholder may have the name of the field, and a line may have a time.
CARD = "4716923850647193"
CVC = "~Q^"
TOKEN = "9vXc2LmQ81Rw_Kj6"  # noqa: S105 - it guards nothing
PASSWORD = "Xq7!mVz2#Lp9wD"  # noqa: S105
SIGNATURE = "5d1c8b0f2e7a49d3b6c0a1f4e8d72b95c3f60718a9e4d2b1c7f8035e6a9d4b12"
KEY = "7x3Kq9ZtLw2XbVn5Rd8sHj4GpTy6"
ANOTHER_KEY = "c2hvcDpoNHJkMnIzYWQ9LSWmXu3v"
SESSION = "Qm8RtY4uPzLk6WvEJd2NfB7xRc9K"

BASE = {
    "about": "",
    "kind": "",
    "body": payments(1)[0].body,
    "headers": {**JSON, "User-Agent": "PayCo/2.1"},
    "address": "203.0.113.7",
    "host": "shop.example",
    "query": "",
    "outcome": "acknowledged",
    "chunked": False,
    "secret": "",
    "name": "",
}


def _body(payload: Any) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def _trial(about: str, kind: str = "", note: str = "", **changes: Any) -> Trial:
    return Trial(about, {"about": about, "kind": kind, **changes}, note)


def trials() -> Iterator[Trial]:
    """Yield the fixed trials, easy ones first."""
    yield _trial("dictionary")
    texts = ("acknowledged", "refused: no signature", "failed: TimeoutError", " late ")
    for text in texts:
        yield _trial("outcome", outcome=text)
    forged = {**JSON, "X-Forwarded-For": FORGED, "X-Real-IP": FORGED}
    forged["Forwarded"] = f"for={FORGED}"
    yield _trial("address")
    for address, host in (("2001:db8::7", "api.example"), ("192.0.2.4", "10.0.0.9")):
        yield _trial("address", address=address, host=host)
    yield _trial("address", "forged", headers=forged)
    yield _trial("headers")
    several = {**JSON, "User-Agent": "hook", "X-Request-Id": "r-77", "Accept": "*/*"}
    yield _trial("headers", headers={**several, "X-Retry-Num": "2", "X-Empty": ""})
    yield _trial("headers", headers=JSON)
    yield from _payloads()
    yield from _secret_headers()
    yield from _secret_fields()
    similar = {"token_count": 3, "password_hint": "x", "cvc_ok": True, "tokens": []}
    headers = {"X-Token": "t-1", "X-Cookie-Consent": "no"}
    for value in (similar, {"data": [similar, {"memo": "token", "none": None}]}):
        yield _trial("others", body=_body(value), headers={**JSON, **headers})
    empty: Any
    for empty in (False, 0, [], {}):
        for name in SECRET_FIELDS[1:3]:
            body = _body({"data": [{name: empty}]})
            yield _trial("secret-fields", "empty", body=body, name=name)
    yield from _unreadable()
    yield from _long()
    for name in ("token", "key"):
        query = f"{name}={TOKEN}"
        yield _trial("query", body=b'{"id": "evt_1"}', query=query, secret=TOKEN)
    nested = {"id": "evt_1", "token": TOKEN, "data": {"items": [{"cvc": CVC}]}}
    yield _trial("unchanged", body=_body(nested))
    yield _trial("unchanged", body=_body([nested]))
    yield _trial("unchanged", body=_body({"memo": "x" * 5_000, "token": TOKEN}))
    for headers in ({"Content-Type": "text/plain"}, _FORM):
        yield _trial("unchanged", "type", body=_body(nested), headers=headers)
    yield _trial("bound", "secrets", body=b"[" + b",".join([b'{"cvc":1}'] * 399) + b"]")


def _payloads() -> Iterator[Trial]:
    yield _trial("payload", "ordinary")
    other = {"id": "crm_1", "event": "contact.created", "data": {"name": "Zoë 🎁"}}
    yield _trial("payload", "ordinary", body=_body(other))
    for kind in (None, "text/plain", "a/b"):
        sent = {"User-Agent": "PayCo/2.1"} | ({"Content-Type": kind} if kind else {})
        yield _trial("any-json", "type", headers=sent)
    values: tuple[Any, ...] = (
        [1, 2],
        None,
        5,
        "ping",
        True,
        False,
        0,
        "",
        [],
        {},
        [{}],
        {"a": None},
    )
    for value in values:
        kind = "object" if isinstance(value, dict) else "no object"
        yield _trial("any-json", kind, body=_body(value))
    for size in (3_000, 3_999, 4_000):
        kind = f"{size:,} bytes"
        yield _trial("any-json", kind, kind, body=_body_of(size))
    yield _trial("any-json", "4,000 bytes", body=_body_of(4_000, "é"))
    yield _trial("any-json", "50 levels", body=b'{"a":' * 50 + b"1" + b"}" * 50)


def _body_of(size: int, letter: str = "x") -> bytes:
    """Return JSON of so many bytes."""
    start = b'{"id": "evt_1", "memo": "'
    room = size - len(start) - 2
    wide = len(letter.encode())
    return start + (letter * (room // wide) + "x" * (room % wide)).encode() + b'"}'


def _secret_headers() -> Iterator[Trial]:
    for name, start, secret, kind in (
        ("Authorization", "Bearer ", KEY, "login"),
        ("Authorization", "", KEY, "login"),
        ("Proxy-Authorization", "Basic ", ANOTHER_KEY, "login"),
        ("Proxy-Authorization", "", ANOTHER_KEY, "login"),
        ("Cookie", "session=", SESSION, "login"),
        ("X-Webhook-Signature", "sha256=", SIGNATURE, "signature"),
    ):
        for each in (name, name.lower(), name.upper()):
            asked = {"secret": secret, "name": each}
            headers = {**JSON, each: start + secret}
            yield _trial("secret-headers", kind, headers=headers, **asked)
        yield _trial("remains", kind, headers=headers, **asked)


def _secret_fields() -> Iterator[Trial]:
    plain: dict[str, Any] = {"id": "evt_1", "event": "payment.succeeded"}
    order = {"order_id": "A-1", "amount": 1990}
    deep: Any = {"password": PASSWORD}
    for _ in range(50):
        deep = {"a": deep}
    for kind, payload, name, secret in (
        ("0", {**plain, "token": TOKEN, "data": order}, "token", TOKEN),
        ("0", {**plain, "card_number": CARD}, "card_number", CARD),
        ("0", {**plain, "cvc": CVC}, "cvc", CVC),
        ("0", {**plain, "password": PASSWORD}, "password", PASSWORD),
        ("1", {**plain, "data": {**order, "card_number": CARD}}, "card_number", CARD),
        ("2", {"data": {**order, "card": {"cvc": CVC}}}, "cvc", CVC),
        ("5", {"a": {"b": {"c": {"d": {"e": {"token": TOKEN}}}}}}, "token", TOKEN),
        ("50", deep, "password", PASSWORD),
        ("list", {"items": [order, {"password": PASSWORD}]}, "password", PASSWORD),
        ("list", {"data": {"a": [[{"token": TOKEN}]]}}, "token", TOKEN),
        ("list at the top", [{"token": TOKEN}, {"id": "evt_2"}], "token", TOKEN),
        ("type", {"data": {"card_number": int(CARD)}}, "card_number", CARD),
        ("type", {"data": {"token": {"value": TOKEN}}}, "token", TOKEN),
        ("type", {"data": {"password": [PASSWORD]}}, "password", PASSWORD),
        ("type", {"data": {"password": [[{"x": PASSWORD}]]}}, "password", PASSWORD),
    ):
        asked: dict[str, Any] = {"secret": secret, "name": name}
        asked["body"] = _body(payload)
        yield _trial("secret-fields", kind, **asked)
        if kind in ("0", "list"):
            yield _trial("remains", kind, **asked)
    asked = {"secret": CVC, "name": "token", "body": _body({"token": {"cvc": CVC}})}
    yield _trial("remains", "inside", **asked)


def _unreadable() -> Iterator[Trial]:
    for kind, bodies in (
        (
            "text",
            (
                b"Gr8t",
                b'{"a": ',
                b"{'a': 1}",
                b'{"a": 1} {"a": 2}',
                b"",
                "é".encode() * 40,
            ),
        ),
        ("bytes", (b"\xff\xfe\x00\x80", b'{"a": "\xff\xff"}')),
    ):
        for body in bodies:
            yield _trial("no-json", kind, body=body)
    yield _trial("no-json", "text", body=b"Jxq7Zkw3Xv", chunked=True)
    for body, headers in (
        (f'{{"id": "evt_1", "card_number": "{CARD}", "amou'.encode(), JSON),
        (f"card_number={CARD}&amount=5".encode(), {"Content-Type": "text/plain"}),
        (f"card_number={CARD}".encode(), _FORM),
        (f'{{"card_number": "{CARD}", "name": "Zo\xeb"}}'.encode("latin-1"), JSON),
    ):
        yield _trial("no-json", "secret", body=body, headers=headers, secret=CARD)


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _long() -> Iterator[Trial]:
    for size in (4_001, 5_000, 70_000):
        body = _body_of(size)
        yield _trial("long", "", f"{size:,} bytes", body=body)
        yield _trial("long", "chunked", f"{size:,} bytes", body=body, chunked=True)
    spaces = b" " * 4_000
    for body in (b'{"id": "evt_1"}' + spaces, spaces + b"5"):
        yield _trial("long", "", "JSON and 4,000 spaces", body=body)
    wide = _body_of(4_001, "é")
    yield _trial("long", "", f"4,001 bytes, {len(wide.decode()):,} letters", body=wide)
    yield _trial("long", "", "no JSON", body=b"x" * 4_001)
    begin = f'{{"card_number": "{CARD}", '.encode()
    large = b"x" * 300_000
    for body in (
        begin + b'"memo": "' + large + b'"}',
        begin + b'"memo": "' + large,
        begin + b'"all": [' + (b'"' + b"x" * 500 + b'",') * 600 + b"0]}",
        begin + b"\xff" * 300_000,
    ):
        yield _trial("long", "secret", body=body, secret=CARD)
        yield _trial("bound", body=body)


def generated(rng: random.Random) -> Trial:
    """Return a trial with a nested payload, drawn by chance."""
    payload = _nested(rng, 4)
    if rng.random() < 0.5:
        return _trial("any-json", body=_body(payload))
    name = rng.choice(SECRET_FIELDS)
    secret = {"cvc": CVC, "card_number": CARD, "token": TOKEN}.get(name, PASSWORD)
    hidden: Any = {name: rng.choice((secret, [secret], {"value": secret}))}
    for _ in range(rng.randrange(5)):
        hidden = rng.choice(([payload, hidden], {"a": hidden, "b": 1}, [hidden]))
    body = _body(hidden)
    return _trial("secret-fields", body=body, secret=secret, name=name)


def _nested(rng: random.Random, levels: int) -> Any:
    leaf = (None, True, 0, 1.5, "", "token", "Zoë", -7)
    if levels == 0:
        return rng.choice(leaf)
    many = range(rng.randrange(4))
    if rng.random() < 0.5:
        return [_nested(rng, levels - 1) for _ in many]
    return {f"{rng.choice('abc')}{n}": _nested(rng, levels - 1) for n in many}
