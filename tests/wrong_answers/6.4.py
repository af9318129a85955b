# %% returns-nothing | nobody asked
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status is not None and 200 <= status < 300:
            return
        if delay is not None:
            sleep(delay)


# %% another-word | True for delivered
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                return True
        except (ConnectionError, TimeoutError):
            pass
        if delay is not None:
            sleep(delay)
    return False


# %% body-and-headers-swapped | the headers come first on the wire
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        if 200 <= post(headers, body) < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% goes-on-after-success | notes it and goes on
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    outcome = "dead"
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                outcome = "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if delay is not None:
            sleep(delay)
    return outcome


# %% sleeps-before-the-first-attempt | sleep, then post
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in schedule:
        sleep(delay)
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
    return "dead"


# %% only-200-is-delivered | 200 is the one that counts
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status == 200:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% any-answer-is-delivered | it answered
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            post(body, headers)
            return "delivered"
        except (ConnectionError, TimeoutError):
            if delay is not None:
                sleep(delay)
    return "dead"


# %% any-answer-is-delivered | 4xx is the receiver's own fault
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = 500
        if 200 <= status < 300 or 400 <= status < 500:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% gives-up-at-once | else in the wrong place
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        if 200 <= post(body, headers) < 300:
            return "delivered"
        else:
            return "dead"


# %% does-not-wait | a retry loop is a loop
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for _ in range(len(schedule) + 1):
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
    return "dead"


# %% sleeps-for-real | time.sleep
import json
import time


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if delay is not None:
            time.sleep(delay)
    return "dead"


# %% sleeps-and-then-gives-up | an attempt for each delay
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in schedule:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        sleep(delay)
    return "dead"


# %% sleeps-and-then-gives-up | the last delay once more
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, schedule[-1]] if schedule else [0]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        sleep(delay)
    return "dead"


# %% one-attempt-too-few | no sleep at the end, and no attempt either
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for number, delay in enumerate(schedule, start=1):
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if number < len(schedule):
            sleep(delay)
    return "dead"


# %% more-attempts-than-planned | until it is through
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    number = 0
    while True:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        sleep(schedule[min(number, len(schedule) - 1)])
        number += 1


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
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for number in range(len(schedule) + 1):
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if number < len(schedule):
            sleep(2**number)
    return "dead"


# %% other-delays | starts with the second delay
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for number in range(len(schedule) + 1):
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if number < len(schedule):
            sleep(schedule[(number + 1) % len(schedule)])
    return "dead"


# %% takes-delays-for-times | moments since the first attempt
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    clock = 0
    for moment in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if moment is not None:
            sleep(moment - clock)
            clock = moment
    return "dead"


# %% reports-the-dead-as-delivered | the same word at the end
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                break
        except (ConnectionError, TimeoutError):
            pass
        if delay is not None:
            sleep(delay)
    return "delivered"


# %% raises-when-it-is-dead | the caller must notice
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if delay is not None:
            sleep(delay)
    raise RuntimeError("dead")


# %% raises-when-it-is-dead | an empty schedule
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    last = schedule[-1]
    for number, delay in enumerate([*schedule, last]):
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            pass
        if number < len(schedule):
            sleep(delay)
    return "dead"


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
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except ConnectionError:
            pass
        if delay is not None:
            sleep(delay)
    return "dead"


# %% gives-up-on-silence | nobody there
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            if 200 <= post(body, headers) < 300:
                return "delivered"
        except (ConnectionError, TimeoutError):
            return "dead"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% silence-is-taken-for-success | no complaint came
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            return "delivered"
        if 200 <= status < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% no-sleep-after-silence | continue skips the sleep
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            continue
        if 200 <= status < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% redirect-is-taken-for-success | below 400 is no error
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status and 200 <= status < 400:
            return "delivered"
        if status in (404, 410):
            return "dead"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% retries-what-cannot-succeed | every failure is the same
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status is not None and 200 <= status < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% retries-what-cannot-succeed | 410 only
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = 0
        if 200 <= status < 300:
            return "delivered"
        if status == 410 or delay is None:
            break
        sleep(delay)
    return "dead"


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
import json


def deliver(post, body, schedule, sleep):
    event = json.loads(body)
    headers = {"webhook-id": event["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(json.dumps(event).encode(), headers)
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% re-encodes-the-body | the attempt's number goes in
import json


def deliver(post, body, schedule, sleep):
    event = json.loads(body)
    headers = {"webhook-id": event["id"]}
    for number, delay in enumerate([*schedule, None]):
        if number:
            event["attempt"] = number
            body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


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
def deliver(post, body, schedule, sleep):
    for number, delay in enumerate([*schedule, None], start=1):
        try:
            headers = {"Content-Type": "application/json", "Attempt": str(number)}
            status = post(body, {**headers, "Content-Length": str(len(body))})
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% new-id-for-each-attempt | every request has an id
import uuid


def deliver(post, body, schedule, sleep):
    for delay in [*schedule, None]:
        try:
            status = post(body, {"webhook-id": str(uuid.uuid4())})
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% new-id-for-each-attempt | the event's id with the attempt's number
import json


def deliver(post, body, schedule, sleep):
    event_id = json.loads(body)["id"]
    for number, delay in enumerate([*schedule, None], start=1):
        try:
            status = post(body, {"webhook-id": f"{event_id}-{number}"})
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% one-id-for-all-events | an id once for all
import uuid

ID = str(uuid.uuid4())


def deliver(post, body, schedule, sleep):
    for delay in [*schedule, None]:
        try:
            status = post(body, {"webhook-id": ID})
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% uses-the-schedule-up | pop
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    while True:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if not schedule or (status < 500 and status != 429):
            return "dead"
        sleep(schedule.pop(0))


# %% uses-the-schedule-up | marks the end in the list
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    schedule.append(None)
    for delay in schedule:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% swallows-bugs | catches everything
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except Exception:
            status = 503
        if 200 <= status < 300:
            return "delivered"
        if delay is None or (status < 500 and status != 429):
            return "dead"
        sleep(delay)


# %% swallows-bugs | gives up quietly
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    try:
        for delay in [*schedule, None]:
            try:
                status = post(body, headers)
            except (ConnectionError, TimeoutError):
                status = 503
            if 200 <= status < 300:
                return "delivered"
            if delay is None or (status < 500 and status != 429):
                return "dead"
            sleep(delay)
    except Exception:
        return "dead"


# %% still-running | waits for an answer that does not come
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    status = post(body, headers)
    while not 200 <= status < 300:
        sleep(schedule[0])
    return "delivered"


# %% uses-a-status-that-never-came | passes over the exception
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            pass
        if 200 <= status < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% uses-a-status-that-never-came | None is a number like any other
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if 200 <= status < 300:
            return "delivered"
        if delay is not None:
            sleep(delay)
    return "dead"


# %% retries-what-cannot-succeed | two that are known by heart
import json


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status is not None and 200 <= status < 300:
            return "delivered"
        if delay is None or status in (404, 410):
            return "dead"
        sleep(delay)
