# %% passed | two questions and a new dictionary
#-     order = data["order_id"]
#-     if order in state and data["version"] <= state[order]["version"]:
#+     old = state.get(data["order_id"])
#+     if old is not None and old["version"] >= data["version"]:
#-     return {**state, order: record}
#+     return {**state, data["order_id"]: record}


# %% passed | max, and the union of two dictionaries
def apply(state, event):
    data = dict(event["data"])
    order = data.pop("order_id")
    new = {name: data[name] for name in ("status", "version")}
    newest = max(state.get(order, new), new, key=lambda record: record["version"])
    return state | {order: newest}


# %% passed | pattern matching
def apply(state, event):
    match event:
        case {"data": {"order_id": order, "status": status, "version": version}}:
            if order in state and version <= state[order]["version"]:
                return dict(state)
            return {**state, order: dict(status=status, version=version)}


# %% passed | a deep copy, changed in place
from copy import deepcopy

def apply(state, event):
    state = deepcopy(state)
    order, version = event["data"]["order_id"], event["data"]["version"]
    record = state.setdefault(order, {"status": None, "version": -1})
    if version > record["version"]:
        record.update(status=event["data"]["status"], version=version)
    return state


# %% passed | an object that can be called
class Newest:
    def version(self, state, order):
        return state[order]["version"] if order in state else float("-inf")

    def __call__(self, state, event):
        data = event["data"]
        if data["version"] > self.version(state, data["order_id"]):
            fields = ("status", "version")
            state = {**state, data["order_id"]: {f: data[f] for f in fields}}
        return state

apply = Newest()


# %% passed | an exception for the unknown
def apply(state, event):
    order_id, status, version = (event["data"][k] for k in ("order_id", "status", "version"))
    try:
        newer = version > state[order_id]["version"]
    except KeyError:
        newer = True
    fresh = state.copy()
    if newer:
        fresh[order_id] = {"version": version, "status": status}
    return fresh


# %% passed | a chain of maps
from collections import ChainMap

def apply(state, event):
    data = event["data"]
    old = state.get(data["order_id"], {"version": -1})
    if data["version"] <= old["version"]:
        return state
    record = {"status": data["status"], "version": data["version"]}
    return dict(ChainMap({data["order_id"]: record}, state))
