"""6.1: which outcome of an attempt is worth another one."""

from collections.abc import Callable

from labkit.checks import Exercise, Mistake, Question, quietly, short

ShouldRetry = Callable[[int | None], bool]

STATUS_AS_TEXT = Mistake(
    "takes-the-status-for-text",
    "The status comes as a number, like 503. A number has no letters to look at, and "
    'it equals no text: 503 == "503" is False.',
    "Compare it as a number, for example with 500 <= status.",
)
OPPOSITE = Mistake(
    "answers-the-opposite",
    "You answer whether the delivery went well. The question is whether to send "
    "again: as it is, what arrived is sent again and what failed is forgotten.",
    "Ask of each status what one more attempt could still gain.",
)
NO_SERVER_ERRORS = Mistake(
    "gives-up-on-server-errors",
    "A 5xx says that the trouble is on the receiver's side: a restart, a full disk, a "
    "new release. Most of that is over in minutes, and the event would be lost over "
    "it.",
    "Let every status from 500 on be tried again.",
)
LISTS_SERVER_ERRORS = Mistake(
    "lists-only-some-server-errors",
    "Proxies and clouds answer with 5xx numbers that no list foresees: 507, 520, 529. "
    "The first digit is what counts; the rest is detail.",
    "Ask for the range from 500 to 599 and drop the list.",
)
RETRIES_SUCCESS = Mistake(
    "retries-what-was-acknowledged",
    "A 2xx says: I have it. Who sends again all the same makes the duplicate himself.",
    "Let no status from 200 to 299 be tried again.",
)
ONLY_200 = Mistake(
    "only-200-is-success",
    "Receivers answer 201, 202 or 204 as well, and all of them mean: I have it. To "
    "try again after a 204 makes a duplicate of every event.",
    "Let the whole range from 200 to 299 count as acknowledged.",
)
FORGETS_SILENCE = Mistake(
    "forgets-no-answer",
    "None stands for no answer at all: refused, cut off, timed out. It is the most "
    "common failure there is, and the one that a retry mends best.",
    "Look for None first, before you compare numbers.",
)
RETRIES_CLIENT_ERRORS = Mistake(
    "retries-client-errors",
    "A 4xx says that this request is wrong. The next one would be the same bytes, and "
    "get the same answer: days of traffic for nothing.",
    "Let a 4xx end it, apart from the few that speak of time.",
)
RETRIES_GONE = Mistake(
    "retries-410",
    "410 Gone is the one status by which a receiver says: never again. Who goes on "
    "knocks for days at a door that was closed on purpose.",
    "Take 410 out of what is tried again.",
)
FORGETS_TEMPORARY = Mistake(
    "forgets-the-4xx-that-speak-of-time",
    "408, 425 and 429 say: not now. Too slow, too early, too many. The same request "
    "goes through a little later, and here its event is lost.",
    "Name these three as exceptions among the 4xx.",
)
RETRIES_REDIRECTS = Mistake(
    "retries-redirects",
    "A 3xx says that the address has changed. The old address will answer the same "
    "tomorrow; a person has to enter the new one.",
    "Let a 3xx end it. It is no success either, but that is another function's matter.",
)
NO_BOOL = Mistake(
    "not-true-or-false",
    "The caller asks a question of yes or no. A function that comes to its end "
    "without a `return` answers None, which is neither.",
    "End every path through the function with `return True` or `return False`.",
)

TEMPORARY_4XX = (408, 425, 429)


def retries_server_errors(should_retry: ShouldRetry) -> None:
    """A server error, any 5xx, is worth another attempt."""
    text = {AttributeError: STATUS_AS_TEXT, TypeError: STATUS_AS_TEXT}
    ask = _about_status(503, wanted=True)
    answered = _yes_or_no(ask, should_retry, 503, known=text)
    if not answered:
        if quietly(should_retry, "503") is True:
            ask.fail("False", STATUS_AS_TEXT)
        upside_down = quietly(should_retry, 200) is True
        ask.fail("False", OPPOSITE if upside_down else NO_SERVER_ERRORS)
    for status in (500, *range(501, 600)):
        ask = _about_status(status, wanted=True)
        if not _yes_or_no(ask, should_retry, status, known=text):
            ask.fail("False", LISTS_SERVER_ERRORS)


def leaves_success_alone(should_retry: ShouldRetry) -> None:
    """What was acknowledged, any 2xx, is not sent again."""
    ask = _about_status(200, wanted=False)
    if _yes_or_no(ask, should_retry, 200):
        ask.fail("True", RETRIES_SUCCESS)
    for status in (204, *range(201, 300)):
        ask = _about_status(status, wanted=False)
        if _yes_or_no(ask, should_retry, status):
            ask.fail("True", ONLY_200)


def retries_silence(should_retry: ShouldRetry) -> None:
    """No answer at all is worth another attempt."""
    ask = _about_status(None, wanted=True)
    known = {TypeError: FORGETS_SILENCE, AttributeError: FORGETS_SILENCE}
    answered = ask.call(should_retry, None, known=known)
    if not answered:
        ask.fail(short(answered), FORGETS_SILENCE)


def gives_up_on_client_errors(should_retry: ShouldRetry) -> None:
    """A request that the receiver calls wrong, a 4xx, is not repeated."""
    others = [s for s in range(400, 500) if s not in (*TEMPORARY_4XX, 410)]
    for status in (404, *others):
        ask = _about_status(status, wanted=False)
        if _yes_or_no(ask, should_retry, status):
            ask.fail("True", RETRIES_CLIENT_ERRORS)


def takes_gone_at_its_word(should_retry: ShouldRetry) -> None:
    """410 Gone ends it."""
    ask = _about_status(410, wanted=False)
    if _yes_or_no(ask, should_retry, 410):
        ask.fail("True", RETRIES_GONE)


def retries_later_what_is_only_early(should_retry: ShouldRetry) -> None:
    """408, 425 and 429 are worth another attempt: they speak of time."""
    for status in reversed(TEMPORARY_4XX):
        ask = _about_status(status, wanted=True)
        if not _yes_or_no(ask, should_retry, status):
            ask.fail("False", FORGETS_TEMPORARY)


def leaves_redirects_alone(should_retry: ShouldRetry) -> None:
    """A redirect, any 3xx, is not repeated."""
    for status in (301, *range(300, 400)):
        ask = _about_status(status, wanted=False)
        if _yes_or_no(ask, should_retry, status):
            ask.fail("True", RETRIES_REDIRECTS)


def _about_status(status: int | None, *, wanted: bool) -> Question:
    return Question(
        sent="None: no answer at all" if status is None else f"status {status}",
        expected=str(wanted),
        why="One more attempt helps where the trouble may pass, and nowhere else.",
        try_next="Go through the four hundreds and the five hundreds one by one.",
    )


def _yes_or_no(
    ask: Question,
    should_retry: ShouldRetry,
    status: int,
    *,
    known: dict[type[BaseException], Mistake] | None = None,
) -> bool:
    answered: object = ask.call(should_retry, status, known=known)
    if not isinstance(answered, int) or answered not in (0, 1):
        ask.fail(short(answered), NO_BOOL)
    return bool(answered)


SHOULD_RETRY = Exercise(
    id="6.1",
    lab="06_retries",
    wants="should_retry(status) -> bool",
    cases=(
        retries_server_errors,
        leaves_success_alone,
        retries_silence,
        gives_up_on_client_errors,
        takes_gone_at_its_word,
        retries_later_what_is_only_early,
        leaves_redirects_alone,
    ),
    hints=(
        "Sort what may come into groups by its first digit. What does each say?",
        "None can't be compared with a number. Settle it on the first line.",
        "Two groups are worth another attempt: 500 to 599, and a set of three 4xx.",
    ),
)
