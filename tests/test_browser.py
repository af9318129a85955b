"""A learner's way through a lab: a real JupyterLab in a real browser."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests import outside

HERE = Path(__file__).parent / "browser"
NOTEBOOKS = HERE.parents[1] / "notebooks"

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


def test_a_wrong_and_a_right_answer_get_their_verdicts_on_the_page(
    tmp_path: Path,
) -> None:
    node = outside.node_with_packages(HERE)
    browser = outside.chromium()
    notebooks = tmp_path / "notebooks"
    shutil.copytree(NOTEBOOKS, notebooks)

    with outside.jupyterlab(notebooks, settings=tmp_path / "settings") as address:
        page = read_page(
            node,
            browser,
            address=address,
            notebook="02_endpoint.ipynb",
            cell='check("2.1", make_app)',
            answers=[WRONG, RIGHT],
        )

    assert page["errors"] == []
    assert "2.1 not attempted" in page["untouched"]
    wrong, right = page["verdicts"]
    assert "2.1 not yet" in wrong
    assert "2.1 passed" in right


def read_page(node: str, browser: str, **task: object) -> Any:
    """Run browser/answers.mjs, whose head says what it takes and gives."""
    run = subprocess.run(
        [node, HERE / "answers.mjs", json.dumps(task)],
        env=os.environ | {"CHROMIUM": browser},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout)
