"""The way into a receiver through FastAPI, on uvicorn."""

import threading
import time

import uvicorn
from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from tests.receivers.schemes import Standard
from tests.receivers.shop import Event, Letter, Shop


class AnswersFirst(Standard):  # 26
    """Leaves the work to a background task, which dies with the process."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as it came
        self.put_off: list[str] = []
        self.turn = threading.Lock()

    def process(self, letter: Letter, event: Event) -> int:
        self.put_off.append(self.key(letter, event))
        return 200

    def work_off(self) -> None:
        """Do the work of one event at a time: ten take longer than a slow restart."""
        with self.turn:
            time.sleep(0.5)
            self.take(self.put_off.pop(0))


def make_app(shop: Shop) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/webhooks")
    async def webhooks(request: Request, background: BackgroundTasks) -> Response:
        body = bytearray()
        # The server has made sure that it is a number.
        if int(request.headers.get("content-length", 0)) > shop.limit:
            return Response(status_code=413)
        async for part in request.stream():
            body += part
            if len(body) > shop.limit:
                return Response(status_code=413)
        letter = Letter(dict(request.headers), bytes(body), str(request.url))
        status = await run_in_threadpool(shop.answer, letter)
        if isinstance(shop, AnswersFirst):
            background.add_task(shop.work_off)
        return Response(status_code=status)

    @app.get("/effects")
    def effects() -> int:
        return shop.ledger.effects()

    return app


def serve(shop: Shop, port: int) -> None:
    uvicorn.run(make_app(shop), host="127.0.0.1", port=port, log_level="critical")
