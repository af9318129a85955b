# %% nothing-ever-fails | one
def break_it(receiver):
    return [receiver.sign(receiver.event)]


# %% nothing-ever-fails | the same once more, and a day later
#-     return [{**honest, "closed": True}, honest]
#+     return [honest, honest, receiver.sign(receiver.event, at=86400.0)]


# %% no-retry | the failure is the bug
def break_it(receiver):
    return [{**receiver.sign(receiver.event), "closed": True}]


# %% another-event | closed for one, open for the next
from labkit.samples import payments

def break_it(receiver):
    first, second = payments(2)
    return [{**receiver.sign(first), "closed": True}, receiver.sign(second)]


# %% closed-too-late | first it works, then it fails
#-     return [{**honest, "closed": True}, honest]
#+     return [honest, {**honest, "closed": True}]


# %% refused-by-both | the retry is spelled otherwise
#-     return [{**honest, "closed": True}, honest]
#+     spaced = honest["body"].replace(b":", b": ")
#+     return [{**honest, "closed": True}, {**honest, "body": spaced}]


# %% forgets-the-signature | the retry by hand
#-     return [{**honest, "closed": True}, honest]
#+     return [{**honest, "closed": True}, {"body": honest["body"], "headers": {}}]


# %% signed-for-one-secret-only | the headers of the notebook
def break_it(receiver):
    headers = {
        "X-Webhook-Signature": "sha256=b1e3c49e9e04c61178b69fd8b725d741b7b8ae8815854b409b8f7744096d8ec1"
    }
    one = {"body": receiver.event.body, "headers": headers}
    return [{**one, "closed": True}, one]


# %% no-retry | an order that makes it fail
def break_it(receiver):
    return [receiver.sign(b'{"id":"evt_1","data":{}}')]


# %% body-is-no-event | nothing in it
def break_it(receiver):
    odd = receiver.sign(b'{}')
    return [odd, odd]


# %% no-such-delivery | a key of another name
#-     return [{**honest, "closed": True}, honest]
#+     return [{**honest, "warehouse": "closed"}, honest]


# %% returns-nothing | printed
#-     return [{**honest, "closed": True}, honest]
#+     print([{**honest, "closed": True}, honest])

# %% no-name | another event fails, and the first one comes again
def break_it(receiver):
    first = receiver.sign(receiver.event)
    other = receiver.sign(receiver.event.body.replace(b"evt_", b"evt_9"))
    return [first, {**other, "closed": True}, first]


# %% one-dictionary | one delivery, first closed and then open
def break_it(receiver):
    delivery = receiver.sign(receiver.event)
    deliveries = []
    for closed in (True, False):
        delivery["closed"] = closed
        deliveries.append(delivery)
    return deliveries
