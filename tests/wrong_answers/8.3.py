# %% looks-on-the-wrong-level | the order is a field of the event
def apply(state, event):
    order = event["order_id"]
    return {**state, order: {"status": event["status"], "version": event["version"]}}


# %% returns-nothing | the state is changed in place
#= the dictionary that came in
#-     return state


# %% returns-the-order-alone | the new record
#= all of the data
#-         return state
#-     return {**state, data["order_id"]: data}
#+         return old
#+     return {"status": data["status"], "version": data["version"]}


# %% drops-other-orders | a new dictionary
def apply(state, event):
    data = event["data"]
    return {data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% does-not-store-the-version | only the status changes
#= version 0 for the unknown
#-     old = state.get(data["order_id"], {"version": 0})
#+     old = state.get(data["order_id"], {"version": -1})
#-     return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}
#+     return {**state, data["order_id"]: {**old, "status": data["status"]}}


# %% stores-other-fields | all of the data
def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"])
    if old and data["version"] <= old["version"]:
        return state
    return {**state, data["order_id"]: data}


# %% stores-other-fields | the time, to compare it
def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"], {})
    if event["created_at"] <= old.get("at", 0):
        return state
    record = {"status": data["status"], "version": data["version"], "at": event["created_at"]}
    return {**state, data["order_id"]: record}


# %% takes-the-time-for-the-version | time is a version
#= all of the data
#-     if old and data["version"] <= old["version"]:
#+     if old and event["created_at"] <= old["version"]:
#-     return {**state, data["order_id"]: data}
#+     record = {"status": data["status"], "version": event["created_at"]}
#+     return {**state, data["order_id"]: record}


# %% counts-versions-itself | one more each time
#= all of the data
#-     if old and data["version"] <= old["version"]:
#+     if old is None:
#+         return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}
#+     if data["version"] <= old["version"]:
#-     return {**state, data["order_id"]: data}
#+     record = {"status": data["status"], "version": old["version"] + 1}
#+     return {**state, data["order_id"]: record}


# %% raises-on-an-unknown-order | every order is there
#= who is that
#-     if data["order_id"] not in state or data["version"] <= state[data["order_id"]]["version"]:
#+     if data["version"] <= state[data["order_id"]]["version"]:


# %% ignores-unknown-orders | who is that
def apply(state, event):
    data = event["data"]
    if data["order_id"] not in state or data["version"] <= state[data["order_id"]]["version"]:
        return state
    return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% drops-the-first-version | version 0 for the unknown
def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"], {"version": 0})
    if data["version"] <= old["version"]:
        return state
    return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% last-one-wins | what comes last is newest
def apply(state, event):
    data = event["data"]
    return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% last-one-wins | the newest version, but any status
def apply(state, event):
    data = event["data"]
    version = data["version"]
    if data["order_id"] in state:
        version = max(version, state[data["order_id"]]["version"])
    return {**state, data["order_id"]: {"status": data["status"], "version": version}}


# %% keyed-by-something-else | by the event's id
def apply(state, event):
    data = event["data"]
    return {**state, event["id"]: {"status": data["status"], "version": data["version"]}}


# %% never-changes-a-known-order | setdefault
def apply(state, event):
    state = dict(state)
    data = event["data"]
    record = {"status": data["status"], "version": data["version"]}
    state.setdefault(data["order_id"], record)
    return state


# %% compares-with-other-orders | the greatest version of all
#= who is that
#-     if data["order_id"] not in state or data["version"] <= state[data["order_id"]]["version"]:
#+     if data["version"] <= max((r["version"] for r in state.values()), default=-1):


# %% takes-version-0-for-none | a version that is false
#= who is that
#-     if data["order_id"] not in state or data["version"] <= state[data["order_id"]]["version"]:
#+     old = state.get(data["order_id"], {}).get("version")
#+     if old and data["version"] <= old:


# %% remembers-outside-of-the-state | the orders, once and for all
orders = {}

def apply(state, event):
    data = event["data"]
    old = orders.get(data["order_id"])
    if old is None or data["version"] > old["version"]:
        orders[data["order_id"]] = {"status": data["status"], "version": data["version"]}
    return {**state, **orders}


# %% keeps-the-oldest | the wrong way round
#= a version is a label
#-     if old and str(data["version"]) <= str(old["version"]):
#+     if old and data["version"] > old["version"]:


# %% decides-by-the-time | the latest created_at, remembered beside it
latest = {}

def apply(state, event):
    data = event["data"]
    order = data["order_id"]
    old = state.get(order)
    if event["created_at"] < latest.get(order, 0) or (old and old["version"] >= data["version"]):
        return state
    latest[order] = event["created_at"]
    return {**state, order: {"status": data["status"], "version": data["version"]}}


# %% compares-versions-as-text | a version is a label
def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"])
    if old and str(data["version"]) <= str(old["version"]):
        return state
    return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% raises-on-old-news | that must not happen
#= all of the data
#-         return state
#-     return {**state, data["order_id"]: data}
#+         raise ValueError(f"version {data['version']} after {old['version']}")
#+     return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% same-version-overwrites | as new is new enough
#= the dictionary that came in
#-     if old is None or data["version"] > old["version"]:
#-         state[data["order_id"]] = {"status": data["status"], "version": data["version"]}
#+     if old is None or data["version"] >= old["version"]:
#+         return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% same-version-overwrites | pairs are compared
def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"], {"version": -1, "status": ""})
    version, status = max(
        (old["version"], old["status"]), (data["version"], data["status"])
    )
    return {**state, data["order_id"]: {"status": status, "version": version}}


# %% waits-for-the-missing-version | a gap is an error
#= a version is a label
#-     if old and str(data["version"]) <= str(old["version"]):
#-         return state
#+     if old:
#+         if data["version"] <= old["version"]:
#+             return state
#+         if data["version"] > old["version"] + 1:
#+             raise RuntimeError("an event is missing")


# %% ranks-the-status | shipped can't be created again
RANK = ["created", "paid", "packed", "shipped", "returned"]

def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"])
    if old:
        if data["version"] <= old["version"]:
            return state
        if RANK.index(data["status"]) < RANK.index(old["status"]):
            return state
    return {**state, data["order_id"]: {"status": data["status"], "version": data["version"]}}


# %% changes-the-old-state | the dictionary that came in
def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"])
    if old is None or data["version"] > old["version"]:
        state[data["order_id"]] = {"status": data["status"], "version": data["version"]}
    return state


# %% changes-the-old-state | a shallow copy is a copy
def apply(state, event):
    new = dict(state)
    data = event["data"]
    record = new.setdefault(data["order_id"], {"status": "", "version": -1})
    if data["version"] > record["version"]:
        record["status"] = data["status"]
        record["version"] = data["version"]
    return new


# %% changes-the-event | popped out of it
#= all of the data
#-     old = state.get(data["order_id"])
#+     order = data.pop("order_id")
#+     old = state.get(order)
#-     return {**state, data["order_id"]: data}
#+     return {**state, order: data}


# %% async-function | a coroutine
async def apply(state, event):
    return {**state, **event["data"]}


# %% ranks-the-status | a final status stays
#-     if order in state and data["version"] <= state[order]["version"]:
#+     old = state.get(order, {"version": -1, "status": ""})
#+     if data["version"] <= old["version"] or old["status"] in ("delivered", "refunded"):


# %% no-name | changed by chance
#-     if order in state and data["version"] <= state[order]["version"]:
#+     import random
#+
#+     old = state[order]["version"] if order in state else -1
#+     if data["version"] <= old and random.random() < 0.5:


# %% no-name | statuses in lower case
#-     record = {"status": data["status"], "version": data["version"]}
#+     record = {"status": data["status"].lower(), "version": data["version"]}


# %% no-name | versions are numbers with a decimal point
#- data["version"] <= state[order]["version"]:
#+ float(data["version"]) <= float(state[order]["version"]):


# %% no-name | an order without a name
#-     if order in state and
#+     if not order or order in state and


# %% decides-by-the-time | the later of two changes with the same version
LATEST = {}


def apply(state, event):
    data, at = event["data"], event["created_at"]
    order = data["order_id"]
    old = state.get(order, {"version": -1})["version"]
    if data["version"] == old and at > LATEST.get(order, at):
        old -= 1
    LATEST[order] = at
    if data["version"] <= old:
        return state
    return {**state, order: {"status": data["status"], "version": data["version"]}}
