"""The table of receivers made of other people's packages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """One receiver.

    `program` is its file, `path` that of the endpoint.
    """

    name: str
    program: str
    scheme: str
    secret: str
    path: str = "/webhooks"


TEXT = "a text that only both sides know"
STRIPE = "whsec_ReceiversOfTheTests1"
STANDARD = "whsec_dGhlIGZpcnN0IGtleSBvZiB0aGUgcmVjZWl2ZXJzISE="

OTHERS = (
    Other(name="gidgethub", program="gidgethub_app.py", scheme="github", secret=TEXT),
    Other(name="slack_bolt", program="slack_bolt_app.py", scheme="slack", secret=TEXT),
    Other(
        name="standardwebhooks-python",
        program="standardwebhooks_app.py",
        scheme="standard",
        secret=STANDARD,
    ),
    Other(
        name="django-anymail",
        program="anymail_app.py",
        scheme="svix",
        secret=STANDARD,
        path="/anymail/resend/tracking/",
    ),
    Other(
        name="buildbot",
        program="buildbot_app.py",
        scheme="github",
        secret=TEXT,
        path="/change_hook/github",
    ),
    Other(
        name="webhook",
        program="hooks.json",
        scheme="github",
        secret=TEXT,
        path="/hooks/github",
    ),
    Other(
        name="github-webhook-handler",
        program="github-webhook-handler.mjs",
        scheme="github",
        secret=TEXT,
    ),
    Other(
        name="octokit-webhooks",
        program="octokit-webhooks.mjs",
        scheme="github",
        secret=TEXT,
    ),
    Other(name="stripe", program="stripe.mjs", scheme="stripe", secret=STRIPE),
    Other(name="svix", program="svix.mjs", scheme="svix", secret=STANDARD),
    Other(
        name="standardwebhooks-node",
        program="standardwebhooks.mjs",
        scheme="standard",
        secret=STANDARD,
    ),
    Other(name="shopify-api", program="shopify-api.mjs", scheme="shopify", secret=TEXT),
    Other(name="slack-bolt", program="slack-bolt.mjs", scheme="slack", secret=TEXT),
    Other(name="twilio", program="twilio.mjs", scheme="twilio", secret=TEXT),
    Other(name="line-bot-sdk", program="line-bot-sdk.mjs", scheme="line", secret=TEXT),
)
