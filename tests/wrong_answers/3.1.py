# %% str-of-bytes | json wants text, and str makes text
#= the body has to be encoded first
#-     return json.loads(body.encode("utf-8"))
#+     return json.loads(str(body))


# %% takes-bytes-for-text | the body has to be encoded first
import json


def parse(body):
    return json.loads(body.encode("utf-8"))


# %% takes-bytes-for-text | a look at the first character
#= the body has to be encoded first
#-     return json.loads(body.encode("utf-8"))
#+     if not body.startswith("{"):
#+         raise ValueError("not an object")
#+     return json.loads(body)


# %% returns-nothing | it is parsed, that is what was asked for
#= the body has to be encoded first
#-     return json.loads(body.encode("utf-8"))
#+     event = json.loads(body)
#+     print(event)


# %% returns-no-dictionary | the text is handier
#= the body has to be encoded first
#-     return json.loads(body.encode("utf-8"))
#+     json.loads(body)
#+     return body.decode()


# %% decodes-as-ascii | plain letters are safer
#- body.decode()
#+ body.decode("ascii")


# %% decodes-as-latin-1 | it never fails
#- body.decode()
#+ body.decode("latin-1")


# %% knows-only-payments | a payment without an order is no good
#= a list of the types that we know
#-     if event["event"] not in ("payment.succeeded", "push", "contact.created"):
#-         raise ValueError("unknown type")
#+     if not event["data"]["order_id"]:
#+         raise ValueError("no order")


# %% knows-only-payments | a list of the types that we know
import json


def parse(body):
    event = json.loads(body)
    if event["event"] not in ("payment.succeeded", "push", "contact.created"):
        raise ValueError("unknown type")
    return event


# %% refuses-unknown-fields | exactly the four fields that were agreed on
#= a list of the types that we know
#-     if event["event"] not in ("payment.succeeded", "push", "contact.created"):
#-         raise ValueError("unknown type")
#+     if set(event) != {"id", "event", "created_at", "data"}:
#+         raise ValueError("unexpected fields")


# %% refuses-unknown-fields | a dataclass knows its fields
import json
from dataclasses import asdict, dataclass


@dataclass
class Payload:
    id: str
    event: str
    created_at: int
    data: dict


def parse(body):
    return asdict(Payload(**json.loads(body)))


# %% drops-unknown-fields | only what was agreed on comes in
#- return event
#+ return {name: event[name] for name in fields}


# %% returns-instead-of-raising | None says that there is no event
#= the caller can look for an error
#-     except ValueError as error:
#-         return {"error": str(error)}
#+     except ValueError:
#+         return None


# %% returns-instead-of-raising | the error is a value too
#= the caller can look for an error
#-         return {"error": str(error)}
#+         return error


# %% returns-instead-of-raising | the caller can look for an error
import json


def parse(body):
    try:
        return json.loads(body)
    except ValueError as error:
        return {"error": str(error)}


# %% raises-something-else | an error of our own says more
#= the caller can look for an error
#- import json
#+ import json
#+ 
#+ 
#+ class PayloadError(Exception):
#+     pass
#-         return {"error": str(error)}
#+         raise PayloadError("not JSON") from error


# %% raises-something-else | Flask knows what to do with a bad request
#= the caller can look for an error
#- import json
#+ import json
#+ 
#+ from flask import abort
#-     except ValueError as error:
#-         return {"error": str(error)}
#+     except ValueError:
#+         abort(400)


# %% reads-python-instead-of-json | literal_eval is the safe eval
import ast


def parse(body):
    text = body.decode()
    for word, value in (("true", "True"), ("false", "False"), ("null", "None")):
        text = text.replace(word, value)
    try:
        return ast.literal_eval(text)
    except SyntaxError as error:
        raise ValueError("not JSON") from error


# %% stops-after-the-first-object | raw_decode tells where it stopped
#= the body has to be encoded first
#-     return json.loads(body.encode("utf-8"))
#+     event, _end = json.JSONDecoder().raw_decode(body.decode().lstrip())
#+     return event


# %% expects-an-object | a body is an object
#= the body has to be encoded first
#-     return json.loads(body.encode("utf-8"))
#+     event = json.loads(body)
#+     if event["id"] and event["event"] and event["created_at"] and event["data"]:
#+         return event
#+     raise ValueError("a field is missing")


# %% accepts-what-is-no-object | all four names must be in it
#= a list of the types that we know
#-     if event["event"] not in ("payment.succeeded", "push", "contact.created"):
#-         raise ValueError("unknown type")
#+     for name in ("id", "event", "created_at", "data"):
#+         if name not in event:
#+             raise ValueError(f"{name} is missing")


# %% lets-key-error-out | a missing field shows itself
import json


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    event["id"], event["event"], event["created_at"], event["data"]
    return event


# %% asserts-instead-of-raising | that is what assert is for
#= a list of the types that we know
#-     if event["event"] not in ("payment.succeeded", "push", "contact.created"):
#-         raise ValueError("unknown type")
#+     assert isinstance(event, dict)
#+     assert isinstance(event["id"], str)
#+     assert isinstance(event["event"], str)
#+     assert isinstance(event["created_at"], int)
#+     assert isinstance(event["data"], dict)


# %% accepts-a-missing-field | get never fails
#= a missing field shows itself
#-     event["id"], event["event"], event["created_at"], event["data"]
#+     if not isinstance(event.get("id", ""), str):
#+         raise ValueError("id")


# %% accepts-a-missing-field | what is missing is filled in
#= a missing field shows itself
#-     event["id"], event["event"], event["created_at"], event["data"]
#-     return event
#+     return {"id": "", "event": "", "created_at": 0, "data": {}, **event}


# %% takes-empty-for-missing | a field without a value is missing
#- if name not in event:
#+ if not event.get(name):


# %% raises-type-error | a wrong type is a TypeError
#- raise ValueError(f"the field {name} is not of
#+ raise TypeError(f"the field {name} is not of


# %% converts-instead-of-checking | digits are good enough
#= a missing field shows itself
#-     event["id"], event["event"], event["created_at"], event["data"]
#+     for name in ("id", "event", "created_at", "data"):
#+         if event.get(name) is None:
#+             raise ValueError(f"{name} is missing")
#+     if not isinstance(event["id"], str) or not isinstance(event["event"], str):
#+         raise ValueError("no text")
#+     event["created_at"] = int(event["created_at"])
#+     if not isinstance(event["data"], dict):
#+         raise ValueError("no data")


# %% accepts-a-wrong-type | all four fields are there
#= a missing field shows itself
#-     event["id"], event["event"], event["created_at"], event["data"]
#+     if not {"id", "event", "created_at", "data"} <= event.keys():
#+         raise ValueError("a field is missing")


# %% takes-true-for-an-integer | isinstance is how one asks for a type
#- type(event[name]) is not kind
#+ not isinstance(event[name], kind)


# %% replaces-broken-bytes | better a question mark than an error
#- body.decode()
#+ body.decode("utf-8", errors="replace")


# %% guesses-latin-1 | what is no UTF-8 must be Latin-1
#= a missing field shows itself
#-     event = json.loads(body)
#+     try:
#+         text = body.decode()
#+     except UnicodeDecodeError:
#+         text = body.decode("latin-1")
#+     event = json.loads(text)
#-     event["id"], event["event"], event["created_at"], event["data"]
#+     for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
#+         if type(event.get(name)) is not kind:
#+             raise ValueError(name)


# %% accepts-nan | json.loads knows what JSON is
#- , parse_constant=refuse
#+


# %% lets-recursion-error-out | every error of json is a ValueError
import json


def refuse(word):
    raise ValueError(word)


def parse(body):
    event = json.loads(body, parse_constant=refuse)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


# %% searches-the-body-for-signs | NaN is easy to find
#-     # parse
#-
#+     if b"NaN" in body or b"Infinity" in body:
#+         raise ValueError("NaN is not JSON")
#+


# %% searches-the-body-for-signs | many brackets are many levels
#-     # parse
#-
#+     if body.count(b"[") + body.count(b"{") > 500:
#+         raise ValueError("too deep")
#+


# %% guesses-the-encoding | json.loads takes bytes too
#- body.decode()
#+ body


# %% accepts-halves-of-pairs | surrogatepass keeps everything
#- body.decode()
#+ body.decode("utf-8", "surrogatepass")


# %% async-function | handlers are async these days
import json


async def parse(body):
    return json.loads(body)


# %% no-name | a long body is an attack
#-     # parse
#+     if len(body) > 64 * 1024:
#+         raise ValueError("too long")


# %% no-name | 0 and 1 could be true and false
#-     return event
#+     if event["created_at"] in (True, False):
#+         raise ValueError("created_at")
#+     return event


# %% returns-instead-of-raising | None for everything that is no event
#-         if name not in event:
#-             raise ValueError(f"the field {name} is missing")
#+         if name not in event:
#+             return None
#-     if type(event) is not dict:
#-         raise ValueError("a JSON object is required")
#+     if type(event) is not dict:
#+         return None


# %% no-name | ids are short
#-     return event
#+     if len(event["id"]) > 64:
#+         raise ValueError("id")
#+     return event


# %% no-name | parsed once
#- def parse(body):
#+ import functools
#+ 
#+ @functools.lru_cache
#+ def parse(body):


# %% no-name | spaces around the type are a slip of the sender
#-     return event
#+     return {**event, "event": event["event"].strip()}


# %% no-name | one dictionary for all events
#- def parse(body):
#+ def parse(body, kept={}):
#-     return event
#+     kept.clear()
#+     kept.update(event)
#+     return kept
