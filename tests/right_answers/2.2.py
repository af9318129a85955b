# %% passed | the headers by name
def describe(request):
    return dict(
        method=request.method,
        path=request.path,
        user_agent=request.headers.get("User-Agent"),
        content_type=request.headers.get("Content-Type"),
        address=request.remote_addr,
        body=request.get_data(),
    )


# %% passed | the global request, and more fields than asked for
import flask

def describe(request):
    body = flask.request.get_data()
    return {
        "method": flask.request.method,
        "path": flask.request.path,
        "query": flask.request.query_string,
        "user_agent": str(flask.request.user_agent),
        "content_type": flask.request.content_type or "",
        "address": flask.request.remote_addr,
        "body": body,
        "form": flask.request.form.to_dict(),
        "length": len(body),
    }


# %% passed | straight from the WSGI environment
def describe(request):
    environ = request.environ
    return {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "user_agent": environ.get("HTTP_USER_AGENT", ""),
        "content_type": environ.get("CONTENT_TYPE", ""),
        "address": environ["REMOTE_ADDR"],
        "body": bytes(request.get_data(cache=True, as_text=False)),
    }


# %% passed | a loop over attribute names
from collections import OrderedDict
from operator import attrgetter

SOURCES = {
    "method": attrgetter("method"),
    "path": attrgetter("path"),
    "user_agent": attrgetter("user_agent.string"),
    "content_type": attrgetter("content_type"),
    "address": attrgetter("remote_addr"),
    "body": lambda request: request.get_data(),
}

def describe(request):
    return OrderedDict((name, source(request)) for name, source in SOURCES.items())


# %% passed | the stream, put back afterwards
import io

def describe(request):
    raw = request.stream.read()
    request.stream = io.BytesIO(raw)
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": raw,
    }


# %% passed | a walrus and pattern matching
def describe(request):
    match request.headers:
        case headers if (agent := headers.get("user-agent")) is not None:
            pass
        case _:
            agent = None
    print("from", agent)
    return {"method": request.method, "path": request.path, "user_agent": agent,
            "content_type": request.content_type, "address": request.remote_addr,
            "body": request.get_data()}
