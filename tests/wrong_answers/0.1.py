# %% name-written-into-the-code | the example is all there is
def greet(event):
    return "Hello, Ada"


# %% looks-on-the-wrong-level | the name is a field of the event
def greet(event):
    return f"Hello, {event['name']}"


# %% no-name | the event is an object with attributes
def greet(event):
    return "Hello, " + event.data.name


# %% prints-instead-of-returning | seeing it is enough
def greet(event):
    print("Hello,", event["data"]["name"])


# %% bytes-instead-of-text | the network wants bytes
def greet(event):
    return f"Hello, {event['data']['name']}".encode()


# %% greets-the-whole-data | data is the name
def greet(event):
    return f"Hello, {event['data']}"


# %% loses-letters-outside-ascii | plain letters are safer
def greet(event):
    name = event["data"]["name"]
    return "Hello, " + name.encode("ascii", "replace").decode()


# %% changes-the-event | the payload is mine now
def greet(event):
    return "Hello, " + event["data"].pop("name")


# %% other-text | nobody reads it that closely
def greet(event):
    return f"hello {event['data']['name']}"


# %% still-running | waiting for the name
def greet(event):
    while "name" not in event:
        pass
    return f"Hello, {event['name']}"


# %% no-name | a template of the standard library
from string import Template


def greet(event):
    return Template("Hello, " + event["data"]["name"]).safe_substitute(event["data"])


# %% no-name | the name by the id
def greet(event):
    return "Hello, " + {"crm_00001": "Ada"}[event["id"]]


# %% no-name | the first event is kept
def greet(event, first=[]):
    first.append(event)
    return "Hello, " + first[0]["data"]["name"]


# %% no-name | the first name anywhere in it
def greet(event):
    def find(data):
        for key, value in data.items():
            if key == "name":
                return value
            if isinstance(value, dict) and (found := find(value)):
                return found

    return "Hello, " + find(event["data"])
