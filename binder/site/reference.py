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

import pdoc
import pdoc.doc
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
    pdoc.render.configure(
        docformat="markdown", footer_text="Webhook Lab", show_source=False
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        pdoc.pdoc(*modules, "!labkit\\.[^.]+\\.", output_directory=folder)
    if said:
        raise RuntimeError("\n".join(str(warning.message) for warning in said))
    _share_styles(folder)
    return modules


def _share_styles(folder: Path) -> None:
    """Put the styles, which pdoc writes into every page, into files of their own."""
    for page in folder.rglob("*.html"):
        up = "../" * (len(page.relative_to(folder).parts) - 1)

        def link(found: re.Match[str], up: str = up) -> str:
            style = found[1]
            name = f"style-{hashlib.sha256(style.encode()).hexdigest()[:8]}.css"
            (folder / name).write_text(style, "utf-8")
            return f'<link rel="stylesheet" href="{up}{name}">'

        text = page.read_text("utf-8")
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
