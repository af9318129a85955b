"""The page and what it asks for, as a Flask blueprint with relative addresses only."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from labkit.drawing import theme
from labkit.drawing.palette import INSPECTOR
from labkit.inbox import Received
from labkit.inbox.watch import Watch
from labkit.inspector import acting
from labkit.inspector.showing import Showing
from labkit.inspector.streams import Streams
from labkit.signing import SCHEMES

_FOLDER = Path(__file__).parent
# Said here, because some systems call a script plain text.
_FILES = {
    "page.html": "text/html",
    "page.js": "text/javascript",
    "shared.js": "text/javascript",
    "tools.js": "text/javascript",
    "style.css": "text/css",
    "icon.svg": "image/svg+xml",
}


class Desk:
    """What the page works with: the receiver's watch, and how requests are shown."""

    def __init__(self, watch: Watch, showing: Showing) -> None:
        self.watch = watch
        self.showing = showing
        self.streams = Streams(watch.log, self.row)

    def row(self, got: Received) -> dict[str, Any]:
        """Return what the list shows of a request, by the present secrets."""
        return self.showing.row(got)

    def find(self, number: int) -> Received:
        """Return that request; answer 404 where it is forgotten or never came."""
        try:
            return self.watch.log[number]
        except KeyError:
            flask.abort(404, f"request {number} is no longer stored")


def make_app(desk: Desk) -> flask.Flask:
    """Return the Flask app that serves the page."""
    app = flask.Flask("labkit-inspector", static_folder=None)
    pages = flask.Blueprint("inspector", __name__)
    _serve_list(pages, desk)
    _serve_requests(pages, desk)
    app.register_blueprint(pages)
    app.register_error_handler(Exception, _failed)
    return app


def _failed(error: Exception) -> Any:
    """Tell the page of it; Flask would print it into some cell."""
    if isinstance(error, HTTPException):
        return error
    text = f"the kit failed: {type(error).__name__}: {error}; please report this\n"
    return flask.Response(text, status=500, mimetype="text/plain")


def _serve_list(pages: flask.Blueprint, desk: Desk) -> None:
    @pages.get("/")
    def page() -> flask.Response:
        return _file("page.html")

    @pages.get(
        "/<any('page.js', 'shared.js', 'tools.js', 'style.css', 'icon.svg'):name>"
    )
    def file(name: str) -> flask.Response:
        return _styled() if name == "style.css" else _file(name)

    @pages.get("/about")
    def about() -> dict[str, Any]:
        return {
            "url": desk.showing.url,
            "schemes": sorted(SCHEMES),
            "planned": len(desk.watch.plan),
        }

    @pages.get("/events")
    def events() -> flask.Response:
        request = flask.request
        gone = request.environ.get("waitress.client_disconnected", lambda: False)
        # A browser that connects again says how far it has come.
        after = request.headers.get("Last-Event-ID", type=int)
        if after is None:
            after = request.args.get("after", 0, type=int)
        return flask.Response(
            desk.streams.events(after, gone), mimetype="text/event-stream"
        )

    @pages.get("/rows")
    def rows() -> dict[str, Any]:
        return desk.streams.batch(flask.request.args.get("after", 0, type=int))

    @pages.get("/inbox.json")
    def export() -> flask.Response:
        response = flask.Response(_exported(desk), mimetype="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="inbox.json"'
        return response


def _serve_requests(pages: flask.Blueprint, desk: Desk) -> None:
    @pages.get("/requests/<int:number>")
    def request(number: int) -> dict[str, Any]:
        return desk.showing.detail(desk.find(number), desk.watch.log.inbox())

    @pages.get("/requests/<int:number>/body")
    def body(number: int) -> flask.Response:
        # Never shown in place: it may be a page with a script, and this is our origin.
        response = flask.Response(
            desk.showing.body(desk.find(number)), mimetype="application/octet-stream"
        )
        response.headers["Content-Disposition"] = 'attachment; filename="body"'
        return response

    @pages.post("/requests/<int:number>/resend")
    def resend(number: int) -> dict[str, Any]:
        acting.allow("resend")
        return {"status": desk.watch.resend(desk.find(number)).status}

    @pages.post("/requests/<int:number>/edited")
    def edited(number: int) -> dict[str, Any]:
        acting.allow("resend")
        return acting.send(desk.watch, desk.find(number))

    @pages.post("/plan")
    def plan() -> dict[str, Any]:
        acting.allow("plan")
        return acting.plan(desk.watch)

    @pages.post("/test")
    def test() -> dict[str, Any]:
        acting.allow("test")
        return acting.send_test(desk.watch, desk.showing.checking, desk.showing.url)

    @pages.post("/replay")
    def replay() -> dict[str, Any]:
        acting.allow("replay")
        return acting.replay(desk.watch)


def _exported(desk: Desk) -> Iterator[str]:
    """Write the inbox as one list, one request a line."""
    front = "[\n"
    for got in desk.watch.log.inbox():
        yield front + json.dumps(desk.showing.record(got), ensure_ascii=False)
        front = ",\n"
    yield "\n]\n" if front == ",\n" else "[]\n"


def _styled() -> flask.Response:
    """Return the style with its colours, which are data of the whole kit."""
    rules = (_FOLDER / "style.css").read_text("utf-8")
    return flask.Response(theme.on_page(INSPECTOR) + rules, mimetype="text/css")


def _file(name: str) -> flask.Response:
    return flask.send_file(_FOLDER / name, mimetype=_FILES[name])
