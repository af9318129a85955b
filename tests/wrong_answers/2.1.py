# %% no-post | a route is a route
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.route("/webhooks/payment-success")
    def paid():
        return "thanks"

    return app


# %% no-post | the decorator of the pages I wrote before
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.get("/webhooks/payment-success")
    def paid():
        return "", 200

    return app


# %% other-path | underscores look better
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment_success")
    def paid():
        return "", 200

    return app


# %% other-path | the usual path of the labs
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def paid():
        return "", 200

    return app


# %% no-route-at-all | the name of the function is the path
from flask import Flask

def make_app():
    app = Flask("shop")

    def payment_success():
        return "", 200

    return app


# %% path-without-its-slash | a path like in a folder
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("webhooks/payment-success")
    def paid():
        return "", 200

    return app


# %% answers-with-a-redirect | a slash at the end is tidy
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success/")
    def paid():
        return "", 200

    return app


# %% answers-without-2xx | the customer should see the thank-you page
from flask import Flask, redirect

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return redirect("/thanks")

    return app


# %% view-returns-nothing | there is nothing to say
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        print("paid")

    return app


# %% returns-what-is-no-answer | only the status counts
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return 200

    return app


# %% returns-what-is-no-answer | status first, body second
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return 200, "OK"

    return app


# %% returns-what-is-no-answer | True means it went well
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return True

    return app


# %% view-takes-the-request | as in Django
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid(request):
        return "", 200

    return app


# %% async-function | the factory may be async as well
from flask import Flask

async def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    return app


# %% answers-without-2xx | nothing has changed, so 304
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 102

    return app


# %% answers-without-2xx | 404 as long as there is no page
from flask import Flask, abort

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        abort(501)

    return app


# %% answers-other-methods | whoever knocks is let in
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.route("/webhooks/payment-success", methods=["GET", "POST"])
    def paid():
        return "", 200

    return app


# %% answers-other-methods | all the methods there are
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.route(
        "/webhooks/payment-success",
        methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
    )
    def paid():
        return "", 200

    return app


# %% answers-other-methods | PUT is like POST
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.route("/webhooks/payment-success", methods=["POST", "PUT"])
    def paid():
        return "", 200

    return app


# %% answers-other-methods | a friendly word instead of 405
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    @app.errorhandler(405)
    def wrong_method(error):
        return "Please use POST."

    return app


# %% answers-other-paths | one view for all webhooks
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/<name>")
    def webhook(name):
        return "", 200

    return app


# %% answers-other-paths | anything that comes is good
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/", defaults={"path": ""})
    @app.post("/<path:path>")
    def anything(path):
        return "", 200

    return app


# %% answers-other-paths | a friendly page instead of 404
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    @app.errorhandler(404)
    def nothing_here(error):
        return {"status": 404}

    return app


# %% answers-other-paths | answer before routing, and let each path be right
from flask import Flask, abort, request

def make_app():
    app = Flask("shop")

    @app.before_request
    def answer():
        if request.method != "POST":
            abort(405)
        return "", 200

    return app


# %% returns-no-app | the decorator registers everything
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200


# %% returns-no-app | the return slipped into the view
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200
        return app


# %% returns-no-app | the view is what matters
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    return paid


# %% returns-no-app | the class makes apps
from flask import Flask

def make_app():
    return Flask


# %% routes-added-to-a-shared-app | one app for the whole notebook
from flask import Flask

app = Flask("shop")

def make_app():
    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    return app


# %% routes-added-to-a-shared-app | the app as a default argument
from flask import Flask

def make_app(app=Flask("shop")):
    app.add_url_rule(
        "/webhooks/payment-success", "paid", lambda: ("", 200), methods=["POST"]
    )
    app.add_url_rule(
        "/webhooks/payment-success", "paid", lambda: ("", 200), methods=["POST"]
    )
    return app


# %% needs-a-certain-body | an event is JSON
from flask import Flask, request

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        event = request.get_json()
        return {"received": event["id"]}

    return app


# %% needs-a-certain-body | the type does not matter, the JSON does
from flask import Flask, request

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        event = request.get_json(force=True)
        return "", 200

    return app


# %% needs-a-certain-body | only JSON comes in
from flask import Flask, abort, request

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        if not request.is_json:
            abort(415)
        return "", 204

    return app


# %% needs-a-certain-body | an empty request is a mistake
from flask import Flask, request

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        if not request.get_data():
            return "empty", 400
        return "", 200

    return app


# %% runs-a-server-itself | as in every tutorial
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    app.run(port=5000)
    return app


# %% runs-a-server-itself | run is the last line, and no return
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    app.run(debug=True)


# %% name-not-defined | the request is just there
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        print("from", request.remote_addr)
        return "", 200

    return app


# %% name-not-defined | the method without quotes
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.route("/webhooks/payment-success", methods=[POST])
    def paid():
        return "", 200

    return app


# %% methods-as-one-text | one method needs no list
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.route("/webhooks/payment-success", methods="POST")
    def paid():
        return "", 200

    return app


# %% view-ends-with-an-exception | counting the payments
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        app.paid += 1
        return "", 200

    return app


# %% called-too-early | with brackets, as one calls a function
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    return app


make_app = make_app()


# %% other-arguments | an app needs a name
from flask import Flask

def make_app(name):
    app = Flask(name)

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    return app
