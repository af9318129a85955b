"""Exercise 4.4: verify_github(secret, body, headers) -> bool."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from requests.structures import CaseInsensitiveDict

from labkit.checks import (
    Exercise,
    Mistake,
    describe,
    lines_of,
    quietly,
    short,
    short_text,
)
from labkit.exercises.lab04_signatures.asking import of_types, takes
from labkit.exercises.lab04_signatures.digests import (
    INVERTED,
    PLAINLY_WRONG,
    signature_of,
)
from labkit.exercises.lab04_signatures.door import (
    BODY,
    SECRET,
    Door,
    accepts_every_event,
    accepts_the_sender,
    asking,
    needs_a_secret,
    refuses_forgeries,
    refuses_garbage,
    refuses_the_unsigned,
    takes_bytes_as_they_came,
    takes_bytes_that_are_no_text,
    takes_its_time,
    wants_the_whole_signature,
)
from labkit.exercises.lab04_signatures.mistakes import MISSING_RAISES, RAISES

WANTS = "verify_github(secret, body, headers) -> bool"
HEADER = "X-Hub-Signature-256"
OLD_HEADER = "X-Hub-Signature"

PUBLISHED = (
    b"It's a Secret to Everybody",
    b"Hello, World!",
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
)
"""Secret, body and header of GitHub's own documentation."""

SECRET_IS_TEXT = Mistake(
    "secret-not-encoded",
    "GitHub's secret is text, as you typed it into a form. HMAC takes bytes.",
    "Encode the secret first: secret.encode().",
)
SECRET_IN_ASCII = Mistake(
    "secret-not-in-utf-8",
    "A secret may hold any letter, ü among them. GitHub encodes it in UTF-8.",
    "Plain .encode() is UTF-8.",
)
OTHER_HEADER = Mistake(
    "reads-another-header",
    "The signature is in the request, and you looked for it under another name.",
    "GitHub's header is X-Hub-Signature-256.",
)
OLD_ONLY = Mistake(
    "reads-the-old-header",
    "You read X-Hub-Signature. That is the older header, with a SHA-1 signature; the "
    "one that counts has -256 at its end.",
    "GitHub's header is X-Hub-Signature-256.",
)
OLD_NAME = Mistake(
    "falls-back-to-the-old-header",
    "The header X-Hub-Signature-256 is wrong or missing, and you looked into the old "
    "one as well. Two doors are twice as much to guard, and this one is for SHA-1.",
    "Read X-Hub-Signature-256 and no other; without it the answer is False.",
)
EXACT_NAME = Mistake(
    "compares-the-name-exactly",
    "The header is there, in another spelling: a header's name means the same in upper "
    "and lower case, and proxies change it. Yours was compared letter by letter.",
    "headers.get(…) finds a name in any case. In a loop of your own, lower both.",
)
GLOBAL_REQUEST = Mistake(
    "reads-the-global-request",
    "Flask's `request` exists only while a request is being answered, and this "
    "function is called without one. Its headers came as an argument.",
    "Read from the argument: headers.get(…).",
)
OLD_SHA1 = Mistake(
    "falls-back-to-sha1",
    "The request has only the old SHA-1 signature, and you accepted it. Whoever forges "
    "chooses the weaker of two locks.",
    "Read X-Hub-Signature-256 and no other; without it the answer is False.",
)
ONLY_JSON = Mistake(
    "only-json-bodies",
    "GitHub sends forms, too, where the owner of the hook chose so. The signature "
    "covers the body as it came, whatever it is.",
    "Leave the body alone until it is verified.",
)

VerifyGitHub = Callable[[str, bytes, Mapping[str, str]], bool]


def accepts_the_published_value(door: Door) -> None:
    """The value that GitHub publishes comes out."""
    takes(door.wants, door.answer, "secret", b"body", {})
    secret, body, signature = PUBLISHED
    if not door.accepts(secret, body, signature):
        ask = door.question(secret, body, signature, expected=True)
        old = f"sha1={hmac.digest(secret, body, 'sha1').hex()}"
        for name, value, mistake in (
            (HEADER, PLAINLY_WRONG, INVERTED),
            (OLD_HEADER, signature, OLD_ONLY),
            (OLD_HEADER, old, OLD_ONLY),
            ("X-Webhook-Signature", signature, OTHER_HEADER),
            ("X-Signature", signature, OTHER_HEADER),
            ("X-GitHub-Signature", signature, OTHER_HEADER),
        ):
            headers = CaseInsensitiveDict({name: value})
            if quietly(door.answer, secret.decode(), body, headers) is True:
                ask.fail(f"False; True with {name}: {short_text(value)}", mistake)
    door.must_accept(secret, body, signature=signature)


def accepts_a_form(door: Door) -> None:
    """A form is verified like JSON: as bytes."""
    door.must_accept(SECRET, b"payload=%7B%22zen%22%3A+%22Keep+it%22%7D", ONLY_JSON)


def finds_the_header_in_any_case(door: Door) -> None:
    """The name of the header may be written in upper or lower case."""
    signature = signature_of(SECRET, BODY)
    for name in (HEADER.lower(), HEADER.upper()):
        headers = _headers(None)
        headers[name] = signature
        ask = door.question(SECRET, BODY, signature, expected=True)
        ask = replace(ask, sent=ask.sent.replace(HEADER, name))
        answered = quietly(door.answer, SECRET.decode(), BODY, headers)
        if isinstance(answered, BaseException):
            ask.fail(describe(answered), EXACT_NAME, lines=lines_of(answered))
        if answered is not True:
            ask.fail(short(answered), EXACT_NAME)


def ignores_the_old_header(door: Door) -> None:
    """A request with the right signature is accepted, whatever the old header holds."""
    signature = signature_of(SECRET, BODY)
    right = f"sha1={hmac.digest(SECRET, BODY, 'sha1').hex()}"
    for old in (right, PLAINLY_WRONG, "", "é"):
        headers = _headers(signature)
        headers[OLD_HEADER] = old
        ask = door.question(SECRET, BODY, signature, expected=True)
        ask = replace(ask, sent=f"{ask.sent}\n{OLD_HEADER}: {short_text(old)}")
        answered = quietly(door.answer, SECRET.decode(), BODY, headers)
        if isinstance(answered, BaseException):
            ask.fail(describe(answered), lines=lines_of(answered))
        if answered is not True:
            ask.fail(short(answered))


def refuses_the_old_header(door: Door) -> None:
    """The old header opens nothing, whatever is in it and whatever else is there."""
    old = f"sha1={hmac.digest(SECRET, BODY, 'sha1').hex()}"
    for signature in (None, "", PLAINLY_WRONG):
        _must_ignore(door, signature, old, OLD_SHA1)
        _must_ignore(door, signature, signature_of(SECRET, BODY), OLD_NAME)


def _must_ignore(
    door: Door, signature: str | None, old: str, accepted: Mistake
) -> None:
    """End the case if the value of the old header makes a request authentic."""
    headers = _headers(signature)
    headers[OLD_HEADER] = old
    ask = door.question(SECRET, BODY, signature, expected=False)
    answered = quietly(door.answer, SECRET.decode(), BODY, headers)
    ask = replace(ask, sent=f"{ask.sent}\n{OLD_HEADER}: {short_text(old)}")
    if isinstance(answered, BaseException):
        ask.fail(describe(answered), RAISES, lines=lines_of(answered))
    if answered is not False:
        ask.fail(short(answered), accepted if answered is True else None)


def _door(verify_github: VerifyGitHub) -> Door:
    def call(secret: bytes, body: bytes, signature: str | None) -> Any:
        return verify_github(secret.decode(), body, _headers(signature))

    return Door(
        verify_github,
        call,
        _shown,
        odd="Grüße, 雪".encode(),
        wants=WANTS,
        explain=_explained,
    )


def _explained(error: BaseException) -> Mistake | None:
    if isinstance(error, KeyError):
        return OTHER_HEADER
    if isinstance(error, RuntimeError) and "request context" in str(error):
        return GLOBAL_REQUEST
    if isinstance(error, UnicodeEncodeError):
        return SECRET_IN_ASCII
    if isinstance(error, TypeError) and "bytearray" in str(error):
        return SECRET_IS_TEXT
    if isinstance(error, AttributeError) and "NoneType" in str(error):
        return MISSING_RAISES
    return of_types(error)


def _headers(signature: str | None) -> "CaseInsensitiveDict[str]":
    """Return a mapping as Flask's request.headers is one: names in any case."""
    headers = CaseInsensitiveDict(
        {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "X-GitHub-Event": "push",
        }
    )
    if signature is not None:
        headers[HEADER] = signature
    return headers


def _shown(secret: bytes, body: bytes, signature: str | None) -> str:
    header = "no such header" if signature is None else short_text(signature)
    return f"secret {secret.decode()!r}\nbody {short(body)}\n{HEADER}: {header}"


EXERCISE = Exercise(
    id="4.4",
    lab="04_signatures",
    wants=WANTS,
    cases=asking(
        (
            accepts_the_published_value,
            accepts_the_sender,
            accepts_every_event,
            finds_the_header_in_any_case,
            refuses_forgeries,
            accepts_a_form,
            takes_bytes_as_they_came,
            takes_bytes_that_are_no_text,
            refuses_the_unsigned,
            refuses_the_old_header,
            ignores_the_old_header,
            refuses_garbage,
            wants_the_whole_signature,
            needs_a_secret,
            takes_its_time,
        ),
        _door,
    ),
    hints=(
        "It is your scheme under another header name: X-Hub-Signature-256.",
        "The secret is text here. HMAC wants bytes, and GitHub means UTF-8.",
        "headers.get gives None for a header that is not there; verify takes it.",
    ),
)
