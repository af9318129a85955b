"""A learner's folder: the labs in it, and what is kept of the learner's work."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkit import workspace
from labkit.cli.start import start
from labkit.errors import BadSetting
from labkit.exercises import EXERCISES
from labkit.workspace import Written, jupyterlab, packaged_labs, write_labs

REPOSITORY = Path(__file__).parent.parent
LAB = Path("notebooks/04_signatures.ipynb")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "packaged.ipynb"
    file.write_text("first version")
    return file


def test_the_labs_are_written_once_and_then_left_alone(
    tmp_path: Path, source: Path
) -> None:
    folder = tmp_path / "labs"
    assert write_labs(folder, {LAB: source}, version="0.2.0").new == (LAB,)
    assert (folder / LAB).read_text() == "first version"
    again = write_labs(folder, {LAB: source}, version="0.2.0")
    assert (again.new, again.updated, again.beside) == ((), (), ())


def test_a_newer_version_replaces_a_file_that_nobody_changed(
    tmp_path: Path, source: Path
) -> None:
    write_labs(tmp_path, {LAB: source}, version="0.2.0")
    source.write_text("second version")
    assert write_labs(tmp_path, {LAB: source}, version="0.3.0").updated == (LAB,)
    assert (tmp_path / LAB).read_text() == "second version"


def test_a_newer_version_is_written_next_to_a_file_that_the_learner_changed(
    tmp_path: Path, source: Path
) -> None:
    write_labs(tmp_path, {LAB: source}, version="0.2.0")
    (tmp_path / LAB).write_text("my solution")
    assert write_labs(tmp_path, {LAB: source}, version="0.2.0").beside == ()
    source.write_text("second version")
    beside = Path("notebooks/04_signatures-0.3.0.ipynb")
    written = write_labs(tmp_path, {LAB: source}, version="0.3.0")
    assert written.beside == (beside,)
    assert beside.as_posix() in str(written)
    assert (tmp_path / LAB).read_text() == "my solution"
    assert (tmp_path / beside).read_text() == "second version"
    # The newer file may be changed, too.
    (tmp_path / beside).write_text("my second solution")
    write_labs(tmp_path, {LAB: source}, version="0.3.0")
    assert (tmp_path / beside).read_text() == "my second solution"


@pytest.mark.parametrize("damage", ["", "[]", "{"])
def test_without_a_readable_list_of_digests_every_file_counts_as_changed(
    tmp_path: Path, source: Path, damage: str
) -> None:
    write_labs(tmp_path, {LAB: source}, version="0.2.0")
    (tmp_path / ".labkit" / "labs.json").write_text(damage)
    source.write_text("second version")
    write_labs(tmp_path, {LAB: source}, version="0.3.0")
    assert (tmp_path / LAB).read_text() == "first version"


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(
    tmp_path: Path, source: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="name another folder"):
        write_labs(tmp_path / "file", {LAB: source}, version="0.2.0")


def test_an_installation_without_notebooks_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workspace, "installed_notebooks", lambda: iter(()))
    with pytest.raises(BadSetting, match="has no notebooks"):
        packaged_labs()


def test_the_command_writes_the_labs_and_opens_nothing_if_asked(tmp_path: Path) -> None:
    folder = tmp_path / "labs"
    arguments = [str(folder), "--write-only", "--without-solutions"]
    answer = CliRunner().invoke(start, arguments)
    assert answer.exit_code == 0, answer.output
    assert (folder / "notebooks" / "12_night_shift.ipynb").exists()
    assert not (folder / "solutions").exists()


def test_jupyterlab_listens_on_loopback_and_finds_the_settings_of_the_kit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/elsewhere")
    command, environment = jupyterlab(tmp_path, port=9000, browser=False, root=False)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.port=9000" in command
    assert "--no-browser" in command
    assert "--allow-root" not in command
    assert "--allow-root" in jupyterlab(tmp_path, root=True)[0]
    settings, *others = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert others == ["/elsewhere"]
    names = {path.name for path in Path(settings).rglob("*.json")}
    assert names == {"labkit.json", "default_setting_overrides.json"}


def test_jupyterlab_reads_no_grammar_of_addresses_when_it_starts(
    tmp_path: Path,
) -> None:
    """It takes a second of the time that JupyterLab takes to start."""
    command, _ = jupyterlab(tmp_path)
    assert command[1:3] == ["-m", "labkit.extension.server"]
    code = (
        "import sys; from labkit.extension.server import leave_the_grammar_out\n"
        "leave_the_grammar_out(); import jsonschema\n"
        "jsonschema.validate('a', {'format': 'iri'}, format_checker="
        "jsonschema.FormatChecker())\n"
        "print('lark' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "labs",
    [("04_*", "06_*", "11_*"), pytest.param(("*",), marks=pytest.mark.nightly)],
    ids=("three", "all"),
)
def test_the_wheel_holds_the_labs_and_runs_them_in_a_fresh_environment(
    labs: tuple[str, ...], tmp_path: Path
) -> None:
    def run(*command: object) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=1500,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # From a copy, because setuptools leaves files in the folder that it builds from.
    copy = tmp_path / "copy"
    run("git", "clone", "--quiet", REPOSITORY, copy)
    uv = (sys.executable, "-m", "uv")
    run(*uv, "build", "--quiet", "--out-dir", tmp_path / "dist", copy)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {*run("git", "-C", copy, "ls-files", "labkit").splitlines()} <= {*names}
    for folder in ("notebooks", "solutions"):
        found = {n.rpartition("/")[2] for n in names if f"/{folder}/" in n}
        assert {p.name for p in (copy / folder).glob("*.ipynb")} <= found

    python = tmp_path / "venv" / "bin" / "python"
    run(*uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    pins = REPOSITORY / "binder" / "constraints.txt"
    run(*uv, "pip", "install", "--quiet", "--python", python, "-c", pins, wheel)
    run(python, "-m", "labkit.cli.start", "--write-only", "labs")
    script = tmp_path / "run.py"
    script.write_text(RUN_SOLVED)
    found = json.loads(run(python, script, tmp_path / "labs", *labs))
    assert found["errors"] == []
    assert set(found["outcomes"].values()) == {"passed"}
    ran = {each.lab for each in EXERCISES.values() if each.id in found["outcomes"]}
    assert len(ran) == len(labs) or len(found["outcomes"]) == len(EXERCISES)


COLAB = ["ipykernel==6.17.1", "ipywidgets==7.7.1"]
"""What Colab has; its own builds of both are not on the package index."""


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_hosted_notebook_runs_with_the_versions_of_colab(tmp_path: Path) -> None:
    uv = (sys.executable, "-m", "uv")
    python = tmp_path / "venv" / "bin" / "python"
    # From a copy, because setuptools leaves files in the folder that it builds from.
    copy = tmp_path / "copy"
    venv = (*uv, "venv", "--quiet", "--python", python_of_colab(), "--seed")
    for command in (
        ("git", "clone", "--quiet", REPOSITORY, copy),
        (*venv, tmp_path / "venv"),
        (*uv, "pip", "install", "--quiet", "--python", python, copy, *COLAB),
    ):
        words = [str(word) for word in command]
        done = subprocess.run(words, capture_output=True, text=True, timeout=1500)
        assert done.returncode == 0, done.stderr
    script = tmp_path / "run.py"
    script.write_text(RUN_HOSTED)
    # The first lab, one with many widgets, and the longest.
    labs = ("00_start_here", "06_retries", "12_night_shift")
    hosted = [REPOSITORY / ".github" / "hosted" / f"{lab}.ipynb" for lab in labs]
    done = subprocess.run(
        [python, "-W", "ignore", script, *hosted],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [path.stem for path in hosted]


def python_of_colab() -> str:
    """Return a Python 3.12, which Colab has; without one, that of the tests."""
    found = shutil.which("python3.12")
    # pyenv puts a program there that ends at once if it has no Python 3.12 to start.
    works = found and subprocess.run([found, "-V"], capture_output=True).returncode == 0
    return found if found and works else sys.executable


# The kit is installed already, so pip has nothing to fetch.
RUN_HOSTED = """
import sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient

for name in sys.argv[1:]:
    NotebookClient(nbformat.read(name, as_version=4), timeout=120).execute()
    print(Path(name).stem)
"""


RUN_SOLVED = """
import asyncio, json, sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient

folder, errors, outcomes = Path(sys.argv[1]), [], {}
first = nbformat.read(folder / "notebooks" / "00_start_here.ipynb", as_version=4)
NotebookClient(first, resources={"metadata": {"path": folder / "notebooks"}}).execute()
names = [f"solutions/{lab}.ipynb" for lab in sys.argv[2:]]
for path in sorted(path for name in names for path in folder.glob(name)):
    solved = nbformat.read(path, as_version=4)
    solved.cells.append(nbformat.v4.new_code_cell(
        "import json; from labkit.learner import progress; "
        "print(json.dumps({k: v.get('outcome') for k, v in progress.read().items()}))"))
    here = {"metadata": {"path": folder / "solutions"}}
    NotebookClient(solved, resources=here, allow_errors=True).execute()
    for cell in solved.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and (
                "raises-exception" not in cell.metadata.get("tags", ())
            ):
                errors.append(f"{path.name}: {output.ename}: {output.evalue}")
    outcomes |= json.loads(solved.cells[-1].outputs[-1]["text"])
print(json.dumps({"errors": errors, "outcomes": outcomes}))
"""


def test_what_was_written_is_counted_in_words() -> None:
    one, two = Path("notebooks/a.ipynb"), Path("notebooks/b.ipynb")
    assert str(Written(Path("labs"), (one,))) == "1 file written to labs"
    assert str(Written(Path("labs"), (one, two))) == "2 files written to labs"
