"""What costs points in the night shift: known mistakes and how to fix them."""

from labkit.checks.mistakes import mistakes

NO_CHECK, UNSIGNED, NO_TIME, FUTURE, RETIRED, ONE_SECRET, SECRETS_ONCE = mistakes("""
    signature-not-checked: Your receiver accepts a request whose signature is wrong.
        Anyone who knows the address can order parcels or change an order.
        Try: Check the signature over `request.get_data()` before you parse (lab 04),
        and return 401 if it does not match.
    missing-signature-skips-the-check: Your receiver refuses a wrong signature but
        accepts a request without one. An attacker simply omits the header.
        Try: Treat a missing header like a wrong signature.
    timestamp-not-checked: Your receiver accepts a signed request that is hours old. An
        attacker who has captured it can send it again (a replay attack).
        Try: Reject the request if webhook-timestamp differs from `config.now()` by more
        than `config.tolerance`, in either direction (lab 05).
    future-not-refused: Your receiver accepts a timestamp that is ahead of your clock by
        more than the tolerance. Such a request can be replayed later.
        Try: Take `abs()` of the difference, so that the tolerance limits the age in
        both directions.
    retired-secret-still-valid: Your receiver accepts a signature that was made with a
        retired secret. A secret is retired because someone else may know it.
        Try: Call `config.secrets()` in the view, for each request.
    only-one-secret: Your receiver accepts only one of two valid secrets. During a
        secret rotation it refuses authentic events for hours.
        Try: Try every secret that `config.secrets()` returns, and accept the request if
        one matches.
    secrets-read-at-the-start: Your receiver reads the secrets only when the process
        starts. After a rotation it refuses every event until a restart, and it still
        accepts a retired secret.
        Try: Call `config.secrets()` in the view, for each request.
""")
MACHINE_CLOCK, REWRITTEN, ACK_ANYWAY, CLAIMED_EARLY, CLAIM_STAYS, THREAD = mistakes("""
    clock-of-the-machine: Your receiver uses the clock of your machine, not the clock of
        the lab. Every request then seems to have a wrong time. Code that uses the clock
        that it is given can also be tested.
        Try: Take the time from `config.now()`.
    re-serialised-body: Your receiver checks the signature over re-serialised JSON. The
        same JSON can have other bytes, for example other spaces or another order of
        keys, so the signature does not match.
        Try: Verify `request.get_data()`, and parse afterwards.
    acknowledges-a-failure: Your receiver responds with a 2xx although the parcel
        service failed. The provider then never sends the event again, so the event is
        lost.
        Try: If `ship` raises, return 503 or let the exception through (lab 02).
    claimed-before-success: Your receiver counts an event as finished before its parcel
        is shipped. If the id is still in the file after a failure or a crash, the retry
        looks like a duplicate, and no parcel is shipped.
        Try: Call `ship` first, then commit the id (lab 07).
    claim-outlives-its-worker: Your receiver leaves a claim in the file when its process
        crashes, and because of this claim it rejects every retry. No worker is left to
        finish the event.
        Try: Remove the claim: call `ship` with a key, then write the row.
    work-left-to-a-thread: Your receiver responds before a thread has done the work. If
        the process crashes, the thread is gone and the provider will not retry.
        Try: Do the work in the view and acknowledge afterwards, or store the event in
        the file first (lab 08).
""")
NO_WORK, STOPS, BLAMES_SENDER, NO_START, NO_KEY, NEW_KEY, NO_MEMORY = mistakes("""
    acknowledged-without-work: Your receiver responds with a 2xx, but it has not shipped
        and keeps the event only in memory. The provider will not send it again after a
        crash.
        Try: Return a 2xx only after `ship` has returned.
    tells-the-sender-to-stop: Your receiver responds with 410, which means that the
        endpoint is gone. The provider stops sending, and all later events are lost.
        Try: Return 503 for a temporary failure.
    4xx-for-a-failure-that-passes: Your receiver responds with a 4xx although the
        request was correct and the failure was its own. Some providers never retry
        after such a 4xx.
        Try: If `ship` raises, return 503 or let the exception through.
    does-not-start-again: Your `make_app` raises when the process starts again over the
        same file. From then on every connection is refused until someone notices.
        Try: Make every start-up step safe to repeat: CREATE TABLE IF NOT EXISTS.
    no-key: Your receiver calls `ship` without an idempotency key. If the service acted
        but its response was lost, your second call creates a second parcel.
        Try: Pass a key: ship(order_id, idempotency_key=event["id"]).
    new-key-for-every-try: Your receiver uses a new idempotency key for each attempt of
        one event. The parcel service treats them as two parcels.
        Try: Build the key from the event's id, which is the same in all attempts.
    no-memory: Your receiver does not remember which events it has processed, so a
        duplicate ships a second parcel. At-least-once delivery means that every event
        may arrive twice.
        Try: Keep the ids of shipped events in the file, and look there first (lab 07).
""")
IN_MEMORY, LEFT_TO_SERVICE, UNKNOWN_TYPE, DUP_ERROR, STUCK, LONG_WAIT = mistakes("""
    memory-in-the-process: Your receiver keeps the processed ids only in memory. After a
        restart they are gone, and the next duplicate ships a second parcel.
        Try: Keep the ids in `config.db_path`, and look there first.
    memory-left-to-the-service: Your receiver relies on the idempotency key alone. The
        parcel service forgets a key after 24 hours, and the provider may send the event
        again later than that.
        Try: Store the id in your file after the parcel is shipped, and look there
        first.
    unknown-type-is-an-error: Your receiver responds with an error to an event of
        another type. The provider retries for three days and counts the failures
        against your endpoint.
        Try: Acknowledge every type except "payment.succeeded", and do nothing (lab 03).
    duplicate-answered-with-an-error: Your receiver responds with an error to a
        duplicate of a processed event. The provider never gets a 2xx, so it retries for
        days and counts your endpoint as broken.
        Try: Respond to a duplicate of finished work with a 2xx.
    retries-in-the-view: Your view sleeps or calls `ship` again until the provider gives
        up. Meanwhile it blocks a worker, and a server has only a few.
        Try: Call `ship` once, and return 503 if it raises; the provider retries.
    asks-to-wait-too-long: Your receiver asks for a long wait with Retry-After, and the
        provider obeys. The parcel service was working again long before that.
        Try: Leave Retry-After out.
""")
FORGETS, NO_SHARE = mistakes("""
    forgets-after-a-while: Your receiver forgets a shipped event after some time. The
        provider can send an event again weeks later, and then a second parcel is
        shipped.
        Try: Keep the ids of shipped events, and delete none of them.
    pages-when-one-in-five-fails: Your alert fires in a busy hour in which one call in
        five fails. The retries handle these failures, so nobody has to be woken.
        Try: Page only if at least half of the calls in the window failed.
""")
NEW_FIELDS, NO_ALERT, MISSED, LATE_ALERT, STRANGERS, WOLF = mistakes("""
    refuses-new-fields: Your receiver refuses an event because it has unknown fields. A
        provider may add fields at any time.
        Try: Read the fields that you need, and ignore the others (lab 03).
    nobody-is-paged: Your receiver does not page although `ship` failed for more than an
        hour. The retries hid the incident this time; the next outage may last longer.
        Try: Count the calls to `ship` that failed in the last ten minutes, and call
        `config.page` if there are many (lab 09).
    incident-missed: Your alert fires in one incident but not in another one. What
        happened before the incident must not prevent the page.
        Try: Count only the calls of the last ten minutes, and page if six of them
        failed and these are at least half.
    found-too-late: Your alert fires more than ten minutes after the start of the
        incident. Its window is too long, or its threshold is too high.
        Try: Look at the last ten minutes, and page if at least six calls failed and
        these are at least half of all.
    strangers-ring-the-bell: Your alert counts requests that your receiver rightly
        refused. Anyone on the internet can trigger it by sending invalid requests.
        Try: Count the calls to `ship` that failed, not the refused requests.
    cries-wolf: Your alert fires for single failures that the next retry fixes. People
        who are woken for those start to ignore it (alert fatigue).
        Try: Use two thresholds: six failures in ten minutes, and half of all calls (lab
        09).
""")
