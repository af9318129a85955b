"""gidgethub under aiohttp, as the bot tutorial in its documentation shows it.

Source: gidgethub.readthedocs.io, "A tutorial on how to write a GitHub bot".
"""

import os
from pathlib import Path

from aiohttp import web
from gidgethub import routing, sansio

router = routing.Router()


@router.register("push")
async def pushed(event: sansio.Event) -> None:
    with Path(os.environ["LEDGER"]).open("a") as ledger:
        ledger.write(f"{event.delivery_id}\n")


async def webhook(request: web.Request) -> web.Response:
    body = await request.read()
    event = sansio.Event.from_http(request.headers, body, secret=os.environ["SECRET"])
    await router.dispatch(event)
    return web.Response(status=200)


app = web.Application()
app.router.add_post("/webhooks", webhook)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]))
