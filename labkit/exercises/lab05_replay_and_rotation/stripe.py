"""Exercise 5.4: the same idea in Stripe's dress."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace

from labkit.checks import Exercise, Mistake
from labkit.exercises.lab05_replay_and_rotation.mistakes import (
    ACCEPTS_ALL,
    BACKWARDS,
    BYTES_IN_TEXT,
    DECODED,
    EVENTS_TIME,
    FRACTIONS,
    FUTURE,
    GARBAGE,
    GARBAGE_TIME,
    HUGE_TIME,
    MILLISECONDS,
    NAN,
    NEGATIVE,
    NON_ASCII,
    NOT_CHECKED,
    OWN_TOLERANCE,
    PREFIX,
    RESERIALISED,
    TIME_FREE,
    TOO_NARROW,
    TRIMMED,
    TURNED_ROUND,
    TWO_BODIES,
    UNIT,
)
from labkit.exercises.lab05_replay_and_rotation.old_asking import (
    Answer,
    Given,
    Known,
    Part,
    accepts,
    base64_text,
    must_accept,
    must_refuse,
    own_way,
    request_shown,
)
from labkit.exercises.lab05_replay_and_rotation.old_standard import (
    DAY,
    EVENT,
    TEN_YEARS,
    TIME,
    TOLERANCE,
    refuse_leak,
)
from labkit.running.tracked import compares_at_once, stops_early
from labkit.signing import SCHEMES

SECRET = "whsec_SxlwV1FO5O8p2UJKkbb3yLB2TxNn6j4H"  # noqa: S105 - made up for the lab
OTHER = "whsec_AMH7Z52T2uLu5q9ovUJnh2mFZEDk6LPy"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of Stripe, with the clock that it meets.

    `age` is the receiver's time less the request's, in seconds. `text` is signed and
    sent in the place of the time; `header` replaces the whole header.
    """

    body: bytes = EVENT.body
    time: int = TIME
    age: float = 0.0
    tolerance: float = TOLERANCE
    secret: str = SECRET
    text: str | None = None
    header: str | None = None

    @property
    def t(self) -> str:
        """The time as the header shows it."""
        return str(self.time) if self.text is None else self.text

    @property
    def signature(self) -> str:
        """The signature in hex, without its label."""
        if self.text is None:
            signed = SCHEMES["stripe"].sign(
                self.body, secret=self.secret, id="", timestamp=self.time
            )
            return signed["Stripe-Signature"].partition("v1=")[2]
        content = f"{self.text}.".encode() + self.body
        return hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()

    @property
    def given(self) -> Given:
        """What `verify_stripe` is called with."""
        header = self.header
        if header is None:
            header = f"t={self.t},v1={self.signature}"
        now = self.time + self.age
        return Given(
            (SECRET, self.body, header, now, self.tolerance),
            request_shown(
                {"Stripe-Signature": header},
                self.body,
                f"now {now:.0f}, tolerance {self.tolerance:.0f} s",
            ),
        )


DECODES_SECRET = Mistake(
    "secret-decoded-from-base64",
    "You decoded the secret, as in exercise 5.1. Stripe's secrets look the same and "
    "are used otherwise: the whole text is the key.",
    "The key is secret.encode(), and nothing else.",
)
CUTS_PREFIX = Mistake(
    "prefix-cut-off",
    "You cut whsec_ off. For Stripe these letters are a part of the key.",
    "The key is secret.encode(), and nothing else.",
)
TIME_UNSIGNED = Mistake(
    "timestamp-is-not-signed",
    "You signed the body without the time. An attacker writes today's timestamp on "
    "yesterday's request, and it is fresh again.",
    "Sign the time, a full stop, and the body.",
)
ORDER = Mistake(
    "signed-in-another-order",
    "You signed the right two things in another order, or with another sign between "
    "them.",
    "The time as it stands after t=, a full stop, the body.",
)
BASE64 = Mistake(
    "base64-instead-of-hex",
    "You wrote the digest in base64, as Standard Webhooks does. Stripe writes it in "
    "hexadecimal digits.",
    "Take .hexdigest().",
)
LABEL = Mistake(
    "label-not-told-from-signature",
    "Each item of the header is a name, an equals sign and a value. You compared "
    "the signature with something else than the value of a v1.",
    'Take the item apart with partition("=").',
)
UNKNOWN_WAY = Mistake(
    "signature-does-not-fit",
    "This is an honest request, signed by the provider with the secret that you were "
    "given, and fresh. Something in your way to compute the signature differs.",
    "Print the bytes you sign and compare them with the recipe, sign by sign: time . "
    "body",
)
PARSES = Mistake(
    "header-not-taken-apart",
    "The header is one text that holds several items, such as t=1767225600 and v1=….",
    'Split it at the commas, then each item at its first "=".',
)
_PARSING: Known = {
    ValueError: PARSES,
    KeyError: PARSES,
    IndexError: PARSES,
    AttributeError: PARSES,
}


def accepts_the_provider(verify_stripe: Answer) -> None:
    """A request as Stripe signs and sends it is accepted."""
    sent = Sent()

    def find() -> Mistake | None:
        return _time_slip(verify_stripe, sent) or _way_of_signing(verify_stripe, sent)

    must_accept(verify_stripe, sent.given, UNKNOWN_WAY, find=find, known=_PARSING)


def _time_slip(verify_stripe: Answer, sent: Sent) -> Mistake | None:
    secret, body, header, now, tolerance = sent.given.arguments

    def passes(now: float, tolerance: float = tolerance) -> bool:
        return accepts(verify_stripe, secret, body, header, now, tolerance)

    if passes(now + TEN_YEARS):
        return TURNED_ROUND
    if passes(now * 1000) or passes(now / 1000):
        return UNIT
    return CLOCK if passes(now, 1e15) else None


CLOCK = Mistake(
    "looks-at-another-clock",
    "Signature and time are right, and you refused the request for its age. Your time "
    "does not come from the arguments: `now` is the receiver's clock, and t= says when "
    "this attempt was signed.",
    "Compare `now` with the time in the header, and nothing else.",
)


def _way_of_signing(verify_stripe: Answer, sent: Sent) -> Mistake | None:
    t, body = sent.t.encode(), sent.body
    data = json.loads(body)
    texts = {json.dumps(data), json.dumps(data, sort_keys=True), str(data)}
    others = sorted({text.encode() for text in texts} - {body})

    def tries(signature: str) -> bool:
        header = f"t={sent.t},{signature}"
        loose = replace(sent, header=header, tolerance=1e15)
        return accepts(verify_stripe, *loose.given.arguments)

    return own_way(
        tries,
        keys=(
            Part(sent.secret.encode()),
            Part(_decoded(sent.secret), DECODES_SECRET),
            Part(sent.secret.removeprefix("whsec_").encode(), CUTS_PREFIX),
        ),
        contents=(
            Part(t + b"." + body),
            Part(body, TIME_UNSIGNED),
            Part(t + b"." + str(body).encode(), BYTES_IN_TEXT),
            *(Part(t + b"." + other, RESERIALISED) for other in others),
            *(Part(t + sign + body, ORDER) for sign in (b"", b":", b",", b"\n")),
            Part(body + b"." + t, ORDER),
            Part(b"t=" + t + b"." + body, ORDER),
            Part(EVENT.id.encode() + b"." + t + b"." + body, ORDER),
        ),
        codes=(
            Part(bytes.hex),
            Part(base64_text, BASE64),
            Part(lambda digest: digest.hex().upper(), BASE64),
        ),
        labels=(
            Part("v1="),
            Part("v1=v1=", LABEL),
            Part("v1=sha256=", LABEL),
            Part("", LABEL),
            Part("v1,", LABEL),
        ),
    )


def _decoded(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    return base64.b64decode(text + "=" * (-len(text) % 4))


def refuses_forgeries(verify_stripe: Answer) -> None:
    """What was not signed with this secret, or was changed afterwards, is refused."""
    honest = Sent().signature
    changed = EVENT.body.replace(b"A-1", b"A-2")
    must_refuse(verify_stripe, Sent(secret=OTHER).given, ACCEPTS_ALL)
    for forged in (
        Sent(body=changed, header=f"t={TIME},v1={honest}"),
        Sent(header=f"t={TIME},v1={'0' * 64}"),
    ):
        must_refuse(verify_stripe, forged.given, ACCEPTS_ALL)
    later = Sent(time=TIME + 30, header=f"t={TIME + 30},v1={honest}")
    must_refuse(verify_stripe, later.given, TIME_FREE)


def refuses_the_old(verify_stripe: Answer) -> None:
    """A captured request that is sent again a day later is refused."""
    for age in (DAY, TOLERANCE + 2):
        sent = Sent(age=age)
        must_refuse(verify_stripe, sent.given, _old_accepted(verify_stripe, sent))


def _old_accepted(verify_stripe: Answer, sent: Sent) -> Mistake:
    def passes(age: float, tolerance: float = TOLERANCE) -> bool:
        changed = replace(sent, age=age, tolerance=tolerance)
        return accepts(verify_stripe, *changed.given.arguments)

    if passes(TEN_YEARS):
        return NOT_CHECKED if passes(-TEN_YEARS) else BACKWARDS
    return OWN_TOLERANCE if passes(sent.age, 0.01) else UNIT


STRIPES_FUTURE = Mistake(
    FUTURE.id,
    "A timestamp from tomorrow passes until the day after. Stripe's own library lets "
    "it pass, too; here the tolerance bounds both sides.",
    FUTURE.try_next,
)


def refuses_the_future(verify_stripe: Answer) -> None:
    """A request from the future is refused."""
    for ahead in (DAY, TOLERANCE + 2):
        must_refuse(verify_stripe, Sent(age=-ahead).given, STRIPES_FUTURE)


def keeps_to_the_tolerance(verify_stripe: Answer) -> None:
    """The tolerance is the caller's: near misses pass, one second more does not."""
    for age in (7.5, TOLERANCE - 2, -7.5, 2 - TOLERANCE):
        sent = Sent(age=age)
        wide = replace(sent, tolerance=1000 * TOLERANCE)
        unit = accepts(verify_stripe, *wide.given.arguments)
        must_accept(verify_stripe, sent.given, UNIT if unit else TOO_NARROW)
    must_refuse(verify_stripe, Sent(age=100, tolerance=60).given, OWN_TOLERANCE)
    must_accept(verify_stripe, Sent(age=500, tolerance=900).given, OWN_TOLERANCE)
    must_accept(verify_stripe, Sent(time=TIME + 36_000).given, EVENTS_TIME)


def signs_the_raw_bytes(verify_stripe: Answer) -> None:
    """The body counts byte by byte, however its JSON is written."""
    for body in (
        b'{ "id": "evt_00001",\n  "amount": 1.0 }',
        b'{"name":"Zo\\u00eb"}',
        '{"name":"Zoë 李雷"}'.encode(),
        b'{"a":1,"a":2}',
    ):
        must_accept(verify_stripe, Sent(body=body).given, RESERIALISED)
    must_accept(verify_stripe, Sent(body=EVENT.body + b"\n").given, TRIMMED)
    latin = Sent(body=b'{"name":"\xf8\xff"}')
    must_accept(verify_stripe, latin.given, DECODED, known={UnicodeError: DECODED})
    spaced = json.dumps(json.loads(EVENT.body)).encode()
    header = f"t={TIME},v1={Sent().signature}"
    must_refuse(verify_stripe, Sent(body=spaced, header=header).given, TWO_BODIES)


FIRST_ONLY = Mistake(
    "only-the-first-v1",
    "The signature that fits was in the header, behind another v1. While a secret is "
    "being rolled, Stripe signs with both, in an order of its own.",
    "Collect the values of all v1 items, and try each.",
)
LAST_ONLY = Mistake(
    "keeps-only-the-last-v1",
    "A dictionary holds one value a name, so of several v1 only the last was left. "
    "A released library of another provider does the same, and refuses honest requests "
    "whenever the one that fits comes first.",
    "Collect the values of all v1 items in a list, and try each.",
)
ONE_ONLY = Mistake(
    "expects-one-signature",
    "While a secret is being rolled there are two v1 in the header, and you refused "
    "both.",
    "Collect the values of all v1 items in a list, and try each.",
)


def goes_through_all_signatures(verify_stripe: Answer) -> None:
    """Of several v1, any one that fits is enough."""
    good, other = Sent().signature, Sent(secret=OTHER).signature
    third = Sent(body=b"{}").signature

    def several(*signatures: str) -> Sent:
        items = [f"t={TIME}", *(f"v1={one}" for one in signatures)]
        return Sent(header=",".join(items))

    def mistake() -> Mistake:
        if accepts(verify_stripe, *several(good, other).given.arguments):
            return FIRST_ONLY
        last = accepts(verify_stripe, *several(other, good).given.arguments)
        return LAST_ONLY if last else ONE_ONLY

    for signatures in ((good, other), (other, good), (other, good, third)):
        given = several(*signatures).given
        must_accept(verify_stripe, given, mistake(), known=_PARSING)
    for signatures in (("", good), ("abc", good), (good, "\xe9"), ("\xe9", good)):
        must_accept(
            verify_stripe,
            several(*signatures).given,
            FIRST_ONLY,
            known={TypeError: NON_ASCII, Exception: GARBAGE},
        )


ITEM_ORDER = Mistake(
    "items-in-a-fixed-order",
    "The items of the header have names so that their order is free. You took them by "
    "their places.",
    "Ask each item for its name: t or v1.",
)
UNKNOWN_ITEM = Mistake(
    "stumbles-over-unknown-items",
    "The header held an item that you did not expect, such as a v0. "
    "A provider that adds one tomorrow would stop your shop.",
    "Pass over every item whose name is not t or v1.",
)
SCHEME = Mistake(
    "takes-v0-for-v1",
    "This header holds no v1. You took the value of another item for it: whoever may "
    "choose the scheme may choose a weak one.",
    "Look at the name of the item; only v1 counts.",
)
TWO_TIMES = Mistake(
    "two-times-in-one-header",
    "A captured header, and a fresh t= was added to it: two headers of the same name "
    "arrive joined by a comma. You checked the signature with one of them and the "
    "window with the other.",
    "Read t once, and use the same value for both.",
)


def reads_the_items_by_name(verify_stripe: Answer) -> None:
    """The items come in any order, and those of an unknown name are passed over."""
    good = Sent().signature
    v0 = hashlib.sha256(b"v0").hexdigest()
    raises: Known = {
        KeyError: UNKNOWN_ITEM,
        ValueError: UNKNOWN_ITEM,
        IndexError: UNKNOWN_ITEM,
    }
    for header in (
        f"t={TIME},v1={good},v0={v0}",
        f"t={TIME},v0={v0},v1={good}",
        f"t={TIME},v1={good},v2=a=b=c",
        f"t={TIME},v1={good},new",
        f"t={TIME},,v1={good},",
    ):
        given = Sent(header=header).given
        must_accept(verify_stripe, given, UNKNOWN_ITEM, known=raises)
    for header in (f"v1={good},t={TIME}", f"v0={v0},v1={good},t={TIME}"):
        places = dict.fromkeys(raises, ITEM_ORDER)
        given = Sent(header=header).given
        must_accept(verify_stripe, given, ITEM_ORDER, known=places)
    for name in ("v0", "v2", "v11"):
        given = Sent(header=f"t={TIME},{name}={good}").given
        must_refuse(verify_stripe, given, SCHEME, known=raises)
    for header in (
        f"t={TIME},v1={good},t={TIME + 36_000}",
        f"t={TIME + 36_000},t={TIME},v1={good}",
    ):
        given = Sent(age=36_000, header=header).given
        must_refuse(verify_stripe, given, TWO_TIMES, known=raises)


SKIPPED = Mistake(
    "checks-the-time-only-if-present",
    "Without a t= you leave the check of the window out. A request that was once "
    "signed without one is then valid for ever.",
    "No t= means False, before anything is computed.",
)


def needs_time_and_signature(verify_stripe: Answer) -> None:
    """A header without t or v1, or none at all, is refused, and nothing is raised."""
    good = Sent().signature
    known: Known = {Exception: GARBAGE}
    for header in (
        "",
        ",",
        "=",
        "garbage",
        f"t={TIME}",
        f"t={TIME},v1",
        f"t={TIME},v1=",
        f"v1={good}",
        good,
        f"t={TIME} v1={good[:-1]}",
        f"t={TIME};v1={good[:-1]}",
        f"\xe9={TIME},v1=\xe9",
        f"t={TIME},v1={good[:-2]}\xe9",
        "t=" + "," * 5000,
    ):
        given = Sent(header=header).given
        must_refuse(verify_stripe, given, ACCEPTS_ALL, known=known)
    key = SECRET.encode()
    for front in (b"", b".", b"None.", b"0."):
        signature = hmac.new(key, front + EVENT.body, hashlib.sha256).hexdigest()
        for header in (f"v1={signature}", f"t=,v1={signature}"):
            given = Sent(header=header).given
            must_refuse(verify_stripe, given, SKIPPED, known=known)


def reads_the_time_strictly(verify_stripe: Answer) -> None:
    """A time that is not whole seconds is refused, even with a valid signature."""
    known: Known = {
        ValueError: GARBAGE_TIME,
        OverflowError: GARBAGE_TIME,
        TypeError: GARBAGE_TIME,
    }
    for text, mistake in (
        ("yesterday", GARBAGE_TIME),
        ("NaN", NAN),
        ("inf", NAN),
        ("-1", NEGATIVE),
        (f"-{TIME}", NEGATIVE),
        (f"{TIME}000", MILLISECONDS),
        (f"{TIME}abc", PREFIX),
        (f"{TIME}.5", FRACTIONS),
        ("1.7672256e9", FRACTIONS),
        ("\u00b2", GARBAGE_TIME),
    ):
        must_refuse(verify_stripe, Sent(text=text).given, mistake, known=known)
    huge: Known = {
        ValueError: HUGE_TIME,
        OverflowError: HUGE_TIME,
    }
    for digits in (400, 5000):
        header = f"t={'9' * digits},v1={Sent().signature}"
        must_refuse(verify_stripe, Sent(header=header).given, ACCEPTS_ALL, known=huge)


def compares_in_constant_time(verify_stripe: Answer) -> None:
    """The signatures are compared in constant time."""
    sent = Sent()
    secret, body, header, now, tolerance = sent.given.arguments
    front = header.partition("v1=")[0]

    def ask(signed: str) -> object:
        tracked = front + "v1=" + signed.removeprefix("sha256=")
        return verify_stripe(secret, body, tracked, now, tolerance)

    digest = bytes.fromhex(sent.signature)
    if compares_at_once(verify_stripe, ask, digest) or stops_early(
        verify_stripe, ask, digest
    ):
        refuse_leak(sent.given)


EXERCISE = Exercise(
    id="5.4",
    lab="05_replay_and_rotation",
    wants="verify_stripe(secret, body, header, now, tolerance) -> bool",
    cases=(
        accepts_the_provider,
        refuses_forgeries,
        refuses_the_old,
        refuses_the_future,
        keeps_to_the_tolerance,
        signs_the_raw_bytes,
        goes_through_all_signatures,
        reads_the_items_by_name,
        needs_time_and_signature,
        reads_the_time_strictly,
        compares_in_constant_time,
    ),
    hints=(
        (
            "Take the header apart first: split at the commas, then each item at its "
            "first equals sign. Which values do you need, and how many of each can "
            "there be?"
        ),
        (
            'Sign f"{t}.".encode() + body with the key secret.encode(), in hexdigest. '
            "Keep the v1 values in a list."
        ),
        (
            "If t is not all digits, or no v1 fits, the answer is False. What is left "
            "is abs(now - int(t)) <= tolerance."
        ),
    ),
)
