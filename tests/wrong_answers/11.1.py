# %% no-blank-line | one line break ends a line, so it ends the frame
import json

def events(subscribe):
    subscription = subscribe()
    try:
        for event in subscription:
            data = json.dumps(event)
            yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n".encode()
    finally:
        subscription.close()


# %% no-blank-line | the line breaks were escaped by hand
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         text = "id: {}\\nevent: {}\\ndata: {}\\n\\n"
#+         yield text.format(event["id"], event["event"], json.dumps(event)).encode()


# %% yields-text | a stream of text is text
#= the loop ends, and that is all
#-         yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+         yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n"


# %% python-instead-of-json | the f-string writes the dictionary
def events(subscribe):
    for event in subscribe():
        head = f"id: {event['id']}\nevent: {event['event']}\n"
        yield (head + f"data: {event}\n\n").encode()


# %% gathers-before-it-sends | a list of frames is an iterator too
import json

def frame(event):
    data = json.dumps(event)
    return f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()

def events(subscribe):
    return iter([frame(event) for event in subscribe()])


# %% gathers-before-it-sends | a list is returned
import json

def events(subscribe):
    return [
        f"id: {e['id']}\nevent: {e['event']}\ndata: {json.dumps(e)}\n\n".encode()
        for e in subscribe()
    ]


# %% all-in-one-piece | everything joined
#= a list is returned
#-     return [
#+     return b"".join(
#-     ]
#+     )


# %% one-event-late | sends the last one when the next one is there
import json

def events(subscribe):
    last = None
    for event in subscribe():
        if last is not None:
            yield last
        data = json.dumps(event)
        last = f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
    if last is not None:
        yield last


# %% no-id | the id is in the JSON anyway
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         yield f"event: {event['event']}\ndata: {json.dumps(event)}\n\n".encode()


# %% another-id | frames are numbered
import json

def events(subscribe):
    for number, event in enumerate(subscribe(), start=1):
        data = json.dumps(event)
        yield f"id: {number}\nevent: {event['event']}\ndata: {data}\n\n".encode()


# %% no-type | the type is in the JSON anyway
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         yield f"id: {event['id']}\ndata: {json.dumps(event)}\n\n".encode()


# %% another-type | every event is a webhook
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         yield f"id: {event['id']}\nevent: webhook\ndata: {json.dumps(event)}\n\n".encode()


# %% line-without-a-field | the field's name is type
#= the loop ends, and that is all
#-         yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+         yield f"id: {event['id']}\ntype: {event['event']}\ndata: {data}\n\n".encode()


# %% line-without-a-field | nicely laid out JSON
#= the loop ends, and that is all
#-         data = json.dumps(event)
#+         data = json.dumps(event, indent=2)


# %% line-without-a-field | JSON alone, as lines
import json

def events(subscribe):
    for event in subscribe():
        yield json.dumps(event).encode() + b"\n\n"


# %% only-the-inner-data | id and type are in their own lines, so data is the rest
#= the loop ends, and that is all
#-         data = json.dumps(event)
#+         data = json.dumps(event["data"])


# %% changes-the-event | takes id and type out of it
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         head = f"id: {event.pop('id')}\nevent: {event.pop('event')}\n"
#+         yield (head + f"data: {json.dumps(event)}\n\n").encode()


# %% changes-the-data | leaves out what is not ASCII
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         data = json.dumps(event, ensure_ascii=False)
#+         text = f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n"
#+         yield text.encode("ascii", "ignore")


# %% data-is-no-json | splits the data into lines wherever Python sees one
#= one line break ends a line, so it ends the frame
#-             data = json.dumps(event)
#-             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n".encode()
#+             text = json.dumps(event, ensure_ascii=False)
#+             data = "\n".join(f"data: {line}" for line in text.splitlines())
#+             yield f"id: {event['id']}\nevent: {event['event']}\n{data}\n\n".encode()


# %% not-utf-8 | latin-1 has umlauts
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         data = json.dumps(event, ensure_ascii=False)
#+         text = f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n"
#+         yield text.encode("latin-1", "replace")


# %% json-in-json | dumps for each layer
#= the loop ends, and that is all
#-         data = json.dumps(event)
#+         data = json.dumps(json.dumps(event))


# %% frame-in-pieces | a chunk for each line
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         yield f"id: {event['id']}\n".encode()
#+         yield f"event: {event['event']}\n".encode()
#+         yield f"data: {json.dumps(event)}\n\n".encode()


# %% several-frames-of-one-event | blank lines between the fields look tidier
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         yield f"id: {event['id']}\n\nevent: {event['event']}\n\n".encode()


# %% no-data | id and type are all that a page needs to ask for the rest
def events(subscribe):
    for event in subscribe():
        yield f"id: {event['id']}\nevent: {event['event']}\n\n".encode()


# %% no-frame-for-an-event | only payments are of interest
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         if event["event"] == "payment.succeeded":
#+             data = json.dumps(event)
#+             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()


# %% left-open-at-the-end | the loop ends, and that is all
import json

def events(subscribe):
    for event in subscribe():
        data = json.dumps(event)
        yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()


# %% left-open-when-the-page-goes | closes behind the loop
import json

def events(subscribe):
    subscription = subscribe()
    for event in subscription:
        data = json.dumps(event)
        yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
    subscription.close()


# %% left-open-after-an-error | closes at the end and when the page goes
#= one line break ends a line, so it ends the frame
#-             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n".encode()
#-     finally:
#-         subscription.close()
#+             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+     except GeneratorExit:
#+         subscription.close()
#+         raise
#+     subscription.close()


# %% lets-stop-iteration-out | next in an endless loop
#= one line break ends a line, so it ends the frame
#-         for event in subscription:
#-             data = json.dumps(event)
#-             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n".encode()
#+         while True:
#+             event = next(subscription)
#+             data = json.dumps(event)
#+             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()


# %% refuses-to-end | nothing may stop the stream
#= closes behind the loop
#-         yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+         try:
#+             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+         except BaseException:
#+             pass


# %% goes-on-after-the-end | a comment now and then keeps it open
#= one line break ends a line, so it ends the frame
#-             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n".encode()
#+             yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
#+         while True:
#+             yield b": still here\n\n"


# %% subscribes-before-it-is-asked | subscribed outside of the generator
import json

def events(subscribe):
    subscription = subscribe()

    def frames():
        try:
            for event in subscription:
                data = json.dumps(event)
                yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
        finally:
            subscription.close()

    return frames()


# %% can-not-be-closed | map does it in one line
#= a list of frames is an iterator too
#- def events(subscribe):
#-     return iter([frame(event) for event in subscribe()])
#+ def closing(subscription):
#+     try:
#+         yield from subscription
#+     finally:
#+         subscription.close()
#+
#+ def events(subscribe):
#+     return map(frame, closing(subscribe()))


# %% subscribes-again | a new subscription for each event
#= the loop ends, and that is all
#-     for event in subscribe():
#+     while event := next(subscribe(), None):


# %% shares-between-streams | one subscription is enough for all
import json

current = {}

def events(subscribe):
    current["subscription"] = subscribe()
    try:
        while (event := next(current["subscription"], None)) is not None:
            data = json.dumps(event)
            yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()
    finally:
        current["subscription"].close()


# %% returns-nothing | printed is sent
#= JSON alone, as lines
#-         yield json.dumps(event).encode() + b"\n\n"
#+         print(f"id: {event['id']}\nevent: {event['event']}\ndata: {json.dumps(event)}\n")


# %% returns-no-iterator | the inner function itself
import json

def events(subscribe):
    def frames():
        for event in subscribe():
            data = json.dumps(event)
            yield f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode()

    return frames


# %% async-function | streams are asynchronous
#= the loop ends, and that is all
#- def events(subscribe):
#+ async def events(subscribe):


# %% yields-no-bytes | id, type and data
def events(subscribe):
    for event in subscribe():
        yield event["id"], event["event"], event["data"]


# %% subscribes-again | connect again to the relay
import json


def events(subscribe):
    while True:
        subscription = subscribe()
        try:
            for event in subscription:
                frame = f"id: {event['id']}\nevent: {event['event']}\n"
                yield (frame + f"data: {json.dumps(event)}\n\n").encode()
            return
        except ConnectionError:
            continue
        finally:
            subscription.close()


# %% changes-the-data | no markup in the page
#- f"data: {json.dumps(event)}\n"
#+ f"data: {json.dumps(event).replace('<', '&lt;')}\n"


# %% no-frame-for-an-event | ten are enough
#- for event in subscription:
#+ for event, _ in zip(subscription, range(10)):

# %% no-frame-for-an-event | a stream for a hundred events
#- in subscription:
#+ in __import__("itertools").islice(subscription, 100):

# %% another-id | ids in small letters
#- {event['id']}
#+ {event['id'].lower()}
