"""A history as a picture and as text, which say the same.

    history.timeline()              shown in a cell
    print(history.timeline())       the text form
    history.timeline().svg()        a file of its own

For a few deliveries the picture is a message diagram, for dozens a lane an event, for
hundreds a strip with a mark an attempt, for thousands counts.
"""

from labkit.timeline.view import Timeline

__all__ = ["Timeline"]
