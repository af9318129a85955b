"""What the makers of the labs run: `labkit dev`.

notebooks.py    build the notebooks from their sources
references.py   copy each reference solution into the package
content.py      prove every exercise
mutants.py      try small changes of the correct solutions
grading.py      write a course for nbgrader
links.py        links that open a lab elsewhere
bench.py        measure the speed of the kit
benched.py      the receivers whose speed is measured
waits.py        measure what people wait for
"""

import sys

# nbformat would read a large grammar, which takes a second: see extension/server.py.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
