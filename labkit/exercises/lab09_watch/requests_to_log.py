"""The requests with which the log line of 9.1 is tried, and what is compared of it."""

import base64
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import flask

from labkit.checks import short
from labkit.checks.calls import JSON
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields, Trial
from labkit.samples import payments

KEYS = ("address", "headers", "payload", "outcome")
SECRET_FIELDS = ("card_number", "cvc", "token", "password")
FORGED = "198.51.100.99"
LONGEST = 16_000
"""So many characters a line must not have."""

# All secrets are made up for the check.
CARD = "4716923850647193"
CVC = "958"
TOKEN = "tok_9vXc2LmQ81Rw"  # noqa: S105
PASSWORD = "Xq7!mVz2#Lp9wD"  # noqa: S105
SIGNATURE = "5d1c8b0f2e7a49d3b6c0a1f4e8d72b95c3f60718a9e4d2b1c7f8035e6a9d4b12"
KEY = "7f3Kq9ZtLw2XbVn5Rd8sHj4GpTy6"
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


@dataclass(frozen=True, slots=True)
class LogLine:
    """Observes one line; `about` says which part of it a trial compares."""

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Log one request in a server of its own, and look at a part of the line."""
        after: list[Any] = []

        def call() -> Any:
            with _arrives(fields):
                line = solution(flask.request, fields["outcome"])
                if fields["about"] == "unchanged":
                    after.append(flask.request.get_data() == fields["body"])
                    left = flask.request.get_json(silent=True)
                    after.append(left == json.loads(fields["body"]))
                return line

        seen = outcome(call, exactly)
        if seen.raised or seen.value == "coroutine":
            return seen
        value, text = _part_of(seen.result, fields, after)
        return Seen(value, text, None, seen.result)

    def show(self, fields: Fields) -> str:
        """Return the request as a verdict shows it."""
        query = f"?{fields['query']}" if fields["query"] else ""
        lines = [f"POST /webhooks{query}, from {fields['address']}"]
        lines += [f"{name}: {value}" for name, value in fields["headers"].items()]
        if fields["chunked"]:
            lines.append("(chunked, without a Content-Length)")
        body = fields["body"]
        shown = short(body) if len(body) < 1000 else short(body[:80], 100)
        size = "" if len(body) < 1000 else f" and so on, {len(body):,} bytes"
        return "\n".join([*lines, shown + size, f"outcome {fields['outcome']!r}"])


def _arrives(fields: Fields) -> Any:
    """Return Flask's context of this request."""
    context = flask.Flask("check").test_request_context(
        "/webhooks",
        base_url=f"http://{fields['host']}",
        query_string=fields["query"],
        method="POST",
        data=fields["body"],
        headers=dict(fields["headers"]),
        environ_overrides={"REMOTE_ADDR": fields["address"]},
    )
    if fields["chunked"]:
        del context.request.environ["CONTENT_LENGTH"]
        context.request.environ["wsgi.input_terminated"] = True
    return context


def _part_of(line: Any, fields: Fields, after: list[Any]) -> tuple[Any, str]:
    """Return what a trial compares of a line, and that part as text."""
    if isinstance(line, (str, bytes)):
        return "a text", short(line)
    if not isinstance(line, Mapping):
        return "no dictionary", short(line)
    if missing := [key for key in KEYS if key not in line]:
        return "a key is missing", f"a dictionary without {', '.join(missing)}"
    try:
        text = json.dumps(line)
    except (TypeError, ValueError, RecursionError) as error:
        return "not JSON", f"json.dumps: {type(error).__name__}: {error}"
    about = fields["about"]
    if about == "bound":
        fits = len(text) < LONGEST
        told = f"a line of {len(text):,} characters"
        return ("short enough" if fits else "too long"), told
    if about == "unchanged":
        return _left_alone(after)
    return _entry_of(line, fields)


def _left_alone(after: list[Any]) -> tuple[Any, str]:
    """Say whether later code finds the body and the JSON as they were."""
    parts = zip(("body", "JSON"), after, strict=True)
    changed = tuple(f"{name} changed" for name, same in parts if not same)
    return changed, ", ".join(changed) or "the body and the JSON are as they were"


def _entry_of(line: Mapping[str, Any], fields: Fields) -> tuple[Any, str]:
    """Return what a trial compares of the entries, and that part as text."""
    about = fields["about"]
    if fields["secret"]:
        return _hidden(line, fields)
    if about in ("address", "outcome"):
        return exactly(line[about])[1], f"{about!r}: {short(line[about])}"
    if about in ("no-json", "long"):
        return _length(line["payload"], fields["body"])
    if about == "secret-fields":
        kept = _entry(line, fields["name"])
        hidden = kept is None or isinstance(kept, str)
        return hidden, f"{fields['name']!r}: {short(kept)}"
    headers = _headers(line["headers"], fields["headers"])
    if about == "headers":
        return headers
    if about not in ("payload", "any-json", "others"):
        return "a line", short(line)
    payload = _payload(line["payload"], json.loads(fields["body"]))
    if about != "others":
        return payload
    return (*headers[0], *payload[0]), f"{headers[1]}\n{payload[1]}"


_ALWAYS_SENT = {"host", "content-length", "content-type"}


def _headers(found: Any, sent: Mapping[str, str]) -> tuple[Any, str]:
    told = f"'headers': {short(found)}"
    if not isinstance(found, Mapping):
        kept = all(json.dumps(value) in json.dumps(found) for value in sent.values())
        return "not by name" if kept else "values lost", told
    noted = {str(name).lower(): value for name, value in found.items()}
    if noted.keys() - {name.lower() for name in sent} - _ALWAYS_SENT:
        return "headers that were not sent", told
    values = [noted.get(name.lower(), KeyError) for name in sent]
    return tuple(map(_compared, values, sent.values())), told


def _compared(found: Any, wanted: Any) -> str:
    if found is KeyError:
        return "absent"
    if exactly(found) == exactly(wanted):
        return "same"
    text, original = str(found).casefold(), str(wanted).casefold()
    pieces = (original[at : at + 3] for at in range(max(1, len(original) - 2)))
    return "changed" if any(each in text for each in pieces) else "replaced"


def _payload(found: Any, wanted: Any) -> tuple[Any, str]:
    """Compare with what the body holds; secrets may be anything."""
    told = f"'payload': {short(found)}"
    if not isinstance(wanted, (dict, list)):
        return (_compared(found, wanted),), told
    if isinstance(found, str) and found.lstrip("b'\"")[:1] in ("{", "["):
        return "text of JSON", told
    if not isinstance(found, (Mapping, list, tuple)):
        return "another type", told
    codes = [
        _compared(_at(found, place), value)
        for place, value in _leaves(wanted)
        if not any(key in SECRET_FIELDS for key in place)
    ]
    return tuple(sorted({*codes})), told


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield each value without values of its own, with the way to it."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    if not inner:
        yield place, value
    for key, each in inner:
        yield from _leaves(each, (*place, key))


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return KeyError
    return value


def _length(payload: Any, body: bytes) -> tuple[Any, str]:
    """Say whether the payload is a text with the length of the body, and no more."""
    told = f"'payload': {short(payload)}"
    if not isinstance(payload, str):
        return "no text", told
    if _pieces(body) & _pieces(payload.encode()):
        return "a piece of the body", told
    digits = re.sub(r"(?<=\d)[ ,._'](?=\d{3})", "", payload)
    return str(len(body)) in re.findall(r"\d+", digits), told


def _pieces(body: bytes) -> set[str]:
    """Return the pieces of four letters and digits at the beginning of a body."""
    text = body[:500].decode(errors="replace")
    pieces = (text[at : at + 4] for at in range(len(text) - 3))
    return {each for each in pieces if each.isalnum()}


_LEFT = {
    "nothing": "no more of the secret than is allowed",
    "part": "more of the secret than is allowed",
    "encoded": "the secret in base64 or hex",
}


def _hidden(line: Mapping[str, Any], fields: Fields) -> tuple[Any, str]:
    """Say how much of the secret is in the line, and whether its name is there."""
    secret, name = fields["secret"], fields["name"]
    text = json.dumps(line, ensure_ascii=False)
    told = "…"
    if fields["about"] == "remains":
        entry = json.dumps(_entry(line, name), ensure_ascii=False)
        left = "part" if _part(secret, entry, text) else "nothing"
        if any(each in text for each in _spellings(secret)):
            left = "encoded"
        told = f"{name}: {short(_entry(line, name))}; in the line: {_LEFT[left]}"
        return left, told
    if secret in text:
        at = text.index(secret)
        told = f"… {text[max(0, at - 40) : at + len(secret) + 10]} …"
        return "whole", told
    if name and _entry(line, name) is KeyError:
        return "absent", f"no {name} in the line"
    return "hidden", f"{name or 'the line'} without {secret}"


def _entry(line: Mapping[str, Any], name: str) -> Any:
    """Return what a line has for the name of a header or a field, or KeyError."""
    if isinstance(line["headers"], Mapping):
        for each, value in line["headers"].items():
            if str(each).lower() == name.lower():
                return value
    todo = [line["payload"]]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            if name in value:
                return value[name]
            todo.extend(value.values())
        elif isinstance(value, (list, tuple)):
            todo.extend(value)
    return KeyError


def _part(secret: str, entry: str, text: str) -> bool:
    """Whether more remains of a secret than its last four characters."""
    if len(secret) < 4:
        return any(letter in entry for letter in secret)
    if len(secret) > 4 and secret[-5:] in entry:
        return True
    last = secret[-4:]
    rest = entry.replace(last, "", 1)
    pieces = (secret[at : at + 3] for at in range(len(secret) - 2))
    in_entry = any(piece in rest for piece in pieces)
    windows = (secret[at : at + 6] for at in range(len(secret) - 5))
    return in_entry or any(window in text for window in windows)


def _spellings(secret: str) -> Iterator[str]:
    """Yield the secret as hex, and as it is in base64, wherever it begins there."""
    raw = secret.encode()
    if len(raw) < 8:
        return
    yield raw.hex()
    for offset in range(3):
        # The first and the last group of four depend on what is next to it.
        yield base64.b64encode(bytes(offset) + raw).decode()[4:-4]


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


def _payloads() -> Iterator[Trial]:
    yield _trial("payload", "ordinary")
    other = {"id": "crm_1", "event": "contact.created", "data": {"name": "Zoë 🎁"}}
    yield _trial("payload", "ordinary", body=_body(other))
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "a/b"}):
        yield _trial("any-json", "type", headers=headers)
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
