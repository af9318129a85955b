"""Servers that only some probes need, beside the one of the endpoints."""

from pathlib import Path

from labkit.errors import BadSetting
from labkit.witness import Canary, Witness
from labkit.witness.certificates import Certificates, make_certificates
from labkit.witness.server import Server


class SideServers:
    """A canary that no sender should call, and servers with certificates of all kinds.

    Each is started when it is first asked for. `ca_folder` is where the certificate
    that the sender trusts is written.
    """

    def __init__(self, witness: Witness, host: str, ca_folder: Path | None) -> None:
        self._witness, self._host, self._ca_folder = witness, host, ca_folder
        self._canary: Canary | None = None
        self._tls: dict[str, Server] = {}
        self._certificates: Certificates | None = None

    def canary(self) -> Canary:
        """Return the canary; the first call starts it."""
        if self._canary is None:
            self._canary = Canary(self._witness.now)
        return self._canary

    def tls(self, case: str) -> Server:
        """Return the server with that certificate; the first call starts it.

        Raises BadSetting without a folder for the certificates.
        """
        if case not in self._tls:
            if self._ca_folder is None:
                raise BadSetting("there is no --ca-folder")
            if self._certificates is None:
                self._certificates = make_certificates(
                    self._ca_folder, names=(self._host, "localhost")
                )
            context = self._certificates.cases[case]
            self._tls[case] = Server(self._witness, host=self._host, context=context)
        return self._tls[case]

    def close(self) -> None:
        """Stop the servers that were started."""
        if self._canary is not None:
            self._canary.close()
        for server in self._tls.values():
            server.close()
