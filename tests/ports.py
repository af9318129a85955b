"""Ports of this machine: find a free one, and wait for a server on it."""

import contextlib
import socket
import time
from pathlib import Path


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def wait_until_it_listens(
    port: int, log: Path | None = None, *, patience: float
) -> None:
    """Wait until a server accepts connections; TimeoutError shows its log."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port)),
        ):
            return
        time.sleep(0.02)
    said = log.read_text() if log else "it has no log"
    raise TimeoutError(f"the server did not start: {said}")
