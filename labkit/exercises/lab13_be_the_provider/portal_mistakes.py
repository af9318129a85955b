"""The mistakes of exercise 13.7, each with the edits of the reference that prove it."""

from collections.abc import Callable

from labkit.checks.mistakes import Proof, Rule, edit, mistakes, raised
from labkit.checks.space import Fields

OTHER_ENDPOINTS, NO_FILTER, FILTERS_BY_NONE, LIST_ORDER, FIRST_STATUS = mistakes("""
    lists-other-endpoints: Your code lists deliveries of other endpoints, too. Each
        endpoint can belong to another customer, who must not see them.
        Try: Add a condition on `endpoint` to the query of the list.
    ignores-the-filter: Your code lists all deliveries, whatever `state` is. An owner
        with thousands of deliveries then cannot find the dead letters.
        Try: Add a condition on `state` to the query of the list.
    filters-by-none: Your code lists nothing if `state` is None, because in SQL no
        comparison with NULL is true.
        Try: Leave the condition out if `state` is None, or use coalesce(:state, state).
    oldest-first: Your code does not list the newest delivery first. The owner looks for
        what has just happened.
        Try: Add ORDER BY id DESC to the query of the list.
    status-of-another-attempt: Your code does not show the status of the last attempt.
        The owner sees an error that is already over, or misses one that is not.
        Try: Order the attempts of the delivery by `number`, and take the last one.
""")
LOSES_UNTRIED, ROW_PER_ATTEMPT, ROWS, REOPENS, COPIES, NOT_DUE = mistakes("""
    hides-untried-deliveries: Your code leaves out deliveries that have no attempt yet,
        because the join finds no row for them.
        Try: Use a LEFT JOIN, or a subquery for the status.
    one-row-per-attempt: Your code lists a delivery once for each of its attempts,
        because the join finds several rows for it.
        Try: Join only the last attempt, or use a subquery for the status.
    returns-rows: Your code returns sqlite3 rows instead of dictionaries. They cannot be
        sent to a page as JSON.
        Try: Return `[dict(row) for row in rows]`.
    reopens-the-old-delivery: Your code makes the old delivery pending again. The
        history then does not show that it was dead, and with ten attempts made, one
        failure ends it again.
        Try: Insert a new row, and leave the old one as it is.
    copies-the-attempts: Your code copies `made` into the new delivery. It then has no
        attempts left, or begins with the longest delays.
        Try: Insert only `event`, `endpoint` and `due`; the other columns have defaults.
    due-at-another-time: Your code does not make the new delivery due at `now`. The
        owner waits for something that should happen at once.
        Try: Insert `now` as `due`.
""")
TO_DISABLED, PENDING_TWICE, DELIVERED_AGAIN, PER_DEAD, AFTER_SINCE = mistakes("""
    resends-to-a-disabled-endpoint: Your code accepts a resend to a disabled endpoint.
        No worker claims this delivery, so nothing is sent, and the owner does not learn
        why.
        Try: Look at `enabled` before both kinds of resend, and raise ValueError.
    resends-what-is-pending: Your code adds a delivery although one of the same event is
        still pending. Each click then leads to one more duplicate.
        Try: Look for a pending delivery of the event to this endpoint before you
        insert.
    resends-what-was-delivered: Your code resends events that were delivered. After a
        bad hour the receiver gets everything again, and not only what it missed.
        Try: Leave out events that have a delivered delivery to this endpoint.
    one-resend-per-dead-letter: Your code inserts one delivery per dead letter. An event
        that was resent before has several dead letters, and then arrives several times.
        Try: Select the events, and not the deliveries; or use DISTINCT.
    since-is-exclusive: Your code leaves out an event that was created exactly at
        `since`.
        Try: Compare with `>=`.
""")
ANY_TIME, MIXES, KEEPS_FAILURES, ALL_SWITCHED, DROPS, EACH_TIME = mistakes("""
    ignores-since: Your code resends events that were created before `since`. The owner
        gets years of events that nobody needs any more.
        Try: Compare `created` of the event with `since`.
    looks-at-other-endpoints: Your code also looks at the rows of other endpoints. What
        happens at one endpoint then decides what another one gets.
        Try: Add a condition on `endpoint` to each subquery.
    keeps-the-failures: Your code enables an endpoint without setting `failures` to 0.
        The number then includes failures from before the owner repaired it.
        Try: Set `failures` to 0 together with `enabled`.
    switches-all-endpoints: Your code changes all endpoints, and not only the requested
        one.
        Try: Add a condition on `id` to the UPDATE of `endpoints`.
    drops-what-is-pending: Your code changes or deletes deliveries when it disables the
        endpoint. They are lost when the owner enables it again.
        Try: Change only the row in `endpoints`: the workers look at `enabled`
        themselves.
    one-notice-per-dead-letter: Your code adds a notice although the owner has not seen
        the last one. After a night without the receiver, the owner gets hundreds of
        them.
        Try: Insert only if the endpoint has no notice with `seen` = 0.
""")
NEVER_AGAIN, PER_EVENT, ALL_SEEN, UNKNOWN, NO_RESULT, NO_COMMIT = mistakes("""
    never-notifies-again: Your code adds no notice if the endpoint had one before, even
        if it was seen. The owner then does not learn of the next failure.
        Try: Look only for notices with `seen` = 0.
    one-notice-per-event: Your code looks for a notice of the same event. Each further
        dead letter then leads to a further notice.
        Try: Look for any notice of the endpoint that is not seen.
    marks-all-notices: Your code marks the notices of other endpoints as seen, too.
        Their owners have not seen them.
        Try: Add a condition on `endpoint` to the UPDATE of `notices`.
    accepts-unknown-ids: Your code does not raise LookupError for an id that does not
        exist. The caller cannot tell a
        wrong id from anything else.
        Try: Look the row up first, and raise LookupError if there is none.
    returns-no-result: Your code returns None where the contract asks for an id or a
        number. The page cannot say what it has done.
        Try: Return `lastrowid` of the cursor for `resend`, and `rowcount` for
        `resend_all`.
    does-not-commit: Your code returns before its changes are committed. They are lost,
        and the file stays locked for the workers.
        Try: Put all statements into one `with db:` block.
""")

_STATUS = "ORDER BY number DESC LIMIT 1"
_LIST = "FROM deliveries d WHERE endpoint = :endpoint"
_RESENDS = 'if action in ("resend", "resend_all") and not endpoint["enabled"]:'
_NEW = " SELECT :event, :endpoint, :now WHERE NOT EXISTS (SELECT 1 FROM deliveries"
_PENDING = "AND endpoint = :endpoint AND state = 'pending')"
_MISSED = "AND endpoint = :endpoint AND state IN ('pending', 'delivered'))"
_EVENTS = "SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
_ANY = "WHERE event = e.id AND endpoint = :endpoint)"
_UNSEEN = "(SELECT 1 FROM notices WHERE endpoint = :endpoint AND seen = 0)"
_RESULT = 'return done.lastrowid if action == "resend" else done.rowcount'
_DO = "        done = db.execute(statements[action], ask)\n"
_NO_DELIVERY = '                raise LookupError("there is no such delivery")'
_NO_ENDPOINT = '            raise LookupError("there is no such endpoint")'


def _about(action: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["request"]["action"] == action


def _also(action: str, statement: str) -> tuple[str, str]:
    """Return the edit that adds a statement to an action."""
    call = f'            db.execute("{statement}", ask)'
    return (_DO, f'{_DO}        if action == "{action}":\n{call}\n')


def _reopened(columns: str) -> tuple[tuple[str, str], ...]:
    """Return the edits that change the old delivery, and insert no new one."""
    again = "UPDATE deliveries SET state = 'pending', due = :now"
    return (
        ('"resend": "INSERT INTO deliveries (event, endpoint, due)"', '"resend": ""'),
        (_NEW, again + columns),
        (
            f" WHERE event = :event {_PENDING}",
            " WHERE id = :delivery AND state <> 'pending'",
        ),
        ("return done.lastrowid", 'return request["delivery"]'),
    )


_STATUS_COLUMN = """\
made, (SELECT status FROM attempts"
        " WHERE delivery = d.id ORDER BY number DESC LIMIT 1) AS status"
"""
_LEFT_JOIN = (
    "FROM deliveries d LEFT JOIN (SELECT delivery, number, status FROM attempts)"
    " ON delivery = d.id WHERE endpoint = :endpoint"
)
_JOINED = (
    (_STATUS_COLUMN, 'made, status"\n'),
    (_LIST, _LEFT_JOIN),
    ("ORDER BY id DESC", "ORDER BY id DESC, number DESC"),
)
_PER_DEAD = (
    "SELECT event, :endpoint, :now FROM deliveries JOIN events e"
    " ON e.id = event WHERE endpoint = :endpoint AND state = 'dead'"
    " AND created >= :since"
)
_UNTRIED = " AND EXISTS (SELECT 1 FROM attempts WHERE delivery = d.id) ORDER BY id DESC"
_DROPS = (
    "DELETE FROM deliveries WHERE endpoint = :endpoint AND state = 'pending'",
    "DELETE FROM deliveries WHERE endpoint = :endpoint",
    "UPDATE deliveries SET state = 'dead' WHERE endpoint = :endpoint",
)
_MADE = (
    "UPDATE deliveries SET made = (SELECT made FROM deliveries WHERE id = :delivery)"
    " WHERE id = last_insert_rowid()"
)

MISTAKES: list[Proof] = [
    edit(OTHER_ENDPOINTS, (_LIST, "FROM deliveries d WHERE 1")),
    edit(NO_FILTER, (" AND state = coalesce(:state, state)", "")),
    edit(FILTERS_BY_NONE, ("coalesce(:state, state)", ":state")),
    edit(LIST_ORDER, ("ORDER BY id DESC", "ORDER BY id")),
    edit(LIST_ORDER, ("ORDER BY id DESC", "ORDER BY due")),
    edit(LIST_ORDER, ("ORDER BY id DESC", "ORDER BY due DESC")),
    edit(FIRST_STATUS, (_STATUS, "ORDER BY number LIMIT 1")),
    edit(FIRST_STATUS, (_STATUS, "LIMIT 1")),
    edit(FIRST_STATUS, ("WHERE delivery = d.id", "WHERE event = d.event")),
    edit(FIRST_STATUS, ("(SELECT status FROM", "(SELECT max(status) FROM")),
    edit(LOSES_UNTRIED, (" ORDER BY id DESC", _UNTRIED)),
    edit(ROW_PER_ATTEMPT, *_JOINED),
    edit(ROWS, ("[dict(row) for row in done]", "done.fetchall()")),
    edit(ROWS, ("[dict(row) for row in done]", "[tuple(row) for row in done]")),
    edit(REOPENS, *_reopened("")),
    edit(REOPENS, *_reopened(", made = 0")),
    edit(COPIES, _also("resend", _MADE)),
    edit(
        NOT_DUE,
        ('"SELECT event, endpoint FROM', '"SELECT event, endpoint, due FROM'),
        (_NEW, _NEW.replace(":now", ":due")),
    ),
    edit(NOT_DUE, ("SELECT id, :endpoint, :now", "SELECT id, :endpoint, created")),
    edit(TO_DISABLED, (_RESENDS, "if False:")),
    *(
        edit(TO_DISABLED, ('in ("resend", "resend_all")', f'== "{one}"'))
        for one in ("resend", "resend_all")
    ),
    edit(PENDING_TWICE, (_PENDING, "AND 0)")),
    edit(PENDING_TWICE, (_MISSED, _MISSED.replace("'pending', ", ""))),
    edit(DELIVERED_AGAIN, (_MISSED, _MISSED.replace(", 'delivered'", ""))),
    edit(PER_DEAD, (_EVENTS, _PER_DEAD)),
    edit(AFTER_SINCE, ("created >= :since", "created > :since")),
    edit(ANY_TIME, ("created >= :since", ":since IS NOT NULL")),
    edit(MIXES, (_PENDING, "AND state = 'pending')")),
    edit(MIXES, (_MISSED, "AND state IN ('pending', 'delivered'))")),
    edit(MIXES, (_ANY, "WHERE event = e.id)")),
    edit(
        MIXES,
        (_ANY, "WHERE event = e.id)"),
        (_MISSED, "AND state IN ('pending', 'delivered'))"),
    ),
    edit(KEEPS_FAILURES, ("enabled = 1, failures = 0", "enabled = 1")),
    edit(ALL_SWITCHED, ("enabled = 0 WHERE id = :endpoint", "enabled = 0")),
    edit(ALL_SWITCHED, ("failures = 0 WHERE id = :endpoint", "failures = 0")),
    *(edit(DROPS, _also("disable", drop)) for drop in _DROPS),
    edit(EACH_TIME, (_UNSEEN, "(SELECT 1 WHERE 0)")),
    edit(NEVER_AGAIN, (" AND seen = 0)", ")")),
    edit(PER_EVENT, ("AND seen = 0)", "AND event = :event AND seen = 0)")),
    edit(PER_EVENT, ("AND seen = 0)", "AND event = :event)")),
    edit(ALL_SEEN, ("SET seen = 1 WHERE endpoint = :endpoint", "SET seen = 1")),
    edit(MIXES, (_UNSEEN, "(SELECT 1 FROM notices WHERE seen = 0)")),
    edit(UNKNOWN, (_NO_ENDPOINT, '            endpoint = {"enabled": 1}')),
    edit(UNKNOWN, (_NO_DELIVERY, "                return None")),
    edit(
        UNKNOWN,
        (_NO_DELIVERY, "                return None"),
        (_NO_ENDPOINT, "            return None"),
    ),
    Rule(
        UNKNOWN,
        lambda fields: fields["request"].get("delivery") in (0, 9, -1),
        _about("seen"),
        raised("TypeError"),
        some=True,
        may=lambda fields: fields["request"].get("endpoint") == "ep_3",
    ),
    edit(NO_RESULT, (_RESULT, "return None")),
    edit(NO_RESULT, (_RESULT, 'return done.lastrowid if action == "resend" else None')),
    edit(NO_RESULT, (_RESULT, 'return None if action == "resend" else done.rowcount')),
    edit(NO_COMMIT, ("    with db:", "    if True:")),
]
