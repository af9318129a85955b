"""Which code can use a clock, chance or a file: it may not do the same again."""

from collections.abc import Callable
from typing import Any

import pytest

from labkit.running.outside import uses_more
from labkit.running.sources import Sources

SAME_AGAIN = [
    "def f(a): return a + 1",
    """
import json, hmac
def f(a): return json.loads(a), hmac.new(b"", a, "md5")
""",
    """
from hmac import compare_digest
def f(a): return compare_digest(a, "b")
""",
    """
KEPT = [{}]
def helper(a): return KEPT[a]
def f(a): return helper(a)
""",
    """
from http.client import HTTPException
class Wrong(ValueError): pass
def f(a):
    try: raise Wrong(a)
    except HTTPException: return 0
""",
    """
from flask import Flask, request
def f(a):
    app = Flask(__name__)
    @app.post("/webhooks")
    def webhooks(): return request.get_json(), 204
    return app
""",
]

MORE = [
    """
import time
def f(a): return time.time()
""",
    """
from time import time as now
def f(a): return now()
""",
    """
import random
rng = random.Random(1)
def f(a): return rng.random()
""",
    """
def f(a):
    import random
    return random.random()
""",
    """
import datetime
def f(a, now=datetime.datetime.now): return now()
""",
    """
import time
CLOCKS = [time.time]
def f(a): return CLOCKS[0]()
""",
    """
import uuid
def make(new): return lambda a: new()
f = make(uuid.uuid4)
""",
    """
import threading
def helper(a): threading.Thread(target=print).start()
def f(a): return helper(a)
""",
    "def f(a): return open(a).read()",
    "def f(a): return id(a)",
    "def f(a): return __import__(a)",
]


def _function(source: str) -> Callable[..., Any]:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "<a learner's cell>", "exec"), space)  # noqa: S102 - a cell
    function: Callable[..., Any] = space["f"]
    return function


@pytest.mark.parametrize("source", SAME_AGAIN)
def test_code_that_uses_only_its_memory_does_the_same_again(source: str) -> None:
    assert not uses_more(Sources([_function(source)]))


@pytest.mark.parametrize("source", MORE)
def test_code_that_uses_more_may_do_something_else(source: str) -> None:
    assert uses_more(Sources([_function(source)]))


def test_code_that_cannot_be_read_may_do_something_else() -> None:
    assert uses_more(Sources([len]))
