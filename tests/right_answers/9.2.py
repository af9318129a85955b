# %% passed | as it is taught
def alert(window):
    if not window:
        return False
    now = window[-1]["at"]
    recent = [attempt for attempt in window if attempt["at"] > now - 600]
    failed = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 6 and len(failed) >= len(recent) / 2


# %% passed | the whole hour, with two bounds
def alert(window):
    failed = sum(a["status"] is None or a["status"] >= 500 for a in window)
    return failed >= 6 and failed >= 0.15 * len(window)


# %% passed | the last ten attempts
def alert(window):
    last = [a["status"] for a in window[-10:]]
    return len(last) == 10 and sum(s is None or s // 100 == 5 for s in last) > 5


# %% passed | five in a row
from itertools import takewhile


def failed(attempt):
    return (attempt["status"] or 599) >= 500


def alert(window):
    return len(list(takewhile(failed, reversed(window)))) >= 5


# %% passed | a class with its settings
from dataclasses import dataclass


@dataclass
class ShareAlert:
    minutes: float = 15
    least: int = 8
    share: float = 0.4

    def __call__(self, window):
        now = max((a["at"] for a in window), default=0)
        recent = [a for a in window if now - a["at"] < self.minutes * 60]
        failed = list(filter(self.failed, recent))
        return len(recent) >= self.least and len(failed) / len(recent) >= self.share

    @staticmethod
    def failed(attempt):
        match attempt["status"]:
            case None:
                return True
            case status:
                return status > 499


alert = ShareAlert()


# %% passed | a plain loop
def alert(window):
    made = 0
    failed = 0
    for attempt in window:
        if attempt["at"] <= window[-1]["at"] - 600:
            continue
        made = made + 1
        status = attempt["status"]
        if status == None or status >= 500:
            failed = failed + 1
    if made < 5:
        return False
    if failed / made < 0.6:
        return False
    return True


# %% passed | a smoothed share
from functools import reduce


def alert(window):
    def step(level, attempt):
        bad = attempt["status"] is None or attempt["status"] >= 500
        return level + 0.15 * (bad - level)

    return reduce(step, window, 0.0) > 0.55


# %% passed | one success more than hoped for
def alert(window):
    recent = window[-12:]
    good = [a for a in recent if a["status"] and a["status"] < 500]
    return len(recent) > 9 and len(good) < 5
