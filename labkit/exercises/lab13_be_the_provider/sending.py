"""13.3: one attempt of a delivery: signed, bounded in time and in size."""

from collections.abc import Callable, Iterator
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, mistakes
from labkit.checks.observing import Callback, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab13_be_the_provider.exchange import (
    ENDLESS,
    LIMIT,
    arguments,
    compared,
    normal,
    show,
    told,
)

RE_ENCODED, KEY_TEXT, CONTENT, ONE_SECRET, LEAKS, SILENCE, READS_ALL = mistakes("""
    sends-other-bytes: Your code sends bytes other than the stored payload. The
        signature then does not match, or each attempt has a different body.
        Try: Pass `payload` to `post` as it is.
    key-is-the-text-of-the-secret: Your code uses the text of the secret as the key.
        Standard Webhooks uses the bytes that the base64 text after `whsec_` encodes, so
        no receiver can verify the signature.
        Try: Decode it: base64.b64decode(secret.removeprefix("whsec_")).
    signs-the-payload-alone: Your code signs the payload without id and timestamp. An
        attacker could then replay the request with a new timestamp.
        Try: Sign the bytes of id, timestamp and payload, with dots between them.
    signs-with-one-secret: Your code signs with one secret, although several are valid.
        During a rotation some receivers cannot verify such a request.
        Try: Make one signature per secret, and join them with spaces.
    secret-on-the-wire: Your code sends the secret itself in a header. Anyone who can
        read the receiver's logs can then sign events (one real sender did this).
        Try: Send only signatures.
    raises-without-response: Your code lets ConnectionError or TimeoutError through. No
        response is the most common failure, and one real sender lost its events that
        way.
        Try: Catch both around `post` and `read`, and return the status None.
    reads-without-limit: Your code reads more than 65,536 bytes of the response. An
        endpoint that sends without end can fill the memory of the worker (six of six
        real senders had no such limit).
        Try: Read in a loop, and ask for at most what is left of 65,536 bytes.
""")
NO_DEADLINE, LATE_STATUS, NOT_CLOSED, NO_TIMEOUT, SUCCESS_ONLY = mistakes("""
    no-deadline: Your code has no limit for the whole attempt. If one byte arrives per
        second, no single read times out, and the worker is busy for hours (six of six
        real senders had no such limit).
        Try: Compare `now()` with the start of the attempt after each read.
    counts-an-unfinished-response: Your code returns the status of a response that was
        not complete after 10 seconds. The contract says that such an attempt has no
        status.
        Try: Return the status None if the deadline has passed.
    does-not-close: Your code does not close the response in every case. Each open
        connection uses a socket, and the worker runs out of them.
        Try: Close it in `finally`.
    another-timeout: Your code does not pass the timeout of 10 seconds to `post`. An
        endpoint that never responds then blocks the worker for too long, or forever.
        Try: Pass 10 as the fourth argument.
    drops-the-status: Your code returns no status for some responses. The caller needs
        the status to decide between a retry and a dead letter.
        Try: Return the status of every complete response.
""")

CONTRACT = contract("""
    given: Make one attempt, and return a dictionary with `status`, `retry_after` and
        `body`.
    given: `delivery` is a dictionary with `event` (its id), `url`, `payload` (bytes)
        and `secrets` (a list of strings such as `whsec_…`). `now()` returns the time in
        seconds. `post(url, headers, payload, timeout)` returns a response with
        `status`, `headers` (a dictionary with names in lower case), `read(size)`, which
        returns at most `size` bytes and b'' at the end, and `close()`.
    request: Call `post` once, with the URL, the unchanged payload, and a timeout of 10.
    headers: Send the headers `content-type` (`application/json`), `webhook-id` (the id
        of the event) and `webhook-timestamp` (`now()` in whole seconds), all of them as
        strings.
    signature: The header `webhook-signature` has one signature of Standard Webhooks per
        secret, in their order, with spaces between them: `v1,` and the base64 of the
        HMAC-SHA256 of `id.timestamp.payload`, keyed with the decoded base64 after
        `whsec_`.
    secret: No header contains a secret.
    status: Return the status of the response, whatever it is, its `retry-after` header
        or None, and its body.
    bound: Read at most 65,536 bytes of the body, and return these.
    silence: If `post` or `read` raises ConnectionError or TimeoutError, return the
        status None, `retry_after` None and the body b''.
    deadline: Return the same if the body is not complete 10 seconds after the start of
        the attempt, and read no further.
    close: Close the response in every case.
    open: The check does not test other headers, further fields of the dictionary, other
        exceptions of `post`, or a body that is complete exactly 10 seconds after the
        start.
""")

SECRET, OTHER = "whsec_Zmlyc3QtZmlyc3QtZmlyc3Q=", "whsec_c2Vjb25kLXNlY29uZA=="
PAYLOAD = b'{"id": "evt_1", "event": "payment.succeeded"}'


STATUSES = (200, 204, 299, 301, 302, 307, 400, 404, 410, 429, 500, 503)
ERRORS = (
    *(ConnectionError, ConnectionRefusedError, ConnectionResetError, BrokenPipeError),
    TimeoutError,
)
PAYLOADS = (
    '{"name": "Zoë ✓"}'.encode(),
    b'{"id":"a","data":{}}\n',
    b'{ "b": 1.0,  "a": 9007199254740993 }',
    b"\xff\x00",
    b"",
)


def _trials() -> Iterator[Trial]:
    yield Trial("request", {"look": "request"})
    yield Trial("request", {"look": "request", "url": "http://a.example:81/x?y=1"})
    for payload in PAYLOADS:
        yield Trial("request", {"look": "request", "payload": payload})
        yield Trial("signature", {"look": "signature", "payload": payload})
    yield Trial(
        "request", {"look": "request", "status": 302, "headers": {"location": "/"}}
    )
    yield Trial("request", {"look": "request", "error": TimeoutError("no response")})
    for at in (1_772_400_000.0, 1_772_400_000.9, 0.0):
        yield Trial("headers", {"look": "headers", "at": at})
        yield Trial("signature", {"look": "signature", "at": at})
    yield Trial("headers", {"look": "headers", "event": "evt_Ab-9"})
    for secrets in ([SECRET], [OTHER], [SECRET, OTHER], [OTHER, SECRET]):
        yield Trial("signature", {"look": "signature", "secrets": secrets})
        yield Trial("secret", {"look": "secret", "secrets": secrets})
    yield Trial("signature", {"look": "signature", "event": "evt_Ab-9"})
    yield from _responses()


def _responses() -> Iterator[Trial]:
    for status in STATUSES:
        yield Trial("status", {"look": "result", "status": status})
    for wish in ("120", "0", "Fri, 31 Dec 2027 23:59:59 GMT", "soon"):
        headers = {"retry-after": wish, "server": "x"}
        yield Trial("status", {"look": "result", "status": 429, "headers": headers})
    for status in (200, 404, 500, 503):
        changes = {"status": status, "headers": {"retry-after": "7"}}
        yield Trial("status", {"look": "result", **changes})
    for size in (0, 1, 5_000):
        yield Trial("status", {"look": "result", "size": size})
    yield Trial("status", {"look": "result", "size": 1_000, "piece": 10})
    for size in (LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT, ENDLESS):
        yield Trial("bound", {"look": "bound", "size": size})
        yield Trial("bound", {"look": "bound", "size": size, "piece": 1_500})
        yield Trial("bound", {"look": "bound", "size": size, "piece": LIMIT - 1})
    yield from _failures()


def _failures() -> Iterator[Trial]:
    for kind in ERRORS:
        yield Trial("silence", {"look": "result", "error": kind("no response")})
        yield Trial("silence", {"look": "result", "breaks": kind("cut off")})
    slow = {"look": "deadline", "piece": 1}
    for size, wait in ((5, 1.0), (8, 1.0), (12, 1.0), (ENDLESS, 1.0), (40, 3.0)):
        yield Trial("deadline", {**slow, "size": size, "wait": wait})
    for size in (18, 20):
        yield Trial("deadline", {**slow, "size": size, "wait": 0.5})
    for head in (4.0, 9.0, 9.75):
        yield Trial("deadline", {**slow, "size": 4, "wait": 0.5, "head": head})
        yield Trial("deadline", {**slow, "size": ENDLESS, "wait": 0.5, "head": head})
    for changes in (
        {},
        {"status": 500},
        {"breaks": TimeoutError("cut off")},
        {"size": ENDLESS},
        {"size": ENDLESS, "piece": 1, "wait": 1.0},
    ):
        yield Trial("close", {**changes, "look": "close"})


def _look(*looks: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["look"] in looks


def _silent(fields: Fields) -> bool:
    return bool(fields["error"] or fields["breaks"]) and fields["look"] == "result"


def _plain(fields: Fields) -> bool:
    return not (fields["error"] or fields["breaks"])


def _sent(seen: Seen) -> tuple[Any, Any]:
    """Return the payload and the timeout of the only request, or None twice."""
    requests = seen.value[1]
    return requests[0][1][1:] if len(requests) == 1 else (None, None)


KEY = 'base64.b64decode(secret.removeprefix("whsec_"))'
MISTAKES: list[Proof] = [
    Rule(
        RE_ENCODED,
        _look("request"),
        _look("headers"),
        lambda f, seen: _sent(seen)[0] not in (None, exactly(f["payload"])),
        some=True,
    ),
    edit(KEY_TEXT, (KEY, "secret.encode()")),
    edit(KEY_TEXT, (KEY, 'secret.removeprefix("whsec_").encode()')),
    edit(CONTENT, ('f"{event}.{timestamp}.".encode() + payload', "payload")),
    edit(CONTENT, ('f"{event}.{timestamp}.".encode()', 'f"{timestamp}.".encode()')),
    edit(ONE_SECRET, ('in delivery["secrets"]:', 'in delivery["secrets"][:1]:')),
    edit(ONE_SECRET, ('in delivery["secrets"]:', 'in delivery["secrets"][-1:]:')),
    Rule(LEAKS, _look("secret"), _look("request"), some=True),
    Rule(
        SILENCE,
        _silent,
        how=lambda _, seen: isinstance(seen.error, (ConnectionError, TimeoutError)),
        some=True,
        may=lambda f: not _plain(f),
    ),
    Rule(
        READS_ALL,
        lambda f: f["look"] == "bound" and f["size"] == ENDLESS,
        _look("request", "headers"),
        lambda _, seen: seen.error is None and seen.value[1] is True,
        may=lambda f: f["size"] > LIMIT,
    ),
    Rule(
        NO_DEADLINE,
        lambda f: f["look"] == "deadline" and f["size"] == ENDLESS,
        lambda f: f["look"] == "bound" or (f["look"] == "deadline" and f["size"] == 5),
        lambda _, seen: seen.error is None and seen.value[1] is True,
        may=_look("deadline"),
    ),
    Rule(
        LATE_STATUS,
        lambda f: f["look"] == "deadline" and f["size"] == ENDLESS,
        lambda f: f["look"] == "bound",
        lambda _, seen: (
            seen.error is None
            and seen.value[1] is False
            and isinstance(seen.result, dict)
            and seen.result.get("status") == 200
        ),
        may=_look("deadline"),
    ),
    Rule(NOT_CLOSED, _look("close"), _look("request", "bound"), some=True),
    Rule(
        NO_TIMEOUT,
        _look("request"),
        _look("headers"),
        lambda f, seen: _sent(seen)[0] == exactly(f["payload"]),
        together=lambda seen: all(_sent(each)[1] != exactly(10.0) for each in seen),
    ),
    Rule(
        SUCCESS_ONLY,
        lambda f: f["look"] == "result" and f["status"] >= 300 and _plain(f),
        lambda f: f["look"] == "request",
        lambda _, seen: (
            seen.error is None
            and isinstance(seen.result, dict)
            and seen.result.get("status") is None
        ),
        some=True,
    ),
]

ATTEMPT = judged(
    id="13.3",
    lab="13_be_the_provider",
    wants="attempt(delivery, now, post) -> dict",
    hints=numbered("""
        1: An endpoint can send too much, and it can take too long. Which lines of your
            code limit each of these?
        2: Make the headers first. Then put a `try` around `post`, and a second `try`
            with a `finally` around the loop that reads.
        3: In the loop, ask for 65,536 bytes minus those that you have, stop at b'', and
            compare now() with the start after each read.
    """),
    contract=CONTRACT,
    space=Space(
        {
            "look": "result",
            "event": "evt_1",
            "url": "https://shop.example/webhooks",
            "payload": PAYLOAD,
            "secrets": [SECRET],
            "at": 1_772_400_000.25,
            "status": 200,
            "headers": {},
            "size": 2,
            "piece": 8_192,
            "wait": 0.0,
            "head": 0.0,
            "error": None,
            "breaks": None,
        },
        _trials,
    ),
    observer=Callback(arguments, show, normal, compared, told),
    mistakes=MISTAKES,
)
