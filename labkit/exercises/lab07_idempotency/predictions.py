"""The predictions of lab 07, and the feedback for each choice."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="07-lost-answer",
        question=(
            "The shop ships for every payment that arrives. The network loses the "
            "first response. How many parcels does the shop ship for the one "
            "payment?"
        ),
        choices={
            "a": Choice(
                "One: the shop returned 200, so there was one delivery.",
                (
                    "It was one delivery with two attempts. The sender never "
                    "received the 200, and the shop cannot tell the second request "
                    "from a new payment."
                ),
            ),
            "b": Choice(
                "Two.",
                (
                    "Nobody made a mistake: the sender received no response and "
                    "tried again, as it must. The receiver must recognise the "
                    "duplicate."
                ),
            ),
            "c": Choice(
                "None: without a response the payment does not count.",
                (
                    "The response only reports the work. The shop did the work "
                    "before it sent the response."
                ),
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-claim-first",
        question=(
            "This shop saves the id first and then ships. The warehouse is closed "
            "at the first attempt, and open again at the second. How many parcels "
            "does the shop ship?"
        ),
        choices={
            "a": Choice(
                "None, and the sender gets a 2xx.",
                (
                    "The retry was the second chance, but the shop treated it as a "
                    "duplicate and acknowledged it. The customer has paid and gets "
                    "nothing, and no one notices."
                ),
            ),
            "b": Choice(
                "One, at the second attempt.",
                (
                    "At the second attempt the id is already in the set. The shop "
                    "treats the retry as a duplicate, although the work was never done."
                ),
            ),
            "c": Choice(
                "None, and the sender retries for three days.",
                (
                    "That would be better, because someone would notice. In fact "
                    "the second attempt gets a 200."
                ),
            ),
        },
        right="a",
    ),
    Prediction(
        id="07-which-key",
        question=(
            "One payment arrived three times: two attempts, and a resend on the "
            "next day (see the table above). Which value tells the shop that it is "
            "the same payment?"
        ),
        choices={
            "a": Choice(
                "X-Request-Id.",
                (
                    "It is different in each attempt, so the shop would never "
                    "recognise a duplicate."
                ),
            ),
            "b": Choice(
                "X-Delivery-Id.",
                (
                    "It is the same for the two attempts but not for the resend, "
                    "which is a new delivery. Also, anyone can invent a header "
                    "that is not signed."
                ),
            ),
            "c": Choice(
                "The id in the body.",
                (
                    "The event happened once and has one id, however often it is "
                    "sent. In the body, the signature covers it too."
                ),
            ),
            "d": Choice(
                "The order.",
                (
                    "One order can have two payments. They are two events, and "
                    "both count."
                ),
            ),
        },
        right="c",
    ),
    Prediction(
        id="07-same-moment",
        question=(
            "Two duplicates of one payment arrive at the same moment, and two "
            "threads handle them. The table has a PRIMARY KEY. What can happen?"
        ),
        choices={
            "a": Choice(
                "Two parcels.",
                (
                    "Both workers check, both find nothing, and both ship. In a test "
                    "this happens rarely, but in production it happens sooner or later."
                ),
            ),
            "b": Choice(
                "Nothing bad: the database accepts an id only once.",
                (
                    "It does, and the second INSERT fails. But by then the shop has "
                    "shipped both parcels: the PRIMARY KEY prevents a second row, not "
                    "a second parcel."
                ),
            ),
            "c": Choice(
                ("No parcel, because each worker thinks that the other one ships."),
                (
                    "The workers know nothing about each other. Each of them finds an "
                    "empty table."
                ),
            ),
        },
        right="a",
    ),
    Prediction(
        id="07-lock",
        question=(
            "There is a lock around the whole view, so it handles one request "
            "after the other. In production there are four processes. Is the race "
            "condition gone?"
        ),
        choices={
            "a": Choice(
                "Yes: a lock is a lock.",
                (
                    "A threading.Lock is an object in the memory of one process. "
                    "Four processes have four locks, and each process finds its "
                    "own lock free."
                ),
            ),
            "b": Choice(
                "Between threads of one process, yes; between processes, no.",
                (
                    "The processes share only the file, so the database must decide "
                    "which of them ships."
                ),
            ),
            "c": Choice(
                "No, not even between threads.",
                (
                    "Between threads it works: the second thread waits until the "
                    "first one has saved the id, and then finds it."
                ),
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-commit-between",
        question=(
            "The shop commits the id in one `with database:` block and the row of "
            "the parcel in the next one. At which point does a crash of the "
            "process do harm?"
        ),
        choices={
            "a": Choice(
                "Before the first commit.",
                (
                    "Then the file contains nothing, and the retry starts from the "
                    "beginning. That crash does no harm."
                ),
            ),
            "b": Choice(
                "After the second commit, before the response.",
                (
                    "The sender receives no response and tries again. The id and "
                    "the parcel are both in the file, so the shop recognises the "
                    "duplicate."
                ),
            ),
            "c": Choice(
                "Between the two commits.",
                (
                    "The file says that the event was handled, but there is no "
                    "parcel. The retry trusts the file."
                ),
            ),
        },
        right="c",
    ),
    Prediction(
        id="07-other-order",
        question=(
            "Now in the other order: the shop commits the row of the parcel first, "
            "and then the id. Is that better?"
        ),
        choices={
            "a": Choice(
                "No: after a crash in between, the parcel is stored twice.",
                "No order of two commits is safe. You need one commit.",
            ),
            "b": Choice(
                "Yes: the parcel is safe before anything else happens.",
                (
                    "The parcel is safe, but there may be two: after a crash between "
                    "the two commits, the retry writes it again."
                ),
            ),
            "c": Choice(
                "No: after a crash in between, the parcel is lost.",
                (
                    "That was the other order. Here the parcel is in the file, and "
                    "only the id is missing."
                ),
            ),
        },
        right="a",
    ),
    Prediction(
        id="07-outside",
        question=(
            "The claim and the call to ship are in one transaction. ship calls the "
            "server of another company. What is the effect of a crash between the "
            "call and the commit?"
        ),
        choices={
            "a": Choice(
                "None: the database rolls the transaction back.",
                (
                    "It rolls the claim back. But the parcel service is not part of "
                    "your database, so the parcel is not rolled back."
                ),
            ),
            "b": Choice(
                "A second parcel.",
                (
                    "The claim is gone, but the parcel is not. Another order of "
                    "the lines does not help: if you commit before the call, the "
                    "same crash loses the parcel."
                ),
            ),
            "c": Choice(
                "The parcel is lost.",
                "The parcel is on its way. Only the row that says so is lost.",
            ),
        },
        right="b",
    ),
)
