# %% passed | one comprehension
def failures(inbox):
    return [
        (got.status, type(got.error).__name__ if got.error else "")
        for got in inbox
        if got.status not in range(200, 300)
    ]


# %% passed | the first digit
def failures(inbox):
    result = []
    for got in inbox:
        if got.status // 100 != 2:
            if got.error is None:
                result.append((got.status, ""))
            else:
                result.append((got.status, got.error.__class__.__name__))
    return result


# %% passed | the name of None replaced
def failures(inbox):
    names = {"NoneType": ""}
    result = []
    for got in inbox:
        name = type(got.error).__name__
        if got.status < 200 or got.status >= 300:
            result = result + [(got.status, names.get(name, name))]
    return result


# %% passed | a generator inside
def _pairs(inbox):
    for got in inbox:
        match got.status // 100, got.error:
            case 2, _:
                continue
            case _, None:
                yield got.status, ""
            case _, error:
                yield got.status, type(error).__name__


def failures(inbox):
    return list(_pairs(inbox))


# %% passed | filter and map
def failures(inbox):
    bad = filter(lambda got: not 199 < got.status < 300, inbox)
    reasons = lambda got: type(got.error).__name__ if got.error is not None else ""
    return list(map(lambda got: (got.status, reasons(got)), bad))


# %% passed | a named tuple
from typing import NamedTuple


class Failure(NamedTuple):
    status: int
    reason: str


def failures(inbox):
    found = []
    for got in inbox:
        if str(got.status).startswith("2"):
            continue
        reason = ""
        if got.error is not None:
            reason = type(got.error).__name__
        found.append(Failure(got.status, reason))
    return found


# %% passed | from the end
def failures(inbox):
    found = []
    for place in range(len(inbox) - 1, -1, -1):
        got = inbox[place]
        if got.status in range(200, 300):
            continue
        found.insert(0, (got.status, "" if not got.error else type(got.error).__name__))
    return found


# %% passed | slots of the status
from http import HTTPStatus


def failures(inbox):
    def acknowledged(status):
        try:
            return HTTPStatus(status).is_success
        except (ValueError, AttributeError):
            return 200 <= status < 300

    pairs = zip([got.status for got in inbox], [got.error for got in inbox])
    return [
        (status, type(error).__name__ * (error is not None))
        for status, error in pairs
        if not acknowledged(status)
    ]
