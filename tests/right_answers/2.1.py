# %% passed | a lambda and add_url_rule
from flask import Flask

def make_app():
    app = Flask(__name__)
    app.add_url_rule(
        "/webhooks/payment-success", "paid", lambda: ("", 204), methods=["POST"]
    )
    return app


# %% passed | a blueprint with a prefix
from flask import Blueprint, Flask, jsonify

def make_app():
    webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @webhooks.route("/payment-success", methods=["POST"])
    def payment_success():
        return jsonify(received=True), 202

    app = Flask(__name__)
    app.register_blueprint(webhooks)
    return app


# %% passed | a class of views
#= a lambda and add_url_rule
#- from flask import Flask
#+ from flask import Flask
#+ from flask.views import MethodView
#+ 
#+ class PaymentSuccess(MethodView):
#+     def post(self):
#+         return {}
#-     app = Flask(__name__)
#+     app = Flask("shop")
#-         "/webhooks/payment-success", "paid", lambda: ("", 204), methods=["POST"]
#+         "/webhooks/payment-success", view_func=PaymentSuccess.as_view("paid")


# %% passed | an app that is built once for all
from flask import Flask, Response

app = Flask("shop")

@app.post("/webhooks/payment-success")
def paid():
    return Response(status=200)

def make_app():
    return app


# %% passed | remembered by functools
import functools
from flask import Flask, make_response

@functools.cache
def make_app():
    app = Flask("shop")
    app.post("/webhooks/payment-success")(lambda: make_response("", 200))
    return app


# %% passed | every method has its word, in the view itself
#- from flask import Flask
#- 
#+ from flask import Flask, abort, request
#-     @app.post("/webhooks/payment-success")
#-     def payment_success():
#-         return "", 200  # acknowledge
#+     @app.route(
#+         "/webhooks/payment-success",
#+         methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
#+         provide_automatic_options=False,
#+     )
#+     def paid():
#+         if request.method == "POST":
#+             return "", "200 OK"
#+         abort(405)


# %% passed | everything answered before routing
#- from flask import Flask
#- 
#+ from flask import Flask, abort, request
#-     @app.post("/webhooks/payment-success")
#-     def payment_success():
#-         return "", 200  # acknowledge
#+     @app.before_request
#+     def answer():
#+         if request.path != "/webhooks/payment-success":
#+             abort(404)
#+         if request.method != "POST":
#+             abort(405)
#+         return "", 200


# %% passed | a class of its own, not strict about a slash
from flask import Flask

class Shop(Flask):
    def __init__(self):
        super().__init__("shop")
        self.url_map.strict_slashes = False
        self.add_url_rule(
            "/webhooks/payment-success", view_func=self.paid, methods={"POST"}
        )

    def paid(self):
        print("paid")
        return "thanks"

make_app = Shop


# %% passed | JSON where there is some
#- from flask import Flask
#- 
#+ from flask import Flask, request
#-     def payment_success():
#-         return "", 200  # acknowledge
#+     def paid():
#+         if (event := request.get_json(silent=True)) is not None:
#+             app.logger.debug("event %s", event)
#+         return "", 200


# %% passed | a view that raises its answer
#- from flask import Flask
#- 
#+ from flask import Flask, abort, Response
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     app.testing = True
#-     def payment_success():
#-         return "", 200  # acknowledge
#+     def paid():
#+         abort(Response("", 200))
