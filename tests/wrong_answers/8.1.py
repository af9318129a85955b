# %% endpoint-not-at-webhooks | the path of another lab
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def webhook():
        enqueue(request.get_data())
        return "", 200

    return app


# %% no-post | a route is a route
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.route("/webhooks")
    def webhook():
        enqueue(request.get_data())
        return "", 200

    return app


# %% returns-no-app | the app is made, that will do
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data())
        return "", 200


# %% acknowledges-without-enqueuing | fast it is
from flask import Flask

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", 200

    return app


# %% acknowledges-without-enqueuing | a queue in memory
import queue
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")
    todo = queue.Queue()

    @app.post("/webhooks")
    def webhook():
        todo.put(request.get_data())
        return "", 202

    return app


# %% acknowledges-without-enqueuing | a timer, in five seconds
import threading
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        timer = threading.Timer(5, enqueue, [request.get_data()])
        timer.daemon = True
        timer.start()
        return "", 200

    return app


# %% acknowledges-without-enqueuing | behind the return
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", 200
        enqueue(request.get_data())

    return app


# %% acknowledges-before-it-is-stored | a thread is fast
import threading
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        threading.Thread(target=enqueue, args=[request.get_data()], daemon=True).start()
        return "", 200

    return app


# %% acknowledges-before-it-is-stored | a pool, and nobody asks for the result
from concurrent.futures import ThreadPoolExecutor
from flask import Flask, request

pool = ThreadPoolExecutor(2)

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        pool.submit(enqueue, request.get_data())
        return "", 200

    return app


# %% acknowledges-before-it-is-stored | a queue in memory and a thread that drains it
import queue
import threading
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")
    todo = queue.Queue()

    def drain():
        while True:
            enqueue(todo.get())

    threading.Thread(target=drain, daemon=True).start()

    @app.post("/webhooks")
    def webhook():
        todo.put(request.get_data())
        return "", 202

    return app


# %% acknowledges-before-it-is-stored | when the response is closed
from flask import Flask, Response, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        response = Response(status=200)
        response.call_on_close(lambda: enqueue(body))
        return response

    return app


# %% acknowledges-before-it-is-stored | the body of the answer is a generator
from flask import Flask, Response, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()

        def answer():
            yield "ok"
            enqueue(body)

        return Response(answer(), status=200)

    return app


# %% acknowledges-before-it-is-stored | at the teardown of the request
from flask import Flask, g, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        g.body = request.get_data()
        return "", 200

    @app.teardown_request
    def store(error):
        if "body" in g:
            enqueue(g.body)

    return app


# %% enqueues-no-bytes | the parsed event
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_json())
        return "", 200

    return app


# %% enqueues-no-bytes | as text
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data(as_text=True))
        return "", 200

    return app


# %% enqueues-json-written-anew | parsed, and made bytes again
import json
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(json.dumps(request.get_json()).encode())
        return "", 200

    return app


# %% enqueues-json-written-anew | as compact as the sender writes it
import json
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
        enqueue(text.encode())
        return "", 200

    return app


# %% enqueues-other-bytes | only the data matter
import json
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(json.dumps(request.get_json()["data"]).encode())
        return "", 200

    return app


# %% enqueues-other-bytes | the id is enough
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_json()["id"].encode())
        return "", 200

    return app


# %% enqueues-twice | before the request, and in the view
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.before_request
    def store():
        enqueue(request.get_data())

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data())
        return "", 200

    return app


# %% answers-after-the-time-out | the work is done here too
import time
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data())
        time.sleep(8)
        return "", 200

    return app


# %% answers-after-the-time-out | three tries with long waits
import time
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        for wait in (1, 2, 4):
            try:
                enqueue(request.get_data())
                return "", 200
            except Exception:
                time.sleep(wait)
        return "", 503

    return app


# %% no-answer-after-enqueuing | what enqueue returns
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return enqueue(request.get_data())

    return app


# %% no-answer-after-enqueuing | no return
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data())

    return app


# %% refuses-what-is-stored | enqueue says whether it went well
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if enqueue(request.get_data()):
            return "", 200
        return "", 503

    return app


# %% acknowledges-what-was-not-stored | logged is enough
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            enqueue(request.get_data())
        except Exception as error:
            print("could not store:", error)
        return "", 200

    return app


# %% acknowledges-what-was-not-stored | finally, an answer
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            enqueue(request.get_data())
        finally:
            return "", 200

    return app


# %% acknowledges-what-was-not-stored | a locked database passes by itself
import sqlite3
from contextlib import suppress
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        with suppress(sqlite3.OperationalError):
            enqueue(request.get_data())
        return "", 200

    return app


# %% acknowledges-what-was-not-stored | a list in memory as a spare
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")
    spare = []

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        try:
            enqueue(body)
        except Exception:
            spare.append(body)
        return "", 202

    return app


# %% blames-the-sender-for-your-disk | bad request
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            enqueue(request.get_data())
        except Exception as error:
            return str(error), 400
        return "", 200

    return app


# %% blames-the-sender-for-your-disk | a ValueError must be the body's fault
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            enqueue(request.get_data())
        except ValueError:
            return "bad body", 422
        return "", 200

    return app


# %% no-5xx-when-storing-fails | somewhere else it may work
from flask import Flask, redirect, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            enqueue(request.get_data())
        except Exception:
            return redirect("/spare", code=307)
        return "", 200

    return app


# %% tries-to-store-for-ever | until it works
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        while True:
            try:
                enqueue(request.get_data())
                return "", 200
            except Exception:
                pass

    return app


# %% tries-to-store-for-ever | with a sleep, and a bare except
import time
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        stored = False
        while not stored:
            try:
                enqueue(request.get_data())
                stored = True
            except:
                time.sleep(1)
        return "", 200

    return app


# %% remembers-before-it-is-stored | claim the id, then store
from flask import Flask, request

def make_app(enqueue):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        id_ = request.get_json()["id"]
        if id_ in seen:
            return "", 200
        seen.add(id_)
        enqueue(request.get_data())
        return "", 200

    return app


# %% drops-every-retry | a retry is a duplicate
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if "X-Slack-Retry-Num" in request.headers:
            return "", 200
        enqueue(request.get_data())
        return "", 200

    return app


# %% duplicate-is-refused | conflict
from flask import Flask, request

def make_app(enqueue):
    app, stored = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        if body in stored:
            return "seen before", 409
        enqueue(body)
        stored.add(body)
        return "", 200

    return app


# %% looks-into-the-body | nonsense is refused
import json
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        try:
            json.loads(body)
        except ValueError:
            return "no JSON", 400
        enqueue(body)
        return "", 200

    return app


# %% looks-into-the-body | only payments are of use
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(silent=True) or {}
        if event.get("event") == "payment.succeeded":
            enqueue(request.get_data())
        return "", 200

    return app


# %% bytes-went-through-text | bytes by way of text
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        text = request.get_data(as_text=True).strip()
        enqueue(text.encode())
        return "", 200

    return app


# %% drops-what-has-no-id | duplicates by the id in the body
from flask import Flask, request

def make_app(enqueue):
    app, stored = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(silent=True) or {}
        if event.get("id") not in stored:
            enqueue(request.get_data())
            stored.add(event.get("id"))
        return "", 200

    return app


# %% body-of-a-form-is-gone | request.data is the body
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.data)
        return "", 200

    return app


# %% enqueues-other-requests | before every request
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.before_request
    def store():
        enqueue(request.get_data())

    @app.post("/webhooks")
    def webhook():
        return "", 200

    return app


# %% enqueues-other-requests | after every request
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", 200

    @app.after_request
    def store(response):
        enqueue(request.get_data())
        return response

    return app


# %% apps-share-their-queue | a global for the view
from flask import Flask, request

put = None

def make_app(enqueue):
    global put
    put = enqueue
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        put(request.get_data())
        return "", 200

    return app


# %% apps-share-their-memory | ids seen by anybody
from flask import Flask, request

stored = set()

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        if body not in stored:
            enqueue(body)
            stored.add(body)
        return "", 200

    return app


# %% still-running | waiting for the queue to say so
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        while not enqueue(request.get_data()):
            pass
        return "", 200

    return app


# %% enqueues-again-after-a-failure | a few quick tries of its own
from flask import Flask, abort, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        for _ in range(3):
            try:
                enqueue(request.get_data())
                return "", 200
            except Exception:
                continue
        abort(503)

    return app


# %% enqueues-again-after-a-failure | a short sleep between two tries
import time
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        try:
            enqueue(body)
        except Exception:
            time.sleep(0.2)
            enqueue(body)
        return ""

    return app


# %% enqueues-other-bytes | nobody sends more than 64 KiB
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data()[:65_535])
        return "", 200

    return app
