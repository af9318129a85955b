"""Lab 06: when to send again, how long to wait, when to listen, when to give up.

statuses.py   exercise 6.1
delays.py     exercise 6.2
wishes.py     exercise 6.3
loop.py       exercise 6.4
clock.py      no real sleep in a check, and any time zone
"""

from labkit.checks.predictions import Choice, Prediction
from labkit.exercises.lab06_retries.delays import NEXT_DELAY
from labkit.exercises.lab06_retries.loop import DELIVER
from labkit.exercises.lab06_retries.statuses import SHOULD_RETRY
from labkit.exercises.lab06_retries.wishes import RETRY_AFTER

EXERCISES = (SHOULD_RETRY, NEXT_DELAY, RETRY_AFTER, DELIVER)

PREDICTIONS = (
    Prediction(
        id="06-outage",
        question=(
            "The shop answers 503 for two hours. The sender waits 5 s, 5 min, 30 min, "
            "2 h and so on after each failure, each a little longer or shorter by "
            "chance. When is the event acknowledged?"
        ),
        choices={
            "a": Choice(
                "As soon as the two hours are over.",
                "The sender does not know that they are over. It finds out with its "
                "next attempt, and that comes when the schedule says.",
            ),
            "b": Choice(
                "Some time after the two hours, with the fifth attempt.",
                "The first four attempts all fall into the first hour. The fifth is "
                "planned 2 h after the fourth. The shop is back before that, and "
                "waits.",
            ),
            "c": Choice(
                "Never: after four failures the sender gives up.",
                "This schedule has nine delays, so ten attempts. Others are shorter; "
                "you will see them side by side further down.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="06-down-for-good",
        question=(
            "Now nobody comes back: the shop's server is gone, and every connection "
            "is refused. What does the sender do over the next four days?"
        ),
        choices={
            "a": Choice(
                "It tries every hour, some 96 times.",
                "The delays grow: from seconds to a day. Who has been down for a day "
                "will hardly be back within the hour, so trying less often is enough.",
            ),
            "b": Choice(
                "It tries ten times in a bit more than three days, then gives up.",
                "Nine delays, ten attempts. Then the event is a dead letter: kept, "
                "but not sent again unless a person asks for it.",
            ),
            "c": Choice(
                "It goes on until somebody answers.",
                "Then every server that was ever switched off would be called for "
                "ever. All the senders that we know give up at some point.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="06-herd",
        question=(
            "At midnight 500 payments fail in the same second, because the shop is "
            "down for a minute. The sender waits 1 s, 2 s, 4 s, 8 s and so on, "
            "without chance. How do the 500 come back after the minute?"
        ),
        choices={
            "a": Choice(
                "Spread over the next minute or so.",
                "What should spread them? They failed together, they wait the same, "
                "so they come back together.",
            ),
            "b": Choice(
                "All 500 in one second.",
                "They failed together and wait the same time, so they come as one "
                "crowd, attempt after attempt. This is called a thundering herd.",
            ),
            "c": Choice(
                "One after the other, each when the one before it is through.",
                "That would be a queue. Most senders have none: each delivery has its "
                "own clock and knows nothing of the others.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="06-jitter",
        question=(
            "The same midnight, but each wait is drawn between 0 and what it was "
            "before (full jitter). What changes?"
        ),
        choices={
            "a": Choice(
                "The crowd is spread thin; in all there are some more attempts.",
                "The waits are half as long on average, so more of them fit into the "
                "minute. That is the price, and it buys a receiver that stays up.",
            ),
            "b": Choice(
                "The crowd is spread thin; in all there are fewer attempts.",
                "Drawn between 0 and the bound, the waits get shorter on average, not "
                "longer. Shorter waits mean more attempts within the same minute.",
            ),
            "c": Choice(
                "Nothing much: chance evens out over 500 events.",
                "The sum evens out, the moments do not. Each delivery draws for "
                "itself, and after some draws no two are in step.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="06-retry-after",
        question=(
            "The shop is up but swamped. It answers the first attempt with 429 and "
            "Retry-After: 600. By its schedule the sender would wait about 5 s. When "
            "does the second attempt come?"
        ),
        choices={
            "a": Choice(
                "After about 5 s: a schedule is a schedule.",
                "Some senders do just that: Convoy and Outpost don't look at the "
                "header. Standard Webhooks asks a sender to honour it, and this one "
                "does.",
            ),
            "b": Choice(
                "After about 10 minutes.",
                "The wish of the receiver goes before the schedule. Chance adds up to "
                "20 % in this profile, and never takes any away: nothing comes "
                "before the time that you asked for.",
            ),
            "c": Choice(
                "Never: 429 is a client error.",
                "429 is one of the few 4xx that speak of time: too many at the "
                "moment. The same request is fine later.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="06-github",
        question=(
            "Your receiver restarts and is away for ten seconds. In these ten seconds "
            "GitHub sends you a push. What happens to it?"
        ),
        choices={
            "a": Choice(
                "GitHub tries up to three times within some minutes.",
                "One reads that, but it is not so. GitHub's own pages say: never "
                "automatically.",
            ),
            "b": Choice(
                "GitHub tries again for three days, growing slower and slower.",
                "Three days is how long a person or the API may ask for a redelivery. "
                "By itself GitHub does nothing.",
            ),
            "c": Choice(
                "It is gone, unless you ask for it.",
                "GitHub tries once. Within three days a person, or your own script by "
                "the API, may ask for a redelivery.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="06-resend",
        question=(
            "Thirteen of twenty payments have become dead letters: ten met a refused "
            "connection, three were answered but the answer was lost. The shop is up "
            "again, and the operator sends all thirteen anew. How many parcels leave "
            "the shop in all, for twenty payments?"
        ),
        choices={
            "a": Choice(
                "Twenty.",
                "That is what everybody hopes for. But three of the dead letters had "
                "been shipped long ago; only their answers were lost.",
            ),
            "b": Choice(
                "Twenty-three.",
                "A dead letter is what the sender did not hear about. The three lost "
                "answers were parcels already, and the resend ships them once more.",
            ),
            "c": Choice(
                "Thirty-three.",
                "That would be so if all thirteen had been shipped before. Ten of "
                "them met a closed door and never arrived.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="06-careful",
        question=(
            "The same trouble and the same resend, but this shop remembers the ids of "
            "the events that it has shipped. How many parcels?"
        ),
        choices={
            "a": Choice(
                "Twenty.",
                "The three events that come a second time have the ids that they had "
                "before. The shop sees that, ships nothing and answers 200.",
            ),
            "b": Choice(
                "Twenty-three: a resend has new ids.",
                "A resend carries the same event, so it carries the event's id. A "
                "sender that makes a new one breaks every careful receiver.",
            ),
            "c": Choice(
                "Seventeen: it drops the three whose answers were lost.",
                "These three were shipped when they came first. Only what comes a "
                "second time is dropped.",
            ),
        },
        right="a",
    ),
)
