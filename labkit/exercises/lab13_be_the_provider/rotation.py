"""13.8: which secrets sign an attempt while a secret is replaced."""

from collections.abc import Iterator
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, mistakes
from labkit.checks.observing import Function, Seen, exactly, family
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial

ONLY_NEW, ONLY_OLD, FOREVER, EDGE, OLD_FIRST, EMPTY_KEY, NONE_IN_LIST = mistakes("""
    only-the-new-secret: Your code signs with the new secret alone. Receivers that still
        have the old one reject every delivery from the moment of the rotation.
        Try: Add the old secret as long as `now` is before `old_until`.
    only-the-old-secret: During the overlap, your code signs with the old secret alone.
        Receivers that have switched to the new one reject every delivery.
        Try: Return both secrets during the overlap.
    old-secret-forever: Your code signs with the old secret after the overlap, too. A
        secret is often replaced because it has leaked, and then it must stop working.
        Try: Compare `now` with `old_until`.
    one-moment-too-long: Your code still uses the old secret at the moment `old_until`.
        The overlap ends there.
        Try: Compare with `<` instead of `<=`.
    old-secret-first: Your code puts the old secret first. Some receivers check only the
        first signature, and they must be able to switch to the new secret.
        Try: Put `secret` first and `old_secret` second.
    signs-with-an-empty-secret: Your code accepts an endpoint without a secret. An HMAC
        with an empty key looks like a signature, but anyone can compute it.
        Try: Raise ValueError if `secret` is None or empty.
    none-in-the-list: Your code puts None or an empty string into the list if there is
        no old secret.
        Try: Add the old secret only if it is neither None nor empty.
""")
FAILS, DOUBLE = mistakes("""
    fails-without-rotation: Your code compares `now` with `old_until` although it is
        None. Most endpoints have never had a rotation, and no delivery to them would be
        signed.
        Try: Check for None before you compare.
    one-secret-twice: Your code lists the same secret twice if the old and the new
        secret are equal. The header then has two equal signatures.
        Try: Add the old secret only if it differs from the new one.
""")

CONTRACT = contract("""
    list: Return the list of the secrets with which to sign an attempt at the time
        `now`.
    given: `endpoint` is a dictionary with `secret`, `old_secret` and `old_until`; the
        last two are None if there was no rotation.
    new: The first one is always `secret`.
    overlap: As long as `now` is before `old_until`, the second one is `old_secret`.
    end: From `old_until` on, the old secret is not used.
    none: If `old_secret` or `old_until` is None, there is only `secret`.
    twice: No secret is in the list twice.
    empty: If `secret` is None or an empty string, raise ValueError: nothing may be
        signed with an empty key.
    open: The check does not test the form of the secrets.
""")

NEW, OLD, UNTIL = "whsec_bmV3", "whsec_b2xk", 1_000.0


def _trials() -> Iterator[Trial]:
    yield Trial("list", {})
    yield Trial("new", {"old_secret": None, "old_until": None})
    yield Trial("new", {"now": 2_000.0})
    for now in (0.0, 500.0, 999.0, 999.999):
        yield Trial("overlap", {"now": now})
    yield Trial("overlap", {"old_secret": "whsec_enp6"})
    yield Trial("overlap", {"old_until": 1_000.5, "now": 1_000.25})
    far = {"old_until": 4_000_000_000.0}
    yield Trial("overlap", {**far, "now": 3_999_999_999.0})
    for now in (1_000.0, 1_000.001, 90_000.0):
        yield Trial("end", {"now": now})
    yield Trial("end", {**far, "now": 4_000_000_001.0})
    yield Trial("end", {"old_until": 999.5, "now": 999.75})
    yield Trial("end", {"old_until": 0.0, "now": 5.0})
    for now in (0.0, 500.0, 5_000.0):
        yield Trial("none", {"old_secret": None, "old_until": None, "now": now})
        yield Trial("none", {"old_secret": None, "now": now})
        yield Trial("none", {"old_until": None, "now": now})
        yield Trial("twice", {"old_secret": NEW, "now": now})
    for secret in (None, ""):
        yield Trial("empty", {"secret": secret, "old_secret": None, "old_until": None})
        yield Trial("empty", {"secret": secret})
        yield Trial("empty", {"secret": secret, "now": 5_000.0})


def _arguments(fields: Fields) -> list[Any]:
    names = ("secret", "old_secret", "old_until")
    endpoint = {"id": "ep_1", "url": "https://shop.example/", "enabled": 1}
    secrets = {name: _copied(fields[name]) for name in names}
    return [{**endpoint, **secrets}, fields["now"]]


def _copied(value: Any) -> Any:
    """Return an equal string that is another object, as from a database."""
    return "".join(list(value)) if isinstance(value, str) else value


def _broken(_: Fields, seen: Seen, __: Seen) -> str | None:
    no_list = seen.error is None and not isinstance(seen.result, list)
    return "list" if no_list else None


def _show(fields: Fields) -> str:
    names = ("secret", "old_secret", "old_until")
    endpoint = {name: fields[name] for name in names}
    return f"live_secrets({endpoint}, {fields['now']})"


CONDITION = "if old and until is not None and now < until and old != secret:"
MISTAKES: list[Proof] = [
    edit(ONLY_NEW, (CONDITION, "if False:")),
    edit(ONLY_OLD, ("return [secret, old]", "return [old]")),
    edit(FOREVER, (CONDITION, "if old and until is not None and old != secret:")),
    edit(FOREVER, (CONDITION, "if old and old != secret:")),
    edit(FOREVER, (CONDITION, "if old:")),
    Rule(
        EDGE,
        lambda fields: fields["now"] == fields["old_until"],
        lambda fields: fields["now"] != fields["old_until"],
        lambda _, seen: seen.result == [NEW, OLD],
    ),
    edit(OLD_FIRST, ("return [secret, old]", "return [old, secret]")),
    edit(EMPTY_KEY, ("if not secret:", "if False:")),
    edit(EMPTY_KEY, ("if not secret:", "if secret is None:")),
    edit(NONE_IN_LIST, ("if old and until", "if until")),
    edit(NONE_IN_LIST, (CONDITION, "if True:")),
    edit(FAILS, ("if old and until is not None and now", "if old and now")),
    edit(FAILS, ("if old and until is not None and now", "if now")),
    edit(DOUBLE, (" and old != secret:", ":")),
]

LIVE_SECRETS = judged(
    id="13.8",
    lab="13_be_the_provider",
    wants="live_secrets(endpoint, now) -> list",
    hints=numbered("""
        1: Which receivers exist in the middle of a rotation, and which secret does each
            of them have?
        2: Check for what is missing first, then compare `now` with `old_until`.
    """),
    contract=CONTRACT,
    space=Space(
        {"secret": NEW, "old_secret": OLD, "old_until": UNTIL, "now": 500.0}, _trials
    ),
    observer=Function(
        _arguments, _show, exactly, family(ValueError), keeps_arguments=True
    ),
    mistakes=MISTAKES,
    blames=_broken,
)
