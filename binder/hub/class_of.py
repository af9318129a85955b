"""Try the hub with a class of simulated learners who do lab 04 all at once.

    python binder/hub/class_of.py 20
    python binder/hub/class_of.py 3 --json

It starts a hub on loopback with the accounts learner-01, learner-02, …; each starts a
server, opens the lab and runs it to its last verdict. Then it prints how long that
took, how much memory and processor time a learner and the hub used, and what went
wrong. The exit status is 1 when anything did. The Python that runs it needs
binder/hub/requirements.txt, and the folder binder/hub its package.json; see
jupyterhub_config.py.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from learner import PATIENCE, Diary, Lab, Learner, read_lab
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
LAB = "04_signatures"
MEGABYTE = 1e6
NAMED = "Ada Lovelace"
AGREEMENT = f"from labkit.exercises import share_name; share_name({NAMED!r})"
"""The first learner agrees to be named to the class; the others don't."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub that runs: where it is, the token that opens it, its process."""

    url: str
    token: str
    process: psutil.Popen


@dataclass(slots=True)
class Used:
    """What processes have used: memory in MB, processor time in seconds."""

    memory: float = 0.0
    kernel: float = 0.0
    processor: float = 0.0


def main() -> int:
    """Run the class, print what it saw, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("learners", type=int, metavar="N", help="how many learners")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    wanted = parser.parse_args()
    if lacking := _lacking():
        print(lacking, file=sys.stderr)
        return 2
    lab = read_lab(PROJECT, LAB)
    with tempfile.TemporaryDirectory(prefix="hub ", ignore_cleanup_errors=True) as made:
        names = [f"learner-{number:02}" for number in range(1, wanted.learners + 1)]
        for name in names:
            home = Path(made) / "homes" / name / "notebooks"
            shutil.copytree(PROJECT / "notebooks", home)
        with hub_on_loopback(Path(made)) as hub:
            free = psutil.virtual_memory().available
            learners = [Learner(hub.url, name, hub.token) for name in names]
            spawned, worked = asyncio.run(teach(hub, learners, lab))
            page = asyncio.run(class_page(hub))
            taken = (free - psutil.virtual_memory().available) / len(learners)
            used = used_by_each(hub.process)
    figures = summary([one.diary for one in learners], lab, used)
    errors = figures["errors"]
    errors += wrong_on_the_page(page, wanted.learners, len(lab.exercises))
    figures |= {
        "until the last server (s)": round(spawned, 1),
        "until the last verdict (s)": round(worked, 1),
        "taken from the system, each (MB)": round(taken / MEGABYTE),
    }
    if wanted.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:34} {value}" for name, value in figures.items()))
    return 1 if figures["errors"] else 0


async def class_page(hub: Hub) -> str:
    """Return the page that shows instructors who is where."""
    url = f"{hub.url}/services/class/"
    client = AsyncHTTPClient()
    stranger = await client.fetch(url, follow_redirects=False, raise_error=False)
    if stranger.code not in (302, 403):
        raise PermissionError(f"a stranger got {stranger.code} for the class page")
    answer = await client.fetch(
        url,
        headers={"Authorization": f"token {hub.token}"},
        request_timeout=PATIENCE,
    )
    return answer.body.decode()


def wrong_on_the_page(page: str, learners: int, exercises: int) -> list[str]:
    """Say what the class page does not show: one learner by name, the others not."""
    learners_table, _, _ = page.partition("What each exercise costs")
    row = r'<th scope="row"><span title="([^"]*)">.*?</th><td class="number">(\d+)</td>'
    rows = re.findall(row, learners_table)
    shown = [NAMED, *(f"learner {number}" for number in range(1, learners + 1))]
    wrong = [
        f"the class page shows {name} with {passed}"
        for name, passed in rows
        if name not in shown or int(passed) != exercises
    ]
    if len(rows) != learners or NAMED not in dict(rows):
        wrong.append(f"the class page shows {[name for name, _ in rows]}")
    return wrong


def _lacking() -> str | None:
    if importlib.util.find_spec("jupyterhub") is None:
        return (
            f"{sys.executable} has no jupyterhub; install it: "
            "pip install -c binder/constraints.txt -r binder/hub/requirements.txt"
        )
    if not (HERE / "node_modules" / "configurable-http-proxy").exists():
        return "the hub's proxy is not there; run: npm install --prefix binder/hub"
    return None


async def teach(hub: Hub, learners: list[Learner], lab: Lab) -> tuple[float, float]:
    """Let all start, then all work; return how long each of the two took."""
    # All learners wait for their servers at once.
    AsyncHTTPClient.configure(None, max_clients=len(learners) + 5)
    await _wait_for(hub)

    async def all_of(step: Any) -> float:
        began = time.perf_counter()
        await asyncio.gather(*(_noting(learner, step) for learner in learners))
        return time.perf_counter() - began

    spawned = await all_of(lambda learner: learner.start())
    await all_of(lambda learner: learner.open(lab))
    agrees = replace(lab, cells=[*lab.cells, AGREEMENT])
    return spawned, await all_of(
        lambda learner: learner.work(agrees if learner is learners[0] else lab)
    )


async def _noting(learner: Learner, step: Any) -> None:
    """Let a learner do one step; one who failed before stays out."""
    if learner.diary.errors:
        return
    try:
        await step(learner)
    except Exception as error:  # noqa: BLE001 - one learner's trouble is a finding
        learner.diary.errors.append(f"{type(error).__name__}: {error}")


async def _wait_for(hub: Hub) -> None:
    """Wait until the hub itself answers; its proxy does so earlier."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and hub.process.poll() is None:
        with contextlib.suppress(OSError, HTTPClientError):
            await AsyncHTTPClient().fetch(f"{hub.url}/hub/api")
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the hub did not answer")


@contextlib.contextmanager
def hub_on_loopback(folder: Path) -> Iterator[Hub]:
    """Start a hub whose files all lie in that folder; stop it and all its servers."""
    public, hub_port, proxy_port, page_port = _free_ports(4)
    token = secrets.token_hex(16)
    settings = folder / "jupyter" / "jupyter_server_config.d"
    settings.mkdir(parents=True)
    shutil.copy(
        HERE.parents[1]
        / "labkit/extension/jupyter/jupyter_server_config.d/labkit.json",
        settings,
    )
    trial = {
        "url": f"http://127.0.0.1:{public}",
        "hub_port": hub_port,
        "proxy_port": proxy_port,
        "page_port": page_port,
        "folder": str(folder),
        "password": secrets.token_hex(8),
        "token": token,
        "environment": {
            # The kit of this folder, whichever is installed.
            "PYTHONPATH": str(PROJECT),
            "JUPYTER_CONFIG_PATH": str(settings.parent),
        },
    }
    log = folder / "hub.log"
    with log.open("wb") as output:
        process = psutil.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "trial_config.py")],
            cwd=folder,
            env=os.environ | {"LABKIT_TRIAL": json.dumps(trial)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Hub(trial["url"], token, process)
    except BaseException:
        print(log.read_text("utf-8", "replace")[-5000:], file=sys.stderr)
        raise
    finally:
        _end(process)


def _end(process: psutil.Popen) -> None:
    """Ask the hub to stop its servers and itself; end what is left."""
    family = [process, *process.children(recursive=True)]
    process.terminate()
    _, left = psutil.wait_procs(family, timeout=20)
    for one in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(left, timeout=5)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def used_by_each(hub: psutil.Process) -> dict[str, Used]:
    """Return what each learner has used; under an empty name what the hub has used.

    Where the system tells it, memory that processes share is shared out among them.
    """
    used: dict[str, Used] = defaultdict(Used)
    for process in [hub, *hub.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            one = used[process.environ().get("JUPYTERHUB_USER", "")]
            memory, times = process.memory_full_info(), process.cpu_times()
            megabytes = getattr(memory, "pss", memory.uss) / MEGABYTE
            one.memory += megabytes
            one.processor += times.user + times.system
            if "ipykernel_launcher" in process.cmdline():
                one.kernel += megabytes
    return dict(used)


def summary(diaries: list[Diary], lab: Lab, used: dict[str, Used]) -> dict[str, Any]:
    """Put what all learners saw into a few figures, and the errors in words."""
    errors = [f"{diary.name}: {error}" for diary in diaries for error in diary.errors]
    for diary in diaries:
        if not diary.errors:
            errors += _unexpected(diary, lab)
    hub = used.get("", Used())
    each = [one for name, one in used.items() if name] or [Used()]
    memory = [one.memory for one in each]
    return {
        "learners": len(diaries),
        "verdicts passed": sum(
            said[-1] == "passed"
            for diary in diaries
            for said in diary.verdicts.values()
        ),
        "spawn, each (s)": _range([diary.spawn for diary in diaries], 1),
        "lab, first cell to last verdict (s)": _range([d.lab for d in diaries], 1),
        "slowest lab (s)": round(max(diary.lab for diary in diaries), 1),
        "slowest cell (s)": round(max(diary.slowest for diary in diaries), 1),
        "memory, each (MB)": _range(memory),
        "of that, the kernel (MB)": _range([one.kernel for one in each]),
        "most memory (MB)": round(max(memory)),
        "processor time, each (s)": _range([one.processor for one in each], 1),
        "memory of the hub (MB)": round(hub.memory),
        "processor time of the hub (s)": round(hub.processor, 1),
        "errors": errors,
    }


def _range(values: list[float], digits: int = 0) -> str:
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def _unexpected(diary: Diary, lab: Lab) -> Iterator[str]:
    """Yield what is wrong with a learner's verdicts, with the last one in full."""
    for exercise in lab.exercises:
        said = diary.verdicts.get(exercise, [])
        if said != ["not attempted", "passed"]:
            seen = ", ".join(said) or "nothing"
            words = diary.last_words.get(exercise, "")
            yield f"{diary.name}: {exercise} said {seen}: {words}"


if __name__ == "__main__":
    sys.exit(main())
