"""Certificates that a sender must accept or refuse, made by `trustme` on the spot."""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import BadSetting

NAME = "localhost"


@dataclass(frozen=True, slots=True)
class Certificates:
    """One TLS context per case, and the file of the authority that is to be trusted.

    `cases` pairs a name with its context: "good" is the control, every other one must
    be refused.
    """

    authority: Path
    cases: dict[str, ssl.SSLContext]


def make_certificates(folder: Path, *, names: tuple[str, ...]) -> Certificates:
    """Make the certificates; `names` are the host names and addresses of the good one.

    An authority that is already in the folder is used again, so that a sender which
    was started with its file trusts the next run, too. Raises BadSetting without
    trustme.
    """
    try:
        import trustme
    except ImportError:
        raise BadSetting(
            "TLS probes make their certificates with trustme; "
            "install it with: pip install trustme"
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    file, key = folder / "authority.pem", folder / "authority.key"
    if file.exists() and key.exists():
        authority = trustme.CA.from_pem(file.read_bytes(), key.read_bytes())
    else:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(file))
        authority.private_key_pem.write_to_path(str(key))
        key.chmod(0o600)
    stranger = trustme.CA()
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = {
        "good": authority.issue_cert(*names),
        "unknown authority": stranger.issue_cert(*names),
        "wrong name": authority.issue_cert("other.example"),
        "expired": authority.issue_cert(*names, not_after=past),
    }
    cases = {}
    for case, certificate in made.items():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        cases[case] = context
    return Certificates(file, cases)
