"""Exercise 4.4: verify_github(secret, body, headers) -> bool."""

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict

from labkit.checks import Exercise, Mistake, quietly, short, short_text
from labkit.exercises.lab04.asking import of_types
from labkit.exercises.lab04.mistakes import MISSING_RAISES
from labkit.exercises.lab04.verify import (
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
    secret, body, signature = PUBLISHED
    elsewhere = ("X-Webhook-Signature", "X-Signature", "X-GitHub-Signature")
    accepted = [
        name
        for name in elsewhere
        if quietly(door.answer, secret.decode(), body, {name: signature}) is True
    ]
    if accepted and not door.accepts(secret, body, signature):
        ask = door.question(secret, body, signature, expected=True)
        ask.fail(f"False; True when the header is {accepted[0]}", OTHER_HEADER)
    door.must_accept(secret, body, signature=signature)


def accepts_a_form(door: Door) -> None:
    """A form is verified like JSON: as bytes."""
    door.must_accept(SECRET, b"payload=%7B%22zen%22%3A+%22Keep+it%22%7D", ONLY_JSON)


def refuses_sha1_alone(door: Door) -> None:
    """The old SHA-1 header opens nothing, whatever else is there."""
    old = f"sha1={hmac.digest(SECRET, BODY, 'sha1').hex()}"
    for signature in (None, "", "sha256=" + "0" * 64):
        headers = _headers(signature)
        headers[OLD_HEADER] = old
        ask = door.question(SECRET, BODY, signature, expected=False)
        answered = quietly(door.answer, SECRET.decode(), BODY, headers)
        if answered is True:
            ask.fail(f"True, with {OLD_HEADER}: {short_text(old)}", OLD_SHA1)
        if answered is not False:
            ask.fail(short(answered))


def _door(verify_github: VerifyGitHub) -> Door:
    def call(secret: bytes, body: bytes, signature: str | None) -> Any:
        return verify_github(secret.decode(), body, _headers(signature))

    return Door(
        verify_github, call, _shown, odd="Grüße, 雪".encode(), explain=_explained
    )


def _explained(error: BaseException) -> Mistake | None:
    if isinstance(error, KeyError):
        return OTHER_HEADER
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
    wants="verify_github(secret, body, headers) -> bool",
    cases=asking(
        (
            accepts_the_published_value,
            accepts_the_sender,
            accepts_every_event,
            refuses_forgeries,
            accepts_a_form,
            takes_bytes_as_they_came,
            takes_bytes_that_are_no_text,
            refuses_the_unsigned,
            refuses_sha1_alone,
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
