"""Verifiers that providers released accept what the kit signs, and reject the rest.

They are those that are too large for the test environment: `tests/verifiers/judge.py`
and `judge.mjs` run them in environments of their own. Each also rejects what the kit
rejects, except where the table says what the library does not check.
"""

import functools
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from labkit.probes import Sample, events
from labkit.signing import KeyForm, scheme_named
from labkit.signing.embedded import IN_BODY
from tests import outside

HERE = Path(__file__).parent / "verifiers"
URL = "https://shop.example/webhooks"

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(sys.platform == "win32", reason="one system is enough"),
]


@dataclass(frozen=True)
class Library:
    """A released verifier: what it is called on PyPI or npm, and what it checks.

    `body` is a part of the body to change, with what takes its place; empty where the
    library does not look at it. `oldest` is the age in seconds that it still accepts.
    """

    package: str
    body: tuple[str, str] = ("a", "b")
    oldest: float = 0.0
    node: bool = False


LIBRARIES = {
    "ebay": Library("event-notification-nodejs-sdk", node=True),
    # The time that it checks, up to 60 s, is that in the body.
    "linear": Library("@linear/sdk", node=True),
    "notion": Library("@notionhq/client", node=True),
    "sanity": Library("@sanity/webhook", node=True),
    "sns": Library("sns-validator", node=True),
    "adyen": Library("Adyen", ("2999", "2998")),
    "adyen-platform": Library("Adyen"),
    "airtable": Library("pyairtable"),
    "box": Library("box-sdk-gen", oldest=600),
    "google-pubsub": Library("google-auth", ("", ""), 3600),
    "hubspot": Library("hubspot-api-client", oldest=300),
    "livekit": Library("livekit-api", oldest=300),
    # The body is not signed.
    "mailgun": Library("mailgun", ("", ""), 900),
    "paypal": Library("paypalrestsdk"),
    "pusher": Library("pusher"),
    "retell": Library("retell-sdk", oldest=300),
    "smartcar": Library("smartcar"),
    "telnyx": Library("telnyx", oldest=300),
    # It checks the token, and not the hash of the body in it.
    "vonage": Library("vonage-jwt", ("", ""), 300),
    "workos": Library("workos", oldest=180),
}
SPARE = 70
"""Seconds beyond the oldest age that some libraries still allow."""


@functools.cache
def secret_of(name: str, seed: int) -> str:
    """Return one secret for each seed, also of RSA, whose keys are new each time."""
    return scheme_named(name).make_secret(Random(seed))


def case_of(name: str, *, age: float = 0, seed: int = 1) -> dict[str, Any]:
    """Return a signed request of the provider, as JSON for the judge."""
    scheme, sample = scheme_named(name), events.event_of(name) or Sample()
    secret, known = secret_of(name, seed), secret_of(name, 1)
    now = time.time() - age
    body = sample.encode(sample.fresh(sample.make_id("run", 1), now))
    signed = scheme.sign(body, secret=secret, id="e1", timestamp=int(now), url=URL)
    body, headers = scheme.enclose(body, signed)
    pair = scheme.key_form is KeyForm.KEY_PAIR
    return {
        "scheme": name,
        "url": URL,
        "secret": "" if pair else known,
        "public": scheme.receiver_secret(known) if pair else "",
        "headers": {**headers, **scheme.announce(sample.type)},
        "body": body.decode(),
    }


def cases_of(name: str) -> dict[str, tuple[dict[str, Any], bool]]:
    """Return requests by what is odd about them, and whether they must be accepted."""
    library, scheme = LIBRARIES[name], scheme_named(name)
    sent = case_of(name)
    found = {
        "as sent": (sent, True),
        "another secret": (case_of(name, seed=2), False),
    }
    old, new = library.body
    if old:
        assert old in sent["body"]
        changed = sent | {"body": sent["body"].replace(old, new, 1)}
        found["another body"] = (changed, False)
    if library.oldest:
        found["half as old"] = (case_of(name, age=library.oldest / 2), True)
        found["too old"] = (case_of(name, age=library.oldest + SPARE), False)
    if scheme.signs_url:
        found["another URL"] = (sent | {"url": URL + "/other"}, False)
    header = scheme.signature_header
    if not header.startswith(IN_BODY):
        value = sent["headers"][header]
        middle = len(value) // 2
        sign = "b" if value[middle] == "a" else "a"
        wrong = value[:middle] + sign + value[middle + 1 :]
        headers = sent["headers"] | {header: wrong}
        found["another signature"] = (sent | {"headers": headers}, False)
    return found


@functools.cache
def judgements() -> dict[tuple[str, str], object]:
    """Let every library judge all its requests, in one process for each language."""
    found: dict[tuple[str, str], object] = {}
    programs = {
        "judge.py": str(outside.python_with_packages(HERE)),
        "judge.mjs": outside.node_with_packages(HERE),
    }
    for file, program in programs.items():
        node = file == "judge.mjs"
        cases = {
            (name, words): case
            for name, library in LIBRARIES.items()
            for words, (case, _) in cases_of(name).items()
            if library.node is node
        }
        done = subprocess.run(
            [program, HERE / file],
            input=json.dumps([*cases.values()]),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        answers = json.loads(done.stdout.splitlines()[-1])
        found |= dict(zip(cases, answers, strict=True))
    return found


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_released_verifier_accepts_the_kits_requests_and_no_others(
    name: str,
) -> None:
    wanted = {words: right for words, (_, right) in cases_of(name).items()}
    assert len(wanted) >= 3
    found = {words: judgements()[name, words] for words in wanted}
    assert found == wanted
