# %% passed | as it is taught
#-     events = []
#-     seen = set()
#-     cursor = None
#+     events, seen, cursor = [], set(), None
#-             page = list_events(cursor)
#-             new = [event for event in page if event["id"] not in seen]
#+             new = [e for e in list_events(cursor) if e["id"] not in seen]
#-             seen.update(event["id"] for event in new)
#+             seen.update(e["id"] for e in new)


# %% passed | a dictionary by id, and a walrus
def poll(list_events, sleep, interval, rounds):
    collected = {}

    def news():
        last = next(reversed(collected), None)
        return {e["id"]: e for e in list_events(last) if e["id"] not in collected}

    for left in range(rounds - 1, -1, -1):
        while page := news():
            collected |= page
        if left:
            sleep(interval)
    return list(collected.values())


# %% passed | stops when the last event of the page is known
def poll(list_events, sleep, interval, rounds):
    result = []
    ids = []
    cursor = None
    round_number = 1
    while round_number <= rounds:
        page = list_events(after=cursor)
        if len(page) == 0 or page[-1]["id"] in ids:
            if round_number < rounds:
                sleep(interval)
            round_number = round_number + 1
            continue
        for event in page:
            if not event["id"] in ids:
                ids.append(event["id"])
                result.append(event)
        cursor = page[-1]["id"]
    return result


# %% passed | generators and itertools, a list only at the end
import itertools


def poll(list_events, sleep, interval, rounds):
    seen = {}

    def one_round():
        while True:
            page = list_events(next(iter(seen), None) and list(seen)[-1])
            fresh = list(itertools.filterfalse(lambda e: e["id"] in seen, page))
            if not fresh:
                return
            for event in fresh:
                seen[event["id"]] = True
                yield event

    def all_rounds():
        yield from one_round()
        for _ in range(rounds - 1):
            sleep(interval)
            yield from one_round()

    return [*all_rounds()]


# %% passed | a class that can be called
class Poller:
    def __call__(self, list_events, sleep, interval, rounds):
        self.events = []
        self.cursor = None
        for number in range(rounds):
            number and sleep(interval)
            while self.fetch(list_events):
                pass
        return self.events

    def fetch(self, list_events):
        known = {event["id"] for event in self.events}
        news = [event for event in list_events(self.cursor) if event["id"] not in known]
        if news:
            self.events += news
            self.cursor = news[-1]["id"]
        return news


poll = Poller()


# %% passed | whole events compared, since a list can hold dictionaries
from functools import partial


def collect(events, list_events):
    while True:
        before = len(events)
        for event in list_events(events[-1]["id"] if events else None):
            if event not in events:
                events.append(event)
        if len(events) == before:
            return events


def poll(list_events, sleep, interval, rounds):
    step = partial(collect, [], list_events)
    events = step()
    while (rounds := rounds - 1) > 0:
        sleep(interval)
        events = step()
    return events


# %% passed | one request to begin with, and asks once more than it must
def poll(list_events, sleep, interval, rounds):
    had, out, cursor, quiet, done = set(), [], None, 0, 0
    while done < rounds:
        page = list_events(cursor)
        fresh = [e for e in page if e["id"] not in had]
        had |= {e["id"] for e in fresh}
        out += fresh
        if page:
            cursor = page[-1]["id"]
        quiet = 0 if fresh else quiet + 1
        if quiet == 2:
            quiet, done = 0, done + 1
            if done < rounds:
                sleep(interval)
    return out
