# %% passed | step by step
import hashlib
import hmac
import json
import string

from flask import Flask, Response, request

ALLOWED = set(string.ascii_letters + string.digits)


def make_app(secret, token, confirm):
    app = Flask("receiver")

    @app.route("/webhooks", methods=["GET"])
    def check_address():
        if request.args.get("token") != token:
            return "", 403
        if "challenge" not in request.args:
            return "", 400
        return Response(request.args["challenge"], mimetype="text/plain")

    @app.route("/webhooks", methods=["POST"])
    def receive():
        raw = request.get_data()
        right = "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(
            right.encode(), request.headers.get("X-Webhook-Signature", "").encode()
        ):
            return "", 401
        event = json.loads(raw)
        kind, data = event["event"], event["data"]
        if kind == "endpoint.challenge":
            challenge = data["challenge"]
            if not isinstance(challenge, str) or not 1 <= len(challenge) <= 64:
                return "", 400
            if not set(challenge) <= ALLOWED:
                return "", 400
            made = hmac.new(secret, challenge.encode(), hashlib.sha256)
            return {"response": made.hexdigest()}, 200
        if kind == "subscription.confirm":
            if not str(data["url"]).startswith("https://confirm.payco.example/"):
                return "", 400
            confirm(data["url"])
            return "ok", 200
        return "", 200

    return app


# %% passed | one view for both methods
import hashlib
import hmac
import json
import re

from flask import Flask, abort, jsonify, make_response, request


def make_app(secret, token, confirm):
    app = Flask(__name__)

    @app.route("/webhooks", methods=["GET", "POST"])
    def webhook():
        if request.method == "GET":
            args = request.args
            if args.get("token") != token or args.get("challenge") is None:
                abort(403)
            response = make_response(args["challenge"])
            response.headers["Content-Type"] = "text/plain; charset=utf-8"
            return response
        raw = request.get_data()
        mac = hmac.new(secret, raw, "sha256").hexdigest()
        header = request.headers.get("X-Webhook-Signature") or ""
        if not header.isascii() or not hmac.compare_digest(header, "sha256=" + mac):
            abort(403)
        event = json.loads(raw)
        match event["event"], event["data"]:
            case "endpoint.challenge", {"challenge": str(text)}:
                if re.fullmatch(r"[0-9A-Za-z]{1,64}", text) is None:
                    abort(422)
                return jsonify(response=hmac.digest(secret, text.encode(), "sha256").hex())
            case "endpoint.challenge", _:
                abort(422)
            case "subscription.confirm", {"url": str(url)} if url.startswith(
                "https://confirm.payco.example/"
            ):
                confirm(url)
            case "subscription.confirm", _:
                abort(422)
        return "", 202

    return app


# %% passed | the URL taken apart
import hashlib
import hmac
from urllib.parse import urlsplit

from flask import Flask, request


def make_app(secret, token, confirm):
    app = Flask("shop")

    def sign(data):
        return hmac.new(secret, data, hashlib.sha256).hexdigest()

    def is_ours(url):
        try:
            parts = urlsplit(url)
            return (
                url == url.strip()
                and (parts.scheme, parts.netloc) == ("https", "confirm.payco.example")
                and parts.path.startswith("/")
            )
        except (ValueError, AttributeError, TypeError):
            return False

    @app.get("/webhooks")
    def handshake():
        challenge = request.args.get("challenge")
        if not challenge or request.args.get("token", None) != token:
            return "no", 400
        return challenge, {"Content-Type": "text/plain"}

    @app.post("/webhooks")
    def hook():
        given = request.headers.get("X-Webhook-Signature", "").encode()
        if not hmac.compare_digest(given, b"sha256=" + sign(request.get_data()).encode()):
            return "no", 401
        event = request.get_json()
        if event["event"] == "endpoint.challenge":
            text = event["data"]["challenge"]
            fine = isinstance(text, str) and text.isascii() and text.isalnum()
            if not fine or len(text) > 64:
                return "no", 422
            return {"response": sign(text.encode())}
        if event["event"] == "subscription.confirm":
            if not is_ours(event["data"]["url"]):
                return "no", 422
            confirm(event["data"]["url"])
        return "yes"

    return app


# %% passed | a handler per event
import hmac
import json
import re

from flask import Flask, request


class Refused(Exception):
    pass


def make_app(secret, token, confirm):
    app = Flask("shop")
    app.register_error_handler(Refused, lambda _: ("refused", 400))

    def mac(data):
        return hmac.digest(secret, data, "sha256").hex()

    def challenge(data):
        value = data["challenge"]
        if type(value) is not str or not re.match(r"[A-Za-z0-9]{1,64}\Z", value):
            raise Refused
        return {"response": mac(value.encode("ascii"))}

    def subscription(data):
        value = data["url"]
        if type(value) is not str or not re.match("https://confirm\\.payco\\.example/", value):
            raise Refused
        confirm(value)
        return "confirmed"

    handlers = {"endpoint.challenge": challenge, "subscription.confirm": subscription}

    @app.get("/webhooks")
    def get():
        values = request.args.to_dict()
        if values.get("token") == token and values.get("challenge"):
            return values["challenge"], 200, [("Content-Type", "text/plain")]
        raise Refused

    @app.post("/webhooks")
    def post():
        signature = request.headers.get("X-Webhook-Signature", "")
        body = request.get_data()
        if not hmac.compare_digest(signature.encode(), f"sha256={mac(body)}".encode()):
            raise Refused
        event = json.loads(body)
        return handlers.get(event["event"], lambda data: ("", 204))(event["data"])

    return app


# %% passed | checks the request before every view
import hashlib
import hmac
import json

from flask import Flask, Response, abort, request

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def make_app(secret, token, confirm):
    app = Flask("shop")

    def hexed(data):
        return hmac.new(key=secret, msg=data, digestmod=hashlib.sha256).hexdigest()

    @app.before_request
    def verify():
        if request.method != "POST":
            return
        given = request.headers.get("X-Webhook-Signature", "")
        if not hmac.compare_digest(given.encode(), b"sha256=" + hexed(request.data).encode()):
            abort(401)

    @app.get("/webhooks")
    def echo():
        given = request.args.get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            abort(403)
        if request.args.get("challenge") is None:
            abort(400)
        return Response(request.args.get("challenge"), content_type="text/plain")

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        if event["event"] == "endpoint.challenge":
            text = event["data"]["challenge"]
            if not isinstance(text, str) or text == "" or len(text) >= 65:
                abort(400)
            if any(c not in LETTERS + LETTERS.upper() + "0123456789" for c in text):
                abort(400)
            return json.dumps({"response": hexed(text.encode())})
        if event["event"] == "subscription.confirm":
            url = event["data"]["url"]
            prefix = "https://confirm.payco.example/"
            if not isinstance(url, str) or url[: len(prefix)] != prefix:
                abort(400)
            confirm(url)
        return "", 201

    return app


# %% passed | another status for each refusal
#-             return "not a challenge", 400
#+             return {"error": "not a challenge"}, 422
#-                 return "not a URL of the provider", 400
#+                 return {"error": "not our URL"}, 409
#-             return "wrong signature", 401
#+             return {"error": "signature"}, 400

# %% passed | an event is acknowledged with a text
#-         return "", 204  # acknowledge
#+         return "thank you", 202, {"Content-Type": "text/plain"}

# %% passed | a compiled pattern for both
#-     def digest(data):
#+     text_of_challenge = re.compile(r"\A[A-Za-z0-9]{1,64}\Z")
#+
#+     def digest(data):
#-             if isinstance(text, str) and re.fullmatch("[A-Za-z0-9]{1,64}", text):
#+             if isinstance(text, str) and text_of_challenge.search(text):
