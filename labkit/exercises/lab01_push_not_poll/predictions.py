"""What the learner of lab 01 is asked before each run."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="01-empty",
        question=(
            "12 payments happen in an hour, at moments nobody knows. You ask every "
            "10 seconds. How many of the 360 requests bring nothing?"
        ),
        choices={
            "a": Choice(
                "About 30: you ask 30 times for each payment.",
                "30 is how many requests you make for a payment. All but one of these "
                "30 bring nothing.",
            ),
            "b": Choice(
                "About half of them.",
                "Half would need a payment every 20 seconds. There is one every 5 "
                "minutes.",
            ),
            "c": Choice(
                "At least 348.",
                "12 payments can fill 12 requests at most; if two of them fall into "
                "the same 10 seconds, even fewer. All others come back empty.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="01-delay",
        question=(
            "You ask every 10 minutes instead. How long does the shop wait for a "
            "payment, on average, from the moment it happens?"
        ),
        choices={
            "a": Choice(
                "About 10 minutes.",
                "That is the longest it can be: for a payment that happens right after "
                "a request. One that happens right before the next waits for nothing.",
            ),
            "b": Choice(
                "About 5 minutes.",
                "A payment happens somewhere between two requests, and in the mean "
                "that is halfway.",
            ),
            "c": Choice(
                "Next to nothing: the provider has it at once.",
                "The provider does. The shop knows nothing of it before it asks.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="01-webhook",
        question=(
            "Now the same 12 payments by webhook, over a wire that works. How many "
            "requests are there in the hour, and who makes them?"
        ),
        choices={
            "a": Choice(
                "360, as before, made by the provider.",
                "The provider has no need to ask: it knows when something happens, and "
                "keeps silent as long as nothing does.",
            ),
            "b": Choice(
                "12, made by the shop.",
                "The shop can't know when to ask. With a webhook the roles are turned "
                "round: the provider is the client, the shop the server.",
            ),
            "c": Choice(
                "12, made by the provider.",
                "One for each payment, at the moment at which it happens. That is the "
                "whole idea.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="01-down",
        question=(
            "The shop is down from minute 20 to minute 35. This provider sends each "
            "webhook once and never again. What becomes of the payments of that "
            "quarter of an hour?"
        ),
        choices={
            "a": Choice(
                "They are lost to the shop, and it doesn't even know.",
                "No request, no error, no gap in a log: on the shop's side nothing "
                "has happened. Silence looks like a quiet hour.",
            ),
            "b": Choice(
                "They come late, when the shop is back.",
                "With polling they would: the list is still there. A webhook that "
                "nobody takes is gone, unless the provider tries again.",
            ),
            "c": Choice(
                "The provider tells the shop afterwards what it has missed.",
                "Some providers have a list that you can ask. You have to ask, "
                "though, and to think of it.",
            ),
        },
        right="a",
    ),
)
