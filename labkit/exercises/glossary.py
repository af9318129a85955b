"""The glossary: the terms of the labs, each with its meaning and its lab."""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.arguments import check_text
from labkit.checks.verdicts import WIDTH
from labkit.errors import UnknownName, shown_plainly


@dataclass(frozen=True, slots=True)
class Term:
    """One term, what it means, and the number of the lab that explains it."""

    name: str
    meaning: str
    lab: str


_TERMS = (
    Term(
        "acknowledge", "to respond with a 2xx, so that the sender does not retry", "00"
    ),
    Term(
        "alert",
        "a rule that notifies someone when something is wrong; a false alarm is an "
        "alert that fires although nothing is wrong",
        "09",
    ),
    Term(
        "at-least-once delivery",
        "the guarantee that no event is lost; some arrive more than once",
        "07",
    ),
    Term("atomic", "indivisible: no other worker can act in between", "07"),
    Term("attempt", "one HTTP request of a delivery; counted from 1", "00"),
    Term(
        "backoff",
        "growing waits between attempts; they usually grow exponentially",
        "06",
    ),
    Term(
        "challenge",
        "a random value that a provider sends to find out whether an address is yours",
        "11",
    ),
    Term(
        "check-then-act race",
        "a race condition in which another worker acts between your check and your "
        "action",
        "07",
    ),
    Term(
        "claim",
        "to record in the database that one worker handles an event or a delivery, so "
        "that no other worker does",
        "07",
    ),
    Term(
        "constant-time comparison",
        "a comparison that takes equally long wherever the values differ",
        "04",
    ),
    Term("cursor", "a position in a list that is read page by page", "01"),
    Term(
        "dead letter",
        "a delivery that the sender has given up on, or a job that a worker has given "
        "up on",
        "02",
    ),
    Term("deduplication", "recognising processed event ids and skipping them", "07"),
    Term("delivery", "sending one event to one endpoint, with all its attempts", "00"),
    Term(
        "DNS rebinding",
        "a name server returns another address for the same name a moment later, so "
        "that the address in use was never checked",
        "13",
    ),
    Term(
        "downgrade attack",
        "making a receiver accept a weaker algorithm or an older version",
        "04",
    ),
    Term(
        "dual write",
        "writing one fact to two systems, such as a database and a queue, without a "
        "common transaction",
        "13",
    ),
    Term("duplicate", "a request with an event that you have already received", "00"),
    Term("durable queue", "a queue whose jobs survive a crash", "08"),
    Term(
        "endpoint",
        "a URL at which a receiver listens; its owner registers it with a provider",
        "02",
    ),
    Term(
        "endpoint dashboard",
        "the page of a provider on which the owner of an endpoint sees its "
        "deliveries, resends events, and disables and enables the endpoint",
        "13",
    ),
    Term("event", "a fact with an id and a type, for example a payment", "00"),
    Term(
        "exactly-once processing",
        "at-least-once delivery together with deduplication",
        "07",
    ),
    Term(
        "fairness", "limits that keep one slow endpoint from delaying the others", "13"
    ),
    Term(
        "fault",
        "a way in which the simulated network or receiver misbehaves on purpose",
        "00",
    ),
    Term(
        "forged request",
        "a request that pretends to come from the provider, but was made by someone "
        "else",
        "04",
    ),
    Term(
        "handshake",
        "the exchange in which a provider finds out whether an address is yours",
        "11",
    ),
    Term(
        "head-of-line blocking", "one stuck message delays all messages behind it", "08"
    ),
    Term(
        "heartbeat check",
        "an alert that fires when expected traffic is missing",
        "09",
    ),
    Term(
        "HMAC",
        "a value computed from a secret and some bytes; only someone who knows the "
        "secret can compute it",
        "04",
    ),
    Term(
        "idempotency key",
        "a value that makes a service act only once, however often it is called",
        "07",
    ),
    Term("idempotent", "a second run has no further effect", "07"),
    Term("interleaving", "one order of the steps of several workers", "07"),
    Term(
        "jitter",
        "randomness in the waits, so that many clients do not retry at the same "
        "moment; with full jitter, each wait is random between 0 and its upper bound",
        "06",
    ),
    Term("last write wins", "the latest arrival overwrites everything before it", "08"),
    Term(
        "lease",
        "a claim that is valid for a limited time; after that, another worker may "
        "take the delivery",
        "13",
    ),
    Term("mutant", "a program with one deliberate bug, made to test a test", "10"),
    Term(
        "notice", "a message from the provider to the owner of a failing endpoint", "13"
    ),
    Term("payload", "the content of a webhook, in the body of the request", "03"),
    Term(
        "poison message", "a message that fails every time or crashes the worker", "08"
    ),
    Term("polling", "asking a service again and again whether something is new", "01"),
    Term(
        "portal",
        "the part of a provider that does what the owner of an endpoint asks for; the "
        "endpoint dashboard is its page",
        "13",
    ),
    Term(
        "provider",
        "the service whose events you receive; the part of it that delivers them is "
        "the sender",
        "00",
    ),
    Term("race condition", "a bug that makes the result depend on timing", "07"),
    Term("raw body", "the bytes of the body before any parsing", "02"),
    Term(
        "re-serialised",
        "parsed and written again: the same data, but often other bytes",
        "04",
    ),
    Term("receiver", "the program that handles webhooks", "00"),
    Term("reconciliation", "fetching from the provider what the webhooks missed", "01"),
    Term("redact", "to replace a secret value with a placeholder", "09"),
    Term("replay attack", "sending a captured, correctly signed request again", "05"),
    Term(
        "resend",
        "a new delivery of an old event, at the request of a person or a script",
        "06",
    ),
    Term("retry", "another attempt after a failed one", "00"),
    Term("retry schedule", "the planned waits between attempts", "06"),
    Term(
        "secret rotation",
        "replacing a secret; for a time, both the old and the new one are valid",
        "05",
    ),
    Term("seed", "the number that fixes all random choices of a run", "04"),
    Term(
        "server-side request forgery",
        "making a server fetch an address that the attacker chose (SSRF)",
        "11",
    ),
    Term("side effect", "a change outside the function: a row, a call, a parcel", "10"),
    Term(
        "signature",
        "a value that proves who made the request and that nobody changed it",
        "04",
    ),
    Term("signing oracle", "a program that signs what an attacker sends to it", "11"),
    Term("thundering herd", "many clients that retry at the same moment", "06"),
    Term("timeout", "how long the sender waits for a response", "08"),
    Term("timing attack", "finding a secret value by measuring response times", "04"),
    Term("tolerance", "how far a timestamp may be from now, in either direction", "05"),
    Term(
        "tolerant reader",
        "code that requires what it needs and ignores fields that it does not know",
        "03",
    ),
    Term(
        "transaction",
        "several writes to a database that take effect together or not at all",
        "07",
    ),
    Term("transactional inbox", "the event id and its effect in one transaction", "07"),
    Term(
        "transactional outbox",
        "outgoing calls that are stored in the transaction and sent later by a worker",
        "07",
    ),
    Term(
        "tunnel",
        "a connection through which a public address reaches a program on your machine",
        "11",
    ),
    Term("webhook", "an HTTP request that a service sends when something occurs", "00"),
)
TERMS = sorted(_TERMS, key=lambda term: term.name.lower())
"""All terms, in alphabetical order."""


@dataclass(frozen=True, slots=True, repr=False)
class Glossary:
    """Terms, as a cell shows them."""

    terms: Sequence[Term]

    def __repr__(self) -> str:
        return "\n".join(
            textwrap.fill(
                f"{each.name}: {each.meaning} (lab {each.lab})",
                WIDTH,
                subsequent_indent="    ",
            )
            for each in self.terms
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<dt><strong>{html.escape(each.name)}</strong></dt>"
            f"<dd>{html.escape(each.meaning)} (lab {each.lab})</dd>"
            for each in self.terms
        )
        return f"<dl>{rows}</dl>"


@shown_plainly
def glossary(term: str = "") -> Glossary:
    """Show what the terms of the labs mean, or what those with this word mean.

    Raises UnknownName if no term or meaning contains the word, and BadSetting for no
    string.
    """
    check_text("term", term)
    word = term.strip().lower()
    found = [each for each in TERMS if word in each.name.lower()] or [
        each for each in TERMS if word in each.meaning.lower()
    ]
    if not found:
        raise UnknownName("term", term, [each.name for each in TERMS])
    return Glossary(found)


def as_markdown() -> str:
    """Return the page `.github/GLOSSARY.md`."""
    lines = [
        "# Glossary",
        "",
        (
            "The terms of the labs. In a notebook, `glossary()` shows the same list, "
            'and `glossary("jitter")` shows one term.'
        ),
        "",
        "| term | meaning | lab |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {each.name} | {each.meaning} | {each.lab} |" for each in TERMS]
    return "\n".join(lines) + "\n"
