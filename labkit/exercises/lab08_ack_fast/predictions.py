"""The predictions of lab 08."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    08-slow (c): The view ships the parcel and then returns 200. Today the parcel
        service needs 8 s. The sender waits 3 s for a response. What happens?
    a: One parcel. The sender waits for the response.
        Answer: It waits 3 s and no longer. A sender has millions of deliveries and
        cannot keep a connection open for each slow receiver.
    b: One parcel. Each timeout stops the view, until one attempt is fast enough.
        Answer: A timeout stops the sender's waiting, not your view. The view does not
        learn that nobody is listening, and ships.
    c: Four parcels, and the sender gives up on the event.
        Answer: The view finished its work in all four attempts, but no response came in
        time. To the sender, the event was never delivered.
    08-drop-retries (a): Several public repositories contain this quick fix: if a
        request has the header x-slack-retry-num, return 200 and drop it. An event is
        sent while the shop restarts and refuses every connection, for one second. What
        happens to the event?
    a: The shop acknowledges it, but ships no parcel.
        Answer: The header says only that an earlier attempt failed. The code dropped
        the first attempt that arrived, because it treated it as a duplicate.
    b: The shop ships it with the first attempt that arrives.
        Answer: The first attempt that arrives is the third one, so it has the header,
        and the shop drops it like every retry.
    c: Its delivery becomes a dead letter.
        Answer: That would be less harmful, because someone reads the dead letters. This
        event got a 200 and is in no list.
    08-dies-between (b): Your view stores the event and then responds. Once, the process
        crashes between the two. How many jobs are in the queue in the end?
    a: None: the work of the crashed process is gone.
        Answer: enqueue had returned, so the job is in a file and not only in memory.
        That is what "durable" means.
    b: Two.
        Answer: The event was stored but not acknowledged, so it was sent again and
        stored again. In the other order there would be no job. Prefer a duplicate to a
        loss, because a receiver can recognise duplicates (lab 07).
    c: One.
        Answer: The sender received no response. It cannot know that the event is
        stored, so it sends the event again.
    08-delete-first (c): This worker takes a job, deletes it, and then ships. Three
        payments are in the queue. At the second one the power fails just before it is
        shipped, and then the worker starts again. How many parcels does it ship?
    a: Three: it ships the second one after the restart.
        Answer: After the restart the queue knows that the first is done and the third
        is waiting. The worker deleted the second before its work.
    b: One: everything after the power failure is lost.
        Answer: The worker had not taken the third, so it is still in the file and is
        shipped after the restart.
    c: Two: the second one is lost.
        Answer: The shop acknowledged it to the sender and deleted it from the queue. No
        copy of it is left.
    08-poison (a): Another worker ships first and then deletes, but its code has no
        `try` block. The oldest of four events has no `order_id`, so shipping it ends
        with a KeyError and the worker stops. A supervisor starts it again each time,
        until it has been started five times. How many of the three good events does it
        ship?
    a: None.
        Answer: The worker takes the bad event, stops, starts again, and takes the bad
        event again. Such an event is called a poison message, and it blocks all events
        behind it.
    b: All three: each restart continues after the bad event.
        Answer: Each restart begins with the oldest job, and that is the bad one again.
    c: All three, but only after the bad event has expired.
        Answer: It remains the oldest. Nothing in this queue moves it behind the others;
        that will be your task.
    08-reorder (b): An order is created, paid, packed and shipped, at intervals of one
        second. The network delays each request by up to 10 s. The shop stores the
        status of each event as it arrives. What does it show in the end?
    a: shipped, because that was sent last.
        Answer: The last one that was sent need not arrive last. Each request travels
        independently.
    b: The status of the event that happens to arrive last.
        Answer: Each event overwrites the one before it, so the request that arrives
        last wins.
    c: An error, because an order cannot be paid before it is created.
        Answer: The shop stores whatever arrives and checks nothing. An error would be
        better, because someone would notice it.
    08-retry-overtaken (c): Now the network is perfect. Only the first attempt of the
        first event, 'created', gets a 503. What does the shop show in the end?
    a: shipped, because nothing was delayed.
        Answer: The retry of 'created' comes some seconds later. By then the three other
        events have arrived, and it overwrites them.
    b: Nothing: the others wait behind the first event.
        Answer: That would need a sender that keeps a strict order. A few do; most send
        each event independently.
    c: created.
        Answer: The retry arrives last and wins. One failed attempt is enough to change
        the order; the network need not misbehave.
""")
