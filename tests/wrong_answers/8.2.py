# %% takes-none-for-a-job | while there is a queue
#= a queue can be looped over
#-     for job in queue:
#+     while queue:
#+         job = queue.take()


# %% hands-over-something-else | process gets the job
#= no try
#-         process(job.body)
#+         process(job)


# %% hands-back-something-else | the body is done
#= later, in any case
#-         queue.later(job)
#+         queue.done(job.body)


# %% hands-back-something-else | the id is done
def work(queue, process):
    while (job := queue.take()) is not None:
        try:
            process(job.body)
            queue.done(job.id)
        except Exception:
            queue.later(job)


# %% nothing-is-processed | cleared
#= taken is taken
#-         process(job.body)


# %% stops-although-more-is-due | no loop
#= a queue can be looped over
#-     for job in queue:
#+     job = queue.take()
#+     if job is not None:


# %% stops-although-more-is-due | ten at a time
#= later will be better
#-     while (job := queue.take()) is not None:
#+     for _ in range(10):
#+         job = queue.take()
#+         if job is None:
#+             return
#+         if job.attempt > 5:
#+             queue.bury(job, "died")
#+             continue


# %% uses-the-queue-otherwise | a queue can be looped over
def work(queue, process):
    for job in queue:
        process(job.body)
        queue.done(job)


# %% uses-the-queue-otherwise | buried without a reason
#= later will be better
#-             queue.later(job)
#+             if job.attempt >= 5:
#+                 queue.bury(job)
#+             else:
#+                 queue.later(job)


# %% no-end | buried at the sixth taking, and only there
#= later will be better
#-         try:
#+         if job.attempt == 6:
#+             queue.bury(job, "tried 5 times")
#+             continue
#+         try:


# %% polls-an-empty-queue | a worker never stops
import time

def work(queue, process):
    while True:
        job = queue.take()
        if job is None:
            time.sleep(1)
            continue
        process(job.body)
        queue.done(job)


# %% deletes-before-the-work | taken is taken
def work(queue, process):
    while (job := queue.take()) is not None:
        queue.done(job)
        process(job.body)


# %% deletes-before-the-work | the work goes on in a thread
import threading

def work(queue, process):
    while (job := queue.take()) is not None:
        threading.Thread(target=process, args=[job.body], daemon=True).start()
        queue.done(job)


# %% never-deletes-what-is-done | process says whether it went well
#= process says whether it went well, otherwise later
#-         else:
#-             queue.later(job)


# %% puts-back-what-is-done | later, in any case
def work(queue, process):
    while (job := queue.take()) is not None:
        process(job.body)
        queue.later(job)


# %% puts-back-what-is-done | process says whether it went well, otherwise later
def work(queue, process):
    while (job := queue.take()) is not None:
        if process(job.body):
            queue.done(job)
        else:
            queue.later(job)


# %% buries-what-went-well | bury takes it out of the queue
#= later, in any case
#-         queue.later(job)
#+         queue.bury(job, "done")


# %% works-twice | once to try, once for real
#= later will be better
#-             queue.done(job)
#+             process(job.body)
#+             queue.done(job)


# %% stops-at-the-first-failure | no try
def work(queue, process):
    while (job := queue.take()) is not None:
        process(job.body)
        queue.done(job)


# %% stops-at-the-first-failure | put back, and let the error out
#= break
#-             break
#+             raise


# %% stops-at-the-first-failure | break
def work(queue, process):
    while (job := queue.take()) is not None:
        try:
            process(job.body)
        except Exception:
            queue.later(job)
            break
        queue.done(job)


# %% catches-only-some-exceptions | the ones that we have seen
#= counted from 0
#-         try:
#+         if job.attempt > 5:
#+             queue.bury(job, "died")
#+             continue
#+         try:
#-         except Exception as error:
#-             if job.attempt > 5:
#+         except (KeyError, ValueError, OSError) as error:
#+             if job.attempt >= 5:


# %% deletes-what-failed | finally
#= later will be better
#-         else:
#+         finally:


# %% deletes-what-failed | logged
def work(queue, process):
    while (job := queue.take()) is not None:
        try:
            process(job.body)
        except Exception as error:
            print("failed:", error)
        queue.done(job)


# %% buries-at-the-first-failure | failed is failed
#= later will be better
#-         except Exception:
#-             queue.later(job)
#+         except Exception as error:
#+             queue.bury(job, repr(error))


# %% loses-sight-of-the-failed | it stays in the queue
#= the id is done
#-             queue.done(job.id)
#+             queue.done(job)
#-             queue.later(job)
#+             continue


# %% tries-again-on-the-spot | five times in a row
def work(queue, process):
    while (job := queue.take()) is not None:
        for attempt in range(5):
            try:
                process(job.body)
            except Exception as error:
                why = repr(error)
            else:
                queue.done(job)
                break
        else:
            queue.bury(job, why)


# %% sleeps-while-others-wait | with a backoff
#= counted from 0
#- def work(queue, process):
#-     while (job := queue.take()) is not None:
#+ import time
#+ 
#+ def work(queue, process):
#+     while (job := queue.take()) is not None:
#+         if job.attempt > 5:
#+             queue.bury(job, "died")
#+             continue
#-             if job.attempt > 5:
#+             if job.attempt >= 5:
#-             else:
#+             else:
#+                 time.sleep(2 ** job.attempt)


# %% no-limit | later will be better
def work(queue, process):
    while (job := queue.take()) is not None:
        try:
            process(job.body)
        except Exception:
            queue.later(job)
        else:
            queue.done(job)


# %% drops-what-it-gives-up | deleted at the limit
#= later will be better
#-             queue.later(job)
#+             if job.attempt >= 5:
#+                 queue.done(job)
#+             else:
#+                 queue.later(job)


# %% other-number-of-attempts | counted from 0
def work(queue, process):
    while (job := queue.take()) is not None:
        try:
            process(job.body)
        except Exception as error:
            if job.attempt > 5:
                queue.bury(job, repr(error))
            else:
                queue.later(job)
        else:
            queue.done(job)


# %% other-number-of-attempts | three times is enough
#= counted from 0
#-             if job.attempt > 5:
#+             if job.attempt >= 3:


# %% reason-is-no-text | the exception is the reason
#= counted from 0
#-             if job.attempt > 5:
#-                 queue.bury(job, repr(error))
#+             if job.attempt >= 5:
#+                 queue.bury(job, error)


# %% counts-attempts-in-memory | a dictionary of failures
#= counted from 0
#-     while (job := queue.take()) is not None:
#+     failures = {}
#+     while (job := queue.take()) is not None:
#-             if job.attempt > 5:
#+             failures[job.id] = failures.get(job.id, 0) + 1
#+             if failures[job.id] >= 5:


# %% deletes-before-the-work | deleted while it waits for its next attempt
#= later will be better
#- def work(queue, process):
#-     while (job := queue.take()) is not None:
#+ def work(queue, process):
#+     done = []
#+     while (job := queue.take()) is not None:
#+         if job.attempt > 5:
#+             queue.bury(job, "died")
#+             continue
#+         if job.attempt > 1:
#+             queue.done(job)
#+             try:
#+                 process(job.body)
#+             except Exception as error:
#+                 done.append(repr(error))
#+             continue
#-         except Exception:
#+         except Exception as error:


# %% dies-of-the-same-event-for-ever | an except sees everything
#= counted from 0
#-         except Exception as error:
#-             if job.attempt > 5:
#+         except BaseException as error:
#+             if job.attempt >= 5:


# %% async-function | a worker is asynchronous
#= no try
#- def work(queue, process):
#+ async def work(queue, process):


# %% takes-more-than-it-works-on | first take all, then work
def work(queue, process):
    jobs = []
    while (job := queue.take()) is not None:
        jobs.append(job)
    for job in jobs:
        if job.attempt > 5:
            queue.bury(job, "too often")
            continue
        try:
            process(job.body)
        except Exception as error:
            if job.attempt < 5:
                queue.later(job)
            else:
                queue.bury(job, repr(error))
        else:
            queue.done(job)


# %% polls-an-empty-queue | look three times before you go
#= first take all, then work
#- def work(queue, process):
#+ import time
#+
#+ def work(queue, process):
#-     jobs = []
#-     while (job := queue.take()) is not None:
#-         jobs.append(job)
#-     for job in jobs:
#+     empty = 0
#+     while empty < 3:
#+         job = queue.take()
#+         if job is None:
#+             empty += 1
#+             time.sleep(0.05)
#+             continue


# %% no-name | a body that was processed before
#-     while (job := queue.take()) is not None:
#+     bodies = set()
#+     while (job := queue.take()) is not None:
#+         if job.body in bodies:
#+             queue.done(job)
#+             continue
#-         else:
#-             queue.done(job)
#+         else:
#+             bodies.add(job.body)
#+             queue.done(job)


# %% no-name | calls itself for each job
def work(queue, process):
    job = queue.take()
    if job is None:
        return
    if job.attempt > 5:
        queue.bury(job, "died")
    else:
        try:
            process(job.body)
        except Exception as error:
            print("failed:", error)
            queue.later(job) if job.attempt != 5 else queue.bury(job, repr(error))
        else:
            queue.done(job)
    return work(queue, process)


# %% no-name | the body is decoded for the reason
#-                 queue.bury(job, repr(error))
#+                 queue.bury(job, f"{job.body.decode()[:80]}: {error!r}")


# %% no-name | the body is decoded for a log
#-         try:
#+         text = job.body.decode()
#+         try:


# %% no-name | one job after the other, by a function that calls itself and another one
def work(queue, process):
    job = queue.take()
    if job is not None:
        _handle(queue, process, job)
        work(queue, process)


def _handle(queue, process, job):
    if job.attempt > 5:
        queue.bury(job, "crashed")
        return
    try:
        process(job.body)
    except Exception as error:
        queue.later(job) if job.attempt < 5 else queue.bury(job, repr(error))
    else:
        queue.done(job)
