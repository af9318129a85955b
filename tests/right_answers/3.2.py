# %% passed | look up, return early
def dispatch(event, handlers):
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    handler(event)
    return "handled"


# %% passed | walrus and a conditional expression
def dispatch(event, handlers):
    return "handled" if (h := handlers.get(event["event"])) and [h(event)] else "ignored"


# %% passed | try around the look-up alone, else for the call
def dispatch(event, handlers):
    try:
        handler = handlers[event["event"]]
    except KeyError:
        return "ignored"
    else:
        handler(event)
        return "handled"


# %% passed | a loop that compares whole types
def dispatch(event, handlers):
    outcome = "ignored"
    for kind, handle in handlers.items():
        if kind == event["event"]:
            handle(event)
            outcome = "handled"
    return outcome


# %% passed | a defaultdict of its own, over a copy of the table
from collections import defaultdict


def ignore(event):
    return "ignored"


def dispatch(event, handlers):
    table = defaultdict(lambda: ignore, handlers)
    handler = table[event.get("event")]
    result = handler(event)
    return result if handler is ignore else "handled"


# %% passed | pattern matching in a class
class Dispatcher:
    words = {True: "handled", False: "ignored"}

    def __call__(self, event, handlers):
        match event:
            case {"event": kind, **rest} if kind in handlers:
                handlers[kind](event)
                return self.words[True]
        return self.words[False]


dispatch = Dispatcher()


# %% passed | logs what the handler raised and raises it again
import logging


def dispatch(event, handlers):
    kind = event["event"]
    if kind not in handlers:
        print("nobody handles", kind)
        return "ignored"
    try:
        handlers[kind](event)
    except Exception:
        logging.getLogger("shop").debug("failed")
        raise
    return "handled"
