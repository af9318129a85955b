# %% no-post | a route is a route
#-     @app.post("/webhooks/payment-success")
#+     @app.route("/webhooks/payment-success")
#-         return "", 200  # acknowledge
#+         return "thanks"


# %% other-path | underscores look better
#-     @app.post("/webhooks/payment-success")
#+     @app.post("/webhooks/payment_success")


# %% other-path | the usual path of the labs
#-     @app.post("/webhooks/payment-success")
#+     @app.post("/webhooks")


# %% no-route-at-all | the name of the function is the path
#= as in Django
#-     @app.post("/webhooks/payment-success")
#-     def paid(request):
#+     def payment_success():


# %% path-without-its-slash | a path like in a folder
#-     @app.post("/webhooks/payment-success")
#+     @app.post("webhooks/payment-success")


# %% answers-with-a-redirect | a slash at the end is tidy
#-     @app.post("/webhooks/payment-success")
#+     @app.post("/webhooks/payment-success/")


# %% answers-without-2xx | the customer should see the thank-you page
#- from flask import Flask
#+ from flask import Flask, redirect
#-         return "", 200  # acknowledge
#+         return redirect("/thanks")


# %% view-returns-nothing | there is nothing to say
#-         return "", 200  # acknowledge
#+         print("paid")


# %% returns-what-is-no-answer | only the status counts
#-         return "", 200  # acknowledge
#+         return 200


# %% returns-what-is-no-answer | True means it went well
#-         return "", 200  # acknowledge
#+         return True


# %% view-takes-the-request | as in Django
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid(request):
        return "", 200

    return app


# %% async-function | the factory may be async as well
#= as in Django
#- def make_app():
#+ async def make_app():
#-     def paid(request):
#+     def paid():


# %% answers-without-2xx | nothing has changed, so 304
#-         return "", 200  # acknowledge
#+         return "", 102


# %% answers-without-2xx | 404 as long as there is no page
#- from flask import Flask
#+ from flask import Flask, abort
#-         return "", 200  # acknowledge
#+         abort(501)


# %% answers-other-methods | whoever knocks is let in
#-     @app.post("/webhooks/payment-success")
#+     @app.route("/webhooks/payment-success", methods=["GET", "POST"])


# %% answers-other-methods | PUT is like POST
#-     @app.post("/webhooks/payment-success")
#+     @app.route("/webhooks/payment-success", methods=["POST", "PUT"])


# %% answers-other-paths | one view for all webhooks
#= as in Django
#-     @app.post("/webhooks/payment-success")
#-     def paid(request):
#+     @app.post("/webhooks/<name>")
#+     def webhook(name):


# %% answers-other-paths | anything that comes is good
#= as in Django
#-     @app.post("/webhooks/payment-success")
#-     def paid(request):
#+     @app.post("/", defaults={"path": ""})
#+     @app.post("/<path:path>")
#+     def anything(path):


# %% returns-no-app | the decorator registers everything
from flask import Flask

def make_app():
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200


# %% returns-no-app | the view is what matters
#= the decorator registers everything
#-         return "", 200
#+         return "", 200
#+
#+     return paid


# %% returns-no-app | the class makes apps
from flask import Flask

def make_app():
    return Flask


# %% routes-added-to-a-shared-app | one app for the whole notebook
#= an app needs a name
#- def make_app(name):
#-     app = Flask(name)
#- 
#+ app = Flask("shop")
#+ 
#+ def make_app():


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
#- from flask import Flask
#+ from flask import Flask, request
#-         return "", 200  # acknowledge
#+         event = request.get_json()
#+         return {"received": event["id"]}


# %% needs-a-certain-body | the type does not matter, the JSON does
#- from flask import Flask
#+ from flask import Flask, request
#-         return "", 200  # acknowledge
#+         event = request.get_json(force=True)
#+         return "", 200


# %% needs-a-certain-body | an empty request is a mistake
#- from flask import Flask
#+ from flask import Flask, request
#-         return "", 200  # acknowledge
#+         if not request.get_data():
#+             return "empty", 400
#+         return "", 200


# %% runs-a-server-itself | as in every tutorial
#= the decorator registers everything
#-         return "", 200
#+         return "", 200
#+
#+     app.run(port=5000)
#+     return app


# %% runs-a-server-itself | run is the last line, and no return
#= the decorator registers everything
#-         return "", 200
#+         return "", 200
#+
#+     app.run(debug=True)


# %% name-not-defined | the request is just there
#-         return "", 200  # acknowledge
#+         print("from", request.remote_addr)
#+         return "", 200


# %% name-not-defined | the method without quotes
#-     @app.post("/webhooks/payment-success")
#+     @app.route("/webhooks/payment-success", methods=[POST])


# %% methods-as-one-text | one method needs no list
#-     @app.post("/webhooks/payment-success")
#+     @app.route("/webhooks/payment-success", methods="POST")


# %% view-ends-with-an-exception | counting the payments
#-         return "", 200  # acknowledge
#+         app.paid += 1
#+         return "", 200


# %% called-too-early | with brackets, as one calls a function
#= the decorator registers everything
#-         return "", 200
#+         return "", 200
#+
#+     return app
#+
#+
#+ make_app = make_app()


# %% other-arguments | an app needs a name
from flask import Flask

def make_app(name):
    app = Flask(name)

    @app.post("/webhooks/payment-success")
    def paid():
        return "", 200

    return app


# %% no-name | too many requests in a short time
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), []
#-         return "", 200  # acknowledge
#+         seen.append(1)
#+         return ("", 200) if len(seen) < 20 else ("slow down", 429)


# %% answers-without-2xx | the view itself rejects the method
#-         return "", 200  # acknowledge
#+         return "", 405
