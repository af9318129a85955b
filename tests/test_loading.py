"""An app that can't be loaded is said in one sentence, with the line."""

from pathlib import Path

import pytest

from labkit.errors import AppNotLoaded
from labkit.running.loading import load_app

pytestmark = pytest.mark.pure

GOOD = "from flask import Flask\napp = Flask('shop')\ndef make_app():\n    return app\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("name", ["shop1.py:app", "shop1.py:make_app", "shop1:app"])
def test_an_app_is_loaded_by_file_or_module(name: str) -> None:
    Path("shop1.py").write_text(GOOD)
    assert load_app(name).name == "shop"


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("x = 1\nimport nothing_of_that_name\n", "a.py:app", "line 2 of a.py"),
        ("def broken(:\n", "b.py:app", "SyntaxError"),
        ("exit()", "c.py:app", "SystemExit"),
        ("import sys; sys.exit(3)", "d.py:app", "line 1 of d.py, SystemExit: 3"),
        ("x = 1", "e.py:app", "has no app 'app'; it has x"),
        ("def make_app():\n    pass", "f.py:make_app", "returned None"),
        ("def make_app():\n    1 / 0", "g.py:make_app", "line 2 of g.py"),
        ("", "h.py", 'like "shop.py:make_app"'),
        ("", "nowhere.py:app", "there is no file nowhere.py"),
        ("", "no_such_module:app", "ModuleNotFoundError"),
    ],
)
def test_what_fails_is_said_with_its_line(code: str, name: str, says: str) -> None:
    if not name.startswith("nowhere"):
        Path(name.partition(":")[0]).write_text(code)
    with pytest.raises(AppNotLoaded) as caught:
        load_app(name)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
