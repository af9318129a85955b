# %% passed | four steps in one route
import hmac, json
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        expected = "sha256=" + hmac.new(secret, body, "sha256").hexdigest()
        given = request.headers.get("X-Webhook-Signature", "")
        if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
            return "not authentic", 401
        try:
            event = json.loads(body)
        except ValueError:
            return "not JSON", 400
        process(event)
        return "", 204

    return app


# %% passed | before_request guards the whole app, and abort ends it
import hashlib, hmac
from flask import Flask, abort, request

def make_app(secret, process):
    if not secret:
        raise ValueError("set WEBHOOK_SECRET")
    app = Flask(__name__)

    @app.before_request
    def authentic():
        mac = hmac.new(secret, request.get_data(cache=True), hashlib.sha256).hexdigest()
        given = request.headers.get("x-webhook-signature", default="")
        if not hmac.compare_digest(b"sha256=" + mac.encode(), given.encode("latin-1", "replace")):
            abort(403, "not signed with our secret")

    @app.route("/webhooks", methods=["POST", "PUT"])
    def webhook():
        process(request.get_json(force=True))
        return {"ok": True}, 202

    return app


# %% passed | a decorator, and an error handler for what can't be read
import functools, hmac, json, secrets
from flask import Flask, Response, request

def signed_with(secret):
    def decorate(view):
        @functools.wraps(view)
        def guarded(*args, **kwargs):
            body = request.data
            mine = f"sha256={hmac.digest(secret, body, 'sha256').hex()}".encode()
            theirs = request.headers.get("X-Webhook-Signature", "").encode()
            if secret and secrets.compare_digest(mine, theirs):
                return view(body, *args, **kwargs)
            return Response(status=401, headers={"WWW-Authenticate": "Signature"})
        return guarded
    return decorate

def make_app(secret, process):
    app = Flask("shop")
    for unreadable in (json.JSONDecodeError, UnicodeDecodeError):
        app.register_error_handler(unreadable, lambda error: ("can't read that", 422))

    @app.post("/webhooks")
    @signed_with(secret)
    def webhook(body):
        event = json.loads(body)
        process(event)
        return Response(status=200)

    return app


# %% passed | a view class on a blueprint
import hmac
from flask import Blueprint, Flask, make_response, request
from flask.views import MethodView

class Unauthentic(Exception):
    pass

class Webhook(MethodView):
    init_every_request = False

    def __init__(self, secret, process):
        self.secret, self.process = secret, process

    def post(self):
        mac = hmac.new(self.secret, digestmod="sha256")
        mac.update(request.get_data())
        name, _, digits = request.headers.get("X-Webhook-Signature", "").partition("=")
        try:
            fits = hmac.compare_digest(bytes.fromhex(digits), mac.digest())
        except ValueError:
            fits = False
        if not (fits and name == "sha256" and self.secret):
            raise Unauthentic
        self.process(request.get_json())
        return make_response("thanks", 200)

def make_app(secret, process):
    blueprint = Blueprint("hooks", __name__)
    blueprint.add_url_rule("/webhooks", view_func=Webhook.as_view("webhook", secret, process))
    app = Flask("shop")
    app.register_blueprint(blueprint)
    app.errorhandler(Unauthentic)(lambda error: ({"error": "signature"}, 401))
    return app


# %% passed | the kit's own scheme, and a closure that is handed over
import json
from flask import Flask, jsonify, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

make_app = lambda secret, process: build(secret.decode(), process)

def build(secret, process):
    app = Flask("shop")

    def webhook():
        body = request.get_data(as_text=False)
        try:
            SCHEMES["generic"].verify(body, request.headers, secrets=[secret], now=0)
        except VerificationError as error:
            return jsonify(error=str(error)), 401
        except Exception as error:
            return jsonify(error=str(error)), 400
        try:
            event = json.loads(body)
        except ValueError as error:
            return jsonify(error=str(error)), 400
        process(event)
        return jsonify(received=event["id"])

    app.add_url_rule("/webhooks", "webhook", webhook, methods=["POST"])
    return app


# %% passed | a loop that goes to the end, and a WSGI stream read by hand
import hmac, json
from flask import Flask, request

def same(one, other):
    difference = len(one) ^ len(other)
    for a, b in zip(one, other):
        difference |= a ^ b
    return not difference

def make_app(secret, process):
    app = Flask("shop")
    app.post("/webhooks")(lambda: webhook(request.stream.read()))

    def webhook(body):
        given = request.environ.get("HTTP_X_WEBHOOK_SIGNATURE") or ""
        if not (secret and same(given.encode(), b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode())):
            return "", 401
        try:
            event = json.loads(body.decode())
        except (UnicodeDecodeError, json.JSONDecodeError):
            return "", 400
        return (process(event) or "done"), 200

    return app


# %% passed | what process raises is logged, and answered 503
#= four steps in one route
#-         expected = "sha256=" + hmac.new(secret, body, "sha256").hexdigest()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#-             return "not authentic", 401
#+             return "", 401
#-             return "not JSON", 400
#-         process(event)
#-         return "", 204
#+             return "", 400
#+         try:
#+             process(event)
#+         except Exception as error:
#+             return f"later: {error}", 503
#+         return "", 200
