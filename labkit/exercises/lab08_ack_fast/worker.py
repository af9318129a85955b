"""Exercise 8.2: a worker that loses no event, and that no event can block."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from labkit.checks import Exercise, Mistake, Question, describe, lines_of, short
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.exercises.lab08_ack_fast.jobs import Died, Enough, Queue

Work = Callable[..., Any]

LIMIT = 5
"""How often an event is tried at most."""

PATIENCE = 0.2
"""Seconds that work in another thread waits for its job to be deleted first."""

GRACE = 0.4
"""Seconds that are waited for work in another thread."""

MANY = 120
"""More jobs than a loop with a fixed number of rounds would process."""

LIVES = 15
"""How often a worker is restarted at most."""

NONE_JOB = Mistake(
    "takes-none-for-a-job",
    "Your code used the result of take() although it was None. None has no body, so "
    "your worker raises an exception each time the queue is empty.",
    "Check the result of take() before you use it, and return if it is None.",
)
NOT_THE_BODY = Mistake(
    "hands-over-something-else",
    "Your code called process with something other than the body of the job. The work "
    "needs the bytes of the event.",
    "Call process(job.body).",
)
NOT_A_JOB = Mistake(
    "hands-back-something-else",
    "Your code passed something other than the job to a method of the queue. The "
    "queue recognises only the jobs that it gave out.",
    "Pass the job that take() returned: queue.done(job).",
)
NO_WORK = Mistake(
    "nothing-is-processed",
    "Your code processed none of the jobs in the queue. Their events are "
    "acknowledged, so nobody else will do the work.",
    "Take a job, call process with its body, and then call done.",
)
ONE_JOB = Mistake(
    "works-on-one-job-only",
    "Your worker stopped after one job although more jobs were due. The jobs behind "
    "it wait forever.",
    "Put the work into a loop that ends when take() returns None.",
)
STOPS_EARLY = Mistake(
    "stops-although-more-is-due",
    "Your worker returned although more jobs were due. The rest waits until somebody "
    "calls it again, and the queue grows.",
    "End the loop only when take() returns None.",
)
OTHER_METHODS = Mistake(
    "uses-the-queue-otherwise",
    "Your code used a method or a field that the queue or the job does not have.",
    "Use only take(), done(job), later(job), bury(job, why), and job.id, job.body, "
    "job.attempt.",
)
NEVER_RETURNS = Mistake(
    "polls-an-empty-queue",
    "Your code called take() again after it had returned None. The code that called "
    "work waits for nothing.",
    "Return as soon as take() returns None.",
)
NO_END = Mistake(
    "no-end",
    "Your worker repeats the same steps and never empties the queue.",
    "Find the step that should remove each job: done or bury.",
)
DELETES_FIRST = Mistake(
    "deletes-before-the-work",
    "Your code deleted the job before its work was done. If the process crashes in "
    "between, the event is lost, because the sender does not retry after its 2xx.",
    "Call done after process has returned.",
)
NEVER_DELETES = Mistake(
    "never-deletes-what-is-done",
    "Your code left a finished job in the queue. The next worker gets it again and "
    "does the work a second time.",
    "Call queue.done(job) after process has returned, whatever it returned.",
)
PUTS_BACK_DONE = Mistake(
    "puts-back-what-is-done",
    "Your code put a job back although its work had succeeded. The work will be done "
    "a second time.",
    "Call done after a success, and later only after a failure.",
)
BURIES_THE_GOOD = Mistake(
    "buries-what-went-well",
    "Your code moved a good event to the dead letters. An operator who resends the "
    "dead letters repeats its work.",
    "Call bury only when all attempts have failed.",
)
TWICE = Mistake(
    "works-twice",
    "Your code processed a job twice although the first attempt succeeded.",
    "Call process(job.body) once for each job that take() returns.",
)
STOPS = Mistake(
    "stops-at-the-first-failure",
    "Your worker stopped when one event failed. All jobs behind it wait for a restart "
    "(head-of-line blocking).",
    "Put a try around process, and go on with the next job after a failure.",
)
NARROW = Mistake(
    "catches-only-some-exceptions",
    "Your code catches only some of the exceptions that process can raise. The first "
    "other exception stops the worker, and every job behind it waits.",
    "Catch Exception around the call to process, and nowhere else.",
)
DELETES_FAILED = Mistake(
    "deletes-what-failed",
    "Your code deleted a job although its work had failed. The sender got its 2xx, so "
    "the event is lost.",
    "Call done in an else block, not in a finally and not after the except.",
)
BURIES_AT_ONCE = Mistake(
    "buries-at-the-first-failure",
    "Your code buried a job after its first failure. Most failures are temporary, but "
    "now a person must look at each of them.",
    "Call later after a failure, and bury only when all attempts have failed.",
)
FORGETS_FAILED = Mistake(
    "loses-sight-of-the-failed",
    "Your code took a job but neither put it back nor buried it. The queue keeps it "
    "as taken, so no worker gets it until a restart.",
    "End every job with done, later or bury.",
)
ON_THE_SPOT = Mistake(
    "tries-again-on-the-spot",
    "Your code tried the failed event again while other jobs waited. What has just "
    "failed usually fails again, so one bad event delays all the others.",
    "Put the job back with later, and take the next one.",
)
SLEEPS = Mistake(
    "sleeps-while-others-wait",
    "Your worker slept after a failure. Every job behind the failed one waited too.",
    "Put the job back with later instead of sleeping, and take the next one.",
)
NO_LIMIT = Mistake(
    "no-limit",
    "Your code tried a failing event again without a limit. It never succeeds, and it "
    "takes time from the other jobs.",
    "Look at job.attempt, and bury the job when 5 attempts have failed.",
)
GONE_AT_THE_LIMIT = Mistake(
    "drops-what-it-gives-up",
    "Your code deleted an event after its last attempt, without a dead letter. Nobody "
    "can see that it was lost, and nobody can resend it.",
    "Call bury instead of done when all attempts have failed.",
)
OTHER_LIMIT = Mistake(
    "other-number-of-attempts",
    "Your code allows a number of attempts other than 5. The count in job.attempt "
    "starts at 1 and includes the current attempt.",
    "Compare job.attempt with 5, which is its value during the last allowed attempt.",
)
NO_REASON = Mistake(
    "reason-is-no-text",
    "Your code passed a reason to bury that is not a string. The database cannot "
    "store it, and a person must be able to read it.",
    "Pass a string, such as repr(error).",
)
COUNTS_IN_MEMORY = Mistake(
    "counts-attempts-in-memory",
    "Your code counts attempts in memory, so the count starts again after a restart. "
    "On a day with many restarts, a failing event is never given up.",
    "Use job.attempt, which the queue stores in its file.",
)
TAKES_AHEAD = Mistake(
    "takes-more-than-it-works-on",
    "Your code took a job while another one was still waiting for its work. A crash "
    "then uses up one attempt of each of them, and good events are buried.",
    "Finish one job with done, later or bury before you take the next one.",
)
DIES_FOR_EVER = Mistake(
    "dies-of-the-same-event-for-ever",
    "Your code processes a job again although it has crashed the process 5 times. No "
    "except runs in a crash, so the worker never gets to the jobs behind it.",
    "Look at job.attempt before you call process, and bury the job if it is more than "
    "5.",
)


class Surprise(Exception):
    """An exception of a class that no code names."""


def works_through(work: Work) -> None:
    """The worker processes each event and then deletes it, until the queue is empty."""
    queue = Queue("ABC", patience=PATIENCE)
    ask = _asking("A, B and C are in the queue, and nothing fails", ALL_DONE)
    _run(ask, work, queue)
    told = queue.story()
    if any(entry.startswith("later") for entry in queue.log):
        ask.fail(told, PUTS_BACK_DONE)
    _comes_to_an_end(ask, queue)
    if not queue.called.wait(GRACE):
        ask.fail(told, NO_WORK)
    if len(queue.processed) < len(queue.given):
        ask.fail(f"process({short(queue.given[0], 100)})", NOT_THE_BODY)
    if any(_deleted_first(queue, name) for name in "ABC"):
        ask.fail(told, DELETES_FIRST)
    if len(queue.processed) < 3:
        if queue.took_ahead:
            replace(ask, why=TAKEN_TWICE, try_next=TAKEN_TWICE_TRY).fail(told)
        ask.fail(told, ONE_JOB if len(queue.processed) == 1 else STOPS_EARLY)
    if len(queue.processed) > 3:
        ask.fail(told, TWICE)
    if queue.dead_letters:
        ask.fail(told, BURIES_THE_GOOD)
    if queue.left:
        ask.fail(f"{told}; still in the queue: {', '.join(queue.left)}", NEVER_DELETES)
    _works_through_many(work)


def _works_through_many(work: Work) -> None:
    queue = Queue([f"job {number}" for number in range(1, MANY + 1)])
    ask = _asking(f"{MANY} jobs are in the queue, and nothing fails", "all processed")
    _run(ask, work, queue)
    if len(queue.processed) < MANY:
        ask.fail(f"{len(queue.processed)} of them processed", STOPS_EARLY)


def tries_again_later(work: Work) -> None:
    """The worker processes a failed event again, after the others."""
    _fails_once(work, KeyError("amount"), STOPS)


def stands_any_exception(work: Work) -> None:
    """The worker continues, whatever process raises."""
    for error in (
        ValueError("no JSON"),
        sqlite3.OperationalError("database is locked"),
        ConnectionResetError("the parcel service hung up"),
        Surprise("never seen before"),
        RecursionError("nested too deep"),
        StopIteration(),
        AssertionError(),
    ):
        _fails_once(work, error, NARROW)


def buries_the_poison(work: Work) -> None:
    """The worker buries an event that failed 5 times, so it does not block others."""
    queue = Queue("ABC", fails={"A": [ValueError("no JSON")]})
    ask = _asking(
        "A, B and C are in the queue; process raises ValueError('no JSON') for A, "
        "each time",
        f"A processed {LIMIT} times and buried; B and C processed once and deleted",
    )
    slept = _run(ask, work, queue, escaped=STOPS)
    told, tries = queue.story(), queue.processed.count("A")
    if tries > LIMIT + 3:
        ask.fail(f"{told}; A was processed {tries} times", NO_LIMIT)
    _comes_to_an_end(ask, queue)
    _is_buried(ask, queue, "A", tries, LIMIT)
    _others_first(ask, queue, "A", "BC")
    if slept:
        ask.fail(f"{told}; slept {slept:g} s", SLEEPS)
    _all_done(ask, queue, "BC")


def counts_over_restarts(work: Work) -> None:
    """The worker also counts the attempts of an earlier process."""
    queue = Queue("AB", attempts={"A": 3, "B": 4}, fails={"A": [ValueError("no JSON")]})
    ask = _asking(
        "A was taken 3 times before, B 4 times, by a process that has ended; process "
        "raises ValueError('no JSON') for A, each time, and succeeds for B",
        "A processed 2 times and buried; B processed once and deleted",
    )
    _run(ask, work, queue, escaped=STOPS)
    tries = queue.processed.count("A")
    if tries > 2:
        ask.fail(f"{queue.story()}; A was processed {tries} times", COUNTS_IN_MEMORY)
    if "B" not in queue.processed:
        ask.fail(queue.story(), OTHER_LIMIT)
    _comes_to_an_end(ask, queue)
    _is_buried(ask, queue, "A", tries, 2)
    _all_done(ask, queue, "B")


def buries_what_kills(work: Work) -> None:
    """The worker buries an event that crashed the process 5 times."""
    queue = Queue("AB", kills="A")
    ask = _asking(
        "A and B are in the queue; each time that A is processed, the process crashes "
        "and is restarted",
        f"A processed {LIMIT} times, then buried; B processed once and deleted",
    )
    _run(ask, work, queue)
    told, tries = queue.story(), queue.processed.count("A")
    _stays_buried(ask, queue)
    if tries > LIMIT:
        ask.fail(f"{told}; A was processed {tries} times", DIES_FOR_EVER)
    if "B" in queue.dead_letters and "B" not in queue.processed:
        ask.fail(f"{told}; B was never tried", TAKES_AHEAD)
    _comes_to_an_end(ask, queue)
    _is_buried(ask, queue, "A", tries, LIMIT)
    _all_done(ask, queue, "B")


def buries_beyond_the_limit(work: Work) -> None:
    """The worker does not process an event that was taken more than 5 times before."""
    queue = Queue("ABCD", attempts={"A": 5, "B": 6, "C": 7, "D": 20})
    ask = _asking(
        "A was taken 5 times before, B 6 times, C 7 times and D 20 times, by processes "
        "that crashed",
        "A, B, C and D buried, and none of them processed",
    )
    _run(ask, work, queue)
    _comes_to_an_end(ask, queue)
    _stays_buried(ask, queue)
    if queue.processed:
        known = DIES_FOR_EVER if "A" in queue.processed else None
        ask.fail(queue.story(), known)
    for name in "ABCD":
        _is_buried(ask, queue, name, 0, 0)


def survives_death(work: Work) -> None:
    """No event is lost, wherever the process crashes."""

    def new(dies_at: int | None) -> Queue:
        poison = {"C": [Surprise("never seen before")]}
        return Queue("ABC", fails=poison, dies_at=dies_at)

    ask = _asking(
        "A, B and C are in the queue, C fails each time; the process crashes at one "
        "point and is restarted",
        f"A and B processed and deleted; C buried after at most {LIMIT} attempts",
    )
    calm = new(None)
    _run(ask, work, calm)
    for point in range(calm.points):
        queue = new(point)
        _run(ask, work, queue)
        told = queue.story()
        for name in "AB":
            if name not in queue.processed and name not in queue.left:
                ask.fail(f"{told}; {name} was never processed", DELETES_FIRST)
            if name in queue.dead_letters:
                ask.fail(told, BURIES_THE_GOOD)
        _comes_to_an_end(ask, queue)
        if queue.left:
            ask.fail(f"{told}; still in the queue: {', '.join(queue.left)}")
        if queue.processed.count("C") > LIMIT:
            ask.fail(told, DIES_FOR_EVER)


AFTER_BURIAL = (
    "Your code processed a job after it had buried it. The job is among the dead "
    "letters, but the worker works on it again, and the same crash ends the worker."
)
AFTER_BURIAL_TRY = "After bury, go on with the next job: continue, or an else."
TAKEN_TWICE = (
    "Your code called take() again before the job that it had taken was processed. "
    "Each call takes a job out of the line, so the first of the two is forgotten."
)
TAKEN_TWICE_TRY = "Call take() once for each round of the loop, and keep its result."
ALL_DONE = "A, B and C each processed, then deleted; then work returns"


def _asking(sent: str, expected: str) -> Question:
    return Question(
        sent=sent,
        expected=expected,
        why=(
            "The sender does not send this event again, so this queue has the only "
            "copy."
        ),
        try_next="Write down the steps for one job, and check what happens if the "
        "process crashes after each of them.",
    )


def _fails_once(work: Work, error: Exception, escaped: Mistake) -> None:
    queue = Queue("ABC", fails={"B": [error, None]})
    shown = f"{type(error).__name__}({', '.join(map(repr, error.args))})"
    ask = _asking(
        f"A, B and C are in the queue; process raises {shown} for B, the first time",
        "B processed again after C, then deleted, as A and C are",
    )
    slept = _run(ask, work, queue, escaped=escaped)
    told, tries = queue.story(), queue.processed.count("B")
    if queue.took_ahead:
        ask.fail(told, TAKES_AHEAD)
    if _deleted_first(queue, "B"):
        ask.fail(told, DELETES_FIRST)
    if tries == 1 and "B" not in queue.left and "B" not in queue.dead_letters:
        ask.fail(told, DELETES_FAILED)
    if "B" in queue.dead_letters:
        ask.fail(told, BURIES_AT_ONCE)
    if "C" not in queue.processed:
        ask.fail(told, STOPS)
    _comes_to_an_end(ask, queue)
    if tries == 1:
        ask.fail(f"{told}; B is still taken", FORGETS_FAILED)
    _others_first(ask, queue, "B", "C")
    if slept:
        known = NEVER_RETURNS if queue.idle > 1 else SLEEPS
        ask.fail(f"{told}; slept {slept:g} s", known)
    _all_done(ask, queue, "AC")
    if queue.left:
        ask.fail(f"{told}; still in the queue: {', '.join(queue.left)}", NEVER_DELETES)


def _run(
    ask: Question, work: Work, queue: Queue, escaped: Mistake | None = None
) -> float:
    """Let one process after the other work, and return how many seconds they slept.

    An exception that the worker lets out ends the case; `escaped` is the mistake when
    it is one that the work raised.
    """
    with real_sleeps() as slept:
        for _ in range(LIVES):
            try:
                ask.call(_live, ask, work, queue, escaped)
            except Died:
                queue.restart()
                continue
            except Enough:
                break
            if not queue.dead:
                break
            queue.restart()
    if queue.misused:
        _complain(ask, queue)
    return sum(slept)


def _live(ask: Question, work: Work, queue: Queue, escaped: Mistake | None) -> Any:
    """Let one process work to its end."""
    try:
        return work(queue, queue.process)
    except NotImplementedError:
        raise
    except Exception as error:  # noqa: BLE001 - a learner's worker lets out anything
        if queue.misused:
            _complain(ask, queue, lines_of(error))
        known = None
        if isinstance(error, (AttributeError, TypeError)):
            known = _misunderstood(str(error))
        if any(raised in (error, error.__cause__) for raised in queue.raised):
            known = escaped
        text = f"{queue.story()}; raised {describe(error)}"
        ask.fail(text, known, lines=lines_of(error))


def _misunderstood(text: str) -> Mistake | None:
    """Return the mistake behind Python's words about a missing attribute or method."""
    if "NoneType" in text:
        return NONE_JOB
    ours = ("'Queue' object", "'Job' object", "Queue.")
    return OTHER_METHODS if any(name in text for name in ours) else None


def _complain(ask: Question, queue: Queue, lines: Sequence[str] = ()) -> NoReturn:
    """End the case: the queue got something that is not a job."""
    nothing = queue.misused.endswith("(None)")
    ask.fail(queue.misused, NONE_JOB if nothing else NOT_A_JOB, lines=lines)


def _comes_to_an_end(ask: Question, queue: Queue) -> None:
    if queue.stuck:
        polls = queue.log[-3:] == ["take nothing"] * 3
        ask.fail(queue.story(), NEVER_RETURNS if polls else NO_END)


def _stays_buried(ask: Question, queue: Queue) -> None:
    """End the case if a job was processed after it had been buried."""
    for name in queue.dead_letters:
        if f"process {name}" in queue.log[queue.log.index(f"bury {name}") :]:
            replace(ask, why=AFTER_BURIAL, try_next=AFTER_BURIAL_TRY).fail(
                queue.story()
            )


def _deleted_first(queue: Queue, name: str) -> bool:
    """Whether a job was deleted and its work came after that, or never."""
    log, done, work = queue.log, f"done {name}", f"process {name}"
    if done not in log:
        return False
    place = log.index(done)
    return work in log[place:] or work not in log[:place]


def _others_first(ask: Question, queue: Queue, failing: str, others: str) -> None:
    """End the case if the failing job had a second try before all others had one."""
    order = queue.processed
    tries = [place for place, name in enumerate(order) if name == failing]
    second = tries[1] if len(tries) > 1 else len(order)
    if not set(others) <= set(order[:second]):
        ask.fail(queue.story(), ON_THE_SPOT)


def _is_buried(
    ask: Question, queue: Queue, name: str, tries: int, allowed: int
) -> None:
    told = f"{queue.story()}; {name} was processed {tries} times"
    if name in queue.left:
        ask.fail(f"{told} and is still in the queue", FORGETS_FAILED)
    if tries != allowed:
        ask.fail(told, OTHER_LIMIT)
    if name not in queue.dead_letters:
        ask.fail(f"{told} and is not among the dead letters", GONE_AT_THE_LIMIT)
    why = queue.dead_letters[name]
    if not isinstance(why, str):
        ask.fail(f"bury({name}, {short(why)})", NO_REASON)


def _all_done(ask: Question, queue: Queue, names: str) -> None:
    for name in names:
        if name in queue.dead_letters:
            ask.fail(queue.story(), BURIES_THE_GOOD)
        if name not in queue.processed:
            ask.fail(queue.story(), STOPS)
        if queue.processed.count(name) > 1:
            ask.fail(queue.story(), TWICE)
        if name in queue.left:
            ask.fail(queue.story(), NEVER_DELETES)


WORK = Exercise(
    id="8.2",
    lab="08_ack_fast",
    wants="work(queue, process)",
    cases=(
        works_through,
        tries_again_later,
        stands_any_exception,
        buries_the_poison,
        counts_over_restarts,
        buries_what_kills,
        survives_death,
        buries_beyond_the_limit,
    ),
    hints=(
        "`while (job := queue.take()) is not None:` is a loop that ends by itself.",
        (
            "Put only the call to `process` into the `try`. Its except chooses "
            "between later and bury, and its else deletes the job."
        ),
        (
            "In the except, job.attempt < 5 means that another attempt is allowed, so "
            "call later. Otherwise call bury, with repr(error) as the reason."
        ),
        (
            "If the process crashes, no except runs. But the next process gets a job "
            "whose attempt is 6 or more. Bury it before you process it."
        ),
    ),
)
