"""Tell whether code can use more than its arguments and its memory.

What a clock, chance, a file or another thread gives may differ from call to call. Code
that uses none of them does the same again as long as its memory is the same.
"""

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from labkit.running.ownership import is_learners
from labkit.running.sources import Sources, is_learners_class, names_in

_SAME_AGAIN = {
    *("base64", "binascii", "builtins", "codecs", "collections", "contextlib", "copy"),
    *("dataclasses", "decimal", "email", "enum", "flask", "fractions", "functools"),
    *("hashlib", "hmac", "html", "http", "ipaddress", "itertools", "json", "math"),
    *("operator", "re", "string", "struct", "textwrap", "types", "typing"),
    *("unicodedata", "urllib", "werkzeug"),
}
"""Packages of which each function does the same again.

What these need of C has a name with a line in front, such as `_operator`.
"""

_BUILTINS = {"compile", "eval", "exec", "hash", "id", "input", "open", "__import__"}
"""Built-in functions that don't, or that may run anything."""


def uses_more(sources: Sources) -> bool:
    """Whether a learner's code can use more than its arguments and its memory.

    It can if something that it names is of a package that is not known to do the same
    again.
    """
    named = {name for each in sources.functions for name in names_in(each.__code__)}
    if not sources.functions or named & _BUILTINS:
        return True
    modules = [sys.modules[name] for name in named & sys.modules.keys()]
    values = [
        each.__globals__[name]
        for each in sources.functions
        for name in named & each.__globals__.keys()
    ]
    return not all(map(_does_the_same, (*modules, *values, *sources.reached)))


def _does_the_same(value: Any) -> bool:
    kind = type(value)  # not its own word: a proxy such as flask.request has none now
    if issubclass(kind, FunctionType) and is_learners(value.__code__.co_filename):
        return True
    if is_learners_class(value if issubclass(kind, type) else kind):
        return True
    if issubclass(kind, type) and issubclass(value, BaseException):
        return True
    if issubclass(kind, ModuleType):
        module = value.__name__
    elif issubclass(kind, (FunctionType, BuiltinFunctionType, type)):
        if value.__name__ in _BUILTINS:
            return False
        module = value.__module__ or "builtins"
    else:
        module = kind.__module__
    return str(module).partition(".")[0].removeprefix("_") in _SAME_AGAIN
