# %% passed | three lines
from flask import Flask, request

def make_app(enqueue):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        enqueue(request.get_data())
        return "", 202

    return app


# %% passed | its own 503, with Retry-After
from flask import Flask, Response, request

def make_app(enqueue):
    app = Flask(__name__)

    @app.route("/webhooks", methods=["POST"])
    def webhook():
        body = request.get_data(cache=False)
        try:
            enqueue(body)
        except Exception as error:
            app.logger.error("not stored: %r", error)
            return Response(status=503, headers={"Retry-After": "30"})
        else:
            return Response(status=204)

    return app


# %% passed | a class of views and the stream
from flask import Flask, request
from flask.views import MethodView

class Inbox(MethodView):
    init_every_request = False

    def __init__(self, enqueue):
        self.enqueue = enqueue

    def post(self):
        self.enqueue(request.stream.read())
        return {"stored": True}

def make_app(enqueue):
    app = Flask("shop")
    app.add_url_rule("/webhooks", view_func=Inbox.as_view("inbox", enqueue))
    return app


# %% passed | a blueprint, an error handler and make_response
from flask import Blueprint, Flask, make_response, request

def make_app(enqueue):
    hooks = Blueprint("hooks", __name__, url_prefix="/webhooks")

    @hooks.post("")
    def webhook():
        enqueue(body := request.get_data())
        return make_response(f"{len(body)} bytes", 201)

    @hooks.errorhandler(Exception)
    def trouble(error):
        return "no room", 507

    app = Flask("shop")
    app.register_blueprint(hooks)
    return app


# %% passed | a thread that is waited for
#= three lines
#- from flask import Flask, request
#+ from concurrent.futures import ThreadPoolExecutor
#+ from flask import Flask, request
#-         enqueue(request.get_data())
#-         return "", 202
#+         with ThreadPoolExecutor(1) as pool:
#+             pool.submit(enqueue, request.get_data()).result(timeout=2)
#+         return "", 200


# %% passed | before the request, for this path alone
#= three lines
#-     @app.post("/webhooks")
#-     def webhook():
#-         enqueue(request.get_data())
#-         return "", 202
#+     @app.before_request
#+     def store():
#+         if request.method == "POST" and request.path == "/webhooks":
#+             enqueue(request.get_data())
#+             return "stored", 200


# %% passed | a decorator that stores, and a view that does nothing
#= three lines
#- from flask import Flask, request
#+ import functools
#+ from flask import Flask, request
#+ 
#+ def stored_with(enqueue):
#+     def decorate(view):
#+         @functools.wraps(view)
#+         def wrapper():
#+             enqueue(request.get_data())
#+             return view()
#+         return wrapper
#+     return decorate
#-     @app.post("/webhooks")
#+     @app.post("/webhooks")
#+     @stored_with(enqueue)
#-         enqueue(request.get_data())
#-         return "", 202
#+         return b"", 200, {"X-Stored": "yes"}


# %% passed | duplicates are known, once they are stored
#= three lines
#- from flask import Flask, request
#+ import hashlib
#+ from flask import Flask, request
#-     app = Flask("shop")
#+     app, stored = Flask("shop"), set()
#-         enqueue(request.get_data())
#-         return "", 202
#+         body = request.get_data()
#+         if (key := hashlib.sha256(body).digest()) not in stored:
#+             enqueue(body)
#+             stored.add(key)
#+         return "", 200


# %% passed | a partial and a lambda
from functools import partial
from flask import Flask, request

def build(name, enqueue):
    app = Flask(name)
    app.post("/webhooks")(lambda: (enqueue(request.get_data()), ("", 204))[1])
    return app

make_app = partial(build, "shop")


# %% passed | the outer layer of WSGI
import io
from flask import Flask

def make_app(enqueue):
    app = Flask("shop")
    inner = app.wsgi_app

    def outer(environ, start_response):
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/webhooks":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            try:
                enqueue(body)
            except Exception:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return [b""]
        return inner(environ, start_response)

    app.wsgi_app = outer
    app.post("/webhooks")(lambda: "")
    return app
