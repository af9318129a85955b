"""The remedy in the words of the receiver's framework, where that is known."""

import dataclasses
from collections.abc import Iterable

from labkit.findings import Finding
from labkit.probes import Exchange

FLASK, DJANGO, FASTAPI, EXPRESS, GO = "Flask", "Django", "FastAPI", "Express", "Go"

_RAW = {
    FLASK: "use request.get_data() before request.get_json() or request.form",
    DJANGO: "use request.body",
    FASTAPI: "use await request.body(), not a Pydantic model as parameter",
    EXPRESS: "use express.raw({type: () => true}) on this route, before express.json()",
    GO: "use io.ReadAll(r.Body) before any decoder",
}
_LIMIT = {
    FLASK: "set app.config['MAX_CONTENT_LENGTH'] and check the length of what was "
    "read: a chunked body is cut off without an error",
    DJANGO: "keep DATA_UPLOAD_MAX_MEMORY_SIZE and read request.body",
    FASTAPI: "count the bytes of request.stream() and respond with 413; there is no "
    "built-in limit",
    EXPRESS: "give express.raw a limit, such as {limit: '1mb'}",
    GO: "wrap the body: http.MaxBytesReader(w, r.Body, 1<<20)",
}
_COMPARE = {
    FLASK: "use hmac.compare_digest(wanted.encode(), given.encode())",
    DJANGO: "use hmac.compare_digest(wanted.encode(), given.encode())",
    FASTAPI: "use hmac.compare_digest(wanted.encode(), given.encode())",
    EXPRESS: "compare the lengths of the two Buffers, then crypto.timingSafeEqual",
    GO: "use hmac.Equal on bytes",
}
_ONCE = {
    FLASK: "with SQLAlchemy, add the id and the effect in one session and catch "
    "IntegrityError",
    DJANGO: "in transaction.atomic(), get_or_create a row with a unique id",
    FASTAPI: "in one database transaction, insert the id with ON CONFLICT DO NOTHING "
    "and look at the row count",
    EXPRESS: "in one database transaction, INSERT … ON CONFLICT DO NOTHING and look "
    "at the row count",
    GO: "in one sql.Tx, INSERT … ON CONFLICT DO NOTHING and look at RowsAffected",
}

REMEDIES: dict[str, dict[str, str]] = {
    "body-parsed-before-verified": _RAW,
    "valid.letters": _RAW,
    "valid.numbers": _RAW,
    "valid.spacing": _RAW,
    "valid.key-order": _RAW,
    "valid.content-types": _RAW,
    "signature.respaced": _RAW,
    "signature.replaced-bytes": _RAW,
    "no-size-limit": _LIMIT,
    "no-size-limit-signed": _LIMIT,
    "rejects-by-crashing": _COMPARE,
    "no-deduplication": _ONCE,
    "ids-in-memory": _ONCE,
    "duplicate.at-once": _ONCE,
    "contact.csrf": {
        DJANGO: "put @csrf_exempt on the view",
        FLASK: "with Flask-WTF, csrf.exempt(view)",
    },
    "contact.redirect-slash": {
        FLASK: "write the route with strict_slashes=False",
        DJANGO: "make the slash optional in the path, or set APPEND_SLASH = False",
        FASTAPI: "create the app with redirect_slashes=False and add both routes",
    },
    "contact.redirect-https": {
        FLASK: "wrap the app in werkzeug.middleware.proxy_fix.ProxyFix(x_proto=1)",
        DJANGO: "set SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')",
        FASTAPI: "run uvicorn with --proxy-headers --forwarded-allow-ips",
        EXPRESS: "app.set('trust proxy', 1)",
    },
}
"""What to do, by finding and framework."""


def framework_of(exchanges: Iterable[Exchange]) -> str:
    """Guess the framework from headers and texts of responses, or return nothing."""
    for exchange in exchanges:
        headers = {name.lower(): value for name, value in exchange.response.headers}
        server = headers.get("server", "").lower()
        body = exchange.response.body[:4000].lower()
        if "express" in headers.get("x-powered-by", "").lower():
            return EXPRESS
        if b"<pre>cannot " in body:
            return EXPRESS
        if headers.get("cross-origin-opener-policy") and "x-frame-options" in headers:
            return DJANGO
        if b"csrf verification failed" in body or b"django" in body:
            return DJANGO
        if "uvicorn" in server or body == b'{"detail":"not found"}':
            return FASTAPI
        if "werkzeug" in server:
            return FLASK
        if body == b"404 page not found\n":
            return GO
    return ""


def with_remedy(finding: Finding, framework: str) -> Finding:
    """Return the finding with what to do in that framework, if that is known."""
    remedy = REMEDIES.get(finding.id, {}).get(framework, "")
    if not remedy:
        return finding
    return dataclasses.replace(finding, fix=f"{finding.fix}. {framework}: {remedy}")
