# %% passed | one line
def should_retry(status):
    return status is None or 500 <= status <= 599 or status in {408, 425, 429}


# %% passed | pattern matching
def should_retry(status):
    match status:
        case None | 408 | 425 | 429:
            return True
        case _ if status // 100 == 5:
            return True
        case _:
            return False


# %% passed | a set that is worked out once
from itertools import chain

WORTH_IT = frozenset(chain([None, 408, 425, 429], range(500, 600)))
should_retry = WORTH_IT.__contains__


# %% passed | text after all, made of the number
import re


def should_retry(status):
    return bool(re.fullmatch("None|408|425|429|5..", str(status)))


# %% passed | exceptions as the way out
from http import HTTPStatus


def should_retry(status):
    try:
        group = status // 100
    except TypeError:
        return True
    temporary = (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
    return group == 5 or status in temporary


# %% passed | a table from the first digit to an answer
class Policy:
    by_digit = {2: False, 3: False, 4: False, 5: True}
    exceptions = dict.fromkeys([None, 408, 425, 429], True)

    def __call__(self, status):
        if (known := self.exceptions.get(status)) is not None:
            return known
        return self.by_digit.get(status // 100, False)


should_retry = Policy()


# %% passed | remembers what it was asked
import functools


@functools.lru_cache
def should_retry(status):
    if status is None:
        return True
    return status >= 500 or (status in (408, 425, 429))
