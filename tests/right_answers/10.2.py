# %% passed | the pretty form of what was signed
import json

def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return [dict(honest, body=json.dumps(json.loads(honest["body"]), indent=4).encode())]


# %% passed | a line break at the end, after the honest one
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    return (honest, {**honest, "body": honest["body"] + b"\n"})


# %% passed | a key twice, signed by hand
import hashlib, hmac

def break_it(receiver):
    key = receiver.secret.encode()
    plain = b'{"id":"evt_9","data":{"order_id":"A-9","amount":5}}'
    mac = hmac.new(key, plain, hashlib.sha256).hexdigest()
    doubled = plain.replace(b'"amount":5', b'"amount":1,"amount":5')
    yield {"headers": {"x-webhook-signature": "sha256=" + mac}, "body": doubled}


# %% passed | an escape in place of a letter
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    honest["body"] = honest["body"].replace(b"A-1", b"\\u0041-1")
    return [honest]


# %% passed | places tried on the shop until one is taken
def break_it(receiver):
    honest = receiver.sign(receiver.event)
    for at in range(len(honest["body"])):
        body = honest["body"][:at] + b" " + honest["body"][at:]
        if receiver.send({**honest, "body": body}).acknowledged:
            return [{**honest, "body": body}]
