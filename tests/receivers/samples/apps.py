"""The same shop in Flask, Django, FastAPI and aiohttp."""

import types
from typing import Any

from tests.receivers.samples.work import LIMIT, Shop

SIGNATURE = "X-Webhook-Signature"


def flask_app(shop: Shop) -> Any:
    from flask import Flask, request

    app = Flask("sample")
    app.config["MAX_CONTENT_LENGTH"] = LIMIT + 1

    @app.post("/webhooks")
    def webhooks() -> tuple[str, int]:
        signature = request.headers.get(SIGNATURE, "")
        return "", shop.status(request.get_data(), signature)

    return app


def django_app(shop: Shop) -> Any:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["localhost"],
            DATA_UPLOAD_MAX_MEMORY_SIZE=LIMIT,
            LOGGING_CONFIG=None,
            SECRET_KEY="of a sample",
        )
        django.setup()
    from django.core.exceptions import RequestDataTooBig
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, HttpResponse
    from django.urls import clear_url_caches, path
    from django.views.decorators.csrf import csrf_exempt
    from django.views.decorators.http import require_POST

    @csrf_exempt
    @require_POST
    def webhooks(request: HttpRequest) -> HttpResponse:
        try:
            body = request.body
        except RequestDataTooBig:
            return HttpResponse(status=413)
        return HttpResponse(
            status=shop.status(body, request.headers.get(SIGNATURE, ""))
        )

    urls = types.ModuleType("urls_of_the_sample")
    urls.urlpatterns = [path("webhooks", webhooks)]  # type: ignore[attr-defined]  # as Django wants it
    settings.ROOT_URLCONF = urls
    clear_url_caches()
    return WSGIHandler()


def fastapi_app(shop: Shop) -> Any:
    from fastapi import FastAPI, Request, Response

    app = FastAPI()

    async def webhooks(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LIMIT:
                return Response(status_code=413)
        return Response(
            status_code=shop.status(body, request.headers.get(SIGNATURE, ""))
        )

    app.add_api_route("/webhooks", webhooks, methods=["POST"])
    return app


def aiohttp_app(shop: Shop) -> Any:
    from aiohttp import web

    async def webhooks(request: web.Request) -> web.Response:
        signature = request.headers.get(SIGNATURE, "")
        return web.Response(status=shop.status(await request.read(), signature))

    app = web.Application(client_max_size=LIMIT)
    app.router.add_post("/webhooks", webhooks)
    return app
