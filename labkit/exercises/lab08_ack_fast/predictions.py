"""The questions of lab 08 before each simulation."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="08-slow",
        question=(
            "The view ships the parcel and then answers 200. Today the parcel service "
            "needs 8 s. The sender waits 3 s for an answer. What happens?"
        ),
        choices={
            "a": Choice(
                "One parcel. The sender waits until the answer is there.",
                "It waits 3 s and no longer. A sender has millions of deliveries to "
                "make, and can't keep a connection open for each slow receiver.",
            ),
            "b": Choice(
                "One parcel. Each time-out stops the view, until one is fast enough.",
                "A time-out stops the sender's waiting, not your view. The view does "
                "not learn that nobody listens any more, and ships.",
            ),
            "c": Choice(
                "Four parcels, and the sender gives the event up.",
                "Four attempts, each of them worked on to its end, and not one answer "
                "in time. To the sender the event was never delivered.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="08-drop-retries",
        question=(
            "A quick cure, found in several public repositories: what carries the "
            "header x-slack-retry-num is answered 200 and dropped. Now the shop "
            "restarts, and for its first second every connection is refused. What "
            "becomes of the event?"
        ),
        choices={
            "a": Choice(
                "It is shipped with the first attempt that gets through.",
                "The first attempt that gets through is the third, so it carries the "
                "header, and is dropped like every retry.",
            ),
            "b": Choice(
                "It is acknowledged, and no parcel leaves.",
                "The attempt that would have saved the event was taken for a "
                "duplicate. The header says that an attempt failed, and no more.",
            ),
            "c": Choice(
                "It becomes a dead letter.",
                "That would be the lesser harm, because somebody reads the dead "
                "letters. This event was answered 200 and is on no list.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="08-dies-between",
        question=(
            "Your view stores the event and then answers. Once, the process dies right "
            "between the two. How many jobs are in the queue when all is over?"
        ),
        choices={
            "a": Choice(
                "None: what the dead process did is gone.",
                "enqueue had returned, so the job is in a file and not in the memory "
                "that died. That is what durable means.",
            ),
            "b": Choice(
                "One.",
                "The sender heard no answer. It can't know that the event is stored, "
                "and sends it again.",
            ),
            "c": Choice(
                "Two.",
                "Stored, not answered, sent again, stored again. The other order would "
                "leave none. Between a duplicate and a loss you choose the duplicate, "
                "because lab 07 can mend that.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="08-delete-first",
        question=(
            "This worker takes a job, deletes it, then ships. Three payments are in "
            "the queue. Over the second one the power fails, just before it is "
            "shipped; then the worker is started again. How many parcels leave?"
        ),
        choices={
            "a": Choice(
                "Three: the second one is shipped after the restart.",
                "After the restart the queue knows two things: the first is done, and "
                "the third is due. The second was deleted before its work.",
            ),
            "b": Choice(
                "Two: the second one is lost.",
                "It was acknowledged to the sender and deleted from the queue. Nobody "
                "has it any more.",
            ),
            "c": Choice(
                "One: everything behind the power cut is lost.",
                "The third was never taken, so it is still in the file and is shipped "
                "after the restart.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="08-poison",
        question=(
            "Another worker ships first and deletes then, but has no try. The oldest "
            "of four events has no order_id, so shipping it ends with a KeyError and "
            "the worker stops. A supervisor starts it again, five times. How many of "
            "the three good events are shipped?"
        ),
        choices={
            "a": Choice(
                "All three: each restart goes on behind the bad event.",
                "Each restart begins with the oldest job, and that is the bad one "
                "again.",
            ),
            "b": Choice(
                "None.",
                "The worker takes the bad event, stops, is started, takes the bad "
                "event. Such an event is called a poison, and it stands at the head of "
                "the line.",
            ),
            "c": Choice(
                "One after the other, as the bad event gets older.",
                "It stays the oldest. Nothing in this queue puts it back behind the "
                "others; that is what you will do.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="08-reorder",
        question=(
            "An order is created, paid, packed and shipped, one second after the "
            "other. The wire holds each request back for up to 10 s. The shop stores "
            "the status of whatever arrives. What does it show in the end?"
        ),
        choices={
            "a": Choice(
                "shipped: it was sent last.",
                "Sent last is not arrived last. Each request travels by itself, and "
                "nothing keeps one behind the other.",
            ),
            "b": Choice(
                "The status of the event that happened to arrive last.",
                "Each one overwrites the one before it, so the slowest request wins.",
            ),
            "c": Choice(
                "An error, because an order can't be paid before it is created.",
                "The shop stores whatever arrives and asks nothing. An error would at "
                "least be seen.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="08-retry-overtaken",
        question=(
            "Now the wire is perfect. Only the first attempt of the first event, "
            "'created', is answered 503. What does the shop show in the end?"
        ),
        choices={
            "a": Choice(
                "shipped: nothing was held back.",
                "The retry of 'created' comes some seconds later. By then the three "
                "others are there, and it overwrites them.",
            ),
            "b": Choice(
                "created.",
                "The retry arrives last and wins. No odd wire is needed: one failed "
                "attempt puts the events out of order.",
            ),
            "c": Choice(
                "Nothing: the others wait behind the first event.",
                "That would be a queue on the sender's side. A few senders have one; "
                "most send each event by itself.",
            ),
        },
        right="b",
    ),
)
