# %% passed | a limit one byte higher, and the length measured
#= reads from the stream, no more than it needs
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1
#-         body = request.stream.read(64 * 1024 + 1)
#+         body = request.get_data()


# %% passed | reads from the stream, no more than it needs
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


def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


def make_app(handlers):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is required", 415
        body = request.stream.read(64 * 1024 + 1)
        if len(body) > 64 * 1024:
            return "at most 64 KiB", 413
        try:
            event = parse(body)
        except ValueError as error:
            return str(error), 400
        try:
            dispatch(event, handlers)
        except BaseException as error:
            return repr(error), 500
        return "", 200

    return app


# %% passed | a blueprint, before_request, and error handlers
#= reads from the stream, no more than it needs
#- from flask import Flask, request
#+ from flask import Blueprint, Flask, abort, g, request
#- def make_app(handlers):
#+ class NoEvent(ValueError):
#+     pass
#+
#+
#+ def make_app(handlers):
#-     app = Flask("shop")
#+     hooks = Blueprint("hooks", __name__)
#-     @app.post("/webhooks")
#+     @hooks.before_request
#+     def check():
#+         request.max_content_length = 65_537
#+         if request.mimetype != "application/json":
#+             abort(415)
#+         if len(request.get_data()) > 65_536:
#+             abort(413)
#+         try:
#+             g.event = parse(request.get_data())
#+         except ValueError as error:
#+             raise NoEvent(*error.args) from error
#+
#+     @hooks.errorhandler(NoEvent)
#+     def no_event(error):
#+         return {"error": str(error)}, 400
#+
#+     @hooks.route("/webhooks", methods=["POST"])
#-         if request.mimetype != "application/json":
#-             return "application/json is required", 415
#-         body = request.stream.read(64 * 1024 + 1)
#-         if len(body) > 64 * 1024:
#-             return "at most 64 KiB", 413
#-         try:
#+         try:
#-             event = parse(body)
#-         except ValueError as error:
#-             return str(error), 400
#-         try:
#-             dispatch(event, handlers)
#+             return {"outcome": dispatch(g.event, handlers)}
#-             return repr(error), 500
#-         return "", 200
#+             return abort(500, repr(error))
#-     return app
#+     app = Flask(__name__)
#+     app.register_blueprint(hooks)
#+     return app


# %% passed | a method view that raises werkzeug's exceptions and answers 202
#= reads from the stream, no more than it needs
#- from flask import Flask, request
#+ from flask import Flask, Response, request
#+ from flask.views import MethodView
#+ from werkzeug.exceptions import (
#+     BadRequest,
#+     InternalServerError,
#+     RequestEntityTooLarge,
#+     UnsupportedMediaType,
#+ )
#- def make_app(handlers):
#-     app = Flask("shop")
#+ class Webhook(MethodView):
#+     limit = 1 << 16
#-     @app.post("/webhooks")
#-     def webhook():
#-         if request.mimetype != "application/json":
#-             return "application/json is required", 415
#-         body = request.stream.read(64 * 1024 + 1)
#-         if len(body) > 64 * 1024:
#-             return "at most 64 KiB", 413
#+     def __init__(self, handlers):
#+         self.handlers = handlers
#+
#+     def post(self):
#+         kind, _, _ = (request.headers.get("Content-Type") or "").partition(";")
#+         if kind.strip().casefold() != "application/json":
#+             raise UnsupportedMediaType
#+         if (request.content_length or 0) > self.limit:
#+             raise RequestEntityTooLarge
#+         body = request.stream.read(self.limit + 1)
#+         if len(body) > self.limit:
#+             raise RequestEntityTooLarge
#-             return str(error), 400
#+             raise BadRequest(str(error)) from error
#-             dispatch(event, handlers)
#+             dispatch(event, self.handlers)
#-             return repr(error), 500
#-         return "", 200
#+             raise InternalServerError from error
#+         return Response(status=202)
#-     return app
#+
#+ def make_app(handlers):
#+     app = Flask("shop")
#+     app.add_url_rule("/webhooks", view_func=Webhook.as_view("webhook", handlers))
#+     return app


# %% passed | all in one function, with make_response and a 503 for failures
import json

from flask import Flask, make_response, request


def make_app(handlers):
    app = Flask("shop")
    app.config.update(MAX_CONTENT_LENGTH=65537)

    def answer(status, text=""):
        response = make_response(text)
        response.status_code = status
        return response

    @app.route("/webhooks", methods=["POST"])
    def webhook():
        body = request.get_data(cache=False)
        if len(body) >= 65537:
            return answer(413)
        if not request.mimetype == "application/json":
            return answer(415)
        try:
            event = json.loads(str(body, "utf-8"), parse_constant=[].index)
            fields = [type(event[name]) for name in ("id", "event", "created_at", "data")]
        except (ValueError, TypeError, LookupError, RecursionError):
            return answer(400, "no event")
        if fields != [str, str, int, dict]:
            return answer(400, "wrong types")
        if event["event"] not in handlers:
            return answer(204)
        try:
            handlers[event["event"]](event)
        except BaseException as error:
            print("failed:", error)
            return answer(503)
        return answer(200, "thank you")

    return app


# %% passed | a subclass of Request with its own limit
#= reads from the stream, no more than it needs
#- from flask import Flask, request
#+ import functools
#+
#+ from flask import Flask, Request, request
#- def make_app(handlers):
#+ class Small(Request):
#+     max_content_length = 65_537
#+
#+
#+ class Shop(Flask):
#+     request_class = Small
#+
#+
#+ def make_app(handlers):
#-     app = Flask("shop")
#+     app = Shop("shop")
#+     app.add_url_rule("/webhooks", "webhook", functools.partial(webhook, handlers), methods=["POST"])
#+     return app
#-
#-     @app.post("/webhooks")
#-     def webhook():
#-         if request.mimetype != "application/json":
#-             return "application/json is required", 415
#-         body = request.stream.read(64 * 1024 + 1)
#-         if len(body) > 64 * 1024:
#-             return "at most 64 KiB", 413
#-         try:
#-             event = parse(body)
#-         except ValueError as error:
#-             return str(error), 400
#-         try:
#-             dispatch(event, handlers)
#-         except BaseException as error:
#-             return repr(error), 500
#-         return "", 200
#-
#-     return app
#+
#+
#+ def webhook(handlers):
#+     if request.mimetype != "application/json":
#+         return "", 415
#+     if len(body := request.data) > 65_536:
#+         return "", 413
#+     try:
#+         event = parse(body)
#+     except ValueError:
#+         return "", 400
#+     try:
#+         return dispatch(event, handlers), 200
#+     except BaseException:
#+         return "", 500
