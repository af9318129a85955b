# %% endpoint-not-at-webhooks | the path of another lab
#= the parsed event
#-     @app.post("/webhooks")
#+     @app.post("/webhooks/payment-success")
#-         enqueue(request.get_json())
#+         enqueue(request.get_data())


# %% no-post | a route is a route
#= the parsed event
#-     @app.post("/webhooks")
#+     @app.route("/webhooks")
#-         enqueue(request.get_json())
#+         enqueue(request.get_data())


# %% returns-no-app | the app is made, that will do
#= the parsed event
#-         enqueue(request.get_json())
#+         enqueue(request.get_data())
#- 
#-     return app


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


# %% acknowledges-without-enqueuing | behind the return
#= the parsed event
#-         enqueue(request.get_json())
#-         return "", 200
#+         return "", 200
#+         enqueue(request.get_data())


# %% acknowledges-before-it-is-stored | a thread is fast
#= the parsed event
#- from flask import Flask, request
#+ import threading
#+ from flask import Flask, request
#-         enqueue(request.get_json())
#+         threading.Thread(target=enqueue, args=[request.get_data()], daemon=True).start()


# %% acknowledges-before-it-is-stored | the body of the answer is a generator
#= the parsed event
#- from flask import Flask, request
#+ from flask import Flask, Response, request
#-         enqueue(request.get_json())
#-         return "", 200
#+         body = request.get_data()
#+
#+         def answer():
#+             yield "ok"
#+             enqueue(body)
#+
#+         return Response(answer(), status=200)


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
#= the parsed event
#-         enqueue(request.get_json())
#+         enqueue(request.get_data(as_text=True))


# %% enqueues-json-written-anew | parsed, and made bytes again
#= the parsed event
#- from flask import Flask, request
#+ import json
#+ from flask import Flask, request
#-         enqueue(request.get_json())
#+         enqueue(json.dumps(request.get_json()).encode())


# %% enqueues-other-bytes | only the data matter
#= the parsed event
#- from flask import Flask, request
#+ import json
#+ from flask import Flask, request
#-         enqueue(request.get_json())
#+         enqueue(json.dumps(request.get_json()["data"]).encode())


# %% enqueues-twice | before the request, and in the view
#= the parsed event
#-     @app.post("/webhooks")
#+     @app.before_request
#+     def store():
#+         enqueue(request.get_data())
#+
#+     @app.post("/webhooks")
#-         enqueue(request.get_json())
#+         enqueue(request.get_data())


# %% answers-after-the-time-out | three tries with long waits
#= the parsed event
#- from flask import Flask, request
#+ import time
#+ from flask import Flask, request
#-         enqueue(request.get_json())
#-         return "", 200
#+         for wait in (1, 2, 4):
#+             try:
#+                 enqueue(request.get_data())
#+                 return "", 200
#+             except Exception:
#+                 time.sleep(wait)
#+         return "", 503


# %% no-answer-after-enqueuing | what enqueue returns
#= the parsed event
#-         enqueue(request.get_json())
#-         return "", 200
#+         return enqueue(request.get_data())


# %% refuses-what-is-stored | enqueue says whether it went well
#= the parsed event
#-         enqueue(request.get_json())
#-         return "", 200
#+         if enqueue(request.get_data()):
#+             return "", 200
#+         return "", 503


# %% acknowledges-what-was-not-stored | finally, an answer
#= the parsed event
#-         enqueue(request.get_json())
#-         return "", 200
#+         try:
#+             enqueue(request.get_data())
#+         finally:
#+             return "", 200


# %% no-5xx-when-storing-fails | bad request
#= the parsed event
#-         enqueue(request.get_json())
#+         try:
#+             enqueue(request.get_data())
#+         except Exception as error:
#+             return str(error), 400


# %% no-5xx-when-storing-fails | a ValueError must be the body's fault
#= the parsed event
#-         enqueue(request.get_json())
#+         try:
#+             enqueue(request.get_data())
#+         except ValueError:
#+             return "bad body", 422


# %% remembers-before-it-is-stored | claim the id, then store
#= the parsed event
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), set()
#-         enqueue(request.get_json())
#+         body = request.get_data()
#+         if body in seen:
#+             return "", 200
#+         seen.add(body)
#+         enqueue(body)


# %% drops-every-retry | a retry is a duplicate
#= the parsed event
#-         enqueue(request.get_json())
#+         if "X-Slack-Retry-Num" in request.headers:
#+             return "", 200
#+         enqueue(request.get_data())


# %% duplicate-is-refused | conflict
#= the parsed event
#-     app = Flask("shop")
#+     app, stored = Flask("shop"), set()
#-         enqueue(request.get_json())
#+         body = request.get_data()
#+         if body in stored:
#+             return "seen before", 409
#+         enqueue(body)
#+         stored.add(body)


# %% looks-into-the-body | nonsense is refused
#= the parsed event
#- from flask import Flask, request
#+ import json
#+ from flask import Flask, request
#-         enqueue(request.get_json())
#+         body = request.get_data()
#+         try:
#+             json.loads(body)
#+         except ValueError:
#+             return "no JSON", 400
#+         enqueue(body)


# %% looks-into-the-body | only payments are of use
#= the parsed event
#-         enqueue(request.get_json())
#+         event = request.get_json(silent=True) or {}
#+         if event.get("event") == "payment.succeeded":
#+             enqueue(request.get_data())


# %% bytes-went-through-text | bytes by way of text
#= the parsed event
#-         enqueue(request.get_json())
#+         text = request.get_data(as_text=True).strip()
#+         enqueue(text.encode())


# %% drops-what-has-no-id | duplicates by the id in the body
#= the parsed event
#-     app = Flask("shop")
#+     app, stored = Flask("shop"), set()
#-         enqueue(request.get_json())
#+         event = request.get_json(silent=True) or {}
#+         if event.get("id") not in stored:
#+             enqueue(request.get_data())
#+             stored.add(event.get("id"))


# %% body-of-a-form-is-gone | request.data is the body
#= the parsed event
#-         enqueue(request.get_json())
#+         enqueue(request.data)


# %% enqueues-other-requests | after every request
#= the parsed event
#-         enqueue(request.get_json())
#-         return "", 200
#+         return "", 200
#-     return app
#+     @app.after_request
#+     def store(response):
#+         enqueue(request.get_data())
#+         return response
#+
#+     return app


# %% apps-share-their-queue | a global for the view
#= the parsed event
#- def make_app(enqueue):
#+ put = None
#+
#+ def make_app(enqueue):
#-     app = Flask("shop")
#+     global put
#+     put = enqueue
#+     app = Flask("shop")
#-         enqueue(request.get_json())
#+         put(request.get_data())


# %% apps-share-their-memory | ids seen by anybody
#= the parsed event
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ stored = set()
#-         enqueue(request.get_json())
#+         body = request.get_data()
#+         if body not in stored:
#+             enqueue(body)
#+             stored.add(body)


# %% still-running | waiting for the queue to say so
#= the parsed event
#-         enqueue(request.get_json())
#+         while not enqueue(request.get_data()):
#+             pass


# %% enqueues-again-after-a-failure | a few quick tries of its own
#= the parsed event
#- from flask import Flask, request
#+ from flask import Flask, abort, request
#-         enqueue(request.get_json())
#-         return "", 200
#+         for _ in range(3):
#+             try:
#+                 enqueue(request.get_data())
#+                 return "", 200
#+             except Exception:
#+                 continue
#+         abort(503)


# %% enqueues-other-bytes | nobody sends more than 64 KiB
#= the parsed event
#-         enqueue(request.get_json())
#+         enqueue(request.get_data()[:65_535])


# %% enqueues-other-bytes | spaces at the ends are nothing
#-         body = request.get_data()  # read the raw body
#+         body = request.get_data().strip()


# %% acknowledges-what-was-not-stored | the file is there, so it is a duplicate
#-         except BaseException:
#+         except FileExistsError:
#+             return "", 200
#+         except BaseException:
