"""Stands in for the ngrok agent: the same command line, log and local API.

Its tunnels lead from another port of this machine to the receiver, so that a test can
send through them. The authtoken in its configuration says how it behaves:

    silent      it starts and says nothing
    offline     it can't reach its service
    refused     its service refuses the token
    anything else opens tunnels
"""

import json
import pathlib
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERRORS = {
    "offline": "failed to dial ngrok server: no such host",
    "refused": (
        "authentication failed: the authtoken you specified is properly formed, but it "
        "is invalid. Your authtoken: refused ERR_NGROK_107"
    ),
}
ENDPOINTS: dict[str, dict[str, object]] = {}


def log(level: str, message: str, **fields: str) -> None:
    said = {"t": "2026-01-01T00:00:00+0000", "lvl": level, "msg": message, **fields}
    words = " ".join(f'{name}="{value}"' for name, value in said.items())
    print(words, flush=True)


def serve(handler: type[BaseHTTPRequestHandler]) -> tuple[ThreadingHTTPServer, str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"127.0.0.1:{server.server_address[1]}"


class Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def tunnel_to(upstream: str) -> tuple[ThreadingHTTPServer, str]:
    class Tunnel(Quiet):
        def do_POST(self) -> None:
            headers = {**self.headers, "X-Forwarded-Proto": "https"}
            request = urllib.request.Request(  # noqa: S310 - the test's own address
                upstream + self.path, self.body(), headers, method=self.command
            )
            try:
                with urllib.request.urlopen(request) as got:  # noqa: S310 - the same
                    self.answer(got.status, got.read())
            except urllib.error.HTTPError as got:
                self.answer(got.code, got.read())

    return serve(Tunnel)


class Api(Quiet):
    def do_GET(self) -> None:
        self.answer(200, json.dumps({"endpoints": [*ENDPOINTS.values()]}).encode())

    def do_POST(self) -> None:
        wanted = json.loads(self.body())
        _, address = tunnel_to(wanted["upstream"]["url"])
        endpoint = {**wanted, "url": f"http://{address}"}
        ENDPOINTS[wanted["name"]] = endpoint
        self.answer(201, json.dumps(endpoint).encode())

    def do_DELETE(self) -> None:
        ENDPOINTS.pop(self.path.rsplit("/", 1)[-1])
        self.send_response(204)
        self.end_headers()


def main() -> None:
    if "--authtoken" in sys.argv:
        sys.exit("a token among the arguments can be read by everybody")
    config = pathlib.Path(sys.argv[sys.argv.index("--config") + 1]).read_text()
    token = config.partition("authtoken:")[2].split()[0]
    while token == "silent":
        time.sleep(60)
    if token in ERRORS:
        log("eror", "failed to auth", err=ERRORS[token])
        sys.exit(1)
    _, address = serve(Api)
    log("info", "starting web service", obj="web", addr=address)
    log("info", "tunnel session started", obj="tunnels.session")
    log("info", "client session established", obj="csess")
    while True:
        time.sleep(60)
        log("info", "still there")


if __name__ == "__main__":
    main()
