# %% passed | one if for each question
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
    return "slow" if capture["seconds"] > capture["timeout"] else "healthy"


# %% passed | a table of questions, and next
from labkit.exercises.lab11_go_live import fits

def apart(capture):
    return abs(float(capture["headers"]["webhook-timestamp"]) - capture["arrived_at"])

TREE = {
    "wrong secret": lambda c: not fits(c, c["raw"]),
    "re-serialised": lambda c: c["raw"] != c["checked"],
    "stale": lambda c: not apart(c) <= 300,
    "doubled": lambda c: c["shipped"] and {c["id"]} & set(c["seen"]),
    "slow": lambda c: c["timeout"] < c["seconds"],
    "healthy": lambda c: True,
}

def diagnose(capture):
    return next(word for word, holds in TREE.items() if holds(capture))


# %% passed | hmac by hand, pattern matching on the rest
import base64
import hmac

def diagnose(capture):
    headers = capture["headers"]
    key = base64.b64decode(capture["secret"].removeprefix("whsec_"))
    start = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    given = [s.removeprefix("v1,") for s in headers["webhook-signature"].split()]

    def known(body):
        right = base64.b64encode(hmac.digest(key, start + body, "sha256")).decode()
        return any(hmac.compare_digest(right, each) for each in given)

    match (
        known(capture["raw"]),
        known(capture["checked"]),
        -300 <= capture["arrived_at"] - int(headers["webhook-timestamp"]) <= 300,
        capture["seen"].count(capture["id"]) > 0 and capture["shipped"],
        capture["seconds"] <= capture["timeout"],
    ):
        case (False, *_):
            return "wrong secret"
        case (_, False, *_):
            return "re-serialised"
        case (_, _, False, *_):
            return "stale"
        case (*_, True, _):
            return "doubled"
        case (*_, False):
            return "slow"
    return "healthy"


# %% passed | a class that can be called
from labkit.exercises.lab11_go_live import fits

class Doctor:
    def __call__(self, capture):
        for word in ("wrong secret", "re-serialised", "stale", "doubled", "slow"):
            if getattr(self, "is_" + word.replace(" ", "_").replace("-", "_"))(capture):
                return word
        return "healthy"

    def is_wrong_secret(self, c):
        return not fits(c, c["raw"])

    def is_re_serialised(self, c):
        return not fits(c, c["checked"])

    def is_stale(self, c):
        return abs(int(c["headers"]["webhook-timestamp"]) - c["arrived_at"]) > 300

    def is_doubled(self, c):
        return c["id"] in c["seen"] and c["shipped"]

    def is_slow(self, c):
        return c["seconds"] > c["timeout"]

diagnose = Doctor()
