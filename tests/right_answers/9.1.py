# %% passed | as it is taught
import json

SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
SECRET_FIELDS = {"card_number", "cvc", "token", "password"}


def without_secrets(value):
    if isinstance(value, dict):
        return {
            name: "(redacted)" if name in SECRET_FIELDS else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value


def log_line(request, outcome):
    headers = {
        name: "(redacted)" if name.lower() in SECRET_HEADERS else value
        for name, value in request.headers
    }
    body = request.get_data()
    if len(body) > 4000:
        payload = f"({len(body)} bytes, too long to keep)"
    else:
        try:
            payload = without_secrets(json.loads(body))
        except ValueError:
            payload = f"({len(body)} bytes, no JSON)"
    return {
        "address": request.remote_addr,
        "headers": headers,
        "payload": payload,
        "outcome": outcome,
    }


# %% passed | a hook of the parser, lower-case names, more keys
import json


def hide(pairs):
    return {
        k: "***" if k in ("card_number", "cvc", "token", "password") else v
        for k, v in pairs
    }


def log_line(request, outcome):
    raw = request.get_data(cache=True)
    headers = {}
    for name, value in request.headers.items():
        name = name.lower()
        if name in ("authorization", "cookie", "proxy-authorization"):
            value = ""
        elif "signature" in name:
            value = value[:7] + "…" + value[-4:]
        headers[name] = value
    try:
        payload = json.loads(raw, object_pairs_hook=hide)
    except (ValueError, RecursionError) as error:
        payload = f"unreadable ({type(error).__name__}), length {len(raw):,}"
    if len(raw) > 4_000:
        payload = f"{len(raw):,} bytes left out"
    return dict(
        method=request.method,
        path=request.path,
        address=request.remote_addr,
        headers=headers,
        payload=payload,
        outcome=outcome,
    )


# %% passed | a copy, changed in place, and masked cards
import json
from functools import singledispatch


@singledispatch
def redact(value):
    return None


@redact.register
def _(value: dict):
    for name in value:
        if name == "card_number":
            value[name] = "************" + str(value[name])[-4:]
        elif name in {"cvc", "token", "password"}:
            value[name] = None
        else:
            redact(value[name])


@redact.register
def _(value: list):
    for inner in value:
        redact(inner)


def log_line(request, outcome):
    line = {"outcome": outcome, "address": request.environ["REMOTE_ADDR"]}
    line["headers"] = {**request.headers}
    for secret in (
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "X-Webhook-Signature",
    ):
        if secret in line["headers"]:
            line["headers"][secret] = "(redacted)"
    size = len(request.get_data())
    try:
        if size > 4000:
            raise ValueError("too long")
        line["payload"] = json.loads(request.get_data())
        redact(line["payload"])
    except ValueError as error:
        line["payload"] = f"{size} bytes: {type(error).__name__}"
    return line


# %% passed | a class with a walk of its own
import json
from collections import UserDict, deque


class Line(dict):
    HEADERS = ("authorization", "proxy-authorization", "cookie", "x-webhook-signature")
    FIELDS = frozenset(["card_number", "cvc", "token", "password"])

    def __init__(self, request, outcome):
        super().__init__(
            address=request.remote_addr,
            headers=dict(map(self.header, request.headers)),
            payload=self.payload(request.get_data()),
            outcome=outcome,
        )

    def header(self, pair):
        name, value = pair
        return (name, "-") if name.casefold() in self.HEADERS else (name, value)

    def payload(self, body):
        if (length := len(body)) > 4000:
            return f"bytes: {length}"
        try:
            top = json.loads(body.decode())
        except ValueError:
            return f"bytes: {length}"
        todo = deque([top])
        while todo:
            here = todo.popleft()
            if isinstance(here, dict):
                here.update((k, "-") for k in self.FIELDS & here.keys())
                todo.extend(here.values())
            elif isinstance(here, list):
                todo.extend(here)
        return top


log_line = Line


# %% passed | a placeholder with the name of the field, and a time beside it
import json
import time


def named(pairs):
    secret = {"card_number", "cvc", "token", "password"}
    return {k: f"({k} redacted)" if k in secret else v for k, v in pairs}


def log_line(request, outcome):
    secret = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
    body = request.get_data()
    payload = f"{len(body)} bytes"
    if len(body) <= 4000:
        try:
            payload = json.loads(body, object_pairs_hook=named)
        except ValueError:
            pass
    return {
        "at": time.time(),
        "address": request.remote_addr,
        "headers": {
            name: f"[{name}: token, session, sha256 removed]"
            if name.lower() in secret
            else value
            for name, value in request.headers
        },
        "payload": payload,
        "outcome": outcome,
    }
