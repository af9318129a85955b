"""The mistakes of 8.1, each with its proof."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.mistakes import Rule, always, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import LATE, Post
from labkit.exercises.lab02_endpoint.apps import answers_of, app_rules, effects_of
from labkit.exercises.lab08_ack_fast.enqueues import SLEPT, name_of_enqueue

WRONG_ENDPOINT, NEVER_ENQUEUED, NOT_BYTES, WRITTEN_ANEW, OTHER_BYTES = mistakes("""
    endpoint-not-at-webhooks: The provider posts to /webhooks, where your app returns
        404. Every delivery fails, and after days of retries the provider gives up.
        Try: Use the route @app.post("/webhooks").
    acknowledges-without-enqueuing: Your code responded with a 2xx without calling
        enqueue. After a 2xx the sender forgets the event, so a restart loses it.
        Try: Call enqueue with the raw body in the view, before you respond.
    enqueues-no-bytes: Your code passed something other than bytes to enqueue. A
        signature that you check later is valid only for the bytes that arrived.
        Try: Pass the raw body, as request.get_data() returns it.
    enqueues-json-written-anew: Your code parsed the body and serialised it again.
        Spaces, escapes, duplicate keys and numbers may differ, so a signature does not
        match any more.
        Try: Do not parse the body here; pass the result of request.get_data().
    enqueues-other-bytes: Your code stored bytes other than those that the sender sent.
        After the 2xx nobody else has the original, and a signature does not match the
        changed bytes.
        Try: Pass the whole raw body, and change nothing in it.
""")
THROUGH_TEXT, FORM_GONE, LOOKS_INSIDE, NO_ID, TWICE = mistakes("""
    bytes-went-through-text: Your code decoded the body to text and encoded it again.
        Bytes that are not valid UTF-8 change without an error.
        Try: Keep the bytes: use request.get_data() without as_text.
    body-of-a-form-is-gone: Your code stored an empty body for a form. request.data is
        empty if the body is a form, and so is get_data() after something has read
        request.form. Slack commands and Twilio messages are forms.
        Try: Call request.get_data() before anything else reads the body.
    looks-into-the-body: Your code looks into the body and rejects or skips some
        requests. This endpoint only has to store what arrives; each check is one more
        way to lose an event.
        Try: Remove the line that looks into the body; the worker in exercise 8.2 parses
        it.
    drops-what-has-no-id: Your code took a second body for a duplicate of the first,
        because neither has an id. It acknowledged the second one, but stored it
        nowhere.
        Try: Store every body; the worker recognises duplicates after parsing.
    enqueues-twice: Your code called enqueue twice for one request. Every event is then
        processed twice.
        Try: Call enqueue once for each request, in one place.
""")
TOO_SLOW, NO_ANSWER, REFUSES_STORED, ACK_FIRST, ACK_ANYWAY = mistakes("""
    answers-after-the-time-out: Your code responded after the sender's timeout. The
        sender counts the attempt as failed and sends the event again, so it is stored
        twice.
        Try: Remove everything slow before the response; if enqueue raises, respond with
        a 5xx at once.
    no-answer-after-enqueuing: Your view stored the event but returns None, from which
        Flask cannot make a response. The sender gets a 500 and retries, so the event is
        stored again.
        Try: Return a response of your own after the call to enqueue.
    refuses-what-is-stored: Your code stored the event but reported a failure to the
        sender. The sender retries for days, and each attempt is stored again.
        Try: Respond with a 2xx whenever enqueue returns, whatever it returns.
    acknowledges-before-it-is-stored: Your code responded before the event was stored.
        If the process crashes between the two, the sender does not retry, and the event
        is lost.
        Try: Call enqueue in the view itself, and respond on the next line.
    acknowledges-what-was-not-stored: Your code responded with a 2xx although enqueue
        had raised. The event is stored nowhere, and after a 2xx the sender forgets it.
        Try: Respond with a 2xx only after enqueue has returned.
""")
NO_5XX, AGAIN, CLAIMED_EARLY, DROPS_RETRIES = mistakes("""
    no-5xx-when-storing-fails: Your code did not respond with a 5xx although enqueue had
        raised. The failure was on your side; after a 4xx some senders give up, but a
        retry would have succeeded.
        Try: Respond with a 5xx if enqueue raises.
    enqueues-again-after-a-failure: Your code called enqueue again after it had raised.
        The sender retries for days, so retries in the view add nothing: they delay the
        5xx, they may store the event twice, and they may never end.
        Try: Call enqueue once, and respond with a 5xx when it raises.
    remembers-before-it-is-stored: Your code remembered the event before it was stored.
        When storing failed, the retry looked like a duplicate, and the event was lost.
        Try: Remember nothing here; the worker recognises duplicates.
    drops-every-retry: Your code skips requests whose header says that they are retries.
        A retry follows a failed attempt, so it is often the only one that you can
        store.
        Try: Store a retry in the same way as a first attempt.
""")
DUPLICATE_REFUSED, OTHER_REQUESTS, MIXED_UP, SHARED_MEMORY = mistakes("""
    duplicate-is-refused: Your code responded with an error to a duplicate of a stored
        event. The sender retries for days, and some senders then disable the endpoint.
        Try: Respond to a duplicate with a 2xx, whether you store it or skip it.
    enqueues-other-requests: Your code called enqueue for a request that is not a POST
        to /webhooks. No provider sends such a request, so each one creates a useless
        job.
        Try: Call enqueue only in the view of POST /webhooks.
    apps-share-their-queue: Your code put the event of one app into the queue of another
        app. Two shops in one program then mix up their events.
        Try: Define the app and its view inside make_app, and use its argument enqueue.
    apps-share-their-memory: Your code keeps something outside make_app that all apps
        share, so the queue of one app did not get its event.
        Try: Keep nothing outside make_app: neither ids nor a queue.
""")

How = Callable[[Fields, Seen], bool]


def _kind(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


def _calls(seen: Seen) -> list[tuple[Any, ...]]:
    """Return the calls of enqueue, those that raised too."""
    found = [each for each in effects_of(seen) if each[0] != SLEPT]
    return [each for each in found if each[0].startswith("enqueue")]


def _last(accepts: Callable[[int], bool], calls: int | None = None) -> How:
    """Accept a last response whose status fits, and so many calls of enqueue."""

    def how(_: Fields, seen: Seen) -> bool:
        answered = answers_of(seen)[-1:]
        fits = all(not each.silent and accepts(each.status) for each in answered)
        return bool(answered) and fits and calls in (None, len(_calls(seen)))

    return how


def _acknowledged(status: int) -> bool:
    return 200 <= status < 300


def _stored(fields: Fields, seen: Seen) -> Any:
    """Return what the only call of enqueue got, or None."""
    calls = _calls(seen)
    return calls[0][1] if len(calls) == 1 and len(calls[0]) > 1 else None


def _no_bytes(fields: Fields, seen: Seen) -> bool:
    return isinstance(_stored(fields, seen), str)


def _changed(fields: Fields, seen: Seen) -> bool:
    stored = _stored(fields, seen)
    return isinstance(stored, bytes) and stored != fields["steps"][-1].body


def _rewritten(fields: Fields, seen: Seen) -> bool:
    if not _changed(fields, seen):
        return False
    sent = _means(fields["steps"][-1].body)
    return sent is not None and _means(_stored(fields, seen)) == sent


def _cut(fields: Fields, seen: Seen) -> bool:
    known = _rewritten(fields, seen) or _through_text(fields, seen)
    return _changed(fields, seen) and not known


def _means(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _through_text(fields: Fields, seen: Seen) -> bool:
    """Whether the body was decoded and encoded again, and perhaps stripped too."""
    if not _changed(fields, seen):
        return False
    sent, stored = fields["steps"][-1].body, _stored(fields, seen).strip()
    decoded = {
        sent.decode(encoding, errors)
        for encoding in ("utf-8", "latin-1", "cp1252", "ascii")
        for errors in ("replace", "ignore", "backslashreplace")
    }
    texts = {text.encode().strip() for text in decoded}
    return stored in texts - {sent.strip()}


def _emptied(fields: Fields, seen: Seen) -> bool:
    return bool(_stored(fields, seen) == b"")


def _skips(fields: Fields, seen: Seen) -> bool:
    """Whether the last request was refused, or acknowledged without enqueue."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    answered, effects = steps[-1] if steps else (None, ())
    return answered is not None and (not effects or not answered.acknowledged)


def _drops(fields: Fields, seen: Seen) -> bool:
    """Whether a request was acknowledged without a call of enqueue."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    return any(
        answered is not None and answered.acknowledged and not effects
        for answered, effects in steps
    )


def _late(_: Fields, seen: Seen) -> bool:
    return any(each[0].endswith(LATE) for each in _calls(seen))


def _no_answer(_: Fields, seen: Seen) -> bool:
    """Whether the only fault is that the view returns None."""
    text = str(seen.error) if isinstance(seen.error, TypeError) else ""
    return "returned None" in text and len(_calls(seen)) == 1


def _again(_: Fields, seen: Seen) -> bool:
    """Whether enqueue was called again after it had failed."""
    return len([name for name, *_ in _calls(seen) if name.endswith("raises")]) > 1


def _sleeps(_: Fields, seen: Seen) -> bool:
    return any(name == SLEPT for name, *_ in effects_of(seen))


def _misdirected(fields: Fields, seen: Seen) -> bool:
    """Whether a request to one app called the enqueue of another."""
    steps: Sequence[Any] = seen.result if isinstance(seen.result, tuple) else ()
    posts = [(step, at) for at, step in enumerate(fields["steps"])]
    return any(
        isinstance(step, Post) and name.removesuffix(LATE) != name_of_enqueue(step.app)
        for step, at in posts
        if at < len(steps)
        for name, *_ in steps[at][1]
    )


def _plain(fields: Fields) -> bool:
    """Whether any receiver must store the body and respond with a 2xx."""
    return bool(fields["kind"] == "plain" and fields["about"] in ("store", "after"))


def _rule(
    mistake: Mistake,
    which: Callable[[Fields], bool],
    how: How,
    *agreeing: str,
    **more: Any,
) -> Rule:
    """Return a rule for which one such trial is enough."""
    return Rule(mistake, which, _kind(*agreeing), how, some=True, **more)


MISTAKES = (
    *app_rules(_plain, "/webhooks"),
    Rule(WRONG_ENDPOINT, _plain, how=_last(lambda s: s == 404, 0), may=always),
    Rule(NEVER_ENQUEUED, _plain, how=_last(_acknowledged, 0), may=always),
    _rule(NOT_BYTES, _plain, _no_bytes),
    _rule(WRITTEN_ANEW, _kind("plain", "json"), _rewritten),
    _rule(THROUGH_TEXT, _kind("latin"), _through_text, "plain", "json"),
    _rule(OTHER_BYTES, _kind("plain", "bytes"), _cut, may=always),
    _rule(FORM_GONE, _kind("form"), _emptied, "plain", "json", "latin"),
    _rule(
        LOOKS_INSIDE, _kind("odd"), _skips, "plain", may=_kind("json", "form", "two")
    ),
    Rule(NO_ID, _kind("two"), _kind("plain", "json", "odd"), _drops),
    Rule(TWICE, _plain, how=lambda _, seen: len(_calls(seen)) == 2, may=always),
    Rule(CLAIMED_EARLY, _kind("retry"), _plain, _drops),
    _rule(DROPS_RETRIES, _kind("marked"), _drops, "plain", "retry"),
    _rule(DUPLICATE_REFUSED, _kind("duplicate"), _last(lambda s: s >= 300), "plain"),
    _rule(OTHER_REQUESTS, _kind("other"), lambda _, seen: bool(_calls(seen)), "plain"),
    Rule(ACK_FIRST, _kind("slow"), how=_late, may=always),
    _rule(NO_ANSWER, _kind("plain", "slow"), _no_answer),
    _rule(REFUSES_STORED, _kind("plain", "slow"), _last(lambda s: s >= 300, 1)),
    _rule(ACK_ANYWAY, _kind("fails"), _last(_acknowledged, 1)),
    _rule(NO_5XX, _kind("fails"), _last(lambda s: 300 <= s < 500, 1)),
    _rule(TOO_SLOW, _kind("plain", "fails"), _sleeps),
    _rule(AGAIN, _kind("fails"), _again),
    _rule(MIXED_UP, _kind("apps"), _misdirected),
    _rule(SHARED_MEMORY, _kind("apps"), _drops, "plain"),
    _rule(SHARED_MEMORY, _plain, _last(_acknowledged, 0), may=always, stateful=True),
)
