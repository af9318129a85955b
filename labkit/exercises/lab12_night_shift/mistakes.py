"""What costs points in the night shift: known mistakes, why they matter, a way on."""

from labkit.checks import Mistake

NO_CHECK = Mistake(
    "signature-not-checked",
    "Whoever knows the address can order parcels, and whoever sits on the way can "
    "change an order. The provider is told that its event arrived, though another one "
    "did.",
    "Check the signature over request.get_data() before you parse (lab 04), and answer "
    "401 where it does not fit.",
)
UNSIGNED = Mistake(
    "missing-signature-skips-the-check",
    "A wrong signature is refused and a missing one is not. So a forger leaves it out.",
    "No header is no proof: refuse it like a wrong one.",
)
NO_TIME = Mistake(
    "timestamp-not-checked",
    "The signature is right and the request is hours old: somebody has kept it and "
    "sends it again. Signed for ever is as good as not signed.",
    "Compare webhook-timestamp with config.now(), both ways, by config.tolerance "
    "(lab 05). The time is signed too, so check the signature as well.",
)
FUTURE = Mistake(
    "future-not-refused",
    "The timestamp lies ahead of your clock by more than the tolerance. Whoever may "
    "sign for tomorrow can be replayed tomorrow.",
    "The tolerance bounds the age both ways: take abs() of the difference.",
)
RETIRED = Mistake(
    "retired-secret-still-valid",
    "A secret is retired because somebody else may know it. Your receiver learned its "
    "secrets once, and took this one after its end.",
    "Call config.secrets() in the view, for each request.",
)
ONE_SECRET = Mistake(
    "only-one-secret",
    "During a rotation two secrets are valid, and the provider changes over at a "
    "moment that you don't choose. With one of them alone you refuse its events for "
    "hours.",
    "Try every secret that config.secrets() returns, and take the request when one "
    "fits.",
)
SECRETS_ONCE = Mistake(
    "secrets-read-at-the-start",
    "The secrets were read when the process started, and the provider has changed over "
    "since. Every event is refused until somebody restarts the receiver, and a retired "
    "secret stays good as long.",
    "Call config.secrets() in the view, for each request.",
)
MACHINE_CLOCK = Mistake(
    "clock-of-the-machine",
    "The lab's month is not the month of your machine, so every request seems to be "
    "from another time. A clock that you are given can also be tested.",
    "Take the time from config.now().",
)
REWRITTEN = Mistake(
    "re-serialised-body",
    "The signature is over the bytes that came. Parsed and written again they mean the "
    "same and are others: a blank, an order of keys, an escaped letter.",
    "Verify request.get_data(), and parse afterwards.",
)
ACK_ANYWAY = Mistake(
    "acknowledges-a-failure",
    "The parcel service did not answer, and the provider was told that all is well. It "
    "crosses the event off and nobody will ever send it again.",
    "Where ship raises, answer 503 or let the exception through: the retry is your "
    "second chance (lab 02).",
)
CLAIMED_EARLY = Mistake(
    "claimed-before-success",
    "The id was remembered, then the work failed or the process died. The retry took "
    "itself for a copy: acknowledged, and no parcel.",
    "Ship first, then commit the id. A death in between makes a second call with the "
    "same key, and that one is harmless (lab 07).",
)
CLAIM_STAYS = Mistake(
    "claim-outlives-its-worker",
    "The process that had claimed the event is dead, and its claim still turns every "
    "attempt away. Nobody is left to finish the work.",
    "You need no claim here: two calls with the same key are one parcel. Ship, then "
    "write the row.",
)
THREAD = Mistake(
    "work-left-to-a-thread",
    "The answer was out before the work was done. A process that dies takes its "
    "threads with it, and the provider will not come again.",
    "Do the work in the view, and acknowledge after it; or store the event in the file "
    "first (lab 08).",
)
NO_WORK = Mistake(
    "acknowledged-without-work",
    "The provider heard a 2xx and forgets the event. No parcel has left, then or "
    "later: whatever kept it in memory died with the process.",
    "A 2xx is a promise. Give it when ship has returned.",
)
STOPS = Mistake(
    "tells-the-sender-to-stop",
    "410 says: this endpoint is gone for good. The provider stops sending to it at "
    "once, and everything after that is lost.",
    "For a trouble that will pass, answer 503.",
)
BLAMES_SENDER = Mistake(
    "4xx-for-a-failure-that-passes",
    "The request was good, and your answer says that it was bad. This provider comes "
    "again all the same; Brevo and Ashby, for two, give an event up at a 4xx.",
    "Where ship raises, the trouble is on your side: answer 503, or let the exception "
    "through.",
)
NO_START = Mistake(
    "does-not-start-again",
    "The process died and make_app raised an exception at the next start. From then on "
    "every connection is refused, until somebody looks.",
    "Every step of the start must stand being done twice: CREATE TABLE IF NOT EXISTS.",
)
NO_KEY = Mistake(
    "no-key",
    "The parcel service acted, and its answer was lost. You called again, as you must, "
    "and without a key it can't know that both calls mean one parcel.",
    'Hand over a key: ship(order_id, idempotency_key=event["id"]).',
)
NEW_KEY = Mistake(
    "new-key-for-every-try",
    "Both calls were for one event, and each came with another key. To the service "
    "that is two parcels.",
    "Make the key of what stays the same in all attempts: the event's id.",
)
NO_MEMORY = Mistake(
    "no-memory",
    "The event came again and was worked on again. Answers get lost, wires repeat, and "
    "providers resend, so every event may come twice.",
    "Keep the ids of shipped events in the file, and ask it first (lab 07).",
)
IN_MEMORY = Mistake(
    "memory-in-the-process",
    "The id was known, and then the process was restarted. What is kept in a set or a "
    "dictionary is gone, and the next copy is a second parcel.",
    "Keep the ids in config.db_path, and ask the file.",
)
LEFT_TO_SERVICE = Mistake(
    "memory-left-to-the-service",
    "The service forgets a key after 24 hours, and the provider sent the event again "
    "later than that. Its memory is for your retries, not for the provider's.",
    "Keep the id in your file when the parcel is out, and look there first.",
)
UNKNOWN_TYPE = Mistake(
    "unknown-type-is-an-error",
    "Providers send types that you have no use for. An error is answered with retries "
    "for three days, and counts against your endpoint.",
    'Acknowledge every type but "payment.succeeded", and do nothing (lab 03).',
)
DUP_ERROR = Mistake(
    "duplicate-answered-with-an-error",
    "The parcel has left and the provider never hears a 2xx. It sends the event again "
    "for days, and counts your endpoint as broken.",
    "A copy of what is done is good news: answer it like the first one, with a 2xx.",
)
STUCK = Mistake(
    "retries-in-the-view",
    "The view slept or called again until the provider had given up on it. Meanwhile "
    "its worker was busy, and a server has only so many.",
    "Call ship once. Where it raises, answer 503: the provider is your retry loop.",
)
LONG_WAIT = Mistake(
    "asks-to-wait-too-long",
    "Retry-After was honoured: the provider came again when you said. By then the "
    "parcel service had been well for a long time.",
    "Leave Retry-After out, or ask for a minute.",
)
NEW_FIELDS = Mistake(
    "refuses-new-fields",
    "The provider has added fields, as it may at any time, and your receiver refuses "
    "what it does not know. Nothing of what it needs was missing.",
    "Read the fields that you need and leave the others alone (lab 03).",
)
NO_ALERT = Mistake(
    "nobody-is-paged",
    "For more than an hour in the night no parcel left, and nobody knew. The retries "
    "hid it this time; the next outage lasts longer.",
    "Count the calls of ship that failed in the last ten minutes, and call "
    "config.page(…) when they are many (lab 09). Where you count rows of a table: a "
    "row of a transaction that was rolled back is gone.",
)
MISSED = Mistake(
    "incident-missed",
    "The alert rang in another incident and not in this one. It needs more failures "
    "than there were, or what it had counted was lost when the process died.",
    "Ask for fewer of them: five or six in ten minutes, and half of all calls.",
)
LATE_ALERT = Mistake(
    "found-too-late",
    "The alert did ring, and by then the incident was more than ten minutes old. A "
    "window that is too long, or a number that is too high, makes it slow.",
    "Judge by the last ten minutes: half of the calls, and at least five or six.",
)
STRANGERS = Mistake(
    "strangers-ring-the-bell",
    "Somebody sent rubbish, you refused it as you should, and a person was woken for "
    "it. Anybody on the internet can ring such a bell.",
    "Count the calls of ship that failed, not the requests that you refused.",
)
WOLF = Mistake(
    "cries-wolf",
    "Now and then a call fails and its retry does not. Whoever is woken for each of "
    "them stops getting up.",
    "Ask for a smallest number and a share: six failures in ten minutes, and half of "
    "all calls (lab 09).",
)
