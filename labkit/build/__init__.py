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

from labkit.extension.server import leave_the_grammar_out

leave_the_grammar_out()  # before nbformat is imported
