"""Requests whose signature is missing or malformed; all must be rejected."""

import string

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.edits import header_of, with_header, with_more, without
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.tally import Tally
from labkit.probes.tampered import changed
from labkit.profiles import Profile
from labkit.signing import Scheme

_COMPARE = (
    "catch every error while decoding and comparing, and reject the request; compare "
    "bytes (Python: hmac.compare_digest(a.encode(), b.encode()); Node: compare the "
    "lengths in bytes, then use timingSafeEqual)"
)


def _missing(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    sealed = harness.seal(draft.body, id=draft.id)
    signatures = forge.signature_headers(harness.scheme)
    shown = " and ".join(signatures)
    tally.refuse(harness.send(f"no {shown}", without(sealed, *signatures)))
    names = _scheme_headers(harness.scheme)
    tally.refuse(harness.send("no header of the scheme", without(sealed, *names)))
    return tally.judgement("rejected")


def _empty(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    sealed = harness.seal(draft.body, id=draft.id)
    bare = harness.seal(draft.body, id=draft.id, change=forge.nothing)
    tally.refuse(harness.send("a label without a digest", bare))
    for text, shown in (
        ("", "an empty header"),
        (",", "a comma"),
        ("=", "an equals sign"),
    ):
        request = sealed
        for name in forge.signature_headers(harness.scheme):
            request = with_header(request, name, text)
        tally.refuse(harness.send(shown, request))
    return tally.judgement("all rejected")


def _doubled(harness: Harness) -> Judgement:
    tally = Tally(harness)
    name = harness.scheme.signature_header
    for label, forged_first in (
        ("the valid one twice", False),
        ("forged, valid", True),
    ):
        draft = harness.draft()
        sealed = harness.seal(draft.body, id=draft.id)
        twice = sealed
        value = header_of(sealed, name)
        if forged_first:
            wrong = harness.seal(draft.body, id=draft.id, change=forge.altered)
            twice = with_header(sealed, name, header_of(wrong, name))
        tally.survive(harness.send(label, with_more(twice, ((name, value),))))
    draft = harness.draft()
    wrong = harness.seal(draft.body, id=draft.id, change=forge.altered)
    value = header_of(wrong, name)
    tally.refuse(harness.send("a forged one twice", with_more(wrong, ((name, value),))))
    return tally.judgement("no 5xx response, and nothing forged was accepted")


def _other_label(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    t = harness.moment()
    right = forge.signature_of(
        harness.scheme,
        draft.body,
        secret=harness.endpoint.secret,
        id=draft.id,
        t=t,
        url=harness.scheme.target(harness.signed_url, draft.body),
    )
    label = harness.scheme.label
    for other in ("none", "v9", "sha512"):
        signature = other + label[-1] + right.removeprefix(label)
        headers = forge.written(harness.scheme, [signature], id=draft.id, t=t)
        request = harness.request(draft.body, tuple(headers.items()))
        shown = request.header(harness.scheme.signature_header) or ""
        tally.refuse(harness.send(f"label as in {shown[:24]}…", request))
    return tally.judgement("all rejected")


def _no_effects(harness: Harness) -> Judgement:
    tally = Tally(harness)
    names = forge.signature_headers(harness.scheme)
    exchanges: list[Exchange] = []

    def act() -> None:
        for change in (forge.altered, forge.nothing):
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id, change=change)
            exchanges.append(harness.send("a forged event", request))
            exchanges.append(
                harness.send("an unsigned event", without(request, *names))
            )
        for name in names:
            request = with_header(request, name, "")
        exchanges.append(harness.send("an empty signature header", request))

    gained = harness.effects_of(act, wanted=0)
    tally.effects("five forged or unsigned events", gained, 0)
    if gained:
        tally.show(*exchanges)
    return tally.judgement("no effect")


def _recased(digest: str) -> str:
    """Swap the case of base64; of hex, whose case means nothing, change a digit."""
    is_hex = not digest.strip(string.hexdigits)
    return forge.altered(digest) if is_hex else digest.swapcase()


def _scheme_headers(scheme: Scheme) -> tuple[str, ...]:
    names = (scheme.signature_header, scheme.timestamp_header, scheme.id_header)
    return (*filter(None, names), *scheme.weaker_headers)


def _has_a_label(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.label else f"a {scheme.name} signature has no label"


PROBES = (
    Probe(
        id="signature.missing",
        sent=(
            "events without the signature header, and without any header of the scheme"
        ),
        wanted="rejected with a 4xx",
        why=(
            "if the check runs only when the header is present, an attacker omits the"
            " header"
        ),
        mend="treat a missing header as a wrong one",
        source="krkn-chaos/krkn#1277, corsairdev/corsair#595",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-306",
            "OWASP API2:2023",
        ),
        run=_missing,
    ),
    Probe(
        id="signature.empty",
        sent=(
            "a signature header that is empty, or only a label, a comma or an equals "
            "sign"
        ),
        wanted="rejected with a 4xx",
        why=(
            "an empty string counts as false in many languages, so the check is "
            "skipped or raises an exception"
        ),
        mend="treat an empty header as a wrong one",
        source="krkn-chaos/krkn#1277, BaseIntelligence/bounty-challenge#15661",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "OWASP API2:2023",
        ),
        run=_empty,
    ),
    Probe(
        id="signature.length",
        sent="signatures that are one character short, and half as long; then a valid "
        "event",
        wanted="rejected with a 4xx, and the valid one acknowledged",
        why=(
            "a comparison of only the first characters accepts a guess; one that needs "
            "equal lengths raises an exception, so one request from anyone causes a "
            "500, or crashes Node"
        ),
        mend=_COMPARE,
        source="KanishJebaMathewM/Truxify#3755, inkbox-ai/inkbox#144",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "CWE-248",
        ),
        run=changed(
            # Without its padding a signature in base64 is still the same.
            cut_by_one=lambda digest: digest.rstrip("=")[:-1],
            cut_to_half=lambda digest: digest[: len(digest) // 2],
        ),
    ),
    Probe(
        id="signature.longer",
        title="a valid signature is also accepted in a changed form",
        sent="valid signatures with one character more, with 1,000 more, and, if they "
        "are base64, with upper and lower case swapped",
        wanted="rejected with a 4xx",
        why=(
            "one request then has many valid signatures, so code that recognises "
            "duplicates by their signature misses them"
        ),
        mend="compare the whole header with its letters as they are, or decode it "
        "strictly (Python: base64.b64decode(text, validate=True))",
        source="standardwebhooks 1.1.0 for Python ignores what follows the padding",
        severity=Severity.LOW,
        who=Who.CAPTURER,
        references=("CWE-347",),
        run=changed(
            longer_by_one=lambda digest: digest + "0",
            longer_by_1000=lambda digest: digest + "0" * 1000,
            with_its_case_swapped=_recased,
        ),
    ),
    Probe(
        id="signature.alphabet",
        sent="signatures of the right length in characters that decode to nothing, or "
        "to more bytes",
        wanted="rejected with a 4xx, and a valid event acknowledged afterwards",
        why=(
            "the letter z repeated 64 times is as long as a digest in hex but "
            "decodes to no bytes; the comparison that follows accepts it or raises an "
            "exception (a 500)"
        ),
        mend=_COMPARE,
        source="Infisical/infisical#6127, hyperlocalise/hyperlocalise#748",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "CWE-248",
        ),
        run=changed(
            the_letter_z=lambda digest: "z" * len(digest),
            exclamation_marks=lambda digest: "!" * len(digest),
            NUL_as_text=lambda digest: "%00" + digest[3:],
        ),
    ),
    Probe(
        id="signature.non-ascii",
        sent="signatures with the byte 0xE9 and with letters of several bytes",
        wanted="rejected with a 4xx",
        why=(
            "a receiver that takes an error for success accepts the request; Python's "
            "compare_digest raises a TypeError for such a string, so one header causes "
            "a 500"
        ),
        mend=_COMPARE,
        source="NousResearch/hermes-agent#65697, srtab/daiv#1524, K1rL3s/maxo#193",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "CWE-248",
        ),
        run=changed(
            byte_0xE9=lambda digest: "\xe9" + digest[1:],
            only_0xE9=lambda digest: "\xe9" * len(digest),
            letters_of_three_bytes=lambda digest: "李" * len(digest),
        ),
    ),
    Probe(
        id="signature.doubled",
        sent="the signature header twice: valid and valid, forged and valid, forged "
        "and forged",
        wanted="no 5xx, and nothing accepted if both are forged",
        why=(
            "servers join the two with a comma, so the receiver sees one unexpected "
            "value, which it accepts in part or which causes a 500"
        ),
        mend="reject a header that does not have the form of a signature",
        source="Werkzeug joins doubled headers; RFC 9110, section 5.3",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "CWE-248",
        ),
        run=_doubled,
    ),
    Probe(
        id="signature.other-label",
        sent="a correct digest with the label of another version, such as none or v0",
        wanted="rejected with a 4xx",
        why=(
            "a receiver that accepts any label can be made to use a weaker signature "
            "(a downgrade attack)"
        ),
        mend="use only the label that you verify, and ignore all others",
        source="docs.stripe.com/webhooks, verify manually (downgrade attacks)",
        severity=Severity.LOW,
        who=Who.CAPTURER,
        references=("CWE-757",),
        run=_other_label,
        applies=_has_a_label,
    ),
    Probe(
        id="signature.no-effects",
        sent="forged and unsigned events",
        wanted="no effect, whatever the response is",
        why="a receiver that processes first and verifies later has already done harm",
        mend="verify before anything else",
        source="windmill-labs/windmill#8596 (challenge handled before verification)",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-696",
            "OWASP API2:2023",
        ),
        run=_no_effects,
        needs=frozenset({Need.EFFECTS}),
    ),
)
