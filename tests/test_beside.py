"""A learner's way through a lab: a real JupyterLab in a real browser.

The inspector is beside the notebook, and answers get their verdicts on the page.
"""

import importlib
import json
import os
import re
import stat
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import requests
from flask import Flask
from nbformat.sign import NotebookNotary

from labkit.extension import pane
from labkit.extension.layout import beside, workspace_of
from labkit.extension.trusting import trust_solutions
from labkit.receiver import Receiver
from tests.conftest import EXTENSION, JupyterLab
from tests.pages import Browser
from tests.test_drawing import contrast

REPOSITORY = Path(__file__).parent.parent
SETTINGS = (
    REPOSITORY / "labkit/extension/jupyter/labconfig/default_setting_overrides.json"
)

WRONG = """\
from flask import Flask


def make_app():
    app = Flask("shop")

    @app.get("/webhooks/payment-success")
    def receive():
        return "", 204

    return app


check("2.1", make_app)"""

RIGHT = WRONG.replace("@app.get", "@app.post")


def test_the_layout_names_the_notebook_and_the_pane_in_two_halves() -> None:
    layout = beside("a folder/04 ü.ipynb", "/user/ada/labkit/inspector")
    data = layout["data"]
    left, right = data["layout-restorer:data"]["main"]["dock"]["children"]
    assert left["widgets"] == ["notebook:a folder/04 ü.ipynb"]
    assert data["notebook:a folder/04 ü.ipynb"]["data"]["path"] == "a folder/04 ü.ipynb"
    (widget,) = right["widgets"]
    # JupyterLab finds a widget by its tracker's name and the widget's own.
    assert widget == f"server-proxy:{data[widget]['data']['id']}"
    assert data[widget]["data"]["url"] == "/user/ada/labkit/inspector"
    assert layout["metadata"]["id"] == workspace_of("a folder/04 ü.ipynb")


def test_a_workspaces_name_fits_an_address_and_is_each_notebooks_own() -> None:
    paths = ["a/04 ü.ipynb", "b/04 ü.ipynb", "a/04-ü.ipynb", "04.ipynb"]
    names = {workspace_of(path) for path in paths}
    assert len(names) == len(paths)
    assert all(urllib.parse.quote(name, safe="") == name for name in names)


@pytest.fixture
def notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    file = tmp_path / "newest.json"
    monkeypatch.setenv(pane.FILE, str(file))
    yield file
    pane.close()


def test_no_inspector_is_opened_where_no_pane_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(pane.FILE, raising=False)
    with Receiver(Flask("shop")) as receiver:
        assert receiver._inspector is None


def test_the_newest_receiver_is_told_of_and_outlives_its_cell(notice: Path) -> None:
    assert pane.newest(notice) is None
    with Receiver(Flask("first")) as first:
        first_place = pane.newest(notice)
        requests.get(f"{first.url}/hello", timeout=60)
    assert [row["number"] for row in rows_at(first_place)] == [1]
    with Receiver(Flask("second")):
        second_place = pane.newest(notice)
        assert rows_at(second_place) == []
    assert first_place != second_place
    with pytest.raises(requests.ConnectionError):
        rows_at(first_place)


def test_a_receivers_own_inspector_is_the_one_in_the_pane(notice: Path) -> None:
    with Receiver(Flask("shop")) as receiver:
        inspector = receiver.inspector(secret="whsec_a1b2c3")
        assert pane.newest(notice) == place_of(inspector.url)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file modes")
def test_only_the_user_may_read_where_the_inspector_is(notice: Path) -> None:
    with Receiver(Flask("shop")):
        assert stat.S_IMODE(notice.stat().st_mode) == 0o600


def test_a_file_that_can_not_be_written_stops_no_receiver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(pane.FILE, str(tmp_path / "missing" / "newest.json"))
    with Receiver(Flask("shop")) as receiver:
        assert requests.get(receiver.url, timeout=60).status_code == 404
    pane.close()


def place_of(url: str) -> tuple[int | None, str]:
    parts = urllib.parse.urlsplit(url)
    return parts.port, parts.path


def rows_at(place: tuple[int, str] | None) -> list[dict[str, Any]]:
    assert place is not None
    answer = requests.get(f"http://127.0.0.1:{place[0]}{place[1]}rows", timeout=60)
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


@pytest.fixture
def server(jupyterlab: JupyterLab) -> tuple[str, str]:
    """Give the server's address and its token."""
    base, _, token = jupyterlab.address.partition("/lab?token=")
    return base, token


def test_one_link_opens_the_lab_beside_its_inspector_and_answers_get_verdicts(
    browser: Browser, server: tuple[str, str]
) -> None:
    base, token = server
    link = f"{base}/labkit/beside/notebooks/02_endpoint.ipynb?token={token}"
    browser.do(
        "page.setDefaultTimeout(60000);"
        "await page.setViewportSize({width: 1440, height: 900});"
        "await page.goto(link);"
        "await page.locator('.jp-NotebookPanel .jp-Cell').first().waitFor();"
        "await page.locator('#jupyterlab-splash').waitFor({state: 'detached'});"
        "await page.frameLocator('.jp-ServerProxy iframe')"
        ".getByText('Nothing to inspect yet').waitFor();",
        link=link,
    )
    notebook, inspector = browser.do(
        "const place = async (name) => await page.locator(name).first().boundingBox();"
        "return [await place('.jp-NotebookPanel'), await place('.jp-ServerProxy')];"
    )
    assert notebook["x"] + notebook["width"] <= inspector["x"] + 5
    assert abs(notebook["y"] - inspector["y"]) < 5
    assert min(notebook["width"], inspector["width"]) > 400
    browser.do(
        "await page.evaluate(async () => {"
        " const panel = [...window.jupyterapp.shell.widgets('main')]"
        "  .find((one) => one.sessionContext);"
        " await panel.sessionContext.ready; panel.activate(); });"
        "await page.getByRole('menuitem', {name: 'Run', exact: true}).click();"
        "await page.getByText('Run All Cells', {exact: true}).click();"
        "await page.frameLocator('.jp-ServerProxy iframe').frameLocator('iframe')"
        ".locator('#rows li').first().waitFor(); await lab.allRun();"
    )
    assert browser.do("return lab.errors();") == []
    cell = 'check("2.1", make_app)'
    assert "2.1 not attempted" in browser.do("return lab.output(cell);", cell=cell)
    wrong, right = browser.do(
        "const told = [];"
        "for (const answer of answers) {"
        " await lab.type(cell, answer); await lab.run(cell);"
        " told.push(await lab.output(cell)); }"
        "return told;",
        cell=cell,
        answers=[WRONG, RIGHT],
    )
    assert "2.1 not yet" in wrong
    assert "2.1 passed" in right
    if folder := os.environ.get("SCREENSHOTS"):
        time.sleep(5)
        path = str(Path(folder) / "beside.png")
        browser.do("await page.screenshot({path});", path=path)


def test_a_link_starts_one_kernel_for_its_notebook(server: tuple[str, str]) -> None:
    base, token = server
    headers = {"Authorization": f"token {token}"}
    for _ in range(2):
        requests.get(
            f"{base}/labkit/beside/notebooks/03_payloads.ipynb",
            headers=headers,
            timeout=30,
            allow_redirects=False,
        )
    sessions = requests.get(f"{base}/api/sessions", headers=headers, timeout=60).json()
    paths = [each["path"] for each in sessions]
    assert paths.count("notebooks/03_payloads.ipynb") == 1


PANE = (REPOSITORY / "labkit/extension/pane.html").read_text("utf-8")

FAKE_LAB = """
await context.route("http://lab.test/**", (route) => {
  const path = new URL(route.request().url()).pathname;
  const body = {
    "/lab": `<body data-jp-theme-light="true"><iframe src="/pane"></iframe>`,
    "/pane": pane,
    "/now": JSON.stringify({address: "/inspector"}),
    "/inspector": "<p>the inspector",
  }[path];
  return route.fulfill({status: body ? 200 : 404, contentType: "text/html", body});
});
await page.goto("http://lab.test/lab");
const inner = page.frameLocator("iframe").frameLocator("iframe");
await inner.getByText("the inspector").waitFor();
"""

COLOURS = """
const [, pane, inspector] = page.frames();
const style = await pane.evaluate(() => {
  const look = getComputedStyle(document.documentElement);
  return [look.colorScheme, look.backgroundColor, look.color];
});
return [...style, inspector.url()];
"""


def test_the_pane_has_the_theme_of_jupyterlab_and_follows_it(
    browser: Browser,
) -> None:
    browser.do(FAKE_LAB, pane=PANE.replace("{now}", "/now"))
    light = browser.do(COLOURS)
    dark = browser.do(
        "await page.emulateMedia({colorScheme: 'light'});"
        "await page.evaluate(() => { document.body.dataset.jpThemeLight = 'false'; });"
        "await page.frames()[2].waitForURL('**/inspector#theme=dark');" + COLOURS
    )
    for (scheme, ground, text, address), wanted in ((light, "light"), (dark, "dark")):
        assert scheme == wanted
        assert address == f"http://lab.test/inspector#theme={wanted}"
        assert contrast(hexadecimal(ground), hexadecimal(text)) >= 4.5
    assert light[1] != dark[1]


def hexadecimal(colour: str) -> str:
    """Return `rgb(1, 2, 3)` as `#010203`."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


def test_a_notebook_that_is_not_there_is_answered_with_the_remedy(
    server: tuple[str, str],
) -> None:
    base, token = server
    headers = {"Authorization": f"token {token}"}
    for path in ("notebooks/99.ipynb", "notebooks", "../../secret.ipynb"):
        answer = requests.get(
            f"{base}/labkit/beside/{urllib.parse.quote(path, safe='')}",
            headers=headers,
            timeout=60,
        )
        assert answer.status_code == 404
        assert "there is no notebook" in answer.text


@pytest.mark.parametrize(
    "path", ["beside/notebooks/02_endpoint.ipynb", "inspector/now"]
)
def test_a_stranger_is_led_to_the_login(server: tuple[str, str], path: str) -> None:
    answer = requests.get(
        f"{server[0]}/labkit/{path}", timeout=60, allow_redirects=False
    )
    assert answer.status_code in (302, 403)
    assert "labkit" not in answer.text


def test_the_extension_is_switched_on_where_the_kit_is_installed() -> None:
    extensions = ("labkit.extension", "labkit.learner.serving")
    assert json.loads(EXTENSION.read_text("utf-8")) == {
        "ServerApp": {"jpserver_extensions": dict.fromkeys(extensions, True)}
    }
    for name in extensions:
        module = importlib.import_module(name)
        assert module._jupyter_server_extension_points() == [{"module": name}]
    project = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    assert EXTENSION.relative_to(REPOSITORY).as_posix() in project


def test_solutions_are_trusted_and_nothing_else_is(tmp_path: Path) -> None:
    make_notary: Any = NotebookNotary
    notary = make_notary(data_dir=str(tmp_path))
    read: Any = nbformat.read
    trust_solutions(notary)
    for file in sorted((REPOSITORY / "solutions").glob("*.ipynb")):
        solution = read(file, as_version=4)
        assert notary.check_signature(solution)
    solution.cells[-1].source += "<script>"
    assert not notary.check_signature(solution)
    work = read(REPOSITORY / "notebooks/02_endpoint.ipynb", as_version=4)
    assert not notary.check_signature(work)


def test_the_settings_of_the_kit_are_those_that_jupyterlab_knows() -> None:
    schemas = Path(sys.prefix, "share/jupyter/lab/schemas")
    for name, values in json.loads(SETTINGS.read_text("utf-8")).items():
        package, _, plugin = name.partition(":")
        schema = json.loads((schemas / package / f"{plugin}.json").read_text("utf-8"))
        assert values.keys() <= schema["properties"].keys()
