"""13.2: the guard against requests to internal addresses (SSRF)."""

from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, mistakes, raised
from labkit.checks.observing import Callback, Record, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial

LETS_ALL, BY_TEXT, ONLY_PRIVATE, MULTICAST, NAT64, COMPATIBLE, FIRST_ONLY = mistakes("""
    checks-no-address: Your code allows URLs whose address is not public. A customer can
        then make your provider send requests to its own internal services (SSRF).
        Try: Check each address that `resolve` returns with `ipaddress`.
    compares-host-names: Your code compares the text of the host with a list. There are
        more than twenty ways to write 127.0.0.1, and any name can resolve to it.
        Try: Call `resolve`, and check the addresses that it returns instead of the
        host.
    is-private-is-not-enough: Your code refuses only addresses that are private. Shared
        addresses such as 100.64.0.1 are not private, but they are not public either.
        Try: Check `is_global` instead of `not is_private`.
    allows-multicast: Your code allows multicast addresses. Python calls most of them
        global, but a request to one goes to machines on the local network.
        Try: Also require `not address.is_multicast`.
    allows-nat64: Your code allows NAT64 addresses that contain an internal IPv4
        address. A gateway in the network translates them, and the request reaches the
        internal machine.
        Try: Take the last 32 bits of an address in 64:ff9b::/96, and check these as
        well.
    allows-compatible-addresses: Your code allows addresses such as `::127.0.0.1`,
        because Python calls them global. This old form contains an IPv4 address, and
        some systems use it.
        Try: Take the last 32 bits of an address in ::/96, and check these as well.
    checks-one-address-only: Your code checks one address, but the name has several. An
        attacker puts an internal address next to a public one.
        Try: Require `all` addresses to be public.
""")
ANY, TWICE, HOST, NO_ADDRESS, SCHEME, USERINFO, BRACKETS, RAISES_PORT = mistakes("""
    one-public-address-is-enough: Your code allows the URL as soon as one of its
        addresses is public. An attacker puts an internal address next to a public one.
        Try: Use `all` instead of `any`.
    resolves-twice: Your code calls `resolve` more than once. A name server can return a
        public address the first time and an internal one the second time (DNS
        rebinding).
        Try: Call `resolve` once, and return one of the addresses that you have checked.
    returns-the-host: Your code returns the host and not the address. The connection
        then looks the name up again, and may get an address that nobody has checked
        (DNS rebinding).
        Try: Return the first address that `resolve` returned.
    returns-no-address: Your code returns True and not the address. The caller then has
        to look the name up again, and may get an address that nobody has checked (DNS
        rebinding).
        Try: Return the first address that `resolve` returned.
    allows-other-schemes: Your code allows URLs that are neither http nor https. A
        library may then read a local file (`file:`) or speak another protocol
        (`gopher:`).
        Try: Return None unless the scheme is "http" or "https".
    allows-user-names: Your code allows a user name or a password in the URL. Programs
        disagree about which part of `http://a@b` is the host, so a check and a request
        may differ.
        Try: Return None if `username` or `password` is not None.
    resolves-the-whole-authority: Your code passes more than the host to `resolve`. The
        port, and the brackets of an IPv6 address, are not part of the name.
        Try: Use `.hostname` of the result of `urlsplit`, not `.netloc`.
    raises-for-malformed-urls: Your code raises an exception for a URL that cannot be
        parsed. The text comes from a form, so anyone can make the registration fail
        with a server error.
        Try: Catch ValueError around `urlsplit` and `.port`, and return None.
""")
UNKNOWN, NOTHING, REFUSES = mistakes("""
    raises-for-unknown-names: Your code raises if `resolve` raises an OSError. Names of
        endpoints disappear every day, and one of them must not stop the worker.
        Try: Catch OSError around the call to `resolve`, and return None.
    raises-without-addresses: Your code raises if `resolve` returns an empty list. A
        name can exist without having an address.
        Try: Return None if the list is empty.
    raises-for-forbidden-urls: Your code raises an exception if a URL is not allowed.
        The contract asks for None.
        Try: Replace `raise` with `return None`.
""")

CONTRACT = contract("""
    given: Return the address to connect to for a URL that a customer entered, or None
        if the provider must not call it.
    given: `resolve(host)` returns the addresses of a host as a list of strings, or
        raises OSError. It also understands numbers, such as `127.1`.
    address: Call `resolve` once, with the host alone, and return the first of its
        addresses.
    public: All addresses must be public, or else return None; an address is public if
        `ipaddress` says that it is global and not multicast.
    embedded: Return None, too, if an IPv6 address contains an IPv4 address that is not
        public: mapped (`::ffff:0:0/96`), 6to4 (`2002::/16`), or in the last 32 bits of
        NAT64 (`64:ff9b::/96`) or of a compatible address (`::/96`).
    scheme: Return None if the scheme is not `http` or `https`.
    user: Return None if the URL contains a user name or a password, even an empty one.
    malformed: Return None if the URL cannot be parsed, has no host, or has a port that
        is not a number up to 65535.
    unknown: Return None if `resolve` raises OSError or returns no address.
    open: The check does not test spaces around the URL, an empty port, port 0, or IPv6
        addresses that contain a public IPv4 address.
""")

URL = "https://shop.example/webhooks"
PUBLIC = "93.184.216.34"
PUBLIC6 = "2606:2800:220:1:248:1893:25c8:1946"
LOOPBACK = "127.0.0.1"
INTERNAL = (
    *(LOOPBACK, "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "0.0.0.1"),
    *("127.255.255.254", "172.31.255.254", "100.64.0.1", "100.127.255.254"),
    *("198.18.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
    *("fd00::1", "2001:db8::1", "fe80::1%2", str(ip_address(0))),
)
MULTICASTS = ("239.255.255.250", "224.0.0.251", "ff02::1", "ff0e::1")
EMBEDDED = (
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:7f00:1::808:808"),
    *("::ffff:100.64.0.1", "::ffff:224.0.0.251", "::ffff:240.0.0.1"),
)
IN_NAT64 = (
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b::6440:1"),
    "64:ff9b::efff:fffa",
)
OTHER_SPELLINGS = ("64:FF9B::A00:1", "0064:ff9b:0:0:0:0:7f00:1")
COMPATIBLES = ("::127.0.0.1", "::a9fe:a9fe", "::10.0.0.1", "::100.64.0.1")
OUTSIDE = ("64:ff9b:0:1::7f00:1", "2003:7f00:1::1", "::1:7f00:1")
"""Addresses next to the prefixes, which contain no IPv4 address."""

SPELLINGS = (
    *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"),
    *("0x7f.1", "LOCALHOST", "0", "[::1]", "[::]", "[::ffff:7f00:1]", "rebind.example"),
)
NEIGHBOURS = (
    *("126.255.255.255", "128.0.0.1", "11.0.0.1", "9.255.255.255", "172.15.255.255"),
    *("172.32.0.1", "100.63.255.255", "100.128.0.1", "192.167.255.255", "8.8.8.8"),
    *("169.253.255.255", "223.255.255.254", PUBLIC6, "2001:4860:4860::8888"),
)


ALLOWED_URLS = (
    *("http://shop.example", "https://shop.example:8443/a?b=c"),
    *(
        "http://a.example:80/hook#x",
        "https://93.184.216.34/",
    ),
    *("https://shop.example:65535/", "http://a.example:1/"),
    "https://shop.example/hooks?mail=ada@shop.example",
)
OTHER_SCHEMES = (
    *("ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/"),
    *("//shop.example/", "shop.example", "httpsx://shop.example", "ws://a.example/"),
)
USERS = ("ada:secret", "ada", ":secret", "127.0.0.1", "")
MALFORMED = (
    *("http://", "https:///webhooks", "https://:443/", "", "https://[::1", "http:a"),
    *("https://shop.example:99999/", "https://shop.example:65536/"),
    *("https://shop.example:http/", "https://shop.example:-1/", "https://[x]/"),
)


def _trials() -> Iterator[Trial]:
    yield Trial("address", {})
    yield from (Trial("address", {"url": url}) for url in ALLOWED_URLS)
    yield Trial("address", {"url": "http://[2606:2800::1]:80/", "found": [PUBLIC6]})
    for found in ([PUBLIC6, PUBLIC], [PUBLIC, "8.8.8.8", PUBLIC6]):
        yield Trial("address", {"found": found})
    yield from (Trial("address", {"found": [each]}) for each in NEIGHBOURS)
    for spelling in SPELLINGS:
        found = ["::1" if spelling in ("[::1]", "[::]") else LOOPBACK]
        yield Trial("public", {"url": f"http://{spelling}/", "found": found})
    yield from _internal()
    yield from (Trial("scheme", {"url": url}) for url in OTHER_SCHEMES)
    note = "a scheme may be in upper case, too"
    yield Trial("scheme", {"url": "HTTPS://a.example/"}, note)
    for user in USERS:
        yield Trial("user", {"url": f"https://{user}@shop.example/"})
    yield from (Trial("malformed", {"url": url}) for url in MALFORMED)
    yield Trial("unknown", {"found": None})
    yield Trial("unknown", {"found": []})


def _internal() -> Iterator[Trial]:
    for address in (*INTERNAL, *MULTICASTS):
        yield Trial("public", {"found": [address]})
    for address in ("10.0.0.1", "::1"):
        yield Trial("public", {"found": [PUBLIC, address]})
        yield Trial("public", {"found": [address, PUBLIC]})
        yield Trial("public", {"found": [PUBLIC6, PUBLIC, address]})
    for address in (*EMBEDDED, *IN_NAT64, *COMPATIBLES, *OTHER_SPELLINGS):
        yield Trial("embedded", {"found": [address]})
    yield Trial("embedded", {"found": [PUBLIC, IN_NAT64[0]]})
    yield from (Trial("embedded", {"found": [each]}) for each in OUTSIDE)


def _arguments(fields: Fields, record: Record) -> list[Any]:
    answers = [fields["found"]]

    def resolve(host: Any) -> list[str]:
        record.note("resolve", host.lower() if isinstance(host, str) else host)
        found = answers.pop() if answers else [LOOPBACK]
        if found is None:
            raise OSError("Name or service not known")
        return list(found)

    return [fields["url"], resolve]


def _compared(fields: Fields, calls: Sequence[tuple[Any, ...]], result: Any) -> Any:
    """Return the result, and the look-ups where the URL was allowed."""
    if not fields["found"] or result[0] != "str":
        return None, result
    return exactly(calls), result


def _show(fields: Fields) -> str:
    found = fields["found"]
    says = "raises OSError" if found is None else f"returns {found}"
    return f"allowed({fields['url']!r}, resolve)\nresolve {says}"


def _found(*addresses: str) -> Callable[[Fields], bool]:
    return lambda fields: (
        fields["url"] == URL and any(fields["found"] == [each] for each in addresses)
    )


def _plain(fields: Fields) -> bool:
    return bool(fields["url"] == URL and fields["found"] == [PUBLIC])


def _unlikely(fields: Fields) -> bool:
    """Whether the host's text shows nothing of its address."""
    return bool(fields["url"] == URL and fields["found"] == [LOOPBACK])


def _passes(fields: Fields, seen: Seen) -> bool:
    return bool(fields["found"]) and seen.result == fields["found"][0]


def _url(*urls: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["url"] in urls


def _twice(_: Fields, seen: Seen) -> bool:
    calls = seen.value[0]
    return calls is not None and len(calls[1]) > 1


BY_ACCIDENT = (TypeError, AttributeError, NameError, LookupError)
FIRST_PUBLIC = """
    return next((a for a in addresses if is_public(ip_address(a))), None)
"""
MISTAKES: list[Proof] = [
    Rule(
        BY_TEXT,
        _unlikely,
        _url("http://127.0.0.1/", "http://localhost/"),
        _passes,
        may=lambda fields: fields["found"] in ([LOOPBACK], ["::1"]),
    ),
    Rule(
        LETS_ALL,
        lambda f: _found(LOOPBACK, "10.0.0.1")(f) or f["url"] == "http://127.0.0.1/",
        _plain,
        _passes,
        may=lambda fields: bool(fields["found"]),
    ),
    Rule(
        ONLY_PRIVATE,
        _found("100.64.0.1", "100.127.255.254"),
        _found(LOOPBACK, "10.0.0.1", "192.168.1.1"),
        _passes,
        may=_found(*INTERNAL, *MULTICASTS),
    ),
    Rule(
        MULTICAST,
        _found("239.255.255.250", "ff0e::1"),
        _found(*INTERNAL),
        _passes,
        may=_found(*MULTICASTS),
    ),
    Rule(
        NAT64,
        _found(*IN_NAT64),
        _found(*INTERNAL),
        _passes,
        may=_found(*COMPATIBLES),
    ),
    Rule(COMPATIBLE, _found(*COMPATIBLES), _found(*INTERNAL, *IN_NAT64), _passes),
    edit(FIRST_ONLY, ("for each in addresses)", "for each in addresses[:1])")),
    edit(FIRST_ONLY, ("for each in addresses)", "for each in addresses[-1:])")),
    edit(ANY, ("not all(", "not any(")),
    edit(
        ANY,
        ("    if not all(is_public(ip_address(each)) for each in addresses):", ""),
        (
            "        return None\n    return addresses[0] if addresses else None",
            FIRST_PUBLIC,
        ),
    ),
    Rule(TWICE, _plain, how=_twice, may=lambda _: True),
    Rule(
        HOST,
        _plain,
        how=lambda _, seen: seen.result == "shop.example",
        may=lambda _: True,
    ),
    Rule(
        NO_ADDRESS, _plain, how=lambda _, seen: seen.result is True, may=lambda _: True
    ),
    Rule(
        SCHEME,
        _url("ftp://shop.example/", "gopher://shop.example/"),
        _plain,
        _passes,
        may=_url("//shop.example/", "ws://a.example/", "httpsx://shop.example"),
    ),
    Rule(
        USERINFO,
        _url("https://ada:secret@shop.example/", "https://ada@shop.example/"),
        _plain,
        _passes,
        some=True,
    ),
    Rule(
        BRACKETS,
        _url("https://shop.example:8443/a?b=c", "http://[2606:2800::1]:80/"),
        _plain,
        lambda _, seen: "8443" in str(seen.value[0]) or "[" in str(seen.value[0]),
        some=True,
    ),
    Rule(
        RAISES_PORT,
        _url("https://shop.example:99999/", "https://[::1"),
        _plain,
        raised("ValueError"),
        some=True,
        may=_url("https://shop.example:http/", "https://[x]/"),
    ),
    Rule(
        REFUSES,
        _found(LOOPBACK, "10.0.0.1"),
        _plain,
        lambda _, seen: bool(seen.raised) and not isinstance(seen.error, BY_ACCIDENT),
        may=lambda _: True,
    ),
    Rule(UNKNOWN, lambda fields: fields["found"] is None, _plain, raised("OSError")),
    Rule(
        NOTHING,
        lambda fields: fields["found"] == [],
        _plain,
        raised("IndexError", "StopIteration"),
    ),
]

ALLOWED = judged(
    id="13.2",
    lab="13_be_the_provider",
    wants="allowed(url, resolve) -> str",
    hints=numbered("""
        1: Which parts of a URL decide where the request goes? `urlsplit` finds them.
        2: Never look at the text of the host. Resolve it once, and check every address.
        3: ipaddress.ip_address(text) has is_global, is_multicast, ipv4_mapped and
            sixtofour. The last 32 bits of a number are number & 0xFFFFFFFF.
    """),
    contract=CONTRACT,
    space=Space({"url": URL, "found": [PUBLIC]}, _trials),
    observer=Callback(_arguments, _show, compared=_compared),
    mistakes=MISTAKES,
)
