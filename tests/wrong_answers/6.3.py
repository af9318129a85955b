# %% returns-the-text | the value as it came
def retry_after(headers, now):
    return headers.get("Retry-After")


# %% needs-the-header | float of nothing
def retry_after(headers, now):
    return float(headers.get("Retry-After"))


# %% no-wish-is-taken-for-zero | a default of 0
def retry_after(headers, now):
    return float(headers.get("Retry-After", 0))


# %% zero-is-taken-for-no-wish | an if on the number
def retry_after(headers, now):
    value = headers.get("Retry-After", "")
    seconds = float(value) if value.isdecimal() else 0
    if seconds:
        return seconds
    return None


# %% no-dates | seconds only
def retry_after(headers, now):
    value = headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None


# %% raises-on-dates | int of a date
def retry_after(headers, now):
    value = headers.get("Retry-After")
    return None if value is None else int(value)


# %% raises-on-dates | an aware date minus a number
#= either digits or a date
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     return max(0.0, parsedate_to_datetime(value) - now)


# %% returns-the-moment | the date as a number
#= either digits or a date
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         return max(0.0, parsedate_to_datetime(value).timestamp())
#+     except ValueError:
#+         return None


# %% looks-at-the-clock | the time is what the clock says
#= either digits or a date
#- from email.utils import parsedate_to_datetime
#+ import time
#+ from email.utils import parsedate_to_datetime
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
#+     except ValueError:
#+         return None


# %% subtracts-backwards | now minus then
#= either digits or a date
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         return max(0.0, now - parsedate_to_datetime(value).timestamp())
#+     except ValueError:
#+         return None


# %% negative-wait | the date minus now, whatever comes
#= either digits or a date
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         return parsedate_to_datetime(value).timestamp() - now
#+     except ValueError:
#+         return None


# %% past-date-is-taken-for-no-wish | it is over
#= either digits or a date
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         wait = parsedate_to_datetime(value).timestamp() - now
#+     except ValueError:
#+         return None
#+     return wait if wait > 0 else None


# %% takes-gmt-for-local-time | strptime with GMT as letters
#= either digits or a date
#- from email.utils import parsedate_to_datetime
#+ from datetime import datetime
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         when = datetime.strptime(value, "%a, %d %b %Y %H:%M:%S GMT")
#+     except ValueError:
#+         return None
#+     return max(0.0, when.timestamp() - now)


# %% takes-gmt-for-local-time | mktime
#= either digits or a date
#- from email.utils import parsedate_to_datetime
#+ import time
#+ from email.utils import parsedate
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     parsed = parsedate(value)
#+     return None if parsed is None else max(0.0, time.mktime(parsed) - now)


# %% name-in-one-spelling | a plain dictionary of them
#= either digits or a date
#-     value = headers.get("Retry-After")
#+     value = dict(headers).get("Retry-After")
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     except ValueError:
#+         return None


# %% raises-on-nonsense | either digits or a date
from email.utils import parsedate_to_datetime


def retry_after(headers, now):
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.isdigit():
        return float(value)
    return max(0.0, parsedate_to_datetime(value).timestamp() - now)


# %% nonsense-is-taken-for-a-wish | at a loss, at once
#= int reads a sign
#-         return int(value)
#+         return float(value)
#-     except ValueError:
#-         return None
#+     except ValueError:
#+         return 0.0


# %% nonsense-is-taken-for-a-wish | the digits in it
#= either digits or a date
#- from email.utils import parsedate_to_datetime
#+ import re
#+ from email.utils import parsedate_to_datetime
#-     if value.isdigit():
#-         return float(value)
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     if "GMT" in value:
#+         try:
#+             return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+         except ValueError:
#+             return None
#+     digits = re.search(r"\d+", value)
#+     return float(digits[0]) if digits else None


# %% reads-more-than-digits | float reads numbers
#= int reads a sign
#-         return int(value)
#+         return max(0.0, float(value))


# %% negative-seconds | int reads a sign
from email.utils import parsedate_to_datetime


def retry_after(headers, now):
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


# %% raises-on-nonsense | dates of all kinds minus an aware one
#= either digits or a date
#- from email.utils import parsedate_to_datetime
#+ from datetime import datetime, timezone
#+ from email.utils import parsedate_to_datetime
#-     return max(0.0, parsedate_to_datetime(value).timestamp() - now)
#+     try:
#+         when = parsedate_to_datetime(value)
#+     except ValueError:
#+         return None
#+     wait = when - datetime.fromtimestamp(now, timezone.utc)
#+     return max(0.0, wait.total_seconds())


# %% no-name | a minute if there is no wish
#-         return None
#-     if value.isascii()
#+         return 60.0
#+     if value.isascii()
