"""The predictions of lab 01."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="01-empty",
        question=(
            "There are 12 payments in an hour, at random moments. You ask every 10 "
            "seconds. How many of the 360 requests return nothing?"
        ),
        choices={
            "a": Choice(
                "About 30, because you make 30 requests per payment.",
                (
                    "You do make 30 requests per payment. But only one of these 30 "
                    "returns something."
                ),
            ),
            "b": Choice(
                "About half of them.",
                (
                    "That would need a payment every 20 seconds. There is one "
                    "every 5 minutes."
                ),
            ),
            "c": Choice(
                "At least 348.",
                (
                    "Twelve payments can fill at most 12 requests, and fewer if "
                    "two payments happen within the same 10 seconds. All other "
                    "requests return nothing."
                ),
            ),
        },
        right="c",
    ),
    Prediction(
        id="01-delay",
        question=(
            "You ask every 10 minutes instead. How long does it take on average "
            "until the shop learns of a payment?"
        ),
        choices={
            "a": Choice(
                "About 5 minutes.",
                (
                    "A payment happens at a random moment between two requests, so "
                    "on average half of the interval is left."
                ),
            ),
            "b": Choice(
                "About 10 minutes.",
                (
                    "That is the maximum, for a payment right after a request. A "
                    "payment right before the next request hardly waits."
                ),
            ),
            "c": Choice(
                "Almost no time: the provider knows about it at once.",
                "The provider does. But the shop knows nothing before it asks.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="01-webhook",
        question=(
            "The same 12 payments arrive by webhook over a network that works. How "
            "many requests are there in the hour, and who makes them?"
        ),
        choices={
            "a": Choice(
                "12 requests, made by the shop.",
                (
                    "The shop cannot know when to ask. With a webhook the roles "
                    "are reversed: the provider is the client, and the shop is the "
                    "server."
                ),
            ),
            "b": Choice(
                "12 requests, made by the provider.",
                (
                    "The provider makes one request per payment, at the moment "
                    "when the payment happens."
                ),
            ),
            "c": Choice(
                "360 requests as before, but made by the provider.",
                (
                    "The provider does not need to ask. It knows when something "
                    "happens, and sends nothing in between."
                ),
            ),
        },
        right="b",
    ),
    Prediction(
        id="01-down",
        question=(
            "The shop is down from minute 20 to minute 35. This provider sends "
            "each webhook only once. What happens to the payments of these fifteen "
            "minutes?"
        ),
        choices={
            "a": Choice(
                "The shop never learns of them, and does not notice it.",
                (
                    "There is no request, no error and no entry in a log. On the "
                    "shop's side it looks like a quiet quarter of an hour."
                ),
            ),
            "b": Choice(
                "They arrive late, when the shop is back.",
                (
                    "With polling they would, because the list still exists. A "
                    "webhook that nobody receives is gone, unless the provider "
                    "tries again."
                ),
            ),
            "c": Choice(
                "The provider tells the shop afterwards what it missed.",
                (
                    "Some providers have a list that you can ask. But you must "
                    "think of asking."
                ),
            ),
        },
        right="a",
    ),
)
