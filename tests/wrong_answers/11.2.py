# %% believes-the-error-text | the log says what it was
def diagnose(capture):
    return {
        "signature does not match": "wrong secret",
        "request refused": "stale",
    }.get(capture["error"], "healthy")


# %% believes-the-status | what was answered with 2xx is well
from labkit.exercises.lab11_go_live import fits

def diagnose(capture):
    if capture["status"] >= 400:
        if not fits(capture, capture["raw"]):
            return "wrong secret"
        return "re-serialised" if not fits(capture, capture["checked"]) else "stale"
    if capture["status"] == 200:
        return "healthy"
    if capture["shipped"] and capture["id"] in capture["seen"]:
        return "doubled"
    return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% blames-the-secret-first | the signature that was checked does not fit
from labkit.exercises.lab11_go_live import fits

def diagnose(capture):
    if not fits(capture, capture["checked"]):
        return "wrong secret"
    if capture["raw"] != capture["checked"]:
        return "re-serialised"
    if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
        return "stale"
    if capture["id"] in capture["seen"] and capture["shipped"]:
        return "doubled"
    return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% blames-the-bytes-first | other bytes are the first suspects
from labkit.exercises.lab11_go_live import fits

def diagnose(capture):
    if capture["raw"] != capture["checked"]:
        return "re-serialised"
    if not fits(capture, capture["raw"]):
        return "wrong secret"
    if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
        return "stale"
    if capture["id"] in capture["seen"] and capture["shipped"]:
        return "doubled"
    return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% compares-meanings | the same JSON is the same body
#= the signature that was checked does not fit
#- from labkit.exercises.lab11_go_live import fits
#+ import json
#+ from labkit.exercises.lab11_go_live import fits
#-     if not fits(capture, capture["checked"]):
#+     if not fits(capture, capture["raw"]):
#-     if capture["raw"] != capture["checked"]:
#+     if json.loads(capture["raw"]) != json.loads(capture["checked"]):


# %% looks-back-only | nothing comes from the future
#= ten seconds, as at GitHub
#-     if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
#+     if capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"]) > 300:
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% stale-too-soon | five minutes are five minutes
#= ten seconds, as at GitHub
#-     if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
#+     if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) >= 300:
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% misses-the-stale | an hour is allowed
#= ten seconds, as at GitHub
#-     if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
#+     if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 3600:
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% one-limit-for-all | ten seconds, as at GitHub
from labkit.exercises.lab11_go_live import fits

def diagnose(capture):
    if not fits(capture, capture["raw"]):
        return "wrong secret"
    if not fits(capture, capture["checked"]):
        return "re-serialised"
    if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
        return "stale"
    if capture["id"] in capture["seen"] and capture["shipped"]:
        return "doubled"
    return "slow" if capture["seconds"] > 10 else "healthy"


# %% slow-too-soon | the limit itself is too late
#= ten seconds, as at GitHub
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] >= capture["timeout"] else "healthy"


# %% misses-the-slow | slow is no fault
#= ten seconds, as at GitHub
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "healthy"


# %% blames-every-repeat | seen before is doubled
#= ten seconds, as at GitHub
#-     if capture["id"] in capture["seen"] and capture["shipped"]:
#+     if capture["id"] in capture["seen"]:
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% blames-every-parcel | a parcel has left
#= ten seconds, as at GitHub
#-     if capture["id"] in capture["seen"] and capture["shipped"]:
#-         return "doubled"
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     if capture["seconds"] > capture["timeout"]:
#+         return "slow"
#+     return "doubled" if capture["shipped"] else "healthy"


# %% slow-hides-doubled | the cause is what matters
#= ten seconds, as at GitHub
#-     if capture["id"] in capture["seen"] and capture["shipped"]:
#-         return "doubled"
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     if capture["seconds"] > capture["timeout"]:
#+         return "slow"
#+     return "doubled" if capture["id"] in capture["seen"] and capture["shipped"] else "healthy"


# %% misses-the-doubled | only refused requests are incidents
#= ten seconds, as at GitHub
#-     if capture["id"] in capture["seen"] and capture["shipped"]:
#-         return "doubled"
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% asks-in-another-order | the clock is the easiest to look at
from labkit.exercises.lab11_go_live import fits

def diagnose(capture):
    if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
        return "stale"
    if not fits(capture, capture["raw"]):
        return "wrong secret"
    if not fits(capture, capture["checked"]):
        return "re-serialised"
    if capture["id"] in capture["seen"] and capture["shipped"]:
        return "doubled"
    return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% reads-one-signature-only | cut the prefix off, compare the rest
#= the signature that was checked does not fit
#- from labkit.exercises.lab11_go_live import fits
#+ import base64, hashlib, hmac
#+
#+ def signed(capture, body):
#+     headers = capture["headers"]
#+     key = base64.b64decode(capture["secret"].removeprefix("whsec_"))
#+     start = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
#+     mac = base64.b64encode(hmac.digest(key, start + body, "sha256")).decode()
#+     return hmac.compare_digest("v1," + mac, headers["webhook-signature"])
#-     if not fits(capture, capture["checked"]):
#+     if not signed(capture, capture["raw"]):
#-     if capture["raw"] != capture["checked"]:
#+     if not signed(capture, capture["checked"]):


# %% knows-only-the-five | five ids, five words
from labkit.exercises.lab11_go_live import incidents

WORDS = ("re-serialised", "wrong secret", "stale", "slow", "doubled")
KNOWN = {c["id"]: word for c, word in zip(incidents().values(), WORDS)}

def diagnose(capture):
    return KNOWN.get(capture["id"], "healthy")


# %% returns-nothing | healthy needs no word
#= ten seconds, as at GitHub
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     if capture["seconds"] > capture["timeout"]:
#+         return "slow"


# %% another-word | nicely written
from labkit.exercises.lab11_go_live import fits

def diagnose(capture):
    if not fits(capture, capture["raw"]):
        return "Wrong secret"
    if not fits(capture, capture["checked"]):
        return "Reserialized"
    return "Healthy"


# %% changes-the-capture | one id less to look at
#= ten seconds, as at GitHub
#-     if not fits(capture, capture["raw"]):
#+     id = capture.pop("id")
#+     if not fits(capture, capture["raw"]):
#-     if capture["id"] in capture["seen"] and capture["shipped"]:
#+     if id in capture["seen"] and capture["shipped"]:
#-     return "slow" if capture["seconds"] > 10 else "healthy"
#+     return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% misses-the-wrong-secret | compares bytes and nothing else
def diagnose(capture):
    if capture["raw"] != capture["checked"]:
        return "re-serialised"
    if abs(capture["arrived_at"] - int(capture["headers"]["webhook-timestamp"])) > 300:
        return "stale"
    if capture["id"] in capture["seen"] and capture["shipped"]:
        return "doubled"
    return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% no-name | compares the lengths of the two bodies
#-     if not fits(capture, capture["checked"]):
#+     if len(capture["checked"]) != len(capture["raw"]):


# %% rounds-the-time | whole seconds are exact enough
#- abs(capture["arrived_at"] - signed_at)
#+ abs(int(capture["arrived_at"]) - signed_at)


# %% finds-a-part-of-an-id | all ids in one text
#- capture["id"] in capture["seen"]
#+ capture["id"] in " ".join(capture["seen"])
