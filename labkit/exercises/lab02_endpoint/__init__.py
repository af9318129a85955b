"""Lab 02: an endpoint that answers, looks at what came, and says what became of it.

answer.py     exercise 2.1
describe.py   exercise 2.2
report.py     exercise 2.3, and the exceptions `Temporary` and `Permanent`
"""

from labkit.checks.predictions import Choice, Prediction
from labkit.exercises.lab02_endpoint.answer import ANSWER
from labkit.exercises.lab02_endpoint.describe import DESCRIBE
from labkit.exercises.lab02_endpoint.report import REPORT, Permanent, Temporary

__all__ = ["EXERCISES", "PREDICTIONS", "Permanent", "Temporary"]

EXERCISES = (ANSWER, DESCRIBE, REPORT)

PREDICTIONS = (
    Prediction(
        id="02-wrong-door",
        question=(
            "The endpoint waits for POST /webhooks/push. You copy the address into a "
            "browser, which sends GET. What comes back?"
        ),
        choices={
            "a": Choice(
                "200: the address is right.",
                "The address is, the method is not. An endpoint that acknowledged a "
                "GET would count every visitor as a push.",
            ),
            "b": Choice(
                "404: there is no page.",
                "404 would mean that no route has this path. One has, for another "
                "method, and Flask says so.",
            ),
            "c": Choice(
                "405: there is something, but not for this method.",
                "So a 405 in your browser is good news: somebody listens at this "
                "address, and waits for a POST.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="02-get-only",
        question=(
            "You forgot to name the method, so the endpoint answers 405 to every "
            "POST. What does the sender do with the event?"
        ),
        choices={
            "a": Choice(
                "It gives up after the first 405, which will never change.",
                "You know that it will never change; the sender only knows that it "
                "was no 2xx. Somebody may mend the endpoint tomorrow.",
            ),
            "b": Choice(
                "It tries for days, then gives up.",
                "No 2xx, so it tries again, with longer and longer waits. You have "
                "three days to notice.",
            ),
            "c": Choice(
                "It tries GET instead.",
                "A sender of webhooks knows one method, and the body would be lost.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-form-first",
        question=(
            "A form of 12 bytes comes in. The view looks at request.form first, and "
            "then calls request.get_data(). How many bytes does it get?"
        ),
        choices={
            "a": Choice(
                "12: the body is still the body.",
                "The body comes over the connection once. The form has read it, and "
                "kept the fields, not the bytes.",
            ),
            "b": Choice(
                "0: the form has taken them.",
                "And no error says so. A signature is then checked over nothing, and "
                "every form is refused.",
            ),
            "c": Choice(
                "None: Flask raises an error.",
                "An error would be kind. You get an empty body and no word about it.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-bad-request",
        question=(
            "An endpoint answers every attempt with 400: your request is at fault. One "
            "sender keeps to Standard Webhooks, the other is Brevo. How often does "
            "each of them try?"
        ),
        choices={
            "a": Choice(
                "Each of them once.",
                "The specification of Standard Webhooks knows one status that ends a "
                "delivery, 410. A 400 is a failed attempt like any other.",
            ),
            "b": Choice(
                "Standard Webhooks ten times, Brevo once.",
                "A 4xx is a hint, and it depends on the sender whether the hint is "
                "taken. Never answer 4xx to what would go well in an hour.",
            ),
            "c": Choice(
                "Each of them until its schedule ends.",
                "So do most senders. Brevo takes your word for it: the request is at "
                "fault, so it does not come again.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-ok-on-exception",
        question=(
            "The warehouse is busy and turns the first three calls down: it raises an "
            'exception. The view catches it, prints a line, and answers "", 200. How '
            "many parcels leave the shop in the end?"
        ),
        choices={
            "a": Choice(
                "One: the sender tries again later.",
                "Why should it? It heard 200. Only you know that there was trouble.",
            ),
            "b": Choice(
                "None, and nobody calls.",
                "The sender has its 200, the endpoint never failed, and the customer "
                "waits. A printed line is the only trace.",
            ),
            "c": Choice(
                "None, and the event becomes a dead letter.",
                "A dead letter is a delivery that was given up. This one counts as "
                "delivered, so it is on no list.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-busy",
        question=(
            "The same warehouse, but now the view answers 503 to the exception. What "
            "will you see?"
        ),
        choices={
            "a": Choice(
                "Four attempts, the last one acknowledged. One parcel.",
                "Three were turned down and answered 503, the fourth went through. "
                "Nobody had to do anything.",
            ),
            "b": Choice(
                "Ten attempts and a dead letter. No parcel.",
                "That would be so if the warehouse stayed busy for three days.",
            ),
            "c": Choice(
                "Four attempts and four parcels.",
                "A parcel leaves when the work is done, and the first three times it "
                "was not.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="02-ack-first",
        question=(
            "To be fast, the view puts the event on a list in memory and answers 200; "
            "another part of the program works through the list. Five payments come, "
            "then the program is restarted for a new version. How many parcels leave?"
        ),
        choices={
            "a": Choice(
                "Five: the list is worked through after the restart.",
                "The list was in memory, and the memory went with the old program.",
            ),
            "b": Choice(
                "Five: the sender sends them again.",
                "It has five answers with 200. It has nothing left to send.",
            ),
            "c": Choice(
                "None.",
                "All five were acknowledged before they were done. From then on the "
                "list was the only place that knew of them.",
            ),
        },
        right="c",
    ),
)
