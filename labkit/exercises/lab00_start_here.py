"""Lab 00: one small function, to meet the bench and its verdicts."""

from collections.abc import Callable
from typing import Any

from labkit.checks import Exercise, Mistake, Question, quietly
from labkit.checks.predictions import Choice, Prediction

Greet = Callable[[dict[str, Any]], str]

PRINTS = Mistake(
    "prints-instead-of-returning",
    "What a function prints is for people; what it returns is for the program. Yours "
    "returned nothing, so the caller has nothing to work with.",
    "Put `return` where the `print` is.",
)
HARD_CODED = Mistake(
    "name-written-into-the-code",
    "The first event was about Ada and your answer fits only her. The next event is "
    "about somebody else.",
    'Take the name out of the event: event["data"]["name"].',
)
WRONG_LEVEL = Mistake(
    "looks-on-the-wrong-level",
    "An event is an envelope: id, event, created_at and data. What the event is about "
    "lies inside of data.",
    'Go one level deeper: event["data"]["name"].',
)
BYTES = Mistake(
    "bytes-instead-of-text",
    "Bytes and text are different types in Python, and they are never equal.",
    "Return the text itself, without .encode().",
)
WHOLE_DATA = Mistake(
    "greets-the-whole-data",
    "You greeted the data, a dictionary, where only one of its fields was meant.",
    'Pick one field of it: event["data"]["name"].',
)
ASCII_ONLY = Mistake(
    "loses-letters-outside-ascii",
    "Names have letters from everywhere, and a payload brings them all.",
    "Leave the text as it is; Python's strings hold every letter.",
)
CHANGES = Mistake(
    "changes-the-event",
    "Others may read the event after you, and would find it changed.",
    "Read from the event and change nothing in it: no pop, no assignment.",
)
OTHER_TEXT = Mistake(
    "other-text",
    "The greeting was agreed on letter by letter, as fields in a payload are.",
    "Compare the two texts: capital letter, comma, space.",
)


def greets_ada(greet: Greet) -> None:
    """The person in the event is greeted by name."""
    event = _contact("Ada")
    ask = _question(event, "Hello, Ada")
    wrong_level = {KeyError: WRONG_LEVEL, AttributeError: WRONG_LEVEL}
    answered = ask.call(greet, event, known=wrong_level)
    if answered is None:
        ask.fail("None", PRINTS)
    if isinstance(answered, bytes):
        ask.fail(repr(answered), BYTES)
    if isinstance(answered, str) and "{" in answered:
        ask.fail(repr(answered), WHOLE_DATA)
    near = isinstance(answered, str) and "Ada" in answered
    ask.expect(answered, "Hello, Ada", OTHER_TEXT if near else None)


def greets_anybody(greet: Greet) -> None:
    """Anybody else is greeted by their name, whatever letters it has."""
    for name in ("Grace", "Zoë", "李雷"):
        event = _contact(name)
        ask = _question(event, f"Hello, {name}")
        answered = ask.call(greet, event)
        if answered == "Hello, Ada":
            ask.fail(repr(answered), HARD_CODED)
        if not name.isascii() and isinstance(answered, str):
            ask.expect(answered, f"Hello, {name}", ASCII_ONLY)
        ask.expect(answered, f"Hello, {name}")


def leaves_the_event_alone(greet: Greet) -> None:
    """The event is the same afterwards."""
    event = _contact("Ada")
    ask = Question(
        sent=repr(event),
        expected="the same event after the call as before",
        why=CHANGES.why,
        try_next=CHANGES.try_next,
    )
    quietly(greet, event)
    if event != _contact("Ada"):
        ask.fail(repr(event), CHANGES)


def _contact(name: str) -> dict[str, Any]:
    return {
        "id": "crm_00001",
        "event": "contact.created",
        "created_at": 1767225600,
        "data": {"name": name},
    }


def _question(event: dict[str, Any], expected: str) -> Question:
    return Question(
        sent=repr(event),
        expected=repr(expected),
        why="The greeting is built from the event that came in, letter by letter.",
        try_next="Compare the two texts letter by letter: comma, space, capital.",
    )


EXERCISES = (
    Exercise(
        id="0.1",
        lab="00_start_here",
        wants="greet(event) -> str",
        cases=(greets_ada, greets_anybody, leaves_the_event_alone),
        hints=(
            "The event is a dictionary. Which of its fields says what it is about?",
            'The person is event["data"], again a dictionary, and it has a "name".',
            'Build the text with an f-string: f"Hello, {…}", and return it.',
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="00-lost-response",
        question=(
            "The receiver does its work and returns 200, but the network loses the "
            "response. What happens next, and how many parcels does the shop ship?"
        ),
        choices={
            "a": Choice(
                ("The sender does nothing, because the work is done. One parcel."),
                (
                    "The work is done, but the sender cannot know that, because it "
                    "received no response."
                ),
            ),
            "b": Choice(
                "The sender sends the same event again. Two parcels.",
                (
                    "Perhaps the network lost the request, so the sender tries "
                    "again. Your receiver cannot tell the second request from a "
                    "second payment."
                ),
            ),
            "c": Choice(
                (
                    "The sender sends the event again, and Flask drops the "
                    "duplicate. One parcel."
                ),
                (
                    "Flask passes on every request that arrives. The receiver "
                    "itself must recognise duplicates, and this one does not."
                ),
            ),
        },
        right="b",
    ),
    Prediction(
        id="00-lost-request",
        question=(
            "Now the network loses the request instead of the response. How many "
            "parcels does the shop ship?"
        ),
        choices={
            "a": Choice(
                "One.",
                (
                    "The lost request never reached the shop, but the second one "
                    "did. To the sender both cases look the same: no response, "
                    "then a second attempt."
                ),
            ),
            "b": Choice(
                "Two, as before.",
                (
                    "The sender does send two requests, but only one arrives, and "
                    "only a request that arrives can cause a parcel."
                ),
            ),
            "c": Choice(
                "None.",
                (
                    "That would be true if the sender gave up at once. This one "
                    "tries again after a few seconds."
                ),
            ),
        },
        right="a",
    ),
)
