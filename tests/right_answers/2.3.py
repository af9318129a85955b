# %% passed | three excepts, and a header for the sender
from flask import Flask, request
from labkit.exercises import Permanent, Temporary

def make_app(process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            process(request.get_json())
        except Temporary as trouble:
            return str(trouble), 503, {"Retry-After": "60"}
        except Permanent as trouble:
            return str(trouble), 400
        except:
            return "a bug", 500
        return "", 204

    return app


# %% passed | error handlers of the app
#= a table of statuses, looked up along the classes
#- from flask import Flask, request
#+ import json
#+ from flask import Flask, request
#- STATUSES = {Temporary: 503, Permanent: 451}
#+ class Bug(Exception):
#+     pass
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     app.register_error_handler(Temporary, lambda error: ("later", 503))
#+     app.register_error_handler(Permanent, lambda error: ("never", 422))
#+     app.register_error_handler(Bug, lambda error: ("a bug", 500))
#-             process(request.get_json())
#+             process(json.loads(request.get_data()))
#+         except (Temporary, Permanent):
#+             raise
#-             kinds = type(error).__mro__
#-             return "", next((STATUSES[kind] for kind in kinds if kind in STATUSES), 500)
#-         return {}
#+             raise Bug from error
#+         return {"received": True}


# %% passed | a decorator that knows the statuses
import functools
from flask import Flask, Response, request
from labkit.exercises import Permanent, Temporary

def answering(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        try:
            return view(*args, **kwargs)
        except BaseException as error:
            print("failed:", repr(error))
            for kind, status in ((Temporary, 503), (Permanent, 422)):
                if isinstance(error, kind):
                    return Response(status=status)
            return Response(status=500)

    return wrapper

def make_app(process):
    app = Flask("shop")

    @app.route("/webhooks", methods=["POST"])
    @answering
    def webhook():
        process(request.json)
        return Response(status=202)

    return app


# %% passed | a class of views and abort
from flask import Flask, abort, request
from flask.views import MethodView
from labkit.exercises import Permanent, Temporary

class Webhook(MethodView):
    init_every_request = False

    def __init__(self, process):
        self.process = process

    def post(self):
        event = request.get_json(force=True)
        try:
            self.process(event)
        except Temporary:
            abort(503)
        except Permanent:
            abort(422)
        except BaseException:
            abort(500)
        else:
            return ""

def make_app(process):
    app = Flask("shop")
    app.add_url_rule("/webhooks", view_func=Webhook.as_view("webhook", process))
    return app


# %% passed | a blueprint, pattern matching, before the view
#= a thread that is waited for
#- from concurrent.futures import ThreadPoolExecutor
#- from flask import Flask, request
#+ from flask import Blueprint, Flask, request
#-     app = Flask("shop")
#+     hooks = Blueprint("hooks", __name__)
#-     @app.post("/webhooks")
#+     @hooks.post("/webhooks")
#-         with ThreadPoolExecutor(1) as pool:
#-             future = pool.submit(process, request.get_json())
#-         match future.exception():
#+         failure = None
#+         try:
#+             process(request.get_json())
#+         except BaseException as error:
#+             failure = error
#+         match failure:
#-                 return "", 422
#+                 return "", 403
#+             case Exception() if not hasattr(failure, "get_response"):
#+                 raise failure
#-                 return "", 500
#- 
#+                 return "", 500
#+ 
#+     app = Flask("shop")
#+     app.register_blueprint(hooks)
#+     app.testing = True


# %% passed | a thread that is waited for
from concurrent.futures import ThreadPoolExecutor
from flask import Flask, request
from labkit.exercises import Permanent, Temporary

def make_app(process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(process, request.get_json())
        match future.exception():
            case None:
                return "", 200
            case Temporary():
                return "", 503
            case Permanent():
                return "", 422
            case _:
                return "", 500

    return app


# %% passed | a table of statuses, looked up along the classes
from flask import Flask, request
from labkit.exercises import Permanent, Temporary

STATUSES = {Temporary: 503, Permanent: 451}

def make_app(process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            process(request.get_json())
        except BaseException as error:
            kinds = type(error).__mro__
            return "", next((STATUSES[kind] for kind in kinds if kind in STATUSES), 500)
        return {}

    return app


# %% passed | Werkzeug's own exceptions, before any view
from functools import partial
from flask import Flask, abort, request
from werkzeug.exceptions import InternalServerError, ServiceUnavailable, UnprocessableEntity
from labkit.exercises import Permanent, Temporary

def build(name, process):
    app = Flask(name)

    @app.before_request
    def answer():
        if (request.method, request.path) != ("POST", "/webhooks"):
            abort(404)
        try:
            process(request.get_json())
        except Temporary as trouble:
            raise ServiceUnavailable(retry_after=60) from trouble
        except Permanent as trouble:
            raise UnprocessableEntity() from trouble
        except BaseException as trouble:
            raise InternalServerError() from trouble
        return "done"

    return app

make_app = partial(build, "shop")
