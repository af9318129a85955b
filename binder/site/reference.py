"""Write the API reference from the docstrings: one page per public package of labkit.

    python binder/site/reference.py FOLDER

It needs pdoc and what labkit imports; `build.py` installs both with the site's tools.
The pages ask no other server. Of a package they show the names in its `__all__`. What
only the kit itself uses is left out, and so is what would give an exercise away.
"""

import hashlib
import importlib
import inspect
import pkgutil
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pdoc
import pdoc.doc
import pdoc.docstrings
import pdoc.render

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path.insert(0, str(REPOSITORY))

INTERNAL = {
    *("arguments", "beside", "build", "classroom", "cli", "demo", "drawing"),
    *("extension", "faketime", "learner", "load", "playground", "pytest_plugin"),
    *("running", "workspace"),
}
"""What no reader imports: commands, plugins, and parts that other packages use."""


LONGEST_VALUE = 100
"""How many characters of a value a page shows."""


_FILE = re.compile(r"^\S+\.(?:py|js|css|html)  +\S", re.MULTILINE)
_CONVERT = pdoc.docstrings.convert

_STRONGER = {
    "#008[08]00": "#006b00",
    "#aa22ff": "#8400cc",
    "#cb3f38": "#a3302a",
    "#a45a77": "#87435f",
}
"""Colours of pdoc that are too pale for their ground, and what replaces them."""

_STYLE = """
main.pdoc a:not(.headerlink) { text-decoration: underline; }
.attribution, .pdoc .attribution { color: #4d5358; opacity: 1; }
.pdoc .attr { overflow-x: visible; overflow-wrap: anywhere; }
.pdoc .param, .pdoc .return-annotation { white-space: pre-wrap; }
.pdoc pre { white-space: pre-wrap; overflow-x: visible; overflow-wrap: anywhere; }
.pdoc table { overflow-wrap: anywhere; }
"""


def public_modules() -> list[str]:
    """Return `labkit` and those of its modules that a reader may import, sorted."""
    labkit = importlib.import_module("labkit")
    found = (
        module.name
        for module in pkgutil.iter_modules(labkit.__path__)
        if module.name not in INTERNAL
    )
    return ["labkit", *(f"labkit.{name}" for name in sorted(found))]


def write(folder: Path) -> list[str]:
    """Write the pages into the folder, and return the modules that they describe.

    `index.html` leads to the first page, and the search works without a server. Raises
    RuntimeError if pdoc warns, for example about an annotation that it can't resolve.
    """
    modules = public_modules()
    pdoc.doc.Variable.default_value_str = property(_short_value)  # type: ignore[assignment]  # pdoc caches it
    pdoc.docstrings.convert = _with_lists_as_code  # type: ignore[assignment]  # cached
    pdoc.render.configure(
        docformat="markdown", footer_text="Webhook Lab", show_source=False
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        pdoc.pdoc(*modules, "!labkit\\.[^.]+\\.", output_directory=folder)
    if said:
        raise RuntimeError("\n".join(str(warning.message) for warning in said))
    _finish(folder)
    return modules


def _with_lists_as_code(docstring: str, *others: Any) -> str:
    """Convert a docstring in which a list of files is set as it was written."""
    return _CONVERT(_FILE.sub(r"    \g<0>", docstring), *others)


def _readable(page: str) -> str:
    """Let a page be used with a screen reader and with a keyboard."""
    page = re.sub(
        r'<a class="headerlink" href="#([^"]+)"',
        r'\g<0> aria-label="Link to \1"',
        page,
    )
    page = page.replace("<h5>", "<h3>").replace("</h5>", "</h3>")
    return page.replace("</head>", f"<style>{_STYLE}</style></head>")


def _finish(folder: Path) -> None:
    """Put the styles, which pdoc writes into every page, into files of their own."""
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)

        def link(found: re.Match[str], up: str = up) -> str:
            style = found[1]
            for pale, strong in _STRONGER.items():
                style = re.sub(pale, strong, style, flags=re.IGNORECASE)
            name = f"style-{hashlib.sha256(style.encode()).hexdigest()[:8]}.css"
            (folder / name).write_text(style, "utf-8")
            return f'<link rel="stylesheet" href="{up}{name}">'

        text = _readable(page.read_text("utf-8"))
        shared = re.sub(r"<style>(.*?)</style>", link, text, flags=re.DOTALL)
        page.write_text(shared, "utf-8")


def _short_value(variable: pdoc.doc.Variable) -> str:
    """Return a variable's value, or nothing for one that a page is too small for.

    The exercises, with their hints, are such a value.
    """
    if variable.default_value is inspect.Signature.empty:
        return ""
    try:
        value = repr(variable.default_value)
    except Exception:  # noqa: BLE001 - anything may be a value
        return ""
    # An address in memory would differ in every build.
    return "" if len(value) > LONGEST_VALUE or " at 0x" in value else value


if __name__ == "__main__":
    write(Path(sys.argv[1]))
