# %% other-path-or-method | the path of lab 02
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks/payment-success")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% other-path-or-method | route is enough
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.route("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-a-good-event | the wrong way round
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype == "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-a-good-event | the form was read first, and the body is gone
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        request.form.get('id')
        request.stream.read()

        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% acknowledges-without-handling | the work comes later
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        return "", 200

    return app


# %% returns-no-app | the function is the app
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return webhook


# %% unknown-type-is-an-error | the table has every type
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-unknown-types | 404: there is nothing for this type
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if dispatch(event, handlers) == "ignored":
            return "unknown type", 404
        return "", 200

    return app


# %% refuses-unknown-types | 422 says it better
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] not in handlers:
            return "unknown type", 422
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% calls-every-handler | each handler can decide for itself
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        for handler in handlers.values():
            handler(event)
        return "", 200

    return app


# %% calls-it-twice | once to see whether it works
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if dispatch(event, handlers) == "handled":
            if event["event"] in handlers:
                handlers[event["event"]](event)
        return "", 200

    return app


# %% hands-over-something-else | a handler needs the data
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event["data"])
        return "", 200

    return app


# %% refuses-unknown-fields | a strict schema is a safe schema
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if len(event) != 4:
            return "unknown fields", 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% drops-unknown-fields | only what we know
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        known = ("id", "event", "created_at", "data")
        event = {name: event[name] for name in known}
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% bad-body-is-a-crash | parse tells what is wrong
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        event = parse(body)
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% bad-body-is-a-crash | json.loads raises JSONDecodeError
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except json.JSONDecodeError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% lets-key-error-out | get_json refuses bad JSON by itself
from flask import Flask, request


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if not isinstance(event, dict):
            return "no object", 400
        event["id"], event["data"], event["created_at"]
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% bad-body-is-a-crash | a body is an object
from flask import Flask, request


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% acknowledges-a-bad-body | the sender need not know
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 200
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% acknowledges-a-bad-body | silent, and then nothing to do
from flask import Flask, request


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(silent=True)
        if event and "event" in event:
            if event["event"] in handlers:
                handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-with-another-status | 422: it can't be processed
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 422
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% handles-what-parse-refuses | a missing id or time does no harm
from flask import Flask, request


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        event = request.get_json(silent=True)
        if not isinstance(event, dict) or "data" not in event or "event" not in event:
            return "no event", 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% acknowledges-a-failure | a receiver must not fall over
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        try:
            if event["event"] in handlers:
                handlers[event["event"]](event)
        except Exception as error:
            print("failed:", error)
        return "", 200

    return app


# %% acknowledges-a-failure | one handler for all errors
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200
    @app.errorhandler(Exception)
    def failed(error):
        return {"error": str(error)}, getattr(error, "code", 200)

    return app


# %% blames-the-sender | anything that goes wrong is a bad request
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "", 413
        try:
            dispatch(parse(body), handlers)
        except Exception as error:
            return str(error), 400
        return "", 200

    return app


# %% takes-a-handlers-value-error-for-a-bad-body | parse and dispatch in one try
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "", 413
        try:
            dispatch(parse(body), handlers)
        except ValueError as error:
            return str(error), 400
        return "", 200

    return app


# %% takes-a-handlers-value-error-for-a-bad-body | an error handler for all ValueErrors
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        event = parse(body)
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200
    @app.errorhandler(ValueError)
    def bad_body(error):
        return str(error), 400

    return app


# %% takes-a-handlers-error-for-an-unknown-type | a KeyError means that there is no handler
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        try:
            handlers[event["event"]](event)
        except KeyError:
            pass
        return "", 200

    return app


# %% refuses-parameters | the header is application/json
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.content_type != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% compares-letter-case | the part before the semicolon
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.headers.get("Content-Type", "").split(";")[0] != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% takes-any-content-type | JSON is JSON, whatever it is called
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% takes-a-missing-content-type | no header, no complaint
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype not in ("application/json", ""):
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% missing-content-type-is-a-crash | the header is always there
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.content_type.split(";")[0].lower() != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% matches-part-of-the-content-type | that leaves room for parameters
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if not (request.content_type or "").lower().startswith("application/json"):
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% matches-part-of-the-content-type | it says application/json somewhere
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if "application/json" not in str(request.content_type).lower():
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% wrong-type-answered-400 | not JSON is a bad request
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 400
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% wrong-type-answered-400 | silent, and None is no event
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(silent=True)
        try:
            event = parse(json.dumps(event).encode())
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-with-another-status | 406: this is not acceptable
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 406
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% no-limit | events are small
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% limit-too-small | 64 kB are 64,000 bytes
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64_000:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% limit-too-small | from 64 KiB on it is too much
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) >= 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% limit-too-large | Flask does the measuring
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% counts-characters | text is easier to work with
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data(as_text=True)
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body.encode())
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% too-long-answered-400 | one except for parse and for Flask's own
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        try:
            event = parse(request.get_data())
        except Exception as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-with-another-status | too long is a bad request too
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 422
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% bad-body-is-a-crash | json raises JSONDecodeError and nothing else
import json

from flask import Flask, request


class Constant(Exception):
    pass


def refuse(word):
    raise Constant(word)


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "", 413
        try:
            event = json.loads(body.decode(), parse_constant=refuse)
        except (json.JSONDecodeError, UnicodeDecodeError, Constant):
            return "not JSON", 400
        names = {"id": str, "event": str, "created_at": int, "data": dict}
        if not isinstance(event, dict) or any(
            type(event.get(name)) is not kind for name, kind in names.items()
        ):
            return "no event", 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% lets-recursion-error-out | every error of json is a ValueError
import json

from flask import Flask, request


def refuse(word):
    raise ValueError(word)


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "", 413
        try:
            event = json.loads(body.decode(), parse_constant=refuse)
        except ValueError:
            return "not JSON", 400
        names = {"id": str, "event": str, "created_at": int, "data": dict}
        if not isinstance(event, dict) or any(
            type(event.get(name)) is not kind for name, kind in names.items()
        ):
            return "no event", 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% handles-what-parse-refuses | get_json and four isinstance
from flask import Flask, request


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "", 413
        event = request.get_json()
        names = {"id": str, "event": str, "created_at": int, "data": dict}
        if not isinstance(event, dict) or not all(
            isinstance(event.get(name), kind) for name, kind in names.items()
        ):
            return "no event", 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% needs-a-content-length | the length is announced
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        if request.content_length > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(request.get_data())
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-every-chunked-body | 411: I want to know the length
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        if request.content_length is None:
            return "a length is wanted", 411
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% refuses-every-chunked-body | read as many bytes as were announced
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.stream.read(request.content_length or 0)
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% limits-only-the-announced-length | the length is announced, or else it is short
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        if (request.content_length or 0) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(request.get_data())
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% works-with-a-cut-body | Flask has a setting for it
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% works-with-a-cut-body | a setting for it, and measured as well
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% limit-too-small | what fills the limit was cut
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) >= 64 * 1024 and request.content_length is None:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% works-with-a-cut-body | read no more than is allowed
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.stream.read(64 * 1024)
        if (request.content_length or 0) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% reads-everything-first | first read, then measure
import json

from flask import Flask, request


def parse(body):
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in (("id", str), ("event", str), ("created_at", int), ("data", dict)):
        if type(event.get(name)) is not kind:
            raise ValueError(name)
    return event


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% async-function | apps are async these days
import json

from flask import Flask, request

FIELDS = {"id": str, "event": str, "created_at": int, "data": dict}


def parse(body):
    event = json.loads(body)
    if not isinstance(event, dict):
        raise ValueError("no object")
    for name, kind in FIELDS.items():
        if not isinstance(event.get(name), kind):
            raise ValueError(name)
    return event


async def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
        body = request.get_data()
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app
