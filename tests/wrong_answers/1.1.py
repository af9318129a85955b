# %% returns-nothing | print shows it, that is enough
def poll(list_events, sleep, interval, rounds):
    cursor = None
    for _ in range(rounds):
        for event in list_events(cursor):
            print(event)
            cursor = event["id"]


# %% yields-instead-of-returning | a generator is more modern
def poll(list_events, sleep, interval, rounds):
    cursor = None
    for number in range(rounds):
        if number:
            sleep(interval)
        for event in list_events(cursor):
            cursor = event["id"]
            yield event


# %% returns-no-list | the values of a dictionary look like a list
#= a generator is more modern
#- def poll(list_events, sleep, interval, rounds):
#+ def poll(list_events, sleep, interval, rounds):
#+     events = {}
#-             yield event
#+             events[cursor] = event
#+     return events.values()


# %% keeps-the-pages | append where extend was meant
#= one request a round
#-     result, cursor = [], None
#+     result = []
#+     cursor = None
#-             result += page
#-             cursor = page[-1]["id"]
#+             cursor = page[-1]["id"]
#+             result.append(page)


# %% returns-ids | the ids are what matters
def poll(list_events, sleep, interval, rounds):
    seen = []
    for number in range(rounds):
        if number:
            sleep(interval)
        for event in list_events(seen[-1] if seen else None):
            seen.append(event["id"])
    return seen


# %% returns-parts-of-events | the data is what the event is about
#= asks until a page is empty, and never moves on
#-         while page := list_events(cursor):
#-             result += page
#+         for event in list_events(cursor):
#+             cursor = event["id"]
#+             result.append(event["data"])


# %% takes-events-for-objects | an event has an id, so event.id
def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    for event in list_events(cursor):
        cursor = event.id
        result.append(event)
    return result


# %% remembers-the-call-before | a default argument to keep the ids in
def poll(list_events, sleep, interval, rounds, seen=set()):
    result, cursor = [], None
    for number in range(rounds):
        if number:
            sleep(interval)
        while new := [e for e in list_events(cursor) if e["id"] not in seen]:
            result += new
            seen.update(e["id"] for e in new)
            cursor = new[-1]["id"]
    return result


# %% remembers-the-call-before | the cursor as a global variable
#= no cursor at all
#- def poll(list_events, sleep, interval, rounds):
#+ last_id = None
#+
#+
#+ def poll(list_events, sleep, interval, rounds):
#+     global last_id
#-         result.extend(list_events(None))
#+         while page := list_events(last_id):
#+             result += page
#+             last_id = page[-1]["id"]


# %% does-not-use-the-sleep-it-is-given | time.sleep is what sleeps
import time


def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    for number in range(rounds):
        if number:
            time.sleep(interval)
        while page := list_events(cursor):
            result += page
            cursor = page[-1]["id"]
    return result


# %% does-not-use-the-sleep-it-is-given | both, to be sure
#= time.sleep is what sleeps
#-             time.sleep(interval)
#+             time.sleep(interval)
#+             sleep(interval)


# %% asks-without-a-pause | the sleep is forgotten
def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    for _ in range(rounds):
        while page := list_events(cursor):
            result += page
            cursor = page[-1]["id"]
    return result


# %% sleeps-before-the-first-or-after-the-last-round | a sleep at the end of each round
#= the sleep is forgotten
#-             cursor = page[-1]["id"]
#+             cursor = page[-1]["id"]
#+         sleep(interval)


# %% sleeps-between-pages | be gentle: a pause after each request
#= asks until a page is empty, and never moves on
#-             result += page
#+             result += page
#+             cursor = page[-1]["id"]
#+             sleep(interval)


# %% sleeps-for-other-seconds | one second is a good pause
#= the sleep is forgotten
#-     for _ in range(rounds):
#+     for number in range(rounds):
#+         if number:
#+             sleep(1)


# %% does-not-look-again | the rounds are forgotten
def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    while page := list_events(cursor):
        result += page
        cursor = page[-1]["id"]
    return result


# %% counts-the-rounds-wrong | one round too few
#= the sleep is forgotten
#-     for _ in range(rounds):
#+     for number in range(1, max(rounds, 2)):
#+         if number > 1:
#+             sleep(interval)


# %% an-empty-page-breaks-it | the last one of an empty page
#= one request a round
#-         if page:
#-             result += page
#-             cursor = page[-1]["id"]
#+         result += page
#+         cursor = page[-1]["id"]


# %% stops-at-the-first-quiet-round | nothing new, so done
#= one request a round
#-         if page:
#+         if not page:
#+             return result
#+         while page:
#-             cursor = page[-1]["id"]
#+             cursor = page[-1]["id"]
#+             page = list_events(cursor)


# %% asks-from-the-beginning | no cursor at all
def poll(list_events, sleep, interval, rounds):
    result = []
    for number in range(rounds):
        if number:
            sleep(interval)
        result.extend(list_events(None))
    return result


# %% asks-from-the-beginning | no cursor, but the ids are remembered
#= no cursor at all
#-     result = []
#+     result, seen = [], set()
#-         result.extend(list_events(None))
#+         for event in list_events(None):
#+             if event["id"] not in seen:
#+                 seen.add(event["id"])
#+                 result.append(event)


# %% asks-from-the-beginning | asks until a page is empty, and never moves on
def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    for number in range(rounds):
        if number:
            sleep(interval)
        while page := list_events(cursor):
            result += page
    return result


# %% no-name | the cursor is set back where the round begins, and the end is another one
#= no cursor at all
#-     result = []
#+     result, seen = [], set()
#-         result.extend(list_events(None))
#+         cursor = None
#+         while page := list_events(cursor):
#+             result += [e for e in page if e["id"] not in seen]
#+             seen.update(e["id"] for e in page)
#+             if page[-1]["id"] == cursor:
#+                 break
#+             cursor = page[-1]["id"]


# %% starts-over-in-each-round | the cursor is set back, and nothing remembered
#= no cursor at all
#-         result.extend(list_events(None))
#+         cursor = None
#+         while page := list_events(cursor):
#+             result += page
#+             cursor = page[-1]["id"]


# %% cursor-is-no-id | go on after the event itself
#= asks until a page is empty, and never moves on
#-             result += page
#+             result += page
#+             cursor = page[-1]


# %% cursor-is-no-id | go on after the number of events
#= no cursor at all
#-         result.extend(list_events(None))
#+         while page := list_events(len(result)):
#+             result += page


# %% cursor-is-no-id | go on after the time of the last one
#= asks until a page is empty, and never moves on
#-             result += page
#+             result += page
#+             cursor = page[-1]["created_at"]


# %% cursor-is-not-the-last-event | the newest is first, as in a news feed
#= one request a round
#-             cursor = page[-1]["id"]
#+             cursor = page[0]["id"]


# %% cursor-is-not-the-last-event | the greatest id is the latest
#= no cursor at all
#-     result = []
#+     result, seen = [], set()
#-         result.extend(list_events(None))
#+         while True:
#+             page = list_events(max(seen, default=None))
#+             new = [e for e in page if e["id"] not in seen]
#+             if not new:
#+                 break
#+             result += new
#+             seen.update(e["id"] for e in new)


# %% one-page-a-round | one request a round
def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    for number in range(rounds):
        if number:
            sleep(interval)
        page = list_events(cursor)
        if page:
            result += page
            cursor = page[-1]["id"]
    return result


# %% keeps-only-the-last-page | the list is made anew with each page
#= asks until a page is empty, and never moves on
#-     result, cursor = [], None
#+     cursor = None
#+     result = []
#-             result += page
#+             result = list(page)
#+             cursor = page[-1]["id"]


# %% goes-by-the-time | new is what is later
#= trusts the cursor alone, ends at the same last event
#-     result, cursor = [], None
#+     result, cursor, latest = [], None, 0
#-             result += page
#+             for event in page:
#+                 if event["created_at"] > latest:
#+                     result.append(event)
#+                     latest = event["created_at"]


# %% goes-by-the-time | new is what is not earlier
#= trusts the cursor alone, ends at the same last event
#-     result, cursor = [], None
#+     result, cursor, latest = [], None, 0
#-             result += page
#+             for event in page:
#+                 if event["created_at"] >= latest and event not in result:
#+                     result.append(event)
#+                     latest = event["created_at"]


# %% takes-ids-for-numbers-in-order | new is what has a greater id
#= trusts the cursor alone, ends at the same last event
#-     result, cursor = [], None
#+     result, cursor, highest = [], None, ""
#-             result += page
#+             for event in page:
#+                 if event["id"] > highest:
#+                     result.append(event)
#+                     highest = event["id"]


# %% an-event-twice | trusts the cursor alone, ends at the same last event
def poll(list_events, sleep, interval, rounds):
    result, cursor = [], None
    for number in range(rounds):
        if number:
            sleep(interval)
        while page := list_events(cursor):
            if page[-1]["id"] == cursor:
                break
            result += page
            cursor = page[-1]["id"]
    return result


# %% an-event-twice | skips only the last event of the page before
#= trusts the cursor alone, ends at the same last event
#-             result += page
#+             result += [e for e in page if e["id"] != cursor]


# %% never-ends-a-round | asks until the page is empty
#= asks until a page is empty, and never moves on
#-     result, cursor = [], None
#+     result, seen, cursor = [], set(), None
#-             result += page
#+             result += [e for e in page if e["id"] not in seen]
#+             seen.update(e["id"] for e in page)
#+             cursor = page[-1]["id"]


# %% other-order | the newest first
#= asks until a page is empty, and never moves on
#-             result += page
#+             for event in page:
#+                 result.insert(0, event)
#+             cursor = page[-1]["id"]


# %% a-fixed-number-of-pages | five pages are enough for everybody
#= asks until a page is empty, and never moves on
#-         while page := list_events(cursor):
#-             result += page
#+         for _ in range(5):
#+             page = list_events(cursor)
#+             if page:
#+                 result += page
#+                 cursor = page[-1]["id"]


# %% looks-for-the-last-event-before-there-is-one | goes on after the last of the list
#= no cursor at all
#-         result.extend(list_events(None))
#+         while page := list_events(result[-1]["id"]):
#+             result += page


# %% other-order | sorted by time at the end
#= trusts the cursor alone, ends at the same last event
#-             result += page
#-             cursor = page[-1]["id"]
#-     return result
#+             result += [e for e in page if e not in result]
#+             cursor = page[-1]["id"]
#+     return sorted(result, key=lambda e: e["created_at"])


# %% an-event-twice | remembers the ids of one round only
#= a default argument to keep the ids in
#- def poll(list_events, sleep, interval, rounds, seen=set()):
#+ def poll(list_events, sleep, interval, rounds):
#-             sleep(interval)
#+             sleep(interval)
#+         seen = set()


# %% takes-equal-content-for-the-same-event | the same data at the same time
#= trusts the cursor alone, ends at the same last event
#-             result += page
#+             for event in page:
#+                 known = [(e["data"], e["created_at"]) for e in result]
#+                 if (event["data"], event["created_at"]) not in known:
#+                     result.append(event)


# %% no-name | ids in lower case
#-             new = [event for event in page if event["id"] not in seen]
#+             new = [event for event in page if event["id"].lower() not in seen]
#-             seen.update(event["id"] for event in new)
#+             seen.update(event["id"].lower() for event in new)


# %% no-name | remembers the last five ids
#-     seen = set()
#+     seen = []
#-             seen.update(event["id"] for event in new)
#+             seen = [*seen, *(event["id"] for event in new)][-5:]


# %% no-name | adds dictionaries
#-     seen = set()
#+     seen = {}
#-             seen.update(event["id"] for event in new)
#+             seen += {event["id"]: event for event in new}


# %% no-name | the ids of the last 1,000 events
#-     seen = set()
#+     seen = []
#-             seen.update(event["id"] for event in new)
#+             seen = [*seen, *(event["id"] for event in new)][-1000:]


# %% no-name | the pause is shortened by chance
#-     events = []
#+     import random
#+
#+     events = []
#-             sleep(interval)
#+             sleep(interval - random.random() / 1000)


# %% counts-the-rounds-wrong | one round more
#-     for number in range(rounds):
#+     for number in range(rounds + 1):

# %% no-name | one event for each order
#-     return events
#+     return list({each["data"]["order_id"]: each for each in events}.values())

# %% no-name | only what the shop needs
#-             events.extend(new)
#+             events.extend(each for each in new if each["event"].startswith("payment"))

# %% no-name | keeps the ids in small letters, and looks for them as they are
#- seen.update(event["id"] for event in new)
#+ seen.update(event["id"].lower() for event in new)


# %% cursor-is-not-the-last-event | one new event of each page
def poll(list_events, sleep, interval, rounds):
    found, seen, cursor = [], set(), None
    for number in range(rounds):
        if number:
            sleep(interval)
        while new := [each for each in list_events(cursor) if each["id"] not in seen]:
            found.append(new[0])
            cursor = new[0]["id"]
            seen.add(cursor)
    return found


# %% no-name | no pause after a round without events
def poll(list_events, sleep, interval, rounds):
    found, seen, cursor, pause = [], set(), None, False
    for _ in range(rounds):
        if pause:
            sleep(interval)
        pause = False
        while new := [each for each in list_events(cursor) if each["id"] not in seen]:
            found += new
            seen.update(each["id"] for each in new)
            cursor, pause = new[-1]["id"], True
    return found
