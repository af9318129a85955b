"""Events that were changed after they were signed, or whose signature was changed."""

import json
from collections.abc import Callable

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.edits import with_body
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, for_json, spoken
from labkit.probes.tally import Tally
from labkit.profiles import Profile
from labkit.signing import Scheme
from labkit.signing.embedded import with_member


def changed(**changes: forge.Change) -> Callable[[Harness], Judgement]:
    """Return a probe of digests changed in these ways, then a valid event."""

    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for name, change in changes.items():
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id, change=change)
            tally.refuse(harness.send(spoken(name), request))
        if harness.accepts:
            tally.accept(harness.deliver("a valid event afterwards"))
        return tally.judgement("all rejected, and a valid event accepted afterwards")

    return run


def _body_changed(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    sealed = harness.seal(draft.body, id=draft.id)
    bodies = {
        "one more field": draft.noted(),
        "another event": harness.draft().body,
        "one bit of the last byte": draft.body[:-1] + bytes([draft.body[-1] ^ 1]),
        "no body": b"",
    }
    for name, body in bodies.items():
        if body != draft.body:  # an event may hold nothing that is its own
            tally.refuse(harness.send(name, with_body(sealed, body)))
    return tally.judgement("all rejected")


@for_json
def _respaced(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    spellings = {
        "compact": draft.body,
        "spaced": json.dumps(draft.payload, ensure_ascii=False).encode(),
        "sorted": json.dumps(
            draft.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode(),
        "a line break at the end": draft.body + b"\n",
    }
    for signed, body in spellings.items():
        for sent, other in spellings.items():
            if body != other:
                request = with_body(harness.seal(body, id=draft.id), other)
                tally.refuse(harness.send(f"signed {signed}, sent {sent}", request))
    return tally.judgement("all rejected: each signature is valid for only one body")


@for_json
def _replaced_bytes(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, raw in (("0xFF", b"\xff"), ("half a character", b"\xc3")):
        draft = harness.draft()
        signed, broken = (
            with_member(draft.body, b'"labkit_note":"%b"' % part)
            for part in ("\ufffd".encode(), raw)
        )
        sent = with_body(harness.seal(signed, id=draft.id), broken)
        tally.refuse(harness.send(f"signed U+FFFD, sent {name}", sent))
    return tally.judgement("all rejected")


def _signs_body(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.signs_body else f"{scheme.name} does not sign the body"


PROBES = (
    Probe(
        id="signature.forged",
        sent="an event whose signature has the right form and one wrong character",
        wanted="rejected with a 4xx",
        why="otherwise anyone who knows the URL can send you any event",
        mend=(
            "check what your verifier returns, and reject the request unless it is "
            "True; a string such as 'Invalid signature' counts as true"
        ),
        source="convoy-python 0.2.0 returns a string on failure; composio#2168",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "OWASP API2:2023",
        ),
        run=changed(
            one_character=forge.altered,
            all_characters=lambda digest: digest[::-1],
        ),
    ),
    Probe(
        id="signature.body-changed",
        sent="other bodies under the signature of a valid event",
        wanted="rejected with a 4xx",
        why="an attacker on the network could change the amount",
        mend="compute the signature of the body that arrived, and compare",
        source="docs.github.com, validating webhook deliveries",
        severity=Severity.CRITICAL,
        who=Who.CAPTURER,
        references=(
            "CWE-347",
            "CWE-345",
        ),
        run=_body_changed,
        applies=_signs_body,
    ),
    Probe(
        id="signature.respaced",
        sent="an event that was signed in one form of its JSON, and is written in "
        "another",
        wanted="rejected with a 4xx",
        why="a verifier that falls back on re-serialised JSON accepts two different "
        "bodies for one signature; with duplicate keys they can mean different things",
        mend="verify the raw bytes only; drop the second attempt with "
        "re-serialised JSON",
        source="frain-dev/convoy#2392, cyrusagents/cyrus#996",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=(
            "CWE-347",
            "CWE-436",
        ),
        run=_respaced,
        applies=_signs_body,
    ),
    Probe(
        id="signature.replaced-bytes",
        sent=(
            "a body with bytes that are not valid UTF-8, where the signed body has "
            "U+FFFD"
        ),
        wanted="rejected with a 4xx",
        why="a receiver that decodes the body before hashing maps different bytes to "
        "the same text",
        mend="hash the bytes; never decode them first, and never with errors=replace",
        source="MeshWeaver#2572; Flask: get_data(as_text=True).encode() differs",
        severity=Severity.LOW,
        who=Who.CAPTURER,
        references=(
            "CWE-347",
            "CWE-436",
        ),
        run=_replaced_bytes,
        applies=_signs_body,
    ),
)
