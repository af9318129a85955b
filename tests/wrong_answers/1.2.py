# %% returns-nothing | print is how one answers
def delay_and_cost(interval, events_per_hour):
    print(interval / 2, 3600 / interval / events_per_hour)


# %% returns-no-pair | only the delay
def delay_and_cost(interval, events_per_hour):
    return interval / 2


# %% returns-no-pair | a dictionary with names
def delay_and_cost(interval, events_per_hour):
    return {"delay": interval / 2, "requests": 3600 / interval / events_per_hour}


# %% returns-no-pair | all three numbers
def delay_and_cost(interval, events_per_hour):
    requests = 3600 / interval
    return interval / 2, requests, requests / events_per_hour


# %% returns-no-numbers | with its unit
def delay_and_cost(interval, events_per_hour):
    return f"{interval / 2} s", f"{3600 / interval / events_per_hour} requests"


# %% returns-no-numbers | texts of numbers
def delay_and_cost(interval, events_per_hour):
    return str(interval / 2), str(3600 / interval / events_per_hour)


# %% swaps-the-two | the cost first
def delay_and_cost(interval, events_per_hour):
    return 3600 / interval / events_per_hour, interval / 2


# %% worst-case-instead-of-mean | an event waits for the next request
def delay_and_cost(interval, events_per_hour):
    return interval, 3600 / interval / events_per_hour


# %% no-wait-at-all | the provider has it at once
def delay_and_cost(interval, events_per_hour):
    return 0.0, 3600 / interval / events_per_hour


# %% delay-in-another-unit | minutes are easier to read
def delay_and_cost(interval, events_per_hour):
    return interval / 2 / 60, 3600 / interval / events_per_hour


# %% delay-in-another-unit | the interval must be minutes
def delay_and_cost(interval, events_per_hour):
    return interval * 60 / 2, 3600 / interval / events_per_hour


# %% delay-depends-on-the-events | the more events, the shorter the wait
def delay_and_cost(interval, events_per_hour):
    return interval / 2 / events_per_hour, 3600 / interval / events_per_hour


# %% delay-depends-on-the-events | half of the time between two events
def delay_and_cost(interval, events_per_hour):
    return 3600 / events_per_hour / 2, 3600 / interval / events_per_hour


# %% requests-per-hour | so many requests there are
def delay_and_cost(interval, events_per_hour):
    return interval / 2, 3600 / interval


# %% upside-down | how many events a request brings
def delay_and_cost(interval, events_per_hour):
    return interval / 2, events_per_hour / (3600 / interval)


# %% counts-only-the-empty-requests | only the empty ones are wasted
def delay_and_cost(interval, events_per_hour):
    requests = 3600 / interval
    return interval / 2, (requests - events_per_hour) / events_per_hour


# %% at-least-one-request-an-event | an event needs a request
def delay_and_cost(interval, events_per_hour):
    return interval / 2, max(1.0, 3600 / interval / events_per_hour)


# %% another-hour | an hour has 60 minutes
def delay_and_cost(interval, events_per_hour):
    return interval / 2, 60 / interval / events_per_hour


# %% another-hour | a day of requests
def delay_and_cost(interval, events_per_hour):
    return interval / 2, 24 * 3600 / interval / events_per_hour


# %% whole-numbers-only | seconds are whole
def delay_and_cost(interval, events_per_hour):
    return interval // 2, 3600 / interval / events_per_hour


# %% whole-numbers-only | there are no half requests
def delay_and_cost(interval, events_per_hour):
    return interval / 2, round(3600 / interval / events_per_hour)


# %% one-request-too-many | one at the beginning and one at the end
def delay_and_cost(interval, events_per_hour):
    return interval / 2, (3600 / interval + 1) / events_per_hour


# %% whole-numbers-only | an hour holds a whole number of requests
def delay_and_cost(interval, events_per_hour):
    return interval / 2, 3600 // interval / events_per_hour


# %% no-name | two digits after the point
#-     return delay, requests_per_hour / events_per_hour
#+     return round(delay, 2), round(requests_per_hour / events_per_hour, 2)
