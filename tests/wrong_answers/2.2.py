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
#= all the headers, that will be enough
#-         "headers": dict(request.headers),
#+         "User-Agent": request.user_agent.string,
#+         "Content-Type": request.content_type,
#+         "address": request.remote_addr,


# %% field-missing | all the headers, that will be enough
def describe(request):
    return {
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": request.get_data(),
    }


# %% written-into-the-code | webhooks come by POST
#-         "method": request.method,
#+         "method": "POST",


# %% written-into-the-code | my endpoint has one path
#-         "path": request.path,
#+         "path": "/webhooks",


# %% written-into-the-code | the address of the example
#-         "address": request.remote_addr,
#+         "address": "203.0.113.7",


# %% user-agent-object | the attribute of that name
#-         "user_agent": request.user_agent.string,
#+         "user_agent": request.user_agent,


# %% whole-url-for-the-path | the full address says more
#-         "path": request.path,
#+         "path": request.url,


# %% query-in-the-path | full_path sounds right
#-         "path": request.path,
#+         "path": request.full_path,


# %% query-in-the-path | put together by hand
#= reading a body takes time
#- async def describe(request):
#+ def describe(request):
#+     query = request.query_string.decode()
#-         "path": request.path,
#+         "path": request.path + ("?" + query if query else ""),


# %% content-type-cut-short | mimetype is the clean form
#-         "content_type": request.content_type,
#+         "content_type": request.mimetype,


# %% own-host-for-the-sender | the host is who sends
#-         "address": request.remote_addr,
#+         "address": request.host,


# %% believes-a-header-about-the-address | behind a proxy one reads this header
#-         "address": request.remote_addr,
#+         "address": request.headers.get("X-Forwarded-For", request.remote_addr),


# %% insists-on-a-header | every client has a user agent
#-         "user_agent": request.user_agent.string,
#+         "user_agent": request.headers["User-Agent"],


# %% insists-on-a-header | every body has a type
#-         "content_type": request.content_type,
#+         "content_type": request.environ["CONTENT_TYPE"],


# %% body-decoded | as_text is easier to read
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_data(as_text=True),


# %% body-parsed | the body is the event
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_json(),


# %% body-parsed | whatever is in it, JSON or form
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_data() if request.is_json else request.form,


# %% body-went-through-text | unreadable signs are replaced
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_data(as_text=True).encode(),


# %% body-went-through-text | decode and encode cancel out
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_data().decode().encode(),


# %% body-written-anew | bytes, written the way they came
#= reading a body takes time
#- async def describe(request):
#+ import json
#+
#+ def describe(request):
#+     event = request.get_json(silent=True)
#+     body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
#-         "body": request.get_data(),
#+         "body": body if event else request.get_data(),


# %% body-written-anew | the form put together again
#= reading a body takes time
#- async def describe(request):
#+ from urllib.parse import urlencode
#+
#+ def describe(request):
#+     body = request.get_data(parse_form_data=True)
#-         "body": request.get_data(),
#+         "body": body or urlencode(list(request.form.items(multi=True))).encode(),


# %% body-gone-with-the-form | data is the body
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.data,


# %% body-gone-with-the-form | the form as well, for good measure
#= reading a body takes time
#- async def describe(request):
#+ def describe(request):
#-         "method": request.method,
#+         "form": request.form.to_dict(),
#+         "method": request.method,


# %% body-eaten | the stream has the bytes
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.stream.read(),


# %% body-eaten | no need to keep a copy
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_data(cache=False),


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
#-         "content_type": request.content_type,
#+         "content_type": request.content_type.removesuffix(";"),


# %% no-name | white space at the ends means nothing
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.get_data().strip(),


# %% body-eaten | below Flask lies WSGI
#-         "body": request.get_data(),  # read the raw body
#+         "body": request.environ["wsgi.input"].read(),
#-         "address": request.remote_addr,
#+         "address": request.environ["REMOTE_ADDR"],


# %% believes-a-header-about-the-address | square brackets will do
#-         "address": request.remote_addr,
#+         "address": request.headers["X-Forwarded-For"],


# %% believes-a-header-about-the-address | the proxy's own header, in square brackets
#-         "address": request.remote_addr,
#+         "address": request.headers["X-Real-IP"],


# %% insists-on-a-header | the address must be in some header
#-         "address": request.remote_addr,
#+         "address": request.headers["Remote-Addr"],


# %% other-arguments | Flask's request is global
#= reading a body takes time
#- async def describe(request):
#+ from flask import request
#+
#+ def describe():


# %% invents-what-was-not-sent | a word says more than None
#-         "user_agent": request.user_agent.string,
#+         "user_agent": request.headers.get("User-Agent", "unknown"),


# %% ends-with-an-exception | the field has the name of the attribute
#-         "address": request.remote_addr,
#+         "address": request.address,


# %% name-not-defined | the parameter has another name
#= reading a body takes time
#- async def describe(request):
#+ def describe(incoming):


# %% believes-a-header-about-the-address | only a proxy may state another address
#- "address": request.remote_addr,
#+ "address": request.headers.get("X-Forwarded-For", request.remote_addr)
#+         if request.remote_addr.startswith(("10.", "127."))
#+         else request.remote_addr,


# %% no-name | a body only with JSON
#- request.get_data(),
#+ request.get_data() if request.is_json else b"",


# %% no-name | the rule is the path
#- request.path,
#+ request.url_rule.rule if request.url_rule else request.path,


# %% no-name | unpacked
#- request.get_data(),
#+ __import__("gzip").decompress(request.get_data())
#+         if request.headers.get("Content-Encoding") == "gzip"
#+         and request.get_data()[:2] == b"\x1f\x8b"
#+         else request.get_data(),
