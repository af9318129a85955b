"""Exercise 4.3: make_app(secret, process) -> Flask."""

import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import flask

from labkit.checks import short
from labkit.checks.callbacks import A_WHILE, Callbacks
from labkit.checks.calls import JSON, AppCaller
from labkit.checks.contract import contract, numbered
from labkit.checks.observing import RAISES, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.checks.steps import (
    NO_APP,
    PATIENCE,
    App,
    Fail,
    MakeAnother,
    Post,
    status_class,
)
from labkit.exercises.lab04_signatures.digests import (
    AS_TEXT,
    RESERIALISED,
    STRIPPED,
    digest_of,
    signature_of,
)
from labkit.exercises.lab04_signatures.receive_mistakes import MISTAKES, REFUSED
from labkit.exercises.lab04_signatures.signed_requests import OTHER_SECRET, SECRET, WAYS
from labkit.exercises.lab04_signatures.wrong_signers import SIGNER, rewritten
from labkit.exercises.verifiers import comparison, flipped
from labkit.samples import contacts, payments, pushes

HEADER = "X-Webhook-Signature"

CONTRACT = contract("""
    given: Return a Flask app that receives events at POST /webhooks.
    given: `secret` is bytes. A request is authentic if its header X-Webhook-Signature
        is sign(secret, body) from exercise 4.1.
    authentic: If the request is authentic, call `process(event)` once, with the JSON
        object of the body as a dictionary, and then respond with a 2xx.
    forged: If the request is not authentic, respond with 401 (400 or 403 is also
        accepted) and do not call `process`.
    unsigned: The same holds if the signature is missing or empty.
    bytes: The signature is valid only for exactly the bytes of the body.
    order: Parse the body only if its signature is valid.
    garbage: The header may contain any text.
    again: Treat each request in this way, whatever came before it.
    apps: Each app that `make_app` returns uses its own `secret` and `process`.
    unreadable: If the request is authentic but its body is not JSON, respond with 400
        (another 4xx is also accepted) and do not call `process`.
    failure: If `process` raises an exception, respond with a 5xx, and do not call it
        again.
    no-secret: If `secret` is empty, no request is authentic; `make_app` may also raise
        an exception.
    timing: The comparison of the signatures takes the same time, wherever they differ.
    open: The check does not test other paths, methods or content types, queries,
        signatures in upper case, secrets that are not UTF-8 or have white space around
        them, bodies of more than 64 KiB, JSON that is nested too deeply for Python to
        read or is not an object with id, event, created_at and data, exception classes
        from Flask or json that process raises, SystemExit, or a process that returns a
        value or takes half a second or more.
""")

BODY = payments(1)[0].body
SPACED = (
    b'{ "data": {"order_id":"A-7"},\r\n "created_at" : 1767225600, '
    b'"event":"payment.succeeded", "id":"evt_7", "note": "Zo\\u00eb", '
    b'"rate": 0.50, "large": 12345678901234567890, '
    b'"gone": null, "more": [1, null, true, {}]}\n'
)
UNESCAPED = (
    '{"id": "evt_8", "event": "push", "created_at": 1767225600, '
    '"data": {"author": "Zoë"}}'
).encode()
NO_TEXT = b'{"id": "evt_9", "event": "push", "data": {"author": "Zo\xeb"}}'


_RIGHT = "the right signature"


class _Odd(Exception):
    """An exception that no code expects."""


_ERRORS: Sequence[Callable[[], Exception]] = (
    lambda: RuntimeError("the printer for the labels is offline"),
    lambda: KeyError("order_id"),
    lambda: ValueError("no such order"),
    lambda: TypeError("an amount is not a string"),
    lambda: OSError("disk full"),
    TimeoutError,
    AssertionError,
    _Odd,
)


def _post(
    body: bytes,
    signature: str | None = _RIGHT,
    *,
    secret: bytes = OTHER_SECRET,
    name: str = HEADER,
    note: str = "",
    app: int = 0,
) -> Post:
    """Return a request; by default its signature is right, and None leaves it out."""
    value = signature_of(secret, body) if signature == _RIGHT else signature
    headers = JSON if value is None else {**JSON, name: value}
    return Post(body, headers, note=note, app=app)


def _trial(sentence: str, kind: str, *steps: Any, **more: Any) -> Trial:
    return Trial(sentence, {"kind": kind, "steps": list(steps)}, **more)


def _trials() -> Iterator[Trial]:
    yield from _authentic()
    yield from _forged()
    yield from _bytes()
    yield from _sequences()
    for body in (b"hello", b"", b'{"id": "evt_1"', b'{"id": "Zo\xeb"}', b"{'id': 1}"):
        yield _trial("unreadable", "unreadable", _post(body), also=_refused)
    for error in _ERRORS:
        yield _trial("failure", "failure", Fail(error), _post(BODY))
    yield _trial("failure", "failed", Fail(_ERRORS[0]), _post(BODY), _post(BODY))
    for signature in (signature_of(b"", BODY), "sha256=", None):
        step = _post(BODY, signature, note="the secret is empty")
        changes = {"kind": "no secret", "steps": [step], "secret": b""}
        yield Trial("no-secret", changes, also=_not_acknowledged)
    yield Trial("timing", {"kind": "timing", "timing": True})
    yield from _probes()


def _authentic() -> Iterator[Trial]:
    """Yield authentic requests, and two apps."""
    for event in (*payments(3), *contacts(1), *pushes(1)):
        yield _trial("authentic", "authentic", _post(event.body))
    slow = {"kind": "slow"}
    yield Trial("authentic", slow, "process takes a while to return")
    for secret in (b"Two Words", "Geheimnis-ä".encode(), b"K" * 200):
        changes = {"secret": secret, "steps": [_post(BODY, secret=secret)]}
        yield Trial("authentic", {"kind": "secrets", **changes})
    large = BODY[:-1] + b', "note": "' + b"x" * 40_000 + b'"}'
    yield _trial("authentic", "authentic", _post(large))
    here, there = _post(BODY), _post(BODY, secret=SECRET, app=1)
    for steps in ([here, there], [MakeAnother(), here, there, here]):
        yield _trial("apps", "apps", *steps)
    other = _post(BODY, app=1, note="signed with the secret of the first app")
    yield _trial("apps", "apps", MakeAnother(), other)


def _forged() -> Iterator[Trial]:
    """Yield requests whose signature is wrong, missing or malformed."""
    right = signature_of(OTHER_SECRET, BODY)
    for body, signature, note in (
        (BODY, signature_of(b"guessed", BODY), "signed with another secret"),
        (BODY.replace(b"13706", b"73706"), right, "the amount was changed"),
        (BODY[:-1], right, "the last byte of the body is cut off"),
        (BODY, right[:40], "the signature is cut short"),
        (BODY, flipped(right, -1), "the last digit is wrong"),
        (BODY, right[:7] + right[:6:-1], "the digits are in reverse order"),
        (b"", right, "the body is empty"),
    ):
        yield _trial("forged", "forged", _post(body, signature, note=note))
    bare = _post(BODY, right[7:], note="the prefix is missing")
    yield _trial("forged", "prefix", bare)
    yield _trial("forged", "zeros", _post(BODY, "sha256=" + "0" * 64))
    push = pushes(1)[0].body
    yield _trial("forged", "forged", _post(push, signature_of(b"guessed", push)))
    yield _trial("unsigned", "missing", _post(BODY, None))
    for signature in ("", " ", "sha256="):
        yield _trial("unsigned", "empty", _post(BODY, signature))
    for signature in (
        *("sha256=" + "z" * 64, "sha256", "md5=00", "=", "0" * 5000),
        *("sha256=" + "é" * 64, "é", right + ", " + right),
    ):
        yield _trial("garbage", "garbage", _post(BODY, signature))
    yield _trial("garbage", "prefix", _post(BODY, "sha1=" + right[7:]))
    yield _trial("garbage", "suffix", _post(BODY, right + "0"))


def _bytes() -> Iterator[Trial]:
    """Yield bodies that a program might read or write in another way."""
    for body in (SPACED, UNESCAPED):
        yield _trial("bytes", "spelled", _post(body))
        for other in rewritten(body, RESERIALISED, STRIPPED):
            yield _signed_as(body, other, "other bytes")
    for other in rewritten(NO_TEXT, AS_TEXT):
        yield _signed_as(NO_TEXT, other, "no text")
    guessed = signature_of(b"guessed", BODY)
    yield _trial("order", "order", _post(BODY, guessed, note="with another secret"))
    yield _trial("order", "order", _post(b"[" * 50_000, guessed))


def _signed_as(body: bytes, other: bytes, kind: str) -> Trial:
    note = f"the signature of {short(other, 60)}"
    return _trial(
        "bytes", kind, _post(body, signature_of(OTHER_SECRET, other), note=note)
    )


def _sequences() -> Iterator[Trial]:
    """Yield several requests to one app."""
    right, bad = _post(BODY), _post(BODY, "sha256=" + "1" * 64)
    yield _trial("again", "again", right, right)
    yield _trial("again", "again", right, _post(SPACED))
    yield _trial("again", "fields", _post(SPACED), right)
    forged = (_post(BODY, f"sha256={number:064x}") for number in range(50))
    yield _trial("again", "again", *forged, right)
    yield _trial("again", "again", _post(BODY, None), bad, right)
    yield _trial("again", "replaced", right, bad)
    changed = BODY.replace(b"13706", b"73706")
    same = _post(changed, signature_of(OTHER_SECRET, BODY), note="the same signature")
    yield _trial("again", "replaced", right, same)
    yield _trial("again", "again", same, right)


def _probes() -> Iterator[Trial]:
    """Yield requests that are signed in the usual wrong ways."""
    for name in ("X-Signature", "X-Hub-Signature-256", "Webhook-Signature"):
        yield probe({"kind": "other header", "steps": [_post(BODY, name=name)]})
    for body in (BODY, SPACED):
        for mistake, wrong in SIGNER.wrong(WAYS, OTHER_SECRET, body):
            steps = [_post(body, wrong)]
            yield probe({"kind": "way", "steps": steps, "way": mistake.id})


def _generate(rng: random.Random) -> Trial:
    steps: list[Any] = []
    for _ in range(rng.randint(1, 4)):
        event = rng.choice((*payments(3), *pushes(2)))
        right = signature_of(OTHER_SECRET, event.body)
        wrong = flipped(right, rng.randrange(7, len(right)), rng.randrange(1, 16))
        steps.append(_post(event.body, rng.choice((right, right, wrong, None))))
        if rng.random() < 0.2:
            steps.insert(-1, Fail(rng.choice(_ERRORS)))
    return _trial("again", "generated", *steps)


def _refused(value: Any) -> bool:
    """Accept another 4xx, with no call of process."""
    response, effects = value[-1]
    return isinstance(response, tuple) and response[0] == "4xx" and not effects


def _not_acknowledged(value: Any) -> bool:
    """Accept an exception of make_app, and every response but a 2xx."""
    if value[0] == RAISES:
        return True
    if value == NO_APP or not isinstance(value[-1][0], tuple):
        return False
    (status, _), effects = value[-1]
    return status != "2xx" and not effects


class _Shop(Callbacks):
    """A world that also notes whether the body of a request was parsed as JSON."""

    def __init__(self, secret: bytes, watched: Sequence[bytes], *, slow: bool) -> None:
        def arguments(world: Callbacks, app: int) -> list[Any]:
            name = "process of the second app" if app else "process"
            called = world.callback(name)

            def process(event: Any) -> Any:
                return called(event)

            process.__qualname__ = name  # a learner reads it in a TypeError
            return [SECRET if app else secret, process]

        patience = PATIENCE if slow else 0.02
        super().__init__(arguments, slow=slow, hold=A_WHILE, patience=patience)
        self._watched = watched
        self.parsed: list[Any] = []

    def effects(self) -> Sequence[Any]:
        """Return the calls, and a note if a watched body was parsed."""
        read = [
            each.encode() if isinstance(each, str) else each for each in self.parsed
        ]
        found = any(body in read for body in self._watched)
        self.parsed.clear()
        return [*super().effects(), *([("parsed",)] if found else [])]


@contextmanager
def _world(fields: Fields) -> Iterator[_Shop]:
    watched = (
        [step.body for step in fields["steps"]] if fields["kind"] == "order" else []
    )
    shop = _Shop(fields["secret"], watched, slow=fields["kind"] == "slow")
    mine, kept = threading.get_ident(), json.JSONDecoder.decode

    def decode(self: json.JSONDecoder, s: str, *args: Any) -> Any:
        if threading.get_ident() == mine:
            shop.parsed.append(s)
        return kept(self, s, *args)

    json.JSONDecoder.decode = decode  # type: ignore[assignment,method-assign]
    try:
        yield shop
    finally:
        json.JSONDecoder.decode = kept  # type: ignore[method-assign]


def _status(status: int) -> str:
    return REFUSED if status in (400, 401, 403) else status_class(status)


def _effects(effects: Sequence[Any]) -> Any:
    """Return the calls, each with a form of its argument; a subclass counts as dict."""
    return tuple(
        (name, *(exactly(dict(v) if isinstance(v, dict) else v) for v in what))
        for name, *what in effects
    )


class _Receiver(App):
    """Observes the app; in a trial of the timing, how it compares signatures."""

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Take the steps, or send signatures and watch the comparison."""
        if not fields["timing"]:
            return super().observe(solution, fields)
        app = solution(OTHER_SECRET, lambda _: None)
        if not isinstance(app, flask.Flask):
            return Seen(NO_APP, f"make_app returned {short(app, 80)}")
        caller = AppCaller(app)

        def ask(signature: str) -> object:
            return caller.send(BODY, {**JSON, HEADER: signature}).acknowledged

        return comparison(solution, ask, digest_of(OTHER_SECRET, BODY))


EXERCISE = judged(
    id="4.3",
    lab="04_signatures",
    wants="make_app(secret, process) -> Flask",
    contract=CONTRACT,
    space=Space(
        {
            "kind": "authentic",
            "steps": [_post(BODY)],
            "secret": OTHER_SECRET,
            "timing": False,
            "way": "",
        },
        _trials,
        _generate,
        many=40,
    ),
    observer=_Receiver(_world, _status, _effects),
    mistakes=MISTAKES,
    hints=numbered("""
        1: The order is: raw body, signature, parse, work. A failed step ends it.
        2: request.get_data() is the raw body; request.headers.get(…) may give None.
        3: json.loads raises ValueError for an invalid body. Catch it only there.
    """),
)
