"""One simulated learner: starts a server on the hub, opens a lab and works through it.

It does what a browser does, over the same HTTP and websocket addresses. An exercise is
run twice: as it stands in the notebook, and with the answer from the solution.
"""

import asyncio
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

VERDICT = re.compile(r"^\S (\d+\.\d+) (passed|not yet|not attempted|kit failed)")
PATIENCE = 180.0
"""How long a learner waits for a server or for one cell, in seconds."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A notebook's path below the home folder, and its cells in the order they run."""

    path: str
    cells: list[str]
    exercises: list[str]


@dataclass(slots=True)
class Diary:
    """What one learner saw; times are in seconds."""

    name: str
    spawn: float = 0.0
    lab: float = 0.0
    slowest: float = 0.0
    verdicts: dict[str, list[str]] = field(default_factory=dict)
    last_words: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_lab(project: Path, name: str) -> Lab:
    """Read a lab's cells from `notebooks/`, and the answers from `solutions/`."""
    file = f"{name}.ipynb"
    asked = _cells(project / "notebooks" / file)
    answered = _cells(project / "solutions" / file)
    cells = []
    for question, answer in zip(asked, answered, strict=True):
        cells.append(question)
        if answer != question:
            cells.append(answer)
    exercises = sorted(set(re.findall(r'check\("(\d+\.\d+)"', "\n".join(cells))))
    return Lab(f"notebooks/{file}", cells, exercises)


def _cells(path: Path) -> list[str]:
    return [
        "".join(cell["source"])
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
        and "solution" not in cell["metadata"].get("tags", ())
    ]


class Learner:
    """A learner of that name at the hub, let in by the token of a service."""

    def __init__(self, hub: str, name: str, token: str) -> None:
        self._hub = hub
        self._headers = {"Authorization": f"token {token}"}
        self._client = AsyncHTTPClient()
        self.diary = Diary(name)

    async def start(self) -> None:
        """Start the server, and open JupyterLab in it."""
        began = time.perf_counter()
        me = f"/hub/api/users/{self.diary.name}"
        await self._ask("POST", me)
        await self._ask("POST", f"{me}/server")
        while not (await self._ask("GET", me))["servers"].get("", {}).get("ready"):
            if time.perf_counter() - began > PATIENCE:
                raise TimeoutError(f"no server after {PATIENCE:.0f} s")
            await asyncio.sleep(0.2)
        self.diary.spawn = time.perf_counter() - began

    async def open(self, lab: Lab) -> None:
        """Ask for the pages that a browser asks for when it opens the lab."""
        await self._mine("GET", f"labkit/beside/{quote(lab.path)}", page=True)
        await self._mine("GET", "labkit/inspector", page=True)
        await self._mine("GET", f"api/contents/{quote(lab.path)}")

    async def work(self, lab: Lab) -> None:
        """Run the lab from its first cell to its last verdict, in a new kernel."""
        session = await self._mine(
            "POST",
            "api/sessions",
            {
                "path": lab.path,
                "name": lab.path,
                "type": "notebook",
                "kernel": {"name": "python3"},
            },
        )
        url = (
            f"{self._hub}/user/{self.diary.name}/api/kernels/{session['kernel']['id']}"
        )
        channels = await websocket_connect(
            HTTPRequest(
                f"ws{url.removeprefix('http')}/channels?session_id={uuid.uuid4().hex}",
                headers=self._headers,
                connect_timeout=PATIENCE,
                request_timeout=PATIENCE,
            )
        )
        began = time.perf_counter()
        for cell in lab.cells:
            at = time.perf_counter()
            await asyncio.wait_for(self._run(channels, cell), PATIENCE)
            self.diary.slowest = max(self.diary.slowest, time.perf_counter() - at)
        self.diary.lab = time.perf_counter() - began
        channels.close()

    async def _run(self, channels: WebSocketClientConnection, source: str) -> None:
        """Run one cell, and note its verdict or its error."""
        number = uuid.uuid4().hex
        header = {
            "msg_id": number,
            "msg_type": "execute_request",
            "session": "",
            "username": self.diary.name,
            "version": "5.3",
        }
        content = {"code": source, "silent": False, "store_history": True}
        await channels.write_message(
            json.dumps(
                {
                    "header": header,
                    "parent_header": {},
                    "metadata": {},
                    "content": content,
                    "channel": "shell",
                }
            )
        )
        # An output can come after the reply, but not after "idle".
        while (message := await self._next(channels)) != (number, "idle"):
            if message[0] != number:
                continue
            if found := VERDICT.match(message[1]):
                self.diary.verdicts.setdefault(found[1], []).append(found[2])
                self.diary.last_words[found[1]] = message[1]
            elif message[1].startswith("error: "):
                self.diary.errors.append(message[1])

    async def _next(self, channels: WebSocketClientConnection) -> tuple[str, str]:
        """Return the next message: the cell it belongs to, and what it says."""
        raw = await channels.read_message()
        if raw is None:
            raise ConnectionError("the kernel's websocket was closed")
        message = json.loads(raw)
        content = message["content"]
        said = content.get("data", {}).get("text/plain", "")
        if message["msg_type"] == "status":
            said = content["execution_state"]
        elif message["msg_type"] == "error":
            said = f"error: {content['ename']}: {content['evalue']}"
        return message["parent_header"].get("msg_id", ""), said

    async def _mine(
        self, method: str, path: str, body: object = None, *, page: bool = False
    ) -> Any:
        return await self._ask(
            method, f"/user/{self.diary.name}/{path}", body, page=page
        )

    async def _ask(
        self, method: str, path: str, body: object = None, *, page: bool = False
    ) -> Any:
        """Return the answer's JSON, or for a page its text."""
        try:
            answer = await self._client.fetch(
                self._hub + path,
                method=method,
                headers=self._headers,
                body=json.dumps(body or {}) if method == "POST" else None,
                connect_timeout=PATIENCE,
                request_timeout=PATIENCE,
            )
        except HTTPClientError as error:
            raise ConnectionError(f"{method} {path}: {error}") from error
        return (
            answer.body.decode() if page or not answer.body else json.loads(answer.body)
        )
