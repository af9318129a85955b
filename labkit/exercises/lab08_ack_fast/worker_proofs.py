"""What proves each mistake of 8.2: what a run of the worker shows."""

from collections import Counter
from collections.abc import Callable

from labkit.checks import Mistake
from labkit.checks.mistakes import Rule, always, never
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab08_ack_fast import worker_mistakes as mistakes
from labkit.exercises.lab08_ack_fast.jobs import Died
from labkit.exercises.lab08_ack_fast.working import LIMIT, Worked

BAD = ValueError("no JSON")
"""What the work on a hopeless job raises each time."""
FIRST_ERROR = KeyError("amount")
"""The failure that the first trials show."""

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
    times = Counter(work.queue.names)
    first, last = work.first_and_last()
    return _is_calm(fields) and any(
        last.get(f"later {name}", -1) > first[f"process {name}"]
        for name in set(work.queue.processed)
        if times[name] == 1  # another one may have the same body
    )


def _good_is_buried(work: Worked, fields: Fields) -> bool:
    return fields["dies_at"] is None and any(
        name not in fields["fails"]
        and work.tries(name)
        and name in work.queue.processed
        for name in work.queue.dead_letters
    )


def _deletes_first(work: Worked, _: Fields) -> bool:
    """Whether the work on a job came after it had been deleted."""
    log = set(work.queue.log)
    return any(f"process {name}" in log for name in work.deleted_first)


def _never_deletes(work: Worked) -> bool:
    times, done = Counter(work.queue.names), set(work.queue.processed)
    left = [row.name for row in work.queue.rows]
    # Another job may have the same body, and the same name.
    return bool(left) and all(name in done and times[name] == 1 for name in left)


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


def _stopped(work: Worked) -> bool:
    """Whether it processed some jobs, and others wait that it did not take."""
    done = set(work.queue.processed)
    waits = any(row.name not in done for row in work.queue.rows)
    return bool(done) and waits and not work.queue.took_ahead


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


PROOFS = (
    _rule(mistakes.NONE_JOB, _takes_none),
    _rule(mistakes.NOT_A_JOB, lambda work, _: bool(work.queue.misused)),
    _rule(mistakes.OTHER_METHODS, _other_methods),
    _rule(mistakes.PUTS_BACK_DONE, _puts_back_done),
    _rule(
        mistakes.NEVER_RETURNS, lambda work, _: work.polls and not work.queue.took_ahead
    ),
    _rule(mistakes.NO_WORK, _does_nothing, _has_jobs, some=False),
    _rule(
        mistakes.NOT_THE_BODY, lambda w, _: len(w.queue.processed) < len(w.queue.given)
    ),
    _rule(
        mistakes.DELETES_FIRST,
        _deletes_first,
        lambda fields: not _is_one_job(fields),
        may=_is_one_job,  # on a busy machine, a thread may not get to its work there
    ),
    _rule(
        mistakes.TAKEN_TWICE, _forgets_what_it_took, _has_several_jobs, may=_is_one_job
    ),
    _rule(mistakes.STOPS_EARLY, _calm(_stopped)),
    _rule(mistakes.TWICE, _calm(lambda w: len(w.queue.processed) > len(w.queue.names))),
    _rule(mistakes.BURIES_THE_GOOD, _good_is_buried),
    _rule(mistakes.NEVER_DELETES, _calm(_never_deletes)),
    _rule(
        mistakes.TAKES_AHEAD,
        lambda w, f: w.queue.took_ahead and not _forgets_what_it_took(w, f),
    ),
    _rule(mistakes.DELETES_FAILED, _failing_job(_deletes_failed)),
    _rule(
        mistakes.BURIES_AT_ONCE,
        _failing_job(
            lambda w, name: w.tries(name) == 1 and name in w.queue.dead_letters
        ),
        lambda fields: fields["about"] == "later",
    ),
    _rule(mistakes.STOPS, _stops, _first_error),
    _rule(mistakes.NARROW, _lets_out, _other_error, _first_error),
    _rule(mistakes.FORGETS_FAILED, _failing_job(_forgets)),
    _rule(mistakes.ON_THE_SPOT, _failing_job(_on_the_spot)),
    _rule(
        mistakes.SLEEPS, _failing_job(lambda work, _: work.slept > 0 and not work.polls)
    ),
    _rule(mistakes.NO_LIMIT, _no_limit),
    _rule(
        mistakes.COUNTS_IN_MEMORY,
        _hopeless(lambda w, name, allowed: w.tries(name) > allowed),
        lambda fields: _is_limit(fields) and bool(fields["attempts"]),
        lambda fields: _is_limit(fields) and not fields["attempts"],
    ),
    _rule(mistakes.OTHER_LIMIT, _hopeless(_other_limit)),
    _rule(mistakes.GONE_AT_THE_LIMIT, _hopeless(_gone)),
    _rule(mistakes.NO_REASON, _no_reason),
    _rule(mistakes.AFTER_BURIAL, lambda work, _: bool(work.after_burial)),
    _rule(mistakes.DIES_FOR_EVER, _dies_again),
    _rule(mistakes.TAKES_AHEAD, _untried_is_buried),
    _rule(mistakes.NO_END, _no_end),
)
