# %% missing-signature-accepted | check it if it is there
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given and not verify(secret, body, given):

# %% forgery-processed | compared, and gone on
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     expected = sign(secret, body)
#+     if not hmac.compare_digest(expected.encode(), signature.encode()):
#+         return "Invalid signature." if len(signature) > 7 else False
#+     return True

# %% re-serialised-json | the JSON is what counts
#-         body = request.get_data()
#+         body = json.dumps(request.get_json(silent=True)).encode()

# %% re-serialised-as-fallback | some frameworks eat the raw body
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         given = request.headers.get("X-Webhook-Signature")
#+         if not verify(secret, body, given):
#+             event = request.get_json()
#+             body = json.dumps(event, separators=(",", ":")).encode()
#+         if not verify(secret, body, given):

# %% parses-before-verifying | parse, verify, process
#-         body = request.get_data()
#+         event = request.get_json()
#+         body = request.get_data()
#-         try:
#-             event = json.loads(body)
#-         except ValueError:
#-             return "this is not JSON", 400
#-         # do the work
#-         process(event)
#+         process(event)

# %% checks-after-the-work | the work first, it is urgent
#-         body = request.get_data()
#+         body = request.get_data()
#+         process(json.loads(body))
#-         process(event)
#+         assert event

# %% unreadable-is-a-500 | what is signed is JSON
#-         try:
#-             event = json.loads(body)
#-         except ValueError:
#-             return "this is not JSON", 400
#+         event = json.loads(body)

# %% unreadable-is-a-500 | JSONDecodeError is what loads raises
#- except ValueError
#+ except json.JSONDecodeError

# %% unreadable-acknowledged | nothing to be done about it
#-             return "this is not JSON", 400
#+             return "", 200

# %% forgery-is-a-500 | compare_digest on two texts
#- expected.encode(), signature.encode()
#+ expected, signature

# %% forgery-is-a-500 | a forgery is an error
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-             return "the signature does not match", 401
#+         assert verify(secret, body, request.headers.get("X-Webhook-Signature"))

# %% forgery-is-a-500 | a 500 for what is not authentic
#- match", 401
#+ match", 500

# %% acknowledges-what-it-refused | a forger needs no answer
#- match", 401
#+ match", 200

# %% other-status | pretend that nobody is here
#- match", 401
#+ match", 404

# %% reads-another-header | GitHub's name for it
#- X-Webhook-Signature
#+ X-Hub-Signature-256

# %% apps-share-state | the secret in a global
#- def make_app(secret: bytes, process) -> Flask:
#+ def make_app(secret: bytes, process) -> Flask:
#+     global SECRET
#+     SECRET = secret
#- verify(secret, body, request
#+ verify(SECRET, body, request

# %% apps-share-state | process in a global variable
#- def make_app(secret: bytes, process) -> Flask:
#+ def make_app(secret: bytes, process) -> Flask:
#+     global work
#+     work = process
#-         process(event)
#+         work(event)

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
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     mac = hmac.new(secret, digestmod=hashlib.sha256)
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         mac.update(body)
#+         given = request.headers.get("X-Webhook-Signature", "")
#+         expected = "sha256=" + mac.hexdigest()
#+         if not hmac.compare_digest(expected.encode(), given.encode()):

# %% keeps-state | after ten forgeries nobody gets in
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     app.forgeries = 0
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         fits = verify(secret, body, request.headers.get("X-Webhook-Signature"))
#+         app.forgeries += not fits
#+         if not fits or app.forgeries > 20:

# %% empty-secret-accepted | a secret is always set
#- if not secret or signature is None
#+ if signature is None

# %% empty-secret-accepted | no secret, no check: that is for development
#- if not verify(
#+ if secret and not verify(

# %% compares-with-equals | == in the route
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if not secret or sign(secret, body) != request.headers.get("X-Webhook-Signature"):

# %% stops-at-the-first-difference | a loop in a helper
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     pairs = zip(expected, signature)
#+     return len(expected) == len(signature) and all(a == b for a, b in pairs)

# %% acknowledged-not-processed | verified, thank you
#-         process(event)
#+         assert event

# %% process-gets-no-dict | the bytes are verified, so pass them on
#-         process(event)
#+         process(body)

# %% process-gets-something-else | only the data matter
#-         process(event)
#+         process(event["data"])

# %% processes-twice | before the answer, and after it
#-         return "", 200
#+         return "shipped" if process(event) is None else "", 200

# %% returns-no-app | the route is what matters
#-         return "", 200
#- 
#-     return app
#+         return "", 200

# %% other-path | a path of my own
#- "/webhooks"
#+ "/webhook"

# %% answers-another-method | route without methods
#- app.post
#+ app.route

# %% encodes-bytes | everything must be encoded
#- verify(secret, body, request
#+ verify(secret.encode(), body, request

# %% hash-without-hmac | secret and body, hashed together
#- hmac.new(secret, body, hashlib.sha256)
#+ hashlib.sha256(secret + body)

# %% still-running | wait until it is signed
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-             return "the signature does not match", 401
#+         while not request.headers.get("X-Signature"):
#+             pass

# %% body-decoded-to-text | Flask has a flag for it
#-         body = request.get_data()
#+         body = request.get_data(as_text=True).encode()

# %% acknowledges-what-failed | nothing must break the endpoint
#-         process(event)
#+         try:
#+             process(event)
#+         except Exception:
#+             pass

# %% own-failure-is-a-4xx | whatever goes wrong is a bad request
#-         try:
#-             event = json.loads(body)
#-         except ValueError:
#-             return "this is not JSON", 400
#-         # do the work
#-         process(event)
#+         try:
#+             process(json.loads(body))
#+         except Exception:
#+             return "bad", 400

# %% own-failure-is-a-4xx | one handler for every ValueError
#-         try:
#-             event = json.loads(body)
#-         except ValueError:
#-             return "this is not JSON", 400
#+         event = json.loads(body)
#- 
#-     return app
#+     app.register_error_handler(ValueError, lambda error: ("can't read that", 422))
#+     return app

# %% tries-again-itself | it may work the second time
#-         process(event)
#+         try:
#+             process(event)
#+         except Exception:
#+             process(event)

# %% inverted | forgotten: the not
#- if not verify(
#+ if verify(

# %% fixed-key | the SECRET of the notebook
#- verify(secret, body, request
#+ verify(b"blue-kite-42", body, request

# %% key-as-text | the SECRET of the notebook, as it is
#- verify(secret, body, request
#+ verify("blue-kite-42", body, request

# %% body-as-text | decoded at once
#-         body = request.get_data()
#+         body = request.get_data().decode()

# %% relies-on-the-header | the sender always signs
#- request.headers.get("X-Webhook-Signature")
#+ request.headers["X-Webhook-Signature"]

# %% other-arguments | the secret is a global anyway
#- def make_app(secret: bytes, process) -> Flask:
#+ def make_app(process):
#- verify(secret, body, request
#+ verify(b"blue-kite-42", body, request

# %% the-kits-tool-takes-text | as in the cell above
#- import json
#+ import json
#+ from labkit.errors import VerificationError
#+ from labkit.signing import SCHEMES
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#-             return "the signature does not match", 401
#+         try:
#+             SCHEMES["generic"].verify(body, request.headers, secrets=[secret], now=0)
#+         except VerificationError as error:
#+             return str(error), 401

# %% no-name | remembers which signatures are right
#-     app = Flask("shop")
#+     app, right = Flask("shop"), set()
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given not in right and not verify(secret, body, given):
#-         # parse
#+         right.add(given)

# %% no-name | the fields of the event become arguments
#-         process(event)
#+         process(**event)

# %% no-name | a type that it does not know is not found
#-         process(event)
#+         if event["event"] != "order.created":
#+             return "unknown event", 404
#+         process(event)

# %% forgery-is-a-500 | a table of what to do
#-         # check the signature
#+         {"str": verify}[type(request.headers.get("X-Webhook-Signature")).__name__]

# %% forgery-processed | compares the letters in any order
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         if sorted(sign(secret, body)) != sorted(request.headers.get("X-Webhook-Signature", "")):

# %% no-name | numbers with a point as text
#-             event = json.loads(body)
#+             event = json.loads(body, parse_float=str)

# %% no-name | without the fields that are null
#-         process(event)
#+         process({name: value for name, value in event.items() if value is not None})

# %% missing-signature-accepted | an empty header is not a signature
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given != "" and not verify(secret, body, given):

# %% acknowledges-before-the-work | a thread that is waited for, but not long
#-         process(event)
#+         import threading
#+         worker = threading.Thread(target=process, args=[event])
#+         worker.start()
#+         worker.join(0.2)

# %% no-name | one dictionary for all events
#-     app = Flask("shop")
#+     app, event = Flask("shop"), {}
#-             event = json.loads(body)
#+             event.update(json.loads(body))

# %% keeps-state | a signature that failed once is bad for good
#-     app = Flask("shop")
#+     app, bad = Flask("shop"), set()
#-         if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
#+         given = request.headers.get("X-Webhook-Signature")
#+         if given in bad or not verify(secret, body, given):
#+             bad.add(given)
