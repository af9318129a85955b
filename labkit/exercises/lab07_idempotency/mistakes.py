"""Mistakes that more than one exercise of the lab knows."""

from labkit.checks import Mistake

NEVER_SHIPS = Mistake(
    "acknowledges-without-the-work",
    "A 2xx tells the sender that you have the event, and it forgets about it. No "
    "parcel left, and none ever will.",
    "Do the work in the view, and answer when it is done.",
)
SOMETHING_ELSE = Mistake(
    "ships-something-else",
    "The parcel service knows orders. With anything else a parcel goes nowhere.",
    'The order is in the event\'s data: event["data"]["order_id"].',
)
TWICE_AT_ONCE = Mistake(
    "works-twice",
    "One request led to two parcels.",
    "Ship in one place only.",
)
ACK_FIRST = Mistake(
    "acknowledges-before-the-work",
    "The answer was out before the parcel was. If shipping fails now, or the process "
    "is restarted, the sender will not come back: the event is lost.",
    "Ship in the view itself and answer behind it.",
)
NO_MEMORY = Mistake(
    "ships-every-copy",
    "Every sender repeats itself: after a lost answer, after a time-out, after a "
    "restart. Each copy that comes is a parcel that nobody paid for.",
    'Keep the id of what was shipped, event["id"], and look for it before you ship.',
)
NOT_COMMITTED = Mistake(
    "memory-is-never-committed",
    "Your file has a table, and after a parcel it is still empty. A row that is not "
    "committed goes when its connection goes, and the next request sees nothing.",
    "Commit: `with database:` does it at the end of its block, database.commit() at "
    "once.",
)
NEVER_ASKED = Mistake(
    "remembers-and-never-asks",
    "The id was in your file when the copy came, and the parcel left all the same. "
    "INSERT OR IGNORE after the work keeps the table tidy, not the shop: nobody asked "
    "it before the parcel was out.",
    "Let the file answer before you ship. Whether an INSERT added a row, its rowcount "
    "tells.",
)
IS_ERROR = Mistake(
    "duplicate-answered-with-an-error",
    "To the sender every answer but a 2xx is a failure. It sends the copy again, for "
    "days, counts your endpoint as broken, and some switch it off.",
    "A copy of what is done is good news: answer it like the first one, with a 2xx.",
)
KEY_OF_ATTEMPT = Mistake(
    "key-changes-with-the-attempt",
    "What you remember is another one in every attempt, so no attempt is ever known. "
    "Two requests with the same headers would be told for copies; real ones are not.",
    'What stays the same in all attempts is the id of the event: event["id"].',
)
KEY_FROM_HEADER = Mistake(
    "key-from-an-unsigned-header",
    "A header is no part of the event. A resend comes as a new delivery, with a new "
    "header; and where the header is not signed, an attacker who has caught one "
    "request replays it under any id.",
    'Take the id that is in the body, event["id"]. The body is what is signed.',
)
KEY_FROM_BYTES = Mistake(
    "key-from-the-bytes",
    "It was the same event in other bytes. Some senders write the body anew for every "
    "attempt, with its number or its time in it, and then no two bodies are equal.",
    'Parse first. The event itself says which one it is: event["id"].',
)
TAKES_ALL = Mistake(
    "takes-another-event-for-a-copy",
    "Another payment came, and it was taken for a copy of the first. That customer "
    "has paid and waits.",
    'Remember which ids were shipped, not only that something was: event["id"].',
)
KEY_IS_ORDER = Mistake(
    "key-is-the-order",
    "Two events about one order are two events: a second payment, for a second "
    "parcel. With the order as the key the second one is swallowed.",
    'The key says which event it is, not what it is about: event["id"].',
)
CLAIMED_EARLY = Mistake(
    "claimed-before-success",
    "The id was remembered before the parcel was out. The work failed, the retry "
    "passed for a copy, and the event is lost although it was sent again.",
    "Remember after the work; or take the claim back when the work fails.",
)
ACK_ANYWAY = Mistake(
    "acknowledges-a-failure",
    "A 2xx means that all is well. The sender crosses the event off and nobody will "
    "ever send it again: the payment is there and the parcel is not.",
    "Let the exception through: Flask makes a 500 of it, and the event stays alive.",
)
BLAMES_SENDER = Mistake(
    "failure-answered-without-5xx",
    "It was your trouble, not the request's. Some senders give up at a 4xx, and a "
    "redirect is followed by few.",
    "Let the exception through: Flask makes a 500 of it.",
)
RETRY_FAILS = Mistake(
    "retry-is-never-acknowledged",
    "The trouble is over and the work could be done, yet the sender hears no 2xx. It "
    "goes on for days and then gives up.",
    "What did the failed attempt leave behind? An open transaction, a lock, a state?",
)
FORGETS_AFTER_TROUBLE = Mistake(
    "not-remembered-after-a-failure",
    "The first attempts failed, a later one shipped, and then a copy shipped again: "
    "after trouble the memory does not work.",
    "Remember the id on every way that leads to a parcel.",
)
TOO_SHORT = Mistake(
    "memory-shorter-than-the-retries",
    "Senders go on for days: three is common, and a resend by hand may come later. "
    "An id that is forgotten before the last copy has come is as good as none.",
    "Keep the ids longer than your slowest sender repeats itself. A row is small; "
    "thirty days are no problem.",
)
SHARED_MEMORY = Mistake(
    "apps-share-their-memory",
    "This app was new and knew the event already: its memory lies outside, where all "
    "apps and all checks share it. The second shop never ships.",
    "Let the memory begin inside of make_app.",
)
IN_MEMORY = Mistake(
    "memory-in-the-process",
    "A set or a dictionary lives as long as its process. After the next deployment "
    "every copy that is still on its way is a second parcel.",
    "Keep the ids in the file, and ask the file.",
)
WIPED = Mistake(
    "memory-wiped-at-the-start",
    "Your code removes the stored ids each time the app starts. After a restart it "
    "recognises no duplicate, and every retry of an old event ships a second parcel.",
    "Use CREATE TABLE IF NOT EXISTS, and drop or empty no table at the start.",
)
TABLE_TWICE = Mistake(
    "table-made-twice",
    "The receiver starts once and never again: at the second start the table is "
    "there already, and CREATE TABLE fails. Nothing is received until somebody looks.",
    "CREATE TABLE IF NOT EXISTS …",
)
LEFT_OPEN = Mistake(
    "transaction-left-open",
    "The file is still locked by an earlier request, which wrote and did not commit. "
    "Everybody after it waits for the lock, and fails.",
    "End every transaction: `with database:` commits at the end of its block, and "
    "rolls back after an exception. Then close the connection.",
)
OTHER_THREAD = Mistake(
    "connection-of-another-thread",
    "A server handles requests in several threads, and an SQLite connection belongs "
    "to the thread that opened it. In your tests there was only one thread.",
    "Open a connection in the view, for each request, and close it there.",
)
DEADLOCK = Mistake(
    "waits-for-ever",
    "A worker that waits for ever answers no request any more, and a server has only "
    "so many workers.",
    "Look at the waits in the picture: who holds what the other one needs?",
)
CHECK_THEN_ACT = Mistake(
    "check-then-act",
    "Between the question (was it shipped?) and the act there is a gap, and another "
    "worker fits into it. Both asked, both heard no, both shipped.",
    "Question and claim must be one step that only one worker can win: an INSERT "
    "into a table with a PRIMARY KEY is one, BEGIN IMMEDIATE makes another.",
)
LOCK_PER_PROCESS = Mistake(
    "lock-per-process",
    "Threads of one process keep out of each other's way now. But a server runs "
    "several processes, and what one of them has locked is not locked in another.",
    "Let the file decide: it is the only thing that all processes share.",
)
ACKED_UNDONE = Mistake(
    "acknowledges-what-another-has-yet-to-do",
    "One worker was still shipping, the copy was answered with a 2xx, and then the "
    "shipment failed. The sender has its 2xx, whichever copy it was for, and does not "
    "come again.",
    "A 2xx says that it is done. While another worker is at it, wait, or answer 503.",
)
NEVER_ACKED = Mistake(
    "retry-is-never-acknowledged",
    "All is quiet again, and still the copy gets no 2xx. The sender goes on for days.",
    "What did the other worker leave behind, and how does the view take it?",
)
LOST_TOGETHER = Mistake(
    "lost-at-the-same-moment",
    "Each worker relied on the other one, and both were acknowledged. Nobody shipped.",
    "Who wins the claim must ship; who ships must have won.",
)
