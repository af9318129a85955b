"""Build the site: JupyterLite with every lab and labkit in it, as files to serve.

    python binder/site/build.py [--output FOLDER] [--without-solutions]

Python runs in the reader's browser, compiled to WebAssembly; a plain file server is
enough, and the site asks no other. The building tools are installed into .lite/ at the
versions of requirements.txt and package.json beside this file. Needs npm.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from bundle import NAME, bundle
from finish import finish

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
PLACE = REPOSITORY / ".lite"
TOOLS = PLACE / "venv"
REQUIREMENTS = HERE / "requirements.txt"
CONSTRAINTS = REPOSITORY / "binder" / "constraints.txt"
LABCONFIG = REPOSITORY / "labkit" / "extension" / "jupyter" / "labconfig"
NPM_PACKAGE = HERE / "node_modules" / "pyodide"

RUNTIME = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"]
KERNEL = "@jupyterlite/pyodide-kernel-extension"


def main() -> None:
    """Build it from the command line."""
    parser = argparse.ArgumentParser(description="Build the labs as a static site.")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "site")
    parser.add_argument("--without-solutions", action="store_true")
    options = parser.parse_args()
    folders = ["notebooks"] if options.without_solutions else ["notebooks", "solutions"]
    build(options.output.resolve(), folders)


def build(output: Path, folders: list[str]) -> None:
    """Build the site with the notebooks of those folders; an old one is replaced."""
    python = install_tools()
    wheels = PLACE / "wheels"
    _run(python, HERE / "wheels.py", wheels)
    source = PLACE / "source"
    shutil.rmtree(source, ignore_errors=True)
    packages = collect_wheels(PLACE / "packages", wheels)
    _run(python, HERE / "wheels.py", "--lock", packages)
    collect_runtime(source / "static" / "pyodide", wheels, packages)
    configure(source, packages)
    for folder in folders:
        contents = source / "contents" / folder
        contents.mkdir(parents=True)
        for notebook in sorted((REPOSITORY / folder).glob("*.ipynb")):
            text = joined(notebook.read_text("utf-8"))
            (contents / notebook.name).write_text(text, "utf-8")
    shutil.rmtree(output, ignore_errors=True)
    _run(
        *(python, "-m", "jupyterlite_core", "build", "--lite-dir", source),
        *("--contents", source / "contents", "--output-dir", output),
        *("--apps", "lab", "--apps", "notebooks"),
        *("--no-sourcemaps", "--no-unused-shared-packages"),
        folder=source,  # it leaves a database there, and skips what it has in it
        quietly=True,
    )
    finish(output)
    # After that, so that a learner's browser does not fetch it to keep it.
    _run(python, HERE / "reference.py", output / "api")
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    print(f"{output}: {size / 1e6:.0f} MB")


def install_tools() -> Path:
    """Install what builds the site, unless it is there; return its Python."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("The site is built with npm, which is not on the PATH; install Node.")
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]["pyodide"]
    manifest = NPM_PACKAGE / "package.json"
    if not manifest.exists() or json.loads(manifest.read_text())["version"] != wanted:
        # A lock file would hold the addresses of one registry.
        options = ["--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        _run(npm, "install", *options, folder=HERE)
    python = TOOLS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, state = TOOLS / "made-from.txt", ""
    for file in [REQUIREMENTS, CONSTRAINTS]:
        state += hashlib.sha256(file.read_bytes()).hexdigest() + "\n"
    if not stamp.exists() or stamp.read_text() != state:
        venv.create(TOOLS, clear=True, with_pip=True)
        listed = ["--constraint", str(CONSTRAINTS), "--requirement", str(REQUIREMENTS)]
        # uv takes a second of processor time and pip 15. It reads no pip.conf, so where
        # only pip can find the packages, and where there is no uv, pip installs them.
        uv = [sys.executable, "-m", "uv", "pip", "install", "--python", str(python)]
        done = subprocess.run([*uv, *listed], capture_output=True, check=False)  # noqa: S603 - words of our own
        if done.returncode:
            quiet = ("--quiet", "--quiet", "--disable-pip-version-check")
            _run(python, "-m", "pip", "install", *quiet, *listed)
        stamp.write_text(state)
    return python


def joined(notebook: str) -> str:
    """Return the notebook with each text in one piece.

    In a file, long texts are lists of lines, which a Jupyter server joins. JupyterLite
    does not, and would write a comma before each line of what a cell has printed.
    """
    content = json.loads(notebook)
    for cell in content["cells"]:
        for output in cell.get("outputs", ()):
            if isinstance(output.get("text"), list):
                output["text"] = "".join(output["text"])
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def collect_wheels(folder: Path, wheels: Path) -> Path:
    """Lay the wheels and those that the kernel brings in one folder; return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kernels = TOOLS / "share" / "jupyter" / "labextensions" / KERNEL / "static" / "pypi"
    for wheel in [*wheels.glob("*.whl"), *kernels.glob("*.whl")]:
        # The kernel brings two stand-ins for the old widgets' extension.
        if not wheel.name.startswith("widgetsnbextension-3"):
            shutil.copy(wheel, folder)
    return folder


def collect_runtime(folder: Path, wheels: Path, packages: Path) -> None:
    """Lay Python for the browser and the archive of all packages in one folder."""
    folder.mkdir(parents=True)
    for name in RUNTIME:
        shutil.copy(NPM_PACKAGE / name, folder)
    shutil.copy(wheels / "python_stdlib.zip", folder)
    (folder / NAME).write_bytes(bundle(packages.glob("*.whl")))
    shutil.copy(packages / "pyodide-lock.json", folder)


def configure(source: Path, packages: Path) -> None:
    """Let the kernel know what it finds installed, and load nothing from afar.

    JupyterLab's settings are those of `make lab`.
    """
    overrides = LABCONFIG / "default_setting_overrides.json"
    lock = json.loads((packages / "pyodide-lock.json").read_text())
    kernel = {
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": sorted(lock["packages"])},
    }
    settings = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Webhook Lab",
            "exposeAppInBrowser": True,  # narrow.js needs it
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
            "settingsOverrides": json.loads(overrides.read_text()),
        },
    }
    (source / "jupyter-lite.json").write_text(json.dumps(settings, indent=1))


def _run(*command: object, folder: Path = REPOSITORY, quietly: bool = False) -> None:
    words = [str(word) for word in command]
    run = subprocess.run(  # noqa: S603 - programs that this file has installed
        words,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quietly else None,
        stderr=subprocess.STDOUT if quietly else None,
        text=True,
        check=False,
    )
    if run.returncode:
        sys.exit(f"{run.stdout or ''}{words[0]} ended with {run.returncode}")


if __name__ == "__main__":
    main()
