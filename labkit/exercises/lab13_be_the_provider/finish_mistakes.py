"""The mistakes of exercise 13.5, each with the edits of the reference that prove it."""

from collections.abc import Callable
from typing import Any

from labkit.checks.mistakes import Proof, Rule, edit, mistakes, raised
from labkit.checks.space import Fields

NO_RESPONSE, GIVES_UP, RETRIES_ALL, GONE, NO_END, TOO_FEW, OTHER_DELAY = mistakes("""
    fails-without-response: Your code uses None as a number. If no response
        arrived there is no status, and a worker that fails here stores nothing.
        Try: Check for None before you compare the status with numbers.
    gives-up-on-temporary-failures: Your code gives up after a temporary failure. An
        event that arrives while the receiver restarts is then lost.
        Try: Retry after no response, 408, 425, 429 and every 5xx.
    retries-what-cannot-succeed: Your code retries after a status that says that this
        request is wrong. The next attempt sends the same bytes and gets the same
        response.
        Try: End the delivery after a 3xx, and after every 4xx except 408, 425 and 429.
    keeps-a-gone-endpoint: Your code does not disable the endpoint after 410. The
        receiver has said that it wants no more events (four of six real senders
        continued).
        Try: Set `enabled` to 0 after 410.
    no-end: Your code does not end the delivery when the schedule is used up. It raises
        or tries forever, and there is no dead letter.
        Try: Compare `made` with the length of the schedule.
    one-attempt-too-few: Your code gives up one attempt too early. Ten attempts have
        nine delays between them.
        Try: The delivery is dead only if `made` was the length of the schedule before
        this attempt.
    another-delay: Your code does not use the delay that the schedule has for this
        attempt.
        Try: After the first attempt, `made` in `delivery` is 0: use SCHEDULE[made].
""")
NO_JITTER, IGNORES_WISH, NO_CAP, WISH_ALONE, WISH_FAILS, WISH_ALWAYS = mistakes("""
    no-jitter: Your code uses the upper bound itself as the delay. Deliveries that
        failed together come back together (thundering herd).
        Try: Draw the delay with `rng.uniform(0, SCHEDULE[made])`.
    ignores-retry-after: Your code ignores Retry-After. An overloaded receiver asks for
        time and gets the next request too early.
        Try: Use the larger of the drawn delay and the requested delay.
    no-cap-on-retry-after: Your code accepts any Retry-After. An endpoint can then delay
        a delivery for years.
        Try: Limit the requested delay to 86,400 seconds.
    retry-after-replaces-the-delay: Your code uses a Retry-After that is shorter than
        the drawn delay. A receiver could disable your backoff with Retry-After: 0.
        Try: Use the maximum of the two.
    fails-on-retry-after: Your code raises for a Retry-After that is not a number. The
        header is untrusted input, and one bad endpoint must not stop the worker.
        Try: Check that the text consists of ASCII digits before you call int.
    retry-after-for-any-status: Your code uses Retry-After after statuses other than 429
        and 503.
        Try: Look at the status before you look at the header.
""")
STALE, KEEPS_CLAIM, NO_LOG, NUMBER, NOT_COUNTED, NO_RESET, NO_FAILURE = mistakes("""
    ignores-a-lost-claim: Your code stores the result although another worker has
        claimed the delivery in the meantime. The claim of that other worker then ends
        in the middle of its attempt.
        Try: Add a condition on `worker` to the UPDATE, and stop if rowcount is 0.
    keeps-the-claim: Your code does not end the claim. Nobody can claim the delivery
        before the lease is over, and the endpoint counts as busy.
        Try: Set `worker` to NULL and `leased` to 0.
    no-row-in-attempts: Your code does not store the attempt. The owner of the endpoint
        cannot see why nothing arrives.
        Try: Insert one row into `attempts` after each attempt.
    numbers-from-zero: Your code counts attempts from 0. The tables count them from 1.
        Try: Store `made` + 1 as the number.
    does-not-count: Your code does not increase `made`. Each retry then has the first
        delay, and the delivery never ends.
        Try: Set `made` to `made` + 1.
    does-not-reset-failures: Your code does not reset `failures` of the endpoint after a
        success. This column counts failures in a row, so a success must reset it.
        Try: Set `failures` to 0 after a 2xx.
    does-not-count-failures: Your code does not count the dead letter as a failure of
        its endpoint. No one then notices that the endpoint is permanently down.
        Try: Increase `failures` of the endpoint when a delivery is dead.
""")
PIECES, NO_COMMIT, SUCCESS = mistakes("""
    several-transactions: Your code commits in several steps. After a crash in between,
        the file contains the attempt but not its result, or the result but not the
        attempt.
        Try: Put all statements into one `with db:` block.
    does-not-commit: Your code returns before its changes are committed. They are lost,
        and the file stays locked for the other workers.
        Try: Put all statements into one `with db:` block.
    only-200-is-success: Your code treats only some 2xx as a success. The receiver has
        acknowledged the event, and gets it again.
        Try: Compare with the range from 200 to 299.
""")


def _state(*statuses: Any) -> Callable[[Fields], bool]:
    return lambda fields: (
        fields["look"] == "state"
        and fields["status"] in statuses
        and fields["made"] == 0
        and fields["retry_after"] is None
    )


AGAIN = "again = status is None or status in (408, 425, 429) or status >= 500"
WISH = "if status in (429, 503) and wish and wish.isascii() and wish.isdigit():"
CLAIM = "SET worker = NULL, leased = 0, made = made + 1"
MISTAKES: list[Proof] = [
    Rule(
        NO_RESPONSE,
        _state(None),
        _state(200, 503),
        raised("TypeError"),
        may=lambda fields: fields["status"] is None,
    ),
    edit(GIVES_UP, (AGAIN, "again = status is None")),
    edit(GIVES_UP, (AGAIN, "again = status is None or status >= 500")),
    edit(GIVES_UP, (AGAIN, "again = status is None or status in (429, 503)")),
    edit(GIVES_UP, (AGAIN, "again = status is not None and status >= 500")),
    edit(RETRIES_ALL, (AGAIN, "again = True")),
    edit(RETRIES_ALL, (AGAIN, "again = status != 410")),
    edit(RETRIES_ALL, (AGAIN, "again = status is None or status >= 400")),
    edit(GONE, ("if status == 410:", "if False:")),
    edit(NO_END, ("elif again and made < len(SCHEDULE):", "elif again:")),
    edit(
        NO_END,
        ("elif again and made < len(SCHEDULE):", "elif again:"),
        ("SCHEDULE[made])", "SCHEDULE[min(made, 8)])"),
    ),
    edit(TOO_FEW, ("made < len(SCHEDULE)", "made < len(SCHEDULE) - 1")),
    edit(
        OTHER_DELAY,
        ("SCHEDULE[made])", "SCHEDULE[min(made + 1, 8)])"),
    ),
    edit(OTHER_DELAY, ("SCHEDULE[made])", "SCHEDULE[made - 1])")),
    edit(OTHER_DELAY, ("SCHEDULE[made])", "SCHEDULE[0])")),
    edit(NO_JITTER, ("rng.uniform(0, SCHEDULE[made])", "SCHEDULE[made]")),
    edit(IGNORES_WISH, (WISH, "if False:")),
    edit(IGNORES_WISH, ("status in (429, 503)", "status == 429")),
    edit(NO_CAP, ("min(int(wish), 86_400)", "int(wish)")),
    edit(WISH_ALONE, ("max(delay, min(int(wish), 86_400))", "min(int(wish), 86_400)")),
    Rule(
        WISH_FAILS,
        lambda f: f["look"] == "state" and f["retry_after"] in ("soon", "12 s", "²"),
        lambda f: f["retry_after"] in ("120", "7"),
        raised("ValueError"),
        some=True,
        may=lambda f: bool(f["retry_after"] is not None),
    ),
    edit(WISH_ALWAYS, ("if status in (429, 503) and wish", "if wish")),
    edit(STALE, (' WHERE id = ? AND worker = ?"', " WHERE id = ? AND ? != ''\"")),
    Rule(
        STALE,
        lambda f: f["look"] == "meanwhile",
        lambda f: f["look"] in ("all", "state", "claim"),
        lambda _, seen: seen.value == (None, True),
        some=True,
    ),
    edit(KEEPS_CLAIM, (CLAIM, "SET made = made + 1")),
    edit(KEEPS_CLAIM, (CLAIM, "SET worker = NULL, made = made + 1")),
    edit(KEEPS_CLAIM, (CLAIM, "SET leased = 0, made = made + 1")),
    Rule(
        NO_LOG,
        lambda f: f["look"] == "attempts",
        lambda f: f["look"] in ("claim", "state"),
        lambda _, seen: seen.value == (None, []),
    ),
    edit(NUMBER, ("made + 1, now", "made, now")),
    edit(NOT_COUNTED, (CLAIM, "SET worker = NULL, leased = 0")),
    edit(NO_RESET, ('"failures = 0"', '"failures = failures"')),
    edit(NO_FAILURE, ("failures = failures + 1", "failures = failures")),
    Rule(
        PIECES,
        lambda f: f["look"] == "states",
        lambda f: f["look"] in ("claim", "state", "endpoints"),
        lambda _, seen: seen.error is None and seen.value[1] > 2,
        some=True,
    ),
    edit(NO_COMMIT, ("    with db:", "    if True:")),
    edit(SUCCESS, ("200 <= status < 300", "status == 200")),
    edit(SUCCESS, ("200 <= status < 300", "status in (200, 201, 202, 204)")),
]
