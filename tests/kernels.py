"""A real Jupyter kernel for tests: cells in, errors and prints out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager


class Kernel:
    """A kernel that runs cells one by one and gives their errors and prints.

    `next_cell` is what a cell wanted to put into a new cell; `restart` kills the kernel
    and starts it again.
    """

    def __init__(
        self, client: BlockingKernelClient, restart: Callable[[], None]
    ) -> None:
        self._client = client
        self.restart = restart
        self.next_cell: str | None = None

    def run(self, source: str) -> tuple[dict[str, Any] | None, str]:
        """Run one cell; return its error, if any, and what it printed and showed."""
        shown: list[str] = []

        def note(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] == "execute_result":
                shown.append(content["data"]["text/plain"] + "\n")

        reply = self._client.execute_interactive(source, output_hook=note, timeout=60)
        content: dict[str, Any] = reply["content"]
        for payload in content.get("payload", []):
            if payload["source"] == "set_next_input":
                self.next_cell = payload["text"]
        return (content if content["status"] == "error" else None), "".join(shown)


@contextmanager
def fresh_kernel(folder: Path) -> Iterator[Kernel]:
    """Start a kernel that works in that folder, and stop it."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)

        def restart() -> None:
            manager.restart_kernel(now=True)
            client.wait_for_ready(timeout=60)

        yield Kernel(client, restart)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
