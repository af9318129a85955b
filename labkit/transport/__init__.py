"""Get one request to the other side: in process over WSGI, or over HTTP.

In process there is no socket and no thread; the response is byte for byte the one that
a server would send. A URL whose receiver was announced with `serve_in_process` is
served that way too, which is how the labs run where no socket can be opened.

    way.py      what both ways have in common
    app.py      call a WSGI app
    http.py     send over a socket, which can be made to misbehave
    choice.py   which way leads to an endpoint
"""

from labkit.transport.app import AppTransport, Nowhere
from labkit.transport.choice import (
    serve_in_process,
    served_in_process,
    stop_in_process,
    transport_to,
)
from labkit.transport.http import HttpTransport
from labkit.transport.way import (
    IN_BROWSER,
    SMOOTH,
    Endpoint,
    Interrupted,
    Mishap,
    Transport,
    WsgiApp,
)

__all__ = [
    "IN_BROWSER",
    "SMOOTH",
    "AppTransport",
    "Endpoint",
    "HttpTransport",
    "Interrupted",
    "Mishap",
    "Nowhere",
    "Transport",
    "WsgiApp",
    "serve_in_process",
    "served_in_process",
    "stop_in_process",
    "transport_to",
]
