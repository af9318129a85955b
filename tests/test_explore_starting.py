"""Starting a receiver over and over: the same routes, for less."""

import gc
import importlib.util
import io
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import pytest
from flask import Flask, url_for
from flask.logging import default_handler
from werkzeug.routing import Rule

from labkit.explore.starting import cheap_starts
from labkit.model import Request
from labkit.transport import AppTransport


def show(page: int) -> str:
    return f"page {page}"


def make_app(greeting: str = "/hello") -> Flask:
    app = Flask("shop")
    app.add_url_rule(f"{greeting}/<name>", "greet", lambda name: f"{greeting} {name}")
    app.add_url_rule("/page/", "first", show, defaults={"page": 1})
    app.add_url_rule("/page/<int:page>", "first", show)
    return app


def addresses(app: Flask) -> list[str]:
    with app.test_request_context():
        return [
            url_for("greet", name="Ada & co", x=1),
            url_for("first", page=1),
            url_for("first", page=2),
            url_for("static", filename="a/b.css"),
        ]


def test_the_routes_of_every_start_are_those_of_a_plain_one() -> None:
    plain = [addresses(make_app()), addresses(make_app("/bonjour"))]
    with cheap_starts():
        for _ in range(3):
            assert [addresses(make_app()), addresses(make_app("/bonjour"))] == plain
            assert make_app().test_client().get("/hello/Ada").text == "/hello Ada"
            assert make_app().test_client().get("/page/").text == "page 1"


def test_a_route_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = Rule._compile_builder
    compiled = []

    def counted(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return real(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    with cheap_starts():
        for _ in range(3):
            make_app()
    assert compiled.count("/hello/<name>") == 2  # with and without unknown arguments
    assert Rule._compile_builder is counted


def test_a_werkzeug_without_that_name_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.explore.starting._COMPILE", "_no_such_name")
    with cheap_starts():
        assert addresses(make_app()) == addresses(make_app())
    assert not hasattr(Rule, "_no_such_name")


def test_a_log_is_written_for_those_who_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Flask("shop")
    written: list[object] = []

    @app.get("/")
    def fail() -> str:
        raise RuntimeError("the warehouse is closed")

    monkeypatch.setattr(default_handler, "emit", written.append)
    monkeypatch.setattr(app.logger, "handlers", [default_handler])
    request = Request("GET", "/", (), b"")
    with cheap_starts():
        assert AppTransport(app).send(request, timeout=1).status == 500
        assert not written
        AppTransport(app, log=io.StringIO()).send(request, timeout=1)
        assert len(written) == 1
    AppTransport(app).send(request, timeout=1)
    assert len(written) == 2


def test_a_module_that_is_missing_is_looked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = importlib.util.find_spec
    asked = []

    def counted(name: str, package: str | None = None) -> ModuleSpec | None:
        asked.append(name)
        return real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", counted)
    plain = make_app().root_path, make_app().instance_path
    asked.clear()
    with cheap_starts():
        for _ in range(3):
            assert (make_app().root_path, make_app().instance_path) == plain
        assert asked.count("shop") == 1
        monkeypatch.setitem(sys.modules, "shop", gc)
        assert importlib.util.find_spec("shop") is gc.__spec__
    assert importlib.util.find_spec is counted
