# %% passed | a loop with two counters
def alarm(orders, now):
    old = lost = 0
    for order in orders:
        if now - order["acknowledged"] <= 600:
            break
        old += 1
        if order["shipped"] is None:
            lost += 1
    return lost >= 5 and lost / old >= 0.1


# %% passed | the last half hour, if it has enough orders
def alarm(orders, now):
    old = [o for o in orders if o["acknowledged"] < now - 600]
    recent = [o for o in old if o["acknowledged"] >= now - 1800]
    judged = recent if len(recent) >= 10 else old
    lost = sum(o["shipped"] is None for o in judged)
    return lost > 3 and lost >= 0.25 * len(judged)


# %% passed | the last orders
def alarm(orders, now):
    old = [o["shipped"] for o in orders if now - o["acknowledged"] > 600][-40:]
    lost = old.count(None)
    if lost < 5:
        return False
    return lost * 8 >= len(old)


# %% passed | not all is well
def alarm(orders, now):
    waiting = [o for o in orders if now > o["acknowledged"] + 600]
    shipped = [o for o in waiting if o["shipped"]]
    missing = len(waiting) - len(shipped)
    return not (missing < 6 or missing < len(waiting) * 0.09)


# %% passed | early returns
def alarm(orders, now):
    if not orders:
        return False
    old = list(filter(lambda o: now - o["acknowledged"] > 600, orders))
    if len(old) < 4:
        return False
    rate = sum(1 for o in old if o["shipped"] is None) / len(old)
    return bool(rate > 0.095 and rate * len(old) > 4.5)


# %% passed | helpers
MINIMUM, SHARE = 7, 0.1


def overdue(order, now):
    return order["shipped"] is None and now - order["acknowledged"] > 600


def alarm(orders, now):
    count = len([order for order in orders if overdue(order, now)])
    total = len([order for order in orders if order["acknowledged"] < now - 600])
    return count >= max(MINIMUM, SHARE * total)


# %% passed | in tenths
def alarm(orders, now):
    states = ["lost" if o["shipped"] is None else "done"
              for o in orders if o["acknowledged"] + 600 < now]
    return states.count("lost") >= 4 and 10 * states.count("lost") >= len(states)


# %% passed | a counter
from collections import Counter


def alarm(orders, now):
    seen = Counter(
        order["shipped"] is None for order in orders if now - order["acknowledged"] > 600
    )
    return seen[True] >= 5 and seen[True] * 9 >= seen[False]


# %% passed | five of the last eight
def alarm(orders, now):
    old = [o["shipped"] is None for o in orders if now - o["acknowledged"] > 600]
    return sum(old[-8:]) >= 5
