# %% passed | digits, then a date
#= the http library's own reader
#- from http.cookiejar import http2time
#+ from email.utils import parsedate_to_datetime
#-     if value and value.isascii() and value.isdigit():
#+     if value is None:
#+         return None
#+     if value.isdecimal():
#-         when = http2time(value) if value and value.endswith("GMT") else None
#-     except ValueError:
#+         when = parsedate_to_datetime(value)
#+     except (TypeError, ValueError):
#-     return None if when is None else max(0.0, when - now)
#+     return max(0.0, when.timestamp() - now)


# %% passed | lower case, and tuples of the email package
from email.utils import mktime_tz, parsedate_tz


def retry_after(headers, now):
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    value = lowered.get("retry-after", "")
    if value.isdigit():
        return int(value)
    parsed = parsedate_tz(value)
    try:
        return None if parsed is None else max(0.0, mktime_tz(parsed) - now)
    except (ValueError, OverflowError):
        return None


# %% passed | strptime, the one form that everybody sends
#= the http library's own reader
#- from http.cookiejar import http2time
#+ from datetime import datetime, timezone
#-     value = headers.get("Retry-After")
#-     if value and value.isascii() and value.isdigit():
#+     value = headers.get("retry-after", "")
#+     if value.isdigit():
#-         when = http2time(value) if value and value.endswith("GMT") else None
#+         naive = datetime.strptime(value, "%a, %d %b %Y %H:%M:%S GMT")
#-     return None if when is None else max(0.0, when - now)
#+     return max(0.0, naive.replace(tzinfo=timezone.utc).timestamp() - now)


# %% passed | regular expressions and calendar
import calendar
import re
from contextlib import suppress
from email.utils import parsedate


def retry_after(headers, now):
    match [v for k, v in headers.items() if k.casefold() == "retry-after"]:
        case [value] if re.fullmatch("[0-9]+", value):
            return float(value)
        case [value] if parsed := parsedate(value):
            with suppress(ValueError):
                return max(float(calendar.timegm(parsed)) - now, 0.0)
    return None


# %% passed | one reader after the other
from email.utils import parsedate_to_datetime


def retry_after(headers, now):
    try:
        value = headers["Retry-After"]
    except KeyError:
        return None
    for read in (read_seconds, read_date):
        try:
            return max(0.0, read(value, now))
        except ValueError:
            continue
    return None


def read_seconds(value, now):
    if not value.isdecimal():
        raise ValueError(value)
    return int(value)


def read_date(value, now):
    return parsedate_to_datetime(value).timestamp() - now


# %% passed | the http library's own reader
from http.cookiejar import http2time


def retry_after(headers, now):
    value = headers.get("Retry-After")
    if value and value.isascii() and value.isdigit():
        return float(value)
    try:
        when = http2time(value) if value and value.endswith("GMT") else None
    except ValueError:
        return None
    return None if when is None else max(0.0, when - now)


# %% passed | what the web framework has
from werkzeug.http import parse_date


def retry_after(headers, now):
    value = headers.get("Retry-After") or ""
    if value.isdecimal():
        return float(value)
    when = parse_date(value)
    return when and max(0.0, when.timestamp() - now)
