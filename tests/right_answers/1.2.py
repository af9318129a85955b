# %% passed | as it is taught
def delay_and_cost(interval, events_per_hour):
    requests_per_hour = 3600 / interval
    return interval / 2, requests_per_hour / events_per_hour


# %% passed | an hour is simulated, with evenly spread events
def delay_and_cost(interval, events_per_hour):
    samples = 1000
    waits = [interval - interval * (n + 0.5) / samples for n in range(samples)]
    per_second = events_per_hour / (60 * 60)
    return sum(waits) / samples, 1 / (interval * per_second)


# %% passed | chance, with many samples
import random


def delay_and_cost(interval, events_per_hour):
    rng = random.Random(4)
    draws = [rng.random() * interval for _ in range(20_000)]
    return [sum(draws) / len(draws), 3600.0 / (interval * events_per_hour)]


# %% passed | a named tuple and fractions
from fractions import Fraction
from typing import NamedTuple


class Result(NamedTuple):
    delay: Fraction
    requests: Fraction


def delay_and_cost(interval, events_per_hour):
    interval, events = Fraction(interval), Fraction(events_per_hour)
    return Result(interval / 2, Fraction(3600) / interval / events)


# %% passed | a generator expression as the pair
def delay_and_cost(interval, events_per_hour):
    return (value for value in (interval * 0.5, 3600 / interval / events_per_hour))
