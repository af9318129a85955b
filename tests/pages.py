"""A real browser for tests: orders in, what they return out."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Self

from tests import outside

HERE = Path(__file__).parent / "browser"


class Browser:
    """One browser that does what it is told; `do` gives what the order returns.

    The tests of a process share one, through the fixtures `chromium` and `browser`: its
    start takes a second of processor time. `renewed` gives it with a new page.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @classmethod
    def start(cls) -> Self:
        node, chromium = outside.node_with_packages(HERE), outside.headless()
        return cls(
            subprocess.Popen(
                [node, HERE / "page.mjs", "{}"],
                env=os.environ | {"CHROMIUM": chromium},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    @classmethod
    def renewed(cls, other: "Browser") -> Self:
        """Open a new page, without cookies, storage and settings of the last one.

        What the browser keeps in its cache stays.
        """
        other.do("await renew();")
        return cls(other.process)

    def do(self, order: str, **values: object) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        given = "".join(f"const {k} = {json.dumps(v)};" for k, v in values.items())
        self.process.stdin.write(json.dumps(given + order) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def axe_faults(browser: Browser) -> list[str]:
    """Return every fault by WCAG 2.2 AA, a contrast below 4.5 : 1 among them.

    Without the other results in full, a page takes half of the time.
    """
    found: list[str] = browser.do(
        "if (await page.evaluate(() => !window.axe)) await page.evaluate(axe);"
        "const {violations, passes} = await page.evaluate(() => axe.run({runOnly: ["
        "'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
        " resultTypes: ['violations']}));"
        "if (!passes.some(({id}) => id === 'color-contrast')) throw Error('unseen');"
        "return violations.map(({id, impact, nodes}) => "
        "`${impact} ${id}: ${nodes.map(({html}) => html).join(' | ')}`);"
    )
    return found


def placeholders(text: str) -> list[str]:
    """Return the words in a page's text that a program writes for a missing value."""
    return re.findall(r"\b(?:null|undefined|NaN)\b|\[object \w+\]", text)
