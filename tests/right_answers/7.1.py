# %% passed | the claim is taken back in except
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), {}

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        key = event["id"]
        if seen.get(key):
            return {"status": "known"}
        seen[key] = True
        try:
            ship(event["data"]["order_id"])
        except Exception:
            del seen[key]
            raise
        return {"status": "shipped"}

    return app


# %% passed | a class with a view and a lock
import threading
from flask import Flask, request
from flask.views import MethodView

class Webhook(MethodView):
    init_every_request = False

    def __init__(self, ship):
        self.ship = ship
        self.done = set()
        self.lock = threading.Lock()

    def post(self):
        event = request.get_json(force=True)
        with self.lock:
            if event["id"] not in self.done:
                self.ship(event["data"]["order_id"])
                self.done |= {event["id"]}
        return "ok"

def make_app(ship):
    app = Flask("shop")
    app.add_url_rule("/webhooks", view_func=Webhook.as_view("webhook", ship))
    return app


# %% passed | a cache does the remembering
import functools, json
from flask import Flask, request

def make_app(ship):
    app = Flask("shop")

    @functools.lru_cache(maxsize=None)
    def ship_once(event_id, order_id):
        ship(order_id)

    @app.route("/webhooks", methods=["POST"])
    def webhook():
        event = json.loads(request.data)
        ship_once(event["id"], event["data"]["order_id"])
        return "", 202

    return app


# %% passed | thirty days in memory, then forgotten
import time
from flask import Flask, request

KEEP = 30 * 24 * 3600

def make_app(ship):
    app = Flask("shop")
    seen: dict[str, float] = {}

    def sweep(now):
        for key in [key for key, at in seen.items() if at < now - KEEP]:
            del seen[key]

    @app.post("/webhooks")
    def webhook():
        now = time.time()
        sweep(now)
        if (event := request.get_json())["id"] in seen:
            return "again", 200
        try:
            ship(event["data"]["order_id"])
        except Exception as error:
            return str(error), 503
        seen[event["id"]] = now
        return "", 200

    return app


# %% passed | a decorator, an SQLite database in memory
import functools, sqlite3
from flask import Flask, g, request

def once(database):
    def decorate(view):
        @functools.wraps(view)
        def wrapper():
            g.event = request.get_json()
            with database:
                added = database.execute(
                    "INSERT OR IGNORE INTO seen VALUES (?)", (g.event["id"],)
                ).rowcount
                return view() if added else ("", 200)
        return wrapper
    return decorate

def make_app(ship):
    app = Flask("shop")
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    @once(database)
    def webhook():
        ship(g.event["data"]["order_id"])
        return "", 200

    return app


# %% passed | a blueprint, states instead of a set
from flask import Blueprint, Flask, abort, request

NEW, DONE = "new", "done"

def make_app(ship):
    hooks, state = Blueprint("hooks", __name__), {}

    @hooks.post("/webhooks")
    def webhook():
        event = request.get_json()
        match state.setdefault(event["id"], NEW):
            case "new":
                try:
                    ship(event["data"]["order_id"])
                except Exception:
                    abort(500)
                state[event["id"]] = DONE
                return "shipped", 201
            case _:
                return "known", 200

    app = Flask("shop")
    app.register_blueprint(hooks)
    return app


# %% passed | a generator keeps the ids
#-     shipped = set()
#+     def shop():
#+         shipped, error = set(), None
#+         while True:
#+             event = yield error
#+             error = None
#+             if event["id"] not in shipped:
#+                 try:
#+                     ship(event["data"]["order_id"])
#+                     shipped.add(event["id"])
#+                 except Exception as raised:
#+                     error = raised
#+
#+     serving = shop()
#+     next(serving)
#-         event = request.get_json()  # parse
#-         if event["id"] in shipped:
#-             return "", 200  # acknowledge: it is done already
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         if (error := serving.send(request.get_json())) is not None:
#+             raise error
