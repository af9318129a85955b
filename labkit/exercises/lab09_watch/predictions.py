"""What a learner of lab 09 is asked to foresee."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="09-inbox",
        question=(
            "Three requests are in the receiver's inbox. At night the program is "
            "restarted. How many are in the inbox in the morning, when you come to "
            "look?"
        ),
        choices={
            "a": Choice(
                "Three: they did arrive.",
                "They did, and the inbox knew it. It was in the memory of a program "
                "that has ended.",
            ),
            "b": Choice(
                "None.",
                "The inbox lives in memory, for you to look at now. What you want to "
                "know tomorrow has to be written down today: that is the log.",
            ),
            "c": Choice(
                "Three, as long as there were fewer than a thousand.",
                "An inbox keeps the last thousand of its own receiver. The restart "
                "makes a new receiver, and a new inbox.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="09-outage",
        question=(
            "A payment comes every 90 seconds. For twenty minutes the receiver answers "
            "503 to each of them; the sender tries again after about 5 s, 5 min and "
            "30 min. How many attempts have failed, ten minutes after it began?"
        ),
        choices={
            "a": Choice(
                "Seven: one for each payment.",
                "Seven payments came, and each was tried more than once: the second "
                "attempt comes after five seconds, into the same outage.",
            ),
            "b": Choice(
                "Eighteen.",
                "Seven payments, each tried twice within seconds, and the four oldest "
                "a third time. Retries make an outage look larger than its events are.",
            ),
            "c": Choice(
                "Several hundred: the sender keeps knocking.",
                "It waits between two attempts, longer each time. Lab 06 is about "
                "these waits.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="09-any-failure",
        question=(
            "Your first alert rings whenever an attempt of the last hour has failed. "
            "How often does it ring in these four weeks although nothing is wrong?"
        ),
        choices={
            "a": Choice(
                "About five times: failures are rare.",
                "They are: four attempts in a thousand. But there are twenty thousand "
                "attempts in a month.",
            ),
            "b": Choice(
                "About ten times: every two or three days.",
                "Look at the calendar again: most days have more than one mark.",
            ),
            "c": Choice(
                "About fifty times: nearly twice a day.",
                "One attempt fails, the next one goes well, and nobody needs to know. "
                "Of fifty-eight alarms, five are real. Nobody looks at the "
                "fifty-ninth.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="09-half",
        question=(
            "The next one rings when more than half of the attempts of the last hour "
            "have failed. At 11:48 the receiver dies, and every connection is refused. "
            "When does it ring?"
        ),
        choices={
            "a": Choice(
                "Within five minutes: nothing comes through any more.",
                "Nothing does. But the hour that it judges by has forty good attempts "
                "in it, from before.",
            ),
            "b": Choice(
                "After some twenty minutes.",
                "The good attempts of the hour before outweigh the bad ones for that "
                "long. Without retries it would take half an hour.",
            ),
            "c": Choice(
                "After an hour, when the good attempts have left the window.",
                "Half of them is enough. And each failed event is tried again after "
                "5 seconds and after 5 minutes, so the bad attempts pile up faster.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="09-silence",
        question=(
            "A backup keeps the shop from answering, from 2:00 to 3:30 at night. A "
            "payment comes every 15 minutes. The provider gives an endpoint up after 8 "
            "failures in a row. At nine in the morning, with the shop in good health "
            "for hours, what does an alert see that looks at the last hour?"
        ),
        choices={
            "a": Choice(
                "Many attempts, all acknowledged: what was waiting comes now.",
                "That is how it ends with a patient provider. This one counted to "
                "eight, and it had reached eight by twenty past two.",
            ),
            "b": Choice(
                "Failed attempts: the alarm rings until somebody looks.",
                "It rang for a while. Then nothing was sent any more, so nothing "
                "failed any more.",
            ),
            "c": Choice(
                "Nothing at all.",
                "No attempt, so no failure and no alarm. From outside it looks like a "
                "quiet night that does not end.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="09-dead",
        question=(
            "In the end eleven deliveries are dead letters: the sender gave them up. "
            "How many of these eleven orders have left the shop all the same?"
        ),
        choices={
            "a": Choice(
                "None: dead means that they did not arrive.",
                "Dead means that the sender heard no acknowledgement. What the "
                "receiver did is another matter.",
            ),
            "b": Choice(
                "Three.",
                "Those of the time in which the answers were lost. The shop "
                "acknowledged them, and nobody heard it.",
            ),
            "c": Choice(
                "All eleven.",
                "Most of them met a closed door: the connection was refused, so "
                "nothing was done.",
            ),
        },
        right="b",
    ),
)
