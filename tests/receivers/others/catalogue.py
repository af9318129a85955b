"""The table of receivers made of other people's packages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """One receiver.

    `program` is its file, `options` are those of `labkit examine`, `path` is that of
    the endpoint.
    """

    name: str
    program: str
    scheme: str
    secret: str
    options: tuple[str, ...] = ()
    path: str = "/webhooks"


TEXT = "a text that only both sides know"
STANDARD = "whsec_dGhlIGZpcnN0IGtleSBvZiB0aGUgcmVjZWl2ZXJzISE="

OTHERS = (
    Other(
        name="gidgethub",
        program="gidgethub_app.py",
        scheme="github",
        secret=TEXT,
        options=("--event", "push.json"),
    ),
    Other(
        name="slack_bolt",
        program="slack_bolt_app.py",
        scheme="slack",
        secret=TEXT,
        options=(
            *("--event", "mention.json"),
            *("--id-path", "event_id", "--type-path", "event.type"),
        ),
    ),
    Other(
        name="standardwebhooks-python",
        program="standardwebhooks_app.py",
        scheme="standard",
        secret=STANDARD,
    ),
)
