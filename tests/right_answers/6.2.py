# %% passed | as it is taught
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.uniform(0, min(3600, 1 * 2 ** (attempt - 1)))


# %% passed | random() times the bound, and a shift
def next_delay(attempt, rng):
    return None if attempt > 9 else rng.random() * min(3600.0, 1 << (attempt - 1))


# %% passed | a table and an iterator
from itertools import islice


def bounds():
    bound = 1.0
    while True:
        yield min(bound, 3600.0)
        bound *= 2


TABLE = dict(enumerate(islice(bounds(), 9), start=1))


def next_delay(attempt, rng):
    if (bound := TABLE.get(attempt)) is None:
        return None
    return rng.uniform(0.0, bound)


# %% passed | recursion
def bound_after(attempt):
    return 1 if attempt == 1 else min(3600, 2 * bound_after(attempt - 1))


def next_delay(attempt, rng):
    if attempt not in range(1, 10):
        return None
    return bound_after(attempt) * (1 - rng.random())


# %% passed | a class that can be called
import math


class FullJitter:
    def __init__(self, base=1.0, cap=3600.0, attempts=10):
        self.base, self.cap, self.attempts = base, cap, attempts

    def __call__(self, attempt, rng):
        if attempt < self.attempts:
            exponent = math.log2(self.base) + attempt - 1
            return rng.uniform(0, min(self.cap, math.exp2(exponent)))


next_delay = FullJitter()


# %% passed | milliseconds are fine enough
#-     return rng.uniform(0, bound)
#+     return rng.randrange(bound * 1000) / 1000


# %% passed | no cap: nine waits never reach it
def next_delay(attempt, rng):
    if attempt < 10:
        return round(rng.uniform(0, 2 ** (attempt - 1)), 3)
    return None


# %% passed | a generator of its own, seeded by the one that was given
import random


def next_delay(attempt, rng):
    own = random.Random(rng.random())
    return own.uniform(0, 2.0 ** (attempt - 1)) if attempt < 10 else None
