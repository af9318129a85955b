"""The built site in a real browser: labs that run in the reader's own Python.

Where the system lets us, the browser and the file server are alone in a network
namespace without any network.
"""

import functools
import gzip
import html
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.exercises import EXERCISES
from labkit.faults import LoseResponse
from tests import outside
from tests.pages import Browser
from tests.test_beside import RIGHT, WRONG

HERE = Path(__file__).parent / "browser"
REPOSITORY = HERE.parents[1]
BUILDER = REPOSITORY / "binder" / "site"

MEGABYTES = 50
"""What the site may take in a learner's browser."""

NO_NETWORK = ["unshare", "--net", "--map-root-user"]
WITH_LOOPBACK = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]

ENDLESS = """\
def greet(event):
    while True:
        pass


check("0.1", greet)"""

GREETS = """\
def greet(event):
    return f"Hello, {event['data']['name']}"


check("0.1", greet)"""

VISITS: list[dict[str, object]] = [
    {
        "notebook": "notebooks/00_start_here.ipynb",
        "cell": 'check("0.1", greet)',
        "answers": [ENDLESS, GREETS],
    },
    {
        "notebook": "notebooks/02_endpoint.ipynb",
        "cell": 'check("2.1", make_app)',
        "answers": [WRONG, RIGHT],
    },
    {"notebook": "notebooks/04_signatures.ipynb"},
    {"notebook": "notebooks/06_retries.ipynb", "slider": "LoseResponse"},
]


# On a busy machine with slow cores it takes ten times as long as on an idle one.
pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outside.gather_wheels(outside.WHEELS)
    folder = tmp_path_factory.mktemp("site") / "site"
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, BUILDER / "build.py", "--output", folder],
        capture_output=True,
        text=True,
        timeout=1500,
    )
    if run.returncode:
        outside.missing(f"the site could not be built: {run.stderr[-2000:]}")
    print(f"\nbuilt in {time.monotonic() - began:.0f} s", end="")
    return folder


@pytest.fixture(scope="module")
def exposed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the site with what the eyes of lab.mjs need.

    A browser's own routes would miss what the service worker fetches.
    """
    copy = tmp_path_factory.mktemp("exposed") / "site"
    shutil.copytree(site, copy)
    settings = json.loads((copy / "jupyter-lite.json").read_text())
    settings["jupyter-config-data"] |= {
        "exposeAppInBrowser": True,
        "settingsOverrides": {
            "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}
        },
    }
    (copy / "jupyter-lite.json").write_text(json.dumps(settings))
    return copy


@pytest.fixture(scope="module")
def visits(exposed: Path) -> dict[str, Any]:
    node = outside.node_with_packages(HERE)
    task = {"site": str(exposed), "python": sys.executable, "labs": VISITS}
    run = subprocess.run(
        [*alone(), node, HERE / "site.mjs", json.dumps(task)],
        env=os.environ | {"CHROMIUM": outside.chromium()},
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    pages = [json.loads(line) for line in run.stdout.splitlines()]
    for page in pages:
        times = {key: page[key] / 1000 for key in ("shown", "first", "done")}
        print(f"\n{page['notebook']}: {times} s", end="")
    return {str(page["notebook"])[10:12]: page for page in pages}


def alone() -> list[str]:
    """Return the words that run a program without a network, if that is permitted."""
    if not shutil.which("unshare"):
        return []
    words = [*NO_NETWORK, *WITH_LOOPBACK]
    return words if subprocess.run([*words, "true"]).returncode == 0 else []


def files_for_labs(site: Path) -> list[Path]:
    """Return what a learner's browser keeps: all but the API reference."""
    lists = ("contents", "translations")  # JupyterLite's own, in the same folder
    return [
        file
        for file in site.rglob("*")
        if file.is_file()
        and (
            site / "api" not in file.parents
            or file.relative_to(site / "api").parts[0] in lists
        )
    ]


def test_the_site_is_small_and_holds_every_notebook(site: Path) -> None:
    size = sum(file.stat().st_size for file in files_for_labs(site))
    print(f"\n{size / 1e6:.1f} MB", end="")
    assert size < MEGABYTES * 1e6
    for folder in ("notebooks", "solutions"):
        ours = {file.name for file in (REPOSITORY / folder).glob("*.ipynb")}
        assert {file.name for file in (site / "files" / folder).iterdir()} == ours
    # JupyterLite leaves notebooks of its own beside its apps.
    others = [
        file for file in site.rglob("*.ipynb") if site / "files" not in file.parents
    ]
    assert others == []


def test_what_a_cell_has_printed_is_one_text(site: Path) -> None:
    """JupyterLite puts a comma between the lines of a list."""
    printed = [
        output["text"]
        for file in (site / "files" / "solutions").glob("*.ipynb")
        for cell in json.loads(file.read_text())["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    ]
    assert len(printed) > 20
    assert {type(text) for text in printed} == {str}


def test_the_kernel_is_told_to_load_from_the_site_alone(site: Path) -> None:
    settings = json.loads((site / "jupyter-lite.json").read_text())
    plugins = settings["jupyter-config-data"]["litePluginSettings"]
    kernel = plugins["@jupyterlite/pyodide-kernel-extension:kernel"]
    assert kernel["pyodideUrl"] == "./static/pyodide/start.mjs"
    assert kernel["disablePyPIFallback"] is True
    lock = json.loads((site / "static" / "pyodide" / "pyodide-lock.json").read_text())
    for package in lock["packages"].values():
        assert set(package["depends"]) <= set(lock["packages"])
    # All their files are in one archive.
    archive = gzip.decompress((site / "static/pyodide/site-packages.bin").read_bytes())
    start = 4 + int.from_bytes(archive[:4], "little")
    index = dict(json.loads(archive[4:start]))
    assert {"flask/__init__.py", "labkit/__init__.py"} <= index.keys()
    assert start + sum(index.values()) == len(archive)
    assert set(kernel["loadPyodideOptions"]["packages"]) == set(lock["packages"])


def test_cells_have_line_numbers_and_file_names_have_room(site: Path) -> None:
    config = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    settings = config["settingsOverrides"]
    tracker = settings["@jupyterlab/notebook-extension:tracker"]
    assert tracker["codeCellConfig"]["lineNumbers"] is True
    browser = settings["@jupyterlab/filebrowser-extension:browser"]
    assert browser["showLastModifiedColumn"] is False


def test_the_api_reference_describes_what_a_lab_imports(site: Path) -> None:
    page = (site / "api" / "labkit" / "faults.html").read_text()
    assert 'id="LoseResponse"' in page
    assert LoseResponse.__doc__ is not None
    assert LoseResponse.__doc__.splitlines()[0] in html.unescape(page)
    assert 'id="simulate"' in (site / "api" / "labkit.html").read_text()
    hints = EXERCISES["4.2"].hints
    assert hints[0] not in html.unescape((site / "api" / "search.js").read_text())


@pytest.mark.parametrize(
    "pages",
    [
        ("errors", "faults", "sender", "signing", "widgets"),
        pytest.param(("*",), marks=pytest.mark.nightly),
    ],
    ids=("five", "all"),
)
def test_axe_finds_no_fault_in_the_api_reference(
    pages: tuple[str, ...], site: Path, browser: Browser
) -> None:
    found = {}
    files = [file for each in pages for file in site.glob(f"api/labkit/{each}.html")]
    for page in files:
        faults = browser.do(
            "await page.goto(url); await page.evaluate(axe);"
            "const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];"
            "const run = await page.evaluate((r) => axe.run({runOnly: r}), rules);"
            "if (!run.passes.length) throw Error('axe saw nothing');"
            "return run.violations.map(({id, nodes}) => `${id} ${nodes[0].html}`);",
            url=page.as_uri(),
        )
        found[page.name] = faults
    assert len(found) == len(pages) or len(found) > 20
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_the_api_reference_is_no_wider_than_a_narrow_window(
    site: Path, browser: Browser
) -> None:
    browser.do("await page.setViewportSize({width: 420, height: 900});")
    wide = {}
    for page in sorted((site / "api").glob("**/*[!x].html")):
        wide[page.name] = browser.do(
            "await page.goto(url);"
            "return await page.evaluate("
            "() => document.documentElement.scrollWidth);",
            url=page.as_uri(),
        )
    browser.do("await page.setViewportSize({width: 1200, height: 800});")
    assert wide
    assert {name: width for name, width in wide.items() if width > 420} == {}


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site's address on a file server."""
    handler = functools.partial(QuietHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """One that logs nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


OPEN_NARROW = """
page.setDefaultTimeout(600_000);
await page.setViewportSize({width: 420, height: 900});
await page.goto(url);
await page.locator(".jp-NotebookPanel .jp-Cell").first().waitFor();
await page.waitForFunction(() => window.jupyterapp.shell.leftCollapsed);
// JupyterLab opens the file browser itself when the notebook has been there for 2.5 s.
await page.waitForFunction(() => window.jupyterapp.shell.currentWidget
  ?.sessionContext?.session?.kernel?.status === "idle");
await page.waitForTimeout(3000);
return page.locator(".jp-Notebook").boundingBox();
"""


def test_a_notebook_has_the_room_in_a_narrow_window(
    address: str, chromium: Browser
) -> None:
    browser = Browser.renewed(chromium)
    url = f"{address}/lab/index.html?path=notebooks/07_idempotency.ipynb"
    assert browser.do(OPEN_NARROW, url=url)["width"] > 320
    # The reader may open the file browser; it stays until another notebook is opened.
    left = (
        "const left = page.locator('#jp-left-stack');"
        "const tab = page.locator('.jp-SideBar.jp-mod-left .lm-TabBar-tab').first();"
    )
    browser.do(
        left + "await tab.click(); await left.waitFor({state: 'visible'});"
        "await page.waitForTimeout(1000);"
        "if (!await left.isVisible()) throw Error('closed again');"
        "await left.getByText('08_ack_fast').dblclick();"
        "await left.waitFor({state: 'hidden'});"
    )


def test_a_narrow_window_without_a_notebook_has_the_file_browser(
    address: str, chromium: Browser
) -> None:
    Browser.renewed(chromium).do(
        "page.setDefaultTimeout(600_000);"
        "await page.setViewportSize({width: 420, height: 900});"
        "await page.goto(url); await page.getByText('solutions').waitFor();"
        "await page.waitForTimeout(1000);"
        "if (!await page.getByText('solutions').isVisible()) throw Error('closed');",
        url=f"{address}/lab/index.html",
    )


@pytest.fixture(scope="module")
def second_visit(exposed: Path) -> dict[str, Any]:
    node = outside.node_with_packages(HERE)
    task = {
        "site": str(exposed),
        "python": sys.executable,
        "notebook": "notebooks/00_start_here.ipynb",
    }
    run = subprocess.run(
        [*alone(), node, HERE / "offline.mjs", json.dumps(task)],
        env=os.environ | {"CHROMIUM": outside.chromium()},
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    page: dict[str, Any] = json.loads(run.stdout)
    return page


def test_after_one_visit_a_lab_runs_without_the_server(
    second_visit: dict[str, Any], site: Path
) -> None:
    assert second_visit["gone"]
    assert second_visit["errors"] == []
    assert "0.1 not attempted" in second_visit["outputs"]
    # Only the service workers themselves are not kept.
    assert second_visit["kept"] == len(files_for_labs(site)) - 2


def test_the_progress_can_be_downloaded(second_visit: dict[str, Any]) -> None:
    assert second_visit["name"] == "progress-backup.json"
    assert "0.1" in json.loads(second_visit["backup"])["exercises"]


def test_it_was_seen_without_any_network() -> None:
    if not alone():
        outside.missing("`unshare --net` is not permitted here")


@pytest.mark.parametrize("lab", ["00", "02", "04", "06"])
def test_a_lab_runs_from_top_to_bottom(visits: dict[str, Any], lab: str) -> None:
    page = visits[lab]
    assert page["errors"] == []
    checks = set(re.findall(rf"{int(lab)}\.\d not attempted", page["outputs"]))
    assert checks
    assert [host for host in page["asked"] if "127.0.0.1" not in host] == []


def test_a_wrong_and_a_right_answer_get_their_verdicts(visits: dict[str, Any]) -> None:
    wrong, right = visits["02"]["verdicts"]
    assert "2.1 not yet" in wrong
    assert "2.1 passed" in right


def test_an_answer_without_end_is_interrupted(visits: dict[str, Any]) -> None:
    endless, right = visits["00"]["verdicts"]
    assert "0.1 not yet" in endless
    assert "still running after 8 s" in endless
    assert "0.1 passed" in right


def test_the_playground_follows_its_slider(visits: dict[str, Any]) -> None:
    slider = visits["06"]["slider"]
    assert slider["before"]
    assert slider["after"] != slider["before"]
