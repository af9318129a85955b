"""What `labkit report` does: a class's exported progress as a table and a page.

A file that can't be read is named and left out; nothing in a file is trusted.
"""

from labkit.classroom.gathering import Classroom, gather
from labkit.classroom.page import to_html, write_page
from labkit.classroom.tables import Summary, summaries, to_json
from labkit.classroom.text import to_text

__all__ = [
    "Classroom",
    "Summary",
    "gather",
    "summaries",
    "to_html",
    "to_json",
    "to_text",
    "write_page",
]
