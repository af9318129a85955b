# %% looks-for-the-type-elsewhere | other providers call it type
#= one never knows how they spell it
#-     handler = handlers.get(event["event"].strip().lower())
#+     handler = handlers.get(event["type"])


# %% looks-for-the-type-elsewhere | the event has attributes
def dispatch(event, handlers):
    if event.event in handlers:
        handlers[event.event](event)
        return "handled"
    return "ignored"


# %% calls-no-handler | get with a quiet default
def dispatch(event, handlers):
    if handlers.get(event.get("type")):
        handlers[event["type"]](event)
        return "handled"
    return "ignored"


# %% calls-no-handler | forgot the parentheses
#= one line is enough
#-         return handlers[event["event"]](event)
#+         handlers[event["event"]]
#+         return "handled"


# %% types-written-into-the-code | the shop has three sources
def dispatch(event, handlers):
    if event["event"] == "payment.succeeded":
        handlers["payment.succeeded"](event)
        return "handled"
    elif event["event"] == "push":
        handlers["push"](event)
        return "handled"
    elif event["event"] == "contact.created":
        handlers["contact.created"](event)
        return "handled"
    return "ignored"


# %% calls-every-handler | each handler can decide for itself
def dispatch(event, handlers):
    for handler in handlers.values():
        handler(event)
    return "handled" if event["event"] in handlers else "ignored"


# %% calls-it-twice | the condition calls it already
#= the handler knows whether it did something
#-     if handler is not None and (result := handler(event)):
#+     if handler and handler(event):
#+         handler(event)


# %% hands-over-something-else | a handler needs the data
#-     # do the work
#-     handler(event)
#+     handler(event["data"])


# %% hands-over-something-else | the fields as keywords
#-     # do the work
#-     handler(event)
#+     handler(**event)


# %% hands-over-something-else | nothing at all
def dispatch(event, handlers):
    if event["event"] not in handlers:
        return "ignored"
    handlers[event["event"]]()
    return "handled"


# %% returns-what-the-handler-returned | one line is enough
def dispatch(event, handlers):
    if event["event"] in handlers:
        return handlers[event["event"]](event)
    return "ignored"


# %% returns-what-the-handler-returned | the handler knows whether it did something
def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is not None and (result := handler(event)):
        return "handled"
    return "ignored"


# %% says-nothing | the handler did it all
#= nothing to say about what is ignored
#-         return "handled"


# %% says-nothing | nothing to say about what is ignored
def dispatch(event, handlers):
    if event["event"] in handlers:
        handlers[event["event"]](event)
        return "handled"


# %% other-word | true or false says it all
def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler:
        handler(event)
    return bool(handler)


# %% other-word | the status is what counts
#-     if handler is None:
#-         return "ignored"
#-     # do the work
#+     if not handler:
#+         return "not found"


# %% unknown-type-is-an-error | what I don't know is an error
def dispatch(event, handlers):
    if event["event"] not in handlers:
        raise ValueError(f"unknown type {event['event']}")
    handlers[event["event"]](event)
    return "handled"


# %% unknown-type-is-an-error | the table has every type
def dispatch(event, handlers):
    handlers[event["event"]](event)
    return "handled"


# %% unknown-type-is-an-error | Flask answers 404 for what is not there
from flask import abort


def dispatch(event, handlers):
    handler = handlers.get(event["event"]) or abort(404)
    handler(event)
    return "handled"


# %% calls-what-is-not-there | get never fails
def dispatch(event, handlers):
    handlers.get(event["event"])(event)
    return "handled"


# %% says-handled-to-everything | a quiet default handler
def dispatch(event, handlers):
    handlers.get(event["event"], lambda event: None)(event)
    return "handled"


# %% matches-by-part-of-the-type | payment stands for all payments
#= the type is in there somewhere
#-         if event["event"] in kind:
#+         if event["event"].startswith(kind):


# %% matches-by-part-of-the-type | the type is in there somewhere
def dispatch(event, handlers):
    for kind, handler in handlers.items():
        if event["event"] in kind:
            handler(event)
            return "handled"
    return "ignored"


# %% matches-loosely | one never knows how they spell it
def dispatch(event, handlers):
    handler = handlers.get(event["event"].strip().lower())
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


# %% matches-loosely | a pattern is more flexible
#= the type is in there somewhere
#- def dispatch(event, handlers):
#+ import re
#+ 
#+ 
#+ def dispatch(event, handlers):
#-         if event["event"] in kind:
#+         if re.fullmatch(kind, event["event"]):


# %% takes-a-handlers-error-for-an-unknown-type | it is easier to ask for forgiveness
def dispatch(event, handlers):
    try:
        handlers[event["event"]](event)
        return "handled"
    except KeyError:
        return "ignored"


# %% takes-a-handlers-error-for-an-unknown-type | None can't be called, that's a TypeError
#= what failed is not handled
#-         handlers[event["event"]](event)
#-     except Exception:
#+         handlers.get(event["event"])(event)
#+     except TypeError:


# %% swallows-the-handlers-exception | a receiver must not fall over
def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    try:
        handler(event)
    except Exception as error:
        print("handler failed:", error)
    return "handled"


# %% swallows-the-handlers-exception | what failed is not handled
def dispatch(event, handlers):
    try:
        handlers[event["event"]](event)
    except Exception:
        return "ignored"
    return "handled"


# %% wraps-the-handlers-exception | with a name of our own
#= a receiver must not fall over
#- def dispatch(event, handlers):
#+ class HandlerFailed(Exception):
#+     pass
#+
#+
#+ def dispatch(event, handlers):
#-         print("handler failed:", error)
#+         raise HandlerFailed(event["id"]) from error


# %% calls-it-twice | a second try when it fails
#= a receiver must not fall over
#-     except Exception as error:
#-         print("handler failed:", error)
#+     except Exception:
#+         handler(event)


# %% changes-the-table-of-handlers | setdefault finds or makes one
def ignore(event):
    pass


def dispatch(event, handlers):
    handler = handlers.setdefault(event["event"], ignore)
    handler(event)
    return "ignored" if handler is ignore else "handled"


# %% changes-the-table-of-handlers | pop gives the handler too
#= one never knows how they spell it
#-     handler = handlers.get(event["event"].strip().lower())
#+     handler = handlers.pop(event["event"], None)


# %% changes-the-event | the type is not needed any more
#-     handler = handlers.get(event["event"])
#+     original = dict(event)
#+     handler = handlers.get(event.pop("event"))
#-     # do the work
#-     handler(event)
#+     handler(original)


# %% changes-the-event | a note for later
#= one never knows how they spell it
#-     handler = handlers.get(event["event"].strip().lower())
#-     if handler is None:
#+     handler = handlers.get(event["event"])
#+     if handler is None:
#+         event["ignored"] = True


# %% async-function | handlers are async these days
#= one never knows how they spell it
#- def dispatch(event, handlers):
#-     handler = handlers.get(event["event"].strip().lower())
#+ async def dispatch(event, handlers):
#+     handler = handlers.get(event["event"])


# %% no-name | some providers put the type into the data
#-     handler = handlers.get(event["event"])
#+     handler = handlers.get(event["event"]) or handlers.get(event["data"].get("event"))


# %% changes-the-table-of-handlers | lent to the call, and lost if it fails
#-     handler = handlers.get(event["event"])
#+     handler = handlers.pop(event["event"], None)
#-     handler(event)
#+     handler(event)
#+     handlers[event["event"]] = handler


# %% no-name | functions have no call
#-     handler(event)
#+     handler.call(event)


# %% no-name | the type belongs into the exception
#-     handler(event)
#+     try:
#+         handler(event)
#+     except Exception as error:
#+         error.args = (event["event"], *error.args)
#+         raise
