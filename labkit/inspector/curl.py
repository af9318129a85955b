"""A request as a command that sends it once more, for a POSIX shell."""

import base64
import re
import shlex

from labkit.model import Request
from labkit.receiver.received import HIDDEN

LONGEST = 100_000
"""How many bytes of body fit into a command; shells refuse much longer ones."""

_LEFT_OUT = ("host", "content-length", "connection", "accept-encoding")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def as_curl(request: Request, url: str) -> str:
    """Return the command; `url` is the receiver's, without a path.

    Headers whose values are hidden are left out. A body that is no plain text goes
    through base64, because a control character in a pasted command could do anything.
    A body that is too long for a command is to be downloaded first.
    """
    words = ["curl", "-i", "-X", request.method, url + request.path]
    for name, value in request.headers:
        if name.lower() in _LEFT_OUT or value == HIDDEN or not _NAME.fullmatch(name):
            continue
        if _plain(value):
            # An empty header is written with a semicolon, or curl leaves it out.
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if not request.body:
        return shlex.join(words)
    if len(request.body) > LONGEST:
        return shlex.join([*words, "--data-binary", "@body"])
    text = request.body.decode("utf-8", "replace")
    if text.encode() == request.body and _plain(text.replace("\n", "")):
        return shlex.join([*words, "--data-raw", text])
    coded = base64.b64encode(request.body).decode()
    command = shlex.join([*words, "--data-binary", "@-"])
    return f"printf %s {coded} | base64 -d | {command}"


def _plain(text: str) -> bool:
    return text.isprintable()
