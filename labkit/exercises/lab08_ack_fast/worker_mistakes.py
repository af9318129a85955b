"""The mistakes of 8.2."""

from labkit.checks.mistakes import mistakes

NONE_JOB, NOT_THE_BODY, NOT_A_JOB, NO_WORK, STOPS_EARLY = mistakes("""
    takes-none-for-a-job: Your code used the result of take() although it was None. None
        has no body, so your worker raises an exception each time the queue is empty.
        Try: Check the result of take() before you use it, and return if it is None.
    hands-over-something-else: Your code called process with something other than the
        body of the job. The work needs the bytes of the event.
        Try: Call process(job.body).
    hands-back-something-else: Your code passed something other than the job to a method
        of the queue. The queue recognises only the jobs that it gave out.
        Try: Pass the job that take() returned: queue.done(job).
    nothing-is-processed: Your code processed none of the jobs in the queue. Their
        events are acknowledged, so nobody else will do the work.
        Try: Take a job, call process with its body, and then call done.
    stops-although-more-is-due: Your worker returned although more jobs were waiting.
        The rest wait until the worker is called again, and the queue grows.
        Try: End the loop only when take() returns None.
""")
OTHER_METHODS, NEVER_RETURNS, NO_END, DELETES_FIRST, NEVER_DELETES = mistakes("""
    uses-the-queue-otherwise: Your code used a method or a field that the queue or the
        job does not have, or called a method with arguments that it does not take.
        Try: Use only take(), done(job), later(job), bury(job, why), and job.id,
        job.body, job.attempt.
    polls-an-empty-queue: Your code called take() again after it had returned None. The
        caller of `work` then waits although there is nothing to wait for.
        Try: Return as soon as take() returns None.
    no-end: Your worker repeats the same steps and never empties the queue.
        Try: Find the step that should remove each job: done or bury.
    deletes-before-the-work: Your code deleted the job before its work was done. If the
        process crashes in between, the event is lost, because the sender does not retry
        after its 2xx.
        Try: Call done after process has returned.
    never-deletes-what-is-done: Your code left a finished job in the queue. The next
        worker gets it again and does the work a second time.
        Try: Call queue.done(job) after process has returned, whatever it returned.
""")
PUTS_BACK_DONE, BURIES_THE_GOOD, TWICE, STOPS, NARROW = mistakes("""
    puts-back-what-is-done: Your code put a job back although its work had succeeded.
        The work will be done a second time.
        Try: Call `done` after a success, and call `later` only after a failure.
    buries-what-went-well: Your code moved a good event to the dead letters. An operator
        who resends the dead letters repeats its work.
        Try: Call bury only if the last attempt raised an exception: process returns
        None when it succeeds.
    works-twice: Your code processed a job twice although the first attempt succeeded.
        Try: Call process(job.body) once for each job that take() returns.
    stops-at-the-first-failure: Your worker stopped when one event failed. All jobs
        behind it wait for a restart (head-of-line blocking).
        Try: Put a try around process, and go on with the next job after a failure.
    catches-only-some-exceptions: Your code catches only some of the exceptions that
        process can raise. The first other exception stops the worker, and every job
        behind it waits.
        Try: Catch Exception around the call to process, and nowhere else.
""")
DELETES_FAILED, BURIES_AT_ONCE, FORGETS_FAILED, ON_THE_SPOT, SLEEPS = mistakes("""
    deletes-what-failed: Your code deleted a job although its work had failed. The
        sender got its 2xx, so the event is lost.
        Try: Call done in an else block, not in a finally and not after the except.
    buries-at-the-first-failure: Your code buried a job after its first failure. Most
        failures are temporary, but now a person must look at each of them.
        Try: Call `later` after a failure, and `bury` only when all attempts have
        failed.
    loses-sight-of-the-failed: Your code took a job but neither put it back nor buried
        it. The queue keeps it as taken, so no worker gets it until a restart.
        Try: End every job with done, later or bury.
    tries-again-on-the-spot: Your code tried the failed event again while other jobs
        waited. What has just failed usually fails again, so one bad event delays all
        the others.
        Try: Put the job back with `later`, and take the next one.
    sleeps-while-others-wait: Your worker slept after a failure. Every job behind the
        failed one waited too.
        Try: Put the job back with `later` instead of sleeping, and take the next one.
""")
NO_LIMIT, GONE_AT_THE_LIMIT, OTHER_LIMIT, NO_REASON, COUNTS_IN_MEMORY = mistakes("""
    no-limit: Your code tried a failing event again without a limit. It never succeeds,
        and it takes time from the other jobs.
        Try: Look at job.attempt, and bury the job when 5 attempts have failed.
    drops-what-it-gives-up: Your code deleted an event after its last attempt, without a
        dead letter. Nobody can see that it was lost, and nobody can resend it.
        Try: Call bury instead of done when all attempts have failed.
    other-number-of-attempts: Your code allows a number of attempts other than 5. The
        count in job.attempt starts at 1 and includes the current attempt.
        Try: Compare job.attempt with 5, which is its value during the last allowed
        attempt.
    reason-is-no-text: Your code passed a reason to bury that is not a string. The
        database cannot store it, and a person must be able to read it.
        Try: Pass a string, such as repr(error).
    counts-attempts-in-memory: Your code counts attempts in memory, so the count starts
        again after a restart. On a day with many restarts, your worker never gives up
        on a failing event.
        Try: Use job.attempt, which the queue stores in its file.
""")
TAKES_AHEAD, DIES_FOR_EVER, AFTER_BURIAL, TAKEN_TWICE = mistakes("""
    takes-more-than-it-works-on: Your code took a job while another one was still
        waiting for its work. A crash then uses up one attempt of each of them, and good
        events are buried.
        Try: Finish one job with done, later or bury before you take the next one.
    dies-of-the-same-event-for-ever: Your code processes a job again although it has
        crashed the process 5 times. No except runs in a crash, so the worker never gets
        to the jobs behind it.
        Try: Look at job.attempt before you call process, and bury the job if it is more
        than 5.
    works-after-bury: Your code processed a job after it had buried it. The job is among
        the dead letters, but the worker works on it again, and the same crash ends the
        worker.
        Try: After `bury`, go on with the next job: use `continue`, or an `else` block.
    takes-twice-in-one-round: Your code called take() again before the job that it had
        taken was processed. Each call marks another job as taken, so the first of the
        two is never processed.
        Try: Call take() once for each round of the loop, and keep its result.
""")
