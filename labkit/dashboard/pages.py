"""The page and what it asks for, as a Flask app with relative addresses only."""

import sqlite3
from pathlib import Path
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

import labkit.inspector
from labkit.dashboard.showing import detail, overview
from labkit.dashboard.tables import NotNow, Tables, Unknown
from labkit.drawing import theme
from labkit.drawing.palette import INSPECTOR

_FOLDER = Path(__file__).parent
_INSPECTOR = Path(labkit.inspector.__file__).parent
# Said here, because some systems call a script plain text.
_FILES = {
    "page.html": (_FOLDER, "text/html"),
    "page.js": (_FOLDER, "text/javascript"),
    "shared.js": (_INSPECTOR, "text/javascript"),
    "icon.svg": (_INSPECTOR, "image/svg+xml"),
}
_MINE = "X-Dashboard"


def make_app(tables: Tables) -> flask.Flask:
    """Return the Flask app that serves the page of these tables."""
    app = flask.Flask("labkit-dashboard", static_folder=None)
    _serve_page(app)
    _serve_rows(app, tables)
    _serve_actions(app, tables)
    app.register_error_handler(Exception, _failed)
    return app


def _failed(error: Exception) -> Any:
    """Tell the page of it; Flask would print it into some cell."""
    if isinstance(error, HTTPException):
        return _said(error.description or error.name, error.code or 500)
    if isinstance(error, Unknown):
        return _said(str(error), 404)
    if isinstance(error, NotNow):
        return _said(str(error), 409)
    if isinstance(error, sqlite3.OperationalError):
        return _said(f"the provider's file can't be used now: {error}", 503)
    text = f"the kit failed: {type(error).__name__}: {error}; please report this"
    return _said(text, 500)


def _said(text: str, status: int) -> flask.Response:
    return flask.Response(f"{text}\n", status=status, mimetype="text/plain")


def _serve_page(app: flask.Flask) -> None:
    @app.get("/")
    def page() -> flask.Response:
        return _file("page.html")

    @app.get("/<any('page.js', 'shared.js', 'icon.svg'):name>")
    def file(name: str) -> flask.Response:
        return _file(name)

    @app.get("/style.css")
    def style() -> flask.Response:
        rules = [(f / "style.css").read_text("utf-8") for f in (_INSPECTOR, _FOLDER)]
        colours = theme.on_page(INSPECTOR)
        return flask.Response("\n".join([colours, *rules]), mimetype="text/css")


def _serve_rows(app: flask.Flask, tables: Tables) -> None:
    @app.get("/clock")
    def clock() -> dict[str, float]:
        return {"now": tables.now()}

    @app.get("/overview")
    def rows() -> dict[str, Any]:
        return overview(tables)

    @app.get("/deliveries/<int:number>")
    def delivery(number: int) -> dict[str, Any]:
        return detail(tables, number)


def _serve_actions(app: flask.Flask, tables: Tables) -> None:
    @app.before_request
    def guard() -> None:
        # No form of another site can send this header without asking first.
        if flask.request.method == "POST" and flask.request.headers.get(_MINE) != "act":
            flask.abort(403, f"the header {_MINE} is missing")

    @app.post("/deliveries/<int:number>/resend")
    def resend(number: int) -> dict[str, Any]:
        return {"number": tables.resend(number)}

    @app.post("/resend")
    def resend_since() -> dict[str, Any]:
        asked = flask.request.get_json()
        since = asked.get("since")
        if isinstance(since, bool) or not isinstance(since, int | float):
            flask.abort(400, "give the time as seconds since the epoch")
        count = tables.resend_since(
            str(asked.get("endpoint")),
            since,
            delivered_too=bool(asked.get("delivered_too")),
        )
        return {"count": count}

    @app.post("/endpoint")
    def endpoint() -> dict[str, Any]:
        asked = flask.request.get_json()
        enabled = bool(asked.get("enabled"))
        tables.enable(str(asked.get("id")), enabled=enabled)
        return {"enabled": enabled}

    @app.post("/notices/<int:newest>/seen")
    def seen(newest: int) -> dict[str, Any]:
        tables.see_notices(newest)
        return {}


def _file(name: str) -> flask.Response:
    folder, mimetype = _FILES[name]
    return flask.send_file(folder / name, mimetype=mimetype)
