"""Other methods and paths, unusual headers, and several requests on one connection."""

import dataclasses
from collections.abc import Callable

from labkit.findings import Severity, Who
from labkit.model import Request
from labkit.probes import forge
from labkit.probes.edits import without
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.tally import Tally


def _get(harness: Harness) -> Judgement:
    names = forge.signature_headers(harness.scheme)

    def unsigned(request: Request) -> Request:
        return without(request, *names)

    return _by_get(harness, unsigned)


def _signed_get(harness: Harness) -> Judgement:
    return _by_get(harness, lambda request: request)


def _by_get(harness: Harness, change: Callable[[Request], Request]) -> Judgement:
    tally = Tally(harness)
    exchanges: list[Exchange] = []

    def act() -> None:
        draft = harness.draft()
        sealed = change(harness.seal(draft.body, id=draft.id))
        for name, body in (("an event", draft.body), ("no body", b"")):
            request = dataclasses.replace(sealed, method="GET", body=body)
            exchanges.append(harness.send(f"GET with {name}", request))

    gained = harness.effects_of(act, wanted=0)
    for exchange in exchanges:
        tally.survive(exchange)
    tally.effects("two GET requests", gained, 0)
    if gained:
        tally.show(*exchanges)
    answers = " and ".join(str(exchange.response) for exchange in exchanges)
    return tally.judgement(f"no effect; responses: {answers}")


def _other_methods(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for method in ("PUT", "PATCH", "DELETE"):
        draft = harness.draft()
        request = _by(harness.seal(draft.body, id=draft.id), method)
        tally.refuse(harness.send(method, request))
    return tally.judgement("all rejected")


def _questions(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for method in ("HEAD", "OPTIONS", "LABKIT"):
        draft = harness.draft()
        request = dataclasses.replace(
            _by(harness.seal(draft.body, id=draft.id), method), body=b""
        )
        tally.survive(harness.send(method, request), may_hang_up=method == "LABKIT")
    return tally.judgement("no 5xx response")


def _other_path(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for path in ("/labkit-no-such-path", "/labkit/no/such/path.php"):
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id)
        elsewhere = dataclasses.replace(request, path=path)
        wait = harness.patience_elsewhere
        tally.refuse(harness.send(f"POST {path}", elsewhere, timeout=wait))
    return tally.judgement("rejected")


def _odd_paths(harness: Harness) -> Judgement:
    tally = Tally(harness)
    base = harness.wire.path.partition("?")[0].rstrip("/")
    for name, path in (
        ("%00 behind the path", base + "%00"),
        ("%ff behind the path", base + "/%ff%fe"),
        ("../ in the path", base + "/../../etc/passwd"),
        ("a path of 6,000 characters", base + "/" + "x" * 6000),
        ("half an escape", base + "/%"),
    ):
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, change=forge.altered)
        exchange = harness.send(
            name,
            dataclasses.replace(request, path=path),
            timeout=harness.patience_elsewhere,
        )
        # Go's router redirects to the path without its dots.
        tally.refuse(exchange, may_hang_up=True, may_redirect=True)
    return tally.judgement("all rejected, none with an error")


def _odd_heads(harness: Harness) -> Judgement:
    tally = Tally(harness)
    heads = {
        "90 more headers": tuple((f"X-Labkit-{n}", "x") for n in range(90)),
        "a header of 20,000 characters": (("X-Labkit", "x" * 20_000),),
        "a header without a value": (("X-Labkit", ""),),
        "a broken cookie": (("Cookie", '=;="; \xe9=\xe9'),),
        "an unknown encoding": (("Content-Encoding", "labkit"),),
        "an unknown character set": (
            ("Accept-Charset", "labkit"),
            ("Accept-Language", "\xe9"),
        ),
    }
    for name, more in heads.items():
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id)
        request = dataclasses.replace(request, headers=(*request.headers, *more))
        tally.survive(harness.send(name, request), may_hang_up=True)
    if harness.accepts:
        tally.accept(harness.deliver("a valid event afterwards"))
    return tally.judgement("no 5xx response")


def _one_connection(harness: Harness) -> Judgement:
    tally = Tally(harness)
    drafts = [harness.draft() for _ in range(4)]
    sealed = [harness.seal(draft.body, id=draft.id) for draft in drafts]
    sealed[1] = harness.seal(drafts[1].body, id=drafts[1].id, change=forge.altered)
    sealed[2] = dataclasses.replace(sealed[2], path="/labkit-no-such-path")
    names = ("valid", "forged", "to another path", "valid again")
    exchanges = harness.send_in_a_row("on one connection", sealed)
    for name, exchange in zip(names, exchanges, strict=False):
        named = dataclasses.replace(exchange, label=f"on one connection: {name}")
        if named.response.problem == "lost" and name != "valid":
            break  # the connection was closed, as it may be
        if name.startswith("valid"):
            tally.accept(named)
        else:
            tally.refuse(named)
    return tally.judgement(
        f"{len(exchanges)} responses on one connection, each as it would be alone"
    )


def _by(request: Request, method: str) -> Request:
    return dataclasses.replace(request, method=method)


PROBES = (
    Probe(
        id="route.get",
        sent=(
            "unsigned GET requests, one with the event as its body and one without a "
            "body"
        ),
        wanted="no effect, and no 5xx",
        why="previews and crawlers fetch links, so a GET must not have an effect",
        mend="route only POST",
        source="RFC 9110, section 9.2.1",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-650", "CWE-306"),
        run=_get,
        needs=frozenset({Need.EFFECTS}),
    ),
    Probe(
        id="route.signed-get",
        sent=(
            "signed GET requests, one with the event as its body and one without a body"
        ),
        wanted="no effect, and no 5xx",
        why="caches and clients may repeat a GET at any time, so it must not have an "
        "effect",
        mend="route only POST",
        source="RFC 9110, section 9.2.1",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-650",),
        run=_signed_get,
        needs=frozenset({Need.EFFECTS}),
    ),
    Probe(
        id="route.other-methods",
        sent="a valid event by PUT, PATCH and DELETE",
        wanted="rejected with a 4xx (405)",
        why="a route for every method accepts requests that no provider sends",
        mend="route only POST",
        source="RFC 9110, section 15.5.6",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-650",),
        run=_other_methods,
    ),
    Probe(
        id="route.questions",
        sent="HEAD, OPTIONS, and a method that does not exist",
        wanted="no 5xx except 501",
        why=(
            "scanners send such requests all day; if each one causes an error, you "
            "miss the important errors"
        ),
        mend="let the framework respond with 405",
        source="RFC 9110, section 9",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-248",),
        run=_questions,
    ),
    Probe(
        id="route.other-path",
        sent="valid events to paths that are not the endpoint's",
        wanted="rejected with a 4xx (404)",
        why=(
            "if the URL at the provider contains a typo, the first event should show it"
        ),
        mend="route only this path",
        source="RFC 9110, section 15.5.5",
        severity=Severity.LOW,
        who=Who.NOBODY,
        references=("RFC 9110, section 15.5.5",),
        run=_other_path,
    ),
    Probe(
        id="route.odd-paths",
        sent="paths with %00, %ff, ../ and half an escape, and one of 6,000 characters",
        wanted="rejected with a 4xx, redirected, or connection closed; no 5xx",
        why="anyone can send a path that makes your decoding code fail",
        mend="let the framework decode paths",
        source="RFC 3986, section 2.1",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-20",),
        run=_odd_paths,
    ),
    Probe(
        id="route.odd-heads",
        sent=(
            "valid events with 90 more headers, a header of 20,000 characters, a "
            "broken cookie, or an unknown encoding"
        ),
        wanted="accepted or rejected, no 5xx; a valid event is accepted afterwards",
        why="a proxy in between may add any headers",
        mend="read the headers that you need, and no others",
        source="RFC 9110, section 5.4",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-20",),
        run=_odd_heads,
    ),
    Probe(
        id="route.one-connection",
        sent="on one connection: a valid event, a forged one, one to another path, a "
        "valid one",
        wanted="each response as it would be alone, or the connection is closed",
        why=(
            "if a rejected body is not read, the server may read it as the next request"
        ),
        mend="read the whole body before rejecting, or close the connection",
        source="RFC 9112, section 9.3",
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        references=("CWE-444",),
        run=_one_connection,
    ),
)
