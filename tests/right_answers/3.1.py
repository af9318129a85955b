# %% passed | a table of types, compared exactly
import json


def parse(body):
    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    try:
        event = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if type(event) is not dict:
        raise ValueError("a JSON object is required")
    for name, kind in {"id": str, "event": str, "created_at": int, "data": dict}.items():
        if type(event.get(name)) is not kind:
            raise ValueError(f"{name} is missing or no {kind.__name__}")
    return event


# %% passed | pattern matching, and an exception of its own
import json


class BadPayload(ValueError):
    pass


def no_constant(name):
    raise BadPayload(name)


def parse(body):
    try:
        value = json.loads(str(body, "utf-8"), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise BadPayload("not JSON") from error
    match value:
        case {"created_at": bool()}:
            raise BadPayload("created_at")
        case {"id": str(), "event": str(), "created_at": int(), "data": dict()}:
            return value
        case _:
            raise BadPayload("not an event")


# %% passed | a decoder of its own, in a class that can be called
import json


class Parser:
    def __init__(self):
        self.decoder = json.JSONDecoder(parse_constant=self.refuse)

    @staticmethod
    def refuse(word):
        raise ValueError(word)

    def __call__(self, body: bytes) -> dict:
        text = body.decode()
        try:
            event = self.decoder.decode(text)
            fields = [event[name] for name in ("id", "event", "created_at", "data")]
        except (RecursionError, LookupError, TypeError) as error:
            raise ValueError(str(error)) from error
        if [type(field) for field in fields] != [str, str, int, dict]:
            raise ValueError("a field has the wrong type")
        return event


parse = Parser()


# %% passed | strict beyond the contract: doubled names and byte order marks refused
import codecs
import json


def once(pairs):
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a name stands twice")
    return dict(pairs)


def parse(body):
    if body.startswith(codecs.BOM_UTF8):
        raise ValueError("a byte order mark")
    try:
        event = json.loads(
            body.decode(),
            object_pairs_hook=once,
            parse_constant=lambda word: (_ for _ in ()).throw(ValueError(word)),
        )
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(event, dict):
        raise ValueError
    checks = (
        isinstance(event.get("id"), str),
        isinstance(event.get("event"), str),
        isinstance(at := event.get("created_at"), int) and not isinstance(at, bool),
        isinstance(event.get("data"), dict),
    )
    if not all(checks):
        raise ValueError(f"fields: {checks}")
    return event


# %% passed | lenient with a byte order mark; NaN is found by writing the JSON again
import json
from decimal import Decimal


def parse(body):
    text = body.decode("utf-8-sig")
    try:
        event = json.loads(text)
        json.dumps(event, allow_nan=False)
    except RecursionError:
        raise ValueError("too deep")
    if not isinstance(event, dict):
        raise ValueError("no object")
    missing = {"id", "event", "created_at", "data"} - event.keys()
    if missing:
        raise ValueError(f"missing: {sorted(missing)}")
    if isinstance(event["created_at"], bool) or not isinstance(event["created_at"], int):
        raise ValueError("created_at")
    for name in ("id", "event"):
        if not isinstance(event[name], str):
            raise ValueError(name)
    if not isinstance(event["data"], dict):
        raise ValueError("data")
    return {**event}


# %% passed | a decorator turns whatever goes wrong into a ValueError
import functools
import json


def or_value_error(function):
    @functools.wraps(function)
    def careful(body):
        try:
            return function(body)
        except Exception as error:
            raise ValueError("no event") from error

    return careful


@or_value_error
def parse(body):
    event = json.loads(body.decode(), parse_constant={}.__getitem__)
    assert type(event["id"]) is str and type(event["event"]) is str
    assert type(event["created_at"]) is int and type(event["data"]) is dict
    return event
