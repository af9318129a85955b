# %% nothing-unusual | three events, to have something
from labkit.samples import payments

def break_it(receiver):
    return [receiver.sign(event) for event in payments(3)]


# %% signs-what-it-sends | another spelling, properly signed
import json

def break_it(receiver):
    body = json.dumps(json.loads(receiver.event.body)).encode()
    return [receiver.sign(body)]


# %% signs-the-other-spelling | signed with blanks, sent without
import json

def break_it(receiver):
    spaced = json.dumps(json.loads(receiver.event.body), indent=2).encode()
    return [{**receiver.sign(spaced), "body": receiver.event.body}]


# %% signs-the-other-spelling | signed by hand, with the blanks of json.dumps
import hmac, json

def break_it(receiver):
    event = json.loads(receiver.event.body)
    digits = hmac.digest(receiver.secret.encode(), json.dumps(event).encode(), "sha256").hex()
    return [{
        "headers": {"X-Webhook-Signature": f"sha256={digits}"},
        "body": json.dumps(event, indent=1).encode(),
    }]


# %% changes-the-meaning | an order for nothing
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return [{**honest, "body": honest["body"].replace(b"13706", b"1")}]


# %% forgets-the-signature | whoever forges leaves the header out
def break_it(receiver):
    return [{"body": receiver.event.body, "headers": {}}]


# %% forgets-the-signature | the spelling is what matters
def break_it(receiver):
    body = receiver.event.body.replace(b":", b": ")
    return [{"body": body, "headers": {"Content-Type": "application/json"}}]


# %% refused-by-both | a piece of the signature
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    given = honest["headers"]["X-Webhook-Signature"]
    return [{**honest, "headers": {"X-Webhook-Signature": given[:20]}}]


# %% signed-for-one-secret-only | the signature of the notebook, copied
def break_it(receiver):
    signature = "sha256=b1e3c49e9e04c61178b69fd8b725d741b7b8ae8815854b409b8f7744096d8ec1"
    return [{
        "body": receiver.event.body.replace(b":", b": "),
        "headers": {"X-Webhook-Signature": signature},
    }]


# %% body-is-no-json | signed, and no JSON at all
def break_it(receiver):
    return [receiver.sign(b"hello")]


# %% body-is-no-event | JSON without an id
def break_it(receiver):
    return [receiver.sign(b'{"order_id":"A-1"}')]


# %% returns-nothing | tried, and it worked
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    receiver.send({**honest, "body": honest["body"].replace(b":", b": ")})


# %% no-list-of-deliveries | one is enough
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return {**honest, "body": honest["body"].replace(b":", b": ")}


# %% no-such-delivery | the body alone
def break_it(receiver):
    return [receiver.event.body.replace(b":", b": ")]


# %% no-such-delivery | the body as text
import json

def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return [{**honest, "body": json.dumps(json.loads(honest["body"]))}]


# %% too-many-deliveries | one of them will do
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return [
        {**honest, "body": honest["body"][:at] + b" " + honest["body"][at:]}
        for at in range(len(honest["body"]))
    ]


# %% no-deliveries | a list for the findings
def break_it(receiver):
    deliveries = []
    return deliveries


# %% changes-the-order-of-keys | an equal document, sorted
import json

def break_it(receiver):
    honest = receiver.sign(receiver.event)
    equal = json.dumps(json.loads(honest["body"]), sort_keys=True, indent=4)
    return [{**honest, "body": equal.encode()}]
