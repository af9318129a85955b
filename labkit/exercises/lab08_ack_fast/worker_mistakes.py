"""The mistakes of 8.2."""

from labkit.checks import Mistake

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
    "Each call marks another job as taken, so the first of the two is never processed.",
    "Call take() once for each round of the loop, and keep its result.",
)
