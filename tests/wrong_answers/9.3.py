# %% returns-no-list | it is printed
def recover(history, since):
    for letter in history.dead_letters:
        print(letter.event.id)


# %% returns-no-deliveries | ids are enough
def recover(history, since):
    return [letter.event.id for letter in history.dead_letters]


# %% resends-what-was-acknowledged | everything again
def recover(history, since):
    return list(history.deliveries)


# %% resends-what-is-under-way | not acknowledged
def recover(history, since):
    return [d for d in history.deliveries if d.state != "acknowledged"]


# %% leaves-a-dead-letter | nothing is lost
def recover(history, since):
    return []


# %% ignores-since | all dead letters
def recover(history, since):
    return list(history.dead_letters)


# %% compares-the-wrong-way-round | since is the end
def recover(history, since):
    return [d for d in history.dead_letters if d.attempts[-1].ended_at <= since]


# %% leaves-out-since-itself | after since
def recover(history, since):
    return [d for d in history.dead_letters if d.attempts[-1].ended_at > since]


# %% takes-birth-for-death | events since then
def recover(history, since):
    return [d for d in history.dead_letters if d.event.created_at >= since]


# %% takes-the-first-attempt | the first failure
#= any attempt since then
#-         d for d in history.dead_letters if any(a.ended_at >= since for a in d.attempts)
#+         d for d in history.dead_letters if d.attempts and d.attempts[0].ended_at >= since


# %% takes-the-sending-for-the-end | when it was sent
def recover(history, since):
    return [d for d in history.dead_letters if d.attempts[-1].sent_at >= since]


# %% counts-from-the-start | seconds since it began
#= the latest end
#-         if max(attempt.ended_at for attempt in d.attempts) >= since
#+         if d.attempts[-1].ended_at - history.started_at >= since


# %% raises-without-an-attempt | the last one
def recover(history, since):
    return [d for d in history.dead_letters if d.attempts[-1].ended_at >= since]


# %% raises-without-an-attempt | the latest end
def recover(history, since):
    return [
        d
        for d in history.dead_letters
        if max(attempt.ended_at for attempt in d.attempts) >= since
    ]


# %% forgets-letters-without-an-attempt | any attempt since then
def recover(history, since):
    return [
        d for d in history.dead_letters if any(a.ended_at >= since for a in d.attempts)
    ]


# %% no-name | without an attempt always
#= the latest end
#-         if max(attempt.ended_at for attempt in d.attempts) >= since
#+         if not d.attempts or d.attempts[-1].ended_at >= since


# %% believes-the-sender-alone | dead is dead
def died(d):
    return d.attempts[-1].ended_at if d.attempts else d.event.created_at


def recover(history, since):
    return [d for d in history.dead_letters if died(d) >= since]


# %% believes-the-sender-alone | the deliveries know
#= each dead letter
#-     done = {a.event.id for a in history.arrivals if a.acknowledged}
#+     done = {d.event.id for d in history.deliveries if d.state == "acknowledged"}
#-         d for d in history.dead_letters if died(d) >= since and d.event.id not in done
#+         d
#+         for d in history.dead_letters
#+         if died(d) >= since and d.event.id not in done


# %% takes-arrived-for-acknowledged | it got there
#= since then
#-     done = {a.event.id for a in history.arrivals if a.acknowledged and a.at >= since}
#+     arrived = {arrival.event.id for arrival in history.arrivals}
#-         d for d in history.dead_letters if died(d) >= since and d.event.id not in done
#+         d
#+         for d in history.dead_letters
#+         if died(d) >= since and d.event.id not in arrived


# %% no-name | any status
#= since then
#-     done = {a.event.id for a in history.arrivals if a.acknowledged and a.at >= since}
#+     answered = {a.event.id for a in history.arrivals if a.status != 503}
#-         d for d in history.dead_letters if died(d) >= since and d.event.id not in done
#+         d
#+         for d in history.dead_letters
#+         if died(d) >= since and d.event.id not in answered


# %% resends-what-a-resend-brought | by the attempts of the letter itself
#= dead is dead
#-     return [d for d in history.dead_letters if died(d) >= since]
#+     letters = []
#+     for d in history.dead_letters:
#+         mine = [
#+             a
#+             for a in history.arrivals
#+             if a.event.id == d.event.id and a.acknowledged and a.at <= died(d) + 1200
#+         ]
#+         if died(d) >= since and not mine:
#+             letters.append(d)
#+     return letters


# %% forgets-what-was-acknowledged-before | since then
def died(d):
    return d.attempts[-1].ended_at if d.attempts else d.event.created_at


def recover(history, since):
    done = {a.event.id for a in history.arrivals if a.acknowledged and a.at >= since}
    return [
        d for d in history.dead_letters if died(d) >= since and d.event.id not in done
    ]


# %% resends-an-event-twice | each dead letter
def died(d):
    return d.attempts[-1].ended_at if d.attempts else d.event.created_at


def recover(history, since):
    done = {a.event.id for a in history.arrivals if a.acknowledged}
    letters = [
        d for d in history.dead_letters if died(d) >= since and d.event.id not in done
    ]
    return sorted(letters, key=lambda d: d.event.created_at)


# %% resends-an-event-twice | equal letters only
def died(d):
    return d.attempts[-1].ended_at if d.attempts else d.event.created_at


def recover(history, since):
    done = {a.event.id for a in history.arrivals if a.acknowledged}
    letters = []
    for d in sorted(history.dead_letters, key=lambda d: d.event.created_at):
        if died(d) >= since and d.event.id not in done and d not in letters:
            letters.append(d)
    return letters


# %% forgets-the-second-death | once seen is enough
#= equal letters only
#-     done = {a.event.id for a in history.arrivals if a.acknowledged}
#+     seen = {a.event.id for a in history.arrivals if a.acknowledged}
#-         if died(d) >= since and d.event.id not in done and d not in letters:
#+         if d.event.id in seen:
#+             continue
#+         seen.add(d.event.id)
#+         if died(d) >= since:


# %% not-in-the-order-of-the-events | as they stand
#= equal letters only
#-     done = {a.event.id for a in history.arrivals if a.acknowledged}
#+     seen = {a.event.id for a in history.arrivals if a.acknowledged}
#-     for d in sorted(history.dead_letters, key=lambda d: d.event.created_at):
#-         if died(d) >= since and d.event.id not in done and d not in letters:
#+     for d in history.dead_letters:
#+         if died(d) >= since and d.event.id not in seen:
#+             seen.add(d.event.id)


# %% in-the-order-of-their-deaths | first dead, first sent
def died(d):
    return d.attempts[-1].ended_at if d.attempts else d.event.created_at


def recover(history, since):
    done = {a.event.id for a in history.arrivals if a.acknowledged}
    found = {
        d.event.id: d
        for d in history.dead_letters
        if died(d) >= since and d.event.id not in done
    }
    return sorted(found.values(), key=died)


# %% in-the-order-of-their-ids | ids grow
#= first dead, first sent
#-     return sorted(found.values(), key=died)
#+     return [found[name] for name in sorted(found)]


# %% returns-no-list | a generator
#= first dead, first sent
#-     return sorted(found.values(), key=died)
#+     yield from sorted(found.values(), key=lambda d: d.event.created_at)


# %% no-name | the second attempt is the last
#-         if letter.attempts:
#-             return letter.attempts[-1].ended_at
#+         if letter.attempts:
#+             return letter.attempts[:2][-1].ended_at


# %% no-name | the acknowledged orders, and the ids of events
#-     taken = {arrival.event.id for arrival in history.arrivals if arrival.acknowledged}
#+     taken = {a.event.data["order_id"] for a in history.arrivals if a.acknowledged}


# %% no-name | an event counts as acknowledged if its order was
#-     taken = {arrival.event.id for arrival in history.arrivals if arrival.acknowledged}
#+     orders = {a.event.data["order_id"] for a in history.arrivals if a.acknowledged}
#+     taken = set()
#-         if died_at(letter) >= since and letter.event.id not in taken:
#+         if letter.event.data["order_id"] in orders:
#+             continue
#+         if died_at(letter) >= since and letter.event.id not in taken:


# %% forgets-the-second-death | the last delivery of an event counts
def recover(history, since):
    heard = {each.event.id for each in history.arrivals if each.acknowledged}
    last = {each.event.id: each for each in history.dead_letters}

    def died(each):
        return each.attempts[-1].ended_at if each.attempts else each.event.created_at

    found = [e for e in last.values() if died(e) >= since and e.event.id not in heard]
    return sorted(found, key=lambda each: each.event.created_at)


# %% ignores-later-acknowledgements | what came after its death is of another delivery
def recover(history, since):
    found = {}
    for each in history.dead_letters:
        event = each.event
        died = each.attempts[-1].ended_at if each.attempts else event.created_at
        heard = [a.at for a in history.arrivals if a.acknowledged and a.event.id == event.id]
        if died >= since and not any(at <= died for at in heard):
            found.setdefault(event.id, each)
    return sorted(found.values(), key=lambda each: each.event.created_at)
