"""TLS: certificates that a sender must not accept."""

from labkit.errors import LabError
from labkit.examine_sender.harness import NotRegistered, SenderHarness
from labkit.examine_sender.probe import COMMON, Need, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Respond

BAD = ("unknown authority", "wrong name", "expired")


def _verified(harness: SenderHarness) -> Steps:
    tally = Tally()
    endpoints: dict[str, Endpoint] = {}
    for case in ("good", *BAD):
        try:
            server = harness.tls_server(case)
            endpoint = server.endpoint(f"tls-{case.replace(' ', '-')}", Respond(200))
            harness.register(endpoint)
        except NotRegistered as error:
            if case == "good":
                yield COMMON
                tally.doubt(f"the good endpoint was not accepted: {error}")
                return tally.judgement("")
            continue  # a sender may look at the certificate at registration
        except LabError as error:
            yield COMMON
            tally.doubt(str(error))
            return tally.judgement("")
        endpoints[case] = endpoint
    mark = yield COMMON
    good = endpoints["good"]
    yield Wait(lambda: bool(good.seen(mark)), harness.retry_wait())
    yield Wait(lambda: False, harness.sender(min(1.0, harness.patience / 5)))
    if not good.seen(mark):
        tally.doubt(
            "nothing arrived over TLS with the good certificate; start the sender with "
            f"SSL_CERT_FILE, REQUESTS_CA_BUNDLE or NODE_EXTRA_CA_CERTS set to "
            f"{harness.ca_folder}/authority.pem"
        )
    else:
        tally.control()
    for case in BAD:
        endpoint = endpoints.get(case, good)
        if endpoint is not good and endpoint.seen(mark):
            tally.complain(
                f"the certificate ({case}) was accepted", *endpoint.seen(mark)[:1]
            )
        if "HTTP_REQUEST" in harness.tls_server(case).handshakes:
            tally.complain(f"the request was sent unencrypted (certificate: {case})")
    return tally.judgement("accepted the good certificate and none of the three others")


PROBES = (
    Probe(
        id="tls.verified",
        title="an invalid certificate is accepted, or TLS is not used",
        sent=(
            "endpoints have a certificate issued by an unknown authority, one for "
            "another name, an expired one, and a valid one"
        ),
        wanted="the first three are refused and the last is accepted",
        why=(
            "anyone on the network between the sender and the receiver can read the "
            "events and their signatures"
        ),
        mend="verify the certificate and the name; never disable verification",
        source="gitlabhq/gitlabhq#9304, erxes/erxes#7527",
        severity=Severity.HIGH,
        who=Who.NETWORK,
        references=("CWE-295",),
        run=_verified,
        needs=frozenset({Need.REGISTER, Need.TLS, Need.SOCKETS}),
    ),
)
