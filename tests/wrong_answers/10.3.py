# %% one-delivery-only | an old one
def break_it(receiver):
    return [receiver.sign(receiver.event, at=86400.0)]


# %% comes-back-too-soon | at the border, not behind it
def break_it(receiver):
    return [receiver.sign(receiver.event), receiver.sign(receiver.event, at=300.0)]


# %% comes-back-too-soon | every minute, and never far from the last one
def break_it(receiver):
    return [receiver.sign(receiver.event, at=60.0 * n) for n in range(5)]


# %% old-timestamp | the captured bytes, a day later
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return [honest, {**honest, "at": 86400.0}]


# %% old-timestamp | signed for tomorrow, sent today
def break_it(receiver):
    tomorrow = receiver.sign(receiver.event, at=86400.0)
    return [{**tomorrow, "at": 0.0}, tomorrow]


# %% changes-what-is-signed | a new timestamp in the header
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    later = int(honest["headers"]["webhook-timestamp"]) + 7200
    headers = {**honest["headers"], "webhook-timestamp": str(later)}
    return [honest, {**honest, "headers": headers, "at": 7200.0}]


# %% another-event | two payments, two hours apart
from labkit.samples import payments

def break_it(receiver):
    first, second = payments(2)
    return [receiver.sign(first), receiver.sign(second, at=7200.0)]


# %% forgets-the-signature | the id is what counts
#-         receiver.sign(receiver.event, at=7200.0),
#+         {"body": receiver.event.body, "headers": {"webhook-id": "evt_00001"}, "at": 7200.0},


# %% refused-by-both | the signature of another scheme
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    headers = {**honest["headers"], "webhook-signature": "v1,AAAA"}
    return [honest, {**receiver.sign(receiver.event), "headers": headers}]


# %% back-in-time | the late one first
def break_it(receiver):
    return [receiver.sign(receiver.event, at=7200.0), receiver.sign(receiver.event)]


# %% warehouse-closed | a shop that can't ship
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return [{**honest, "closed": True}, honest]


# %% signed-for-one-secret-only | signed by the shop of the notebook
from labkit.exercises.lab10_test_it import target

shop = target("10.3")

def break_it(receiver):
    return [shop.sign(shop.event), shop.sign(shop.event, at=7200.0)]


# %% no-such-delivery | the time as a text
def break_it(receiver):
    late = receiver.sign(receiver.event, at=7200.0)
    return [receiver.sign(receiver.event), {**late, "at": "7200"}]


# %% returns-nothing | two are sent
def break_it(receiver):
    receiver.send(receiver.sign(receiver.event))
    receiver.send(receiver.sign(receiver.event, at=7200.0))


# %% body-is-no-event | an event without data
def break_it(receiver):
    body = b'{"id":"evt_1"}'
    return [receiver.sign(body), receiver.sign(body, at=7200.0)]

# %% comes-back-too-soon | closed for the duplicate
def break_it(receiver):
    again = receiver.sign(receiver.event, at=60.0)
    return [receiver.sign(receiver.event), {**again, "closed": True}]


# %% arrives-at-zero | the body and the headers are all there is
def break_it(receiver):
    both = [receiver.sign(receiver.event, at=at) for at in (0.0, 400.0)]
    return [{"body": each["body"], "headers": each["headers"]} for each in both]
