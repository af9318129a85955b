"""Effects that are lost or happen again."""

from labkit.examine.conditions import (
    among,
    any_failed,
    both,
    failed,
    signed_only,
)
from labkit.findings import Cause, Severity, Who
from labkit.probes import Sign

_DEDUPLICATION = (
    "write the event's id and its effect in one transaction, with a unique index on "
    "the id; a failed insert means that the event is a duplicate"
)

CAUSES = (
    Cause(
        id="events-lost",
        title="events are acknowledged without an effect",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="an acknowledged event never comes again, so it is lost; a key that is the "
        "same for different events makes all but the first look like duplicates",
        fix="deduplicate by the provider's event id, complete and unchanged, and "
        "make sure that the id is not empty: a header that is looked up under another "
        "name gives every event the same empty id",
        references=("CWE-694",),
        shown_by=lambda results: (
            failed(results, "duplicate.distinct", Sign.MISSED)
            and failed(results, "duplicate.burst", Sign.MISSED)
        ),
        explains=signed_only(Sign.MISSED),
        leads=("duplicate.distinct", "duplicate.burst"),
    ),
    Cause(
        id="no-deduplication",
        title="duplicate deliveries are processed again",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="every provider that retries delivers some events twice, so a customer "
        "is charged twice or gets two parcels",
        fix=_DEDUPLICATION,
        references=("CWE-837", "Standard Webhooks: Operational considerations"),
        shown_by=any_failed("duplicate.in-turn", signs=(Sign.EXTRA,)),
        explains=both(
            among("duplicate", "crash", "outage"),
            signed_only(Sign.EXTRA, Sign.RESTARTED),
        ),
        leads=("duplicate.in-turn", "duplicate.renewed"),
    ),
    Cause(
        id="key-of-the-attempt",
        title="later attempts of an event count as new events",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="every retry has a new time, a new signature and often a new request id; "
        "if one of them is part of the key, every retry is processed again",
        fix="deduplicate by the event's own id, which is the same in all attempts",
        references=("CWE-837", "Standard Webhooks: Operational considerations"),
        shown_by=any_failed("duplicate.renewed", signs=(Sign.EXTRA,)),
        explains=both(
            among("duplicate.renewed", "duplicate.late", "crash.between-copies"),
            signed_only(Sign.EXTRA, Sign.RESTARTED),
        ),
        leads=("duplicate.renewed",),
    ),
    Cause(
        id="ids-in-memory",
        title="processed event ids are forgotten after a restart",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        why="every deployment restarts the receiver; a retry that arrives afterwards "
        "is processed again",
        fix="keep the ids in the database in which the effect is stored",
        references=("CWE-837",),
        shown_by=lambda results: (
            failed(results, "crash.between-copies", Sign.EXTRA)
            or failed(results, "duplicate.late", Sign.RESTARTED)
        ),
        explains=both(
            among("crash", "duplicate.late"), signed_only(Sign.EXTRA, Sign.RESTARTED)
        ),
        leads=("crash.between-copies", "duplicate.late"),
    ),
)
