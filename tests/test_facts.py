"""Facts about schemes and faults are stated on their class, and nowhere else."""

import ast
import base64
import hmac
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask

import labkit
from labkit.errors import SignatureMalformed, SignatureMismatch, SignatureMissing
from labkit.faults import FAULTS, Crossing, Fault
from labkit.history import History
from labkit.samples import payments
from labkit.sender import simulate
from labkit.signing import PROVIDERS, SCHEMES, KeyForm, Scheme

pytestmark = pytest.mark.pure

PACKAGE = Path(labkit.__file__).parent
CLASSES = {type(each).__name__ for each in SCHEMES.values()}
# These words mean other things, too.
WORDS = {"front", "line", "meta", "x"}
NAMES = {*SCHEMES, *PROVIDERS, *CLASSES, *FAULTS} - WORDS
ELSEWHERE = [
    file
    for file in sorted(PACKAGE.rglob("*.py"))
    # Profiles have the names of providers too; an exercise is about one provider.
    if file.relative_to(PACKAGE).parts[0]
    not in {"signing", "faults", "profiles", "exercises"}
]
URL = "https://shop.example/webhooks"
BODY = b'{"amount": 5}'
MOMENT = "1790000000"


def names_tested_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line of each comparison with such a name, and of each list of them."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                literals = [left, *others]
            case ast.MatchValue(value=value):
                literals = [value]
            case ast.Call(
                func=ast.Name(id="isinstance" | "issubclass"), args=[_, kinds]
            ):
                literals = [kinds]
            case _:
                continue
        for part in itertools.chain.from_iterable(map(ast.walk, literals)):
            if isinstance(part, ast.Constant) and part.value in NAMES:
                yield node.lineno, str(part.value)
            if isinstance(part, ast.Name) and part.id in NAMES:
                yield node.lineno, part.id


def lists_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line of each display that holds two or more of the names as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = node.elts
        elif isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key]
        else:
            continue
        found = [p.value for p in parts if isinstance(p, ast.Constant)]
        if sum(value in NAMES for value in found) > 1:
            yield node.lineno, ", ".join(map(str, found))


def found_in(code: str) -> list[tuple[int, str]]:
    tree = ast.parse(code)
    return [*names_tested_in(tree), *lists_in(tree)]


def test_no_other_place_tests_the_name_of_a_scheme_or_a_fault() -> None:
    assert len(ELSEWHERE) > 100
    found = {
        str(file.relative_to(PACKAGE)): places
        for file in ELSEWHERE
        if (places := found_in(file.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        'x == "stripe"',
        'x in ("a", "zoom")',
        "isinstance(x, Tamper)",
        "isinstance(x, (int, Slack))",
        'X = {"zoom": 1, "slack": 2}',
        'X = ("Tamper", "Replay")',
        'x == "paypal"',
        'match x:\n    case "stripe": pass',
    ],
)
def test_the_search_for_names_finds_them(code: str) -> None:
    assert found_in(code)


def signed(scheme: Scheme, secret: str) -> dict[str, str]:
    return scheme.sign(BODY, secret=secret, id="msg_1", timestamp=int(MOMENT), url=URL)


@pytest.mark.parametrize("name", SCHEMES)
def test_the_label_and_the_layout_are_what_is_sent(name: str) -> None:
    scheme = SCHEMES[name]
    if scheme.key_form is KeyForm.KEY_PAIR:
        pytest.importorskip("cryptography", reason="Discord signs with Ed25519")
    secret = scheme.make_secret(random.Random(1))
    value = signed(scheme, secret)[scheme.signature_header]
    signature = value.split(scheme.separator)[-1]
    assert signature.startswith(scheme.label)
    if scheme.layout is not None:
        content = scheme.layout.before(id="msg_1", t=MOMENT, url=URL) + BODY
        digest = hmac.digest(key_from(scheme, secret), content, "sha256")
        found = signature.removeprefix(scheme.label)
        assert found in (digest.hex(), base64.b64encode(digest).decode())


def key_from(scheme: Scheme, secret: str) -> bytes:
    """Make the key of a secret as its form says."""
    if scheme.key_form is KeyForm.BASE64:
        return base64.b64decode(secret.removeprefix("whsec_"))
    return secret.encode()


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_says_whether_it_signs_the_id_and_the_url(name: str) -> None:
    scheme = SCHEMES[name]
    assert scheme.signs_id == ("id" in scheme.signed.split(", "))
    assert scheme.signs_url == ("URL" in scheme.signed)
    assert bool(scheme.other_kinds) == scheme.rotates


@dataclass(frozen=True, slots=True, kw_only=True)
class Scramble(Fault):
    """A fault that the kit does not know, and that changes the request."""

    changes_request: ClassVar[bool] = True

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        crossing.set_body(crossing.request.body[::-1])


def run_with(fault: Fault, *, secret: str | None = None) -> History:
    app = Flask("shop")
    app.post("/webhooks")(lambda: "")
    return simulate(app, payments(1), faults=[fault], secret=secret)


def test_a_fault_of_ones_own_is_drawn_by_what_it_says_of_itself() -> None:
    history = run_with(Scramble())
    assert "changed in transit and acknowledged" in str(history.timeline())
    again = History.from_jsonl(history.to_jsonl())
    assert again.changing == {"Scramble"}
    assert again.timeline().svg() == history.timeline().svg()


@pytest.mark.parametrize("name", FAULTS)
def test_only_a_fault_that_changes_requests_is_noted_in_the_history(name: str) -> None:
    fault = FAULTS[name]()
    history = run_with(fault)
    assert history.changing == ({name} if fault.changes_request else set())
    head = history.to_jsonl().partition("\n")[0]
    assert ("changing" in head) == fault.changes_request


WIRE = [name for name, kind in FAULTS.items() if not kind.at_provider]


@pytest.mark.parametrize("name", WIRE)
def test_a_fault_states_truly_whether_it_changes_requests(name: str) -> None:
    history = run_with(FAULTS[name](), secret="s" * 32)
    sent = history.attempts[0].request
    try:
        SCHEMES["generic"].verify(
            sent.body, dict(sent.headers), secrets=["s" * 32], now=0
        )
        changed = False
    except SignatureMissing:
        changed = False
    except (SignatureMismatch, SignatureMalformed):
        changed = True
    assert FAULTS[name].changes_request == changed


@pytest.mark.parametrize("name", FAULTS)
def test_the_length_of_a_fault_is_one_of_its_settings(name: str) -> None:
    kind = FAULTS[name]
    assert kind.length is None or kind.length in {f.name for f in fields(kind)}
