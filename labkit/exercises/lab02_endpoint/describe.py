"""Exercise 2.2: describe(request) -> dict, everything that a request contains."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import flask

from labkit.checks import short
from labkit.checks.calls import JSON
from labkit.checks.contract import contract
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab02_endpoint.describe_mistakes import MISTAKES
from labkit.exercises.lab02_endpoint.sent import (
    ABOUT_ADDRESSES,
    BODY,
    FIELDS,
    FORGED,
    FORM,
    MULTIPART,
    NO_FORM,
    OVERRIDES,
    PARTS,
    URLENCODED,
    USUAL,
    Sent,
)

CONTRACT = contract("""
    keys: Return a dictionary with the keys "method", "path", "user_agent",
        "content_type", "address" and "body" that describes a Flask request.
    method: The method is as it was sent, such as "POST".
    path: The path is without the query (the part from `?` on), such as "/webhooks".
    user_agent: The user agent is the header User-Agent as a string; None or "" if it is
        missing.
    content_type: The content type is the header Content-Type as it was sent; None or ""
        if it is missing.
    address: The address is where the connection came from, whatever the headers say.
    body: The body is the raw body: all of its bytes, even if the body is a form.
    after: Code that reads the body afterwards can still read it.
    open: The check does not test additional keys, or methods and paths with unusual
        characters.
""")


def _trials() -> Iterator[Trial]:
    yield _trial("keys", Sent(BODY, USUAL))
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        yield _trial("method", Sent(BODY, USUAL, method=method))
    for name in OVERRIDES:
        yield _trial("method", Sent(BODY, {**USUAL, name: "DELETE"}))
    yield _trial("method", Sent(b"_method=PUT", {**FORM, "User-Agent": "hook"}))
    yield _trial("method", Sent(BODY, USUAL, query="_method=PUT"))
    for path in ("/webhooks", "/Hooks/push/", "/", "/a", "/webhooks/payment-success"):
        yield _trial("path", Sent(BODY, USUAL, path))
        for query in ("attempt=2", "a=1&next=/x?y", "x"):
            yield _trial("path", Sent(BODY, USUAL, path, query))
    for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"):
        yield _trial("path", Sent(BODY, {**USUAL, name: "/admin"}))
    for agent in ("hook", "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "A b/C d"):
        yield _trial("user_agent", Sent(BODY, {**JSON, "User-Agent": agent}))
    yield _trial("user_agent", Sent(BODY, JSON), "without the header User-Agent")
    for kind in (
        "application/json; charset=UTF-8",
        "Application/JSON;charset=utf-8",
        "text/plain",
        "application/vnd.shop.v2+json",
        'multipart/form-data; boundary="A b"',
        "nonsense",
    ):
        headers = {"User-Agent": "hook", "Content-Type": kind, "Accept": "text/html"}
        yield _trial("content_type", Sent(b"{}", headers))
    for body in (b"ping", b""):
        sent = Sent(body, {"User-Agent": "hook", "Accept": "*/*"})
        yield _trial("content_type", sent, "without the header Content-Type")
    yield _trial("user_agent", Sent(b"{}", JSON), "without the header User-Agent")
    yield from _addresses()
    yield from _bodies()
    for headers, body in ((JSON, BODY), (FORM, URLENCODED), (PARTS, MULTIPART)):
        yield _trial("after", Sent(body, {**headers, "User-Agent": "hook"}))
    yield _trial("after", Sent(BODY, USUAL, chunked=True))


def _addresses() -> Iterator[Trial]:
    """Yield addresses of connections, with headers that state another one."""
    for address in ("203.0.113.7", "2001:db8::7", "127.0.0.1", "198.51.100.1"):
        yield _trial("address", Sent(BODY, USUAL, address=address))
    forged = dict.fromkeys(ABOUT_ADDRESSES, FORGED)
    yield _trial("address", Sent(BODY, {**USUAL, **forged}))
    for name in ABOUT_ADDRESSES:
        yield _trial("address", Sent(BODY, {**USUAL, name: f"{FORGED}, 10.0.0.1"}))
    yield _trial("address", Sent(BODY, {**USUAL, "Forwarded": f"for={FORGED};by=x"}))
    for proxy in ("127.0.0.1", "10.0.0.1", "192.168.0.1", "::1"):
        yield _trial("address", Sent(BODY, {**USUAL, **forged}, address=proxy))


def _bodies() -> Iterator[Trial]:
    """Yield bodies of all kinds; each of them must be described byte for byte."""
    for body in (
        BODY,
        b' { "b": 1,  "a": "\\u00e9", "b": 1.0 }\n',
        '{"name": "Zoë 李雷"}'.encode(),
        b'{"name": "Zo\xeb"}',
        b"",
        b"\r\n\t {} \0 \r\n",
        b"\xef\xbb\xbf{}",
        bytes(range(256)),
        b"no JSON at all",
        b'{"id": "evt_1',
        b"[1, 2]",
        b'{"a": "' + b"x" * 100_000 + b'"}',
        b"y" * (1024 * 1024 + 1),
    ):
        yield _trial("body", Sent(body, USUAL))
    yield _trial("body", Sent(BODY, USUAL, chunked=True))
    for coding, body in (
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
        ("gzip", BODY),
        ("br", b"\x8b\x01\x80{}\x03"),
        ("base64", b"e30="),
    ):
        yield _trial("body", Sent(body, {**USUAL, "Content-Encoding": coding}))
    for headers, body in (
        (FORM, URLENCODED),
        (PARTS, MULTIPART),
        (FORM, b"note=caf%E9&raw=\xe9"),
        ({}, NO_FORM[0]),
        ({"Content-Type": "text/plain"}, NO_FORM[1]),
    ):
        yield _trial("body", Sent(body, {**headers, "User-Agent": "hook"}))
    yield _trial("body", Sent(b"q=1", USUAL, method="GET"))


def _trial(look: str, sent: Sent, note: str = "") -> Trial:
    return Trial(look, {"look": look, "sent": sent}, note)


class _Described:
    """Observes what a solution returns for a request, and what it leaves of the body.

    What is compared is the field in `look`; with "keys" the missing keys, with "after"
    the body that later code reads. The `result` is the whole dictionary.
    """

    def show(self, fields: Fields) -> str:
        """Return the request."""
        after = "\nafter describe(request): request.get_data()"
        return f"{fields['sent']}{after if fields['look'] == 'after' else ''}"

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution within the request."""
        look, sent = fields["look"], fields["sent"]
        with sent.arrive():
            seen = outcome(lambda: solution(flask.request), lambda value: value)
            if look == "after":
                left = outcome(flask.request.get_data, exactly)
                return replace(left, result=seen.result)
        if seen.error is not None or seen.value == "coroutine":
            return seen
        if not isinstance(seen.result, Mapping):
            return replace(seen, value=("no dictionary", exactly(seen.result)))
        if look == "keys":
            missing = [name for name in FIELDS if name not in seen.result]
            lacks = f"a dictionary without {', '.join(missing)}"
            text = lacks if missing else "a dictionary with the six keys"
            return replace(seen, value=missing, text=text)
        if look not in seen.result:
            return replace(seen, value=None, text=f"a dictionary without {look!r}")
        value = seen.result[look]
        normal = _text(value, sent.described[look])
        return replace(seen, value=[normal], text=f"{look!r}: {short(value)}")


def _text(value: Any, wanted: Any) -> Any:
    """Return a value in the form that is compared: any str counts as a string."""
    if wanted is None and value == "":
        return exactly(None)
    return exactly(str(value) if isinstance(value, str) else value)


DESCRIBE = judged(
    id="2.2",
    lab="02_endpoint",
    wants="describe(request) -> dict",
    hints=(
        (
            "Each of the six fields is one attribute or one method of the request. "
            "In a new cell, write `from flask import Request` and run it. Then write "
            "`Request.` and press Tab to see all of them."
        ),
        (
            "method, path and content_type are attributes of that name. The address "
            "of the sender is remote_addr; headers.get(name) reads a header."
        ),
        (
            "get_data() returns the body. Without arguments it returns bytes and "
            "keeps them for the code that reads next."
        ),
    ),
    contract=CONTRACT,
    space=Space({"look": "keys", "sent": Sent(BODY, USUAL)}, _trials),
    observer=_Described(),
    mistakes=MISTAKES,
)
