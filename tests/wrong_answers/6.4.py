# %% returns-nothing | nobody asked
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#-             return "delivered"
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             status = None
#+         if status is not None and 200 <= status < 300:
#+             return
#-     return "dead"


# %% another-word | True for delivered
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in [*schedule, None]:
#-                 return "delivered"
#+                 return True
#-     return "dead"
#+     return False


# %% body-and-headers-swapped | the headers come first on the wire
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         if 200 <= post(headers, body) < 300:


# %% goes-on-after-success | notes it and goes on
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     outcome = "dead"
#+     for delay in [*schedule, None]:
#-                 return "delivered"
#+                 outcome = "delivered"
#-     return "dead"
#+     return outcome


# %% sleeps-before-the-first-attempt | sleep, then post
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in schedule:
#+         sleep(delay)
#-         if delay is not None:
#-             sleep(delay)
#-     return "dead"
#+     return "dead"


# %% only-200-is-delivered | 200 is the one that counts
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             status = None
#+         if status == 200:


# %% any-answer-is-delivered | it answered
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             post(body, headers)
#-         if delay is not None:
#-             sleep(delay)
#+         except (ConnectionError, TimeoutError):
#+             if delay is not None:
#+                 sleep(delay)


# %% any-answer-is-delivered | 4xx is the receiver's own fault
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             status = 500
#+         if 200 <= status < 300 or 400 <= status < 500:


# %% gives-up-at-once | else in the wrong place
#= post answers with a status
#-         if delay is not None:
#-             sleep(delay)
#-     return "dead"
#+         else:
#+             return "dead"


# %% does-not-wait | a retry loop is a loop
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for _ in range(len(schedule) + 1):
#-         if delay is not None:
#-             sleep(delay)
#-     return "dead"
#+     return "dead"


# %% sleeps-for-real | time.sleep
#= the longest first
#- import json
#+ import json
#+ import time
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in [*schedule, None]:
#-             sleep(delay)
#+             time.sleep(delay)


# %% sleeps-and-then-gives-up | an attempt for each delay
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in schedule:
#-         if delay is not None:
#-             sleep(delay)
#+         sleep(delay)


# %% one-attempt-too-few | no sleep at the end, and no attempt either
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for number, delay in enumerate(schedule, start=1):
#-         if delay is not None:
#+         if number < len(schedule):


# %% more-attempts-than-planned | until it is through
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     number = 0
#+     while True:
#-         if delay is not None:
#-             sleep(delay)
#-     return "dead"
#+         sleep(schedule[min(number, len(schedule) - 1)])
#+         number += 1


# %% other-delays | the longest first
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*sorted(schedule, reverse=True), None]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if delay is not None:
            sleep(delay)
    return "dead"


# %% other-delays | exponential, as it was learnt before
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for number in range(len(schedule) + 1):
#-         if delay is not None:
#-             sleep(delay)
#+         if number < len(schedule):
#+             sleep(2**number)


# %% other-delays | moments since the first attempt
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     clock = 0
#+     for moment in [*schedule, None]:
#-         if delay is not None:
#-             sleep(delay)
#+         if moment is not None:
#+             sleep(moment - clock)
#+             clock = moment


# %% reports-the-dead-as-delivered | the same word at the end
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in [*schedule, None]:
#-                 return "delivered"
#+                 break
#-     return "dead"
#+     return "delivered"


# %% raises-when-it-is-dead | the caller must notice
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in [*schedule, None]:
#-     return "dead"
#+     raise RuntimeError("dead")


# %% raises-when-it-is-dead | an empty schedule
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     last = schedule[-1]
#+     for number, delay in enumerate([*schedule, last]):
#-         if delay is not None:
#+         if number < len(schedule):


# %% lets-silence-through | post answers with a status
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        if 200 <= post(body, headers) < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% lets-silence-through | a time-out is not thought of
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in [*schedule, None]:
#-         except (ConnectionError, TimeoutError):
#+         except ConnectionError:


# %% gives-up-on-silence | nobody there
#= the longest first
#-     for delay in [*sorted(schedule, reverse=True), None]:
#+     for delay in [*schedule, None]:
#-             pass
#+             return "dead"


# %% silence-is-taken-for-success | no complaint came
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             return "delivered"
#+         if 200 <= status < 300:


# %% no-sleep-after-silence | continue skips the sleep
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             continue
#+         if 200 <= status < 300:


# %% redirect-is-taken-for-success | below 400 is no error
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             status = None
#+         if status and 200 <= status < 400:
#-         if delay is not None:
#+         if status in (404, 410):
#+             return "dead"
#+         if delay is not None:


# %% retries-what-cannot-succeed | every failure is the same
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             status = None
#+         if status is not None and 200 <= status < 300:


# %% gives-up-on-429 | only silence and 5xx
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if status < 500 or delay is None:
            return "dead"
        sleep(delay)


# %% re-encodes-the-body | JSON in, JSON out
#= only silence and 5xx
#-     headers = {"webhook-id": json.loads(body)["id"]}
#+     event = json.loads(body)
#+     headers = {"webhook-id": event["id"]}
#-             status = post(body, headers)
#+             status = post(json.dumps(event).encode(), headers)
#-         if status < 500 or delay is None:
#+         if delay is None or (status < 500 and status != 429):


# %% re-encodes-the-body | the attempt's number goes in
#= only silence and 5xx
#-     headers = {"webhook-id": json.loads(body)["id"]}
#-     for delay in [*schedule, None]:
#+     event = json.loads(body)
#+     headers = {"webhook-id": event["id"]}
#+     for number, delay in enumerate([*schedule, None]):
#+         if number:
#+             event["attempt"] = number
#+             body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
#-         if status < 500 or delay is None:
#+         if delay is None or (status < 500 and status != 429):


# %% headers-are-no-dictionary | none are needed
def deliver(post, body, schedule, sleep):
    for delay in [*schedule, None]:
        try:
            status = post(body, None)
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% no-id | the id is in the body anyway
#= none are needed
#-     for delay in [*schedule, None]:
#+     for number, delay in enumerate([*schedule, None], start=1):
#-             status = post(body, None)
#+             headers = {"Content-Type": "application/json", "Attempt": str(number)}
#+             status = post(body, {**headers, "Content-Length": str(len(body))})


# %% new-id-for-each-attempt | every request has an id
#= none are needed
#- def deliver(post, body, schedule, sleep):
#+ import uuid
#+
#+
#+ def deliver(post, body, schedule, sleep):
#-             status = post(body, None)
#+             status = post(body, {"webhook-id": str(uuid.uuid4())})


# %% new-id-for-each-attempt | the event's id with the attempt's number
#= only silence and 5xx
#-     headers = {"webhook-id": json.loads(body)["id"]}
#-     for delay in [*schedule, None]:
#+     event_id = json.loads(body)["id"]
#+     for number, delay in enumerate([*schedule, None], start=1):
#-             status = post(body, headers)
#+             status = post(body, {"webhook-id": f"{event_id}-{number}"})
#-         if status < 500 or delay is None:
#+         if delay is None or (status < 500 and status != 429):


# %% one-id-for-all-events | an id once for all
#= none are needed
#- def deliver(post, body, schedule, sleep):
#+ import uuid
#+
#+ ID = str(uuid.uuid4())
#+
#+
#+ def deliver(post, body, schedule, sleep):
#-             status = post(body, None)
#+             status = post(body, {"webhook-id": ID})


# %% uses-the-schedule-up | pop
#= only silence and 5xx
#-     for delay in [*schedule, None]:
#+     while True:
#-         if status < 500 or delay is None:
#+         if not schedule or (status < 500 and status != 429):
#-         sleep(delay)
#+         sleep(schedule.pop(0))


# %% swallows-bugs | catches everything
#= only silence and 5xx
#-         except (ConnectionError, TimeoutError):
#+         except Exception:
#-         if status < 500 or delay is None:
#+         if delay is None or (status < 500 and status != 429):


# %% still-running | waits for an answer that does not come
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    status = post(body, headers)
    while not 200 <= status < 300:
        sleep(schedule[0])
    return "delivered"


# %% uses-a-status-that-never-came | passes over the exception
#= post answers with a status
#-         if 200 <= post(body, headers) < 300:
#+         try:
#+             status = post(body, headers)
#+         except (ConnectionError, TimeoutError):
#+             pass
#+         if 200 <= status < 300:


# %% swallows-bugs | the waits are used up
def should_retry(status):
    return status is None or 500 <= status <= 599 or status in {408, 425, 429}


def deliver(post, body, schedule, sleep):
    import json

    headers, waits = {"webhook-id": json.loads(body)["id"]}, iter(schedule)
    while True:
        try:
            try:
                status = post(body, headers)
            except (ConnectionError, TimeoutError):
                status = None
            if status is not None and 200 <= status < 300:
                return "delivered"
            if not should_retry(status):
                return "dead"
            sleep(next(waits))
        except StopIteration:
            return "dead"


# %% swallows-bugs | the status may be None
#-         except (ConnectionError, TimeoutError):
#+         except (ConnectionError, TimeoutError, TypeError):
