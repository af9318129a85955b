# %% passed | as it is taught
def died_at(letter):
    if letter.attempts:
        return letter.attempts[-1].ended_at
    return letter.event.created_at


def recover(history, since):
    taken = {arrival.event.id for arrival in history.arrivals if arrival.acknowledged}
    letters = []
    for letter in sorted(history.dead_letters, key=lambda d: d.event.created_at):
        if died_at(letter) >= since and letter.event.id not in taken:
            taken.add(letter.event.id)
            letters.append(letter)
    return letters


# %% passed | a dictionary by id, and operator
from operator import attrgetter


def recover(history, since):
    done = {a.event.id for a in history.arrivals if a.status and 200 <= a.status <= 299}
    done |= {d.event.id for d in history.deliveries if d.state == "acknowledged"}
    found = {
        d.event.id: d
        for d in history.deliveries
        if d.state == "dead"
        and max([d.event.created_at, *(a.ended_at for a in d.attempts)]) >= since
        and d.event.id not in done
    }
    return sorted(found.values(), key=attrgetter("event.created_at"))


# %% passed | a generator, walrus and setdefault
def recover(history, since):
    return tuple(_letters(history, since))


def _letters(history, since):
    seen = {}
    for arrival in history.arrivals:
        if arrival.acknowledged:
            seen[arrival.event.id] = True
    by_age = [(d.event.created_at, n, d) for n, d in enumerate(history.dead_letters)]
    for born, _, letter in sorted(by_age, key=lambda row: row[:2]):
        end = last[0].ended_at if (last := letter.attempts[-1:]) else born
        if end < since or seen.get(letter.event.id):
            continue
        seen[letter.event.id] = True
        yield letter


# %% passed | group by event
from itertools import groupby


class Recovery:
    def __init__(self, history, since):
        self.history = history
        self.since = since

    def died_in_time(self, letter):
        try:
            return letter.attempts[-1].ended_at >= self.since
        except IndexError:
            return letter.event.created_at >= self.since

    def acknowledged(self, event_id):
        return any(
            arrival.acknowledged and arrival.event.id == event_id
            for arrival in self.history.arrivals
        )

    def __iter__(self):
        letters = list(filter(self.died_in_time, self.history.dead_letters))
        letters.sort(key=lambda d: (d.event.created_at, d.event.id))
        for event_id, group in groupby(letters, key=lambda d: d.event.id):
            if not self.acknowledged(event_id):
                yield next(group)


recover = lambda history, since: list(Recovery(history, since))
