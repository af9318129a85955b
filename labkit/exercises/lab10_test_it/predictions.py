"""What a learner of lab 10 is asked to foresee."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="10-happy",
        question=(
            "The test signs a payment and asserts that it is accepted. It is run on 27 "
            "broken verifiers. How many of them does it find out?"
        ),
        choices={
            "a": Choice(
                "Three.",
                "Those that refuse this very payment. All the others do what they "
                "should as long as everybody is honest.",
            ),
            "b": Choice(
                "Thirteen, about half.",
                "It would take half of them to fail on an honest payment. Bugs like "
                "that are found on the first day, and not by a test.",
            ),
            "c": Choice(
                "Twenty-four: a verifier with a bug does not verify.",
                "It does, on a day like every other. A bug sits where nobody has "
                "looked.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="10-random",
        question=(
            "Seven are found out now. In goes a loop with a thousand random headers, "
            "all of which must be refused. How many of the 27 are found out then?"
        ),
        choices={
            "a": Choice(
                "All of them, or nearly: a thousand tries find everything.",
                "Each of the thousand is as far from a right signature as the next "
                "one. They try the same thing a thousand times.",
            ),
            "b": Choice(
                "Ten.",
                "The three that chance can hit: a header with nothing in it, one with "
                "an odd letter, one without an equals sign. Nothing else of a verifier "
                "is ever reached.",
            ),
            "c": Choice(
                "Still seven: chance finds nothing.",
                "It finds what nobody thought of, as long as that is not far: among a "
                "thousand headers there is an empty one, and many with an é.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="10-shop",
        question=(
            "An honest delivery is changed on its way: the amount in its body is "
            "another one, the headers are as they were. What does the first shop do?"
        ),
        choices={
            "a": Choice(
                "It ships. It parses the JSON before the check.",
                "It parses early, that is true. But written anew it is still another "
                "amount, and the signature fits neither of the two.",
            ),
            "b": Choice(
                "It refuses with 401.",
                "Both tries of the check are over the changed amount. An ordinary "
                "forgery does not show what is wrong with this shop.",
            ),
            "c": Choice(
                "It answers 400, because the length of the body has changed.",
                "Nothing compares lengths here, and 1999 is as long as 9999.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="10-lever",
        question=(
            "The probe `duplicate.in-turn` sends one event five times. The examination "
            "sees the answers, and can't see parcels. All five answers are 2xx. What "
            "does it report?"
        ),
        choices={
            "a": Choice(
                "passed: a duplicate must be acknowledged, and it was.",
                "It must be acknowledged, and it must do nothing. The second half is "
                "not in the answer.",
            ),
            "b": Choice(
                "failed: it acknowledged an event that it knew already.",
                "It must: whoever refuses a copy makes the sender come again. Five "
                "times 2xx is what a right receiver answers, and a wrong one too.",
            ),
            "c": Choice(
                "unknown.",
                "What was done with the five can't be told from outside. A judge who "
                "says passed without having seen it is worse than none.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="10-swallow",
        question=(
            "A release catches what `ship` raises, notes it in a log, and answers 204. "
            "For half an hour the warehouse is closed. When does the alert ring, which "
            "looks at the answers of the last ten minutes?"
        ),
        choices={
            "a": Choice(
                "After four minutes, as with the release that answers 500.",
                "That one told the sender what was the matter. This one tells only "
                "its log.",
            ),
            "b": Choice(
                "Later: not before the sender gives the first event up.",
                "The sender gives nothing up. It was told that all is well, thirty "
                "times.",
            ),
            "c": Choice(
                "Never.",
                "Every attempt was acknowledged. No alert that looks at answers can "
                "see this, and no retry will mend it.",
            ),
        },
        right="c",
    ),
)
