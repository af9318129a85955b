"""A plugin for pytest that makes each of its processes start sooner.

nbval and the builder of the notebooks import jsonschema. It reads a large grammar of
internationalised addresses, which takes a second of processor time in each process.
Nothing here checks such an address, and jsonschema can do without the grammar.

It must come before the other plugins: `pytest -p tests.lighter`.
"""

import sys

# Importing it now raises ImportError.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
