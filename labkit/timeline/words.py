"""Times, lengths and counts as plain words."""

import math

MINUTE = 60
HOUR = 3_600
DAY = 86_400


def clock(seconds: float) -> str:
    """Write an offset in seconds as `0:00:35`, and from a day on as `2d 03:00:00`."""
    whole = math.floor(max(seconds, 0.0) + 1e-6)
    days, rest = divmod(whole, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, left = divmod(rest, MINUTE)
    if days:
        return f"{days}d {hours:02}:{minutes:02}:{left:02}"
    return f"{hours}:{minutes:02}:{left:02}"


def lasting(seconds: float) -> str:
    """Write a length of time in seconds in its natural unit: `0.05 s`, `5 min`."""
    if seconds < 1:
        return f"{seconds:.2g} s" if seconds >= 0.001 else "0 s"
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 36 * HOUR:
        return f"{seconds / HOUR:.1f}".removesuffix(".0") + " h"
    return f"{seconds / DAY:.1f}".removesuffix(".0") + " days"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: `1 attempt`, `2 attempts`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
