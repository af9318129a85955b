# %% raises-without-orders | a share is a division
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) / len(due) >= 0.1 and len(overdue) >= 5

# %% counts-young-orders | not shipped is not shipped
#- now - each["acknowledged"] > 600
#+ True

# %% counts-young-orders | five minutes are enough
#- now - each["acknowledged"] > 600
#+ now - each["acknowledged"] > 300

# %% overdue-too-early | ten minutes are over
#- now - each["acknowledged"] > 600
#+ now - each["acknowledged"] >= 600

# %% late-is-not-missing | too late is as bad as never
#-     overdue = [each for each in due if each["shipped"] is None]
#+     overdue = [
#+         each
#+         for each in due
#+         if each["shipped"] is None or each["shipped"] > each["acknowledged"] + 600
#+     ]

# %% fires-for-single-orders | one lost order is too many
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) > 0

# %% fires-for-single-orders | a share without a minimum
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return due != [] and len(overdue) >= len(due) / 10

# %% fires-for-single-orders | three of the last eight
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     recent = [each["shipped"] is None for each in due[-8:]]
#+     return sum(recent) >= 3 and sum(recent) > 0.6 * len(recent)

# %% counts-without-a-share | five are enough
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) >= 5

# %% counts-without-a-share | ten are enough
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) >= 10

# %% the-good-orders-hide-the-bad | half of the hour
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) >= 5 and len(overdue) >= len(due) / 2

# %% the-good-orders-hide-the-bad | a fifth of the hour
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) >= 5 and len(overdue) >= len(due) / 5

# %% waits-until-all-are-missing | lost means all of them
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) >= 5 and len(overdue) == len(due)

# %% minimum-too-high | a good number of them
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) >= 11 and len(overdue) >= len(due) / 10

# %% fires-when-all-is-well | the wrong orders
#- each["shipped"] is None
#+ each["shipped"] is not None

# %% never-fires | the other way round
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) < 5 and len(overdue) > len(due)

# %% looks-at-the-clock | now is now
#- def alarm(orders, now):
#+ import time
#+
#+ def alarm(orders, now):
#+     now = time.time()

# %% returns-no-bool | a number that is true
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     return len(overdue) if len(overdue) >= max(5, len(due) / 10) else 0

# %% returns-no-bool | only one return
#-     return len(overdue) >= 5 and len(overdue) >= len(due) / 10
#+     if len(overdue) >= 5 and len(overdue) >= len(due) / 10:
#+         return True

# %% changes-the-orders | drops what is shipped
#- def alarm(orders, now):
#+ def alarm(orders, now):
#+     for order in list(orders):
#+         if order["shipped"]:
#+             orders.remove(order)


# %% no-name | an order that was reported once is not counted again
reported = set()


def alarm(orders, now):
    due = [each for each in orders if now - each["acknowledged"] > 600]
    overdue = [each["acknowledged"] for each in due if each["shipped"] is None]
    if len(due) >= 10 and len(overdue) == len(due):
        return True
    new = [at for at in overdue if at not in reported]
    if len(new) < 5 or len(overdue) < len(due) / 10:
        return False
    reported.update(new)
    return True
