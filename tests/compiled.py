"""Compile what the processes that the tests start import: kernels and JupyterLab.

`python -m tests.compiled`, after a collection, which compiles what the tests import.
"""

import importlib

for _name in ("ipykernel.kernelapp", "ipywidgets", "jupyterlab.labapp", "labkit.cli"):
    importlib.import_module(_name)
