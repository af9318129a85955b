"""Exercise 8.2: a worker that loses nothing, and is not held up by anything."""

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
"""More jobs than any loop with a fixed number of rounds would think of."""

LIVES = 15
"""So often a worker is started again at most."""

NONE_JOB = Mistake(
    "takes-none-for-a-job",
    "take() gives None when nothing is due, and None has no body. Your worker ends "
    "with an exception each time it has finished.",
    "Look at what take() gave you before you use it, and return when it is None.",
)
NOT_THE_BODY = Mistake(
    "hands-over-something-else",
    "process works on the body of the event, the bytes that came in. A job is the "
    "envelope that the queue put around it.",
    "Call process(job.body).",
)
NOT_A_JOB = Mistake(
    "hands-back-something-else",
    "The queue knows its jobs by themselves, not by their bodies or ids.",
    "Hand the very job back that take() gave you: queue.done(job).",
)
NO_WORK = Mistake(
    "nothing-is-processed",
    "Jobs were in the queue and the work was not done on any of them. The events are "
    "acknowledged and nobody does what they ask for.",
    "Take a job, call process with its body, and delete it.",
)
ONE_JOB = Mistake(
    "works-on-one-job-only",
    "The worker stopped although more was due. Whatever comes behind the first job "
    "waits for ever.",
    "Put a loop around it that ends when take() gives None.",
)
STOPS_EARLY = Mistake(
    "stops-although-more-is-due",
    "The worker did a part of what was due and returned as if all were done. The rest "
    "waits until somebody calls it again, and the queue grows.",
    "Let the loop end in one case only: when take() gives None.",
)
OTHER_METHODS = Mistake(
    "uses-the-queue-otherwise",
    "The queue has four methods, and a job has three fields. What you asked for is "
    "not among them.",
    "Compare with the docstring: take(), done(job), later(job), bury(job, why); "
    "job.id, job.body, job.attempt.",
)
NEVER_RETURNS = Mistake(
    "polls-an-empty-queue",
    "take() said again and again that nothing is due, and you kept asking. Whoever "
    "called work never gets an answer.",
    "Return when take() gives None; whoever calls work decides when to call it again.",
)
NO_END = Mistake(
    "no-end",
    "The worker goes round in a circle and never gets through the queue.",
    "Which of your steps takes a job out of the queue for good?",
)
DELETES_FIRST = Mistake(
    "deletes-before-the-work",
    "The job was deleted when its work was not yet done. If the process dies in "
    "between, the event is in no queue and no parcel left: the sender has its 2xx, so "
    "nobody will send it again.",
    "Call done behind process, when process has returned.",
)
NEVER_DELETES = Mistake(
    "never-deletes-what-is-done",
    "The work is done and the job is still in the queue. At the next start it is given "
    "out again, and the work is done again.",
    "Call queue.done(job) when process has returned, whatever it returned.",
)
PUTS_BACK_DONE = Mistake(
    "puts-back-what-is-done",
    "The work went well, and the job went back into the queue, to be done once more.",
    "later is for a failure; what went well is deleted with done.",
)
BURIES_THE_GOOD = Mistake(
    "buries-what-went-well",
    "An event is among the dead letters although nothing was wrong with it. An "
    "operator who resends the dead letters does its work twice.",
    "Call bury in one case only: when the attempts are used up.",
)
TWICE = Mistake(
    "works-twice",
    "process was called twice for a job that went well the first time.",
    "Call process(job.body) once for each job that take() gives you.",
)
STOPS = Mistake(
    "stops-at-the-first-failure",
    "One event failed and the worker stopped. All that stand behind it wait for a "
    "restart, and then for the same event again.",
    "Put a try around process, and go on with the next job after a failure.",
)
NARROW = Mistake(
    "catches-only-some-exceptions",
    "process calls a database, a parcel service and code of other people: it may raise "
    "anything. The first exception that you did not think of stops the worker, and "
    "every event behind it waits.",
    "Catch Exception around process, and around nothing else.",
)
DELETES_FAILED = Mistake(
    "deletes-what-failed",
    "The work failed and the job was deleted all the same. It was acknowledged, so the "
    "sender has crossed it off; now you have too.",
    "Call done where process has returned, not in a finally and not after the except.",
)
BURIES_AT_ONCE = Mistake(
    "buries-at-the-first-failure",
    "Most failures pass: a restart, a lock, a busy service. Each of them now ends "
    "among the dead letters, and a person has to look at it.",
    "Put the job back with later, and bury it only when its attempts are used up.",
)
FORGETS_FAILED = Mistake(
    "loses-sight-of-the-failed",
    "The job was taken and neither put back nor buried. As long as this worker lives, "
    "the queue believes that it is being worked on.",
    "End every job that was taken with done, later or bury.",
)
ON_THE_SPOT = Mistake(
    "tries-again-on-the-spot",
    "The failing event was tried again while the others waited. What failed a moment "
    "ago mostly fails again, and one bad event keeps all the good ones waiting.",
    "Put it back with later, and take the next job. It comes again when the others are "
    "through.",
)
SLEEPS = Mistake(
    "sleeps-while-others-wait",
    "The worker slept because one event had failed. Every event behind it waited too, "
    "and nothing was wrong with them.",
    "Do not sleep: put the job back with later and take the next one.",
)
NO_LIMIT = Mistake(
    "no-limit",
    "An event that can't be worked on was tried again and again. It never goes well, "
    "it is on no list that anybody reads, and it takes time from the others for ever.",
    f"Look at job.attempt, and bury the job when {LIMIT} attempts have failed.",
)
GONE_AT_THE_LIMIT = Mistake(
    "drops-what-it-gives-up",
    "After its last attempt the event was deleted and nothing is left of it. Nobody "
    "can see that it was lost, and nobody can resend it.",
    "Call bury in place of done when you give an event up.",
)
OTHER_LIMIT = Mistake(
    "other-number-of-attempts",
    f"The limit is {LIMIT} attempts, and job.attempt counts them from 1, the present "
    "one included.",
    f"What is job.attempt during the last attempt that is allowed? It is {LIMIT} then.",
)
NO_REASON = Mistake(
    "reason-is-no-text",
    "The reason goes into a column of text, for the person who reads the dead letters. "
    "A database refuses to store an exception.",
    "Hand over a text, such as repr(error).",
)
COUNTS_IN_MEMORY = Mistake(
    "counts-attempts-in-memory",
    "You counted from the start of this worker. After a restart the count begins "
    "anew, and an event that fails is never given up on a day with many restarts.",
    "Use job.attempt: the queue counts, and its count survives.",
)
TAKES_AHEAD = Mistake(
    "takes-more-than-it-works-on",
    "You took jobs while another one was still to be worked on. Each death counted as "
    "an attempt of all of them, and good events were buried that were never tried.",
    "Take one job, bring it to its end, and only then take the next one.",
)
DIES_FOR_EVER = Mistake(
    "dies-of-the-same-event-for-ever",
    "Some work kills the process: it runs out of memory, or a library crashes. No "
    "except sees that. After each restart your worker took the same event again, died "
    "again, and the events behind it never had a turn.",
    f"Look at job.attempt before you call process: beyond {LIMIT}, bury the job "
    "untried.",
)


class Surprise(Exception):
    """An exception that nobody has thought of."""


def works_through(work: Work) -> None:
    """Each event is processed and then deleted, until the queue is empty."""
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
    """What failed comes again, after the others."""
    _fails_once(work, KeyError("amount"), STOPS)


def stands_any_exception(work: Work) -> None:
    """Whatever process raises, the worker goes on."""
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
    """What fails 5 times is buried, and holds up nobody."""
    queue = Queue("ABC", fails={"A": [ValueError("no JSON")]})
    ask = _asking(
        "A, B and C are in the queue; process raises ValueError('no JSON') over A, "
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
    """Attempts of an earlier process count too."""
    queue = Queue("AB", attempts={"A": 3, "B": 4}, fails={"A": [ValueError("no JSON")]})
    ask = _asking(
        "A was taken 3 times before, B 4 times, by a process that is gone; process "
        "raises ValueError('no JSON') over A, each time, and nothing over B",
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
    """What kills the process 5 times is buried, and holds up nobody."""
    queue = Queue("AB", kills="A")
    ask = _asking(
        "A and B are in the queue; over A the process dies, each time, and is started "
        "again",
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
    """What was taken more than 5 times before is buried without another attempt."""
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
    """Wherever the process dies, nothing is lost."""

    def new(dies_at: int | None) -> Queue:
        poison = {"C": [Surprise("never seen before")]}
        return Queue("ABC", fails=poison, dies_at=dies_at)

    ask = _asking(
        "A, B and C are in the queue, C fails each time; the process dies at one point "
        "and is started again",
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
        why="The event is acknowledged; this queue is the only place that has it.",
        try_next="Write down the steps for one job, and ask at each of them: what if "
        "the process died here?",
    )


def _fails_once(work: Work, error: Exception, escaped: Mistake) -> None:
    queue = Queue("ABC", fails={"B": [error, None]})
    shown = f"{type(error).__name__}({', '.join(map(repr, error.args))})"
    ask = _asking(
        f"A, B and C are in the queue; process raises {shown} over B, the first time",
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
    """End the case: the queue was handed something that is no job."""
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
        "while (job := queue.take()) is not None: is a loop that ends by itself.",
        (
            "Let `try` hold the call of process alone. Its except decides between "
            "later and bury, its else deletes the job."
        ),
        (
            "In the except, job.attempt < 5 means that another attempt is allowed: "
            "later. Otherwise bury, with repr(error) as the reason."
        ),
        (
            "When the process dies, no except runs. The next process can see it: it is "
            "given a job whose attempt is 6. Bury that one before you process it."
        ),
    ),
)
