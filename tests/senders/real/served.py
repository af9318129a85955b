"""Serve functions over a Unix socket, so that a lever costs no start of Django.

Each connection carries one JSON list, a name and its arguments, and gets a JSON reply.
It needs nothing but the standard library, because it runs in the sender's own venv.
"""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


def serve(path: str, functions: dict[str, Callable[..., Any]]) -> None:
    """Answer calls until the process is ended; `names` returns their names."""
    names = sorted(functions)
    offered = {**functions, "names": lambda: names}
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_answer, args=(connection, offered)).start()


def call(path: str, name: str, *words: Any) -> Any:
    """Call a function and return what it returned; raise RuntimeError if it raised."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(path)
        connection.sendall(json.dumps([name, *words]).encode())
        connection.shutdown(socket.SHUT_WR)
        reply = json.loads(_read(connection))
    if "error" in reply:
        raise RuntimeError(reply["error"])
    return reply["value"]


def _answer(
    connection: socket.socket, functions: dict[str, Callable[..., Any]]
) -> None:
    with connection:
        try:
            name, *words = json.loads(_read(connection))
            reply = {"value": functions[name](*words)}
        except Exception as error:  # noqa: BLE001 - the caller raises it again
            reply = {"error": f"{type(error).__name__}: {error}"}
        connection.sendall(json.dumps(reply).encode())


def _read(connection: socket.socket) -> bytes:
    data = b""
    while more := connection.recv(65_536):
        data += more
    return data
