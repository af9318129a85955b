"""The hub for a class: three learners on a real one, and the numbers to size it by."""

import importlib.util
import json
import re
import runpy
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from packaging.requirements import Requirement
from traitlets.config import Config
from traitlets.config.loader import KVArgParseConfigLoader

from labkit.checks.verdicts import PASSED
from labkit.classroom import LiveClass
from tests import outside

REPOSITORY = Path(__file__).parent.parent
HUB = REPOSITORY / "binder" / "hub"
TEACHING = (REPOSITORY / ".github" / "TEACHING.md").read_text("utf-8")
SUFFIXES = {"M": 1, "G": 1000}


def values() -> Any:
    return yaml.safe_load((HUB / "values.yaml").read_text("utf-8"))


def megabytes(amount: str) -> int:
    return int(amount[:-1]) * SUFFIXES[amount[-1]]


def configuration() -> Any:
    config = Config()
    given = {"get_config": lambda: config}
    runpy.run_path(str(HUB / "jupyterhub_config.py"), init_globals=given)
    return config


def stated(pattern: str) -> int:
    """Return the number that the guide for instructors states in that sentence."""
    found = re.findall(pattern.replace("N", r"(\d+)"), TEACHING)
    assert len(found) == 1, pattern
    return int(found[0])


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub needs POSIX")
def test_three_learners_at_once_get_every_verdict_of_lab_04() -> None:
    if importlib.util.find_spec("jupyterhub") is None:
        outside.missing("needs jupyterhub, which the extra `test` installs")
    outside.node_with_packages(HUB)
    trial = subprocess.run(
        [sys.executable, HUB / "class_of.py", "3", "--json"],
        capture_output=True,
        encoding="utf-8",
        timeout=1500,
    )
    assert trial.returncode == 0, trial.stdout + trial.stderr
    figures = json.loads(trial.stdout)
    assert figures["errors"] == []
    assert figures["verdicts passed"] == 3 * 4
    if sys.platform == "linux":
        # Measured: 188 MB each with three, and at most 202 MB with twenty.
        assert (
            50
            < figures["most memory (MB)"]
            < 1.2 * stated("a learner takes at most N MB")
        )


def test_a_learner_who_gets_no_verdict_is_an_error(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import class_of, learner;"
        "lab = learner.Lab('x', [], ['4.1', '4.2']);"
        "diary = learner.Diary('ada', verdicts={'4.1': ['not attempted', 'passed']});"
        "print(*class_of.summary([diary], lab, {})['errors'])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, HUB], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "ada: 4.2 said nothing:"


def test_a_python_without_jupyterhub_is_told_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import class_of;"
        "class_of.importlib.util.find_spec = lambda name: None;"
        "sys.argv = ['class_of.py', '1']; sys.exit(class_of.main())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, HUB], capture_output=True, text=True
    )
    assert told.returncode == 2
    assert "-r binder/hub/requirements.txt" in told.stderr


def test_the_values_for_kubernetes_follow_the_sizing_rule() -> None:
    learner = values()["singleuser"]
    guarantee = megabytes(learner["memory"]["guarantee"])
    assert guarantee == stated("set aside N MB for each learner")
    assert guarantee > 1.2 * stated("a learner takes at most N MB")
    assert megabytes(learner["memory"]["limit"]) == 1000 * stated("a limit of N GB")
    assert 0 < learner["cpu"]["guarantee"] < learner["cpu"]["limit"]


def test_the_values_pull_the_image_before_the_class_comes_and_cull_after_it() -> None:
    given = values()
    assert given["prePuller"]["hook"]["enabled"]
    assert given["prePuller"]["continuous"]["enabled"]
    assert given["cull"]["enabled"]
    assert given["cull"]["every"] < given["cull"]["timeout"]
    # nbgitpuller fetches into the folder that is kept.
    assert given["hub"]["config"]["KubeSpawner"]["notebook_dir"] == "~"


def test_the_image_of_binder_has_what_the_hub_needs_in_it() -> None:
    wanted = {"jupyter-server-proxy", "nbgitpuller"}
    for folder in (HUB, HUB.parent):
        lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
        names = {Requirement(line).name for line in lines if line[0].isalpha()}
        assert wanted <= names
        assert "." in lines


def test_the_proxy_is_pinned_exactly() -> None:
    wanted = json.loads((HUB / "package.json").read_text("utf-8"))["dependencies"]
    assert set(wanted) == {"configurable-http-proxy"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", wanted["configurable-http-proxy"])


def test_the_configuration_admits_the_accounts_of_the_machine_alone() -> None:
    text = (HUB / "jupyterhub_config.py").read_text("utf-8")
    assert 'authenticator_class = "pam"' in text
    assert "allow_all" not in text
    assert "127.0.0.1" in text


def test_the_class_page_may_use_servers_and_start_or_stop_none() -> None:
    config = configuration()
    (service,) = config.JupyterHub.services
    assert Path(service["command"][1]).exists()
    (role,) = config.JupyterHub.load_roles
    assert role["services"] == [service["name"]]
    assert set(role["scopes"]) == {"list:users", "read:servers", "access:servers"}
    assert config.PAMAuthenticator.admin_groups == {"instructors"}


def class_page(*names: str | None) -> str:
    """Return the page of a class whose learners have passed 4.1."""
    live = LiveClass(clock=lambda: 1e9)
    passed = {
        "4.1": {"outcome": PASSED, "tries": 1, "log": [[1e9, PASSED, None, True]]}
    }
    for number, name in enumerate(names):
        told = {"name": name, "exercises": passed}
        live.hear(f"user-{number}", json.dumps(told).encode())
    return live.page()


def test_a_hub_trial_finds_what_the_class_page_does_not_show() -> None:
    pages = [class_page("Ada Lovelace", None), class_page("Ada Lovelace", "bob"), ""]
    program = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import class_of;"
        "pages = json.load(sys.stdin);"
        "print(*(class_of.wrong_on_the_page(each, 2, 1) for each in pages), sep='\\n')"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, HUB],
        input=json.dumps(pages),
        capture_output=True,
        text=True,
        check=True,
    )
    right, wrong, empty = told.stdout.splitlines()
    assert right == "[]"
    assert "bob with 1" in wrong
    assert "shows []" in empty


def test_no_two_servers_that_start_get_the_same_port() -> None:
    ports = _Ports()
    seen = [ports.next() for _ in range(2_000)]
    assert len(set(seen)) == len(seen)
    # From here on Linux gives them to whoever asks for any; other systems begin higher.
    assert max(seen) < 32_768


def test_a_port_where_somebody_listens_is_passed_over() -> None:
    ports = _Ports()
    first = ports.next()
    with socket.socket() as other:
        other.bind(("127.0.0.1", first + 1 if first < 29_999 else 20_000))
        other.listen()
        assert ports.next() != other.getsockname()[1]


class _Ports:
    """The ports that the hub gives to one server after another."""

    def __init__(self) -> None:
        self._hook = configuration().Spawner.pre_spawn_hook

    def next(self) -> int:
        spawner = SimpleNamespace(port=0)
        self._hook(spawner)
        return int(spawner.port)


@pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub needs POSIX")
def test_a_kernel_has_no_port_that_another_could_take(tmp_path: Path) -> None:
    given = KVArgParseConfigLoader(configuration().Spawner.args).load_config()
    file = str(tmp_path / "kernel.json")
    kernel = ServerKernelManager(config=given, connection_file=file)
    kernel.write_connection_file()
    assert kernel.get_connection_info()["transport"] == "ipc"
