"""11.3: respond to a provider's handshake, and sign nothing that an attacker chose."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkit.checks import short
from labkit.checks.callbacks import Callbacks
from labkit.checks.calls import Answered
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import edit, edits, mistakes
from labkit.checks.observing import exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space
from labkit.checks.steps import App
from labkit.exercises.lab02_endpoint.apps import app_rules
from labkit.exercises.lab11_go_live.handshake_requests import (
    CHALLENGE,
    HOST,
    MARK,
    SECRET,
    TOKEN,
    echo,
    generated,
    trials,
)

_SIGNED_BY = "[0-9a-f]{64}"
_LEAKS = re.compile(f"{MARK}|{_SIGNED_BY}")

ECHOES_ANYTHING, EMPTY_CHALLENGE, AS_HTML, SIGNS_FIRST, SIGNS_ANYTHING = mistakes("""
    echoes-without-the-token: Your code returns the challenge although the token is
        wrong or missing. Anyone can then register your address with the provider.
        Try: Compare the token first, and return 403 if it differs.
    needs-no-challenge: Your code responds with 200 although there is no challenge. A
        request without a challenge is not a handshake, even if the token is right.
        Try: Return 403 if the challenge is missing.
    echoes-as-html: Your code returns the challenge as HTML, which is Flask's default. A
        challenge that contains a script would then run in a browser, under your
        address.
        Try: Set the header: return challenge, 200, {"Content-Type": "text/plain"}.
    signs-before-verifying: Your code signs the challenge of a request that nobody has
        verified. An attacker sends a forged event as the challenge and gets a valid
        signature for it: your receiver is a signing oracle.
        Try: Verify the signature of the request before you look at the event.
    signs-any-text: Your code signs every challenge. A challenge that is itself an event
        gets a valid signature, so an attacker can send this event.
        Try: Check the form of the challenge first: 1 to 64 ASCII letters and
        digits.
""")
TOO_LONG, NOT_ASCII, LINE_END, EMPTY_TEXT, CONFIRMS_FIRST = mistakes("""
    signs-long-challenges: Your code signs a challenge of any length. The contract
        allows at most 64 characters, because a real challenge is short.
        Try: Check len(challenge) as well.
    signs-other-letters: Your code accepts letters and digits outside ASCII: str.isalnum
        and \\w accept ë and many more. The contract allows only ASCII.
        Try: Add challenge.isascii(), or use [A-Za-z0-9] in the regular expression.
    accepts-a-line-break-at-the-end: Your regular expression accepts a line break after
        the challenge, because $ matches before it.
        Try: Use re.fullmatch without $.
    signs-the-empty-text: Your code signs an empty challenge. An empty challenge proves
        nothing, and its signature is valid for every request with an empty body.
        Try: Require at least one character.
    confirms-before-verifying: Your code calls confirm for a request that nobody has
        verified. An attacker can then subscribe your address, or make your server fetch
        an address.
        Try: Verify the signature of the request before you look at the event.
""")
FETCHES_ANYTHING, LOOKS_LIKE, PLAIN_HTTP, USER_OR_PORT, NOT_CONFIRMED = mistakes("""
    confirms-any-url: Your code fetches whatever URL the request contains. Such a URL
        can lead into your own network, which is called server-side request forgery
        (SSRF).
        Try: Compare the scheme and the host of the URL first.
    host-that-looks-alike: Your code accepts a URL in which the right name is only a
        part of another host's name, or of the path. An attacker can make such a URL.
        Try: Compare the beginning of the URL with "https://confirm.payco.example/",
        including the slash after the name.
    confirms-over-http: Your code accepts http. Anyone on the network between you and
        the provider can read or change such a request.
        Try: Require urlsplit(url).scheme == "https".
    accepts-user-or-port: Your code accepts a URL with a user name or a port. The host
        is correct, but the request may go to another service on it, and a person who
        reads the URL is misled.
        Try: Compare `netloc` instead of `hostname`: it also contains the user name and
        the port.
    does-not-confirm: Your code acknowledges the request and does not call confirm. The
        provider waits for it and sends no events.
        Try: Call confirm(url) once.
""")
SIGNATURE_NOT_CHECKED, WRONG_BASE, NOT_ENCODED, PREFIXED = mistakes("""
    accepts-unsigned-events: Your code acknowledges an event without a valid signature.
        Anyone who knows the address can then send events.
        Try: Return 401 unless the signature matches the raw body.
    signs-something-else: Your code responds with the signature of something other than
        the challenge, so the provider does not enable your address.
        Try: Sign the bytes of the challenge: challenge.encode().
    compares-texts-that-are-not-ascii: Your code passes a string with non-ASCII
        characters to hmac.compare_digest, which raises a TypeError. Anyone can
        cause a 500 with such a value.
        Try: Encode both strings first, because compare_digest accepts all bytes.
    response-with-prefix: Your response contains the prefix sha256=. The provider
        compares it with the plain hex digits, and the handshake fails.
        Try: Return only the hex digits.
""")

CONTRACT = contract("""
    given: Return a Flask app that responds to the handshakes of a provider.
    given: `secret` is the signing secret (bytes), `token` is a str that you chose and
        entered on the provider's page, and `confirm(url)` fetches a URL.
    echo: GET /webhooks with the query parameters `token` and `challenge`: if the token
        is right, respond with 200, Content-Type text/plain and the challenge as the
        body, and sign nothing.
    wrong-token: If the token is wrong or missing, or if there is no challenge, respond
        with a 4xx, and without the challenge.
    given: POST /webhooks carries an event as JSON and the header X-Webhook-Signature:
        sha256= and the HMAC-SHA256 of the raw body, in lower-case hex.
    unsigned: If the signature is missing or does not match, respond with a 4xx, sign
        nothing, and do not call `confirm`.
    sign: For the event "endpoint.challenge", respond with 200 and the JSON object
        `{"response": signature}`: the HMAC-SHA256 of `data["challenge"]` in lower-case
        hex.
    form: Sign only a challenge that consists of 1 to 64 ASCII letters and digits; for
        any other value, respond with a 4xx.
    confirm: For the event "subscription.confirm", call `confirm(data["url"])` once and
        respond with a 2xx, if the URL begins with https://confirm.payco.example/.
    foreign: For any other URL, respond with a 4xx and do not call `confirm`.
    other: Acknowledge every other event, and do not call `confirm`.
    open: The check does not test events with missing fields, signed bodies that are not
        JSON, other Content-Types, URLs with capital letters in the scheme or the host,
        or parameters that are given twice.
""")


@contextmanager
def _world(fields: Fields) -> Iterator[Callbacks]:
    def arguments(world: Callbacks, app: int) -> Sequence[Any]:
        return [fields["secret"], fields["token"], world.callback("confirm")]

    yield Callbacks(arguments, slow=False, patience=0.0)


def _told(answered: Answered) -> str:
    """Return the status, and what else of a response the contract fixes."""
    if answered.silent or not answered.body:
        return str(answered)
    kind = answered.headers.get("Content-Type", "no Content-Type")
    told = f"{answered}, {kind}, body {short(answered.body, 100)}"
    for name, value in answered.headers.items():
        if _LEAKS.search(value) or re.search(_SIGNED_BY, value):
            told += f", {name}: {short(value, 100)}"
    return told


def _normal(answered: Answered) -> Any:
    """Return what a provider reads of a response; of a refusal, whether it leaks."""
    text = answered.body.decode("utf-8", "replace")
    headers = " ".join(answered.headers.values())
    if not answered.acknowledged:
        return bool(_LEAKS.search(f"{text} {headers}"))
    kind = answered.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict) and "response" in parsed:
        return answered.status, exactly(parsed)
    signed = bool(re.search(_SIGNED_BY, headers))
    return (answered.status, kind, text, signed) if _LEAKS.search(text) else ""


def _plain(fields: Fields) -> bool:
    steps = fields["steps"]
    return len(steps) == 1 and steps[0].method == "POST" and "payment" in str(steps[0])


_VERIFIED = "if not hmac.compare_digest(expected.encode(), given.encode()):"
_WRONG = "not hmac.compare_digest(given.encode(), token.encode())"
_NO_CHALLENGE = "challenge is None"
_HARMLESS = 're.fullmatch("[A-Za-z0-9]{1,64}", text)'
_IS_TEXT = "isinstance(text, str) and "
_ALLOWED = 'url.startswith("https://confirm.payco.example/")'
_PLAIN_TEXT = 'return challenge, 200, {"Content-Type": "text/plain"}'
_OR_EMPTY = _PLAIN_TEXT.replace("challenge,", 'challenge or "",')
_SIGNED = "digest(text.encode())}"
_SPLIT = "__import__('urllib.parse').parse.urlsplit(url)"


def _early(kind: str) -> tuple[tuple[str, str], ...]:
    """Return the edits that verify only what is not of that kind of event."""
    return (
        (
            f"{_VERIFIED}\n",
            f"if event.get('event') != '{kind}' and {_VERIFIED.removeprefix('if ')}\n",
        ),
        (
            "        body = request.get_data()",
            (
                "        event = request.get_json(silent=True) or {}\n"
                "        body = request.get_data()"
            ),
        ),
    )


_PATTERN = HOST.replace(".", "[.]")
_OTHER_URLS = (
    (FETCHES_ANYTHING, "True"),
    (FETCHES_ANYTHING, 'url.startswith("https://")'),
    (LOOKS_LIKE, 'url.startswith("https://confirm.payco.example")'),
    (LOOKS_LIKE, '"confirm.payco.example" in url'),
    (LOOKS_LIKE, '"https://confirm.payco.example/" in url'),
    (LOOKS_LIKE, f'url.startswith("https:") and {_SPLIT}.netloc.endswith("{HOST}")'),
    (PLAIN_HTTP, f'{_SPLIT}.netloc == "confirm.payco.example"'),
    (PLAIN_HTTP, f'url.startswith(("https://{HOST}/", "http://{HOST}/"))'),
    (USER_OR_PORT, f'url.startswith("https://") and {_SPLIT}.hostname == "{HOST}"'),
    (
        USER_OR_PORT,
        f're.match(" ?https://([^/@]*@)?{_PATTERN}(:[0-9]+)?([/?#]|$)", url)',
    ),
)
"""Mistakes, and the condition on the URL in the place of the right one."""

MISTAKES = (
    *app_rules(_plain, "/webhooks"),
    edit(ECHOES_ANYTHING, (f"{_WRONG} or {_NO_CHALLENGE}", _NO_CHALLENGE)),
    edit(ECHOES_ANYTHING, (_WRONG, "given and given != token")),
    edit(ECHOES_ANYTHING, (_WRONG, "given not in token")),
    edit(EMPTY_CHALLENGE, (_NO_CHALLENGE, "False"), (_PLAIN_TEXT, _OR_EMPTY)),
    edit(AS_HTML, (_PLAIN_TEXT, "return challenge")),
    edit(SIGNS_FIRST, *_early("endpoint.challenge")),
    edit(
        SIGNS_FIRST,
        *_early("endpoint.challenge"),
        (f"{_IS_TEXT}{_HARMLESS}", "isinstance(text, str)"),
    ),
    *edits(SIGNS_ANYTHING, _HARMLESS, "True", "text", "0 < len(text) <= 64"),
    edit(TOO_LONG, ("{1,64}", "+")),
    edit(NOT_ASCII, (_HARMLESS, "text.isalnum() and len(text) <= 64")),
    edit(NOT_ASCII, ("[A-Za-z0-9]{1,64}", r"\\w{1,64}")),
    edit(LINE_END, (_HARMLESS, 're.match("[A-Za-z0-9]{1,64}$", text)')),
    edit(EMPTY_TEXT, ("{1,64}", "{0,64}")),
    edit(CONFIRMS_FIRST, *_early("subscription.confirm")),
    *(edit(mistake, (_ALLOWED, allowed)) for mistake, allowed in _OTHER_URLS),
    edit(NOT_CONFIRMED, ("            confirm(url)\n", "")),
    *edits(
        SIGNATURE_NOT_CHECKED, _VERIFIED, "if False:", f"if given and {_VERIFIED[3:]}"
    ),
    *edits(WRONG_BASE, _SIGNED, "digest(body)}", "text}"),
    edit(NOT_ENCODED, ("expected.encode(), given.encode()", "expected, given")),
    edit(NOT_ENCODED, ("given.encode(), token.encode()", "given, token")),
    edit(
        NOT_ENCODED,
        ("expected.encode(), given.encode()", "expected, given"),
        ("given.encode(), token.encode()", "given, token"),
    ),
    edit(PREFIXED, (_SIGNED, f'"sha256=" + {_SIGNED}')),
)

HANDSHAKE = judged(
    id="11.3",
    lab="11_go_live",
    wants="make_app(secret, token, confirm) -> Flask",
    hints=numbered("""
        1: For the POST, keep the order of every lab: read the raw body, check the
            signature, and only then look at the event.
        2: return challenge, 200, {"Content-Type": "text/plain"} sends plain
            text, which a browser does not read as HTML.
        3: re.fullmatch("[A-Za-z0-9]{1,64}", challenge) needs a string, so check
            isinstance(challenge, str) first. Do the same for the URL.
    """),
    contract=CONTRACT,
    space=Space(
        {
            "steps": [echo(token=TOKEN, challenge=CHALLENGE)],
            "secret": SECRET,
            "token": TOKEN,
        },
        trials,
        generated,
        many=40,
    ),
    observer=App(_world, normal=_normal, told=_told),
    mistakes=MISTAKES,
)
