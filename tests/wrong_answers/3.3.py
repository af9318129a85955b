# %% other-path-or-method | the path of lab 02
#- "/webhooks"
#+ "/webhooks/payment-success"


# %% other-path-or-method | route is enough
#- @app.post(
#+ @app.route(


# %% refuses-a-good-event | the wrong way round
#- if request.mimetype != "application/json":
#+ if request.mimetype == "application/json":


# %% refuses-a-good-event | the form was read first, and the body is gone
#-         body = request.get_data()
#-
#+         request.stream.read()
#+         body = request.get_data()
#+


# %% acknowledges-without-handling | the work comes later
#-             outcome = dispatch(event, handlers)
#-
#+             outcome = "later"
#+


# %% returns-no-app | the function is the app
#-     return app
#+     return webhook


# %% unknown-type-is-an-error | the table has every type
#-             outcome = dispatch(event, handlers)
#-
#+             outcome = handlers[event["event"]](event)
#+


# %% refuses-unknown-types | 404: there is nothing for this type
#-         # acknowledge
#-
#+         if outcome == "ignored":
#+             return "unknown type", 404
#+


# %% refuses-unknown-types | 422 says it better
#-         # do the work
#-
#+         if event["event"] not in handlers:
#+             return "unknown type", 422
#+


# %% calls-every-handler | each handler can decide for itself
#-             outcome = dispatch(event, handlers)
#-
#+             outcome = [handler(event) for handler in handlers.values()]
#+


# %% calls-it-twice | once to see whether it works
#-             outcome = dispatch(event, handlers)
#-
#+             outcome = dispatch(event, handlers)
#+             if outcome == "handled":
#+                 dispatch(event, handlers)
#+


# %% hands-over-something-else | a handler needs the data
#-             outcome = dispatch(event, handlers)
#-
#+             outcome = handlers.get(event["event"], print)(event["data"])
#+


# %% refuses-unknown-fields | a strict schema is a safe schema
#-         # do the work
#-
#+         if len(event) != 4:
#+             return "unknown fields", 400
#+


# %% drops-unknown-fields | only what we know
#-         # do the work
#-
#+         event = {name: event[name] for name in ("id", "event", "created_at", "data")}
#+


# %% bad-body-is-a-crash | parse tells what is wrong
#-         try:
#-             event = parse(body)
#-         except ValueError as error:
#-             return {"error": str(error)}, 400
#-
#+         event = parse(body)
#+


# %% bad-body-is-a-crash | json.loads raises JSONDecodeError
#-             event = parse(body)
#-         except ValueError as
#+             event = parse(body)
#+         except json.JSONDecodeError as


# %% lets-key-error-out | get_json refuses bad JSON by itself
#= a body is an object
#-         if event["event"] in handlers:
#+         if not isinstance(event, dict):
#+             return "no object", 400
#+         event["id"], event["data"], event["created_at"]
#+         if event["event"] in handlers:


# %% bad-body-is-a-crash | a body is an object
from flask import Flask, request


def make_app(handlers):
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["event"] in handlers:
            handlers[event["event"]](event)
        return "", 200

    return app


# %% acknowledges-a-bad-body | the sender need not know
#- }, 400
#+ }, 200


# %% refuses-with-another-status | 422: it can't be processed
#- }, 400
#+ }, 422


# %% handles-what-parse-refuses | a missing id or time does no harm
#= a body is an object
#-         event = request.get_json()
#+         if request.mimetype != "application/json":
#+             return "", 415
#+         event = request.get_json(silent=True)
#+         if not isinstance(event, dict) or "data" not in event or "event" not in event:
#+             return "no event", 400


# %% acknowledges-a-failure | a receiver must not fall over
#-         except BaseException:
#-             app.logger.exception("the handler failed")
#-             return "the handler failed", 500
#-
#+         except Exception as error:
#+             outcome = str(error)
#+


# %% blames-the-sender | anything that goes wrong is a bad request
#-             event = parse(body)
#-
#+             outcome = dispatch(parse(body), handlers)
#+
#-         except ValueError as error:
#-             return {
#+         except Exception as error:
#+             return {
#-         # do the work
#-         try:
#-             outcome = dispatch(event, handlers)
#-         except BaseException:
#-             app.logger.exception("the handler failed")
#-             return "the handler failed", 500
#-
#+


# %% takes-a-handlers-value-error-for-a-bad-body | parse and dispatch in one try
#-             event = parse(body)
#-
#+             outcome = dispatch(parse(body), handlers)
#+
#-         # do the work
#-         try:
#-             outcome = dispatch(event, handlers)
#-         except BaseException:
#-             app.logger.exception("the handler failed")
#-             return "the handler failed", 500
#-
#+


# %% takes-a-handlers-error-for-an-unknown-type | a KeyError means that there is no handler
#-             outcome = dispatch(event, handlers)
#-
#+             handlers[event["event"]](event)
#+             outcome = "handled"
#+         except KeyError:
#+             outcome = "ignored"
#+


# %% refuses-parameters | the header is application/json
#- request.mimetype
#+ request.content_type


# %% compares-letter-case | the part before the semicolon
#- request.mimetype
#+ request.headers.get("Content-Type", "").split(";")[0]


# %% takes-any-content-type | JSON is JSON, whatever it is called
#-         if request.mimetype != "application/json":
#-             return "application/json is required", 415
#-
#+


# %% takes-a-missing-content-type | no header, no complaint
#- != "application/json"
#+ not in ("application/json", "")


# %% missing-content-type-is-a-crash | the header is always there
#- request.mimetype
#+ request.content_type.split(";")[0].lower()


# %% matches-part-of-the-content-type | that leaves room for parameters
#- if request.mimetype != "application/json":
#+ if not (request.content_type or "").lower().startswith("application/json"):


# %% wrong-type-answered-400 | not JSON is a bad request
#- required", 415
#+ wanted", 400


# %% refuses-with-another-status | 406: this is not acceptable
#- required", 415
#+ wanted", 406


# %% no-limit | events are small
#-     app.config["MAX_CONTENT_LENGTH"] = limit + 1
#-
#+
#-         body = request.get_data()
#-         if len(body) > limit:
#-             return f"at most {limit} bytes", 413
#-
#+         body = request.get_data()
#+


# %% limit-too-small | 64 kB are 64,000 bytes
#- if len(body) > limit:
#+ if len(body) > 64_000:


# %% limit-too-small | from 64 KiB on it is too much
#- if len(body) > limit:
#+ if len(body) >= limit:


# %% limit-too-large | Flask does the measuring
#-         body = request.get_data()
#-         if len(body) > limit:
#-             return f"at most {limit} bytes", 413
#-
#+         body = request.get_data()
#+


# %% counts-characters | text is easier to work with
#-     app.config["MAX_CONTENT_LENGTH"] = limit + 1
#-
#+
#- get_data()
#+ get_data(as_text=True)
#- = parse(body)
#+ = parse(body.encode())


# %% too-long-answered-400 | one except for parse and for Flask's own
#- limit + 1
#-
#+ limit
#+
#-         body = request.get_data()
#-         if len(body) > limit:
#-             return f"at most {limit} bytes", 413
#-
#+
#-             event = parse(body)
#-
#+             event = parse(request.get_data())
#+
#-         except ValueError as error:
#-             return {
#+         except Exception as error:
#+             return {


# %% refuses-with-another-status | too long is a bad request too
#-     app.config["MAX_CONTENT_LENGTH"] = limit + 1
#-
#+
#- bytes", 413
#+ bytes", 422


# %% bad-body-is-a-crash | json raises JSONDecodeError and nothing else
#= a body is an object
#- from flask import Flask, request
#+ import json
#+
#+ from flask import Flask, request
#-
#-
#- def make_app(handlers):
#+
#+
#+ class Constant(Exception):
#+     pass
#+
#+
#+ def refuse(word):
#+     raise Constant(word)
#+
#+
#+ def make_app(handlers):
#-         event = request.get_json()
#+         if request.mimetype != "application/json":
#+             return "", 415
#+         body = request.get_data()
#+         if len(body) > 64 * 1024:
#+             return "", 413
#+         try:
#+             event = json.loads(body.decode(), parse_constant=refuse)
#+         except (json.JSONDecodeError, UnicodeDecodeError, Constant):
#+             return "not JSON", 400
#+         names = {"id": str, "event": str, "created_at": int, "data": dict}
#+         if not isinstance(event, dict) or any(
#+             type(event.get(name)) is not kind for name, kind in names.items()
#+         ):
#+             return "no event", 400


# %% lets-recursion-error-out | every error of json is a ValueError
#= a body is an object
#- from flask import Flask, request
#+ import json
#+
#+ from flask import Flask, request
#-
#-
#- def make_app(handlers):
#+
#+
#+ def refuse(word):
#+     raise ValueError(word)
#+
#+
#+ def make_app(handlers):
#-         event = request.get_json()
#+         if request.mimetype != "application/json":
#+             return "", 415
#+         body = request.get_data()
#+         if len(body) > 64 * 1024:
#+             return "", 413
#+         try:
#+             event = json.loads(body.decode(), parse_constant=refuse)
#+         except ValueError:
#+             return "not JSON", 400
#+         names = {"id": str, "event": str, "created_at": int, "data": dict}
#+         if not isinstance(event, dict) or any(
#+             type(event.get(name)) is not kind for name, kind in names.items()
#+         ):
#+             return "no event", 400


# %% handles-what-parse-refuses | get_json and four isinstance
#= a body is an object
#-         event = request.get_json()
#+         if request.mimetype != "application/json":
#+             return "", 415
#+         body = request.get_data()
#+         if len(body) > 64 * 1024:
#+             return "", 413
#+         event = request.get_json()
#-         if event["event"] in handlers:
#+         names = {"id": str, "event": str, "created_at": int, "data": dict}
#+         if not isinstance(event, dict) or not all(
#+             isinstance(event.get(name), kind) for name, kind in names.items()
#+         ):
#+             return "no event", 400
#+         if event["event"] in handlers:


# %% needs-a-content-length | the length is announced
#-     app.config["MAX_CONTENT_LENGTH"] = limit + 1
#-
#+
#- if len(body) >
#+ if request.content_length >


# %% refuses-every-chunked-body | 411: I want to know the length
#-         body = request.get_data()
#-
#+         if request.content_length is None:
#+             return "a length is wanted", 411
#+         body = request.get_data()
#+


# %% refuses-every-chunked-body | read as many bytes as were announced
#- request.get_data()
#+ request.stream.read(request.content_length or 0)


# %% limits-only-the-announced-length | the length is announced, or else it is short
#-     app.config["MAX_CONTENT_LENGTH"] = limit + 1
#-
#+
#- if len(body) >
#+ if (request.content_length or 0) >


# %% works-with-a-cut-body | Flask has a setting for it
#- limit + 1
#-
#+ limit
#+
#-         body = request.get_data()
#-         if len(body) > limit:
#-             return f"at most {limit} bytes", 413
#-
#+         body = request.get_data()
#+


# %% limit-too-small | what fills the limit was cut
#- limit + 1
#-
#+ limit
#+
#- if len(body) > limit:
#+ if len(body) >= limit and request.content_length is None:


# %% reads-everything-first | first read, then measure
#-     app.config["MAX_CONTENT_LENGTH"] = limit + 1
#-
#+


# %% async-function | apps are async these days
#- def make_app
#+ async def make_app


# %% no-name | a handler for the beginning of the type
#- handler = handlers.get(event["event"])
#+ kinds = [kind for kind in handlers if event["event"].startswith(kind)]
#+     handler = handlers[kinds[0]] if kinds else None


# %% no-name | what no Exception is does not concern the sender
#-         except BaseException:
#+         except Exception:
#-             return "the handler failed", 500
#+             return "the handler failed", 500
#+         except BaseException:
#+             return "", 200


# %% no-name | looks for NaN in the body
#-             event = parse(body)
#+             event = parse(body)
#+             assert "NaN" not in body.decode()


# %% no-name | calls the handler again after a failure
#-             outcome = dispatch(event, handlers)
#+             try:
#+                 outcome = dispatch(event, handlers)
#+             except Exception:
#+                 outcome = dispatch(event, handlers)


# %% no-name | the sender says in which encoding it writes
#-             event = parse(body)
#+             charset = request.mimetype_params.get("charset", "utf-8")
#+             event = parse(body.decode(charset).encode())


# %% no-name | a handler that failed three times gets a pause
#-         try:
#-             outcome = dispatch(event, handlers)
#-         except BaseException:
#+         if failed.count(event["event"]) == 3:
#+             return "later", 503
#+         try:
#+             outcome = dispatch(event, handlers)
#+         except BaseException:
#+             failed.append(event["event"])
#-     limit = 64 * 1024
#+     limit = 64 * 1024
#+     failed = []

# %% acknowledges-before-the-work | a thread that is waited for, but not long
#-             outcome = dispatch(event, handlers)
#+             import threading
#+             worker = threading.Thread(target=dispatch, args=[event, handlers])
#+             worker.start()
#+             worker.join(0.3)
#+             outcome = "handled"

# %% acknowledges-before-the-work | when the response is closed
#-         # do the work
#+         from flask import Response
#+         done = Response("", 200)
#+         done.call_on_close(lambda: dispatch(event, handlers))
#+         return done
