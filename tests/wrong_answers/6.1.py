# %% takes-the-status-for-text | a status starts with a digit
def should_retry(status):
    return status is None or status.startswith("5") or status in ("408", "425", "429")


# %% takes-the-status-for-text | statuses in quotes
def should_retry(status):
    return status in (None, "408", "425", "429", "500", "502", "503", "504")


# %% answers-the-opposite | True is good
def should_retry(status):
    return status is not None and 200 <= status < 300


# %% gives-up-on-server-errors | only the 4xx that speak of time
def should_retry(status):
    return status in (None, 408, 425, 429)


# %% lists-only-some-server-errors | the four that everybody lists
def should_retry(status):
    return status in (None, 408, 425, 429, 500, 502, 503, 504)


# %% lists-only-some-server-errors | off by one at the edge
def should_retry(status):
    return status is None or 500 < status <= 599 or status in (408, 425, 429)


# %% retries-what-was-acknowledged | no error, no end
def should_retry(status):
    return status is None or status < 300 or status >= 500


# %% only-200-is-success | whatever is not 200
def should_retry(status):
    return status != 200


# %% forgets-no-answer | compares None with a number
def should_retry(status):
    return status >= 500 or status in (408, 425, 429)


# %% forgets-no-answer | None on the way out
def should_retry(status):
    return status and (status >= 500 or status in (408, 425, 429))


# %% retries-client-errors | everything but success and 410
def should_retry(status):
    return status is None or (status >= 400 and status != 410)


# %% retries-client-errors | a conflict may pass
def should_retry(status):
    return status is None or status >= 500 or status in (408, 409, 423, 425, 429)


# %% retries-410 | gone may come back
def should_retry(status):
    return status is None or status >= 500 or status in (408, 410, 425, 429)


# %% forgets-the-4xx-that-speak-of-time | the first digit is enough
def should_retry(status):
    return status is None or status // 100 == 5


# %% forgets-the-4xx-that-speak-of-time | only 429 is known
def should_retry(status):
    return status is None or status >= 500 or status == 429


# %% retries-redirects | it is not there, so try again
def should_retry(status):
    if status is None:
        return True
    return 300 <= status < 400 or status >= 500 or status in (408, 425, 429)


# %% not-true-or-false | one way out without a return
def should_retry(status):
    if status is None or status >= 500 or status in (408, 425, 429):
        return True


# %% not-true-or-false | words
def should_retry(status):
    if status is None or status >= 500 or status in (408, 425, 429):
        return "retry"
    return "stop"


# %% async-function | the network is asynchronous
async def should_retry(status):
    return status is None or status >= 500 or status in (408, 425, 429)
