"""The tunnel: the unmodified pyngrok drives a stand-in for the agent, offline."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyngrok import conf, installer, process

from labkit import tunnel
from labkit.errors import NoTunnel
from labkit.receiver import Receiver
from labkit.tunnel import open_tunnel
from tests.apps import shop
from tests.threads import left_since

AGENT = Path(__file__).parent / "agent" / "ngrok.py"
BODY = b'{"id": "evt_1"}'


@pytest.fixture(autouse=True)
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the stand-in where pyngrok looks for the agent, in an empty environment."""
    program = tmp_path / "ngrok"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{AGENT}' \"$@\"\n")
    program.chmod(0o700)
    before = conf.get_default()
    conf.set_default(conf.PyngrokConfig(ngrok_path=str(program)))
    for name in list(os.environ):
        if name.startswith(("NGROK_", "BINDER_", "JUPYTERHUB_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(tunnel, "_asked", [])
    threads = threading.enumerate()
    yield program
    conf.set_default(before)
    assert not process.is_process_running(str(program))
    assert left_since(threads) == []


def refusing(_: str) -> str:
    raise AssertionError("nobody was to be asked")


def test_what_is_sent_to_the_public_url_reaches_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NGROK_AUTHTOKEN", "token-1")
    shipped: list[str] = []
    with Receiver(shop(shipped)) as receiver:
        public = receiver.public()
        assert public != receiver.url
        assert receiver.public() == public
        headers = {"Content-Type": "application/json"}
        answer = requests.post(
            f"{public}/webhooks", data=BODY, headers=headers, timeout=5
        )
        assert answer.status_code == 200
    assert shipped == ["evt_1"]
    with pytest.raises(requests.ConnectionError):
        requests.post(public, timeout=60)


def test_the_inspector_is_not_reached_through_the_tunnel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NGROK_AUTHTOKEN", "token-1")
    with Receiver(shop([])) as receiver:
        page = str(receiver.inspector().url)
        path = page.split("/", 3)[3]
        answer = requests.post(f"{receiver.public()}/{path}", timeout=60)
    assert answer.status_code == 404


def test_a_tunnel_that_somebody_else_holds_stays_open() -> None:
    environ = {"NGROK_AUTHTOKEN": "token-1"}
    with Receiver(shop([])) as receiver:
        first = open_tunnel(receiver.url, environ=environ)
        second = open_tunnel(receiver.url, environ=environ)
        first.close()
        first.close()
        answer = requests.post(f"{second.url}/", timeout=60)
        second.close()
    assert answer.status_code == 404
    assert repr(second).endswith("closed>")


def test_the_token_is_asked_for_once() -> None:
    asked = []

    def ask(question: str) -> str:
        asked.append(question)
        return " token-2\n"

    for _ in range(2):
        open_tunnel("http://127.0.0.1:9", environ={}, ask=ask).close()
    assert len(asked) == 1
    assert "not shown" in asked[0]


@pytest.mark.parametrize("harm", [EOFError, OSError, NotImplementedError, None])
def test_without_a_token_it_says_where_to_get_one(harm: type[Exception] | None) -> None:
    def ask(_: str) -> str:
        if harm is not None:
            raise harm
        return ""

    with pytest.raises(NoTunnel, match="no ngrok token") as caught:
        open_tunnel("http://127.0.0.1:9", environ={}, ask=ask)
    assert "dashboard.ngrok.com" in str(caught.value)
    assert "receiver.url" in str(caught.value)


def test_a_token_that_is_refused_is_asked_for_anew_and_never_shown() -> None:
    answers = ["refused", "token-3"]
    with pytest.raises(NoTunnel, match="rejects the token") as caught:
        open_tunnel("http://127.0.0.1:9", environ={}, ask=lambda _: answers.pop(0))
    assert "Your authtoken" not in str(caught.value)
    open_tunnel("http://127.0.0.1:9", environ={}, ask=lambda _: answers.pop(0)).close()
    assert answers == []


def test_without_a_network_it_says_so() -> None:
    with pytest.raises(NoTunnel, match=r"no such host.*Is there a network"):
        open_tunnel("http://127.0.0.1:9", environ={"NGROK_AUTHTOKEN": "offline"})


def test_an_agent_that_can_not_be_downloaded_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/ngrok.zip"
    monkeypatch.setattr(
        installer, "PLATFORMS", dict.fromkeys(installer.PLATFORMS, nobody)
    )
    missing = conf.PyngrokConfig(ngrok_path=str(tmp_path / "none" / "ngrok"))
    conf.set_default(missing)
    with pytest.raises(NoTunnel, match="could not be downloaded"):
        open_tunnel("http://127.0.0.1:9", environ={"NGROK_AUTHTOKEN": "token-4"})


def test_a_silent_agent_is_ended_when_time_is_up() -> None:
    with pytest.raises(NoTunnel, match="within 1 s and was stopped"):
        open_tunnel(
            "http://127.0.0.1:9", environ={"NGROK_AUTHTOKEN": "silent"}, patience=1
        )


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"BINDER_SERVICE_HOST": "10.0.0.1", "NGROK_AUTHTOKEN": "t"}, "this is Binder"),
        ({"JUPYTERHUB_USER": "ada"}, "this is a shared hub"),
    ],
)
def test_where_none_may_be_it_says_what_to_do_instead(
    environ: dict[str, str], words: str
) -> None:
    with pytest.raises(NoTunnel, match=words) as caught:
        open_tunnel("http://127.0.0.1:9", environ=environ, ask=refusing)
    assert "receiver.url" in str(caught.value)


def test_on_a_hub_a_token_in_the_environment_is_a_permission() -> None:
    environ = {"JUPYTERHUB_USER": "ada", "NGROK_AUTHTOKEN": "token-5"}
    open_tunnel("http://127.0.0.1:9", environ=environ, ask=refusing).close()


def test_the_token_stands_in_no_argument_and_in_no_file_that_stays() -> None:
    opened = open_tunnel("http://127.0.0.1:9", environ={"NGROK_AUTHTOKEN": "token-6"})
    (running,) = process._current_processes.values()
    arguments = running.proc.args
    assert isinstance(arguments, list)
    file = Path(arguments[arguments.index("--config") + 1])
    assert "token-6" in file.read_text()
    assert file.parent.stat().st_mode & 0o077 == 0
    assert "token-6" not in " ".join(map(str, arguments))
    opened.close()
    assert not file.exists()


def test_without_the_receiver_there_is_no_tunnel() -> None:
    receiver = Receiver(shop([]))
    with pytest.raises(Exception, match=r"call start\(\) first"):
        receiver.public()


def test_pyngrok_is_loaded_when_a_tunnel_is_opened_and_not_before() -> None:
    code = "import labkit.tunnel, labkit.receiver, sys; print('pyngrok' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stderr
