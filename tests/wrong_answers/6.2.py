# %% no-jitter | doubling is enough
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return float(min(3600, 2 ** (attempt - 1)))


# %% no-jitter | no jitter, and off by one as well
def next_delay(attempt, rng):
    return min(3600, 2**attempt) if attempt < 10 else None


# %% jitter-on-top | a second of chance on top
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return min(3600, 2 ** (attempt - 1)) + rng.uniform(0, 1)


# %% half-the-delay-is-fixed | equal jitter
#-     return rng.uniform(0, bound)
#+     return bound / 2 + rng.uniform(0, bound / 2)


# %% part-of-the-delay-is-fixed | twenty per cent either way
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return min(3600, 2 ** (attempt - 1)) * rng.uniform(0.8, 1.2)


# %% part-of-the-delay-is-fixed | a tenth is always waited
#-     return rng.uniform(0, bound)
#+     return rng.uniform(bound * 0.15, bound)


# %% negative-wait | plus or minus
#-     return rng.uniform(0, bound)
#+     return rng.uniform(-bound, bound)


# %% negative-wait | a bell curve
#-     return rng.uniform(0, bound)
#+     return rng.gauss(bound / 2, bound / 4)


# %% exponent-off-by-one | attempts count from 0
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.uniform(0, min(3600, 2**attempt))


# %% exponent-off-by-one | one too little
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.uniform(0, min(3600, 2 ** (attempt - 2)))


# %% does-not-grow | anything up to an hour
def next_delay(attempt, rng):
    return rng.uniform(0, 3600) if attempt < 10 else None


# %% does-not-grow | a second of chance
def next_delay(attempt, rng):
    return rng.random() if attempt < 10 else None


# %% grows-by-steps | a second more each time
def next_delay(attempt, rng):
    return rng.uniform(0, min(3600, attempt)) if attempt < 10 else None


# %% other-bounds | squares
def next_delay(attempt, rng):
    return rng.uniform(0, min(3600, attempt**2)) if attempt < 10 else None


# %% other-bounds | the power of another number
#-     bound = min(3600, 2 ** (attempt - 1))
#+     bound = 3 ** (attempt - 1)


# %% other-bounds | five seconds to begin with
def next_delay(attempt, rng):
    return rng.uniform(0, min(3600, 5 * 2 ** (attempt - 1))) if attempt < 10 else None


# %% cap-too-low | 3600 s is 60
def next_delay(attempt, rng):
    return rng.uniform(0, min(60, 2 ** (attempt - 1))) if attempt < 10 else None


# %% cap-too-low | the cap on the drawn number
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return min(36, rng.uniform(0, 2 ** (attempt - 1)))


# %% milliseconds | timers count in milliseconds
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.uniform(0, min(3_600_000, 1000 * 2 ** (attempt - 1)))


# %% whole-seconds | randint
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.randint(0, min(3600, 2 ** (attempt - 1)))


# %% whole-seconds | a float, and whole all the same
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return float(round(rng.uniform(0, min(3600, 2 ** (attempt - 1)))))


# %% not-evenly-spread | mostly in the middle
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.triangular(0, min(3600, 2 ** (attempt - 1)))


# %% not-evenly-spread | the mean is right
#-     return rng.uniform(0, bound)
#+     return bound * rng.choice([0.0, 0.25, 0.5, 0.75, 0.999])


# %% takes-chance-from-elsewhere | the module's own generator
#= a generator of one's own
#-     return random.Random().uniform(0, min(3600, 2 ** (attempt - 1)))
#+     return random.uniform(0, min(3600, 2 ** (attempt - 1)))


# %% takes-chance-from-elsewhere | a generator of one's own
import random


def next_delay(attempt, rng):
    if attempt >= 10:
        return None
    return random.Random().uniform(0, min(3600, 2 ** (attempt - 1)))


# %% draws-the-same-number-every-time | a generator with a seed of one's own
#= a generator of one's own
#-     return random.Random().uniform(0, min(3600, 2 ** (attempt - 1)))
#+     return random.Random(42).uniform(0, min(3600, 2 ** (attempt - 1)))


# %% never-ends | who gives up has lost
def next_delay(attempt, rng):
    return rng.uniform(0, min(3600, 2 ** (attempt - 1)))


# %% one-attempt-too-many | greater in place of greater or equal
def next_delay(attempt, rng):
    if attempt > 10:
        return None
    return rng.uniform(0, min(3600, 2 ** (attempt - 1)))


# %% ends-too-early | nine is the last
#= greater in place of greater or equal
#-     if attempt > 10:
#+     if attempt >= 9:


# %% no-none-at-the-end | 0 for nothing
def next_delay(attempt, rng):
    if attempt >= 10:
        return 0
    return rng.uniform(0, min(3600, 2 ** (attempt - 1)))


# %% no-none-at-the-end | endless is an end too
#= 0 for nothing
#-         return 0
#+         return float("inf")


# %% no-none-at-the-end | False, for no
def next_delay(attempt, rng):
    return attempt < 10 and rng.uniform(0, min(3600, 2 ** (attempt - 1)))


# %% raises-at-the-end | the end as an exception
#= 0 for nothing
#-         return 0
#+         raise RuntimeError("no attempts left")


# %% raises-at-the-end | a table that is too short
def next_delay(attempt, rng):
    bounds = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    return rng.uniform(0, bounds[attempt - 1])


# %% counts-its-own-calls | a counter of its own
calls = 0


def next_delay(attempt, rng):
    global calls
    calls += 1
    if calls >= 10:
        return None
    return rng.uniform(0, min(3600, 2 ** (calls - 1)))


# %% sleeps-itself | waits at once
#= a generator of one's own
#- import random
#+ import time
#-     return random.Random().uniform(0, min(3600, 2 ** (attempt - 1)))
#+     delay = rng.uniform(0, min(3600, 2 ** (attempt - 1)))
#+     time.sleep(delay)
#+     return delay


# %% returns-no-seconds | a timedelta
#= a generator of one's own
#- import random
#+ from datetime import timedelta
#-     return random.Random().uniform(0, min(3600, 2 ** (attempt - 1)))
#+     return timedelta(seconds=rng.uniform(0, min(3600, 2 ** (attempt - 1))))


# %% returns-no-seconds | a generator
def next_delay(attempt, rng):
    while attempt < 10:
        yield rng.uniform(0, min(3600, 2 ** (attempt - 1)))
        attempt += 1


# %% still-running | looks for a good number
def next_delay(attempt, rng):
    delay = -1
    while delay < 0:
        rng.uniform(0, 2**attempt)
    return delay


# %% counts-its-own-calls | decorrelated jitter, which remembers the last wait
last = 1.0


def next_delay(attempt, rng):
    global last
    if attempt >= 10:
        return None
    last = min(3600, rng.uniform(1, last * 3))
    return last


# %% not-evenly-spread | not quite up to the bound
#-     bound = min(3600, 2 ** (attempt - 1))
#-     return rng.uniform(0, bound)
#+     return rng.uniform(0, 0.92 * min(3600, 2 ** (attempt - 1)))


# %% not-evenly-spread | as good as even
#-     return rng.uniform(0, bound)
#+     return min(bound, max(0, rng.gauss(bound / 2, bound / 6)))

# %% no-name | no more than four minutes and a bit
#- min(3600,
#+ min(250,


# %% rounds-to-tenths | one digit is easier to read in a log
#- rng.uniform(0, bound)
#+ round(rng.uniform(0, bound), 1)
