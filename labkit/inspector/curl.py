"""A request as a command that sends it once more, for the shell of this machine.

The receiver is reached from its own machine alone. So that machine's shell counts, and
not the one of the machine on which the page is looked at.
"""

import base64
import os
import re
import shlex
import string
import urllib.parse
from collections.abc import Iterator

from labkit.model import Request
from labkit.redaction import HIDDEN

LONGEST = 100_000
"""How many bytes of body fit into a command; shells refuse much longer ones."""

_LEFT_OUT = ("host", "content-length", "connection", "accept-encoding")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FILE = r"$env:TEMP\labkit-body"


def as_curl(request: Request, url: str) -> str:
    """Return the command for a POSIX shell; `url` is the receiver's, without a path.

    Headers whose values are hidden are left out. A body that is no plain text goes
    through base64, because a control character in a pasted command could do anything.
    A body that is too long for a command is to be downloaded first.
    """
    words = ["curl", "-i", "-X", request.method, "-g", _address(request, url)]
    for header in _headers(request):
        words += ["-H", header]
    if not request.body:
        return shlex.join(words)
    if len(request.body) > LONGEST:
        return shlex.join([*words, "--data-binary", "@body"])
    if (text := _text(request.body)) is not None:
        return shlex.join([*words, "--data-raw", text])
    coded = base64.b64encode(request.body).decode()
    command = shlex.join([*words, "--data-binary", "@-"])
    return f"printf %s {coded} | base64 -d | {command}"


def as_curl_in_powershell(request: Request, url: str) -> str:
    """Return the command for PowerShell, with the same left out as in `as_curl`.

    How PowerShell hands a quotation mark to a program differs with its version. So
    curl reads the request from its input, in its own notation, and PowerShell takes
    that text as it stands. Old versions pass on ASCII alone: a header with anything
    else is left out, and such a body goes through a file.
    """
    options = [("request", request.method), ("url", _address(request, url))]
    options += [("header", header) for header in _headers(request) if header.isascii()]
    text = _text(request.body)
    first, last = "", ""
    if len(request.body) > LONGEST:
        options.append(("data-binary", "@body"))
    elif text is None or not text.isascii():
        coded = base64.b64encode(request.body).decode()
        content = f"[Convert]::FromBase64String('{coded}')"
        first = f'[IO.File]::WriteAllBytes("{_FILE}", {content})\n'
        last = f' --data-binary "@{_FILE}"'
    elif text:
        options.append(("data-raw", text))
    lines = "".join(f"{name} = {_quoted(value)}\n" for name, value in options)
    # The remark comes first, where a mark of the encoding can do no harm.
    return f"{first}@'\n# for PowerShell\ngloboff\n{lines}'@ | curl.exe -i -K -{last}"


as_command = as_curl_in_powershell if os.name == "nt" else as_curl
"""Return the command for the shell that comes with this machine's system."""


def _address(request: Request, url: str) -> str:
    """Return where the request goes, in characters that a URL may have."""
    return url + urllib.parse.quote(
        request.path, safe=string.punctuation, encoding="latin-1", errors="replace"
    )


def _headers(request: Request) -> Iterator[str]:
    for name, value in request.headers:
        if name.lower() in _LEFT_OUT or value == HIDDEN or not _NAME.fullmatch(name):
            continue
        if _plain(value):
            # An empty header is written with a semicolon, or curl leaves it out.
            yield f"{name}: {value}" if value else f"{name};"


def _text(body: bytes) -> str | None:
    """Return a body that can be pasted as it stands, and None for any other."""
    text = body.decode("utf-8", "replace")
    return text if text.encode() == body and _plain(text.replace("\n", "")) else None


def _plain(text: str) -> bool:
    return text.isprintable()


def _quoted(value: str) -> str:
    """Write a value as curl reads it in its own notation."""
    inner = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{inner}"'
