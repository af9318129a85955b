"""What a learner of lab 07 is asked to expect, and what each choice is told."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="07-lost-answer",
        question=(
            "The shop ships at every payment that comes in. The first answer is lost "
            "on its way back. How many parcels leave for the one payment?"
        ),
        choices={
            "a": Choice(
                "One: the shop answered 200, so it was one delivery.",
                "It was one delivery in two attempts. The sender never heard the 200, "
                "and the shop can't tell the second request from a new payment.",
            ),
            "b": Choice(
                "Two.",
                "Nobody did anything wrong: the sender heard nothing and tried again, "
                "as it must. The copy is yours to recognise.",
            ),
            "c": Choice(
                "None: without an answer the payment is void.",
                "The answer is only a message about the work. The work was done before "
                "it was sent.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-claim-first",
        question=(
            "This shop notes the id first and ships then. The warehouse is closed at "
            "the first attempt, and open again at the second. How many parcels leave?"
        ),
        choices={
            "a": Choice(
                "One, at the second attempt.",
                "At the second attempt the id is in the set already. The shop takes "
                "the retry for a copy of something that never happened.",
            ),
            "b": Choice(
                "None, and the sender tries for three days.",
                "It would be better so: somebody would notice. The second attempt is "
                "answered with 200.",
            ),
            "c": Choice(
                "None, and the sender is content.",
                "The retry was the second chance, and the shop waved it through. A "
                "customer has paid, and nobody will ever know why nothing came.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="07-which-key",
        question=(
            "One payment came three times: two attempts, and a resend the next day "
            "(the table above). By what does the shop know that it is the same payment?"
        ),
        choices={
            "a": Choice(
                "By X-Request-Id.",
                "That is another one in each attempt, so nothing would ever be known.",
            ),
            "b": Choice(
                "By X-Delivery-Id.",
                "It holds for the two attempts, and not for the resend, which is a new "
                "delivery. A header that is not signed can also be made up by anybody.",
            ),
            "c": Choice(
                "By the id in the body.",
                "The event happened once, and it has one id, whoever sends it and how "
                "often. In the body it is signed, too.",
            ),
            "d": Choice(
                "By the order.",
                "Two payments may be about one order. They are two events, and both "
                "count.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="07-same-moment",
        question=(
            "Two copies of one payment arrive at the same moment, and two threads "
            "handle them. The table has a PRIMARY KEY. What can happen?"
        ),
        choices={
            "a": Choice(
                "Nothing: the database lets an id in only once.",
                "So it does, and the second INSERT fails. But both parcels have left "
                "by then: the key guards the table, not the warehouse.",
            ),
            "b": Choice(
                "Two parcels.",
                "Both ask, both hear no, both ship. It needs bad luck in a test, and "
                "only time in production.",
            ),
            "c": Choice(
                "No parcel, because both think that the other one ships.",
                "Neither knows of the other at all; that is the trouble. Each of them "
                "finds an empty table.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-lock",
        question=(
            "A lock is put around the whole view, so that one request is handled after "
            "the other. In production there are four processes. Is the gap closed?"
        ),
        choices={
            "a": Choice(
                "Yes: a lock is a lock.",
                "A threading.Lock is an object in the memory of one process. Four "
                "processes have four of them, and each finds its own one free.",
            ),
            "b": Choice(
                "Between threads of one process, yes; between processes, no.",
                "What all processes share is the file. So the file must decide.",
            ),
            "c": Choice(
                "No, not even between threads.",
                "Between threads it holds: whoever comes second waits until the first "
                "has saved, and finds the id.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-commit-between",
        question=(
            "The id is committed in one `with database:`, the row of the parcel in the "
            "next one. At which place does the death of the process do harm?"
        ),
        choices={
            "a": Choice(
                "Before the first commit.",
                "Then nothing is in the file, and the retry begins from nothing. That "
                "is a lucky death.",
            ),
            "b": Choice(
                "Between the two commits.",
                "The file says that the event is known, and there is no parcel. The "
                "retry believes the file.",
            ),
            "c": Choice(
                "After the second commit, before the answer.",
                "The sender hears nothing and tries again; the id is there, and so is "
                "the parcel. That is what the id is for.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-other-order",
        question=(
            "Now the other way round: first the row of the parcel is committed, then "
            "the id. Does that help?"
        ),
        choices={
            "a": Choice(
                "Yes: the parcel is safe before anything else happens.",
                "It is safe, and it is not the last one: who dies between the two "
                "commits writes it again.",
            ),
            "b": Choice(
                "No: a death in between doubles the parcel.",
                "There is no good order for two commits. There is one commit.",
            ),
            "c": Choice(
                "No: a death in between loses the parcel.",
                "That was the other order. Here the parcel is in the file, and what is "
                "missing is the note that it is.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="07-outside",
        question=(
            "The claim and the call of ship stand in one transaction. ship calls the "
            "server of another company. What does a death between call and commit do?"
        ),
        choices={
            "a": Choice(
                "Nothing: the transaction is rolled back.",
                "The claim is. The parcel service is no part of your database and "
                "takes nothing back.",
            ),
            "b": Choice(
                "A second parcel.",
                "The claim is gone, the parcel is not. No order of lines helps: "
                "committed before the call, the same death would lose the parcel.",
            ),
            "c": Choice(
                "The parcel is lost.",
                "It is on its way. What is lost is your knowledge of it.",
            ),
        },
        right="b",
    ),
)
