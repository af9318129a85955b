# %% passed | as it is taught
import json


def should_retry(status):
    return status is None or 500 <= status <= 599 or status in {408, 425, 429}


def deliver(post, body, schedule, sleep):
    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status is not None and 200 <= status < 300:
            return "delivered"
        if delay is None or not should_retry(status):
            return "dead"
        sleep(delay)


# %% passed | a range, and other headers as well
import json


def deliver(post, body, schedule, sleep):
    event_id = json.loads(body)["id"]
    for number in range(len(schedule) + 1):
        if number > 0:
            sleep(schedule[number - 1])
        headers = {"webhook-id": event_id, "X-Attempt": str(number + 1)}
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            continue
        if status // 100 == 2:
            return "delivered"
        if status // 100 != 5 and status not in (408, 425, 429):
            break
    return "dead"


# %% passed | recursion
import json


def deliver(post, body, schedule, sleep):
    match _try(post, body):
        case int(status) if status in range(200, 300):
            return "delivered"
        case int(status) if status < 500 and status not in (408, 425, 429):
            return "dead"
    if not schedule:
        return "dead"
    sleep(schedule[0])
    return deliver(post, body, schedule[1:], sleep)


def _try(post, body):
    try:
        return post(body, {"Webhook-Id": json.loads(body)["id"]})
    except (ConnectionError, TimeoutError) as error:
        return error


# %% passed | a class, an iterator and for-else
import json


class Delivery:
    TEMPORARY = frozenset({None, 408, 425, 429, *range(500, 600)})

    def __init__(self, post, body):
        self.post = post
        self.body = body
        self.headers = {
            "content-type": "application/json",
            "webhook-id": json.loads(body)["id"],
        }

    def attempt(self):
        try:
            return self.post(self.body, dict(self.headers))
        except TimeoutError:
            return None
        except ConnectionError:
            return None

    @property
    def acknowledged(self):
        return self.status in range(200, 300)

    def run(self, delays, sleep):
        self.status = self.attempt()
        while self.status in self.TEMPORARY:
            if (delay := next(delays, None)) is None:
                break
            sleep(delay)
            self.status = self.attempt()
        return "delivered" if self.acknowledged else "dead"


def deliver(post, body, schedule, sleep):
    return Delivery(post, body).run(iter(schedule), sleep)


# %% passed | the body changes hands as a view of itself
import json
from itertools import zip_longest


def attempts(post, body):
    event = json.loads(body)
    while True:
        try:
            yield post(bytes(body), {"webhook-id": event["id"], "attempt": 1})
        except (ConnectionError, TimeoutError):
            yield 599


def deliver(post, body, schedule, sleep):
    tries = attempts(post, body)
    outcome = "dead"
    for _, delay in zip_longest(range(len(schedule) + 1), schedule):
        status = next(tries)
        if 199 < status < 300:
            outcome = "delivered"
        if delay is None or (status < 500 and status not in {408, 425, 429}):
            break
        sleep(delay)
    return outcome
