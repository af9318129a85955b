"""The mistakes of 8.2, each with its proof."""

from collections.abc import Callable

from labkit.checks import Mistake
from labkit.checks.mistakes import Rule, always, never
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab08_ack_fast.jobs import Died
from labkit.exercises.lab08_ack_fast.working import LIMIT, Worked

BAD = ValueError("no JSON")
"""What the work on a hopeless job raises each time."""
FIRST_ERROR = KeyError("amount")
"""The failure that the first trials show."""

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
    "Your worker stopped after one job although more jobs were waiting. The jobs "
    "behind it wait forever.",
    "Put the work into a loop that ends when take() returns None.",
)
STOPS_EARLY = Mistake(
    "stops-although-more-is-due",
    "Your worker returned although more jobs were waiting. The rest waits until the "
    "worker is called again, and the queue grows.",
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
AFTER_BURIAL = Mistake(
    "works-after-bury",
    "Your code processed a job after it had buried it. The job is among the dead "
    "letters, but the worker works on it again, and the same crash ends the worker.",
    "After bury, go on with the next job: continue, or an else.",
)
TAKEN_TWICE = Mistake(
    "takes-twice-in-one-round",
    "Your code called take() again before the job that it had taken was processed. "
    "Each call takes a job out of the line, so the first of the two is forgotten.",
    "Call take() once for each round of the loop, and keep its result.",
)

Shows = Callable[[Worked, Fields], bool]


def _is_calm(fields: Fields) -> bool:
    """Whether nothing fails in a trial, and no job was taken before."""
    return not (fields["fails"] or fields["attempts"]) and fields["dies_at"] is None


def _calm(shows: Callable[[Worked], bool]) -> Shows:
    return lambda work, fields: (
        _is_calm(fields) and work.error is None and not work.queue.stuck and shows(work)
    )


def _failing_job(shows: Callable[[Worked, str], bool]) -> Shows:
    """Accept what `shows` accepts of a job whose work raises an exception first."""
    return lambda work, fields: any(
        isinstance(errors[0], Exception) and shows(work, name)
        for name, errors in fields["fails"].items()
    )


def _hopeless(shows: Callable[[Worked, str, int], bool]) -> Shows:
    """Accept what `shows` accepts of a job that always fails, with what is allowed."""

    def accepts(work: Worked, fields: Fields) -> bool:
        return any(
            shows(work, name, LIMIT - fields["attempts"].get(name, 0))
            for name, errors in fields["fails"].items()
            if errors == [BAD] and fields["dies_at"] is None
        )

    return accepts


def _says(work: Worked, *words: str) -> bool:
    error = work.error
    about_types = isinstance(error, (AttributeError, TypeError)) and not work.escaped
    return about_types and any(word in str(error) for word in words)


def _takes_none(work: Worked, _: Fields) -> bool:
    return work.queue.misused.endswith("(None)") or _says(work, "NoneType")


def _other_methods(work: Worked, _: Fields) -> bool:
    return _says(work, "'Queue' object", "'Job' object", "Queue.")


def _does_nothing(work: Worked, fields: Fields) -> bool:
    ended = work.error is None and not work.queue.stuck
    return ended and bool(fields["names"]) and not work.queue.given


def _stops(work: Worked, fields: Fields) -> bool:
    if not fields["fails"] or work.queue.stuck or work.queue.misused:
        return False
    waiting = set(work.queue.left) - set(work.queue.processed)
    return work.escaped or (work.error is None and bool(waiting))


def _lets_out(work: Worked, _: Fields) -> bool:
    """Whether an exception of process got out before anything was done about it."""
    return work.escaped and work.queue.log[-1].startswith("process")


def _puts_back_done(work: Worked, fields: Fields) -> bool:
    log = work.queue.log
    return _is_calm(fields) and any(
        f"later {name}" in log[log.index(f"process {name}") :]
        for name in set(work.queue.processed)
    )


def _good_is_buried(work: Worked, fields: Fields) -> bool:
    return fields["dies_at"] is None and any(
        name not in fields["fails"]
        and work.tries(name)
        and name in work.queue.processed
        for name in work.queue.dead_letters
    )


def _never_deletes(work: Worked) -> bool:
    queue = work.queue
    return set(queue.left) <= set(queue.processed) and bool(queue.left)


def _deletes_failed(work: Worked, name: str) -> bool:
    gone = name not in work.queue.left and name not in work.queue.dead_letters
    return gone and work.tries(name) == 1 and f"done {name}" in work.queue.log


def _forgets(work: Worked, name: str) -> bool:
    ended = {f"{verb} {name}" for verb in ("done", "later", "bury")}
    if work.error is not None or work.queue.stuck:
        return False
    return name in work.queue.left and not ended & set(work.queue.log)


def _on_the_spot(work: Worked, name: str) -> bool:
    order = work.queue.processed
    tries = [place for place, each in enumerate(order) if each == name]
    before = set(order[: tries[1]]) if len(tries) > 1 else set(work.queue.names)
    return not set(work.queue.names) <= before


def _forgets_what_it_took(work: Worked, _: Fields) -> bool:
    queue = work.queue
    ended = work.error is None and not queue.stuck
    forgotten = any(row.waits for row in queue.rows)
    return ended and queue.took_ahead and forgotten


def _stopped_after(work: Worked) -> int:
    """Return how many jobs were processed; 0 if none waits, or some were forgotten."""
    queue = work.queue
    waits = any(row.name not in queue.processed for row in queue.rows)
    return len(queue.processed) if waits and not queue.took_ahead else 0


_no_limit = _hopeless(lambda work, name, _: work.tries(name) > LIMIT + 3)


def _no_end(work: Worked, fields: Fields) -> bool:
    stuck = work.queue.stuck and not work.polls
    return stuck and not (_is_calm(fields) or _no_limit(work, fields))


def _other_limit(work: Worked, name: str, allowed: int) -> bool:
    buried = name in work.queue.dead_letters
    return buried and work.tries(name) not in (allowed, 0)


def _gone(work: Worked, name: str, allowed: int) -> bool:
    gone = name not in work.queue.left and name not in work.queue.dead_letters
    return gone and work.tries(name) == allowed


def _no_reason(work: Worked, _: Fields) -> bool:
    return not all(isinstance(why, str) for why in work.queue.dead_letters.values())


def _dies_again(work: Worked, fields: Fields) -> bool:
    crashing = [name for name, errors in fields["fails"].items() if Died in errors]
    crashing += [name for name, before in fields["attempts"].items() if before == LIMIT]
    return not work.after_burial and any(
        work.tries(name) + fields["attempts"].get(name, 0) > LIMIT for name in crashing
    )


def _untried_is_buried(work: Worked, fields: Fields) -> bool:
    crashes = any(Died in errors for errors in fields["fails"].values())
    return (crashes or fields["dies_at"] is not None) and any(
        not work.tries(name) and fields["attempts"].get(name, 0) < LIMIT
        for name in work.queue.dead_letters
    )


def _first_error(fields: Fields) -> bool:
    errors = [errors[0] for errors in fields["fails"].values()]
    return errors == [FIRST_ERROR]


def _other_error(fields: Fields) -> bool:
    return bool(fields["fails"]) and not _first_error(fields)


def _has_jobs(fields: Fields) -> bool:
    return fields["about"] == "done" and bool(fields["names"])


def _has_several_jobs(fields: Fields) -> bool:
    return _is_calm(fields) and len(fields["names"]) > 1


def _is_one_job(fields: Fields) -> bool:
    """Whether a trial shows too little to tell what is wrong."""
    return _is_calm(fields) and len(fields["names"]) == 1


def _is_limit(fields: Fields) -> bool:
    return bool(fields["about"] == "limit")


def _rule(
    mistake: Mistake,
    shows: Shows,
    differs: Callable[[Fields], bool] = always,
    agrees: Callable[[Fields], bool] = never,
    *,
    may: Callable[[Fields], bool] = never,
    some: bool = True,
) -> Rule:

    def how(fields: Fields, seen: Seen) -> bool:
        return isinstance(seen.result, Worked) and shows(seen.result, fields)

    return Rule(mistake, differs, agrees, how, some, may)


MISTAKES = (
    _rule(NONE_JOB, _takes_none),
    _rule(NOT_A_JOB, lambda work, _: bool(work.queue.misused)),
    _rule(OTHER_METHODS, _other_methods),
    _rule(PUTS_BACK_DONE, _puts_back_done),
    _rule(NEVER_RETURNS, lambda work, _: work.polls and not work.queue.took_ahead),
    _rule(NO_WORK, _does_nothing, _has_jobs, some=False),
    _rule(NOT_THE_BODY, lambda w, _: len(w.queue.processed) < len(w.queue.given)),
    _rule(
        DELETES_FIRST,
        lambda w, _: bool(w.deleted_first and w.queue.given),
        lambda fields: not _is_one_job(fields),
        may=_is_one_job,  # on a busy machine, a thread may not get to its work there
    ),
    _rule(TAKEN_TWICE, _forgets_what_it_took, _has_several_jobs, may=_is_one_job),
    _rule(ONE_JOB, _calm(lambda work: _stopped_after(work) == 1)),
    _rule(STOPS_EARLY, _calm(lambda work: _stopped_after(work) > 1)),
    _rule(TWICE, _calm(lambda w: len(w.queue.processed) > len(w.queue.names))),
    _rule(BURIES_THE_GOOD, _good_is_buried),
    _rule(NEVER_DELETES, _calm(_never_deletes)),
    _rule(
        TAKES_AHEAD,
        lambda w, f: w.queue.took_ahead and not _forgets_what_it_took(w, f),
    ),
    _rule(DELETES_FAILED, _failing_job(_deletes_failed)),
    _rule(
        BURIES_AT_ONCE,
        _failing_job(
            lambda w, name: w.tries(name) == 1 and name in w.queue.dead_letters
        ),
        lambda fields: fields["about"] == "later",
    ),
    _rule(STOPS, _stops, _first_error),
    _rule(NARROW, _lets_out, _other_error, _first_error),
    _rule(FORGETS_FAILED, _failing_job(_forgets)),
    _rule(ON_THE_SPOT, _failing_job(_on_the_spot)),
    _rule(SLEEPS, _failing_job(lambda work, _: work.slept > 0 and not work.polls)),
    _rule(NO_LIMIT, _no_limit),
    _rule(
        COUNTS_IN_MEMORY,
        _hopeless(lambda w, name, allowed: w.tries(name) > allowed),
        lambda fields: _is_limit(fields) and bool(fields["attempts"]),
        lambda fields: _is_limit(fields) and not fields["attempts"],
    ),
    _rule(OTHER_LIMIT, _hopeless(_other_limit)),
    _rule(GONE_AT_THE_LIMIT, _hopeless(_gone)),
    _rule(NO_REASON, _no_reason),
    _rule(AFTER_BURIAL, lambda work, _: bool(work.after_burial)),
    _rule(DIES_FOR_EVER, _dies_again),
    _rule(TAKES_AHEAD, _untried_is_buried),
    _rule(NO_END, _no_end),
)
