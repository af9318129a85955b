"""Finish a site that JupyterLite has built: it starts sooner, and works offline.

`assets/page.js` starts Python while JupyterLab is still starting, and
`assets/service-worker.js` keeps all files in the reader's browser. `assets/narrow.js`
makes room for a notebook in a narrow window. All are put into the site here, with the
names that this build gave to its files.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent / "assets"
APPS = ["lab", "notebooks"]
KERNEL = "extensions/@jupyterlite/pyodide-kernel-extension/static/comlink.worker.*.js"
PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"
THEIRS = "service-worker-jupyterlite.js"

# JupyterLite copies its own project's files beside the apps. Every browser that runs
# WebAssembly asks for fonts in WOFF2 only.
LEFT_OVER = [
    *("**/jupyter-lite.ipynb", "package.json", "rspack.config*.js"),
    *("build/fa-*.eot", "build/fa-*.svg", "build/fa-*.ttf", "build/fa-*.woff"),
]


def finish(site: Path) -> None:
    """Put what is ours into the site; ends the program if JupyterLite has changed."""
    for pattern in LEFT_OVER:
        for file in site.glob(pattern):
            file.unlink()
    start_early(site)
    make_room(site)
    work_offline(site)


def start_early(site: Path) -> None:
    """Let every app start Python at once, in the kernel's own worker."""
    kernels = list(site.glob(KERNEL))
    if len(kernels) != 1:
        sys.exit(f"the kernel's worker is not where it was: {kernels}")
    kernel = kernels[0].relative_to(site).as_posix()
    runtime = site / "static" / "pyodide"
    shutil.copy(ASSETS / "start.mjs", runtime)
    early = (ASSETS / "early.mjs").read_text().replace("KERNEL", f"../../{kernel}")
    (runtime / "early.mjs").write_text(early)
    shutil.copy(ASSETS / "page.js", site)
    settings = json.loads((site / "jupyter-lite.json").read_text())
    config = settings["jupyter-config-data"]
    # JupyterLite's build has put Pyodide's own loader there.
    config["litePluginSettings"][PLUGIN]["pyodideUrl"] = "./static/pyodide/start.mjs"
    (site / "jupyter-lite.json").write_text(json.dumps(settings, indent=1))
    version = config["appVersion"]
    script = (
        f'<script src="../page.js" data-kernel="../{kernel}" '
        f'data-version="{version}"></script>'
    )
    for app in APPS:
        _add_script(site / app / "index.html", script)


def make_room(site: Path) -> None:
    """Let JupyterLab close its file browser where a window is too narrow for both."""
    shutil.copy(ASSETS / "narrow.js", site)
    _add_script(site / "lab" / "index.html", '<script src="../narrow.js"></script>')


def work_offline(site: Path) -> None:
    """Write the service worker that keeps every file of the site."""
    (site / "service-worker.js").rename(site / THEIRS)
    files = sorted(
        file.relative_to(site).as_posix()
        for file in site.rglob("*")
        if file.is_file() and file.name != THEIRS
    )
    digest = hashlib.sha256()
    for name in files:
        digest.update(f"{name}\n".encode() + (site / name).read_bytes())
    worker = (ASSETS / "service-worker.js").read_text()
    worker = worker.replace('["FILES"]', json.dumps(files, indent=1))
    worker = worker.replace("DIGEST", digest.hexdigest()[:16])
    (site / "service-worker.js").write_text(worker)


def _add_script(page: Path, script: str) -> None:
    """Add a script to a page, before all others."""
    first = '<meta charset="utf-8">\n'
    _replace(page, first, f"{first}    {script}\n")


def _replace(page: Path, old: str, new: str) -> None:
    text = page.read_text()
    if text.count(old) != 1:
        sys.exit(f"{page} has no {old}")
    page.write_text(text.replace(old, new))
