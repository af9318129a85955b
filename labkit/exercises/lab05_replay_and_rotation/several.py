"""Exercise 5.2: several secrets, several signatures: the receiver in a rotation."""

from collections.abc import Sequence
from dataclasses import replace

from labkit.checks import Exercise, Mistake, Question, quietly
from labkit.exercises.lab05_replay_and_rotation.mistakes import (
    GARBAGE,
    HEADER_NAMES,
    MISSING,
    NON_ASCII,
    UNKNOWN_WAY,
)
from labkit.exercises.lab05_replay_and_rotation.old_asking import (
    Answer,
    Given,
    Known,
    accepts,
    base64_text,
    must_accept,
    must_refuse,
)
from labkit.exercises.lab05_replay_and_rotation.old_standard import (
    DAY,
    EVENT,
    TIME,
    Sent,
    must_not_leak,
    way_of_signing,
)
from labkit.exercises.lab05_replay_and_rotation.old_standard import OTHER as NEW
from labkit.exercises.lab05_replay_and_rotation.old_standard import SECRET as OLD

THIRD = "whsec_hc4i3RUDvWVDcOQY9urd18V+mPxEsLvfETIip2Z6Ab4="
STRANGER = "whsec_1tO5eGqM0frkCOs51ktuKvtQ3A2mpk3kcdEuIlVHXxw="
_NAMES = {OLD: "old", NEW: "new", THIRD: "third"}


def _given(secrets: Sequence[str], sent: Sent) -> Given:
    _, headers, body, now, _ = sent.given.arguments
    names = ", ".join(_NAMES[secret] for secret in secrets)
    return Given(
        (list(secrets), headers, body, now),
        f"secrets [{names}]\n{sent.given.shown.replace(', tolerance 300 s', '')}",
    )


def _signed_by(*secrets: str, sent: Sent | None = None) -> Sent:
    sent = sent or Sent()
    signatures = [replace(sent, secret=secret).signed for secret in secrets]
    return replace(sent, signature=" ".join(signatures))


RAISES_EMPTY = Mistake(
    "empty-list-raises",
    "Without a secret nothing can be verified, so the answer is False. You took an "
    "element out of an empty list.",
    "Go through the list with a loop or any(...); then an empty list needs no care.",
)


def accepts_one_secret(verify_any: Answer) -> None:
    """With one secret and one signature it verifies as before."""
    sent = Sent()

    def find() -> Mistake | None:
        return way_of_signing(
            sent, lambda s: accepts(verify_any, *_given([OLD], s).arguments)
        )

    known: Known = {KeyError: HEADER_NAMES}
    must_accept(verify_any, _given([OLD], sent), UNKNOWN_WAY, find=find, known=known)


FIRST_SECRET = Mistake(
    "only-the-first-secret",
    "The provider signed with a secret that you have, but you looked at the first of "
    "your list alone. In a rotation the old and the new one are valid for a while.",
    "Try every secret before you say False. Is there a `return False` inside the loop?",
)
LAST_SECRET = Mistake(
    "only-the-last-secret",
    "The provider signed with a secret that you have, but only the last of your list "
    "decided. A loop that keeps overwriting its result forgets the earlier ones.",
    "Return True as soon as one secret fits.",
)
ALL_SECRETS = Mistake(
    "every-secret-must-fit",
    "You ask that each of your secrets fits. Until the provider has changed over, only "
    "the old one does; afterwards, only the new one.",
    "One that fits is enough: any, not all.",
)
FORGOTTEN = Mistake(
    "only-two-secrets",
    "The list may hold more secrets than two: Svix, for one, keeps up to ten old ones.",
    "Go through the whole list.",
)


def tries_every_secret(verify_any: Answer) -> None:
    """A request signed with any of the receiver's secrets is accepted."""
    for secrets in ([NEW, OLD], [OLD, NEW]):
        for used in (OLD, NEW):
            must_accept(
                verify_any,
                _given(secrets, _signed_by(used)),
                _which_secret(verify_any),
            )
    for used in (OLD, NEW, THIRD):
        given = _given([OLD, NEW, THIRD], _signed_by(used))
        must_accept(verify_any, given, FORGOTTEN)


def _which_secret(verify_any: Answer) -> Mistake:
    first = accepts(verify_any, *_given([OLD, NEW], _signed_by(OLD)).arguments)
    last = accepts(verify_any, *_given([NEW, OLD], _signed_by(OLD)).arguments)
    if first:
        return FIRST_SECRET
    return LAST_SECRET if last else ALL_SECRETS


PAIRED = Mistake(
    "pairs-secrets-with-signatures",
    "You compared the first secret with the first signature, the second with the "
    "second. The two sides keep their lists in an order of their own, and of a length "
    "of their own.",
    "Compare every secret with every signature: a loop inside a loop.",
)
FIRST_SIGNATURE = Mistake(
    "only-the-first-signature",
    "The signature that fits was in the header, and you looked at the first alone.",
    "Split webhook-signature at its spaces and try each part.",
)
LAST_SIGNATURE = Mistake(
    "only-the-last-signature",
    "The signature that fits was in the header, and you looked at the last alone.",
    "Split webhook-signature at its spaces and try each part.",
)
ONE_SIGNATURE = Mistake(
    "expects-one-signature",
    "During a rotation the provider signs with both secrets and puts both signatures "
    "into the header, parted by a space. You compared with the header as a whole.",
    "Split webhook-signature at its spaces and try each part.",
)
ALL_SIGNATURES = Mistake(
    "every-signature-must-fit",
    "You ask that each signature in the header fits. One of them belongs to a secret "
    "that you do not have yet, or no longer.",
    "One signature that fits is enough.",
)


def tries_every_signature(verify_any: Answer) -> None:
    """Of several signatures, in any order, one that fits a secret is enough."""
    for secrets in ([OLD], [NEW], [NEW, OLD]):
        for signers in ((OLD, NEW), (NEW, OLD)):
            must_accept(
                verify_any,
                _given(secrets, _signed_by(*signers)),
                _which_signature(verify_any),
            )
    for three in ((THIRD, STRANGER, NEW), (STRANGER, OLD, THIRD)):
        given = _given([OLD, NEW], _signed_by(*three))
        must_accept(verify_any, given, _which_signature(verify_any))
    ten = _signed_by(*[STRANGER] * 6, OLD, *[THIRD] * 3)
    must_accept(verify_any, _given([NEW, OLD], ten), PAIRED)


def _which_signature(verify_any: Answer) -> Mistake:
    def passes(secrets: Sequence[str], *signers: str) -> bool:
        return accepts(verify_any, *_given(secrets, _signed_by(*signers)).arguments)

    if passes([NEW, OLD], NEW, OLD) and not passes([NEW, OLD], OLD, NEW):
        return PAIRED
    first, last = passes([OLD], OLD, NEW), passes([OLD], NEW, OLD)
    if first or last:
        return FIRST_SIGNATURE if first else LAST_SIGNATURE
    return ALL_SIGNATURES if passes([NEW, OLD], OLD, NEW) else ONE_SIGNATURE


STOPS_AT_GARBAGE = Mistake(
    "garbage-stops-the-search",
    "A part of the header made no sense, and you gave up before you came to the one "
    "that fits.",
    "Pass over what you can't read, and go on with the next part.",
)
VERSION = Mistake(
    "takes-any-version",
    "You did not look at the version in front of the signature. v1 is HMAC-SHA256; "
    "another version is another recipe.",
    'Pass over parts that do not begin with "v1,".',
)


def passes_over_garbage(verify_any: Answer) -> None:
    """Garbage and other versions among the signatures are passed over."""
    good = Sent().signed
    other = "v1a," + base64_text(bytes(range(64)))
    raises: Known = {
        TypeError: NON_ASCII,
        Exception: STOPS_AT_GARBAGE,
    }
    parts = ("v1,AAAA", other, "garbage", "v1", ",", "v1,", "a,b,c", "v1,%%", "v1,\xe9")
    for part in parts:
        for value in (f"{part} {good}", f"{good} {part}"):
            given = _given([NEW, OLD], Sent(signature=value))
            must_accept(verify_any, given, STOPS_AT_GARBAGE, known=raises)
    for label in ("v1a,", "v2,"):
        value = label + good.removeprefix("v1,")
        given = _given([NEW, OLD], Sent(signature=value))
        must_refuse(verify_any, given, VERSION, known=raises)


FAILS_OPEN = Mistake(
    "no-secret-means-open",
    "Without any secret you let everything in. That is what a receiver looks like on "
    "the day when its environment variable is missing: it works, for everybody.",
    "No secret, no signature that fits: the answer is False.",
)
REMOVED = Mistake(
    "removed-secret-still-works",
    "This was signed with a secret that is not in the list any more. A rotation is "
    "over only when the leaked secret opens nothing.",
    "Use the secrets that were passed in, and no others.",
)
UNBOUND = Mistake(
    "accepts-a-forgery",
    "Body, id or time were changed after signing, and you let the request in.",
    "On which path does your function return True without a signature that fits?",
)


def refuses_without_a_secret(verify_any: Answer) -> None:
    """An empty list, a secret that was removed, a forgery: all are refused."""
    known: Known = {
        IndexError: RAISES_EMPTY,
        ValueError: RAISES_EMPTY,
        TypeError: RAISES_EMPTY,
    }
    for signed in (Sent(), Sent(signature=""), _signed_by(OLD, NEW)):
        must_refuse(verify_any, _given([], signed), FAILS_OPEN, known=known)
    must_refuse(verify_any, _given([NEW], _signed_by(OLD)), REMOVED)
    must_refuse(verify_any, _given([NEW], _signed_by(OLD, STRANGER)), REMOVED)
    both = _signed_by(OLD, NEW).signature
    for forged in (
        Sent(body=EVENT.body.replace(b"A-1", b"A-2"), signature=both),
        Sent(id="evt_00002", signature=both),
        Sent(time=TIME + 30, signature=both),
    ):
        must_refuse(verify_any, _given([OLD, NEW], forged), UNBOUND)


NO_WINDOW = Mistake(
    "time-is-not-checked",
    "The signatures fit, but the request is older than 300 s, or from the future. "
    "Several secrets are no reason to leave the window out.",
    "Check abs(now - timestamp) <= 300 here as well.",
)
WINDOW = Mistake(
    "another-window",
    "The request is within 300 s and was refused.",
    "The tolerance of this exercise is 300 seconds, to both sides.",
)


def keeps_the_window(verify_any: Answer) -> None:
    """The window of 300 seconds holds, to both sides and for every secret."""
    for secret in (OLD, NEW):
        for age in (DAY, 302, -302, -DAY):
            sent = _signed_by(secret, sent=Sent(age=age))
            must_refuse(verify_any, _given([OLD, NEW], sent), NO_WINDOW)
        for age in (290, -290):
            sent = _signed_by(secret, sent=Sent(age=age))
            must_accept(verify_any, _given([OLD, NEW], sent), WINDOW)


CHANGES = Mistake(
    "changes-the-list-of-secrets",
    "You took secrets out of the caller's list or put it in another order. The next "
    "request meets what you left: a receiver that works once.",
    "Go through the list with for, and leave it as it is: no pop, no remove, no sort.",
)


def leaves_the_list_alone(verify_any: Answer) -> None:
    """The list of secrets is the same afterwards."""
    kept = [NEW, OLD, THIRD]
    given = _given(kept, _signed_by(OLD))
    quietly(verify_any, *given.arguments)
    if given.arguments[0] != kept:
        left = ", ".join(_NAMES.get(each, "?") for each in given.arguments[0])
        Question(
            sent=given.shown,
            expected="the same list after the call: [new, old, third]",
            why=CHANGES.why,
            try_next=CHANGES.try_next,
        ).fail(f"the list afterwards: [{left}]", CHANGES)


def stands_garbage(verify_any: Answer) -> None:
    """A header that is missing or makes no sense is False, and no exception."""
    known: Known = {Exception: MISSING}
    for name in ("webhook-signature", "webhook-timestamp", "webhook-id"):
        given = _given([NEW, OLD], Sent(without=name))
        must_refuse(verify_any, given, UNBOUND, known=known)
    known = {Exception: GARBAGE}
    for text in ("", "yesterday", "NaN", "\u00b2", f"{TIME}.5"):
        given = _given([NEW, OLD], Sent(text=text))
        must_refuse(verify_any, given, NO_WINDOW, known=known)
    for value in ("", " ", "v1", "v1,", "garbage"):
        given = _given([NEW, OLD], Sent(signature=value))
        must_refuse(verify_any, given, UNBOUND, known=known)


def compares_in_constant_time(verify_any: Answer) -> None:
    """The signatures are compared in constant time."""
    sent = Sent()
    given = _given([NEW, OLD], sent)
    secrets, headers, body, now = given.arguments
    must_not_leak(
        verify_any,
        lambda signed: verify_any(
            secrets, {**headers, "webhook-signature": signed}, body, now
        ),
        sent,
        given,
    )


EXERCISE = Exercise(
    id="5.2",
    lab="05_replay_and_rotation",
    wants="verify_any(secrets, headers, body, now) -> bool",
    cases=(
        accepts_one_secret,
        tries_every_secret,
        tries_every_signature,
        refuses_without_a_secret,
        passes_over_garbage,
        keeps_the_window,
        leaves_the_list_alone,
        stands_garbage,
        compares_in_constant_time,
    ),
    hints=(
        (
            "You have written the hard part already: what would `verify` of 5.1 say to "
            "each of the secrets?"
        ),
        (
            "One secret that fits is enough. Python has a word for that, and it says "
            "False to an empty list."
        ),
        "any(verify(secret, headers, body, now, 300) for secret in secrets)",
    ),
)
