"""Start the same receiver over and over, and call it, at less cost.

A receiver starts once for every interleaving, every crash and every trial of a check.
Most of what a start costs is not the learner's: Werkzeug compiles two functions for
each route, and Flask looks for a module of the app's name along the whole path. Without
this module an interleaving of lab 07 takes 3.1 ms instead of 2.4. Where a receiver
fails often, a tenth of the time is for tracebacks in a log that nobody reads.
"""

import contextlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from typing import Any

from flask import request
from flask.logging import default_handler
from werkzeug.routing import Rule

from labkit.transport import Nowhere

_COMPILE = "_compile_builder"
"""Werkzeug's own name; where it has none of that name, nothing is kept."""


@contextlib.contextmanager
def cheap_starts() -> Iterator[None]:
    """Keep what was compiled or looked for, and write no log that goes nowhere."""
    with _routes_compiled_once(), _missing_looked_for_once(), _only_logs_for_readers():
        yield


@contextlib.contextmanager
def _routes_compiled_once() -> Iterator[None]:
    real: Callable[..., Any] | None = getattr(Rule, _COMPILE, None)
    if real is None:
        yield
        return
    compiled: dict[tuple[object, ...], Any] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:  # these become part of the function
            return real(rule, append_unknown)
        made_of = (rule.rule, tuple(rule._trace), append_unknown)  # noqa: SLF001 - all that the function is made of
        if made_of not in compiled:
            compiled[made_of] = real(rule, append_unknown)
        return compiled[made_of]

    setattr(Rule, _COMPILE, compile_once)
    try:
        yield
    finally:
        setattr(Rule, _COMPILE, real)


@contextlib.contextmanager
def _only_logs_for_readers() -> Iterator[None]:
    def has_reader(_record: logging.LogRecord) -> bool:
        stream = request.environ["wsgi.errors"] if request else None
        return not isinstance(stream, Nowhere)

    default_handler.addFilter(has_reader)
    try:
        yield
    finally:
        default_handler.removeFilter(has_reader)


@contextlib.contextmanager
def _missing_looked_for_once() -> Iterator[None]:
    real = importlib.util.find_spec
    missing: set[tuple[str, str | None]] = set()

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        if (name, package) in missing and name not in sys.modules:
            return None
        found = real(name, package)
        if found is None:
            missing.add((name, package))
        return found

    importlib.util.find_spec = find_spec
    try:
        yield
    finally:
        importlib.util.find_spec = real
