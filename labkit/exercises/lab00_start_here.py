"""Lab 00: one small function, as a first example of a check and its verdict."""

from collections.abc import Iterator
from typing import Any

from labkit.checks import short
from labkit.checks.contract import contract
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Function, Seen, exactly
from labkit.checks.predictions import predictions
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial

PRINTS, HARD_CODED, WRONG_LEVEL, BYTES = mistakes("""
    prints-instead-of-returning: Your function returns None, but the caller needs the
        greeting. What a function prints is only for people.
        Try: End the function with `return` and the string.
    name-written-into-the-code: Your function always greets Ada. The next event is about
        another person.
        Try: Take the name from the event: event["data"]["name"].
    looks-on-the-wrong-level: Your code looks for the name at the wrong level of the
        event. The event is an envelope, and its content is in `data`.
        Try: Go one level deeper: event["data"]["name"].
    bytes-instead-of-text: Your function returns bytes. In Python, bytes and strings are
        never equal.
        Try: Return the string itself, without .encode().
""")
WHOLE_DATA, ASCII_ONLY, CHANGES, OTHER_TEXT = mistakes("""
    greets-the-whole-data: Your greeting contains the whole data dictionary instead of
        one of its fields.
        Try: Use only the field with the name: event["data"]["name"].
    loses-letters-outside-ascii: Your code changes or loses characters that are not
        ASCII. Names are written in all alphabets.
        Try: Leave the string as it is; Python strings can contain every character.
    changes-the-event: Your function changes the event. Code that reads the event
        afterwards then gets other data.
        Try: Only read from the event: no pop, no assignment.
    other-text: Your greeting contains the name, but the rest of it differs from the
        exercise.
        Try: Compare the two strings: capital letter, comma, space.
""")

CONTRACT = contract("""
    greeting: Return the string "Hello, " followed by the name of the person in the
        event's data.
    name: The name stays as it is, whatever characters it contains.
    same: The event is not changed.
    open: The check does not test events without a name.
""")
NAMES = (
    "Grace",
    "Zoë",
    "李雷",
    "ada",
    "ADA",
    "Mary Ann",
    "de la Cruz",
    "O'Neill",
    "Jean-Luc",
    "McDonald",
    "R2D2",
    "Zoe\u0308",
    "🦊",
    "Adam",
    " Ada ",
    "",
    'Ada "the first"',
    "back\\slash {name} %s",
    "$name ${name} $$",
    "Ada & <Bob>",
    "&lt;b&gt; %41da",
    "two\nlines",
    "x" * 500,
)


def _trials() -> Iterator[Trial]:
    yield Trial("greeting")
    yield Trial("greeting", {"again": 1}, "the second call")
    for changes in (
        {"more": {"email": "ada@example.com", "names": ["Bob"]}},
        {"top": {"name": "Shop", "person": "Bob"}},
        {"more": {"company": {"name": "ACME"}}},
        {"top": {"event": "contact.updated", "id": "crm_00002"}},
    ):
        yield Trial("greeting", changes)
    for name in NAMES:
        yield Trial("name", {"name": name})
    other = {"name": "Grace", "top": {"id": "crm_00003"}}
    yield Trial("name", other, "the id is another one, too")
    yield Trial("same", {"name": "Grace", "again": 1}, "the second call")


def _event(fields: Fields) -> dict[str, Any]:
    return {
        "id": "crm_00001",
        "event": "contact.created",
        "created_at": 1767225600,
        **fields["top"],
        "data": {**fields["more"], "name": fields["name"]},
    }


def _normal(value: Any) -> Any:
    return exactly(str.__str__(value) if isinstance(value, str) else value)


def _text(seen: Seen) -> str:
    return seen.result if isinstance(seen.result, str) else ""


def _is_ada(fields: Fields) -> bool:
    return bool(fields["name"] == "Ada")


def _greets(name: str, text: str) -> bool:
    return bool(name) and name in text and "{" not in text


def _greets_another(fields: Fields, seen: Seen, _: Seen) -> str | None:
    """Blame the first sentence if another person is greeted."""
    others = {f"Hello, {each}" for each in ("Ada", *NAMES) if each != fields["name"]}
    return "greeting" if _text(seen) in others else None


def _changed(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.value, tuple) and seen.value[1] == "changed"


MISTAKES: list[Proof] = [
    Rule(CHANGES, always, how=_changed, some=True, stateful=stateful)
    for stateful in (False, True)
]
MISTAKES += [
    Rule(PRINTS, always, how=lambda _, seen: not seen.raised and seen.result is None),
    Rule(
        WRONG_LEVEL,
        _is_ada,
        how=lambda _, seen: seen.text == "KeyError: 'name'",
        some=True,
    ),
    Rule(BYTES, always, how=lambda _, seen: isinstance(seen.result, bytes)),
    Rule(
        WHOLE_DATA,
        always,
        how=lambda fields, seen: str(_event(fields)["data"]) in _text(seen),
    ),
    Rule(
        HARD_CODED,
        lambda fields: not _is_ada(fields),
        _is_ada,
        lambda _, seen: _text(seen) == "Hello, Ada",
    ),
    Rule(
        ASCII_ONLY,
        lambda fields: not fields["name"].isascii(),
        lambda fields: fields["name"].isascii(),
        lambda _, seen: isinstance(seen.result, str) or seen.raised[:7] == "Unicode",
    ),
    Rule(
        OTHER_TEXT,
        always,
        how=lambda fields, seen: _greets(fields["name"], _text(seen)),
        some=True,
    ),
]

EXERCISES = (
    judged(
        id="0.1",
        lab="00_start_here",
        wants="greet(event) -> str",
        hints=(
            "The event is a dictionary. Which of its fields says what it is about?",
            'The person is event["data"], again a dictionary, and it has a "name".',
            'Build the string with an f-string: f"Hello, {…}", and return it.',
        ),
        contract=CONTRACT,
        space=Space({"name": "Ada", "top": {}, "more": {}, "again": 0}, _trials),
        observer=Function(
            lambda fields: [_event(fields)],
            lambda fields: short(_event(fields), 400),
            _normal,
            keeps_arguments=True,
        ),
        mistakes=MISTAKES,
        blames=_greets_another,
    ),
)

PREDICTIONS = predictions("""
    00-lost-response (b): The receiver does its work and returns 200, but the network
        loses the response. What happens next, and how many parcels does the shop ship?
    a: The sender does nothing, because the work is done. One parcel.
        Answer: The work is done, but the sender cannot know that, because it received
        no response.
    b: The sender sends the same event again. Two parcels.
        Answer: To the sender, it may have been the request that was lost, so it tries
        again. Your receiver does not look at the event's id, so to it the second
        request is a second payment.
    c: The sender sends the event again, and Flask drops the duplicate. One parcel.
        Answer: Flask passes on every request that arrives. The receiver itself must
        recognise duplicates, and this one does not.
    00-lost-request (a): Now the network loses the request instead of the response. How
        many parcels does the shop ship?
    a: One.
        Answer: The lost request never reached the shop, but the second one did. To the
        sender both cases look the same: no response, then a second attempt.
    b: Two, as before.
        Answer: The sender does send two requests, but only one arrives, and only a
        request that arrives can cause a parcel.
    c: None.
        Answer: That would be true if the sender gave up at once. This one tries again
        after a few seconds.
""")
