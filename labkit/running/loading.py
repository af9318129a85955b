"""Load a Flask app by its name, as a command line or a notebook gives it."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from labkit.errors import AppNotLoaded


def load_app(name: str) -> Any:
    """Return the app that `name` stands for: "shop:app" or "shop.py:make_app".

    A function without arguments is called for the app. Raises AppNotLoaded with the
    line that failed, whatever the module did when it was imported.
    """
    module_name, colon, attribute = name.rpartition(":")
    if not colon or not attribute.isidentifier():
        raise AppNotLoaded(
            f"{name!r} names no app; write the module or file, a colon, and the name "
            'of the app or of the function that makes it, like "shop.py:make_app"'
        )
    try:
        module = _imported(module_name)
    except AppNotLoaded:
        raise
    except (Exception, SystemExit) as error:
        raise AppNotLoaded(
            f"{module_name} fails when it is imported: {_place(error)}"
            f"{type(error).__name__}: {error}; run it by itself to see the whole"
        ) from error
    found = getattr(module, attribute, None)
    if not callable(found):
        names = [each for each in vars(module) if not each.startswith("_")]
        raise AppNotLoaded(
            f"{module_name} has no app {attribute!r}; it has {', '.join(names[:9])}"
        )
    return found if hasattr(found, "wsgi_app") else _made(found, name)


def _made(make_app: Any, name: str) -> Any:
    try:
        app = make_app()
    except (Exception, SystemExit) as error:
        raise AppNotLoaded(
            f"{name} fails: {_place(error)}{type(error).__name__}: {error}"
        ) from error
    if not callable(app):
        raise AppNotLoaded(f"{name} returned {app!r:.60}, which is no app")
    return app


def _imported(name: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = Path(name)
    if not path.is_file():
        raise AppNotLoaded(f"there is no file {name} in {Path.cwd()}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise AppNotLoaded(f"{name} can't be imported as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    file = Path(trace.tb_frame.f_code.co_filename).name
    return f"line {trace.tb_lineno} of {file}, "
