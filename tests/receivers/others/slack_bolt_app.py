"""Bolt for Python under Flask, as its documentation of adapters shows it.

Source: docs.slack.dev/tools/bolt-python, "Adapters", and "Authorization".
"""

import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult


def authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id="E1", team_id="T1", bot_token="xoxb-1", bot_user_id="U1"
    )


bolt = App(signing_secret=os.environ["SECRET"], authorize=authorize)


@bolt.event("app_mention")
def mentioned(body: dict[str, Any]) -> None:
    with Path(os.environ["LEDGER"]).open("a") as ledger:
        ledger.write(f"{body['event_id']}\n")


app = Flask(__name__)
handler = SlackRequestHandler(bolt)


@app.post("/webhooks")
def slack_events() -> Response:
    return handler.handle(request)


app.run(port=int(os.environ["PORT"]))
