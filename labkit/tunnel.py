"""A public URL for a receiver, by a tunnel from the internet to this machine.

The tunnel is that of ngrok, driven by pyngrok, and needs an account there. Where there
can be none, the error says why and what to do instead.
"""

import contextlib
import getpass
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.errors import NoTunnel
from labkit.transport import IN_BROWSER

if TYPE_CHECKING:
    from pyngrok.conf import PyngrokConfig

PATIENCE = 20.0
"""How long a tunnel may take to open, in seconds, the agent's start included."""

VARIABLE = "NGROK_AUTHTOKEN"
"""The environment variable that holds the account's token."""

_INSTEAD = (
    "The labs also work without a tunnel: send to receiver.url from this "
    "notebook, with requests or labkit.simulate."
)
_ON_BINDER = ("BINDER_SERVICE_HOST", "BINDER_REPO_URL", "BINDER_LAUNCH_HOST")
_BAD_TOKEN = ("ERR_NGROK_105", "ERR_NGROK_106", "ERR_NGROK_107", "ERR_NGROK_4018")
_asked: list[str] = []

# pyngrok hands the agent's log on; without a handler it would land in some cell.
logging.getLogger("pyngrok").addHandler(logging.NullHandler())


class Tunnel:
    """An open tunnel; `url` is its public end, without a path."""

    def __init__(self, url: str, *, close: Callable[[], object]) -> None:
        self.url = url
        self._close: Callable[[], object] | None = close

    def close(self) -> None:
        """Close the tunnel, and the agent if no other tunnel needs it; never raises."""
        if self._close is not None:
            self._close()
            self._close = None

    def __repr__(self) -> str:
        return f"<Tunnel {self.url}{'' if self._close else ', closed'}>"


def open_tunnel(
    local_url: str,
    *,
    environ: Mapping[str, str] = os.environ,
    ask: Callable[[str], str] = getpass.getpass,
    patience: float = PATIENCE,
) -> Tunnel:
    """Open a tunnel to a local URL, within `patience` seconds.

    The token is taken from `environ`, or else from `ask`, once in a session; it is
    handed to the agent in a file that nobody else can read. Raises NoTunnel.
    """
    _refuse_where_none_can_be(environ)
    token = _token(environ, ask)
    from pyngrok import conf, installer, ngrok
    from pyngrok.exception import PyngrokError

    folder = tempfile.TemporaryDirectory(prefix="labkit-tunnel-")
    config = _config(conf.get_default(), Path(folder.name), patience)
    late = threading.Event()
    try:
        installer.install_default_config(
            str(config.config_path), {"agent": {"authtoken": token}}
        )
        ngrok.install_ngrok(config)
        with _impatient(config.ngrok_path, patience, late):
            # A plain name: one made of the URL would break the address to close it.
            name = Path(folder.name).name
            tunnel = ngrok.connect(local_url, name=name, pyngrok_config=config)
    except (PyngrokError, OSError, ValueError) as error:
        _close("", config, folder)
        _asked.clear()
        if late.is_set():
            raise NoTunnel(_silent(patience)) from None
        raise NoTunnel(_explained(error).replace(token, "(redacted)")) from None
    url = str(tunnel.public_url)
    return Tunnel(url, close=lambda: _close(url, config, folder))


def _refuse_where_none_can_be(environ: Mapping[str, str]) -> None:
    if IN_BROWSER:
        raise NoTunnel(
            "this Python runs in a browser, where no program can be reached from "
            f"outside. {_INSTEAD}"
        )
    if any(name in environ for name in _ON_BINDER):
        raise NoTunnel(
            "this is Binder, where the rules and the firewall do not allow a tunnel. "
            f"{_INSTEAD} For a tunnel, run the labs on your own machine."
        )
    if "JUPYTERHUB_USER" in environ and not environ.get(VARIABLE):
        raise NoTunnel(
            "this is a shared hub: a tunnel would open it to the internet, so you are "
            f"not asked for a token. {_INSTEAD} If the hub's owner agrees, set "
            f"{VARIABLE} in the environment."
        )


def _token(environ: Mapping[str, str], ask: Callable[[str], str]) -> str:
    token = environ.get(VARIABLE, "").strip() or "".join(_asked)
    if token:
        return token
    try:
        token = ask(
            "ngrok token, from dashboard.ngrok.com (it is not shown and not kept): "
        ).strip()
    # A notebook that runs without a reader raises NotImplementedError.
    except (EOFError, OSError, NotImplementedError):
        token = ""
    if not token:
        raise NoTunnel(
            "there is no ngrok token. Get one at dashboard.ngrok.com, free of charge, "
            f"and set {VARIABLE} in the environment, or type it in when you are "
            f"asked. {_INSTEAD}"
        )
    _asked[:] = [token]
    return token


def _config(default: "PyngrokConfig", folder: Path, patience: float) -> "PyngrokConfig":
    from pyngrok.conf import PyngrokConfig

    config = PyngrokConfig(
        ngrok_path=default.ngrok_path,
        # A file of its own, because everyone on a machine can read the arguments.
        config_path=str(folder / "ngrok.yml"),
        region=default.region,
        startup_timeout=max(1, int(patience)),
        start_new_session=True,
    )
    config.auth_token = None
    return config


@contextlib.contextmanager
def _impatient(agent: str, patience: float, late: threading.Event) -> Iterator[None]:
    """End the agent when time is up, and set `late`.

    pyngrok looks at its own timeout between two lines of the agent's log only, so
    that it would wait forever for an agent that says nothing.
    """
    from pyngrok import process

    def end() -> None:
        late.set()
        # pyngrok's own `kill_process` waits for the lock that the start holds.
        running = process._current_processes.get(agent)  # noqa: SLF001
        if running is not None:
            running.proc.kill()

    timer = threading.Timer(patience, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _silent(patience: float) -> str:
    return (
        f"the ngrok agent did not open a tunnel within {patience:g} s and was "
        f"stopped. A firewall may block it; try another network. {_INSTEAD}"
    )


def _explained(error: Exception) -> str:
    from pyngrok.exception import PyngrokNgrokError, PyngrokNgrokInstallError

    if isinstance(error, PyngrokNgrokInstallError):
        return (
            "the ngrok agent is not on this machine and could not be downloaded; is "
            f"there a network? ({_last_words(error)}) {_INSTEAD}"
        )
    code = getattr(error, "ngrok_error_code", None)
    said = getattr(error, "ngrok_error", None) or _last_words(error)
    if code in _BAD_TOKEN:
        return (
            f"ngrok rejects the token ({code}). Copy it again from "
            f"dashboard.ngrok.com, whole, into {VARIABLE}. {_INSTEAD}"
        )
    if code == "ERR_NGROK_108":
        return (
            "another ngrok agent runs with this token, and the account allows one "
            f"({code}). Stop it, in other notebooks too, and try again. {_INSTEAD}"
        )
    if isinstance(error, PyngrokNgrokError) and not code:
        return (
            f"the ngrok agent did not reach its service: {said}. Is there a network, "
            f"and does a firewall allow it? {_INSTEAD}"
        )
    return f"the ngrok agent opened no tunnel: {said}. {_INSTEAD}"


def _last_words(error: Exception) -> str:
    return str(error).rsplit(": ", maxsplit=1)[-1].rstrip(". ")


def _close(
    url: str, config: "PyngrokConfig", folder: tempfile.TemporaryDirectory[str]
) -> None:
    """Close the tunnel; end the agent unless someone else has a tunnel there."""
    from pyngrok import ngrok, process
    from pyngrok.exception import PyngrokError

    others: list[Any] = []
    if process.is_process_running(config.ngrok_path):
        with contextlib.suppress(PyngrokError, OSError, ValueError):
            if url:
                ngrok.disconnect(url, config)
            others = ngrok.get_tunnels(config)
        if not others:
            ngrok.kill(config)
    folder.cleanup()
