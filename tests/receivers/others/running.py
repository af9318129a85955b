"""Install, start and examine a receiver made of other people's packages."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labkit.findings import ExaminationReport, machine
from tests import outside
from tests.ports import free_port, wait_until_it_listens
from tests.receivers.others.catalogue import Other

HERE = Path(__file__).parent

PATIENCE = 120.0
LONGEST = 300.0
"""How long an examination may take before the test gives up, in seconds."""


@dataclass(frozen=True, slots=True)
class Running:
    """A receiver that runs; `folder` holds its ledger, its log and `restart.sh`."""

    other: Other
    port: int
    folder: Path

    def examined(self) -> ExaminationReport:
        """Run `labkit examine` on it, and read the report that it wrote."""
        other, report = self.other, self.folder / "report.json"
        command = [
            *(sys.executable, "-c", "from labkit.cli import main; main()", "examine"),
            f"http://127.0.0.1:{self.port}{other.path}",
            *("--scheme", other.scheme, "--secret", other.secret),
            *("--effects", f"wc -l < {shlex.quote(str(self.folder / 'ledger'))}"),
            *("--restart", f"sh {shlex.quote(str(self.folder / 'restart.sh'))}"),
            *("--json", str(report)),
        ]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, timeout=LONGEST
        )
        assert report.exists(), done.stderr.decode()
        return machine.read(report)


@contextlib.contextmanager
def running(other: Other, folder: Path) -> Iterator[Running]:
    """Run a receiver until the end of the block."""
    port = free_port()
    (folder / "ledger").touch()
    values = {
        "PORT": str(port),
        "SECRET": other.secret,
        "LEDGER": str(folder / "ledger"),
    }
    exports = "".join(
        f"export {name}={shlex.quote(value)}\n" for name, value in values.items()
    )
    start = shlex.join(installed(other)).replace("'$PORT'", str(port))
    (folder / "restart.sh").write_text(
        f"cd {shlex.quote(str(folder))}\n"
        "if [ -e pid ]; then kill -9 $(cat pid) 2>/dev/null; fi\n"
        # Until it has ended, it keeps the port; a zombie keeps none.
        "for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do\n"
        "  case $(ps -o state= -p $(cat pid 2>/dev/null) 2>/dev/null) in\n"
        "    ''|Z*) break;;\n"
        "  esac\n"
        "  sleep 0.05\n"
        "done\n"
        f"{exports}"
        f"{start} >>log 2>&1 </dev/null &\n"
        "echo $! >pid\n"
    )
    subprocess.run(["/bin/sh", folder / "restart.sh"], check=True)
    try:
        wait_until_it_listens(port, folder / "log", patience=PATIENCE)
        yield Running(other, port, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


def installed(other: Other) -> list[str]:
    """Return the command that starts a receiver; install its packages if needed."""
    program = HERE / other.program
    if program.suffix == ".py":
        return [str(outside.python_with_packages(HERE)), str(program)]
    if program.suffix == ".mjs":
        return [outside.node_with_packages(HERE), str(program)]
    if shutil.which("webhook") is None:
        outside.missing("needs Debian's package webhook")
    return [
        *("webhook", "-template", "-hooks", str(program), "-verbose"),
        *("-ip", "127.0.0.1", "-port", "$PORT"),
    ]
