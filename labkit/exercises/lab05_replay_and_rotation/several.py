"""Exercise 5.2: several secrets and several signatures, as in a rotation."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, always, edits, mistakes
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
from labkit.exercises.lab05_replay_and_rotation.standard import (
    PARTS,
    SIGNING,
    wrong_name,
)
from labkit.exercises.lab05_replay_and_rotation.window import EVENT, TIME
from labkit.exercises.signers import compared
from labkit.exercises.verifiers import (
    CHANGED,
    HONEST,
    Verifier,
    changes,
    lets_in,
    locks_out,
    of,
    refused,
    stumbles,
)

OLD, NEW = requests.SECRET, requests.OTHER
THIRD, FOURTH, _, SHORT = requests.ANY_SECRET
STRANGER = "whsec_1tO5eGqM0frkCOs51ktuKvtQ3A2mpk3kcdEuIlVHXxw="
_SECRETS = {"old": OLD, "new": NEW, "third": THIRD, "fourth": FOURTH, "short": SHORT}
_SIGNERS = {**_SECRETS, "good": OLD, "other": STRANGER, "stranger": STRANGER}

RAISES_EMPTY, FIRST_SECRET, LAST_SECRET, ALL_SECRETS, FORGOTTEN = mistakes("""
    empty-list-raises: Your code raises an exception if the list of secrets is empty.
        Without a secret nothing can be verified, so the result is False.
        Try: Use a loop or any(...), which also works for an empty list.
    only-the-first-secret: In your code only the first secret counts. During a rotation,
        both the old and the new secret are valid for a time.
        Try: Try every secret before you return False. Is there a `return False` inside
        the loop, or a generator that is empty after the first round?
    only-the-last-secret: In your code only the result for the last secret counts.
        During a rotation, any of the secrets may have signed the request.
        Try: Return True as soon as one secret matches.
    every-secret-must-fit: Your code requires that every secret matches. During a
        rotation, the provider may still sign with only one of them.
        Try: Use any instead of all.
    only-two-secrets: Your code does not try all secrets. The list may have more than
        two: Svix keeps up to ten old ones.
        Try: Check the whole list.
""")

PAIRED, STOPS_AT_GARBAGE = mistakes("""
    pairs-secrets-with-signatures: Your code compares the first secret with the first
        signature, the second with the second, and so on. The two lists have independent
        orders and lengths.
        Try: Compare every secret with every signature, in a loop inside a loop.
    garbage-stops-the-search: Your code rejects the whole header because of a malformed
        part, although another part matches.
        Try: Ignore parts that you cannot read, and continue with the next one.
""")

FAILS_OPEN, REMOVED, UNBOUND = mistakes("""
    no-secret-means-open: Your code accepts every request if there is no secret. That
        happens if an environment variable is missing, and then anyone can send events.
        Try: Return False if no secret matches.
    removed-secret-still-works: Your code accepted a signature made with a secret that
        is no longer in the list. A rotation is over only when the leaked secret is
        useless.
        Try: Use only the secrets that were passed in.
    accepts-a-forgery: Your code accepted a request whose body, id or timestamp was
        changed after signing.
        Try: Find the path on which your function returns True without a matching
        signature.
""")

NO_WINDOW, WINDOW, CHANGES = mistakes("""
    time-is-not-checked: Your code accepted a request that is more than 300 s old, or
        more than 300 s in the future. The time must be checked with several secrets,
        too.
        Try: Check abs(now - timestamp) <= 300 here as well.
    another-window: Your code rejected a request that is at most 300 s old.
        Try: Use a tolerance of 300 seconds, in either direction.
    changes-the-list-of-secrets: Your code changes the caller's list of secrets. The
        next request gets the changed list.
        Try: Only read the list: no pop, no remove, no sort.
""")

CONTRACT = contract("""
    given: Return True if a request matches one of the secrets and is fresh, else False.
    given: `secrets` is a list of strings such as "whsec_…", in any order.
    given: `headers`, `body` and `now` are as in 5.1.
    signed: If the list contains one secret, accept a request that was signed with it.
    same: The same request gets the same result each time.
    secrets: Any one of the secrets may have signed the request.
    signatures: The header may hold several signatures, in any order; one that matches
        one of the secrets is enough.
    none: With an empty list, reject every request.
    forged: Reject a request unless its id, its timestamp and exactly its body were
        signed with one of these secrets.
    versions: Ignore the parts of the header that are not signatures of version v1.
    window: The age of a request is at least -300 s and at most 300 s; reject any other
        request.
    list: Do not change the list of secrets.
    garbage: If a header is missing or malformed, return False and raise no exception.
    timing: Compare signatures in constant time.
    open: The check does not test what 5.1 leaves open, timestamps of more than 12
        digits, or the characters +, - and _ in timestamps.
""")

_BASE: Fields = {**requests.REQUEST, "secrets": ("old",), "signature": "{old}"}
_BOTH = ("new", "old")


def _arguments(fields: Fields) -> list[Any]:
    secrets = [_SECRETS[name] for name in fields["secrets"]]
    return [
        secrets,
        requests.headers_of(fields, _SIGNERS),
        fields["body"],
        fields["now"],
    ]


def _show(fields: Fields) -> str:
    secrets = f"secrets [{', '.join(fields['secrets'])}]"
    clock = f"now {fields['now']:.15g}"
    headers = requests.headers_of(fields, _SIGNERS)
    return request_shown(headers, fields["body"], secrets, clock)


_SECRET_LISTS: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    ("two", _BOTH, ("new", "old")),
    ("two", ("old", "new"), ("old", "new")),
    ("three", ("old", "new", "third"), ("old", "new", "third")),
    ("three", ("third", "new", "old"), ("old", "new", "third")),
    ("three", ("third", "old", "fourth"), ("old",)),
    ("four", ("new", "third", "fourth", "old"), ("new", "third", "fourth", "old")),
    ("four", (*("new", "third", "fourth") * 4, "old"), ("old",)),
    ("short", ("old", "short"), ("short",)),
    ("twice", ("old", "old"), ("old",)),
    ("twice", ("new", "old", "old"), ("old",)),
    ("twice", ("old", "new", "old"), ("old",)),
)


def _secret_trials() -> Iterator[Trial]:
    for kind, secrets, signers in _SECRET_LISTS:
        for used in signers:
            yield Trial("secrets", _one(kind, secrets, used))


def _one(kind: str, secrets: Sequence[str], *signers: str) -> dict[str, Any]:
    """Return the fields of a request that these signed, for a list of secrets."""
    text = " ".join(f"{{{each}}}" for each in signers)
    return {"kind": f"secrets:{kind}", "secrets": secrets, "signature": text}


def _signature_trials() -> Iterator[Trial]:
    def trial(kind: str, secrets: Sequence[str], *signers: str) -> Trial:
        fields = {**_one("", secrets, *signers), "kind": f"signatures:{kind}"}
        return Trial("signatures", fields)

    for secrets in (("old",), ("new",), _BOTH):
        for signers in (("old", "new"), ("new", "old")):
            yield trial("two", secrets, *signers)
    for secrets in (_BOTH, ("old", "new")):
        for three in (
            ("third", "stranger", "new"),
            ("stranger", "old", "third"),
            ("stranger", "new"),
            ("stranger", "old"),
            ("old", "stranger"),
            ("old", "old"),
        ):
            yield trial("more", secrets, *three)
    yield trial("more", _BOTH, *["stranger"] * 6, "old", *["third"] * 3)
    yield trial("more", ("third", "fourth", "old"), "new", "old")
    yield trial("more", ("old", "new", "third"), "old", "new", "third")
    yield trial("more", ("old", "new", "third"), "third", "old")


def _refused_trials() -> Iterator[Trial]:
    for signature in ("{old}", "", "{old} {new}", "{stranger}", "v1,"):
        fields = {"kind": "empty", "secrets": (), "signature": signature}
        yield Trial("none", fields)
    for secrets, signature in (
        (("new",), "{old}"),
        (("new",), "{old} {stranger}"),
        (("new", "third"), "{old}"),
    ):
        fields = {"kind": "removed", "secrets": secrets, "signature": signature}
        yield Trial("forged", fields, "old is not in the list any more")
    yield Trial("forged", {"kind": "stranger", "signature": "{stranger}"})
    other_id = {"id": "evt_00002", "signed_id": EVENT.id}
    for kind, change in (*window.FORGED[:2], ("id", other_id)):
        for signature in ("{old}", "{old} {new}"):
            fields = {"kind": f"forged-{kind}", "secrets": _BOTH, **change}
            yield Trial("forged", {**fields, "signature": signature})


def _version_trials() -> Iterator[Trial]:
    for sentence, kind, texts in requests.HEADERS:
        for text in texts if sentence == "versions" else ():
            fields = {"kind": kind, "secrets": _BOTH, "signature": text}
            yield Trial("versions", fields)
    for text in ("v1,\xe9", "v1,\xe9 {old}", "{old} v1,\xe9"):
        fields = {"kind": "accent", "secrets": _BOTH, "signature": text}
        yield Trial("versions", fields)


def _window_trials() -> Iterator[Trial]:
    for used in ("old", "new"):
        for trial in window.window_trials("window", fixed=True):
            more = {"secrets": _BOTH, "signature": f"{{{used}}}"}
            yield Trial(
                trial.sentence, {**trial.changes, **more}, trial.note, probe=trial.probe
            )
    for trial in window.small_trials("window"):
        yield Trial("window", {**trial.changes, "secrets": _BOTH})


def _garbage_trials() -> Iterator[Trial]:
    for trial in requests.missing_trials():
        yield Trial("garbage", {"secrets": _BOTH, **trial.changes})
    for text in ("", "yesterday", "NaN", "\u00b2", f"{TIME}.5", f"{TIME}abc"):
        yield Trial("garbage", {"kind": "garbage-time", "secrets": _BOTH, "t": text})
    for text in ("", " ", "v1", "v1,", "garbage", "v1," + "A" * 10_000):
        yield Trial("garbage", {"kind": "garbage", "secrets": _BOTH, "signature": text})
    for body in (b"\xff\xfe", b"", b"hello", b" {}\r\n", EVENT.body + b"\n"):
        yield Trial("garbage", {"kind": "body", "body": body})


def _trials() -> Iterator[Trial]:
    yield Trial("signed")
    yield Trial("same", {"kind": "again", "again": 1}, "the second time")
    yield from _secret_trials()
    again = {**_one("two", _BOTH, "new"), "again": 2}
    yield Trial("secrets", again, "the third time")
    yield from _signature_trials()
    yield from _refused_trials()
    yield from requests.way_probes()
    yield from _version_trials()
    yield from _window_trials()
    fields = _one("three", ("new", "old", "third"), "old")
    yield Trial("list", {**fields, "kind": "list"})
    yield from _garbage_trials()
    fields = {"kind": "timing", "timing": True, "secrets": _BOTH}
    yield Trial("timing", fields)


def _blames(fields: Fields, seen: Seen, wanted: Seen) -> str | None:
    """Return the sentence on the list, or on repeated requests, if it is broken.

    All secrets were tried once before the trial that repeats a request.
    """
    if seen.value == (wanted.value, CHANGED):
        return "list"
    return "same" if fields["again"] else None


def _random(rng: random.Random) -> Trial:
    secrets = tuple(rng.sample(list(_SECRETS), rng.randrange(5)))
    signers = rng.sample([*_SECRETS, "stranger"], rng.randrange(1, 4))
    fields = {**_one("", secrets, *signers), "kind": "random"}
    if rng.random() < 0.3:
        edge = rng.choice((-300, 300))
        fields |= window.at(edge + rng.choice((-1, -0.5, 0, 0.5, 1)))
    return Trial("signatures", fields)


_ANY = "any(verify(secret, headers, body, now, 300) for secret in secrets)"
_PAIRS = (
    'headers.get("webhook-signature", "").split(" ")',
    'verify(secret, {**headers, "webhook-signature": part}, body, now, 300)',
)
_ZIPPED = f"""zip(
        secrets * 99 if len(secrets) == 1 else secrets,
        {_PAIRS[0]} * (99 if " " not in headers.get("webhook-signature", "") else 1),
    )"""
_LISTS = of(HONEST, "secrets:*")
_BOTH_LISTS = of(HONEST, "secrets:*", "signatures:*")


def _paired(fields: Fields) -> bool:
    return len(fields["secrets"]) > 1 and of("signatures:*")(fields)


MISTAKES: list[Proof] = [
    Rule(CHANGES, always, how=changes, some=True),
    *compared(
        requests.WAYS, lambda fields: SIGNING(fields) or fields["kind"] == "body"
    ),
    Rule(m.HEADER_NAMES, of(HONEST), how=wrong_name),
    *edits(FIRST_SECRET, "in secrets)", "in secrets[:1])", on=_BOTH_LISTS),
    *edits(LAST_SECRET, "in secrets)", "in secrets[-1:])", on=_LISTS),
    *edits(
        ALL_SECRETS, _ANY, "bool(secrets) and " + _ANY.replace("any", "all"), on=_LISTS
    ),
    *edits(FORGOTTEN, "in secrets)", "in secrets[:2])", on=_LISTS),
    *edits(PAIRED, _ANY, f"any({_PAIRS[1]} for secret, part in {_ZIPPED})", on=_paired),
    *edits(
        PAIRED,
        _ANY,
        f"any({_PAIRS[1]} for secret, part in zip(secrets, {_PAIRS[0]}))",
        on=_BOTH_LISTS,
    ),
    *edits(m.FIRST_ONLY, PARTS, PARTS + "[:1]", on=_BOTH_LISTS),
    *edits(m.LAST_ONLY, PARTS, PARTS + "[-1:]", on=_BOTH_LISTS),
    *edits(m.ONE_ONLY, PARTS, "[signatures.encode()]", on=_BOTH_LISTS),
    *edits(
        m.ALL_SIGNATURES,
        _ANY,
        f"all(any({_PAIRS[1]} for secret in secrets) for part in {_PAIRS[0]})",
        on=_BOTH_LISTS,
    ),
    lets_in(FAILS_OPEN, "empty", but=["removed"]),
    stumbles(RAISES_EMPTY, "empty", but=["removed", "secrets:*"]),
    *(
        rule
        for kept in (False, True)
        for rule in (
            lets_in(REMOVED, "removed", but=["empty", "stranger"], stateful=kept),
            lets_in(
                UNBOUND,
                "forged-*",
                but=[HONEST, "removed", "empty"],
                some=True,
                stateful=kept,
            ),
        )
    ),
    Rule(
        STOPS_AT_GARBAGE,
        of("version", "no-comma", "commas"),
        of("signatures:*"),
        refused,
        some=True,
    ),
    stumbles(
        m.NO_COMMA, "no-comma", but=["signatures:*"], classes=[ValueError, IndexError]
    ),
    lets_in(m.VERSION, "other-version", but=["removed"]),
    lets_in(NO_WINDOW, "old", "future", but=["removed"]),
    locks_out(WINDOW, "fresh", but=["old", "future", HONEST], some=True),
    stumbles(m.MISSING, "missing", but=[HONEST]),
    stumbles(m.NON_ASCII, "accent", but=["version"], classes=[TypeError]),
    stumbles(m.GARBAGE, "garbage", "garbage-time", "no-time", but=[HONEST]),
    *common_mistakes(),
]

EXERCISE = judged(
    id="5.2",
    lab="05_replay_and_rotation",
    wants="verify_any(secrets, headers, body, now) -> bool",
    contract=CONTRACT,
    space=Space(_BASE, _trials, _random, many=60),
    observer=Verifier(
        _arguments,
        _show,
        digest=lambda fields: requests.digest_of(fields, requests.SECRET),
        header=lambda digest, _: f"v1,{base64_text(digest)}",
        kept=lambda arguments: arguments[0],
    ),
    mistakes=MISTAKES,
    blames=_blames,
    hints=numbered("""
        1: The hard part is done: what does `verify` of exercise 5.1 return for each of
            the secrets?
        2: One matching secret is enough. Python has a built-in function for this, and
            it returns False for an empty list.
        3: any(verify(secret, headers, body, now, 300) for secret in secrets)
    """),
)
