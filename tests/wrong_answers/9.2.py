# %% returns-no-bool | what failed is the alarm
def alert(window):
    return [a for a in window if a["status"] is None or a["status"] >= 500]


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


# %% rings-on-an-empty-window | silence is bad
def alert(window):
    if not window:
        return True
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    return len(window) >= 10 and len(failed) / len(window) > 0.2


# %% rings-when-all-is-well | any attempt at all
def alert(window):
    return bool(window)


# %% only-200-is-good | everything else
def alert(window):
    failed = [a for a in window if a["status"] != 200]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% never-rings | it will be fine
def alert(window):
    return False


# %% compares-none-with-a-number | a status is a number
def alert(window):
    if len(window) < 10:
        return False
    return sum(a["status"] >= 500 for a in window) / len(window) > 0.2


# %% no-answer-is-no-failure | only what has a status
def alert(window):
    answered = [a for a in window if a["status"] is not None]
    failed = [a for a in answered if a["status"] >= 500]
    return len(answered) >= 10 and len(failed) >= 0.2 * len(answered)


# %% errors-are-no-failures | down means no answer
def alert(window):
    failed = [a for a in window if a["status"] is None]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% misses-some-statuses | down is 503
def alert(window):
    failed = [a for a in window if a["status"] in (None, 503)]
    return len(window) >= 10 and len(failed) >= 0.2 * len(window)


# %% looks-at-the-seconds-only | slow is down
def alert(window):
    return bool(window) and sum(a["seconds"] for a in window) / len(window) > 3


# %% remembers-earlier-calls | ring only once
rung = []


def alert(window):
    failed = [a for a in window if a["status"] is None or a["status"] >= 500]
    down = len(window) >= 10 and len(failed) >= 0.2 * len(window)
    first = down and not rung
    if first:
        rung.append(True)
    return first


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


# %% waits-until-everything-fails | nobody comes through
#= a status is a number
#-     return sum(a["status"] >= 500 for a in window) / len(window) > 0.2
#+     return all(a["status"] is None or a["status"] >= 500 for a in window[-10:])


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


# %% rings-at-every-failure | any failure
def alert(window):
    return any(a["status"] is None or a["status"] >= 500 for a in window)


# %% rings-at-every-failure | the last one failed
def alert(window):
    if not window:
        return False
    last = window[-1]
    return last["status"] is None or last["status"] >= 500


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


# %% counts-without-comparing | ten failures in an hour
def alert(window):
    return sum(a["status"] is None or a["status"] >= 500 for a in window) >= 10


# %% bound-too-low | a tenth of the last ten minutes
#= a minimum for busy times
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     return len(recent) >= 12 and len(failed) >= 0.05 * len(recent)


# %% counts-refusals-as-failures | from 400 on, in the last ten minutes
#= a minimum for busy times
#-     failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
#-     return len(recent) >= 50 and len(failed) >= 0.5 * len(recent)
#+     failed = [a for a in recent if a["status"] is None or a["status"] >= 400]
#+     return len(recent) >= 8 and len(failed) >= 0.5 * len(recent)


# %% slow-is-not-down | slow counts as failed
def alert(window):
    bad = [
        a
        for a in window
        if a["status"] is None or a["status"] >= 500 or a["seconds"] > 1
    ]
    return len(window) >= 10 and len(bad) >= 0.2 * len(window)


# %% no-name | nobody works at night
#- return len(recent) >= 6
#+ return 7 <= window[-1]["at"] // 3600 % 24 < 22 and len(recent) >= 6


# %% no-name | the ten minutes after the first attempt
#- window[-1]["at"]
#+ window[0]["at"]
#- if attempt["at"] > now - 600
#+ if attempt["at"] < now + 600
