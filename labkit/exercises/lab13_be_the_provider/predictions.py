"""What lab 13 asks before its experiments; the numbers come from real senders."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="13-dual-write",
        question=(
            "A shop commits the order and then puts the event into a queue. The queue "
            "is down while three orders are placed. How many of the three events does "
            "the real library that was tested deliver later?"
        ),
        choices={
            "a": Choice(
                "All three, as soon as the queue is back.",
                "Nothing has stored them. The library put the event into the queue "
                "after the commit, and the call failed.",
            ),
            "b": Choice(
                "None: three orders were committed, and no event.",
                "This was measured with django-webhook. Two systems were written one "
                "after the other (a dual write), and the second write failed.",
            ),
            "c": Choice(
                "None, but the three orders were rolled back as well.",
                "The commit came first. What is committed can't be rolled back when "
                "the queue turns out to be down.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="13-spellings",
        question=(
            "A customer registers the endpoint http://[::]:8000/. The sender has a "
            "guard that refuses loopback and private addresses. What happened at the "
            "real sender that was tested?"
        ),
        choices={
            "a": Choice(
                "The guard refused it, because [::] is a loopback address.",
                "[::] is the unspecified address, not the loopback address. A list of "
                "forbidden kinds must name it, and this guard did not.",
            ),
            "b": Choice(
                "The URL could not be parsed.",
                "It is a valid URL. The brackets enclose an IPv6 address.",
            ),
            "c": Choice(
                "The sender delivered the request to its own machine.",
                "Linux connects to this machine if the address is [::]. A rule that "
                "lists what is allowed (is_global) refuses it without naming it.",
            ),
        },
        right="c",
    ),
)
