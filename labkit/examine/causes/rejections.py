"""What is rejected although the provider sends it."""

from labkit.examine.conditions import (
    among,
    any_failed,
    both,
    either,
    failed,
    signed_only,
)
from labkit.findings import Cause, Severity, Who
from labkit.probes import Sign

_SPELLINGS = ("valid.letters", "valid.numbers", "valid.spacing", "valid.key-order")

HANDSHAKE = Cause(
    id="handshake-fails",
    title=(
        "the receiver does not respond to the provider's check of a URL as required"
    ),
    severity=Severity.HIGH,
    who=Who.NOBODY,
    why="the provider sends no events to a URL that fails its check",
    fix="respond exactly as the provider's documentation says: the status for a "
    "right and for a wrong signature, and the body",
    references=("the provider's page on setting up a URL",),
    shown_by=lambda results: (
        failed(results, "provider.challenge")
        and failed(results, "provider.exactly-401")
    ),
    explains=among("provider.challenge", "provider.exactly-401"),
    leads=("provider.exactly-401", "provider.challenge"),
)

CAUSES = (
    Cause(
        id="new-fields-rejected",
        title="valid events with a field that is new are rejected",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="providers add fields without notice; from that day on, every event is "
        "rejected",
        fix="ignore fields that you do not know: pydantic's extra='ignore', Jackson's "
        "FAIL_ON_UNKNOWN_PROPERTIES=false, zod without strict()",
        references=("CWE-1286", "Postel's law: be liberal in what you accept"),
        shown_by=lambda results: (
            failed(results, "valid.extra-fields", Sign.REJECTED)
            # Those have no new field: if they fail as well, it is the JSON's form.
            and not any_failed("valid.spacing", "valid.key-order")(results)
        ),
        explains=both(
            among(
                "valid.extra-fields",
                "valid.letters",
                "valid.numbers",
                "size.large-event",
                "size.largest",
            ),
            signed_only(Sign.REJECTED),
        ),
        leads=("valid.extra-fields",),
    ),
    Cause(
        id="body-parsed-before-verified",
        title="the signature is checked over re-serialised JSON, not the raw body",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="the same JSON can be written in many ways; as soon as the provider "
        "writes a character, a number or a space differently from your "
        "serialiser, valid events are rejected",
        fix="verify the bytes as they arrived, before anything parses them",
        references=("CWE-436", "Standard Webhooks: Verifying webhook authenticity"),
        shown_by=lambda results: (
            sum(failed(results, probe, Sign.REJECTED) for probe in _SPELLINGS) > 1
        ),
        explains=either(
            both(
                among(*_SPELLINGS, "valid.extra-fields", "body", "valid.content-types"),
                signed_only(Sign.REJECTED),
            ),
            both(among("signature.respaced"), signed_only(Sign.ACCEPTED)),
        ),
        leads=_SPELLINGS,
    ),
    Cause(
        id="one-signature-read",
        title="only one of several signatures is checked",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="during a rotation the provider signs with the old and the new secret; a "
        "receiver that reads one signature rejects valid events during that time",
        fix="compare with every signature in the header, and accept if one matches",
        references=("Standard Webhooks: Secret rotation",),
        shown_by=any_failed("rotation.order", signs=(Sign.REJECTED,)),
        explains=both(among("rotation"), signed_only(Sign.REJECTED)),
        leads=("rotation.order",),
    ),
)
