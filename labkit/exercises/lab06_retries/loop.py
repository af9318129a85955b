"""6.4: the loop that carries a delivery to its end."""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from labkit.checks import Exercise, Mistake, NotAttempted, Question, quietly, short
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.exercises.lab06_retries.wire import ENOUGH, POST, Endless, Log, Wire
from labkit.model import Event
from labkit.samples import payments

Deliver = Callable[..., str]
SCHEDULE = (5.0, 300.0, 1800.0)
ONE: Log = (POST,)
TWO: Log = (*ONE, 5.0, POST)
THREE: Log = (*TWO, 300.0, POST)
FOUR: Log = (*THREE, 1800.0, POST)

NO_WORD = Mistake(
    "returns-nothing",
    "Whoever called you wants to know how it ended: a dead letter has to be kept, a "
    "delivered one can be forgotten.",
    'Return "delivered" or "dead" on every way out of the function.',
)
OTHER_WORD = Mistake(
    "another-word",
    "The caller compares your answer with two words that were agreed on.",
    'Return "delivered" or "dead", letter by letter.',
)
SWAPPED = Mistake(
    "body-and-headers-swapped",
    "post takes the body first, as bytes, and then the headers, as a dictionary.",
    "Look at the two arguments of your call of post.",
)
GOES_ON = Mistake(
    "goes-on-after-success",
    "The receiver said that it has the event, and you sent it again. Each retry after "
    "a 2xx is a duplicate of your own making.",
    "Return as soon as the status is 2xx.",
)
WAITS_FIRST = Mistake(
    "sleeps-before-the-first-attempt",
    "The delays of a schedule lie between the attempts. An event that waits before "
    "its first one is late although nothing has gone wrong.",
    "Post first, then sleep.",
)
ONLY_200_DELIVERED = Mistake(
    "only-200-is-delivered",
    "A receiver that answers 201, 202 or 204 has the event as well. You sent it "
    "again, or called it dead.",
    "Ask for the range from 200 to 299.",
)
ANY_ANSWER = Mistake(
    "any-answer-is-delivered",
    "An answer is not yet an acknowledgement: with a 5xx the receiver says that it "
    "could not keep the event. Now nobody has it.",
    "Look at the status before you return.",
)
GIVES_UP_AT_ONCE = Mistake(
    "gives-up-at-once",
    "The first failure ended the delivery, and the schedule was never used. A restart "
    "of ten seconds at the receiver costs the event.",
    "Return the word for dead only after the loop, when the schedule is used up.",
)
NEVER_SLEEPS = Mistake(
    "does-not-wait",
    "All attempts were made within a moment, so all of them met the same outage. And "
    "the receiver that was down met them all at once.",
    "Call sleep with the next delay of the schedule between two attempts.",
)
REAL_SLEEP = Mistake(
    "sleeps-for-real",
    "You called time.sleep. A schedule of three days would then take three days, in a "
    "test as well.",
    "Call the `sleep` that was handed to you.",
)
ONE_TOO_FEW = Mistake(
    "one-attempt-too-few",
    "A schedule of three delays lies between four attempts. You made three: the "
    "longest delay, which helps in the longest outage, was never used.",
    "Make the first attempt before the loop over the delays, or one more after it.",
)
SLEEPS_FOR_NOTHING = Mistake(
    "sleeps-and-then-gives-up",
    "You slept and then made no attempt. The dead letter is reported half an hour "
    "late, with a real schedule a day, and the sleep was for nothing.",
    "Let every sleep be followed by an attempt, and the last attempt by none.",
)
TOO_MANY = Mistake(
    "more-attempts-than-planned",
    "The schedule was used up and you went on. A delivery without an end is never "
    "seen as a dead letter, and keeps on knocking.",
    "Stop after one attempt more than the schedule has delays.",
)
OTHER_DELAYS = Mistake(
    "other-delays",
    "The schedule says how long to wait and in which order. You waited something else.",
    "Hand the numbers of the schedule to sleep as they are, from the first to the "
    "last.",
)
DIFFERENCES = Mistake(
    "takes-delays-for-times",
    "You slept the differences between the numbers. They are delays already, each "
    "from the failure of one attempt to the next.",
    "Hand each number to sleep as it is.",
)
DEAD_IS_DELIVERED = Mistake(
    "reports-the-dead-as-delivered",
    "Every attempt failed and you said that it arrived. Nobody will look for this "
    "event again.",
    'Return "dead" when the schedule is used up.',
)
RAISES_WHEN_DEAD = Mistake(
    "raises-when-it-is-dead",
    "A delivery that fails to the end is an everyday thing. The caller has to keep "
    "the event as a dead letter, and can't when an exception flies past.",
    'Return "dead" when the schedule is used up, an empty schedule included.',
)
SILENCE_ESCAPES = Mistake(
    "lets-silence-through",
    "post raised because no answer came, and your loop died of it. Silence is the "
    "most common failure of all, and the reason why retries exist.",
    "Catch ConnectionError and TimeoutError around post, and count them as a failure.",
)
NO_STATUS = Mistake(
    "uses-a-status-that-never-came",
    "After a silence there is no status: the name is unset, or holds None, which no "
    "number can be compared with. Your loop died of that comparison.",
    "Give the status a value where you catch the silence, and look for None first.",
)
SILENCE_ENDS = Mistake(
    "gives-up-on-silence",
    "No answer came and you gave up. A receiver that restarts is silent for some "
    "seconds; that is what the schedule is for.",
    "Treat silence as you treat a 503.",
)
SILENCE_IS_SUCCESS = Mistake(
    "silence-is-taken-for-success",
    "Nothing came back, so nobody has said that the event arrived. Perhaps it did; "
    "only a 2xx tells.",
    "Count ConnectionError and TimeoutError as a failure.",
)
NO_SLEEP_AFTER_SILENCE = Mistake(
    "no-sleep-after-silence",
    "After an exception you went on without waiting. A receiver that is down is "
    "called again and again within a moment, and the schedule is used up before it is "
    "back.",
    "Sleep after every failure, whichever way you learnt of it.",
)
REDIRECT_IS_SUCCESS = Mistake(
    "redirect-is-taken-for-success",
    "A 3xx says that the receiver lives elsewhere now. It has not got the event.",
    "Only 200 to 299 is delivered.",
)
RETRIES_HOPELESS = Mistake(
    "retries-what-cannot-succeed",
    "The receiver said that this very request will not do, and the next attempt is the "
    "same request. It can only get the same answer.",
    "Ask should_retry before you sleep, and return the word for dead if it says no.",
)
GIVES_UP_ON_429 = Mistake(
    "gives-up-on-429",
    "429 says: too many at the moment. The same request goes through later, and you "
    "called the event dead.",
    "Ask should_retry, which knows the 4xx that speak of time.",
)
RE_ENCODES = Mistake(
    "re-encodes-the-body",
    "You read the body and wrote it anew. Other spaces or other escapes are other "
    "bytes, and the signature that was made of the old ones fits no more.",
    "Hand the `body` that you were given to post, untouched.",
)
NO_HEADERS = Mistake(
    "headers-are-no-dictionary",
    "post takes the headers as a dictionary from name to value.",
    'Hand over a dictionary, like {"webhook-id": …}.',
)
NO_ID = Mistake(
    "no-id",
    "Nothing in your headers tells this event from another. A receiver that gets a "
    "request twice finds the id there, before it has parsed anything.",
    "Put the event's id into the headers, under webhook-id.",
)
NEW_ID = Mistake(
    "new-id-for-each-attempt",
    "Each attempt had an id of its own. To the receiver the second attempt is a "
    "second payment now, and a second parcel leaves.",
    "Take the id once, before the loop; best from the event itself.",
)
ONE_ID = Mistake(
    "one-id-for-all-events",
    "Two events had the same id. A receiver that drops duplicates drops every event "
    "after the first.",
    "Take the id from the body that you deliver.",
)
EATS_SCHEDULE = Mistake(
    "uses-the-schedule-up",
    "The list was changed: it belongs to the caller, who uses it for the next "
    "delivery too. That one finds no delays left, and is given up at once.",
    "Read the list with a `for`, without pop and without del.",
)
SWALLOWS_BUGS = Mistake(
    "swallows-bugs",
    "post raised a ValueError. That is no silence of the network, that is a bug on "
    "this side, and no retry mends it. You hid it for three days.",
    "Catch ConnectionError and TimeoutError, and nothing wider.",
)


def ends_with_the_first_2xx(deliver: Deliver) -> None:
    """The first 2xx ends the delivery, without a sleep."""
    wire = Wire(200)
    ask, word = _carry(deliver, wire, wanted=ONE, word="delivered")
    for body, headers in wire.sent:
        if not isinstance(body, (bytes, bytearray)):
            kinds = f"a {type(body).__name__}, then a {type(headers).__name__}"
            ask.fail(f"post was given {kinds}", SWAPPED)
    if wire.log[:1] != [POST] and wire.posts:
        ask.fail(_told(wire, word), WAITS_FIRST)
    if wire.posts > 1:
        ask.fail(_told(wire, word), GOES_ON)
    _judge(ask, wire, word, wanted=ONE, ends="delivered")
    for status in (204, 201, 202, 299):
        wire = Wire(status)
        ask, word = _carry(deliver, wire, wanted=ONE, word="delivered")
        if wire.log != [POST] or word != "delivered":
            ask.fail(_told(wire, word), ONLY_200_DELIVERED)


def tries_again(deliver: Deliver) -> None:
    """After a failure it sleeps the first delay, then tries again."""
    wire = Wire(503, 204)
    with real_sleeps() as slept:
        ask, word = _carry(deliver, wire, wanted=TWO, word="delivered")
    if slept:
        ask.fail(f"{_told(wire, word)}; and time.sleep was called", REAL_SLEEP)
    if wire.log == [POST] and word == "delivered":
        ask.fail(_told(wire, word), ANY_ANSWER)
    if wire.posts == 1 and word == "dead":
        ask.fail(_told(wire, word), GIVES_UP_AT_ONCE)
    if wire.posts == 2 and not wire.sleeps:
        ask.fail(_told(wire, word), NEVER_SLEEPS)
    _judge(ask, wire, word, wanted=TWO, ends="delivered")


def gives_up_at_the_end(deliver: Deliver) -> None:
    """After the last delay there is a last attempt, and then it is dead."""
    known: dict[type[BaseException], Mistake] = {Exception: RAISES_WHEN_DEAD}
    wire = Wire(503)
    ask, word = _carry(deliver, wire, wanted=FOUR, word="dead", known=known)
    _judge(ask, wire, word, wanted=FOUR, ends="dead")
    wire = Wire(503)
    ask, word = _carry(deliver, wire, wanted=ONE, word="dead", schedule=(), known=known)
    _judge(ask, wire, word, wanted=ONE, ends="dead")


def takes_silence_for_a_failure(deliver: Deliver) -> None:
    """Silence is a failure like any other."""
    kinds = (ConnectionError, TimeoutError, ConnectionRefusedError)
    for kind in kinds:
        wire = Wire(kind, kind, 200)
        known: dict[type[BaseException], Mistake] = {
            kind: SILENCE_ESCAPES,
            UnboundLocalError: NO_STATUS,
            TypeError: NO_STATUS,
        }
        ask, word = _carry(deliver, wire, wanted=THREE, word="delivered", known=known)
        if wire.posts == 1:
            ended = SILENCE_IS_SUCCESS if word == "delivered" else SILENCE_ENDS
            ask.fail(_told(wire, word), ended)
        if len(wire.sleeps) < 2 and wire.posts >= 2:
            ask.fail(_told(wire, word), NO_SLEEP_AFTER_SILENCE)
        _judge(ask, wire, word, wanted=THREE, ends="delivered")
    wire = Wire(TimeoutError)
    known = {TimeoutError: RAISES_WHEN_DEAD}
    ask, word = _carry(deliver, wire, wanted=FOUR, word="dead", known=known)
    _judge(ask, wire, word, wanted=FOUR, ends="dead")


def tells_hopeless_from_early(deliver: Deliver) -> None:
    """What should not be retried is dead at once; 429 waits for its turn."""
    for status in (410, 404, 301, 304, 400, 401, 422):
        wire = Wire(status)
        ask, word = _carry(deliver, wire, wanted=ONE, word="dead")
        if word == "delivered":
            mistake = REDIRECT_IS_SUCCESS if status < 400 else ANY_ANSWER
            ask.fail(_told(wire, word), mistake)
        if wire.log != [POST]:
            ask.fail(_told(wire, word), RETRIES_HOPELESS)
        _judge(ask, wire, word, wanted=ONE, ends="dead")
    wire = Wire(429, 200)
    ask, word = _carry(deliver, wire, wanted=TWO, word="delivered")
    if wire.posts == 1:
        ask.fail(_told(wire, word), GIVES_UP_ON_429)
    _judge(ask, wire, word, wanted=TWO, ends="delivered")


def sends_the_same_bytes(deliver: Deliver) -> None:
    """Each attempt sends the very bytes that were given."""
    body = (
        '{"id":"crm_1","event":"contact.created","created_at":1,"data":{"name":"Zoë"}}'
    )
    wire = Wire(503, TimeoutError, 200)
    ask, _ = _carry(deliver, wire, wanted=(), word="delivered", body=body.encode())
    ask = Question(
        sent=f"body {body}\npost answers {wire.answers}",
        expected="these bytes in each attempt",
        why=ask.why,
        try_next=ask.try_next,
    )
    for sent, _headers_of in wire.sent:
        if sent != body.encode():
            ask.fail(short(sent), RE_ENCODES)


def keeps_the_id(deliver: Deliver) -> None:
    """Each attempt carries the same id, and another event another one."""
    first, second = (
        Event("payment.succeeded", {"order_id": f"A-{n}"}, id=f"evt_{n}").body
        for n in (1, 2)
    )
    told = []
    for body in (first, second):
        wire = Wire(503, TimeoutError, 200)
        ask, _ = _carry(deliver, wire, wanted=(), word="delivered", body=body)
        told.append([headers for _, headers in wire.sent])
    name = json.loads(first)["id"]
    ask = Question(
        sent=f"two events, {name} and {json.loads(second)['id']}, three attempts each",
        expected="an id in the headers: one for each event, the same in its attempts",
        why=ask.why,
        try_next=ask.try_next,
    )
    for headers in (*told[0], *told[1]):
        if not isinstance(headers, dict):
            ask.fail(f"headers {short(headers)}", NO_HEADERS)
    if mistake := _misnamed(told[0], told[1]):
        shown = {
            NEW_ID: "another id each time",
            ONE_ID: "the same id for both events",
        }
        names = ", ".join(sorted(map(str, told[0][0]))) or "nothing"
        ask.fail(shown.get(mistake, f"headers that hold {names}"), mistake)


def leaves_the_schedule_alone(deliver: Deliver) -> None:
    """The schedule is the same afterwards."""
    schedule = list(SCHEDULE)
    wire = Wire(503)
    _carry(deliver, wire, wanted=(), word="dead", schedule=schedule)
    ask = _about_delivery(wire, f"the schedule {_listed(SCHEDULE)} as it was")
    if schedule != list(SCHEDULE):
        ask.fail(f"the schedule is {_listed(schedule)} now", EATS_SCHEDULE)


def lets_bugs_through(deliver: Deliver) -> None:
    """An exception that is no silence goes through to the caller."""
    wire = Wire(ValueError)
    ask = _about_delivery(wire, "the ValueError goes through, after one attempt")
    answered = quietly(deliver, wire.post, _body(), list(SCHEDULE), wire.sleep)
    if isinstance(answered, NotImplementedError):
        raise NotAttempted from answered
    if not isinstance(answered, Exception) or wire.posts > 1:
        ask.fail(_told(wire, answered), SWALLOWS_BUGS)


def _carry(
    deliver: Deliver,
    wire: Wire,
    *,
    wanted: Log,
    word: str,
    body: bytes | None = None,
    schedule: Sequence[float] = SCHEDULE,
    known: dict[type[BaseException], Mistake] | None = None,
) -> tuple[Question, Any]:
    """Let the learner's function carry one delivery; return question and answer."""
    given = schedule if isinstance(schedule, list) else list(schedule)
    ask = _about_delivery(wire, _story(wanted, word), given)
    sent = _body() if body is None else body
    try:
        answered = ask.call(deliver, wire.post, sent, given, wire.sleep, known=known)
    except Endless:
        ask.fail(f"more than {ENOUGH} attempts, and no end in sight", TOO_MANY)
    return ask, answered


def _judge(
    ask: Question,
    wire: Wire,
    word: object,
    *,
    wanted: Log,
    ends: str,
) -> None:
    """End the case unless these attempts and sleeps happened and this word came."""
    if wire.log != list(wanted):
        ask.fail(_told(wire, word), _misstepped(wire, wanted))
    if word == ends:
        return
    if word is None:
        ask.fail(_told(wire, word), NO_WORD)
    wrong_end = ends == "dead" and word == "delivered"
    ask.fail(_told(wire, word), DEAD_IS_DELIVERED if wrong_end else OTHER_WORD)


def _misstepped(wire: Wire, wanted: Log) -> Mistake | None:
    delays = [entry for entry in wanted if not isinstance(entry, str)]
    posts = len(wanted) - len(delays)
    if wire.log[:1] != [POST]:
        return WAITS_FIRST
    if wire.log[-1] != POST:
        return SLEEPS_FOR_NOTHING
    if wire.posts > posts:
        return TOO_MANY if posts > 1 or not delays else GOES_ON
    if not wire.sleeps and delays:
        return NEVER_SLEEPS if wire.posts > 1 else GIVES_UP_AT_ONCE
    if wire.posts == posts - 1 and wire.sleeps == delays[: len(wire.sleeps)]:
        return ONE_TOO_FEW
    steps = [later - earlier for earlier, later in pairwise((0.0, *delays))]
    return DIFFERENCES if wire.sleeps == steps else OTHER_DELAYS


def _misnamed(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]
) -> Mistake | None:
    """Return what is wrong with the ids in the headers of two events' attempts."""
    names = set(first[0]).intersection(*first, *second)
    changing = False
    for name in names:
        ours = [headers[name] for headers in first]
        theirs = [headers[name] for headers in second]
        steady = len(set(map(str, ours))) == len(set(map(str, theirs))) == 1
        if steady and ours[0] != theirs[0]:
            return None
        changing = changing or (not steady and ours != theirs)
    if changing:
        return NEW_ID
    return ONE_ID if any("id" in name.lower().split("-") for name in names) else NO_ID


def _body() -> bytes:
    return payments(1)[0].body


def _about_delivery(
    wire: Wire, expected: str, schedule: Sequence[float] = SCHEDULE
) -> Question:
    return Question(
        sent=f"schedule {_listed(schedule)}; post answers {wire.answers}",
        expected=expected,
        why="Each delay of the schedule lies between two attempts.",
        try_next="Write down attempts and sleeps in their order, and compare.",
    )


def _story(log: Log, word: object) -> str:
    steps = [e if isinstance(e, str) else f"sleep {_plain(e)}" for e in log]
    if len(steps) > 12:
        steps = [*steps[:11], "and so on"]
    return f"{', '.join(steps) or 'nothing'}; returned {short(word)}"


def _told(wire: Wire, word: object) -> str:
    if isinstance(word, BaseException):
        return f"{_story(wire.log, None).partition(';')[0]}; raised {short(word)}"
    return _story(wire.log, word)


def _listed(schedule: Sequence[float]) -> str:
    return f"[{', '.join(_plain(delay) for delay in schedule)}]"


def _plain(seconds: object) -> str:
    return f"{seconds:g}" if isinstance(seconds, (int, float)) else short(seconds)


DELIVER = Exercise(
    id="6.4",
    lab="06_retries",
    wants="deliver(post, body, schedule, sleep) -> str",
    cases=(
        ends_with_the_first_2xx,
        tries_again,
        gives_up_at_the_end,
        takes_silence_for_a_failure,
        tells_hopeless_from_early,
        sends_the_same_bytes,
        keeps_the_id,
        leaves_the_schedule_alone,
        lets_bugs_through,
    ),
    hints=(
        "There is one attempt more than there are delays. Where does it go?",
        "[*schedule, None] is as long as the number of attempts; None marks the last.",
        "Let `try` hold the call of post alone, and make silence a status of None.",
        "The id is in the body: json.loads(body)['id']. Read it before the loop.",
    ),
)
