"""How far a class is, as a table and as a page.

`labkit report` reads the files that learners hand in. On a hub, `LiveClass` hears from
the learners' servers; binder/hub/class_page.py asks them.

A file that can't be read is named and left out; nothing in a file is trusted.
"""

from labkit.classroom.gathering import Classroom, gather
from labkit.classroom.live import LiveClass
from labkit.classroom.page import to_html, write_page
from labkit.classroom.tables import Summary, summaries, to_json
from labkit.classroom.text import to_text

__all__ = [
    "Classroom",
    "LiveClass",
    "Summary",
    "gather",
    "summaries",
    "to_html",
    "to_json",
    "to_text",
    "write_page",
]
