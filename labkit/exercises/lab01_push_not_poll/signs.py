"""Signs of a mistake in what a solution of 1.1 asked for and returned."""

from collections.abc import Callable

from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab01_push_not_poll.asking import Asked
from labkit.exercises.lab01_push_not_poll.service import AskedTooOften


def has_items(kind: type | tuple[type, ...]) -> Callable[[object], bool]:
    """Return a condition that accepts lists with such an item."""
    return lambda value: (
        isinstance(value, list) and any(isinstance(each, kind) for each in value)
    )


def is_part(value: object) -> bool:
    """Whether this is a list of dictionaries, some of them without an id."""
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        return False
    return any("id" not in each for each in value)


def key_as_attribute(_: Fields, seen: Seen) -> bool:
    """Whether the name of a key was read as an attribute."""
    error = seen.error
    if not isinstance(error, AttributeError) or not isinstance(error.obj, dict):
        return False
    return error.name in error.obj


def lost(asked: Asked, _: Fields) -> bool:
    """Whether all events were fetched, but some were not returned."""
    fetched = {each for page in asked.pages for each in page}
    return asked.ids is not None and set(asked.ids) < set(asked.right) == fetched


def is_end(asked: Asked, fields: Fields) -> bool:
    """Whether only the events from some page on were returned."""
    ids = list(asked.ids or ())
    return (
        lost(asked, fields) and list(asked.right)[len(asked.right) - len(ids) :] == ids
    )


def twice(asked: Asked, _: Fields) -> bool:
    """Whether an event was returned more than once."""
    return asked.ids is not None and len(set(asked.ids)) < len(asked.ids)


def other_order(asked: Asked, _: Fields) -> bool:
    """Whether the right events were returned in another order."""
    ids = list(asked.ids or ())
    return ids != list(asked.right) and sorted(ids) == sorted(asked.right)


def no_end(asked: Asked, _: Fields) -> bool:
    """Whether it asked until the service gave up."""
    return isinstance(asked.error, AskedTooOften)


def only_first(asked: Asked, _: Fields) -> bool:
    """Whether it still asked from the beginning when it had got some events."""
    afters = [request.after for request in asked.service.asked]
    return any(asked.pages[:-1]) and all(after is None for after in afters)


def stops_at_quiet(asked: Asked, fields: Fields) -> bool:
    """Whether the one request after the last pause brought nothing, too early."""
    requests = [each for each in asked.service.asked if each.at == asked.moments[-1]]
    quiet = not asked.pages[-1] and [each.came for each in requests].count(0) == 1
    return quiet and len(asked.slept) < fields["rounds"] - 1


def paused(asked: Asked, fields: Fields) -> bool:
    """Whether it slept, and for `interval` each time."""
    return bool(asked.slept) and set(asked.slept) == {fields["interval"]}


def one_round_more(asked: Asked, fields: Fields) -> bool:
    """Whether it made one round more than it should."""
    more = len(asked.moments) == fields["rounds"] + 1 == len(asked.slept) + 1
    return more and paused(asked, fields)


def real_sleep(asked: Asked, fields: Fields) -> bool:
    """Whether it slept in real time, and perhaps as it should as well."""
    right = [fields["interval"]] * (fields["rounds"] - 1)
    return asked.for_real and asked.slept in ([], right)


def awake(asked: Asked, fields: Fields) -> bool:
    """Whether it never slept."""
    return not asked.slept and not asked.for_real


def equal_pages(asked: Asked, _: Fields) -> bool:
    """Whether every round made the same number of requests, more than one."""
    requests = [each.at for each in asked.service.asked]
    counts = {requests.count(at) for at in asked.moments}
    return len(counts) == 1 and counts.pop() > 1
