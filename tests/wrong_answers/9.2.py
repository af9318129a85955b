# %% returns-no-bool | printing is an alarm as well
def alert(window):
    if sum(a["status"] is None or a["status"] >= 500 for a in window) > 10:
        print("the receiver is down")


# %% returns-no-bool | what failed is the alarm
def alert(window):
    return [a for a in window if a["status"] is None or a["status"] >= 500]


# %% returns-no-bool | a share is the answer
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(failed) / len(window) if window else 0


# %% returns-no-bool | None will do where nothing is wrong
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    if len(window) >= 10 and len(failed) > len(window) / 5:
        return True


# %% raises-on-an-empty-window | the share, straight away
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(failed) / len(window) > 0.2


# %% raises-on-an-empty-window | the last one is always there
#= max finds the last
#-     now = max(a["at"] for a in window)
#+     now = window[-1]["at"]


# %% raises-on-an-empty-window | max finds the last
def alert(window):
    now = max(a["at"] for a in window)
    recent = [a for a in window if a["at"] > now - 600]
    failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 5 and len(failed) >= len(recent) / 2


# %% raises-on-an-empty-window | statistics knows means
from statistics import mean


def alert(window):
    return mean(a["status"] is None or a["status"] >= 500 for a in window) > 0.2


# %% rings-on-an-empty-window | silence is bad
def alert(window):
    if not window:
        return True
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) / len(window) > 0.2


# %% rings-on-an-empty-window | fewer than five is odd
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) < 5 or len(failed) / len(window) > 0.2


# %% rings-on-an-empty-window | always
def alert(window):
    return True


# %% rings-on-an-empty-window | no successes means trouble
def alert(window):
    good = [a for a in window if a["status"] is not None and a["status"] < 500]
    return len(good) <= len(window) / 2


# %% rings-when-all-is-well | any attempt at all
def alert(window):
    return bool(window)


# %% rings-when-all-is-well | the share the wrong way round
def alert(window):
    good = [a for a in window if a["status"] is not None and a["status"] < 300]
    return len(window) > 5 and len(good) / len(window) > 0.5


# %% rings-when-all-is-well | much traffic is an attack
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) > 55 or len(failed) > 0.2 * len(window)


# %% rings-when-all-is-well | a quiet hour is an outage
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return 0 < len(window) < 10 or len(failed) > 0.2 * len(window)


# %% only-200-is-good | everything else
def alert(window):
    failed = [a for a in window if a["status"] != 200]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% only-200-is-good | two are known
def alert(window):
    failed = [a for a in window if a["status"] not in (200, 202)]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% only-200-is-good | bigger than 200
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] > 200]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% never-rings | it will be fine
def alert(window):
    return False


# %% never-rings | statuses as text
def alert(window):
    failed = [a for a in window if str(a["status"]).startswith("5xx")]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% never-rings | more failures than attempts
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) / len(window) > 1


# %% never-rings | per cent and shares mixed up
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) / len(window) > 20


# %% compares-none-with-a-number | a status is a number
def alert(window):
    if len(window) < 10:
        return False
    return sum(a["status"] >= 500 for a in window) / len(window) > 0.2


# %% compares-none-with-a-number | the last ten
def alert(window):
    last = window[-10:]
    return len(last) == 10 and sum(a["status"] >= 500 for a in last) >= 6


# %% compares-none-with-a-number | sorted by status
def alert(window):
    ordered = sorted(a["status"] for a in window)
    return len(ordered) >= 10 and ordered[-len(ordered) // 5] >= 500


# %% no-answer-is-no-failure | only what has a status
def alert(window):
    answered = [a for a in window if a["status"] is not None]
    failed = [a for a in answered if a["status"] >= 500]
    return len(answered) >= 10 and len(failed) >= 0.2 * len(answered)


# %% no-answer-is-no-failure | None is falsy
def alert(window):
    failed = [a for a in window if a["status"] and a["status"] >= 500]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% no-answer-is-no-failure | None is 0
def alert(window):
    failed = [a for a in window if (a["status"] or 0) // 100 == 5]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% errors-are-no-failures | down means no answer
def alert(window):
    failed = [a for a in window if a["status"] is None]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% misses-some-statuses | a bug is a 500
def alert(window):
    failed = [a for a in window if a["status"] in (None, 500)]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% misses-some-statuses | above 500
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] > 500]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% misses-some-statuses | down is 503
def alert(window):
    failed = [a for a in window if a["status"] in (None, 503)]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% misses-some-statuses | two of them, from a list
def alert(window):
    failed = [a for a in window if a["status"] in (None, 500, 503)]
    return len(window) >= 10 and len(failed) >= 0.15 * len(window)


# %% looks-at-the-seconds-only | slow is down
def alert(window):
    return bool(window) and sum(a["seconds"] for a in window) / len(window) > 3


# %% looks-at-the-seconds-only | the median
from statistics import median


def alert(window):
    return bool(window) and median(a["seconds"] for a in window[-20:]) > 5


# %% looks-at-the-seconds-only | the slowest
def alert(window):
    return any(a["seconds"] >= 10 for a in window)


# %% remembers-earlier-calls | ring only once
rung = []


def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    down = len(window) >= 10 and len(failed) >= 0.2 * len(window)
    first = down and not rung
    if first:
        rung.append(True)
    return first


# %% remembers-earlier-calls | until somebody resets it
state = {"down": False}


def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    if len(window) >= 10 and len(failed) >= 0.2 * len(window):
        state["down"] = True
    return state["down"]


# %% remembers-earlier-calls | only when it changes
last = [False]


def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    down = len(window) >= 10 and len(failed) >= 0.2 * len(window)
    changed = down and not last[0]
    last[0] = down
    return changed


# %% looks-at-the-clock | now is now
import time


def alert(window):
    recent = [a for a in window if a["at"] > time.time() - 600]
    failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 5 and len(failed) >= 0.5 * len(recent)


# %% the-good-minutes-hide-the-bad | half of the hour
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) > len(window) / 2


# %% the-good-minutes-hide-the-bad | a third of the hour, nearly
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) > 0.32 * len(window)


# %% the-good-minutes-hide-the-bad | nine tenths of half an hour
def alert(window):
    if not window:
        return False
    recent = [a for a in window if a["at"] > window[-1]["at"] - 1800]
    failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 5 and len(failed) > 0.9 * len(recent)


# %% waits-until-everything-fails | nobody comes through
#= a status is a number
#-     return sum(a["status"] >= 500 for a in window) / len(window) > 0.2
#+     return all(a["status"] is None or a["status"] >= 500 for a in window[-10:])


# %% waits-until-everything-fails | ten minutes without a success
#= a minimum for busy times
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     return len(recent) >= 5 and len(failed) == len(recent)


# %% waits-for-more-failures | a hundred is many
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(failed) >= 100


# %% waits-for-more-failures | a minimum for busy times
def alert(window):
    if not window:
        return False
    recent = [a for a in window if a["at"] > window[-1]["at"] - 600]
    failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)


# %% waits-for-more-failures | thirty failures are sure
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(failed) >= 30 and len(failed) >= 0.1 * len(window)


# %% rings-at-every-failure | any failure
def alert(window):
    return any(a["status"] is None or a["status"] >= 500 for a in window)


# %% rings-at-every-failure | the last one failed
def alert(window):
    if not window:
        return False
    last = window[-1]
    return last["status"] is None or last["status"] >= 500


# %% rings-at-every-failure | twice is a pattern
def alert(window):
    return sum(a["status"] is None or a["status"] >= 500 for a in window) >= 2


# %% judges-by-too-few | a share without a minimum
def alert(window):
    if not window:
        return False
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(failed) / len(window) >= 0.2


# %% judges-by-too-few | the last ten minutes without a minimum
#= a minimum for busy times
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     return len(failed) / len(recent) >= 0.5


# %% judges-by-too-few | three of three
def alert(window):
    last = window[-3:]
    return len(last) == 3 and all(
        a["status"] is None or a["status"] >= 500 for a in last
    )


# %% judges-by-too-few | four failures are enough, if the share is high
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(failed) >= 4 and len(failed) >= 0.2 * len(window)


# %% counts-without-comparing | ten failures in an hour
def alert(window):
    return sum(a["status"] is None or a["status"] >= 500 for a in window) >= 10


# %% counts-without-comparing | eight in ten minutes
#= a minimum for busy times
#-     failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     return sum(a["status"] is None or a["status"] >= 500 for a in recent) >= 8


# %% rings-at-every-failure | three per cent
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) >= 0.03 * len(window)


# %% bound-too-low | a tenth of the last ten minutes
#= a minimum for busy times
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     return len(recent) >= 12 and len(failed) >= 0.05 * len(recent)


# %% counts-refusals-as-failures | not acknowledged is failed
def alert(window):
    failed = [a for a in window if a["status"] is None or not 200 <= a["status"] < 300]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% counts-refusals-as-failures | from 400 on, in the last ten minutes
#= a minimum for busy times
#-     failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     failed = [a for a in recent if a["status"] is None or a["status"] >= 400]
#+     return len(recent) >= 8 and len(failed) >= 0.5 * len(recent)


# %% slow-is-not-down | failing or slow
#= a status is a number
#-     return sum(a["status"] >= 500 for a in window) / len(window) > 0.2
#+     failed = [a for a in window if a["status"] is None or a["status"] >= 500]
#+     mean = sum(a["seconds"] for a in window) / len(window)
#+     return len(failed) >= 0.2 * len(window) or mean > 2


# %% slow-is-not-down | slow counts as failed
def alert(window):
    bad = [
        a
        for a in window
        if a["status"] is None or a["status"] >= 500 or a["seconds"] > 1
    ]
    return len(window) >= 10 and len(bad) >= 0.2 * len(window)


# %% bound-too-low | a twentieth
def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 20 and len(failed) >= 0.05 * len(window)


# %% rings-when-all-is-well | or, read as in English
def alert(window):
    failed = [a for a in window if a["status"] is None or 500]
    return len(failed) >= 10 and len(failed) >= 0.2 * len(window)


# %% counts-without-comparing | three failures
def alert(window):
    return sum(a["status"] is None or a["status"] >= 500 for a in window) >= 3


# %% waits-for-more-failures | longer than twenty failures in a row
def alert(window):
    run = 0
    for a in window:
        run = run + 1 if a["status"] is None or a["status"] >= 500 else 0
    return run > 40


# %% no-name | nobody works at night
#- return len(recent) >= 6
#+ return 7 <= window[-1]["at"] // 3600 % 24 < 22 and len(recent) >= 6


# %% no-name | the ten minutes after the first attempt
#- window[-1]["at"]
#+ window[0]["at"]
#- if attempt["at"] > now - 600
#+ if attempt["at"] < now + 600


# %% looks-at-the-clock | datetime knows it, too
#- window[-1]["at"]
#+ __import__("datetime").datetime.now().timestamp()
