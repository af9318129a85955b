"""How the tests are shared out among processes: the longest first.

Tests of a file stay together, because many share a server or a browser, and so do the
cells of a notebook. The files of INDEPENDENT share nothing, and take so long that each
of their tests goes by itself.
"""

import functools
import gc
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import pytest

from labkit.learner import progress
from labkit.signing import keypairs
from tests import affected

if TYPE_CHECKING:
    from tests.pages import Browser

BEGAN = time.monotonic()

# Collecting makes a hundred thousand objects and drops few of them. Without collections
# in between it takes 0.7 s less of processor time, in each process.
gc.disable()

# On a busy machine hypothesis is slow, which is no fault of the kit. In a browser this
# profile is replaced: see tests/pyodide/pure.py.
hypothesis.settings.register_profile(
    "kit",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("kit")

INDEPENDENT = [
    *("test_notebooks.py", "test_content.py"),
    *("test_lab07.py", "test_explore.py", "test_lab12.py", "test_portability.py"),
    *("test_load.py", "test_mutants.py"),
]
# They share one JupyterLab, so they go to one process.
TOGETHER = {"test_playground_page.py": "test_beside.py"}
# Those that wait for servers and browsers come among those that compute. The notebooks
# take 45 s of processor time in one process. The next line has those of `make test-all`
# that take minutes.
LONGEST = [
    "test_solutions.py",
    *("test_site.py", "test_pyodide.py", "test_real_senders.py", "test_workspace.py"),
    *("test_lab13.py", "test_hub.py", "test_nbgrader.py", "test_mutants.py"),
    *("test_examine.py", "test_beside.py"),
    *("test_playground_page.py", "test_inspector_page.py", "test_examine_races.py"),
    *("test_examine_sender.py", "test_own_code.py", "test_copies.py"),
    *("test_pytest_plugin.py", "test_examine_life.py"),
    *("test_outputs_vscode.py", "test_outputs_page.py", "test_clicks.py"),
    *("test_probe_truth.py", "test_sns.py", "test_faketime.py"),
    *("test_explore_complete.py", "test_restarted.py", "test_explore_shared.py"),
    *("test_same_object.py", "test_examine_waits.py"),
    *("test_content.py", "test_lab07.py", "test_receiver.py"),
    *("test_explore.py", "test_kernel.py", "test_lab12.py", "test_portability.py"),
    *("test_load.py", "test_workflows.py", "test_recipes.py"),
    *("test_classroom_page.py", "test_layout.py", "test_bench.py"),
]
# The kernels of the notebooks wait, and mutants compute, so these files take turns.
MIXED = ("test_mutants.py", "test_notebooks.py")


ROOT = affected.ROOT
EXTENSION = ROOT / "labkit/extension/jupyter/jupyter_server_config.d/labkit.json"

DISTANCES = pytest.StashKey[dict[str, int]]()
LABS = pytest.StashKey[list[str]]()
LAST_START = pytest.StashKey[float]()


class JupyterLab(NamedTuple):
    """A server: the folder that it serves, and its address with the token."""

    root: Path
    address: str


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "run only the tests that a change affects; see tests/affected.py"
    parser.addoption("--affected", action="store_true", help=text)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--affected"):
        changed = affected.changed_files()
        config.stash[DISTANCES] = affected.distances(changed)
        config.stash[LABS] = affected.labs(changed)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that a change does not affect."""
    if DISTANCES not in config.stash or collection_path.is_dir():
        return None
    path = collection_path.relative_to(affected.ROOT).as_posix()
    return path not in config.stash[DISTANCES] or None


@pytest.hookimpl(wrapper=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Order the tests, the longest first.

    nbval's own runs of the notebooks are for `make test-nightly`: test_solutions.py
    compares the same outputs with nbval's functions.
    """
    items.sort(key=_place)
    if DISTANCES in config.stash:
        distances, labs = config.stash[DISTANCES], config.stash[LABS]
        items.sort(key=lambda item: distances[f"tests/{item.path.name}"])
        items.sort(key=lambda item: not any(lab in item.name for lab in labs))
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.nightly)
    yield
    if DISTANCES not in config.stash:
        turns = _turns(items)
        items.sort(key=lambda item: (_place(item), turns.get(item, 0.0)))


def _place(item: pytest.Item) -> int:
    """Return the place of a test's file in LONGEST; all of MIXED have the same one."""
    name = MIXED[0] if item.path.name in MIXED else item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def _turns(items: list[pytest.Item]) -> dict[pytest.Item, float]:
    """Return for each test of MIXED what part of its file comes before it."""
    turns: dict[pytest.Item, float] = {}
    for name in MIXED:
        own = [item for item in items if item.path.name == name]
        turns |= {item: number / len(own) for number, item in enumerate(own)}
    return turns


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, hand out the tests of INDEPENDENT one by one."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    class Shares(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = Path(super()._split_scope(nodeid))
            if file.name in INDEPENDENT:
                return nodeid
            return str(file.with_name(TOGETHER.get(file.name, file.name)))

    return Shares(config, log)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """The one browser of this process."""
    from tests.pages import Browser

    opened = Browser.start()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def browser(chromium: "Browser") -> "Browser":
    """A new page for the tests of a file."""
    return chromium.renewed(chromium)


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """A JupyterLab with the labs and the kit's extension, for the files of TOGETHER."""
    from tests import outside

    folder = tmp_path_factory.mktemp("jupyterlab")
    root, settings = folder / "root", folder / "settings"
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    switched_on = settings / "config" / "jupyter_server_config.d"
    switched_on.mkdir(parents=True)
    shutil.copy(EXTENSION, switched_on)
    with outside.jupyterlab(root, settings) as address:
        yield JupyterLab(root, address)


@pytest.fixture
def few_further_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each search for a second preemption or crash in lab 07 try one history.

    It would use up the time of the check. What it does then is tested in
    test_lab07.py, which searches the right solutions to the end.
    """
    from labkit.checks.judging import SECONDS
    from labkit.exercises.lab07_idempotency import exploring

    monkeypatch.setattr(exploring, "RESERVE", SECONDS)
    monkeypatch.setattr(exploring, "LEAST", 0.0)


@pytest.fixture
def same_rsa_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make up the same RSA key for the same `rng`, as keys of other algorithms are.

    A new one takes 0.1 s of processor time, and some files would make up fifty.
    """

    def make(algorithm: str, rng: random.Random) -> str:
        is_rsa = algorithm.startswith("rsa")
        return _rsa_key(rng.random()) if is_rsa else make_key(algorithm, rng)

    make_key = keypairs.make
    monkeypatch.setattr(keypairs, "make", make)


@functools.cache
def _rsa_key(number: float, make: Callable[..., str] = keypairs.make) -> str:
    return make(keypairs.RSA_256, random.Random(number))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let full collections skip the thousands of tests: each would take 0.3 s."""
    session.config.stash[LAST_START] = affected.last_start(BEGAN, time.monotonic())
    gc.freeze()
    gc.enable()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no test in `make quick` when its time is over.

    What a test before this one has noted in memory is forgotten.
    """
    progress._memory.clear()
    stash = item.config.stash
    if DISTANCES in stash and time.monotonic() > stash[LAST_START]:
        pytest.skip("there was no time left for it; `make test` runs it")
