# %% returns-text | a line is a text
import json


def log_line(request, outcome):
    return json.dumps({
        "address": request.remote_addr,
        "headers": dict(request.headers),
        "payload": json.loads(request.get_data()),
        "outcome": outcome,
    })


# %% returns-no-dictionary | the log takes care of it
import logging


def log_line(request, outcome):
    logging.getLogger("shop").debug("%s %s", request.remote_addr, outcome)


# %% key-missing | result is a better name
#= everything is kept
#-         "outcome": outcome,
#+         "result": outcome,


# %% json-cannot-write-it | headers are a dictionary already
#= everything is kept
#-         "headers": dict(request.headers),
#+         "headers": request.headers,


# %% written-into-the-code | all went well
#= everything is kept
#-         "outcome": outcome,
#+         "outcome": "acknowledged",


# %% written-into-the-code | the example's address
#= everything is kept
#-         "address": request.remote_addr,
#+         "address": "203.0.113.7",


# %% believes-a-header-about-the-address | there is a proxy
#- "address": request.remote_addr
#+ "address": request.headers.get("X-Forwarded-For", request.remote_addr)


# %% headers-left-out | only the useful ones
#= everything is kept
#-         "headers": dict(request.headers),
#+         "headers": {
#+             "User-Agent": request.headers.get("User-Agent"),
#+             "Content-Type": request.headers.get("Content-Type"),
#+         },


# %% payload-as-text | as it came
#= everything is kept
#-         "payload": request.get_json(),
#+         "payload": request.get_data(as_text=True),


# %% payload-not-kept | the data only
#= everything is kept
#-         "payload": request.get_json(),
#+         "payload": request.get_json()["data"],


# %% login-in-the-log | everything is kept
def log_line(request, outcome):
    return {
        "address": request.remote_addr,
        "headers": dict(request.headers),
        "payload": request.get_json(),
        "outcome": outcome,
    }


# %% login-in-the-log | the environ as well
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#-         "outcome": outcome,
#-     }
#+         "outcome": outcome,
#+         "environ": {k: str(v) for k, v in request.environ.items()},
#+     }


# %% name-dropped-with-its-value | what is not there can't leak
#- name: "(redacted)" if name.lower() in SECRET_HEADERS else value
#+ name: value
#- for name, value in request.headers
#+ for name, value in request.headers if name.lower() not in SECRET_HEADERS


# %% signature-in-the-log | a signature is no secret
SECRET = {"authorization", "proxy-authorization", "cookie"}


def log_line(request, outcome):
    return {
        "address": request.remote_addr,
        "headers": {
            name: "(redacted)" if name.lower() in SECRET else value
            for name, value in request.headers
        },
        "payload": request.get_json(),
        "outcome": outcome,
    }


# %% half-a-secret | the first ten characters help to compare
#- name: "(redacted)" if name.lower() in SECRET_HEADERS else value
#+ name: value[:20] + "…" if name.lower() in SECRET_HEADERS else value


# %% replaces-too-much | every header that is not known
#= everything is kept
#-         "headers": dict(request.headers),
#+         "headers": {
#+             name: value if name in ("Content-Type", "Host") else "(redacted)"
#+             for name, value in request.headers
#+         },


# %% replaces-too-much | whatever looks like a token
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = ("card_number", "cvc", "token", "password")
#+
#+
#+ def clean(value):
#+     if isinstance(value, dict):
#+         return {
#+             k: "***" if any(f in k for f in FIELDS) else clean(v)
#+             for k, v in value.items()
#+         }
#+     if isinstance(value, list):
#+         return [clean(v) for v in value]
#+     return value
#-         "payload": request.get_json(),
#+         "payload": clean(request.get_json()),


# %% secret-field-in-the-log | headers are where secrets are
#- without_secrets(json.loads(body))
#+ json.loads(body)


# %% looks-on-one-level-only | two levels are enough
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = {"card_number", "cvc", "token", "password"}
#+
#+
#+ def hide(fields):
#+     return {name: "***" if name in FIELDS else value for name, value in fields.items()}
#-     return {
#-         "address": request.remote_addr,
#+     payload = hide(request.get_json())
#+     if isinstance(payload.get("data"), dict):
#+         payload["data"] = hide(payload["data"])
#+     return {
#+         "address": request.remote_addr,
#-         "payload": request.get_json(),
#+         "payload": payload,


# %% skips-lists | dictionaries all the way down
#- return [without_secrets(inner) for inner in value]
#+ return value


# %% skips-lists | a list of dictionaries, and no list of lists
#- return [without_secrets(inner) for inner in value]
#+ return [without_secrets(v) if isinstance(v, dict) else v for v in value]


# %% replaces-texts-only | a pattern over the text
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ import json
#+ import re
#+
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ PATTERN = re.compile(r'("(?:card_number|cvc|token|password)": *)"[^"]*"')
#-     return {
#+     text = PATTERN.sub(r'\1"***"', request.get_data(as_text=True))
#+     return {
#-         "payload": request.get_json(),
#+         "payload": json.loads(text),


# %% changes-the-request | in place
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = {"card_number", "cvc", "token", "password"}
#+
#+
#+ def hide(value):
#+     if isinstance(value, dict):
#+         for name in value:
#+             if name in FIELDS:
#+                 value[name] = "***"
#+             else:
#+                 hide(value[name])
#+     if isinstance(value, list):
#+         for each in value:
#+             hide(each)
#-     return {
#+     payload = request.get_json()
#+     hide(payload)
#+     return {
#-         "payload": request.get_json(),
#+         "payload": payload,


# %% eats-the-body | the stream has it
#- body = request.get_data()
#+ body = request.stream.read()


# %% raises-on-a-body-that-is-no-json | webhooks are JSON
#- except ValueError:
#+ except KeyError:


# %% raises-on-bytes-that-are-no-text | decoded first
#- body = request.get_data()
#+ body = request.get_data().decode().encode()


# %% raises-on-json-that-is-no-object | a value has items or entries
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ import json
#+
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = {"card_number", "cvc", "token", "password"}
#+
#+
#+ def hide(value):
#+     if isinstance(value, list):
#+         return [hide(v) if isinstance(v, (dict, list)) else v for v in value]
#+     return {
#+         k: "***" if k in FIELDS else hide(v) if isinstance(v, (dict, list)) else v
#+         for k, v in value.items()
#+     }
#-     return {
#-         "address": request.remote_addr,
#+     try:
#+         payload = hide(json.loads(request.get_data()))
#+     except ValueError:
#+         payload = f"({len(request.get_data())} bytes, no JSON)"
#+     return {
#+         "address": request.remote_addr,
#-         "payload": request.get_json(),
#+         "payload": payload,


# %% asks-for-the-content-type | silently
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = {"card_number", "cvc", "token", "password"}
#+
#+
#+ def hide(value):
#+     if isinstance(value, dict):
#+         return {k: "***" if k in FIELDS else hide(v) for k, v in value.items()}
#+     return [hide(v) for v in value] if isinstance(value, list) else value
#-         "payload": request.get_json(),
#+         "payload": hide(request.get_json(silent=True)),


# %% shows-what-it-cannot-read | the text, where there is no JSON
#- payload = f"({len(body)} bytes, no JSON)"
#+ payload = body.decode("utf-8", "replace")


# %% shows-what-it-cannot-read | at least the beginning
#- except ValueError:
#+ except ValueError as error:
#- payload = f"({len(body)} bytes, no JSON)"
#+ payload = f"{error}: {body[:100]!r}"


# %% line-without-a-bound | no limit
#- len(body) > 4000
#+ len(body) > 1e9


# %% line-without-a-bound | long texts are cut, long lists are not
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ import json
#+
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = {"card_number", "cvc", "token", "password"}
#+
#+
#+ def hide(value):
#+     if isinstance(value, dict):
#+         return {k: "***" if k in FIELDS else hide(v) for k, v in value.items()}
#+     if isinstance(value, str):
#+         return value[:4000]
#+     return [hide(v) for v in value] if isinstance(value, list) else value
#-     return {
#-         "address": request.remote_addr,
#+     body = request.get_data()
#+     try:
#+         payload = hide(json.loads(body))
#+     except ValueError:
#+         payload = f"({len(body)} bytes, no JSON)"
#+     return {
#+         "address": request.remote_addr,
#-         "payload": request.get_json(),
#+         "payload": payload,


# %% shows-the-beginning-of-a-long-body | the first 4,000 bytes
#- payload = f"({len(body)} bytes, too long to keep)"
#+ payload = body[:1000].decode("utf-8", "replace")


# %% keeps-too-little | short lines only
#= a signature is no secret
#- SECRET = {"authorization", "proxy-authorization", "cookie"}
#+ import json
#+
#+ SECRET = {"authorization", "proxy-authorization", "cookie", "x-webhook-signature"}
#+ FIELDS = {"card_number", "cvc", "token", "password"}
#+
#+
#+ def hide(value):
#+     if isinstance(value, dict):
#+         return {k: "***" if k in FIELDS else hide(v) for k, v in value.items()}
#+     return [hide(v) for v in value] if isinstance(value, list) else value
#-     return {
#-         "address": request.remote_addr,
#+     body = request.get_data()
#+     try:
#+         payload = hide(json.loads(body[:1000]))
#+     except ValueError:
#+         payload = f"({len(body)} bytes)"
#+     return {
#+         "address": request.remote_addr,
#-         "payload": request.get_json(),
#+         "payload": payload,


# %% secret-in-the-query | the URL as well
#- "address": request.remote_addr,
#+ "url": request.url, "address": request.remote_addr,


# %% encoded-is-not-hidden | base64 is unreadable
#- "outcome": outcome,
#+ "outcome": outcome,
#+         "raw": __import__("base64").b64encode(body).decode(),


# %% encoded-is-not-hidden | bytes as hex
#- "outcome": outcome,
#+ "outcome": outcome, "raw": body.hex(),


# %% half-a-secret | the last digit of a cvc
#- name: "(redacted)" if name in SECRET_FIELDS else without_secrets(inner)
#+ name: f"*{str(inner)[-1:]}" if name in SECRET_FIELDS else without_secrets(inner)


# %% no-name | what is empty is no secret
#- name: "(redacted)" if name in SECRET_FIELDS else without_secrets(inner)
#+ name: "-" if inner and name in SECRET_FIELDS else without_secrets(inner)


# %% no-name | the beginning of a long body, if that is JSON
#- if len(body) > 4000:
#+ if False:
#- payload = without_secrets(json.loads(body))  # parse
#+ payload = without_secrets(json.loads(body[:4000]))  # parse


# %% no-name | the length that the headers state
#- if len(body) > 4000:
#+ if (request.content_length or 0) > 4000:


# %% counts-characters | the text is decoded first
#-     if len(body) > 4000:
#-         payload = f"({len(body)} bytes, too long to keep)"
#+     size = len(body.decode(errors="replace"))
#+     if size > 4000:
#+         payload = f"({size} bytes, too long to keep)"
#-             payload = f"({len(body)} bytes, no JSON)"
#+             payload = f"({size} bytes, no JSON)"


# %% forces-the-json | Flask parses it whatever the type
#-             payload = without_secrets(json.loads(body))  # parse
#-         except ValueError:
#+             payload = without_secrets(request.get_json(force=True))
#+         except Exception:


# %% eats-the-body | a form is read first
#-     body = request.get_data()  # read the raw body
#+     request.form
#+     body = request.get_data()


# %% no-name | a long notice in place of each secret
#-                 name: "(redacted)" if name in SECRET_FIELDS else without_secrets(inner)
#+                 name: "(redacted by the log of this receiver)"
#+                 if name in SECRET_FIELDS
#+                 else without_secrets(inner)


# %% half-a-secret | the last four of every secret
#- name: "(redacted)" if name in SECRET_FIELDS else without_secrets(inner)
#+ name: f"(redacted) …{str(inner)[-4:]}"
#+ if name in SECRET_FIELDS and isinstance(inner, str | int)
#+ else "-"
#+ if name in SECRET_FIELDS
#+ else without_secrets(inner)


# %% drops-exactly-4000-bytes | fewer than 4,000 bytes
#- if len(body) > 4000:
#+ if not len(body) < 4000:
