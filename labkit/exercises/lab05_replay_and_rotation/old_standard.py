"""Exercise 5.1: verify a request of Standard Webhooks, with its time."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn

from labkit.checks import Exercise, Mistake, Question
from labkit.exercises.lab05_replay_and_rotation.mistakes import (
    ACCEPTS_ALL,
    ANYWHERE,
    BACKWARDS,
    BYTES_IN_TEXT,
    CLOCK,
    DECODED,
    EQUALS,
    EVENTS_TIME,
    FIRST_ONLY,
    FRACTIONS,
    FUTURE,
    GARBAGE,
    GARBAGE_TIME,
    HEADER_NAMES,
    HEX,
    HUGE_TIME,
    ID_AND_TIME_UNSIGNED,
    ID_FREE,
    ID_UNSIGNED,
    LABEL,
    LAST_ONLY,
    MILLISECONDS,
    MISSING,
    NAN,
    NEGATIVE,
    NO_COMMA,
    NO_ID,
    NON_ASCII,
    NOT_CHECKED,
    NOT_DECODED,
    ONE_ONLY,
    OTHER_ORDER,
    OWN_TOLERANCE,
    PREFIX,
    RESERIALISED,
    SKIPPED,
    STRIPS,
    TIME_FREE,
    TIME_UNSIGNED,
    TOO_NARROW,
    TRIMMED,
    TURNED_ROUND,
    TWO_BODIES,
    UNIT,
    UNKNOWN_WAY,
    URL_SAFE,
    VERSION,
    WHOLE_SECRET,
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
from labkit.running.tracked import FEW, Leak, track, watched
from labkit.samples import contacts, payments
from labkit.signing import SCHEMES

SECRET = "whsec_Kf5pvZ6M66agfR3sJbGwh+/ibAf/DSHX2wszd3c4pcY="  # noqa: S105 - made up for the lab
OTHER = "whsec_jTwSB0/EEjKHRfcofXghlgXc6XC1K8OfdxJupiooRS4="
TOLERANCE = 300.0
DAY = 86_400.0
TEN_YEARS = 3_652 * DAY
EVENT = payments(1)[0]
TIME = EVENT.created_at


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of Standard Webhooks, with the clock that it meets.

    `age` is the receiver's time less the request's, in seconds. `text` stands in the
    header in the place of the timestamp; `content` is signed in the place of what the
    scheme says; `signature` replaces the header's whole value.
    """

    body: bytes = EVENT.body
    id: str = EVENT.id
    time: int = TIME
    age: float = 0.0
    tolerance: float = TOLERANCE
    secret: str = SECRET
    text: str | None = None
    content: bytes | None = None
    signature: str | None = None
    without: str = ""
    replaced: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> float:
        """The receiver's time."""
        return self.time + self.age

    @property
    def signed(self) -> str:
        """The one honest signature, with its label."""
        if self.text is None and self.content is None:
            signed = SCHEMES["standard"].sign(
                self.body, secret=self.secret, id=self.id, timestamp=self.time
            )
            return signed["webhook-signature"]
        t = str(self.time) if self.text is None else self.text
        content = self.content
        if content is None:
            content = f"{self.id}.{t}.".encode() + self.body
        return "v1," + base64_text(_digest(key_of(self.secret), content))

    @property
    def headers(self) -> dict[str, str]:
        """The three headers, in lower case."""
        found = {
            "webhook-id": self.id,
            "webhook-timestamp": str(self.time) if self.text is None else self.text,
            "webhook-signature": self.signature
            if self.signature is not None
            else self.signed,
            **self.replaced,
        }
        found.pop(self.without, None)
        return found

    @property
    def given(self) -> Given:
        """What `verify` of 5.1 is called with."""
        return Given(
            (SECRET, self.headers, self.body, self.now, self.tolerance),
            request_shown(
                self.headers,
                self.body,
                f"now {self.now:.0f}, tolerance {self.tolerance:.0f} s",
            ),
        )


def key_of(secret: str) -> bytes:
    """Return the key that a secret of Standard Webhooks holds."""
    return base64.b64decode(secret.removeprefix("whsec_"))


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def accepts_the_provider(verify: Answer) -> None:
    """A request as the provider signs and sends it is accepted."""
    sent = Sent()

    def find() -> Mistake | None:
        return _time_slip(verify, sent) or way_of_signing(
            sent, lambda s: accepts(verify, *s.given.arguments)
        )

    must_accept(verify, sent.given, UNKNOWN_WAY, find=find, known=_HEADERS)


def _time_slip(verify: Answer, sent: Sent) -> Mistake | None:
    def passes(now: float, tolerance: float) -> bool:
        arguments = (SECRET, sent.headers, sent.body, now, tolerance)
        return accepts(verify, *arguments)

    now = sent.now
    if passes(now + TEN_YEARS, TOLERANCE):
        return TURNED_ROUND
    if passes(now * 1000, TOLERANCE) or passes(now / 1000, TOLERANCE):
        return UNIT
    return CLOCK if passes(now, 1e15) else None


def way_of_signing(sent: Sent, tries: Callable[[Sent], bool]) -> Mistake | None:
    """Return the slip in the way that an answer signs, or None if none is known.

    `tries` hands a request to the answer, with a window as wide as it can be.
    """
    loose = replace(sent, tolerance=1e15)
    i, t, body = sent.id.encode(), str(sent.time).encode(), sent.body
    data = json.loads(body)
    pretty, small = json.dumps(data), json.dumps(data, separators=(",", ":"))
    texts = {pretty, small, json.dumps(data, sort_keys=True), str(data)}
    other_bodies = sorted({text.encode() for text in texts} - {body})
    front = i + b"." + t + b"."
    orders = (
        t + b"." + i + b"." + body,
        body + b"." + i + b"." + t,
        body + b"." + t + b"." + i,
        i + b"." + body + b"." + t,
        i + b"." + t + body,
        front + body + b".",
        *(sign.join((i, t, body)) for sign in (b"", b":", b"\n", b",", b" ")),
    )
    return own_way(
        lambda signature: tries(replace(loose, signature=signature)),
        keys=(
            Part(key_of(sent.secret)),
            Part(sent.secret.encode(), WHOLE_SECRET),
            Part(sent.secret.removeprefix("whsec_").encode(), NOT_DECODED),
            Part(_url_safe(sent.secret), URL_SAFE),
        ),
        contents=(
            Part(front + body),
            Part(body, ID_AND_TIME_UNSIGNED),
            Part(t + b"." + body, ID_UNSIGNED),
            Part(i + b"." + body, TIME_UNSIGNED),
            Part(front + str(body).encode(), BYTES_IN_TEXT),
            *(Part(front + other, RESERIALISED) for other in other_bodies),
            *(Part(order, OTHER_ORDER) for order in orders),
        ),
        codes=(
            Part(base64_text),
            Part(bytes.hex, HEX),
            Part(lambda digest: base64_text(digest.hex().encode()), HEX),
            Part(lambda digest: base64.urlsafe_b64encode(digest).decode(), URL_SAFE),
        ),
        labels=(
            Part("v1,"),
            Part("", LABEL),
            Part("v1=", LABEL),
            Part("sha256=", LABEL),
        ),
    )


def _url_safe(secret: str) -> bytes:
    return base64.urlsafe_b64decode(secret.removeprefix("whsec_"))


_HEADERS: Known = {KeyError: HEADER_NAMES}


def refuses_forgeries(verify: Answer) -> None:
    """What was not signed with this secret, or was changed afterwards, is refused."""
    honest = Sent().signed
    changed = EVENT.body.replace(b"A-1", b"A-2")
    must_refuse(verify, Sent(secret=OTHER).given, ACCEPTS_ALL)
    must_refuse(verify, Sent(body=changed, signature=honest).given, ACCEPTS_ALL)
    must_refuse(verify, Sent(id="evt_00002", signature=honest).given, ID_FREE)
    later = Sent(time=TIME + 30, signature=honest)
    must_refuse(verify, later.given, TIME_FREE)


def refuses_the_old(verify: Answer) -> None:
    """A captured request that is sent again a day later is refused."""
    for age in (DAY, TOLERANCE + 2):
        sent = Sent(age=age)
        mistake = _old_accepted(verify, sent)
        must_refuse(verify, sent.given, mistake)


def _old_accepted(verify: Answer, sent: Sent) -> Mistake:
    def passes(age: float, tolerance: float = TOLERANCE) -> bool:
        arguments = replace(sent, age=age, tolerance=tolerance).given.arguments
        return accepts(verify, *arguments)

    if passes(TEN_YEARS):
        return NOT_CHECKED if passes(-TEN_YEARS) else BACKWARDS
    return OWN_TOLERANCE if passes(sent.age, 0.01) else UNIT


def refuses_the_future(verify: Answer) -> None:
    """A request from the future is refused."""
    for ahead in (DAY, TOLERANCE + 2):
        must_refuse(verify, Sent(age=-ahead).given, FUTURE)


def keeps_to_the_tolerance(verify: Answer) -> None:
    """The tolerance is the caller's: near misses pass, one second more does not."""
    for age in (7.5, TOLERANCE - 2, -7.5, 2 - TOLERANCE):
        sent = Sent(age=age)
        unit = accepts(
            verify, *replace(sent, tolerance=1000 * TOLERANCE).given.arguments
        )
        must_accept(verify, sent.given, UNIT if unit else TOO_NARROW)
    must_refuse(verify, Sent(age=100, tolerance=60).given, OWN_TOLERANCE)
    must_accept(verify, Sent(age=500, tolerance=900).given, OWN_TOLERANCE)


def accepts_a_late_retry(verify: Answer) -> None:
    """A retry ten hours after the event, signed anew, is accepted."""
    must_accept(verify, Sent(time=TIME + 36_000).given, EVENTS_TIME)


def signs_the_raw_bytes(verify: Answer) -> None:
    """The body counts byte by byte, however its JSON is written."""
    written = (
        b'{ "id": "evt_00001",\n  "event": "payment.succeeded" }',
        b'{"name":"Zo\\u00eb","amount":1.0,"big":1e2}',
        '{"name":"Zoë 李雷"}'.encode(),
        b'{"a":1,"a":2}',
    )
    for body in written:
        must_accept(verify, Sent(body=body).given, RESERIALISED)
    for body in (EVENT.body + b"\n", b" " + EVENT.body):
        must_accept(verify, Sent(body=body).given, TRIMMED)
    latin = contacts(1)[0].body.replace("ø".encode(), b"\xf8") + b"\xff"
    must_accept(verify, Sent(body=latin).given, DECODED, known={UnicodeError: DECODED})
    spaced = json.dumps(json.loads(EVENT.body)).encode()
    changed = Sent(body=spaced, signature=Sent().signed)
    must_refuse(verify, changed.given, TWO_BODIES)


def goes_through_all_signatures(verify: Answer) -> None:
    """Of several signatures in the header, any one that fits is enough."""
    good, other = Sent().signed, Sent(secret=OTHER).signed
    third = Sent(body=b"{}").signed
    for signatures in ((good, other), (other, good), (other, good, third)):
        sent = Sent(signature=" ".join(signatures))
        must_accept(verify, sent.given, _which(verify, good, other), known=_COMMA)
    ten = Sent(signature=" ".join([*[other] * 5, good, *[third] * 4]))
    must_accept(verify, ten.given, FIRST_ONLY)


_COMMA: Known = {ValueError: NO_COMMA, IndexError: NO_COMMA}


def _which(verify: Answer, good: str, other: str) -> Mistake:
    first = accepts(verify, *Sent(signature=f"{good} {other}").given.arguments)
    last = accepts(verify, *Sent(signature=f"{other} {good}").given.arguments)
    if first:
        return FIRST_ONLY
    return LAST_ONLY if last else ONE_ONLY


def passes_over_other_versions(verify: Answer) -> None:
    """Other versions and garbage in the header are passed over, and never accepted."""
    good = Sent().signed
    key = "v1a," + base64_text(bytes(range(64)))
    for value in (f"{key} {good}", f"{good} {key}", f"v2,abc {good}"):
        must_accept(verify, Sent(signature=value).given, ONE_ONLY, known=_COMMA)
    for value in (f"garbage {good}", f", {good}", f"v1 {good}", f"a,b,c {good}"):
        must_accept(verify, Sent(signature=value).given, NO_COMMA, known=_COMMA)
    for label in ("v1a,", "v2,"):
        value = label + good.removeprefix("v1,")
        must_refuse(verify, Sent(signature=value).given, VERSION, known=_COMMA)
    must_refuse(verify, Sent(signature="v1,AAAA" + good).given, ANYWHERE, known=_COMMA)


def needs_every_header(verify: Answer) -> None:
    """A request without id, time or signature is refused, and nothing is raised."""
    known: Known = {
        KeyError: MISSING,
        TypeError: MISSING,
        AttributeError: MISSING,
        ValueError: MISSING,
    }
    for name in ("webhook-signature", "webhook-timestamp", "webhook-id"):
        must_refuse(verify, Sent(without=name).given, ACCEPTS_ALL, known=known)
    i, t, body = EVENT.id.encode(), str(TIME).encode(), EVENT.body
    for content in (i + b"..", i + b".None.", i + b".", i + b".0."):
        sent = Sent(without="webhook-timestamp", content=content + body)
        must_refuse(verify, sent.given, SKIPPED, known=known)
    empty = Sent(text="")
    must_refuse(verify, empty.given, SKIPPED, known=known)
    for content in (b"." + t + b".", b"None." + t + b".", t + b"."):
        sent = Sent(without="webhook-id", content=content + body)
        must_refuse(verify, sent.given, NO_ID, known=known)


def reads_the_time_strictly(verify: Answer) -> None:
    """A timestamp that is not whole seconds is refused, even with a valid signature."""
    known: Known = {
        ValueError: GARBAGE_TIME,
        OverflowError: GARBAGE_TIME,
        TypeError: GARBAGE_TIME,
    }
    texts = (
        ("yesterday", GARBAGE_TIME),
        ("NaN", NAN),
        ("nan", NAN),
        ("inf", NAN),
        ("-1", NEGATIVE),
        (f"-{TIME}", NEGATIVE),
        (f"{TIME}000", MILLISECONDS),
        (f"{TIME}abc", PREFIX),
        (f"{TIME}.5", FRACTIONS),
        ("1.7672256e9", FRACTIONS),
        ("\u00b2", GARBAGE_TIME),
    )
    for text, mistake in texts:
        must_refuse(verify, Sent(text=text).given, mistake, known=known)
    huge: Known = {ValueError: HUGE_TIME, OverflowError: HUGE_TIME}
    for digits in (400, 5000):
        sent = Sent(text="9" * digits, signature=Sent().signed)
        must_refuse(verify, sent.given, ACCEPTS_ALL, known=huge)


def stands_garbage(verify: Answer) -> None:
    """Whatever stands in the headers, the answer is False and no exception."""
    good = Sent().signed
    values = (
        "",
        " ",
        "v1",
        "v1,",
        ",",
        "v1,not base64",
        good[:-6],
        good[:3] + good[3:].swapcase(),
        "v1," + "A" * 10_000,
    )
    known: Known = {Exception: GARBAGE}
    for value in values:
        must_refuse(verify, Sent(signature=value).given, ACCEPTS_ALL, known=known)
    for value in ("v1,\xe9", "\xe9", good[:-1] + "\xe9"):
        must_refuse(
            verify,
            Sent(signature=value).given,
            ACCEPTS_ALL,
            known={TypeError: NON_ASCII, Exception: GARBAGE},
        )
    for name in ("webhook-id", "webhook-timestamp"):
        sent = Sent(replaced={name: "\xe9"})
        must_refuse(verify, sent.given, ACCEPTS_ALL, known=known)
    must_refuse(
        verify,
        Sent(body=b"\xff\xfe", signature=good).given,
        ACCEPTS_ALL,
        known={UnicodeError: DECODED, Exception: GARBAGE},
    )


ANY_SECRET = (
    "whsec_hc4i3RUDvWVDcOQY9urd18V+mPxEsLvfETIip2Z6Ab4=",
    "whsec_meISODajTcKq5Jqvi2s3LghhgKHaJe233HK3ClAxifw=",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
)


def takes_any_secret(verify: Answer) -> None:
    """Any secret of the scheme works, whatever letters it begins and ends with."""
    for secret in ANY_SECRET:
        sent = Sent(secret=secret)
        given = Given((secret, *sent.given.arguments[1:]), sent.given.shown)
        must_accept(verify, given, STRIPS, known={ValueError: STRIPS})


def compares_in_constant_time(verify: Answer) -> None:
    """The signatures are compared in constant time."""
    sent = Sent()
    secret, headers, body, now, tolerance = sent.given.arguments
    must_not_leak(
        verify,
        lambda signed: verify(
            secret, {**headers, "webhook-signature": signed}, body, now, tolerance
        ),
        sent,
        sent.given,
    )


def must_not_leak(
    answer: Answer, ask: Callable[[str], object], sent: Sent, given: Given
) -> None:
    """End the case if signatures in base64 are compared by `==` or its like.

    `ask` hands the answer the value of the signature's header.
    """
    digest = base64.b64decode(sent.signed.removeprefix("v1,"))
    wrong = bytes(byte ^ 0x88 for byte in digest)
    as_text = _watched(answer, ask, wrong, digest, base64.b64encode)
    as_bytes = _watched(answer, ask, wrong, digest, bytes)
    sooner = bytes((digest[0] ^ 0x10, *digest[1:]))
    later = bytes((*digest[:-1], digest[-1] ^ 0x01))
    steps = [
        _watched(answer, ask, each, digest, bytes).steps for each in (sooner, later)
    ]
    if as_text.whole or as_bytes.whole or abs(steps[0] - steps[1]) > FEW:
        refuse_leak(given)


def _watched(
    answer: Answer,
    ask: Callable[[str], object],
    wrong: bytes,
    right: bytes,
    spelled: Callable[[bytes], bytes],
) -> Leak:
    leak = Leak(given=spelled(wrong), right=spelled(right))
    with watched(answer, leak):
        ask(track("v1," + base64_text(wrong), leak))
    return leak


def refuse_leak(given: Given) -> NoReturn:
    """End the case, because the comparison leaks."""
    Question(
        sent=given.shown,
        expected="a comparison that takes the same time for every input",
        why=EQUALS.why,
        try_next=EQUALS.try_next,
    ).fail("a comparison that stops at the first difference", EQUALS)


CASES = (
    accepts_the_provider,
    refuses_forgeries,
    refuses_the_old,
    refuses_the_future,
    keeps_to_the_tolerance,
    accepts_a_late_retry,
    signs_the_raw_bytes,
    goes_through_all_signatures,
    passes_over_other_versions,
    needs_every_header,
    reads_the_time_strictly,
    stands_garbage,
    takes_any_secret,
    compares_in_constant_time,
)

EXERCISE = Exercise(
    id="5.1",
    lab="05_replay_and_rotation",
    wants="verify(secret, headers, body, now, tolerance) -> bool",
    cases=CASES,
    hints=(
        (
            "Three steps: are all three headers there, does the signature fit, is the "
            "time within the window? Each no is a `return False`."
        ),
        (
            "The key is base64.b64decode of what stands behind whsec_. What is signed "
            'is f"{id}.{timestamp}.".encode() + body, with the timestamp as it came, '
            "as text."
        ),
        (
            'The header is a list: header.split(). One part that equals "v1," and your '
            "base64 signature is enough; compare bytes with hmac.compare_digest."
        ),
        (
            "Read the timestamp with int and catch its ValueError. Then abs(now - "
            "sent_at) <= tolerance is the last line."
        ),
    ),
)
