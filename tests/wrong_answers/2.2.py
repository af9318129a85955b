# %% returns-no-dictionary | a line for the log
def describe(request):
    return f"{request.method} {request.path} {request.remote_addr}"


# %% returns-no-dictionary | seeing it is enough
def describe(request):
    print(request.method, request.path)


# %% returns-no-dictionary | six values in a row
def describe(request):
    return (
        request.method, request.path, request.user_agent.string,
        request.content_type, request.remote_addr, request.get_data(),
    )


# %% field-missing | keys as the headers are called
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "User-Agent": request.user_agent.string,
        "Content-Type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% field-missing | all the headers, that will be enough
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": request.get_data(),
    }


# %% written-into-the-code | webhooks come by POST
def describe(request):
    return {
        "method": "POST",
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% written-into-the-code | my endpoint has one path
def describe(request):
    return {
        "method": request.method,
        "path": "/webhooks",
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% written-into-the-code | the address of the example
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": "203.0.113.7",
        "body": request.get_data(),
    }


# %% user-agent-object | the attribute of that name
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% whole-url-for-the-path | the full address says more
def describe(request):
    return {
        "method": request.method,
        "path": request.url,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% query-in-the-path | full_path sounds right
def describe(request):
    return {
        "method": request.method,
        "path": request.full_path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% query-in-the-path | put together by hand
def describe(request):
    query = request.query_string.decode()
    return {
        "method": request.method,
        "path": request.path + ("?" + query if query else ""),
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% content-type-cut-short | mimetype is the clean form
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.mimetype,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% own-host-for-the-sender | the host is who sends
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.host,
        "body": request.get_data(),
    }


# %% believes-a-header-about-the-address | behind a proxy one reads this header
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.headers.get("X-Forwarded-For", request.remote_addr),
        "body": request.get_data(),
    }


# %% believes-a-header-about-the-address | access_route has it
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.access_route[0],
        "body": request.get_data(),
    }


# %% believes-a-header-about-the-address | the real IP, as nginx calls it
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.headers.get("X-Real-IP") or request.remote_addr,
        "body": request.get_data(),
    }


# %% insists-on-a-header | every client has a user agent
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.headers["User-Agent"],
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% insists-on-a-header | every body has a type
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.environ["CONTENT_TYPE"],
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% body-decoded | as_text is easier to read
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(as_text=True),
    }


# %% body-decoded | JSON is text
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.data.decode("utf-8"),
    }


# %% body-parsed | the body is the event
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_json(),
    }


# %% body-parsed | whatever is in it, JSON or form
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data() if request.is_json else request.form,
    }


# %% body-went-through-text | unreadable signs are replaced
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(as_text=True).encode(),
    }


# %% body-went-through-text | decode and encode cancel out
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data().decode().encode(),
    }


# %% body-written-anew | bytes, as asked
import json

def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": json.dumps(request.get_json()).encode(),
    }


# %% body-written-anew | bytes, written the way they came
import json

def describe(request):
    event = request.get_json(silent=True)
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": body if event else request.get_data(),
    }


# %% body-written-anew | the form put together again
from urllib.parse import urlencode

def describe(request):
    body = request.get_data(parse_form_data=True)
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": body or urlencode(list(request.form.items(multi=True))).encode(),
    }


# %% body-gone-with-the-form | data is the body
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.data,
    }


# %% body-gone-with-the-form | the form as well, for good measure
def describe(request):
    return {
        "form": request.form.to_dict(),
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% body-eaten | the stream has the bytes
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.stream.read(),
    }


# %% body-eaten | no need to keep a copy
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(cache=False),
    }


# %% async-function | reading a body takes time
async def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% insists-on-a-header | types are compared in lower case
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type.removesuffix(";"),
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% body-written-anew | white space at the ends means nothing
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data().strip(),
    }


# %% body-eaten | below Flask lies WSGI
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.environ["REMOTE_ADDR"],
        "body": request.environ["wsgi.input"].read(),
    }


# %% believes-a-header-about-the-address | square brackets will do
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.headers["X-Forwarded-For"],
        "body": request.get_data(),
    }


# %% believes-a-header-about-the-address | the proxy's own header, in square brackets
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.headers["X-Real-IP"],
        "body": request.get_data(),
    }


# %% insists-on-a-header | the address must be in some header
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.headers["Remote-Addr"],
        "body": request.get_data(),
    }


# %% takes-no-request | Flask's request is global
from flask import request

def describe():
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% invents-what-was-not-sent | a word says more than None
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.headers.get("User-Agent", "unknown"),
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }


# %% ends-with-an-exception | the field has the name of the attribute
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.address,
        "body": request.get_data(),
    }


# %% name-not-defined | the parameter has another name
def describe(incoming):
    return {
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
        "body": request.get_data(),
    }
