# %% passed | step by step
def silent(attempts, now, limits):
    last = None
    for at in attempts:
        if at <= now and (last is None or at > last):
            last = at
    if last is None:
        return True
    limit = 0
    hour = int(last // 3600)
    while hour <= int(now // 3600):
        limit = max(limit, limits[hour % 24])
        hour += 1
    if now - last > limit:
        return True
    return False


# %% passed | with datetime
from datetime import datetime, timedelta, timezone


def silent(attempts, now, limits):
    past = sorted(at for at in attempts if at <= now)
    if not past:
        return True
    here = datetime.fromtimestamp(past[-1], timezone.utc)
    end = datetime.fromtimestamp(now, timezone.utc)
    here = here.replace(minute=0, second=0, microsecond=0)
    limit = limits[here.hour]
    while here <= end:
        limit = max(limit, limits[here.hour])
        here += timedelta(hours=1)
    return now - past[-1] > limit


# %% passed | normal if any hour allows it
def silent(attempts, now, limits):
    times = [at for at in attempts if not at > now]
    if len(times) == 0:
        return True
    silence = now - max(times)
    hours = range(int(max(times)) // 3600, int(now) // 3600 + 1)
    return not any(silence <= limits[hour % 24] for hour in hours)


# %% passed | all hours after a day
def silent(attempts, now, limits):
    last = max((at for at in attempts if at <= now), default=None)
    if last is None:
        return True
    start, end = int(last / 3600), int(now / 3600)
    if end - start >= 24:
        hours = set(range(24))
    else:
        hours = {hour % 24 for hour in range(start, end + 1)}
    return now - last > max(limits[hour] for hour in hours)


# %% passed | a filter and minus infinity
from math import inf


def silent(attempts, now, limits):
    last = max(filter(lambda at: at <= now, attempts), default=-inf)
    if last == -inf:
        return True
    doubled = list(limits) + list(limits)
    first = int(last) // 3600 % 24
    steps = min(23, int(now) // 3600 - int(last) // 3600)
    return now - last > max(doubled[first : first + steps + 1])


# %% passed | gmtime for the hour
import time


def silent(attempts, now, limits):
    gaps = [now - at for at in attempts if at <= now]
    if not gaps:
        return True
    silence = min(gaps)
    touched = {time.gmtime(now).tm_hour}
    moment = now - silence
    while moment < now:
        touched.add(time.gmtime(moment).tm_hour)
        moment += 3600
    return all(silence > limits[hour] for hour in touched)


# %% passed | recursion over the hours
def _limit(first, final, limits):
    if first > final:
        return 0
    return max(limits[first % 24], _limit(first + 1, min(final, first + 23), limits))


def silent(attempts, now, limits):
    earlier = list(attempts)
    earlier = [at for at in earlier if at <= now]
    return not earlier or now - max(earlier) > _limit(
        int(max(earlier) // 3600), int(now // 3600), limits
    )


# %% passed | copies, then sorts
from bisect import bisect_right


def silent(attempts, now, limits):
    ordered = sorted(attempts)
    place = bisect_right(ordered, now)
    if place == 0:
        return True
    last = ordered[place - 1]
    longest = 0
    for number in range(int(last // 3600), int(now // 3600) + 1):
        _, hour = divmod(number, 24)
        longest = limits[hour] if limits[hour] > longest else longest
    return bool(now - last > longest)
