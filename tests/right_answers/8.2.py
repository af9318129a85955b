# %% passed | try, except, else
#-             queue.bury(job, "5 attempts, and the process crashed in the last one")
#+             queue.bury(job, "the worker died over it")
#-             process(job.body)  # do the work
#+             process(job.body)


# %% passed | burying in one place, at the sixth taking
def work(queue, process):
    for job in iter(queue.take, None):
        if job.attempt > 5:
            queue.bury(job, "tried 5 times")
            continue
        try:
            process(job.body)
        except Exception:
            queue.later(job)
            continue
        queue.done(job)


# %% passed | two functions and a list of what to do
def attempt(process, job):
    if job.attempt > 5:
        return "died too often"
    try:
        process(job.body)
    except BaseException as error:
        return error
    return None

def work(queue, process):
    while True:
        job = queue.take()
        if job is None:
            return "done"
        match attempt(process, job):
            case None:
                queue.done(job)
            case str(why):
                queue.bury(job, why)
            case error if job.attempt >= 5:
                queue.bury(job, f"{type(error).__name__}: {error}")
            case _:
                queue.later(job)


# %% passed | a class, and the job unpacked
class Worker:
    limit = 5

    def __call__(self, queue, process):
        while job := queue.take():
            _, body, attempt = job
            if attempt > self.limit:
                queue.bury(job, "")
                continue
            failed = None
            try:
                process(body)
            except Exception as error:
                failed = error
            if failed is None:
                queue.done(job)
            elif attempt == self.limit:
                queue.bury(job, why=str(failed))
            else:
                queue.later(job)

work = Worker()


# %% passed | the work in a thread that is waited for
from concurrent.futures import ThreadPoolExecutor

def work(queue, process):
    with ThreadPoolExecutor(1) as pool:
        while (job := queue.take()) is not None:
            if job.attempt > 5:
                queue.bury(job, "died over it")
                continue
            error = pool.submit(process, job.body).exception()
            if error is None:
                queue.done(job)
            elif job.attempt < 5:
                queue.later(job)
            else:
                queue.bury(job, repr(error))


# %% passed | the next job is taken when this one is at its end
def jobs(queue):
    while (job := queue.take()) is not None:
        if job.attempt > 5:
            queue.bury(job, "five processes died")
        else:
            yield job

def work(queue, process):
    for job in jobs(queue):
        try:
            process(job.body)
            end = queue.done
        except Exception as error:
            why = repr(error)
            end = queue.later if job.attempt < 5 else lambda job: queue.bury(job, why)
        end(job)


# %% passed | with a context manager
import traceback
from contextlib import contextmanager

@contextmanager
def settled(queue, job):
    try:
        yield
    except Exception:
        if job.attempt >= 5:
            queue.bury(job, traceback.format_exc())
        else:
            queue.later(job)
    else:
        queue.done(job)

def work(queue, process):
    while (job := queue.take()) is not None:
        if job.attempt >= 6:
            queue.bury(job, "too many attempts")
        else:
            with settled(queue, job):
                process(job.body)


# %% passed | buried, and then deleted once more to be sure
def work(queue, process):
    while job := queue.take():
        try:
            if job.attempt > 5:
                raise RuntimeError("the worker died over it")
            process(job.body)
        except Exception as error:
            if job.attempt < 5:
                queue.later(job)
                continue
            queue.bury(job, repr(error))
        queue.done(job)
