"""A name server whose answers change: a public address first, then this machine."""

import contextlib
import socket
import struct
import threading
from collections import Counter

PUBLIC = "93.184.215.14"
"""A public address, so that a guard takes it. In a namespace nothing reaches it."""

SUFFIX = ".rebind.test"


class NameServer:
    """Answer A queries over UDP.

    The first query for `NAME.rebind.test` gets a public address and every later one
    127.0.0.1, both with a time to live of 0. AAAA queries get an empty answer.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 53) -> None:
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                query, peer = self._socket.recvfrom(4096)
            except OSError:
                return
            with contextlib.suppress(OSError, IndexError, struct.error):
                self._socket.sendto(self.answer(query), peer)

    def answer(self, query: bytes) -> bytes:
        """Return the answer to a DNS query."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
            at += 1 + query[at]
        question = query[12 : at + 5]
        (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
        name = ".".join(labels).lower()
        known = name.endswith(SUFFIX)
        answers = b""
        if known and kind == 1:
            self.asked[name] += 1
            address = PUBLIC if self.asked[name] == 1 else "127.0.0.1"
            answers = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4)
            answers += socket.inet_aton(address)
        flags = 0x8180 if known else 0x8183  # no error, or no such name
        head = query[:2] + struct.pack("!HHHHH", flags, 1, bool(answers), 0, 0)
        return head + question + answers
