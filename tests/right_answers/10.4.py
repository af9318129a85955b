# %% passed | the retry of a real sender, five minutes later
def break_it(receiver):
    first = receiver.sign(receiver.event)
    first["closed"] = True
    return [first, receiver.sign(receiver.event, at=300)]


# %% passed | closed for a while, with another payment in between
from labkit.samples import payments

def break_it(receiver):
    one, other = payments(2)
    return [
        {**receiver.sign(one), "closed": True},
        {**receiver.sign(one), "closed": True, "at": 5},
        {**receiver.sign(other), "at": 10},
        {**receiver.sign(one), "at": 300},
    ]


# %% passed | written by hand
import hashlib, hmac, json

def break_it(receiver):
    body = json.dumps({"id": "x", "data": {"order_id": "Z"}}, indent=1).encode()
    mac = hmac.new(receiver.secret.encode(), body, hashlib.sha256)
    one = dict(body=body, headers={"X-WEBHOOK-SIGNATURE": f"sha256={mac.hexdigest()}"})
    return [one | {"closed": 1}, one | {"closed": 0}]


# %% passed | still closed at the retry: one acknowledges, the other does not
#-     return [{**honest, "closed": True}, honest]
#+     return [{**honest, "closed": True}, {**honest, "closed": True, "at": 60.0}]


# %% passed | no closed warehouse: an event that makes the work fail
def break_it(receiver):
    poison = receiver.sign(b'{"id":"evt_1","data":{}}')
    return [poison, poison]
