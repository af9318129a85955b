"""The shape of the project: what lies where, who imports what, what is exported."""

import ast
import fnmatch
import functools
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import labkit
from tests.imports import cycles_in, imports_of, tree_of

REPOSITORY = Path(__file__).parent.parent

TOP_LEVEL = {
    "LICENSE",
    "Makefile",
    "README.md",
    "binder",
    "labkit",
    "notebooks",
    "pyproject.toml",
    "solutions",
    "tests",
}
DOT_NAMES = {
    ".ci",
    ".devcontainer",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
}

LOCK_FILES = {
    "Pipfile.lock",
    "package-lock.json",
    "pdm.lock",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
}

# Written so that this file does not find itself.
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.]npm|npmjs[.]org")
HOME = re.compile(r"/(?:root|home|Users)/\w")

# A heavy or outside package, and the modules of labkit that may import it.
DOORS = {
    "click": {"cli"},
    "hypothesis": {"probes"},
    "ipywidgets": {"widgets"},
    "jupytext": {"build"},
    "locust": {"load"},
    "nbclient": {"build"},
    "nbformat": {"build", "extension"},  # a Jupyter server has it
    "pyngrok": {"tunnel"},
    "simpy": {"sender"},
    "waitress": {"transport", "build"},
}
NOT_AT_IMPORT = [
    "gevent",
    "hypothesis",
    "ipywidgets",
    "jupytext",
    "locust",
    "nbformat",
    "pyngrok",
]


def ignored(name: str) -> bool:
    patterns = (REPOSITORY / ".gitignore").read_text().split()
    return any(fnmatch.fnmatch(name, pattern.strip("/")) for pattern in patterns)


def files_of_the_project(folder: Path = REPOSITORY) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name == ".git" or ignored(path.name):
            continue
        if path.is_dir():
            yield from files_of_the_project(path)
        else:
            yield path


@functools.cache
def imported_packages(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_the_top_level_holds_what_the_design_allows() -> None:
    names = {path.name for path in REPOSITORY.iterdir() if not ignored(path.name)}
    visible = {name for name in names if not name.startswith(".")}
    assert visible == TOP_LEVEL
    assert names - visible - {".git"} == DOT_NAMES


def test_no_file_holds_a_registry_address_or_a_path_of_one_machine() -> None:
    found = []
    for file in files_of_the_project():
        text = file.read_bytes().decode(errors="ignore")
        found += [
            f"{file.relative_to(REPOSITORY)}: {match[0]}"
            for pattern in (REGISTRY, HOME, re.compile(re.escape(str(REPOSITORY))))
            for match in pattern.finditer(text)
        ]
    assert found == []


def test_there_is_no_lock_file() -> None:
    names = {file.name for file in files_of_the_project()}
    assert names & LOCK_FILES == set()


@pytest.mark.parametrize("package", sorted(DOORS))
def test_a_package_comes_in_through_its_own_door(package: str) -> None:
    root = REPOSITORY / "labkit"
    modules = {
        file.relative_to(root).parts[0].removesuffix(".py")
        for file in root.rglob("*.py")
        if package in file.read_text("utf-8") and package in imported_packages(file)
    }
    assert modules <= DOORS[package]


@pytest.fixture(scope="module")
def imported() -> tuple[list[str], list[str]]:
    """What `from labkit import *` loads, and the names that it defines."""
    modules, names = python(
        "from labkit import *; names = set(dir()) - {'__builtins__'}; "
        "import sys; print(*sys.modules); print(*sorted(names))"
    ).splitlines()
    return modules.split(), names.split()


def test_import_labkit_leaves_the_heavy_packages_alone(
    imported: tuple[list[str], list[str]],
) -> None:
    loaded, _ = imported
    assert "labkit.model" in loaded
    assert set(loaded).isdisjoint(NOT_AT_IMPORT)


def test_the_exported_names_are_sorted_and_nothing_leaks(
    imported: tuple[list[str], list[str]],
) -> None:
    _, names = imported
    public = [name for name in names if not name.startswith("__")]
    assert labkit.__all__ == sorted(labkit.__all__) == dir(labkit) == public


# How things are called

# Words of the table of names in the guide for contributors that have no other meaning.
GIVEN_UP = re.compile(r"\b(?:student|teacher|carrier|toxic)s?\b", re.IGNORECASE)


def test_no_text_uses_a_word_that_the_table_of_names_gives_up() -> None:
    texts = (*(REPOSITORY / "labkit").rglob("*.py"), *REPOSITORY.glob("solutions/*.py"))
    found = [
        f"{file.relative_to(REPOSITORY)}: {match[0]}"
        for file in (*texts, REPOSITORY / "README.md")
        for match in GIVEN_UP.finditer(file.read_text("utf-8"))
    ]
    assert found == []


# For a receiver and for a sender; and a delivery as the dashboard reads it.
SAME_TWICE = {"Delivery", "Judgement", "Probe"}


def test_a_class_of_the_table_of_names_is_defined_once() -> None:
    guide = (REPOSITORY / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    table = re.findall(r"^\| [a-z].*\|$", guide.partition("## Names")[2], re.MULTILINE)
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", "\n".join(table)))
    files = (REPOSITORY / "labkit").rglob("*.py")
    code = "\n".join(file.read_text("utf-8") for file in files)
    defined = re.findall(r"^ *class (\w+)", code, re.MULTILINE)
    aliases = {"Case"}
    counts = {name: defined.count(name) for name in named - aliases}
    assert {name for name, count in counts.items() if count == 2} == SAME_TWICE
    assert {counts[name] for name in counts.keys() - SAME_TWICE} == {1}


# Who imports whom

LOOSE_AT_MOST = 14


def layers() -> list[set[str]]:
    """Return the layers that import-linter enforces, the lowest first."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return [set(re.findall(r"\w+", line)) for line in reversed(contract["layers"])]


def layer_of(module: str) -> int:
    names = [name for name, layer in enumerate(layers()) if module in layer]
    (place,) = names
    return place


def test_the_layers_are_drawn_as_they_are_enforced() -> None:
    drawn = re.findall(r"^    \w+ +([\w, ]+)$", labkit.__doc__ or "", re.MULTILINE)
    names = [line.split(", ") for line in drawn]
    assert sorted(itertools.chain(*names)) == sorted(itertools.chain(*layers()))
    places = [[layer_of(name) for name in line] for line in names]
    for lower, higher in itertools.pairwise(places):
        assert max(lower) < min(higher)


def test_few_modules_are_in_no_package() -> None:
    loose = [path.name for path in (REPOSITORY / "labkit").glob("*.py")]
    assert len(set(loose) - {"__init__.py"}) <= LOOSE_AT_MOST


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycles_in(imports_of(REPOSITORY / "labkit")) == []


def test_no_module_imports_a_higher_one_by_its_name() -> None:
    upward = [
        str(each)
        for each in imports_of(REPOSITORY / "labkit")
        if each.by_name
        and layer_of(each.imported.split(".")[1])
        >= layer_of(each.importer.split(".")[1])
    ]
    assert upward == []


@pytest.mark.parametrize(
    "code",
    [
        "import pack.b",
        "from pack import b",
        "from pack.b import name",
        "if TYPE_CHECKING:\n    from pack.b import name",
        "def f():\n    from pack.b import name",
        'def f():\n    importlib.import_module("pack.b")',
        'def f():\n    __import__("pack.b")',
    ],
)
def test_a_cycle_is_found_in_each_form_of_an_import(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "a.py").write_text(code)
    (package / "b.py").write_text("from pack import c")
    (package / "c.py").write_text("from pack import a")
    (package / "d.py").write_text("from pack import a")
    assert cycles_in(imports_of(package)) == [("pack.a", "pack.b", "pack.c")]
