"""6.1: which outcome of an attempt is worth another one."""

from collections.abc import Callable, Iterator

from labkit.checks.contract import contract
from labkit.checks.mistakes import Rule, mistakes, returned
from labkit.checks.observing import Function, Seen, truth
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe

STATUS_AS_TEXT, OPPOSITE, NO_SERVER_ERRORS, LISTS_SERVER_ERRORS = mistakes("""
    takes-the-status-for-text: Your code treats the status as a string, but it is a
        number. A number never equals a string, so 503 == "503" is False.
        Try: Compare it as a number, for example with 500 <= status.
    answers-the-opposite: Your code returns whether the delivery succeeded. The question
        is whether to retry. With your result, the sender retries delivered events and
        drops failed ones.
        Try: Return True for the failures that another attempt can fix.
    gives-up-on-server-errors: Your code does not retry after a 5xx. It means that the
        receiver has a problem, such as a restart or a full disk, which is often over in
        minutes.
        Try: Retry after every status from 500 on.
    lists-only-some-server-errors: Your code retries after some 5xx statuses, but not
        after all of them. Proxies and cloud services respond with many of them, up to
        599.
        Try: Compare with the whole range from 500 to 599, both ends included.
""")
RETRIES_SUCCESS, ONLY_200, FORGETS_SILENCE, RETRIES_CLIENT_ERRORS = mistakes("""
    retries-what-was-acknowledged: Your code sends the event again after a 2xx. The
        receiver already has it, so the duplicate is of your own making.
        Try: Return False for every status from 200 to 299.
    only-200-is-success: Your code treats only 200 as a success. 201, 202 and 204
        acknowledge the event too, so every retry after them is a duplicate.
        Try: Treat the whole range from 200 to 299 as acknowledged.
    forgets-no-answer: Your code does not retry if no response arrived (None): a refused
        connection or a timeout. This is the most common failure, and a retry often
        fixes it.
        Try: Check for None first, before you compare numbers.
    retries-client-errors: Your code retries after a 4xx. A 4xx means that the request
        itself is wrong, so a retry would send the same bytes and get the same response.
        Try: Do not retry after a 4xx, except for the few that are temporary.
""")
RETRIES_GONE, FORGETS_TEMPORARY, RETRIES_REDIRECTS, NO_BOOL = mistakes("""
    retries-410: Your code retries after 410 Gone. With this status, a receiver asks you
        never to send again.
        Try: Remove 410 from the statuses that you retry.
    forgets-the-4xx-that-speak-of-time: Your code gives up after 408, 425 or 429. They
        mean that the request was too slow, too early, or one of too many; a later retry
        can succeed.
        Try: Return True for each of these three 4xx.
    retries-redirects: Your code retries after a 3xx. It means that the address has
        changed, so a person must enter the new one.
        Try: Do not retry after a 3xx.
    not-true-or-false: Your function does not return True or False on every path. A
        path without a `return` returns None, and some expressions give other objects.
        Try: End every path with True or False; `bool(...)` makes one of them from any
        value.
""")

TEMPORARY = (429, 425, 408)

CONTRACT = contract("""
    given: Return True if the sender should retry, and False if not.
    given: `status` is an int, or None if no response arrived.
    server-errors: Retry after every status from 500 to 599.
    success: Do not retry after a status from 200 to 299.
    no-response: Retry if no response arrived.
    gone: Do not retry after 410.
    temporary: Retry after 408, 425 and 429.
    client-errors: Do not retry after any other 4xx.
    redirects: Do not retry after a 3xx.
    open: The check does not test other statuses.
""")


def _trials() -> Iterator[Trial]:
    for sentence, statuses in (
        ("server-errors", (503, 500, 599, *range(501, 599))),
        ("success", (200, 204, 299, *range(201, 299))),
        ("no-response", (None,)),
        ("gone", (410,)),
        ("temporary", TEMPORARY),
        ("client-errors", (404, 400, 499, *range(401, 499))),
        ("redirects", (301, 300, 399, *range(302, 399))),
    ):
        special = (410, *TEMPORARY) if sentence == "client-errors" else ()
        for status in statuses:
            if status not in special:
                yield Trial(sentence, {"status": status})
        status = statuses[0]
        yield Trial(sentence, {"status": status, "again": 1}, "the second time")
    yield probe({"status": "503"})


def _show(fields: Fields) -> str:
    status = fields["status"]
    return "None: no response" if status is None else f"status {status}"


def _within(*statuses: object) -> Callable[[Fields], bool]:
    """Accept trials with one of these statuses."""
    return lambda fields: fields["status"] in statuses and not fields["again"]


def _every(fields: Fields) -> bool:
    return not fields["again"]


def _as_text(fields: Fields, seen: Seen) -> bool:
    """Whether the solution works with strings, and not with numbers."""
    if fields["status"] == "503":
        return seen.value is True
    return seen.value is False or seen.raised in ("AttributeError", "TypeError")


def _the_opposite(fields: Fields, seen: Seen) -> bool:
    return seen.value is (fields["status"] < 300)


def _no_bool(_: Fields, seen: Seen) -> bool:
    return not isinstance(seen.result, int) and not seen.raised


_SUCCESS, _REDIRECTS = _within(*range(200, 300)), _within(*range(300, 400))
_SERVER = _within(*range(500, 600))
_NOT_TEMPORARY = _within(*(s for s in range(400, 500) if s not in TEMPORARY))

MISTAKES = (
    Rule(STATUS_AS_TEXT, _within(*range(500, 600), "503"), how=_as_text),
    Rule(OPPOSITE, _within(*range(200, 300), *range(500, 600)), how=_the_opposite),
    Rule(NO_SERVER_ERRORS, _SERVER, _SUCCESS, returned(False)),
    Rule(LISTS_SERVER_ERRORS, _SERVER, _SUCCESS, returned(False), some=True),
    Rule(RETRIES_SUCCESS, _SUCCESS, how=returned(True)),
    Rule(ONLY_200, _within(201, 202, 204), _within(200), returned(True), some=True),
    Rule(FORGETS_SILENCE, _within(None), _within(503)),
    Rule(RETRIES_GONE, _within(410), _within(404), returned(True)),
    Rule(RETRIES_CLIENT_ERRORS, _NOT_TEMPORARY, how=returned(True), some=True),
    Rule(FORGETS_TEMPORARY, _within(*TEMPORARY), _SUCCESS, returned(False), some=True),
    Rule(RETRIES_REDIRECTS, _REDIRECTS, how=returned(True), some=True),
    Rule(NO_BOOL, _every, how=_no_bool, some=True),
)

SHOULD_RETRY = judged(
    id="6.1",
    lab="06_retries",
    wants="should_retry(status) -> bool",
    hints=(
        "Group the statuses by their first digit. What does each group mean?",
        "None cannot be compared with a number. Handle it on the first line.",
        "Two groups are worth another attempt: 500 to 599, and a set of three 4xx.",
    ),
    contract=CONTRACT,
    space=Space({"status": 503, "again": 0}, _trials),
    observer=Function(lambda fields: [fields["status"]], _show, truth),
    mistakes=MISTAKES,
)
