"""The playground in a real JupyterLab: a slider moves, everything else follows."""

import json
from typing import Any

import pytest

from labkit import simulate
from labkit.build.notebooks import METADATA
from labkit.faults import LoseResponse
from labkit.samples import payments
from tests.apps import shop
from tests.conftest import JupyterLab
from tests.pages import Browser

RECEIVER = """\
from flask import Flask, request

parcels = []


def make_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        parcels.append(request.get_json()["data"]["order_id"])
        return "", 204

    return app"""

PLAYGROUND = """\
from labkit.widgets import playground

playground(make_app, effects=parcels, profile="svix", events={events})"""

BLOCKS = """\
# blocks
import time

time.sleep(2)"""


@pytest.fixture(scope="module")
def page(browser: Browser, jupyterlab: JupyterLab) -> Any:
    return play(browser, jupyterlab, events=100)


def test_picture_and_counts_follow_the_slider(page: dict[str, Any]) -> None:
    assert page["errors"] == []
    assert "doubled\n0" in page["before"]["counts"]
    assert "doubled\n0" not in page["after"]["counts"]
    assert page["before"]["account"] != page["after"]["account"]
    assert len(page["milliseconds"]) == 4


def test_the_line_of_code_shows_the_same_when_it_is_run(page: dict[str, Any]) -> None:
    assert "LoseResponse(probability=0.2)" in page["after"]["code"]
    assert page["after"]["account"] in page["byHand"]
    assert page["before"]["account"] not in page["byHand"]


def test_the_last_position_wins_while_a_cell_blocks(page: dict[str, Any]) -> None:
    """Jupyter calls back on another thread, or when the cell is done."""
    faults = [LoseResponse(probability=0.35)]
    history = simulate(shop([]), payments(100), profile="svix", faults=faults, seed=0)
    assert page["last"]["account"] == history.account.line
    assert f"doubled\n{history.account.doubled}" in page["last"]["counts"]


def test_a_sweep_is_compared_with_what_was_expected(page: dict[str, Any]) -> None:
    assert "100 runs, one seed each, 100 events per run" in page["sweep"]
    assert "doubled: you expected 7 of 100 runs" in page["sweep"]


@pytest.mark.full
def test_the_picture_is_never_more_than_one_behind_while_the_slider_moves(
    browser: Browser, jupyterlab: JupyterLab
) -> None:
    # The receiver sleeps, so that a trial takes longer than a key on any machine. What
    # is counted is pictures, not time.
    made = '    app = Flask("shop")'
    slow = "import time\n\n" + RECEIVER.replace(made, f"    time.sleep(0.3)\n{made}")
    save(jupyterlab, [slow, PLAYGROUND.format(events=500)])
    found = browser.do(
        "await lab.open({address, notebook: 'play.ipynb'});"
        "const { drag } = await script('playground.mjs'); return drag(lab, 500, 12);",
        address=jupyterlab.address,
    )
    waiting: list[float] = []
    most, pictures = 0, []
    for kind, exact in found["said"]:
        value = round(exact, 2)
        if kind == "sent":
            waiting.append(value)
            most = max(most, len(waiting))
        else:
            pictures.append(value)
            if value in waiting:
                del waiting[: waiting.index(value) + 1]
    print(f"\n{len(pictures)} pictures for 12 keys, {most} behind", end="")
    assert found["last"] == 0.6
    assert pictures[-1] == 0.6
    assert waiting == []
    assert most == 1
    # The slider was faster than the pictures, so that some positions were left out.
    assert len(set(pictures)) < 12


def play(browser: Browser, server: JupyterLab, *, events: int) -> Any:
    """Run browser/playground.mjs, whose head says what it gives."""
    save(server, [RECEIVER, PLAYGROUND.format(events=events), "# by hand", BLOCKS])
    return browser.do(
        "await lab.open({address, notebook: 'play.ipynb'});"
        "const { play } = await script('playground.mjs'); return play(lab, events);",
        address=server.address,
        events=events,
    )


def save(server: JupyterLab, cells: list[str]) -> None:
    """Write the notebook `play.ipynb` with those cells."""
    (server.root / "play.ipynb").write_text(json.dumps(notebook_of(cells)))


def notebook_of(cells: list[str]) -> dict[str, Any]:
    """Return a notebook of code cells; without a kernel's name JupyterLab asks."""
    made: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for place, source in enumerate(cells)
    ]
    return {"cells": made, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
