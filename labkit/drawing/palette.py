"""Every colour of the kit: of pictures, pages, the inspector and verdicts.

A palette has each colour twice, for light and for dark backgrounds. Text has a contrast
of at least 4.5 : 1 against each background that it is shown on, and lines and marks
have at least 3 : 1 unless they only decorate.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by name, on a light and on a dark background."""

    light: Mapping[str, str]
    dark: Mapping[str, str]

    def chosen(self, **names: str) -> "Palette":
        """Return the colours of these names, each under its new name."""
        return Palette(
            {new: self.light[old] for new, old in names.items()},
            {new: self.dark[old] for new, old in names.items()},
        )


PICTURE = Palette(
    light={
        "paper": "#ffffff",
        "ink": "#1f2328",
        "muted": "#59636e",
        "faint": "#dde2e8",
        "good": "#0a7c66",
        "half": "#7b3fc4",
        "answer": "#0b62c4",
        "silent": "#8a5300",
        "forged": "#b0107c",
        "alarm": "#c0182b",
    },
    dark={
        "paper": "#111111",
        "ink": "#e8ecf1",
        "muted": "#9aa5b1",
        "faint": "#353b42",
        "good": "#3fcfae",
        "half": "#c4a1ff",
        "answer": "#79b8ff",
        "silent": "#e8b04a",
        "forged": "#ff8ad1",
        "alarm": "#ff8f8f",
    },
)
"""Pictures in a cell or on a page. `faint` is for rules only, never for text."""

PAGE = Palette(
    light={
        "ink": "#1b1b1f",
        "paper": "#fdfdfd",
        "line": "#8a8a94",
        "rest": "#55555e",
        "passed": "#18602b",
        "passed-bg": "#d9f2df",
        "warning": "#7a3a00",
        "warning-bg": "#fde8cf",
        "failed": "#a3171d",
        "failed-bg": "#fde3e3",
        "critical": "#8a0f4f",
        "low": "#3d4a63",
    },
    dark={
        "ink": "#ececf0",
        "paper": "#17171a",
        "line": "#77777f",
        "rest": "#b4b4bd",
        "passed": "#9be3ab",
        "passed-bg": "#14361d",
        "warning": "#f7c88a",
        "warning-bg": "#45290a",
        "failed": "#ffb3ae",
        "failed-bg": "#4a1517",
        "critical": "#ff9ccb",
        "low": "#b5c4e6",
    },
)
"""Reports that are a page of their own. A name with `-bg` is a background."""

INSPECTOR = Palette(
    light={
        "ground": "#f6f6f4",
        "sheet": "#ffffff",
        "chosen": "#e9effc",
        "hover": "#f2f4f8",
        "text": "#1c2024",
        "quiet": "#59616a",
        "line": "#dfe1e4",
        "line-strong": "#8a929b",
        "accent": "#2455c3",
        "good": "#17714f",
        "warn": "#96470a",
        "bad": "#ad211a",
        "mark": "#ffe3b8",
        "mark-text": "#5a2a00",
    },
    dark={
        "ground": "#14171a",
        "sheet": "#1b1f23",
        "chosen": "#243350",
        "hover": "#22272d",
        "text": "#e6e9ec",
        "quiet": "#a3acb5",
        "line": "#30363c",
        "line-strong": "#77818b",
        "accent": "#8fb2ff",
        "good": "#62c99e",
        "warn": "#ecac68",
        "bad": "#f79a90",
        "mark": "#5d3d0c",
        "mark-text": "#ffe0b0",
    },
)
"""The inspector. `ground`, `sheet`, `chosen`, `hover` and `mark` are backgrounds."""

EDGES = {
    "passed": "#1a7f5a",
    "not yet": "#b4540a",
    "not attempted": "#6e7781",
    "kit failed": "#cf3a30",
    "prediction": "#6e7781",
}
"""The lines beside what a cell shows: one colour for light and for dark."""

FRAMES = {"page": "#8884", "code": "#bdbdbd"}
"""Lines around a frame and around code, which only decorate."""
