"""A receiver of the generic scheme that dies or hangs in several ways.

python -m tests.receivers.fragile PORT WEAKNESS, where WEAKNESS is `forged` (a forged
signature ends the process), `forged-later` (it does so after its response),
`non-ascii` (a header that is not ASCII does), `hang` (a request with a body never gets
a response), `hang-forged` (a forged event never gets one), `hang-later` (nothing gets
one after 50 events), `locked` (an event that is not JSON leaves a lock behind), or
`waits` (the receiver waits for as many bytes as the head announces).
"""

import hashlib
import hmac
import http.server
import itertools
import json
import os
import sys
import threading
import time

SECRET = "a secret of the fragile"
EVENTS = itertools.count()
LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    """Responds to one request; the weakness is an attribute of a subclass."""

    weakness = "none"

    def do_GET(self) -> None:
        self.respond(405)

    def do_POST(self) -> None:
        if self.path != "/webhooks":
            self.respond(404)
            return
        if self.weakness == "hang":
            time.sleep(600)
        length = self.headers.get("Content-Length", "")
        if self.weakness == "waits" and length.isdigit() and len(length) > 7:
            while self.rfile.read1(1 << 16):
                pass
            return
        if not length.isdigit() or len(length) > 7:
            self.respond(411)
            return
        self.respond(self.status(self.rfile.read(int(length))))

    def status(self, body: bytes) -> int:
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        given = self.headers.get("X-Webhook-Signature", "")
        if self.weakness == "non-ascii" and not given.isascii():
            os._exit(1)
        if given != f"sha256={digest}":
            if self.weakness == "forged":
                os._exit(1)
            if self.weakness == "forged-later":
                threading.Timer(0.02, os._exit, [1]).start()
            if self.weakness == "hang-forged":
                time.sleep(600)
            return 401
        if self.weakness == "hang-later" and next(EVENTS) >= 50:
            time.sleep(600)
        if self.weakness == "locked":
            LOCK.acquire()
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if self.weakness == "locked":
            LOCK.release()
        return 200 if isinstance(event, dict) else 400

    def respond(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def serve(port: int, weakness: str) -> None:
    """Serve until the process ends."""
    handler = type("Weak", (Handler,), {"weakness": weakness})
    http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
