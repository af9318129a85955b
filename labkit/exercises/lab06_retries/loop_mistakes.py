"""The mistakes of 6.4, each with its proof."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks.mistakes import Proof, Rule, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.space import Fields
from labkit.samples import payments

SCHEDULE = (5.0, 300.0, 1800.0)
BODY = payments(1)[0].body
OTHER_NAME = ("the event's id under another name",)
SILENT = ("ConnectionError", "TimeoutError", "ConnectionRefusedError")
"""The exceptions that mean that no response arrived, and one of a subclass."""
BUGS = (
    *("ValueError", "KeyError", "RuntimeError", "OSError", "TypeError"),
    *("AttributeError", "AssertionError", "ZeroDivisionError", "EOFError"),
)
"""Exceptions that no network raises."""

NO_WORD, OTHER_WORD, SWAPPED, GOES_ON = mistakes("""
    returns-nothing: Your function does not return a result on every path. The caller
        must know how the delivery ended, to store a dead letter or to forget the event.
        Try: Return "delivered" or "dead" on every path.
    another-word: Your function returns a word that is not one of the two in the
        contract. The caller compares the result with these words.
        Try: Return exactly "delivered" or "dead".
    body-and-headers-swapped: Your code passes the arguments of post in the wrong order.
        It takes the body (bytes) first, and then the headers (a dictionary).
        Try: Swap the two arguments of post.
    goes-on-after-success: Your code sends the event again after a 2xx. The receiver
        already has it, so the duplicate is of your own making.
        Try: Return as soon as the status is 2xx.
""")
WAITS_FIRST, ONLY_200_DELIVERED, ANY_ANSWER, GIVES_UP_AT_ONCE = mistakes("""
    sleeps-before-the-first-attempt: Your code waits before the first attempt. The
        delays of a schedule are between the attempts, so every event is late.
        Try: Call post first, then sleep.
    only-200-is-delivered: Your code treats only 200 as a success. A receiver that
        responds with 201, 202 or 204 has the event as well.
        Try: Check for the range from 200 to 299.
    any-answer-is-delivered: Your code treats a failure as an acknowledgement. After a
        4xx or 5xx the receiver does not have the event, so it is lost.
        Try: Check the status before you return.
    gives-up-at-once: Your code gives up after the first failure and does not use the
        schedule. If the receiver restarts for ten seconds, the event is lost.
        Try: Return "dead" only after the loop, when the schedule is used up.
""")
NEVER_SLEEPS, REAL_SLEEP, ONE_TOO_FEW, SLEEPS_FOR_NOTHING = mistakes("""
    does-not-wait: Your code makes all attempts without waiting, so all of them fail in
        the same outage.
        Try: Call sleep with the next delay of the schedule between two attempts.
    sleeps-for-real: Your code calls time.sleep. A schedule of three days would then
        take three days, in a test as well.
        Try: Call the argument `sleep`.
    one-attempt-too-few: Your code makes one attempt too few. Four attempts have three
        delays between them, and the last attempt is the one that survives a long
        outage.
        Try: Make the first attempt before the loop over the delays, or one more after
        it.
    sleeps-and-then-gives-up: Your code sleeps, and then it makes no further attempt.
        Either an attempt is missing, or the dead letter is reported too late.
        Try: Make an attempt after every sleep, and do not sleep after the last attempt.
""")
TOO_MANY, OTHER_DELAYS, DEAD_IS_DELIVERED, RAISES_WHEN_DEAD = mistakes("""
    more-attempts-than-planned: Your code continues after the end of the schedule. Such
        a delivery never becomes a dead letter, and the receiver gets requests forever.
        Try: Make one more attempt than there are delays in the schedule, then stop.
    other-delays: Your code does not wait for the times of the schedule, or waits for
        them in another order.
        Try: Pass the numbers of the schedule to sleep as they are, from the first to
        the last.
    reports-the-dead-as-delivered: Your function returns "delivered" although every
        attempt failed. Nobody will look for this event again.
        Try: Return "dead" when the schedule is used up.
    raises-when-it-is-dead: Your function raises after the last attempt, so the caller
        cannot store the event as a dead letter. A delivery that exhausts its retries is
        normal.
        Try: Return "dead" when the schedule is used up, an empty schedule included.
""")
SILENCE_ESCAPES, NO_STATUS, SILENCE_ENDS = mistakes("""
    lets-silence-through: Your code does not catch the exception that post raises if no
        response arrives. This is the most common failure, and the reason for retries.
        Try: Catch ConnectionError and TimeoutError around post, and count them as a
        failure.
    uses-a-status-that-never-came: Your code uses a status although no response arrived.
        The name is undefined or None, which cannot be compared with a number.
        Try: Set the status where you catch the exception, and check for None first.
    gives-up-on-silence: Your code gives up if no response arrives. A receiver that
        restarts is unreachable for some seconds, and the schedule exists for that.
        Try: Handle a missing response like a 503.
""")
SILENCE_IS_SUCCESS, NO_SLEEP_AFTER_SILENCE, REDIRECT_IS_SUCCESS = mistakes("""
    silence-is-taken-for-success: Your code treats a missing response as a success.
        Perhaps the event arrived, but only a 2xx tells you.
        Try: Count ConnectionError and TimeoutError as a failure.
    no-sleep-after-silence: Your code does not wait after an exception. It uses up the
        schedule within a moment, before the receiver has recovered.
        Try: Sleep after every failure, even after an exception.
    redirect-is-taken-for-success: Your code treats a 3xx as a success. The address has
        changed, and the receiver does not have the event.
        Try: Return "delivered" only for 200 to 299.
""")
RETRIES_HOPELESS, GIVES_UP_ON_429, RE_ENCODES = mistakes("""
    retries-what-cannot-succeed: Your code retries after a status that will not change.
        The next attempt is the same request and gets the same response.
        Try: Call should_retry before you sleep, and return "dead" if it returns False.
    gives-up-on-429: Your code gives up after a 429. This status means too many requests
        at the moment, and the same request succeeds later.
        Try: Call should_retry, which knows the 4xx that are temporary.
    re-encodes-the-body: Your code parses the body and serialises it again.
        Different spaces or escapes mean different bytes, and the signature no longer
        matches.
        Try: Pass the argument `body` to post unchanged.
""")
NO_HEADERS, NO_ID, NEW_ID = mistakes("""
    headers-are-no-dictionary: Your code does not pass the headers as a dictionary from
        name to value.
        Try: Pass a dictionary, such as {"webhook-id": …}.
    no-id: Your headers do not contain the event's id. A receiver needs the id to
        recognise duplicates (deduplication).
        Try: Put the event's id into the headers, as webhook-id.
    new-id-for-each-attempt: Your code uses a new id for each attempt. For the receiver,
        the second attempt is then a second payment, and it ships a second parcel.
        Try: Read the id once, before the loop, from the event itself.
""")
ONE_ID, EATS_SCHEDULE, SWALLOWS_BUGS = mistakes("""
    one-id-for-all-events: Your code uses the same id for two events. A receiver that
        drops duplicates then drops every event after the first.
        Try: Read the id from the body that you deliver.
    uses-the-schedule-up: Your code changes the list. It belongs to the caller, and the
        next delivery gets the changed schedule.
        Try: Only read the list, for example with a `for` loop: no pop, del, sort or
        reverse.
    swallows-bugs: Your code catches an exception from post that does not mean "no
        response". Such an exception is a bug on your side; your code hides it for three
        days.
        Try: Catch only ConnectionError and TimeoutError, and put only the call of post
        into the `try`.
""")


def _on(*answers: Sequence[Any], **others: Any) -> Callable[[Fields], bool]:
    """Accept trials with one of these lists of answers that look at the steps."""
    wanted = [list(each) for each in answers]
    fixed = {"look": "steps", "schedule": list(SCHEDULE), "body": BODY} | others
    return lambda fields: (
        fields["answers"] in wanted
        and all(fields[name] == value for name, value in fixed.items())
    )


def _look(what: str) -> Callable[[Fields], bool]:
    return lambda fields: bool(fields["look"] == what)


def _steps(seen: Seen) -> list[Any]:
    """Return what was seen of the calls, as a list."""
    return list(seen.value[0]) if isinstance(seen.value[0], tuple) else []


def _sent(seen: Seen) -> list[Any]:
    """Return the distinct bodies or ids that were seen, each with its type."""
    return list(seen.value)


def _posts(seen: Seen) -> int:
    return _steps(seen).count("post")


def _sleeps(seen: Seen) -> list[Any]:
    return [each for each in _steps(seen) if each != "post"]


How = Callable[[Fields, Seen], bool]
_END = _on([503])
_SILENCE = _on(*([kind, kind, 200] for kind in SILENT[:2]))
_FOUR = ["post", 5.0, "post", 300.0, "post", 1800.0, "post"]
_HOPELESS = ([410], [404], [301], [304], [300], [399], [400], [401], [422], [499])


def _result(*values: Any, posts: int | None = None) -> How:
    """Accept one of these results, after so many attempts."""
    return lambda _, seen: (
        seen.error is None and (seen.result in values and posts in (None, _posts(seen)))
    )


def _raises(*kinds: str, steps: bool = False) -> How:
    return lambda _, seen: (
        seen.error is not None
        and (not kinds or seen.raised in kinds)
        and (not steps or _steps(seen) == _FOUR)
    )


def _no_status(_: Fields, seen: Seen) -> bool:
    none = isinstance(seen.error, TypeError) and "NoneType" in str(seen.error)
    return none or isinstance(seen.error, UnboundLocalError)


def _other_delays(_: Fields, seen: Seen) -> bool:
    right = _steps(seen)[::2] == ["post"] * 4
    return right and len(_sleeps(seen)) == 3 and _sleeps(seen) != list(SCHEDULE)


def _other_word(_: Fields, seen: Seen) -> bool:
    return seen.error is None and seen.result not in (None, "delivered", "dead")


def _ids(seen: Seen) -> list[Any]:
    return [value for _, value in _sent(seen)]


def _new_ids(_: Fields, seen: Seen) -> bool:
    return len(_ids(seen)) in (3, 4) and None not in _ids(seen)


def _one_id(fields: Fields, seen: Seen) -> bool:
    right = json.loads(fields["body"])["id"]
    return len(_sent(seen)) == 1 and _sent(seen)[0] not in (
        exactly(None),
        exactly(right),
        exactly(OTHER_NAME),
    )


def _no_headers(_: Fields, seen: Seen) -> bool:
    return bool(_ids(seen)) and all(str(each).startswith("a ") for each in _ids(seen))


def _dicts(_: Fields, seen: Seen) -> bool:
    is_event = "'data'" in repr(_sent(seen))
    kinds = {kind for kind, _ in _sent(seen)}
    return kinds == {"dict"} and not is_event


def _re_encoded(fields: Fields, seen: Seen) -> bool:
    """Whether the bodies are the same JSON, and differ in more than case and ends."""
    body = fields["body"]
    sent = [what for kind, what in _sent(seen) if kind == "bytes" and what != body]
    try:
        same = all(json.loads(each)["id"] == json.loads(body)["id"] for each in sent)
    except ValueError:
        return False
    known = body.strip().lower()
    return same and any(each.strip().lower() != known for each in sent)


def _plain(fields: Fields) -> bool:
    """Whether only server errors and successes are answered."""
    return fields["look"] == "steps" and all(
        answer in (200, 204, 500, 503) for answer in fields["answers"]
    )


MISTAKES: list[Proof] = [
    Rule(SWAPPED, _look("body"), how=_dicts),
    Rule(RE_ENCODES, _look("body"), how=_re_encoded, some=True),
    Rule(NO_WORD, _on([200], [204]), how=_result(None, posts=1)),
    Rule(OTHER_WORD, _on([200], [204]), how=_other_word),
    Rule(GOES_ON, _on([200], [204]), how=lambda _, seen: _posts(seen) > 1),
    Rule(WAITS_FIRST, _on([200]), how=lambda _, seen: _steps(seen)[:1] == [5.0]),
    Rule(ONLY_200_DELIVERED, _on([204], [201], [202], [299]), _on([200])),
    Rule(ANY_ANSWER, _on([503, 204]), _on([200]), _result("delivered", posts=1)),
    Rule(ANY_ANSWER, _on([404], [410]), _on([503, 204]), _result("delivered", posts=1)),
    Rule(GIVES_UP_AT_ONCE, _on([503, 204]), _on([200]), _result("dead", posts=1)),
    Rule(
        NEVER_SLEEPS,
        _on([503, 204]),
        how=lambda _, seen: _posts(seen) == 2 and not _sleeps(seen),
    ),
    Rule(OTHER_DELAYS, _END, _on([200]), _other_delays, may=_plain),
    Rule(
        ONE_TOO_FEW,
        _END,
        _on([503, 204]),
        lambda _, seen: _steps(seen) == _FOUR[:5],
        may=_plain,
    ),
    Rule(
        SLEEPS_FOR_NOTHING,
        _END,
        _on([503, 204]),
        lambda _, seen: bool(_sleeps(seen)) and _steps(seen)[-1] != "post",
        may=_plain,
    ),
    Rule(TOO_MANY, _END, how=lambda _, seen: _posts(seen) > 4),
    Rule(NO_WORD, _END, _on([200]), _result(None)),
    Rule(DEAD_IS_DELIVERED, _END, _on([200]), _result("delivered", posts=4)),
    Rule(RAISES_WHEN_DEAD, _END, _on([200]), _raises(steps=True)),
    Rule(RAISES_WHEN_DEAD, _on([503], schedule=[]), _END, _raises()),
    Rule(NO_STATUS, _SILENCE, _END, _no_status),
    Rule(SILENCE_ESCAPES, _SILENCE, _END, _raises(*SILENT), some=True),
    Rule(SILENCE_ENDS, _SILENCE, _END, _result("dead", posts=1)),
    Rule(SILENCE_IS_SUCCESS, _SILENCE, _END, _result("delivered", posts=1)),
    Rule(
        NO_SLEEP_AFTER_SILENCE,
        _SILENCE,
        _END,
        lambda _, seen: _posts(seen) > 1 and not _sleeps(seen),
    ),
    Rule(
        REDIRECT_IS_SUCCESS,
        _on([301], [304]),
        _on([404]),
        _result("delivered", posts=1),
    ),
    Rule(
        RETRIES_HOPELESS,
        _on(*_HOPELESS),
        _on([200], [503]),
        lambda _, seen: _posts(seen) > 1,
        some=True,
    ),
    Rule(GIVES_UP_ON_429, _on([429, 200]), _on([503, 204]), _result("dead", posts=1)),
    Rule(NO_HEADERS, _look("id"), how=_no_headers),
    Rule(NO_ID, _look("id"), how=lambda _, seen: _ids(seen) == [None]),
    Rule(NEW_ID, _look("id"), how=_new_ids),
    Rule(NEW_ID, _look("id"), how=_new_ids, stateful=True),
    Rule(
        ONE_ID,
        _look("id"),
        how=_one_id,
        together=lambda all_seen: len({str(_ids(seen)) for seen in all_seen}) == 1,
    ),
    Rule(EATS_SCHEDULE, _look("schedule"), some=True),
    Rule(
        SWALLOWS_BUGS,
        _on(*([kind] for kind in (*BUGS, "StopIteration"))),
        _on([200]),
        lambda _, seen: seen.error is None,
        some=True,
    ),
    Rule(REAL_SLEEP, _on([503, 204]), how=lambda _, seen: "time.sleep" in seen.text),
]
