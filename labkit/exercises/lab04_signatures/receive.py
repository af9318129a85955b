"""Exercise 4.3: make_app(secret, process) -> Flask."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.checks.calls import JSON, Answered, AppCaller, shown
from labkit.errors import BadSecret
from labkit.exercises.lab04_signatures.asking import of_types, takes
from labkit.exercises.lab04_signatures.digests import (
    AS_TEXT,
    INVERTED,
    PLAINLY_WRONG,
    accepted_instead,
    digest_of,
    reserialised,
    signature_of,
    through_text,
)
from labkit.exercises.lab04_signatures.mistakes import (
    EMPTY_SECRET,
    EQUALS,
    FALLBACK,
    MISSING_ACCEPTED,
    NO_HEADER,
    STOPS,
)
from labkit.exercises.lab04_signatures.verify import OTHER_SECRET, SECRET
from labkit.running.tracked import compares_at_once, stops_early
from labkit.samples import payments

WANTS = "make_app(secret, process) -> Flask"
HEADER = "X-Webhook-Signature"
REFUSALS = (400, 401, 403)

OTHER_PATH = Mistake(
    "other-path",
    "Your app has no route for /webhooks, so every delivery gets a 404.",
    'Write the route as @app.post("/webhooks").',
)
OTHER_METHOD = Mistake(
    "answers-another-method",
    "Your route does not accept POST, but a webhook is a POST.",
    'Use @app.post("/webhooks"), or methods=["POST"].',
)
OTHER_HEADER = Mistake(
    "reads-another-header",
    "Your code looks for the signature in another header.",
    "Read the header X-Webhook-Signature.",
)
NEVER = Mistake(
    "acknowledged-not-processed",
    (
        "Your code acknowledges the event without calling process. The sender does "
        "not send it again, so it is lost."
    ),
    "Call process(event) before you respond.",
)
TWICE = Mistake(
    "processes-twice",
    (
        "Your code calls process more than once for one request. That is a second "
        "parcel for one payment."
    ),
    "Call process in only one place.",
)
NO_DICT = Mistake(
    "process-gets-no-dict",
    "Your code does not pass a dictionary to process.",
    "Parse the body after it is verified, and pass the result.",
)
OTHER_EVENT = Mistake(
    "process-gets-something-else",
    "Your code passes something else to process than the event that arrived.",
    "Pass the whole event: id, event, created_at and data.",
)
KEEPS_STATE = Mistake(
    "keeps-state",
    (
        "Your code rejected a legitimate request after other requests. Something of "
        "an earlier request is kept, such as an HMAC object or a list."
    ),
    "Compute everything from the current request.",
)
SHARED = Mistake(
    "apps-share-state",
    (
        "Two apps share a secret in your code. After a second app was made, the first"
        " one uses the secret of the second."
    ),
    "Let the route use make_app's own arguments instead of a global variable.",
)
FORGED = Mistake(
    "forgery-processed",
    (
        "Your code passed a forged request to process. Anyone who knows the address "
        "can get a parcel."
    ),
    "Follow this request through your code: which line should have rejected it?",
)
AFTER = Mistake(
    "checks-after-the-work",
    (
        "Your code calls process before it checks the signature. The response rejects"
        " the request, but the work is done."
    ),
    "Check the signature before anything else.",
)
ACKNOWLEDGES = Mistake(
    "acknowledges-what-it-refused",
    (
        "Your code acknowledges a request that it did not process. If your own secret"
        " is wrong, every event is lost without an error."
    ),
    "Respond with 401 if the request is not authentic.",
)
FORGERY_IS_500 = Mistake(
    "forgery-is-a-500",
    (
        "Your code raises an exception for a forged request. Anyone can cause a 500, "
        "and the log fills with errors that mean nothing."
    ),
    "Let verify return False for it, and respond with 401.",
)
OTHER_STATUS = Mistake(
    "other-status",
    (
        "Your code rejects the request with another status. The sender cannot tell "
        "that the signature was wrong."
    ),
    "Respond with 400, 401 or 403 if a request is not authentic.",
)
PARSES_FIRST = Mistake(
    "parses-before-verifying",
    (
        "Your code parses the body before it is verified. An attacker who finds a "
        "body that breaks the parser needs no secret."
    ),
    "Read the raw body, check the signature, and only then parse.",
)
UNREADABLE_IS_500 = Mistake(
    "unreadable-is-a-500",
    (
        "Your code responds with 500 if the body is not valid JSON. The sender then "
        "retries the same body for days."
    ),
    "Respond with 400 if parsing raises a ValueError.",
)
UNREADABLE_ACKNOWLEDGED = Mistake(
    "unreadable-acknowledged",
    (
        "Your code acknowledges a body that it cannot parse. Nobody will ever look at"
        " the lost event."
    ),
    "Respond with 400.",
)
LOSES = Mistake(
    "acknowledges-what-failed",
    (
        "Your code acknowledges the event although process raised an exception. The "
        "work is not done, and the sender does not send the event again."
    ),
    "Let the exception out: Flask turns it into a 500, and the sender retries.",
)
OWN_FAULT = Mistake(
    "own-failure-is-a-4xx",
    (
        "Your code responds with a 4xx if process raises an exception. A 4xx means "
        "that the request is wrong, and many senders do not retry after it."
    ),
    "Put only the parsing into the `try`, and call process(event) after it.",
)
TRIES_AGAIN = Mistake(
    "tries-again-itself",
    (
        "Your code calls process again after it raised an exception. What it did "
        "before the failure is then done twice."
    ),
    "Call process once, and leave retries to the sender.",
)
TAKES_TEXT = Mistake(
    "the-kits-tool-takes-text",
    (
        "Your code uses the kit's own verify, which takes secrets as strings. Your "
        "make_app gets bytes."
    ),
    "Use the verify that you wrote in exercise 4.2.",
)
WHY = "Only what was signed with your secret is an event; everything else is noise."


SPACED = (
    b'{ "data": {"order_id":"A-7"},\r\n "created_at" : 1767225600, '
    b'"event":"payment.succeeded", "id":"evt_7", "note": "Zo\\u00eb" }\n'
)
UNESCAPED = (
    '{"id": "evt_8", "event": "push", "created_at": 1767225600, '
    '"data": {"author": "Zoë"}}'
).encode()

NO_TEXT = b'{"id": "evt_9", "event": "push", "data": {"author": "Zo\xeb"}}'


class Shop:
    """A learner's app with a `process` that notes what it is given, and may raise."""

    def __init__(
        self,
        make_app: Callable[..., Any],
        ask: Question,
        secret: bytes = SECRET,
        *,
        raises: Exception | None = None,
    ) -> None:
        self.calls: list[Any] = []
        self.secret = secret
        self._raises = raises
        takes(WANTS, make_app, secret, self._process)
        self._bench = AppCaller.set_up(ask, make_app, secret, self._process)

    def _process(self, event: Any) -> None:
        self.calls.append(event)
        if self._raises is not None:
            raise self._raises

    def send(self, letter: "Letter") -> Answered:
        """Send one request."""
        return self._bench.send(letter.body, letter.headers)


@dataclass(frozen=True, slots=True)
class Letter:
    """A body and its signature header, or None for no header.

    `note` says in a few words what is wrong with it.
    """

    body: bytes
    signature: str | None
    name: str = HEADER
    note: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers."""
        if self.signature is None:
            return JSON
        return {**JSON, self.name: self.signature}

    def question(self, expected: str, try_next: str) -> Question:
        """Return what a verdict says about sending this."""
        sent = "POST /webhooks\n" + shown(self.body, self.headers)
        if self.note:
            sent += f"\n({self.note})"
        return Question(sent=sent, expected=expected, why=WHY, try_next=try_next)


def processes_the_sender(make_app: Callable[..., Any]) -> None:
    """An authentic event is acknowledged and reaches process, once, as a dictionary."""
    # Not the notebook's secret: whoever uses that one in its place is told so here.
    shop = _shop(make_app, OTHER_SECRET)
    for event in payments(3):
        _must_process(shop, _signed(event.body, OTHER_SECRET))


def keeps_apps_apart(make_app: Callable[..., Any]) -> None:
    """Two apps with two secrets do not know each other."""
    body = payments(1)[0].body
    one = _shop(make_app)
    other = _shop(make_app, OTHER_SECRET)
    for shop, secret in ((one, SECRET), (other, OTHER_SECRET)):
        _must_process(shop, _signed(body, secret), SHARED)


def refuses_forgeries(make_app: Callable[..., Any]) -> None:
    """What is forged, changed or cut short is refused and never reaches process."""
    shop = _shop(make_app)
    body = payments(1)[0].body
    right = signature_of(SECRET, body)
    for letter in (
        _signed(body, b"guessed", "signed with another secret"),
        Letter(body.replace(b"13706", b"73706"), right, note="the amount was changed"),
        Letter(body[:-1], right, note="the last byte of the body is cut off"),
        Letter(body, right[:40], note="the signature is cut short"),
        Letter(body, right[:-1] + "0", note="the last digit is wrong"),
        Letter(body, right[7:], note="the prefix is missing"),
    ):
        _must_refuse(shop, letter, FORGED)


def refuses_the_unsigned(make_app: Callable[..., Any]) -> None:
    """What has no signature is refused and never reaches process."""
    shop = _shop(make_app)
    for signature in (None, "", "sha256="):
        letter = Letter(payments(1)[0].body, signature)
        _must_refuse(shop, letter, MISSING_ACCEPTED)


def takes_bytes_as_they_came(make_app: Callable[..., Any]) -> None:
    """An event counts as it was written: spaces, order of keys, escapes, line ends."""
    shop = _shop(make_app)
    for body in (SPACED, UNESCAPED):
        _must_process(shop, _signed(body))
        for other in (*reserialised(body), body.strip()):
            if other != body:
                note = f"the signature of {short(other, 60)}"
                letter = Letter(body, signature_of(SECRET, other), note=note)
                _must_refuse(shop, letter, FALLBACK)
    for other in through_text(NO_TEXT):
        note = f"the signature of {short(other, 60)}"
        letter = Letter(NO_TEXT, signature_of(SECRET, other), note=note)
        _must_refuse(shop, letter, AS_TEXT)


def verifies_before_parsing(make_app: Callable[..., Any]) -> None:
    """Nothing is parsed before it is verified."""
    shop = _shop(make_app)
    letter = _signed(payments(1)[0].body, b"guessed", "signed with another secret")
    with _parsed() as texts:
        _must_refuse(shop, letter, FORGED)
    if letter.body.decode() in texts:
        ask = letter.question("401, and the body unread", PARSES_FIRST.try_next)
        ask.fail("a refusal, after the body had been parsed as JSON", PARSES_FIRST)


def refuses_garbage(make_app: Callable[..., Any]) -> None:
    """Garbage in the header is refused like any wrong signature."""
    shop = _shop(make_app)
    body = payments(1)[0].body
    right = signature_of(SECRET, body)
    for signature in (
        "sha256=" + "z" * 64,
        right + "0",
        "sha256",
        "md5=00",
        "=",
        "0" * 5000,
        "sha256=" + "é" * 64,
        "é",
    ):
        _must_refuse(shop, Letter(body, signature), FORGED)


def survives_forgeries(make_app: Callable[..., Any]) -> None:
    """After many forgeries an authentic event is still accepted."""
    shop = _shop(make_app)
    body = payments(1)[0].body
    for number in range(50):
        _must_refuse(shop, Letter(body, f"sha256={number:064x}"), FORGED)
    _must_process(shop, _signed(body), KEEPS_STATE)


def refuses_what_is_no_json(make_app: Callable[..., Any]) -> None:
    """What is authentic and no JSON is answered 400, and never reaches process."""
    for body in (b"hello", b"", b'{"id": "evt_1"', b'{"id": "Zo\xeb"}'):
        shop = _shop(make_app)
        letter = _signed(body)
        ask = letter.question(
            "400 (or another 4xx), and no call of process", UNREADABLE_IS_500.try_next
        )
        answered = shop.send(letter)
        if shop.calls:
            ask.fail(f"{answered}, and process got {short(shop.calls[0])}", NO_DICT)
        if answered.status >= 500:
            ask.fail(str(answered), UNREADABLE_IS_500, lines=answered.lines)
        if not 400 <= answered.status < 500:
            ask.fail(str(answered), UNREADABLE_ACKNOWLEDGED)


def fails_when_process_fails(make_app: Callable[..., Any]) -> None:
    """When process raises, the answer is 5xx, so that the event comes again."""
    for error in (
        RuntimeError("the printer for the labels is offline"),
        KeyError("order_id"),
        ValueError("no such order"),
    ):
        shop = _shop(make_app, raises=error)
        ask = _signed(payments(1)[0].body).question(
            "5xx, after one call of process",
            "What becomes of an exception of process in your lines?",
        )
        ask = replace(ask, sent=f"{ask.sent}\n(process raises {error!r})")
        answered = shop.send(_signed(payments(1)[0].body))
        if answered.acknowledged:
            ask.fail(str(answered), LOSES)
        if len(shop.calls) > 1:
            calls = f"{answered}, and process called {len(shop.calls)} times"
            ask.fail(calls, TRIES_AGAIN)
        if answered.status < 500:
            ask.fail(str(answered), OWN_FAULT)


def needs_a_secret(make_app: Callable[..., Any]) -> None:
    """With an empty secret nothing is authentic."""
    letter = _signed(payments(1)[0].body, b"", "signed with the empty secret")
    calls: list[Any] = []
    # To raise is sound as well: without a secret the receiver is not set up.
    app = quietly(make_app, b"", calls.append)
    if isinstance(app, BaseException):
        return
    answered = AppCaller(app).send(letter.body, letter.headers)
    if calls or answered.acknowledged:
        ask = letter.question("401, or an error at make_app(b'', …)", "")
        ask.fail(str(answered), EMPTY_SECRET)


def takes_its_time(make_app: Callable[..., Any]) -> None:
    """The comparison takes as long for a wrong first digit as for a wrong last one."""
    shop = _shop(make_app)
    body = payments(1)[0].body
    digest = digest_of(SECRET, body)

    def ask(signature: str) -> object:
        return shop.send(Letter(body, signature))

    question = Letter(body, "sha256=" + "0" * 64).question(
        "a comparison that looks at all of it, whatever it finds", EQUALS.try_next
    )
    if compares_at_once(make_app, ask, digest):
        question.fail("a comparison that ends at the first difference", EQUALS)
    if stops_early(make_app, ask, digest):
        question.fail("fewer steps when the difference comes sooner", STOPS)


def _shop(
    make_app: Callable[..., Any],
    secret: bytes = SECRET,
    *,
    raises: Exception | None = None,
) -> Shop:
    ask = Question(
        sent=f"make_app({secret!r}, process)",
        expected="a Flask app",
        why=WHY,
        try_next="Nothing is sent yet: make_app only builds the app and returns it.",
    )
    return Shop(make_app, ask, secret, raises=raises)


def _signed(body: bytes, secret: bytes = SECRET, note: str = "") -> Letter:
    return Letter(body, signature_of(secret, body), note=note)


def _must_process(shop: Shop, letter: Letter, refused: Mistake | None = None) -> None:
    """End the case unless the event is processed once and acknowledged."""
    ask = letter.question(
        "2xx, and process called once, with the event as a dictionary",
        "Make the signature of this body yourself, and look at both.",
    )
    before = len(shop.calls)
    answered = shop.send(letter)
    calls = shop.calls[before:]
    if answered.status == 404:
        ask.fail(str(answered), OTHER_PATH)
    if answered.status == 405:
        ask.fail(str(answered), OTHER_METHOD)
    if answered.error is not None:
        mistake = _explained(answered.error) or _refused_why(shop, letter)
        ask.fail(str(answered), mistake, lines=answered.lines)
    if not answered.acknowledged:
        late = refused or (KEEPS_STATE if before else None)
        ask.fail(str(answered), _refused_why(shop, letter) or late)
    if not calls:
        ask.fail(f"{answered}, and no call of process", NEVER)
    if len(calls) > 1:
        ask.fail(f"{answered}, and process called {len(calls)} times", TWICE)
    if not isinstance(calls[0], dict):
        ask.fail(f"{answered}, and process got {short(calls[0])}", NO_DICT)
    if calls[0] != json.loads(letter.body):
        ask.fail(f"{answered}, and process got {short(calls[0])}", OTHER_EVENT)


def _must_refuse(shop: Shop, letter: Letter, accepted: Mistake) -> None:
    """End the case unless it is answered 400, 401 or 403, with nothing done."""
    ask = letter.question(
        "401 (or 400, 403), and no call of process",
        "Which line of yours should have sent this away?",
    )
    before = len(shop.calls)
    answered = shop.send(letter)
    refused = answered.status in REFUSALS
    if shop.calls[before:]:
        ask.fail(f"{answered}, and process was called", AFTER if refused else accepted)
    if answered.status >= 500:
        missing = letter.signature is None and isinstance(answered.error, KeyError)
        mistake = NO_HEADER if missing else FORGERY_IS_500
        ask.fail(str(answered), mistake, lines=answered.lines)
    if answered.acknowledged:
        ask.fail(f"{answered}, and no call of process", ACKNOWLEDGES)
    if not refused:
        ask.fail(str(answered), OTHER_STATUS)


def _explained(error: BaseException) -> Mistake | None:
    return TAKES_TEXT if isinstance(error, BadSecret) else of_types(error)


def _refused_why(shop: Shop, letter: Letter) -> Mistake | None:
    """Return the mistake behind the refusal of a right request, or None."""
    if shop.send(Letter(letter.body, PLAINLY_WRONG)).acknowledged:
        return INVERTED
    for name in ("X-Signature", "X-Hub-Signature-256", "Webhook-Signature"):
        if shop.send(Letter(letter.body, letter.signature, name)).acknowledged:
            return OTHER_HEADER

    def accepts(signature: str) -> bool:
        return shop.send(Letter(letter.body, signature)).acknowledged

    return accepted_instead(accepts, shop.secret, letter.body)


@contextmanager
def _parsed() -> Iterator[list[str]]:
    """Collect what this thread gives to Python's JSON parser meanwhile."""
    texts: list[str] = []
    thread = threading.get_ident()
    kept = json.JSONDecoder.decode

    def decode(self: json.JSONDecoder, s: str, *args: Any) -> Any:
        if threading.get_ident() == thread:
            texts.append(s)
        return kept(self, s, *args)

    json.JSONDecoder.decode = decode  # type: ignore[assignment,method-assign]
    try:
        yield texts
    finally:
        json.JSONDecoder.decode = kept  # type: ignore[method-assign]


EXERCISE = Exercise(
    id="4.3",
    lab="04_signatures",
    wants=WANTS,
    cases=(
        processes_the_sender,
        keeps_apps_apart,
        refuses_forgeries,
        refuses_the_unsigned,
        takes_bytes_as_they_came,
        verifies_before_parsing,
        refuses_garbage,
        survives_forgeries,
        refuses_what_is_no_json,
        fails_when_process_fails,
        needs_a_secret,
        takes_its_time,
    ),
    hints=(
        "In this order: raw body, signature, parse, work. What fails ends there.",
        "request.get_data() is the raw body; request.headers.get(…) may give None.",
        "json.loads raises ValueError for what it can't read. Catch it there alone.",
    ),
)
