"""Lab 02: an endpoint, what a request contains, and which status to return.

answer.py     exercise 2.1
describe.py   exercise 2.2, with describe_mistakes.py
sent.py       the requests of 2.2
failures.py   exercise 2.4
report.py     exercise 2.3, whose mistakes are in report_mistakes.py
work.py       the `process` of 2.3, and its exceptions `Temporary` and `Permanent`
apps.py       mistakes that any app can contain, with their proofs
"""

from labkit.checks.predictions import predictions
from labkit.exercises.lab02_endpoint.answer import ANSWER
from labkit.exercises.lab02_endpoint.describe import DESCRIBE
from labkit.exercises.lab02_endpoint.failures import FAILURES
from labkit.exercises.lab02_endpoint.report import REPORT
from labkit.exercises.lab02_endpoint.work import Permanent, Temporary

__all__ = ["EXERCISES", "PREDICTIONS", "Permanent", "Temporary"]

EXERCISES = (ANSWER, DESCRIBE, FAILURES, REPORT)

PREDICTIONS = predictions("""
    02-wrong-door (c): The endpoint listens for POST /webhooks/push. You open the
        address in a browser, which sends a GET. Which status do you get?
    a: 200: the address is right.
        Answer: The address is right, but the method is not. An endpoint that
        acknowledged a GET would count every visitor as a push.
    b: 404: the page does not exist.
        Answer: 404 would mean that no endpoint has this path. There is an endpoint with
        this path for another method, and Flask says so.
    c: 405: the path exists, but not with this method.
        Answer: So a 405 in your browser is good news: your program listens at this
        address and expects a POST.
    02-get-only (a): You forgot to name the method, so the endpoint returns 405 for
        every POST. The sender follows Standard Webhooks, a specification of how to send
        webhooks. What does it do with the event?
    a: It tries for days, then gives up.
        Answer: The response was not a 2xx, so the sender tries again, with longer and
        longer waits. You have three days to notice. Some other senders stop at the
        first 4xx, as you will see below.
    b: It gives up after the first 405, because a 405 never changes.
        Answer: You know that it will not change by itself. This sender treats a 405
        like any other failure, because someone may fix the endpoint tomorrow.
    c: It tries GET instead.
        Answer: A webhook sender uses one method, and a GET has no body.
    02-form-first (b): A form of 12 bytes arrives. The view reads `request.form` first
        and then calls `request.get_data()`. How many bytes does it get?
    a: 12: the body is still the body.
        Answer: The body can be read from the connection only once. The form has read it
        and kept the fields, not the bytes.
    b: 0: the form has consumed them.
        Answer: There is not even an error. If you then check a signature over these
        zero bytes, you reject every form.
    c: None: Flask raises an error.
        Answer: An error would help. Instead you silently get an empty body.
    02-bad-request (c): An endpoint returns 400 for every attempt. One sender follows
        the example schedule of Standard Webhooks, which the timeline above shows. The
        other one is Brevo, a service that sends e-mail for shops. How many times does
        each of them try?
    a: Each of them once.
        Answer: In the specification of Standard Webhooks, only one failure ends a
        delivery early: 410. A 400 is a failed attempt like any other.
    b: Each of them until its schedule ends.
        Answer: Most senders do. But Brevo treats a 4xx as final and does not try again.
    c: Standard Webhooks ten times, Brevo once.
        Answer: A 4xx is a hint, and it depends on the sender whether it follows the
        hint. So never return a 4xx for a request that could succeed in an hour.
    02-ok-on-exception (a): The warehouse is busy and rejects the first three calls with
        an exception. The view catches it, prints a line, and returns "", 200. How many
        parcels does the shop ship in the end?
    a: None, and neither the sender nor the shop notices.
        Answer: The sender has its 200, the endpoint never failed, and the customer
        waits. The printed line is the only trace.
    b: One, because the sender tries again later.
        Answer: The sender has no reason to: it received a 200. Only you know that
        something went wrong.
    c: None, and the delivery becomes a dead letter.
        Answer: A dead letter is a delivery that the sender gave up on. This one counts
        as delivered, so it is in no list.
    02-busy (b): The warehouse is the same, but now the view returns 503 for the
        exception. What do you expect to see?
    a: Ten attempts and a dead letter. No parcel.
        Answer: That would happen if the warehouse stayed busy for three days.
    b: Four attempts, the last one acknowledged. One parcel.
        Answer: The shop returned 503 for three attempts, and the fourth succeeded.
        Nobody had to intervene.
    c: Four attempts and four parcels.
        Answer: The shop ships only if the work succeeds, and the first three attempts
        failed.
    02-ack-first (c): To be fast, the view puts the event into a list in memory and
        returns 200. Another part of the program processes the list. Five payments
        arrive. Before that part has processed any of them, the program restarts for a
        new version. How many parcels does the shop ship?
    a: Five: the program processes the list after the restart.
        Answer: The list was in memory, and the memory is gone with the old program.
    b: Five: the sender sends them again.
        Answer: The sender received a 200 for each of the five. It has nothing left to
        send.
    c: None.
        Answer: The shop acknowledged all five before the work was done. From then on,
        only the list knew of them.
""")
