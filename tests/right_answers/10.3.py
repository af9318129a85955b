# %% passed | just behind the border
def break_it(receiver):
    return [receiver.sign(receiver.event, at=at) for at in (0, 301)]


# %% passed | the retries of a real schedule, all of them
from labkit import Event

def break_it(receiver):
    event = Event("payment.succeeded", {"order_id": "B-1"})
    at, deliveries = 0.0, []
    for delay in (0, 5, 300, 1800, 7200, 18000):
        at += delay
        deliveries.append(receiver.sign(event, at=at))
    return deliveries


# %% passed | a clock that is ahead: the very same bytes, twice
def break_it(receiver):
    ahead = receiver.sign(receiver.event, at=290.0)
    return [{**ahead, "at": 0.0}, {**ahead, "at": 580.0}]


# %% passed | signed by hand with the kit's scheme
from labkit.model import LAB_EPOCH
from labkit.signing import SCHEMES

def break_it(receiver):
    body = b'{"id": "evt_7", "data": {"order_id": "A-7"}}'

    def at(moment):
        headers = SCHEMES["standard"].sign(
            body, secret=receiver.secret, id="msg_7", timestamp=LAB_EPOCH + moment
        )
        return {"headers": headers, "body": body, "at": moment}

    return iter([at(1000), at(90_000)])
