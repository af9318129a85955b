"""A plugin for pytest that makes each of its processes start sooner.

nbval and the builder of the notebooks import jsonschema, which reads a large grammar.
This takes a second of processor time in each process.

It must come before the other plugins: `pytest -p tests.lighter`.
"""

from labkit.extension.server import leave_the_grammar_out

leave_the_grammar_out()
