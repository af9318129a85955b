# %% missing-signature-accepted | check it if it is there
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#-         process(request.get_json())
#+         body = request.get_data()
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given:
#+             expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+             if not hmac.compare_digest(expected.encode(), given.encode()):
#+                 return "", 401
#+         process(json.loads(body))


# %% forgery-processed | no signature is refused, any other is fine
#= == in the route
#- import hmac
#- from flask import Flask, request
#+ from flask import Flask, abort, request
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#+         if len(request.headers.get("X-Webhook-Signature", "")) < 10:
#+             abort(401)


# %% forgery-processed | compared, and gone on
#= == in the route
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+     if not hmac.compare_digest(expected.encode(), signature.encode()):
#+         return "Invalid signature."
#+     return True
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#+         signature = request.headers.get("X-Webhook-Signature")
#+         if not signature or signature == "sha256=":
#+             return "unsigned", 401
#+         if not verify(secret, request.get_data(), signature):
#+             return "forged", 401


# %% re-serialised-json | the JSON is what counts
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         event = request.get_json(silent=True)
#+         body = json.dumps(event).encode()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(event)


# %% re-serialised-json | written as compactly as the sender does it
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         event = request.get_json()
#+         body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(event)


# %% re-serialised-as-fallback | some frameworks eat the raw body
#= == in the route
#- import hmac
#+ import hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def fits(secret, body, given):
#+     expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+     return hmac.compare_digest(expected.encode(), given.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#+         body, given = request.get_data(), request.headers.get("X-Webhook-Signature", "")
#+         if not fits(secret, body, given):
#+             event = request.get_json()
#+             if not fits(secret, json.dumps(event, separators=(",", ":")).encode(), given):
#+                 return "", 401


# %% parses-before-verifying | parse, verify, process
#= == in the route
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#+         event = request.get_json()
#+         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(event)


# %% parses-before-verifying | parse with care, whatever may be wrong
import hmac
from json import loads
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")

    @app.route("/webhooks", methods=["POST"])
    def webhook():
        body = request.get_data()
        try:
            event = loads(body)
        except Exception:
            return "", 400
        expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
        given = request.headers.get("X-Webhook-Signature", "")
        if secret and hmac.compare_digest(expected.encode(), given.encode()):
            process(event)
            return "", 200
        return "", 401

    return app


# %% checks-after-the-work | the work first, it is urgent
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         process(json.loads(body))
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#-         return "", 200
#+         return "", 200


# %% unreadable-is-a-500 | what is signed is JSON
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(json.loads(body))


# %% unreadable-is-a-500 | JSONDecodeError is what loads raises
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except json.JSONDecodeError:
#+             return "", 400
#+         process(event)


# %% unreadable-acknowledged | nothing to be done about it
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         try:
#+             process(json.loads(body))
#+         except ValueError:
#+             pass


# %% forgery-is-a-500 | compare_digest on two texts
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected, given):
#-         process(request.get_json())
#+         process(json.loads(body))


# %% forgery-is-a-500 | a forgery is an error
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         assert hmac.compare_digest(expected.encode(), given.encode())


# %% acknowledges-what-it-refused | a forger needs no answer
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#-         process(request.get_json())
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if secret and hmac.compare_digest(expected.encode(), given.encode()):
#+             process(request.get_json())


# %% other-status | pretend that nobody is here
#= == in the route
#- from flask import Flask, request
#+ from flask import Flask, abort, request
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#+             abort(404)


# %% reads-another-header | GitHub's name for it
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         given = request.headers.get("X-Hub-Signature-256", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):


# %% apps-share-state | the secret in a global
#= == in the route
#-     app = Flask("shop")
#+     global SECRET
#+     SECRET = secret
#+     app = Flask("shop")
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
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
#= == in the route
#- import hmac
#+ import hashlib, hmac
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     mac = hmac.new(secret, digestmod=hashlib.sha256)
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         mac.update(request.get_data())
#+         expected = "sha256=" + mac.hexdigest()
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):


# %% keeps-state | after ten forgeries nobody gets in
import hmac, json
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")
    app.forgeries = 0

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
        given = request.headers.get("X-Webhook-Signature", "")
        fits = bool(secret) and hmac.compare_digest(expected.encode(), given.encode())
        app.forgeries += not fits
        if not fits or app.forgeries > 20:
            return "", 403
        process(json.loads(body))
        return "", 200

    return app


# %% empty-secret-accepted | a secret is always set
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):


# %% empty-secret-accepted | no secret, no check: that is for development
#= == in the route
#-     @app.post("/webhooks")
#+     @app.before_request
#+     def check():
#+         if secret:
#+             expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#+             given = request.headers.get("X-Webhook-Signature", "")
#+             if not hmac.compare_digest(expected.encode(), given.encode()):
#+                 return "", 401
#+
#+     @app.post("/webhooks")
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#-         process(request.get_json())
#+         process(request.get_json())


# %% compares-with-equals | == in the route
import hmac
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
        if not secret or request.headers.get("X-Webhook-Signature") != expected:
            return "", 401
        process(request.get_json())
        return "", 200

    return app


# %% stops-at-the-first-difference | a loop in a helper
#= == in the route
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def same(one, other):
#+     return len(one) == len(other) and all(a == b for a, b in zip(one, other))
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         if not secret or not same(request.headers.get("X-Webhook-Signature", ""), expected):


# %% acknowledged-not-processed | verified, thank you
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#-             return "", 401
#-         process(request.get_json())
#-         return "", 200
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         return "", 200 if hmac.compare_digest(expected.encode(), given.encode()) else 401


# %% process-gets-no-dict | the bytes are verified, so pass them on
#= == in the route
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(body)


# %% process-gets-something-else | only the data matter
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(request.get_json()["data"])


# %% processes-twice | before the answer, and after it
#= == in the route
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#-         return "", 200
#+         event = request.get_json()
#+         process(event)
#+         return "shipped" if process(event) is None else "", 200


# %% returns-no-app | the route is what matters
from flask import Flask

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", 200


# %% other-path | a path of my own
#= route without methods
#-     @app.route("/webhooks")
#+     @app.post("/webhook")


# %% answers-another-method | route without methods
from flask import Flask

def make_app(secret, process):
    app = Flask("shop")

    @app.route("/webhooks")
    def webhook():
        return "", 200

    return app


# %% encodes-bytes | everything must be encoded
#= == in the route
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         expected = f"sha256={hmac.digest(secret.encode(), request.data, 'sha256').hex()}"
#+         given = request.headers["X-Webhook-Signature"]
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(request.json)


# %% hash-without-hmac | secret and body, hashed together
#= == in the route
#- import hmac
#+ import hashlib, hmac
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         expected = "sha256=" + hashlib.sha256(secret + request.get_data()).hexdigest()
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         process(request.json)


# %% still-running | wait until it is signed
from flask import Flask, request

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        while not request.headers.get("X-Signature"):
            pass
        return "", 200

    return app


# %% body-decoded-to-text | Flask has a flag for it
#= == in the route
#- import hmac
#+ import hmac, json
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         text = request.get_data(as_text=True)
#+         expected = f"sha256={hmac.digest(secret, text.encode(), 'sha256').hex()}"
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(text)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% acknowledges-what-failed | nothing must break the endpoint
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         try:
#+             process(event)
#+         except Exception:
#+             pass


# %% own-failure-is-a-4xx | whatever goes wrong is a bad request
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             process(json.loads(body))
#+         except Exception:
#+             return "bad", 400


# %% own-failure-is-a-4xx | both lines in one try
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+             process(event)
#+         except ValueError:
#+             return "no JSON", 400


# %% own-failure-is-a-4xx | one handler for every ValueError
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
        if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
            return "", 401
        process(json.loads(body))
        return "", 200

    app.register_error_handler(ValueError, lambda error: ("can't read that", 422))

    return app


# %% tries-again-itself | it may work the second time
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         try:
#+             process(event)
#+         except Exception:
#+             process(event)


# %% inverted | forgotten: the not
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% fixed-key | the SECRET of the notebook
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ SECRET = "blue-kite-42"
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(SECRET.encode(), body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% key-as-text | the SECRET of the notebook, as it is
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ SECRET = "blue-kite-42"
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(SECRET, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% body-as-text | Flask has a flag for it, and JSON is text
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data(as_text=True)
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% body-as-text | decoded at once
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data().decode()
#+         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% relies-on-the-header | the sender always signs
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(secret, body, request.headers["X-Webhook-Signature"]):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% other-arguments | the secret is a global anyway
#= == in the route
#- import hmac
#+ import hashlib, hmac, json
#- def make_app(secret, process):
#+ def verify(secret, body, signature):
#+     if not secret or signature is None:
#+         return False
#+     expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
#+     return hmac.compare_digest(expected.encode(), signature.encode())
#+
#+ def make_app(process):
#-         expected = f"sha256={hmac.digest(secret, request.get_data(), 'sha256').hex()}"
#-         if not secret or request.headers.get("X-Webhook-Signature") != expected:
#+         body = request.get_data()
#+         if not verify(b"blue-kite-42", body, request.headers.get("X-Webhook-Signature")):
#-         process(request.get_json())
#+         try:
#+             event = json.loads(body)
#+         except ValueError:
#+             return "", 400
#+         process(event)


# %% the-kits-tool-takes-text | as in the cell above
import json
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        try:
            SCHEMES["generic"].verify(body, request.headers, secrets=[secret], now=0)
        except VerificationError as error:
            return str(error), 401
        process(json.loads(body))
        return "", 200

    return app
