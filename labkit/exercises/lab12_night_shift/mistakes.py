"""What costs points in the night shift: known mistakes and how to fix them."""

from labkit.checks import Mistake

NO_CHECK = Mistake(
    "signature-not-checked",
    "Your receiver accepts a request whose signature is wrong. Anyone who knows the"
    " address can order parcels or change an order.",
    "Check the signature over `request.get_data()` before you parse (lab 04), and "
    "return 401 if it does not match.",
)
UNSIGNED = Mistake(
    "missing-signature-skips-the-check",
    "Your receiver refuses a wrong signature but accepts a request without one. An "
    "attacker simply omits the header.",
    "Treat a missing header like a wrong signature.",
)
NO_TIME = Mistake(
    "timestamp-not-checked",
    "Your receiver accepts a signed request that is hours old. An attacker who has "
    "captured it can send it again (a replay attack).",
    "Compare webhook-timestamp with `config.now()`, both ways, by "
    "`config.tolerance` (lab 05).",
)
FUTURE = Mistake(
    "future-not-refused",
    "Your receiver accepts a timestamp that is ahead of your clock by more than the"
    " tolerance. Such a request can be replayed later.",
    "Take `abs()` of the difference, so that the tolerance limits the age in both "
    "directions.",
)
RETIRED = Mistake(
    "retired-secret-still-valid",
    "Your receiver accepts a signature that was made with a retired secret. A "
    "secret is retired because someone else may know it.",
    "Call `config.secrets()` in the view, for each request.",
)
ONE_SECRET = Mistake(
    "only-one-secret",
    "Your receiver accepts only one of two valid secrets. During a secret rotation "
    "it refuses authentic events for hours.",
    "Try every secret that `config.secrets()` returns, and accept the request if "
    "one matches.",
)
SECRETS_ONCE = Mistake(
    "secrets-read-at-the-start",
    "Your receiver reads the secrets only when the process starts. After a rotation "
    "it refuses every event until a restart, and it still accepts a retired secret.",
    "Call `config.secrets()` in the view, for each request.",
)
MACHINE_CLOCK = Mistake(
    "clock-of-the-machine",
    "Your receiver uses the clock of your machine, not the clock of the lab. Every "
    "request then seems to have a wrong time. Code that uses the clock that it is "
    "given can also be tested.",
    "Take the time from `config.now()`.",
)
REWRITTEN = Mistake(
    "re-serialised-body",
    "Your receiver checks the signature over re-serialised JSON. The same JSON can "
    "have other bytes, for example other spaces or another order of keys, so the "
    "signature does not match.",
    "Verify `request.get_data()`, and parse afterwards.",
)
ACK_ANYWAY = Mistake(
    "acknowledges-a-failure",
    "Your receiver responds with a 2xx although the parcel service failed. The "
    "provider then never sends the event again, so the event is lost.",
    "If `ship` raises, return 503 or let the exception through (lab 02).",
)
CLAIMED_EARLY = Mistake(
    "claimed-before-success",
    "Your receiver stores the id before the work is done. If the work then fails or"
    " the process crashes, the retry looks like a duplicate and no parcel is "
    "shipped.",
    "Call `ship` first, then commit the id (lab 07).",
)
CLAIM_STAYS = Mistake(
    "claim-outlives-its-worker",
    "Your receiver leaves a claim in the file when its process crashes, and because "
    "of this claim it rejects every retry. No worker is left to finish the event.",
    "Remove the claim: call `ship` with a key, then write the row.",
)
THREAD = Mistake(
    "work-left-to-a-thread",
    "Your receiver responds before a thread has done the work. If the process "
    "crashes, the thread is gone and the provider will not retry.",
    "Do the work in the view and acknowledge afterwards, or store the event in the "
    "file first (lab 08).",
)
NO_WORK = Mistake(
    "acknowledged-without-work",
    "Your receiver responds with a 2xx, but it has not shipped and keeps the event "
    "only in memory. The provider will not send it again after a crash.",
    "Return a 2xx only after `ship` has returned.",
)
STOPS = Mistake(
    "tells-the-sender-to-stop",
    "Your receiver responds with 410, which means that the endpoint is gone. The "
    "provider stops sending, and all later events are lost.",
    "Return 503 for a temporary failure.",
)
BLAMES_SENDER = Mistake(
    "4xx-for-a-failure-that-passes",
    "Your receiver responds with a 4xx although the request was correct and the "
    "failure was its own. Some providers never retry after such a 4xx.",
    "If `ship` raises, return 503 or let the exception through.",
)
NO_START = Mistake(
    "does-not-start-again",
    "Your `make_app` raises when the process starts again over the same file. From "
    "then on every connection is refused until someone notices.",
    "Make every start-up step safe to repeat: CREATE TABLE IF NOT EXISTS.",
)
NO_KEY = Mistake(
    "no-key",
    "Your receiver calls `ship` without an idempotency key. If the service acted "
    "but its response was lost, your second call creates a second parcel.",
    'Pass a key: ship(order_id, idempotency_key=event["id"]).',
)
NEW_KEY = Mistake(
    "new-key-for-every-try",
    "Your receiver uses a new idempotency key for each attempt of one event. The "
    "parcel service treats them as two parcels.",
    "Build the key from the event's id, which is the same in all attempts.",
)
NO_MEMORY = Mistake(
    "no-memory",
    "Your receiver does not remember which events it has processed, so a duplicate "
    "ships a second parcel. At-least-once delivery means that every event may "
    "arrive twice.",
    "Keep the ids of shipped events in the file, and look there first (lab 07).",
)
IN_MEMORY = Mistake(
    "memory-in-the-process",
    "Your receiver keeps the processed ids only in memory. After a restart they are"
    " gone, and the next duplicate ships a second parcel.",
    "Keep the ids in `config.db_path`, and look there first.",
)
LEFT_TO_SERVICE = Mistake(
    "memory-left-to-the-service",
    "Your receiver relies on the idempotency key alone. The parcel service forgets "
    "a key after 24 hours, and the provider may send the event again later than "
    "that.",
    "Store the id in your file after the parcel is shipped, and look there first.",
)
UNKNOWN_TYPE = Mistake(
    "unknown-type-is-an-error",
    "Your receiver responds with an error to an event of another type. The provider"
    " retries for three days and counts the failures against your endpoint.",
    'Acknowledge every type except "payment.succeeded", and do nothing (lab 03).',
)
DUP_ERROR = Mistake(
    "duplicate-answered-with-an-error",
    "Your receiver responds with an error to a duplicate of a processed event. The "
    "provider never gets a 2xx, so it retries for days and counts your endpoint as "
    "broken.",
    "Respond to a duplicate of finished work with a 2xx.",
)
STUCK = Mistake(
    "retries-in-the-view",
    "Your view sleeps or calls `ship` again until the provider gives up. Meanwhile "
    "it blocks a worker, and a server has only a few.",
    "Call `ship` once, and return 503 if it raises; the provider retries.",
)
LONG_WAIT = Mistake(
    "asks-to-wait-too-long",
    "Your receiver asks for a long wait with Retry-After, and the provider obeys. "
    "The parcel service was working again long before that.",
    "Leave Retry-After out.",
)
NEW_FIELDS = Mistake(
    "refuses-new-fields",
    "Your receiver refuses an event because it has unknown fields. A provider may "
    "add fields at any time.",
    "Read the fields that you need, and ignore the others (lab 03).",
)
NO_ALERT = Mistake(
    "nobody-is-paged",
    "Your receiver does not page although `ship` failed for more than an hour. The "
    "retries hid the incident this time; the next outage may last longer.",
    "Count the calls to `ship` that failed in the last ten minutes, and call "
    "`config.page` if there are many (lab 09).",
)
MISSED = Mistake(
    "incident-missed",
    "Your alert fires in one incident but not in another one. What happened before "
    "the incident must not prevent the page.",
    "Count only the calls of the last ten minutes, and page if six of them failed and "
    "these are at least half.",
)
LATE_ALERT = Mistake(
    "found-too-late",
    "Your alert fires more than ten minutes after the start of the incident. Its "
    "window is too long, or its threshold is too high.",
    "Use the last ten minutes: half of the calls, and at least five or six failures.",
)
STRANGERS = Mistake(
    "strangers-ring-the-bell",
    "Your alert counts requests that your receiver rightly refused. Anyone on the "
    "internet can trigger it by sending invalid requests.",
    "Count the calls to `ship` that failed, not the refused requests.",
)
WOLF = Mistake(
    "cries-wolf",
    "Your alert fires for single failures that the next retry fixes. People who are"
    " woken for those start to ignore it (alert fatigue).",
    "Use two thresholds: six failures in ten minutes, and half of all calls (lab 09).",
)
