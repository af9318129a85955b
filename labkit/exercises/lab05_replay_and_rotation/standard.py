"""Exercise 5.1: verify a request of Standard Webhooks, with its time."""

import random
from collections.abc import Iterator
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, edits
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab05_replay_and_rotation import mistakes as m
from labkit.exercises.lab05_replay_and_rotation import standard_requests as requests
from labkit.exercises.lab05_replay_and_rotation import window
from labkit.exercises.lab05_replay_and_rotation.asking import (
    base64_text,
    common_mistakes,
    request_shown,
)
from labkit.exercises.signers import compared
from labkit.exercises.verifiers import (
    HONEST,
    Verifier,
    lets_in,
    not_accepted,
    of,
    stumbles,
)

CONTRACT = contract("""
    given: Return True if a Standard Webhooks request is authentic and fresh, else
        False.
    given: `secret` is text such as "whsec_…".
    given: `headers` is a dict whose keys are lower-case names, such as webhook-id,
        webhook-timestamp and webhook-signature.
    given: `body` is bytes.
    given: `now` and `tolerance` are in seconds.
    signed: Accept a request that was signed with this secret.
    same: The same request gets the same result each time.
    forged: Reject a request whose id, timestamp or body was not signed with this
        secret.
    window: The age of a request is `now` minus webhook-timestamp; accept it from
        `-tolerance` to `tolerance`, both included, and no other age.
    late: Do not use any time inside the body.
    bytes: Use id, timestamp and body exactly as they arrived, byte for byte.
    several: The header may hold several signatures, separated by spaces; one that
        matches is enough.
    versions: Ignore the parts of the header that are not signatures of version v1.
    missing: Reject a request if one of the three headers is missing.
    digits: Reject a timestamp that contains anything but the digits 0 to 9.
    garbage: Raise no exception, whatever the headers and the body contain.
    secrets: Every secret that consists of "whsec_" and base64 works.
    timing: Compare signatures in constant time.
    signs: The characters +, - and _ in a timestamp are not digits.
    open: The check does not test other spellings of base64, white space in the headers
        other than single spaces between signatures, digits of other writing systems,
        timestamps of more than 12 digits with a valid signature, or a webhook-id that
        is empty or not ASCII.
""")


def _headers(fields: Fields) -> dict[str, str]:
    good = fields["signer"] or fields["secret"]
    return requests.headers_of(
        fields, {"good": good, "other": requests.OTHER, "third": requests.ANY_SECRET[0]}
    )


def _arguments(fields: Fields) -> list[Any]:
    body, now, tolerance = fields["body"], fields["now"], fields["tolerance"]
    return [fields["secret"], _headers(fields), body, now, tolerance]


def _show(fields: Fields) -> str:
    clock = f"now {fields['now']:.15g}, tolerance {fields['tolerance']:.15g} s"
    return request_shown(_headers(fields), fields["body"], clock)


def _trials() -> Iterator[Trial]:
    yield Trial("signed")
    yield Trial("same", {"kind": "again", "again": 1}, "the second time")
    yield from requests.forged_trials()
    yield from window.window_trials("window")
    yield from window.late_trials("late")
    yield from requests.bytes_trials()
    yield from requests.signature_trials()
    yield from requests.missing_trials()
    yield from window.digits_trials("digits")
    yield from requests.garbage_trials()
    for secret in requests.ANY_SECRET:
        touched = secret.removeprefix("whsec_")[0] in "whsec_"
        kind = "secret-touched" if touched else "secret"
        yield Trial("secrets", {"kind": kind, "secret": secret})
    spaces = "whsec_" + base64_text(b" \t a key between spaces \r\n")
    yield Trial("secrets", {"kind": "secret-spaces", "secret": spaces})
    yield Trial("timing", {"kind": "timing", "timing": True})
    yield from window.sign_trials("signs")


def _random(rng: random.Random) -> Trial:
    return Trial("signed", requests.random_request(rng))


def wrong_name(_: Fields, seen: Seen) -> bool:
    """Whether the solution missed a header of another name than the three."""
    if not isinstance(seen.error, KeyError):
        return False
    name = str(seen.error.args[0])
    right = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return name not in right and name.lower().startswith(("webhook", "svix", "x-"))


PARTS = 'signatures.encode().split(b" ")'
ANY = "any(hmac.compare_digest(part, expected) for part in parts)"

SIGNING = of(
    *(
        HONEST,
        "way",
        "forged-*",
        "text",
        "spelled",
        "json",
        "published",
        "fresh",
        "old",
    ),
    *("future", "unit", "clock", "late", "id", "empty", "label", "other-version"),
)

_LIST = of(HONEST, "several", "none-of-several", "forged-*")

MISTAKES: list[Proof] = [
    *compared(requests.WAYS, SIGNING),
    Rule(m.HEADER_NAMES, of(HONEST), how=wrong_name),
    *window.window_mistakes("timestamp"),
    lets_in(m.ACCEPTS_ALL, "forged-*", but=[HONEST]),
    lets_in(m.ID_FREE, "forged-id", but=["forged-body", HONEST]),
    lets_in(m.TIME_FREE, "forged-t", but=["forged-body", HONEST]),
    *window.body_mistakes(),
    *edits(m.ONE_ONLY, PARTS, "[signatures.encode()]", on=_LIST),
    *edits(m.FIRST_ONLY, PARTS, PARTS + "[:1]", on=_LIST),
    *edits(m.LAST_ONLY, PARTS, PARTS + "[-1:]", on=_LIST),
    *edits(m.ALL_SIGNATURES, ANY, ANY.replace("any", "all", 1), on=_LIST),
    stumbles(m.NO_COMMA, "no-comma", but=["several"], classes=[ValueError, IndexError]),
    lets_in(m.VERSION, "other-version", but=["forged-*"]),
    edit(m.ANYWHERE, (ANY, "expected in signatures.encode()")),
    stumbles(m.MISSING, "missing", but=[HONEST]),
    lets_in(m.SKIPPED, "no-time", but=[HONEST, "forged-*"], some=True),
    lets_in(m.NO_ID, "no-id", but=[HONEST, "forged-*"], some=True),
    *window.digits_mistakes(),
    stumbles(m.NON_ASCII, "accent*", but=["garbage"], classes=[TypeError]),
    stumbles(m.GARBAGE, "garbage", "accent*", "commas", "version", but=[HONEST]),
    Rule(
        m.STRIPS, of("secret-touched"), of(HONEST, "published", "secret"), not_accepted
    ),
    *common_mistakes(),
]

EXERCISE = judged(
    id="5.1",
    lab="05_replay_and_rotation",
    wants="verify(secret, headers, body, now, tolerance) -> bool",
    contract=CONTRACT,
    space=Space(requests.REQUEST, _trials, _random, many=60),
    observer=Verifier(
        _arguments,
        _show,
        digest=lambda fields: requests.digest_of(fields, requests.SECRET),
        header=lambda digest, _: f"v1,{base64_text(digest)}",
    ),
    mistakes=MISTAKES,
    hints=numbered("""
        1: Three steps: are all three headers there, does the signature match, is the
            time within the window? If not, return False.
        2: The key is base64.b64decode of the part after whsec_. The signed content is
            f"{id}.{timestamp}.".encode() + body, with the timestamp as the string that
            arrived.
        3: The header is a list: header.split(" "). One part that equals "v1," and your
            base64 signature is enough; compare bytes with hmac.compare_digest.
        4: If timestamp.isascii() and timestamp.isdigit() are true and it has at most 12
            characters, sent_at is int(timestamp). The last line then returns
            abs(now - sent_at) <= tolerance.
    """),
)
