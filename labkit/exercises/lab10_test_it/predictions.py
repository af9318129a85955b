"""What a learner of lab 10 is asked to foresee."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="10-happy",
        question="The test signs a payment and asserts that the verifier accepts it. "
        "It runs on 27 broken verifiers. How many of them does it kill?",
        choices={
            "a": Choice(
                "Three.",
                "It kills those that reject this very payment. All the others "
                "work correctly for legitimate requests.",
            ),
            "b": Choice(
                "Thirteen, about half.",
                "Then half of them would fail on a legitimate payment. Someone "
                "finds such bugs on the first day, without a test.",
            ),
            "c": Choice(
                "Twenty-four: a verifier with a bug does not verify.",
                "It does verify ordinary requests. Most bugs affect only unusual "
                "requests.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="10-random",
        question="Seven are killed now. You add a loop with a thousand random headers, "
        "all of which the verifier must reject. How many of the 27 are killed "
        "then?",
        choices={
            "a": Choice(
                "All of them, or nearly: a thousand attempts find everything.",
                "Each of the thousand is as far from a correct signature as "
                "the next one. They test the same thing a thousand times.",
            ),
            "b": Choice(
                "Ten.",
                "Random headers kill the three that fail on an empty header, "
                "on an unusual character, or on a missing equals sign. They "
                "never reach any other part of a verifier.",
            ),
            "c": Choice(
                "Still seven: randomness finds nothing.",
                "It finds simple cases that nobody thought of: among a "
                "thousand headers there is an empty one, and many contain an "
                "é.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="10-shop",
        question="Someone changes the amount in the body of a legitimate delivery, but "
        "not its headers. What does the first shop do?",
        choices={
            "a": Choice(
                "It ships, because it parses the JSON before the check.",
                "It does parse early. But re-serialised, it is still another "
                "amount, and the signature matches neither form.",
            ),
            "b": Choice(
                "It returns 400, because the length of the body changed.",
                "Nothing compares lengths here, and the new amount has as many "
                "digits as the old one.",
            ),
            "c": Choice(
                "It returns 401.",
                "Both checks of the signature use the changed amount. An "
                "ordinary forgery does not show the bug of this shop.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="10-lever",
        question="The probe `duplicate.in-turn` sends one event five times. The "
        "examination sees the responses, but no parcels. All five responses "
        "are 2xx. What does it report?",
        choices={
            "a": Choice(
                "unknown.",
                "You cannot tell from outside what the receiver did with the "
                'five. A report that says "passed" about something that nobody '
                "observed is worse than no report.",
            ),
            "b": Choice(
                "passed: a receiver must acknowledge a duplicate, and it did.",
                "It must acknowledge the duplicate and do nothing else. The "
                "response does not show the second half.",
            ),
            "c": Choice(
                "failed: it acknowledged an event that it knew already.",
                "It must: if a receiver rejects a duplicate, the sender tries "
                "again. Five times 2xx is what a correct receiver returns, and "
                "a wrong one too.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="10-swallow",
        question="A release catches the exception of `ship`, logs it, and returns 204. "
        "For half an hour the warehouse is closed. An alert looks at the responses of "
        "the last ten minutes. When does it fire?",
        choices={
            "a": Choice(
                "After four minutes, as with the release that returns 500.",
                "That release told the sender about the failure. This one "
                "tells only its log.",
            ),
            "b": Choice(
                "Never.",
                "Every attempt was acknowledged. An alert that looks at "
                "responses cannot see this, and no retry will fix it.",
            ),
            "c": Choice(
                "Later: when the sender gives up the first event.",
                ("The sender gives nothing up. It received thirty acknowledgements."),
            ),
        },
        right="b",
    ),
)
