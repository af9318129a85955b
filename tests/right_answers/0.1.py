# %% passed | concatenation
def greet(event):
    return "Hello, " + event["data"]["name"]


# %% passed | a lambda and format
greet = lambda event: "Hello, {name}".format(**event["data"])


# %% passed | pattern matching
def greet(event):
    match event:
        case {"data": {"name": name}}:
            return f"Hello, {name}"


# %% passed | an object that can be called, and prints on the way
class Greeter:
    def __call__(self, event):
        print("greeting", event["id"])
        return " ".join(["Hello,", event["data"].get("name")])


greet = Greeter()
