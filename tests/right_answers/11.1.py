# %% passed | a generator with finally
import json

def events(subscribe):
    subscription = subscribe()
    try:
        for event in subscription:
            data = json.dumps(event)
            yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
    finally:
        subscription.close()


# %% passed | contextlib.closing, lines joined, CRLF, letters as they are
import json
from contextlib import closing

def events(subscribe):
    with closing(subscribe()) as subscription:
        for event in subscription:
            lines = (
                "event:" + event["event"],
                "data:" + json.dumps(event, ensure_ascii=False, sort_keys=True),
                "id:" + event["id"],
            )
            yield ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


# %% passed | JSON over several lines, each with its field
#= a generator with finally
#- import json
#+ import json
#+
#+ def as_data(event):
#+     return "".join(f"data: {line}\n" for line in json.dumps(event, indent=2).split("\n"))
#-         for event in subscription:
#-             data = json.dumps(event)
#-             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+         yield b"retry: 2000\n\n"
#+         yield b": welcome\n\n"
#+         for event in subscription:
#+             head = f"id: {event['id']}\nevent: {event['event']}\n"
#+             yield (head + as_data(event) + "\n").encode()
#+             yield b": there may be more\n\n"


# %% passed | an exit stack and an endless loop, with next and a default
import json
from contextlib import ExitStack

END = object()

def events(subscribe):
    with ExitStack() as stack:
        subscription = subscribe()
        stack.callback(subscription.close)
        while (event := next(subscription, END)) is not END:
            fields = {"id": event["id"], "event": event["event"], "data": json.dumps(event)}
            yield b"%s\n" % "".join(f"{k}: {v}\n" for k, v in fields.items()).encode()


# %% passed | a class with next and close
import json

class Stream:
    def __init__(self, subscribe):
        self.subscribe = subscribe
        self.subscription = None
        self.over = False

    def __iter__(self):
        return self

    def __next__(self):
        if self.over:
            raise StopIteration
        if self.subscription is None:
            self.subscription = self.subscribe()
        try:
            event = next(self.subscription)
        except BaseException:
            self.close()
            raise
        data = json.dumps(event)
        return f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()

    def close(self):
        self.over = True
        if self.subscription is not None:
            self.subscription.close()

def events(subscribe):
    return Stream(subscribe)


# %% passed | an inner generator that keeps an error to itself
import json
import logging

def events(subscribe):
    def frames():
        subscription = subscribe()
        try:
            yield from (
                f"id: {e['id']}\nevent: {e['event']}\ndata: {json.dumps(e)}\n\n".encode()
                for e in subscription
            )
        except Exception:
            logging.getLogger("relay").debug("the subscription has failed")
        finally:
            subscription.close()

    return frames()


# %% passed | werkzeug closes it
import json
from werkzeug.wsgi import ClosingIterator

def events(subscribe):
    opened = []

    def frames():
        opened.append(subscribe())
        for e in opened[0]:
            yield f"id: {e['id']}\nevent: {e['event']}\ndata: {json.dumps(e)}\n\n".encode()
        close()

    def close():
        for subscription in opened:
            subscription.close()

    def guarded():
        try:
            yield from frames()
        except Exception:
            close()
            raise

    return ClosingIterator(guarded(), close)


# %% passed | an iterable with a close, which the server calls in any case
import json

class Frames:
    def __init__(self, subscription):
        self.subscription = subscription
        self.close = subscription.close

    def __iter__(self):
        for e in self.subscription:
            yield f"id: {e['id']}\nevent: {e['event']}\ndata: {json.dumps(e)}\n\n".encode()

def events(subscribe):
    return Frames(subscribe())
