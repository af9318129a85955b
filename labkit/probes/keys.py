"""Signatures under keys that must not count: another, an empty one, a public one."""

import base64
import binascii

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.tally import Tally
from labkit.profiles import Profile
from labkit.signing import KeyForm, Scheme

DEFAULTS = (
    "secret", "webhook-secret", "webhook_secret", "your-webhook-secret", "your_secret",
    "your-secret-key", "changeme", "change-me", "password", "test", "test-secret",
    "test-webhook", "mysecret", "my-secret", "dev-secret", "development", "default",
    "default-secret", "default_secret", "supersecret", "whsec_test", "whsec_secret",
    "undefined", "null", "None", "key",
)  # fmt: skip
"""Secrets from sample code, and the words for an empty value in several languages."""


def _other_secret(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id, secret=harness.other_secret())
    tally.refuse(harness.send("signed with another secret", request))
    return tally.judgement("rejected")


def _keyed(harness: Harness, keys: dict[str, bytes]) -> Judgement:
    tally = Tally(harness)
    known = {forge.key_of(harness.scheme, s) for s in harness.endpoint.secrets}
    for name, key in keys.items():
        if key not in known and forge.sendable(harness.scheme, key):
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id, key=key)
            tally.refuse(harness.send(f"signed with {name}", request))
    return tally.judgement("all rejected")


def _empty_secret(harness: Harness) -> Judgement:
    return _keyed(
        harness,
        {
            "an empty key": b"",
            "16 spaces": b" " * 16,
            "a line break": b"\n",
        },
    )


def _default_secret(harness: Harness) -> Judgement:
    keys = {repr(text): text.encode() for text in DEFAULTS}
    for text in DEFAULTS:
        try:
            decoded = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            continue
        keys[f"{text!r} from base64"] = decoded
    return _keyed(harness, keys)


def _has_key_of_its_own(scheme: Scheme, profile: Profile) -> str:
    if scheme.key_form is KeyForm.KEY_PAIR:
        return "the receiver holds a public key, which can't be empty or guessed"
    return ""


PROBES = (
    Probe(
        id="signature.other-secret",
        sent="an event signed with another secret of the right form",
        wanted="rejected with a 4xx",
        why=(
            "a signature is proof only if it was made with the secret that you and "
            "the provider share"
        ),
        mend="verify with the secret of this endpoint",
        source="docs.github.com, validating webhook deliveries",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "OWASP API2:2023",
        ),
        run=_other_secret,
    ),
    Probe(
        id="signature.empty-secret",
        sent=(
            "events signed with an empty key, with spaces, and with a line break as "
            "the key"
        ),
        wanted="rejected with a 4xx",
        why="a missing setting becomes an empty secret, and then anyone can sign",
        mend=(
            "refuse to start without a secret; remove empty entries from a list of "
            "secrets"
        ),
        source="librefang/librefang#3492, symfony/symfony#65763, GHSA-xff3-5c9p-2mr4",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-1188",
            "OWASP API2:2023",
        ),
        run=_empty_secret,
        applies=_has_key_of_its_own,
    ),
    Probe(
        id="signature.default-secret",
        sent=f"events signed with {len(DEFAULTS)} secrets from sample code",
        wanted="rejected with a 4xx",
        why=(
            "a default in the code is public, and it is used as soon as the setting "
            "is missing"
        ),
        mend="read the secret from the environment, without a default",
        source="JhaSourav07/commitpulse#5480",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-1392",
            "OWASP API2:2023",
        ),
        run=_default_secret,
        applies=_has_key_of_its_own,
    ),
)
