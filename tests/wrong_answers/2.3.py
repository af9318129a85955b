# %% endpoint-not-at-webhooks | the path of exercise 2.1
#-     @app.post("/webhooks")
#+     @app.post("/webhooks/payment-success")


# %% no-post | a route is a route
#-     @app.post("/webhooks")
#+     @app.route("/webhooks")


# %% returns-no-app | the app is made, that will do
#-     return app
#+     app


# %% acknowledges-without-the-work | after the return
from flask import Flask, request

def make_app(process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", 200
        process(request.get_json())

    return app


# %% acknowledges-without-the-work | only for payments, by the wrong name
#= Flask does it all
#-         process(request.get_json())
#+         event = request.get_json()
#+         if event["event"] == "payment.success":
#+             process(event)


# %% hands-over-something-else | process can parse it
#-         event = request.get_json()  # parse
#+         event = request.get_data()


# %% hands-over-something-else | text is nearly JSON
#-         event = request.get_json()  # parse
#+         event = request.get_data(as_text=True)


# %% hands-over-something-else | only the data matter
#-         event = request.get_json()  # parse
#+         event = request.get_json()["data"]


# %% hands-over-something-else | silent, and the wrong accessor
#-         event = request.get_json()  # parse
#+         event = request.form.to_dict()


# %% works-twice | once to try and once for real
#-         return "", 200  # acknowledge
#+         process(event)
#+         return "", 200


# %% no-answer-after-the-work | what process returns is the answer
#-             process(event)  # do the work
#+             return process(event)


# %% no-answer-after-the-work | process says whether it went well
#-             process(event)  # do the work
#+             if not process(event):
#+                 return "", 500


# %% acknowledges-before-the-work | a thread is faster
#= Flask does it all
#- from flask import Flask, request
#+ import threading
#+ from flask import Flask, request
#-         process(request.get_json())
#+         event = request.get_json()
#+         threading.Thread(target=process, args=(event,)).start()


# %% acknowledges-before-the-work | a pool of threads
#= after the return
#- from flask import Flask, request
#+ from concurrent.futures import ThreadPoolExecutor
#+ from flask import Flask, request
#+ 
#+ pool = ThreadPoolExecutor(2)
#-         return "", 200
#-         process(request.get_json())
#+         pool.submit(process, request.get_json())
#+         return "", 202


# %% acknowledges-before-the-work | when the response is closed
#= Flask does it all
#- from flask import Flask, request
#+ from flask import Flask, make_response, request
#-         process(request.get_json())
#-         return "", 200
#+         event = request.get_json()
#+         response = make_response("", 200)
#+         response.call_on_close(lambda: process(event))
#+         return response


# %% acknowledges-a-failure | never bother the provider with our trouble
#= Flask does it all
#-         process(request.get_json())
#+         try:
#+             process(request.get_json())
#+         except Exception as error:
#+             print("failed:", error)


# %% acknowledges-a-failure | what can't be mended need not come again
#-             return "not with this event", 422
#+             return "ignored", 200


# %% blames-the-sender-for-a-bug | everything that is not temporary is permanent
#-         except Permanent:
#+         except Exception:


# %% calls-a-bug-temporary | everything that is not permanent is temporary
#-             return "the work was not done", 500
#+             return "later", 503


# %% temporary-not-told-apart | Flask does it all
from flask import Flask, request

def make_app(process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        process(request.get_json())
        return "", 200

    return app


# %% classes-of-its-own | a Temporary of my own
#- from labkit.exercises import Permanent
#- from labkit.exercises import Temporary
#+ class Temporary(Exception): pass
#+ class Permanent(Exception): pass


# %% busy-says-too-many-requests | too many requests, says 429
#-             return "come again later", 503
#+             return "later", 429


# %% gives-up-what-would-go-well-later | the two mixed up
#-             return "come again later", 503
#+             return "", 422
#-             return "not with this event", 422
#+             return "", 503


# %% has-the-hopeless-sent-again | an error is an error
#-         except Temporary:
#+         except (Temporary, Permanent):


# %% status-with-another-meaning | gone for good is 410 Gone
#-             return "not with this event", 422
#+             return "gone", 410


# %% asks-for-the-exact-class | type is exact
#= Flask does it all
#- from flask import Flask, request
#+ from flask import Flask, request
#+ from labkit.exercises import Permanent, Temporary
#-         process(request.get_json())
#+         try:
#+             process(request.get_json())
#+         except Exception as error:
#+             if type(error) is Temporary:
#+                 return "later", 503
#+             if type(error) is Permanent:
#+                 return "never", 422
#+             return "broken", 500


# %% asks-for-the-exact-class | a table of statuses by name
#= Flask does it all
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ STATUSES = {"Temporary": 503, "Permanent": 422}
#-         process(request.get_json())
#+         try:
#+             process(request.get_json())
#+         except Exception as error:
#+             return "", STATUSES.get(type(error).__name__, 500)


# %% remembers-before-the-work | duplicates should not ship twice
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     seen = set()
#-         event = request.get_json()  # parse
#+         event = request.get_json()
#+         if event["id"] in seen:
#+             return "", 200
#+         seen.add(event["id"])


# %% apps-share-their-process | a global for process
#-     app = Flask("shop")
#+     global work
#+     work = process
#+     app = Flask("shop")
#-             process(event)  # do the work
#+             work(event)


# %% routes-added-to-a-shared-app | the app above the function
#- def make_app(process):
#-     app = Flask("shop")
#- 
#+ app = Flask("shop")
#+
#+ def make_app(process):


# %% view-takes-the-request | as in Django
#-     def webhook():
#+     def webhook(request):


# %% acknowledges-a-failure | the answer belongs into finally
#= Flask does it all
#- from flask import Flask, request
#+ from flask import Flask, request
#+ from labkit.exercises import Permanent, Temporary
#-         process(request.get_json())
#-         return "", 200
#+         status = 200
#+         try:
#+             process(request.get_json())
#+         except Temporary:
#+             status = 503
#+         except Permanent:
#+             status = 422
#+         except Exception:
#+             status = 500
#+         finally:
#+             return "", status


# %% acknowledges-a-failure | a page for errors
#= Flask does it all
#- from flask import Flask, request
#+ from flask import Flask, request
#+ from labkit.exercises import Permanent, Temporary
#-     @app.post("/webhooks")
#+     @app.errorhandler(500)
#+     def sorry(error):
#+         return "We are sorry."
#+
#+     @app.post("/webhooks")
#-         process(request.get_json())
#+         try:
#+             process(request.get_json())
#+         except Temporary:
#+             return "", 503
#+         except Permanent:
#+             return "", 422


# %% tries-again-by-itself | a second chance for whatever failed
#-             process(event)  # do the work
#+             try:
#+                 process(event)
#+             except Exception:
#+                 process(event)


# %% view-ends-with-an-exception | the field has another name
#-         try:
#+         print("order", event["order"])
#+         try:


# %% called-too-early | the app for one process
#= Flask does it all
#-     return app
#+     return app
#+
#+
#+ make_app = make_app(print)


# %% other-arguments | process will be there
#- def make_app(process):
#+ def make_app():


# %% exit-gets-no-response | Flask makes 500 of the rest
#-         except BaseException:
#-             app.logger.exception("the work was not done")
#-             return "the work was not done", 500
#- 


# %% exit-gets-no-response | the two that the exercise names
#-         except BaseException:
#+         except (Exception, SystemExit):


# %% status-of-an-http-exception | Flask knows what to do with its own
#-         except BaseException:
#+         except HTTPException:
#+             raise
#+         except BaseException:
#- from flask import Flask
#- 
#+ from flask import Flask
#+ from werkzeug.exceptions import HTTPException
#+


# %% skips-duplicates | duplicates are known, but only after the work
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     done = set()
#-             process(event)  # do the work
#+             if event["id"] not in done:
#+                 process(event)
#+             done.add(event["id"])


# %% no-name | the first event for all apps
#- def make_app(process):
#+ cache = {}
#+
#+
#+ def make_app(process):
#-         event = request.get_json()  # parse
#+         event = cache.setdefault(request.path, request.get_json())

# %% acknowledges-before-the-work | a thread that is waited for, but not long
#-         event = request.get_json()  # parse
#+         import threading
#+         worker = threading.Thread(target=process, args=[request.get_json()])
#-             process(event)  # do the work
#+             worker.start()
#+             worker.join(0.2)

# %% no-name | one dictionary for all events
#-     app = Flask("shop")
#+     app, event = Flask("shop"), {}
#-         event = request.get_json()  # parse
#+         event.update(request.get_json())

# %% no-name | the arguments of the exception are the response
#-         except Temporary:
#-             return "come again later", 503
#+         except Temporary as error:
#+             return {"error": list(error.args)}, 503

# %% no-name | the argument of the exception is the status
#-         except Permanent:
#-             return "not with this event", 422
#+         except Permanent as error:
#+             return "", error.args[0] if error.args and error.args[0] in range(400, 500) else 422

# %% blames-the-sender-for-a-bug | the exception has a status
#-         except BaseException:
#+         except BaseException as error:
#-             return "the work was not done", 500
#+             return "the work was not done", getattr(error, "status", 500)

# %% no-name | an HTTPException is always a bug
#-         except Temporary:
#+         except __import__("werkzeug").exceptions.HTTPException:
#+             return "a bug", 500
#+         except Temporary:
