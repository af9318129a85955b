# %% missing-signature-accepted | check it if it is there
#= what is signed is JSON
#-         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#-         given = request.headers.get("X-Webhook-Signature", "")
#-         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given:
#+             expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+             if not hmac.compare_digest(expected.encode(), given.encode()):
#+                 return "", 401


# %% forgery-processed | no signature is refused, any other is fine
from flask import Flask, abort, request

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if len(request.headers.get("X-Webhook-Signature", "")) < 10:
            abort(401)
        process(request.get_json())
        return "", 200

    return app


# %% forgery-processed | compared, and gone on
#= no signature is refused, any other is fine
#- from flask import Flask, abort, request
#+ import hmac
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+     if not hmac.compare_digest(expected.encode(), signature.encode()):
#+         return "Invalid signature."
#+     return True
#-         if len(request.headers.get("X-Webhook-Signature", "")) < 10:
#-             abort(401)
#+         signature = request.headers.get("X-Webhook-Signature")
#+         if not signature or signature == "sha256=":
#+             return "unsigned", 401
#+         if not verify(secret, request.get_data(), signature):
#+             return "forged", 401


# %% re-serialised-json | the JSON is what counts
#= what is signed is JSON
#-         body = request.get_data()
#+         event = request.get_json(silent=True)
#+         body = json.dumps(event).encode()
#-         process(json.loads(body))
#+         process(event)


# %% re-serialised-json | written as compactly as the sender does it
#= what is signed is JSON
#-         body = request.get_data()
#+         event = request.get_json()
#+         body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
#-         process(json.loads(body))
#+         process(event)


# %% re-serialised-as-fallback | some frameworks eat the raw body
#= no signature is refused, any other is fine
#- from flask import Flask, abort, request
#+ import hmac, json
#+ from flask import Flask, request
#+
#+ def fits(secret, body, given):
#+     expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+     return hmac.compare_digest(expected.encode(), given.encode())
#-         if len(request.headers.get("X-Webhook-Signature", "")) < 10:
#-             abort(401)
#+         body, given = request.get_data(), request.headers.get("X-Webhook-Signature", "")
#+         if not fits(secret, body, given):
#+             event = request.get_json()
#+             if not fits(secret, json.dumps(event, separators=(",", ":")).encode(), given):
#+                 return "", 401


# %% parses-before-verifying | parse, verify, process
#= what is signed is JSON
#- import hmac, json
#+ import hmac
#-         body = request.get_data()
#-         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         event = request.get_json()
#+         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         process(json.loads(body))
#+         process(event)


# %% parses-before-verifying | parse with care, whatever may be wrong
#= what is signed is JSON
#- import hmac, json
#+ import hmac
#+ from json import loads
#-     @app.post("/webhooks")
#+     @app.route("/webhooks", methods=["POST"])
#-         body = request.get_data()
#+         body = request.get_data()
#+         try:
#+             event = loads(body)
#+         except Exception:
#+             return "", 400
#-         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#-         process(json.loads(body))
#-         return "", 200
#+         if secret and hmac.compare_digest(expected.encode(), given.encode()):
#+             process(event)
#+             return "", 200
#+         return "", 401


# %% checks-after-the-work | the work first, it is urgent
#= what is signed is JSON
#-         body = request.get_data()
#+         body = request.get_data()
#+         process(json.loads(body))
#-         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#-         process(json.loads(body))
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#+             return "", 401


# %% unreadable-is-a-500 | what is signed is JSON
import hmac, json
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
        given = request.headers.get("X-Webhook-Signature", "")
        if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
            return "", 401
        process(json.loads(body))
        return "", 200

    return app


# %% unreadable-is-a-500 | JSONDecodeError is what loads raises
#= what is signed is JSON
#-         process(json.loads(body))
#+         try:
#+             event = json.loads(body)
#+         except json.JSONDecodeError:
#+             return "", 400
#+         process(event)


# %% unreadable-acknowledged | nothing to be done about it
#= what is signed is JSON
#-         process(json.loads(body))
#+         try:
#+             process(json.loads(body))
#+         except ValueError:
#+             pass


# %% forgery-is-a-500 | compare_digest on two texts
#= what is signed is JSON
#-         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#+         if not secret or not hmac.compare_digest(expected, given):


# %% forgery-is-a-500 | a forgery is an error
#= a secret is always set
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#+         assert hmac.compare_digest(expected.encode(), given.encode())


# %% acknowledges-what-it-refused | a forger needs no answer
#= a secret is always set
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#-         process(request.get_json())
#+         if secret and hmac.compare_digest(expected.encode(), given.encode()):
#+             process(request.get_json())


# %% other-status | pretend that nobody is here
#= a secret is always set
#- from flask import Flask, request
#+ from flask import Flask, abort, request
#-             return "", 401
#+             abort(404)


# %% reads-another-header | GitHub's name for it
#= a secret is always set
#-         given = request.headers.get("X-Webhook-Signature", "")
#+         given = request.headers.get("X-Hub-Signature-256", "")


# %% apps-share-state | the secret in a global
#= a secret is always set
#- def make_app(secret, process):
#+ def make_app(secret, process):
#+     global SECRET
#+     SECRET = secret
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         given = request.headers.get("X-Webhook-Signature", "")
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#+         expected = f"sha256={hmac.digest(SECRET, request.get_data(), 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not SECRET or not hmac.compare_digest(expected.encode(), given.encode()):


# %% apps-share-state | one app for all
import hmac
from flask import Flask, request

app = Flask("shop")
settings = {}

@app.post("/webhooks")
def webhook():
    expected = f"sha256={hmac.digest(settings['secret'], request.get_data(), 'sha256').hex()}"
    given = request.headers.get("X-Webhook-Signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return "", 401
    settings["process"](request.get_json())
    return "", 200

def make_app(secret, process):
    settings.update(secret=secret, process=process)
    return app


# %% keeps-state | one HMAC object, made once
#= a secret is always set
#- import hmac
#+ import hashlib, hmac
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     mac = hmac.new(secret, digestmod=hashlib.sha256)
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#+         mac.update(request.get_data())
#+         expected = "sha256=" + mac.hexdigest()


# %% keeps-state | after ten forgeries nobody gets in
#= what is signed is JSON
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     app.forgeries = 0
#-         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#+         fits = bool(secret) and hmac.compare_digest(expected.encode(), given.encode())
#+         app.forgeries += not fits
#+         if not fits or app.forgeries > 20:
#+             return "", 403


# %% empty-secret-accepted | a secret is always set
import hmac
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
        given = request.headers.get("X-Webhook-Signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return "", 401
        process(request.get_json())
        return "", 200

    return app


# %% empty-secret-accepted | no secret, no check: that is for development
#= a path of my own
#- from flask import Flask
#+ import hmac
#+ from flask import Flask, request
#-     @app.post("/webhook")
#-     def webhook():
#+     @app.before_request
#+     def check():
#+         if secret:
#+             expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#+             given = request.headers.get("X-Webhook-Signature", "")
#+             if not hmac.compare_digest(expected.encode(), given.encode()):
#+                 return "", 401
#+
#+     @app.post("/webhooks")
#+     def webhook():
#+         process(request.get_json())


# %% compares-with-equals | == in the route
#= a secret is always set
#-         given = request.headers.get("X-Webhook-Signature", "")
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#+         if not secret or request.headers.get("X-Webhook-Signature") != expected:


# %% stops-at-the-first-difference | a loop in a helper
#= a secret is always set
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def same(one, other):
#+     return len(one) == len(other) and all(a == b for a, b in zip(one, other))
#-         given = request.headers.get("X-Webhook-Signature", "")
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#+         if not secret or not same(request.headers.get("X-Webhook-Signature", ""), expected):


# %% acknowledged-not-processed | verified, thank you
#= a secret is always set
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#-             return "", 401
#-         process(request.get_json())
#-         return "", 200
#+         return "", 200 if hmac.compare_digest(expected.encode(), given.encode()) else 401


# %% process-gets-no-dict | the bytes are verified, so pass them on
#= a secret is always set
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#+         body = request.get_data()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#-         process(request.get_json())
#+         process(body)


# %% process-gets-something-else | only the data matter
#= a secret is always set
#-         process(request.get_json())
#+         process(request.get_json()["data"])


# %% processes-twice | before the answer, and after it
#= a secret is always set
#-         process(request.get_json())
#-         return "", 200
#+         event = request.get_json()
#+         process(event)
#+         return "shipped" if process(event) is None else "", 200


# %% returns-no-app | the route is what matters
#= a path of my own
#-     @app.post("/webhook")
#+     @app.post("/webhooks")
#-         return "", 200
#-
#-     return app
#+         return "", 200


# %% other-path | a path of my own
from flask import Flask

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhook")
    def webhook():
        return "", 200

    return app


# %% answers-another-method | route without methods
#= a path of my own
#-     @app.post("/webhook")
#+     @app.route("/webhooks")


# %% encodes-bytes | everything must be encoded
#= a secret is always set
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         given = request.headers.get("X-Webhook-Signature", "")
#+         expected = f"sha256={hmac.digest(secret.encode(), request.data, 'sha256').hex()}"
#+         given = request.headers["X-Webhook-Signature"]
#-         process(request.get_json())
#+         process(request.json)


# %% hash-without-hmac | secret and body, hashed together
#= a secret is always set
#- import hmac
#+ import hashlib, hmac
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#+         expected = "sha256=" + hashlib.sha256(secret + request.get_data()).hexdigest()
#-         process(request.get_json())
#+         process(request.json)


# %% still-running | wait until it is signed
#= no signature is refused, any other is fine
#- from flask import Flask, abort, request
#+ from flask import Flask, request
#-         if len(request.headers.get("X-Webhook-Signature", "")) < 10:
#-             abort(401)
#-         process(request.get_json())
#+         while not request.headers.get("X-Signature"):
#+             pass


# %% body-decoded-to-text | Flask has a flag for it
#= what is signed is JSON
#-         body = request.get_data()
#-         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         text = request.get_data(as_text=True)
#+         expected = f"sha256={hmac.digest(secret, text.encode(), 'sha256').hex()}"
#-         process(json.loads(body))
#+         try:
#+             event = json.loads(text)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% acknowledges-what-failed | nothing must break the endpoint
#= forgotten: the not
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(event)
#+         try:
#+             process(event)
#+         except Exception:
#+             pass


# %% own-failure-is-a-4xx | whatever goes wrong is a bad request
#= forgotten: the not
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-             event = json.loads(body)
#-         except ValueError:
#-             return "", 400
#-         process(event)
#+             process(json.loads(body))
#+         except Exception:
#+             return "bad", 400


# %% own-failure-is-a-4xx | both lines in one try
#= forgotten: the not
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         except ValueError:
#-             return "", 400
#-         process(event)
#+             process(event)
#+         except ValueError:
#+             return "no JSON", 400


# %% own-failure-is-a-4xx | one handler for every ValueError
#= forgotten: the not
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-             return "", 401
#-         try:
#-             event = json.loads(body)
#-         except ValueError:
#-             return "", 400
#-         process(event)
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+             return "", 401
#+         process(json.loads(body))
#-         return "", 200
#-
#+         return "", 200
#+
#+     app.register_error_handler(ValueError, lambda error: ("can't read that", 422))
#+


# %% tries-again-itself | it may work the second time
#= forgotten: the not
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(event)
#+         try:
#+             process(event)
#+         except Exception:
#+             process(event)


# %% inverted | forgotten: the not
import hashlib, hmac, json
from flask import Flask, request

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        if verify(secret, body, request.headers.get("X-Webhook-Signature")):
            return "", 401
        try:
            event = json.loads(body)
        except ValueError:
            return "", 400
        process(event)
        return "", 200

    return app


# %% fixed-key | the SECRET of the notebook
#= forgotten: the not
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ SECRET = "blue-kite-42"
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(SECRET.encode(), body, request.headers.get("X-Webhook-Signature")):


# %% key-as-text | the SECRET of the notebook, as it is
#= forgotten: the not
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ SECRET = "blue-kite-42"
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(SECRET, body, request.headers.get("X-Webhook-Signature")):


# %% body-as-text | Flask has a flag for it, and JSON is text
#= forgotten: the not
#-         body = request.get_data()
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         body = request.get_data(as_text=True)
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):


# %% body-as-text | decoded at once
#= forgotten: the not
#-         body = request.get_data()
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         body = request.get_data().decode()
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):


# %% relies-on-the-header | the sender always signs
#= forgotten: the not
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(secret, body, request.headers["X-Webhook-Signature"]):


# %% other-arguments | the secret is a global anyway
#= forgotten: the not
#- def make_app(secret, process):
#+ def make_app(process):
#-         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not verify(b"blue-kite-42", body, request.headers.get("X-Webhook-Signature")):


# %% the-kits-tool-takes-text | as in the cell above
#= no signature is refused, any other is fine
#- from flask import Flask, abort, request
#+ import json
#+ from flask import Flask, request
#+ from labkit.errors import VerificationError
#+ from labkit.signing import SCHEMES
#-         if len(request.headers.get("X-Webhook-Signature", "")) < 10:
#-             abort(401)
#-         process(request.get_json())
#+         body = request.get_data()
#+         try:
#+             SCHEMES["generic"].verify(body, request.headers, secrets=[secret], now=0)
#+         except VerificationError as error:
#+             return str(error), 401
#+         process(json.loads(body))


# %% apps-share-state | process in a global variable
#- def make_app(secret: bytes, process) -> Flask:
#+ def make_app(secret: bytes, process) -> Flask:
#+     global work
#+     work = process
#-         process(event)
#+         work(event)


# %% no-name | remembers which signatures are right
#-     app = Flask("shop")
#+     app, right = Flask("shop"), set()
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-             return "the signature does not match", 401
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given not in right and not verify(secret, body, given):
#+             return "the signature does not match", 401
#+         right.add(given)


# %% forgery-is-a-500 | a 500 for what is not authentic
#-             return "the signature does not match", 401
#+             return "the signature does not match", 500


# %% no-name | the fields of the event become arguments
#-         process(event)
#+         process(**event)
