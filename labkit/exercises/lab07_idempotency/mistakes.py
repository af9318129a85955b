"""Mistakes that more than one exercise of the lab knows."""

from labkit.checks.mistakes import mistakes

NEVER_SHIPS, SOMETHING_ELSE, TWICE_AT_ONCE, ACK_FIRST, NO_MEMORY = mistakes("""
    acknowledges-without-the-work: Your code responded with a 2xx, but no parcel was
        shipped. After a 2xx the sender forgets the event, so it is lost.
        Try: Do the work in the view (ship the parcel or write its row), and then
        respond.
    ships-something-else: Your code shipped something other than the order id. The
        warehouse does not know what to send.
        Try: Use the order id from the data: event["data"]["order_id"].
    works-twice: Your code shipped two parcels for one request.
        Try: Do the work in only one place in your code.
    acknowledges-before-the-work: Your code sent the response before the parcel was
        shipped. If shipping then fails or the process restarts, no retry comes, and the
        event is lost.
        Try: Do the work in the view itself, and respond on a later line.
    ships-every-copy: Your code shipped a second parcel for a duplicate. Almost every
        sender retries after a lost response or a timeout, so duplicates are normal
        (at-least-once delivery).
        Try: Store the id of each shipped event, event["id"], and look for it before you
        ship.
""")
NOT_COMMITTED, NEVER_ASKED, IS_ERROR, KEY_OF_ATTEMPT, KEY_FROM_HEADER = mistakes("""
    memory-is-never-committed: Your code wrote to the file but did not commit. A change
        that is not committed disappears with its connection, so later requests do not
        see it.
        Try: Commit the change: `with database:` commits at the end of its block.
    remembers-and-never-asks: Your code shipped a duplicate although its id was already
        in the file. INSERT OR IGNORE after the work prevents a second row with this id,
        not a second parcel.
        Try: Look the id up in the file before you ship; the rowcount of an INSERT says
        whether it added a row.
    duplicate-answered-with-an-error: Your code did not respond with a 2xx to a
        duplicate of a finished event. The sender counts this as a failure, retries for
        days, and may disable your endpoint.
        Try: Respond to a duplicate of a finished event with a 2xx, as you do the first
        time.
    key-changes-with-the-attempt: The value that you store changes with every attempt,
        so your code never recognises a duplicate.
        Try: Use a value that is the same in all attempts: event["id"].
    key-from-an-unsigned-header: Your code recognises duplicates by a header. A
        redelivery of the same event may have another value in this header, and an
        attacker can replay a captured request with any value in a header that is not
        signed.
        Try: Use the id in the signed body: event["id"].
""")
KEY_FROM_BYTES, TAKES_ALL, KEY_IS_ORDER, CLAIMED_EARLY, ACK_ANYWAY = mistakes("""
    key-from-the-bytes: Your code recognises duplicates by the bytes of the body. Some
        senders serialise the body again for each attempt, so the same event can have
        other bytes.
        Try: Parse the body first, and compare event["id"].
    takes-another-event-for-a-copy: Your code took another event for a duplicate of the
        first one. The customer paid, but no parcel was shipped.
        Try: Store which events were shipped, by event["id"].
    key-is-the-order: Your code recognises duplicates by the order. Two events about one
        order are different events, so the second payment was ignored.
        Try: Use the id of the event as the key: event["id"].
    claimed-before-success: Your code counts an event as finished although no parcel was
        shipped. When shipping had failed, the retry looked like a duplicate, and the
        event was lost.
        Try: Do not keep the id if the work fails: store it in the same transaction as
        the work or after it, or remove it again.
    acknowledges-a-failure: Your code responded with a 2xx although shipping had failed.
        After a 2xx the sender does not retry, so the event is lost.
        Try: Let the exception leave the view, so that Flask responds with a 500.
""")
BLAMES_SENDER, RETRY_FAILS, FORGETS_AFTER_TROUBLE, TOO_SHORT = mistakes("""
    failure-answered-without-5xx: Your code responded without a 5xx although the failure
        was on your side. Some senders give up after a 4xx, and few follow a redirect.
        Try: Let the exception leave the view, so that Flask responds with a 500.
    retry-is-never-acknowledged: Your code did not acknowledge a retry, although nothing
        prevents the work any more. The sender retries for days and then gives up on the
        event.
        Try: Find out what the earlier attempt left behind: an open transaction, a lock,
        or a row that says that the work has begun.
    not-remembered-after-a-failure: Your code shipped a duplicate after an event that
        had failed at first. It does not store the id on every path that ships a parcel.
        Try: Store the id on every path that leads to a parcel.
    memory-shorter-than-the-retries: Your code forgot an id while duplicates could still
        arrive. Senders retry for days, and a manual redelivery may come even later.
        Try: Keep the ids for longer than any of your senders retries, for example for
        thirty days, however many they are.
""")
SHARED_MEMORY, IN_MEMORY, WIPED, TABLE_TWICE, LEFT_OPEN, OTHER_THREAD = mistakes("""
    apps-share-their-memory: A new app already knew the event, because all your apps
        share one memory, such as a global variable. The second shop never ships this
        event.
        Try: Keep nothing outside make_app that an app changes.
    memory-in-the-process: Your code keeps the ids in memory, so a restart deletes them.
        After the next deployment, each late duplicate ships a second parcel.
        Try: Store the ids in the file, and look them up there.
    memory-wiped-at-the-start: Your code removes the stored ids each time the app
        starts. After a restart it recognises no duplicate, so late retries ship a
        second parcel.
        Try: Use CREATE TABLE IF NOT EXISTS, and do not drop or empty any table at the
        start.
    table-made-twice: Your app fails at its second start, because CREATE TABLE fails if
        the table already exists. The endpoint stays down until somebody fixes it.
        Try: Use CREATE TABLE IF NOT EXISTS.
    transaction-left-open: An earlier request left its transaction open, so the file is
        still locked. Every later request waits for the lock and then fails.
        Try: End every transaction with `with database:`, and close the connection.
    connection-of-another-thread: Your code uses an SQLite connection in a thread that
        did not open it. Servers handle requests in several threads, and SQLite refuses
        this.
        Try: Open a connection in the view, for each request, and close it there.
""")
DEADLOCK, CHECK_THEN_ACT, LOCK_PER_PROCESS, ACKED_UNDONE, LOST_TOGETHER = mistakes("""
    waits-for-ever: A worker of your app waits forever (a deadlock). A server has only a
        few workers, so after some requests it stops responding.
        Try: Look at the waits in the picture, and find which worker holds what the
        other one needs.
    check-then-act: Your code checks the id in one step and stores it in another.
        Another worker can run between the two, so both ship the event (a check-then-act
        race).
        Try: Check and claim the id in one atomic step: an INSERT into a table with a
        PRIMARY KEY.
    lock-per-process: Your lock works only between the threads of one process. A server
        runs several processes, and each has its own lock, so two of them shipped the
        event.
        Try: Let the database decide, because all processes share the file.
    acknowledges-what-another-has-yet-to-do: Your code responded with a 2xx to a
        duplicate while another worker was still shipping. Then shipping failed, and the
        sender does not retry after its 2xx.
        Try: While another worker is shipping, wait or respond with 503.
    lost-at-the-same-moment: Two workers of yours got the same event at the same moment,
        and the sender got its 2xx, but no worker shipped the event. No retry will come,
        so the event is lost.
        Try: Let the worker that wins the claim ship the event.
""")
(NO_START,) = mistakes("""
    does-not-start-again: Your app cannot start again after a crash during its start.
        What the first start left behind stops every further start.
        Try: Make every start-up step safe to repeat: CREATE TABLE IF NOT EXISTS.
""")
