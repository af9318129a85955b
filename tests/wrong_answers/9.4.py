# %% raises-without-an-attempt | there is always an attempt
#-     if not earlier:
#-         return True
#+     pass

# %% quiet-without-an-attempt | a default that hides the question
#-     if not earlier:
#-         return True
#-     last = max(earlier)
#+     last = max(earlier, default=now)

# %% trusts-the-order | the newest attempt is at the end
#-     last = max(earlier)
#+     last = earlier[-1]

# %% counts-from-the-first-attempt | the oldest one
#-     last = max(earlier)
#+     last = min(earlier)

# %% counts-attempts-of-the-future | no attempt can be later than now
#-     earlier = [at for at in attempts if at <= now]
#+     earlier = [at for at in attempts if at]

# %% only-the-hour-of-now | the limit of this hour
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     return now - last > limits[final % 24]

# %% only-the-hour-of-the-last-attempt | the limit of the hour in which it became silent
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     return now - last > limits[first % 24]

# %% forgets-the-hours-between | both ends
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     return now - last > max(limits[first % 24], limits[final % 24])

# %% forgets-the-hour-of-now | as many steps as hours passed, and no step more
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     hours = [first, *range(first, final)]
#+     return now - last > max(limits[hour % 24] for hour in hours)

# %% uses-the-smallest-limit | the strictest limit wins
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     return now - last > min(limits[hour % 24] for hour in range(first, final + 1))

# %% fires-at-the-limit | not shorter than the limit
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     return now - last >= max(limits[hour % 24] for hour in range(first, final + 1))

# %% looks-at-the-clock | the program runs now
#-     earlier = [at for at in attempts if at <= now]
#+     import time
#+     now = time.time()
#+     earlier = [at for at in attempts if at <= now]

# %% uses-the-local-hour | datetime knows the hour
#-     first, final = int(last // 3600), int(now // 3600)
#+     from datetime import datetime, timedelta
#+     shift = datetime.fromtimestamp(now).astimezone().utcoffset() / timedelta(hours=1)
#+     first, final = int(last / 3600 + shift), int(now / 3600 + shift)

# %% fails-after-midnight | hours of the day from the start
#-     first, final = int(last // 3600), int(now // 3600)
#+     first, final = int(last // 3600 % 24), int(now // 3600 % 24)

# %% returns-no-bool | no return on the way out
#-     return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
#+     if now - last > max(limits[hour % 24] for hour in range(first, final + 1)):
#+         return True

# %% changes-the-attempts | sorts in place
#-     earlier = [at for at in attempts if at <= now]
#+     attempts.sort()
#+     earlier = [at for at in attempts if at <= now]

# %% no-name | a time of 0 is none
#-     last = max(earlier)
#+     if not (last := max(earlier)):
#+         return True

# %% no-name | whole seconds only
#- [at for at in attempts if at <= now]
#+ [int(at) for at in attempts if at <= now]
#- return now - last
#+ return int(now) - last


# %% steps-from-the-last-attempt | an hour later, and again
def silent(attempts, now, limits):
    earlier = [at for at in attempts if at <= now]
    if not earlier:
        return True
    at = last = max(earlier)
    limit = 0
    while at <= now:
        limit = max(limit, limits[int(at // 3600) % 24])
        at += 3600
    return now - last > limit


# %% knows-no-longer-silence | over midnight, but not over a whole day
def silent(attempts, now, limits):
    earlier = [at for at in attempts if at <= now]
    if not earlier:
        return True
    last = max(earlier)
    first, final = int(last // 3600) % 24, int(now // 3600) % 24
    hours = [*range(first, 24), *range(final + 1)]
    if first <= final:
        hours = [*range(first, final + 1)]
    return now - last > max(limits[hour] for hour in hours)
