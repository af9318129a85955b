"""The predictions of lab 07, and the feedback for each choice."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    07-lost-answer (b): The shop ships for every payment that arrives. The network loses
        the first response. How many parcels does the shop ship for the one payment?
    a: One: the shop returned 200, so there was one delivery.
        Answer: It was one delivery with two attempts. The sender never received the
        200, and the shop cannot tell the second request from a new payment.
    b: Two.
        Answer: Nobody made a mistake: the sender received no response and tried again,
        as it must. The receiver must recognise the duplicate.
    c: None: without a response the payment does not count.
        Answer: The response only reports the work. The shop did the work before it sent
        the response.
    07-claim-first (a): This shop saves the id first and then ships. The warehouse is
        closed at the first attempt, and open again at the second. How many parcels does
        the shop ship?
    a: None, and the sender gets a 2xx.
        Answer: The retry was the second chance, but the shop treated it as a duplicate
        and acknowledged it. The customer has paid and gets nothing, and neither the
        shop nor the sender notices.
    b: One, at the second attempt.
        Answer: At the second attempt the id is already in the set. The shop treats the
        retry as a duplicate, although the work was never done.
    c: None, and the sender retries for three days.
        Answer: That would be better, because someone would notice. In fact the second
        attempt gets a 200.
    07-which-key (c): One payment arrived three times: two attempts, and a resend on the
        next day (see the table above). Which value tells the shop that it is the same
        payment?
    a: X-Request-Id.
        Answer: It is different in each attempt, so the shop would never recognise a
        duplicate.
    b: X-Delivery-Id.
        Answer: It is the same for the two attempts but not for the resend, which is a
        new delivery. Also, anyone can invent a header that is not signed.
    c: The id in the body.
        Answer: The event happened once and has one id, however often it is sent.
        Because it is in the body, the signature covers it too.
    d: The order.
        Answer: One order can have two payments. They are two events, and both count.
    07-same-moment (a): Two duplicates of one payment arrive at the same moment, and two
        threads handle them. The table has a PRIMARY KEY. What can happen?
    a: Two parcels.
        Answer: Both workers check, both find nothing, and both ship. In a test this
        happens rarely, but in production it happens sooner or later.
    b: Nothing bad: the database accepts an id only once.
        Answer: It does, and the second INSERT fails. But by then the shop has shipped
        both parcels: the PRIMARY KEY prevents a second row, not a second parcel.
    c: No parcel, because each worker thinks that the other one ships.
        Answer: The workers know nothing about each other. Each of them finds an empty
        table.
    07-lock (b): There is a lock around the whole view, so it handles one request after
        the other. In production there are four processes. Is the race condition gone?
    a: Yes: a lock is a lock.
        Answer: A threading.Lock is an object in the memory of one process. Four
        processes have four locks, and each process finds its own lock free.
    b: Between threads of one process, yes; between processes, no.
        Answer: The processes share only the file, so the database must decide which of
        them ships.
    c: No, not even between threads.
        Answer: Between threads it works: the second thread waits until the first one
        has saved the id, and then finds it.
    07-two-commits (c): The shop commits the id in one `with database:` block and the
        row of the parcel in the next one. At which point does a crash of the process do
        harm?
    a: Before the first commit.
        Answer: Then the file contains nothing, and the retry starts from the beginning.
        That crash does no harm.
    b: After the second commit, before the response.
        Answer: The sender receives no response and tries again. The id and the parcel
        are both in the file, so the shop recognises the duplicate.
    c: Between the two commits.
        Answer: The file says that the event was handled, but there is no parcel. The
        retry trusts the file.
    07-other-order (a): Now in the other order: the shop commits the row of the parcel
        first, and then the id. Does every event cause exactly one parcel now?
    a: No: after a crash in between, the parcel is stored twice.
        Answer: No order of two commits is safe. You need one commit.
    b: Yes: the parcel is safe before anything else happens.
        Answer: The parcel is safe, but there may be two: after a crash between the two
        commits, the retry writes it again.
    c: No: after a crash in between, the parcel is lost.
        Answer: That was the other order. Here the parcel is in the file, and only the
        id is missing.
    07-outside (b): The claim and the call to `ship` are in one transaction. `ship`
        calls the server of another company. What is the effect of a crash between the
        call and the commit?
    a: None: the database rolls the transaction back.
        Answer: It rolls the claim back. But the parcel service is not part of your
        database, so the parcel is not rolled back.
    b: A second parcel.
        Answer: The claim is gone, but the parcel is not. Another order of the lines
        does not help: if you commit before the call, the same crash loses the parcel.
    c: The parcel is lost.
        Answer: The parcel is on its way. Only the row that says so is lost.
""")
