"""Mistakes that more than one exercise of the lab knows."""

from labkit.checks import Mistake

NEVER_SHIPS = Mistake(
    "acknowledges-without-the-work",
    "Your code responded with a 2xx, but no parcel was shipped. After a 2xx the "
    "sender forgets the event, so it is lost.",
    "Do the work in the view (ship the parcel or write its row), and then respond.",
)
SOMETHING_ELSE = Mistake(
    "ships-something-else",
    "Your code shipped something other than the order id. The warehouse does not know "
    "what to send.",
    'Use the order id from the data: event["data"]["order_id"].',
)
TWICE_AT_ONCE = Mistake(
    "works-twice",
    "Your code shipped two parcels for one request.",
    "Do the work in only one place in your code.",
)
ACK_FIRST = Mistake(
    "acknowledges-before-the-work",
    "Your code sent the response before the parcel was shipped. If shipping then "
    "fails or the process restarts, no retry comes, and the event is lost.",
    "Do the work in the view itself, and respond on a later line.",
)
NO_MEMORY = Mistake(
    "ships-every-copy",
    "Your code shipped a second parcel for a duplicate. Almost every sender retries "
    "after a lost response or a timeout, so duplicates are normal (at-least-once "
    "delivery).",
    'Store the id of each shipped event, event["id"], and look for it before you ship.',
)
NOT_COMMITTED = Mistake(
    "memory-is-never-committed",
    "Your code wrote to the file but did not commit. A change that is not committed "
    "disappears with its connection, so later requests do not see it.",
    "Commit the change: `with database:` commits at the end of its block.",
)
NEVER_ASKED = Mistake(
    "remembers-and-never-asks",
    "Your code shipped a duplicate although its id was already in the file. INSERT OR "
    "IGNORE after the work prevents a second row, not a second parcel.",
    "Ask the file before you ship; the rowcount of an INSERT says whether it added a "
    "row.",
)
IS_ERROR = Mistake(
    "duplicate-answered-with-an-error",
    "Your code did not respond with a 2xx to a duplicate of a finished event. The "
    "sender counts this as a failure, retries for days, and may disable your "
    "endpoint.",
    "Respond to a duplicate of a finished event with a 2xx, as you do the first time.",
)
KEY_OF_ATTEMPT = Mistake(
    "key-changes-with-the-attempt",
    "The value that you store changes with every attempt, so your code never "
    "recognises a duplicate.",
    'Use a value that is the same in all attempts: event["id"].',
)
KEY_FROM_HEADER = Mistake(
    "key-from-an-unsigned-header",
    "Your code recognises duplicates by a header. A redelivery of the same event may "
    "have another value in this header, and an attacker can replay a captured request "
    "with any value in a header that is not signed.",
    'Use the id in the signed body: event["id"].',
)
KEY_FROM_BYTES = Mistake(
    "key-from-the-bytes",
    "Your code recognises duplicates by the bytes of the body. Some senders serialise "
    "the body again for each attempt, so the same event can have other bytes.",
    'Parse the body first, and compare event["id"].',
)
TAKES_ALL = Mistake(
    "takes-another-event-for-a-copy",
    "Your code took another event for a duplicate of the first one. The customer "
    "paid, but no parcel was shipped.",
    'Store which events were shipped, by event["id"].',
)
KEY_IS_ORDER = Mistake(
    "key-is-the-order",
    "Your code recognises duplicates by the order. Two events about one order are "
    "different events, so the second payment was ignored.",
    'Use the id of the event as the key: event["id"].',
)
CLAIMED_EARLY = Mistake(
    "claimed-before-success",
    "Your code stored the id before the parcel was shipped. When shipping failed, the "
    "retry looked like a duplicate, and the event was lost.",
    "Do not leave the id in the file if the work fails: put both into one transaction, "
    "or remove the id again.",
)
ACK_ANYWAY = Mistake(
    "acknowledges-a-failure",
    "Your code responded with a 2xx although shipping had failed. After a 2xx the "
    "sender does not retry, so the event is lost.",
    "Let the exception leave the view, so that Flask responds with a 500.",
)
BLAMES_SENDER = Mistake(
    "failure-answered-without-5xx",
    "Your code responded without a 5xx although the failure was on your side. Some "
    "senders give up after a 4xx, and few follow a redirect.",
    "Let the exception leave the view, so that Flask responds with a 500.",
)
RETRY_FAILS = Mistake(
    "retry-is-never-acknowledged",
    "Your code did not acknowledge a retry, although nothing prevents the work any "
    "more. The sender retries for days and then gives up on the event.",
    "Find out what the earlier attempt left behind: an open transaction, a lock, or "
    "a row that says that the work has begun.",
)
FORGETS_AFTER_TROUBLE = Mistake(
    "not-remembered-after-a-failure",
    "Your code shipped a duplicate after an event that had failed at first. It does "
    "not store the id on every path that ships a parcel.",
    "Store the id on every path that leads to a parcel.",
)
TOO_SHORT = Mistake(
    "memory-shorter-than-the-retries",
    "Your code forgot an id while duplicates could still arrive. Senders retry for "
    "days, and a manual redelivery may come even later.",
    "Keep the ids longer than your slowest sender retries, for example for thirty "
    "days.",
)
SHARED_MEMORY = Mistake(
    "apps-share-their-memory",
    "A new app already knew the event, because all your apps share one memory, such as "
    "a global variable. The second shop never ships this event.",
    "Keep nothing outside make_app that an app changes.",
)
IN_MEMORY = Mistake(
    "memory-in-the-process",
    "Your code keeps the ids in memory, so a restart deletes them. After the next "
    "deployment, each late duplicate ships a second parcel.",
    "Store the ids in the file, and look them up there.",
)
WIPED = Mistake(
    "memory-wiped-at-the-start",
    "Your code removes the stored ids each time the app starts. After a restart it "
    "recognises no duplicate, so late retries ship a second parcel.",
    "Use CREATE TABLE IF NOT EXISTS, and do not drop or empty any table at the start.",
)
TABLE_TWICE = Mistake(
    "table-made-twice",
    "Your app fails at its second start, because CREATE TABLE fails if the table "
    "already exists. The endpoint stays down until somebody fixes it.",
    "Use CREATE TABLE IF NOT EXISTS.",
)
LEFT_OPEN = Mistake(
    "transaction-left-open",
    "An earlier request left its transaction open, so the file is still locked. Every "
    "later request waits for the lock and then fails.",
    "End every transaction with `with database:`, and close the connection.",
)
OTHER_THREAD = Mistake(
    "connection-of-another-thread",
    "Your code uses an SQLite connection in a thread that did not open it. Servers "
    "handle requests in several threads, and SQLite refuses this.",
    "Open a connection in the view, for each request, and close it there.",
)
DEADLOCK = Mistake(
    "waits-for-ever",
    "A worker of your app waits forever (a deadlock). A server has only a few "
    "workers, so after some requests it stops responding.",
    "Look at the waits in the picture, and find which worker holds what the other one "
    "needs.",
)
CHECK_THEN_ACT = Mistake(
    "check-then-act",
    "Your code checks the id in one step and stores it in another. Another worker can "
    "run between the two, so both ship the event (a check-then-act race).",
    "Check and claim the id in one atomic step: an INSERT into a table with a PRIMARY "
    "KEY.",
)
LOCK_PER_PROCESS = Mistake(
    "lock-per-process",
    "Your lock works only between the threads of one process. A server runs several "
    "processes, and each has its own lock, so two of them shipped the event.",
    "Let the database decide, because all processes share the file.",
)
ACKED_UNDONE = Mistake(
    "acknowledges-what-another-has-yet-to-do",
    "Your code responded with a 2xx to a duplicate while another worker was still "
    "shipping. Then shipping failed, and the sender does not retry after its 2xx.",
    "While another worker is shipping, wait or respond with 503.",
)
LOST_TOGETHER = Mistake(
    "lost-at-the-same-moment",
    "Each of two workers relied on the other one, and both responded with a 2xx. No "
    "worker shipped the event.",
    "Let the worker that wins the claim ship the event.",
)
NO_START = Mistake(
    "does-not-start-again",
    "Your app cannot start again after a crash during its start. What the first start "
    "left behind stops every further start.",
    "Make every start-up step safe to repeat: CREATE TABLE IF NOT EXISTS.",
)
