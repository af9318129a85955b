"""The fixtures for examinations in a real pytest run."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit import Receiver
from tests import outside
from tests.receivers.running import REPOSITORY
from tests.receivers.samples import apps
from tests.receivers.samples.work import SECRET, Shop

FRAMEWORKS = ("flask", "django", "fastapi", "aiohttp")

IMPORTS = """
from tests.receivers.samples import apps
from tests.receivers.samples.work import SECRET, Shop

"""

ON_APP = """
def test_{name}(examine_webhook):
    shop = Shop(careless={careless})
    examine_webhook(
        apps.{framework}_app(shop),
        scheme="generic",
        secret=SECRET,
        effects=lambda: len(shop.shipped),
        skip=["duplicate.late"],
    )

"""

ON_SENDER = """
import threading
import urllib.request

from labkit.examine_sender import Levers


def test_sender(examine_webhook_sender):
    urls = []

    def register(url, secret):
        urls.append(url)
        return url

    def trigger(data):
        for url in urls:
            request = urllib.request.Request(url, data.encode())
            threading.Thread(target=urllib.request.urlopen, args=[request]).start()

    levers = Levers(register=register, unregister=urls.remove, trigger=trigger)
    examine_webhook_sender(
        levers, scheme="none", only=["identity.id"], patience=5, fail_on="{fail_on}"
    )

"""

UNUSED = ("cacheprovider", "nbval", "xdist", "locust")
"""Plugins that tests of receivers don't need; nbval takes a second to load."""

ON_URL = """
def test_{name}(examine_webhook):
    examine_webhook({url!r}, scheme="generic", secret={secret!r})

"""


def run(folder: Path, module: str, *options: str) -> tuple[int, str]:
    """Run pytest on a test module of someone who has labkit installed."""
    (folder / "test_webhooks.py").write_text(module)
    command = [sys.executable, "-m", "pytest", "-q", "-rA"]
    command += [each for name in UNUSED for each in ("-p", f"no:{name}")]
    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def outcomes(output: str) -> dict[tuple[str, str], str]:
    """Return the outcome of each test in each family."""
    line = re.compile(r"^(PASSED|FAILED) \S+::test_(\w+)\[(\w+)\]", re.MULTILINE)
    return {(name, family): outcome for outcome, name, family in line.findall(output)}


@pytest.fixture
def url() -> Iterator[str]:
    with Receiver(apps.flask_app(Shop())) as receiver:
        yield f"{receiver.url}/webhooks"


def test_right_receivers_pass_in_every_framework_and_at_a_url(
    tmp_path: Path, url: str
) -> None:
    for framework in FRAMEWORKS:
        if importlib.util.find_spec(framework) is None:
            outside.missing(f"needs {framework}: pip install 'webhook-lab[receivers]'")
    module = IMPORTS + "".join(
        ON_APP.format(name=framework, framework=framework, careless=False)
        for framework in FRAMEWORKS
    )
    module += ON_URL.format(name="url", url=url, secret=SECRET)
    families = ("signature", "body", "route")
    expression = " or ".join((*families, "rotation"))
    status, output = run(tmp_path, module, "-k", expression)
    assert status == 0, output
    assert outcomes(output) == {
        (name, family): "PASSED" for name in (*FRAMEWORKS, "url") for family in families
    }
    # Skipped, with the reason.
    assert "a generic request holds one signature" in output


def test_findings_and_rejected_events_fail_with_all_that_was_seen(
    tmp_path: Path, url: str
) -> None:
    module = IMPORTS + ON_APP.format(name="app", framework="flask", careless=True)
    module += ON_URL.format(name="url", url=url, secret="another")
    status, output = run(tmp_path, module, "-k", "signature or duplicate or valid")
    assert status == 1
    found = outcomes(output)
    assert found["app", "signature"] == found["app", "duplicate"] == "FAILED"
    assert found["app", "valid"] == "PASSED"
    assert found["url", "signature"] == "FAILED"
    for said in (
        "CRITICAL signature-not-verified",
        "HIGH no-deduplication",
        "experiments was accepted",
    ):
        assert said in output


def test_other_tests_do_not_pay_for_the_plugin(tmp_path: Path) -> None:
    module = (
        "import sys\n\n"
        "def test_plain():\n    assert 'labkit.probes' not in sys.modules\n"
    )
    status, output = run(tmp_path, module)
    assert status == 0, output
    assert "1 passed" in output


@pytest.mark.parametrize("fail_on", ["high", "medium"])
def test_a_sender_fails_with_a_finding_of_the_severity(
    fail_on: str, tmp_path: Path
) -> None:
    status, output = run(tmp_path, ON_SENDER.format(fail_on=fail_on))
    assert status == (fail_on == "medium"), output
    assert ("two events have no id, or the same one" in output) == bool(status)
