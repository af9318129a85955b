"""The table of receivers: what each is made of, and the probe meant for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """One receiver.

    `way` is flask, wsgi, fastapi, express or providers. `shop` names the class, in
    Python. `bug` is the number of its bug, 0 for a right one, and `probe` is meant to
    find it.
    """

    name: str
    way: str
    scheme: str
    shop: str = ""
    bug: int = 0
    probe: str = ""
    profile: str | None = None


RIGHT = (
    Receiver(
        name="flask-standard", way="flask", scheme="standard", shop="schemes:Standard"
    ),
    Receiver(name="flask-square", way="flask", scheme="square", shop="schemes:Square"),
    Receiver(name="wsgi-github", way="wsgi", scheme="github", shop="schemes:GitHub"),
    Receiver(
        name="fastapi-stripe",
        way="fastapi",
        scheme="stripe",
        shop="schemes:QueueingStripe",
    ),
    Receiver(name="express-slack", way="express", scheme="slack"),
    Receiver(name="express-discord", way="express", scheme="discord"),
)


def _wrong(
    bug: int, way: str, scheme: str, kind: str, probe: str, profile: str | None = None
) -> Receiver:
    module = "fastapi_app" if kind == "AnswersFirst" else "wrong"
    return Receiver(
        name=f"{bug:02}-{way}-{kind}",
        way=way,
        scheme=scheme,
        shop="" if way == "express" else f"{module}:{kind}",
        bug=bug,
        probe=probe,
        profile=profile,
    )


WRONG = (
    _wrong(1, "express", "github", "rewrites-json", "valid.spacing"),
    _wrong(2, "flask", "github", "FallsBackOnJson", "signature.respaced"),
    _wrong(3, "express", "github", "parses-one-type", "valid.content-types"),
    _wrong(5, "flask", "github", "ComparesText", "signature.non-ascii"),
    _wrong(6, "express", "github", "compares-lengths", "signature.length"),
    _wrong(7, "express", "github", "counts-characters", "signature.alphabet"),
    _wrong(8, "fastapi", "standard", "TakesEmptySecret", "signature.empty-secret"),
    _wrong(10, "fastapi", "standard", "SkipsWithoutHeader", "signature.missing"),
    _wrong(11, "flask", "standard", "IgnoresResult", "signature.forged"),
    _wrong(12, "wsgi", "standard", "NeverChecksTime", "time.stale"),
    _wrong(13, "flask", "standard", "ReadsAgeFromDate", "time.other-clocks"),
    _wrong(14, "wsgi", "standard", "ChecksTimeIfThere", "time.missing"),
    _wrong(15, "express", "slack", "past-only", "time.future"),
    _wrong(16, "fastapi", "standard", "TakesNaN", "time.not-a-number"),
    _wrong(17, "flask", "standard", "FiveSeconds", "time.skew"),
    _wrong(18, "flask", "standard", "LooksThenWrites", "duplicate.at-once"),
    _wrong(19, "flask", "standard", "ClaimsFirst", "outage.redelivered"),
    _wrong(20, "express", "github", "unsigned-key", "duplicate.new-id"),
    _wrong(21, "express", "github", "no-id-no-check", "duplicate.no-id"),
    _wrong(22, "fastapi", "standard", "KeyOfAttempt", "duplicate.renewed"),
    _wrong(23, "fastapi", "standard", "CoarseKey", "duplicate.distinct"),
    _wrong(24, "express", "github", "memory-only", "crash.between-copies"),
    _wrong(25, "flask", "standard", "RefusesDuplicates", "duplicate.answer"),
    _wrong(26, "fastapi", "standard", "AnswersFirst", "crash.after-answer"),
    _wrong(27, "flask", "standard", "SwallowsErrors", "outage.acknowledged"),
    _wrong(28, "wsgi", "standard", "Slow", "speed.answer", "wix"),
    _wrong(29, "express", "slack", "drops-retries", "duplicate.retry-header"),
    _wrong(30, "wsgi", "standard", "RefusesForever", "outage.status"),
    _wrong(32, "wsgi", "standard", "Unbounded", "size.signed"),
    _wrong(33, "flask", "square", "TrustsForwardedHost", "provider.forwarded"),
    _wrong(34, "wsgi", "github", "DecodesFirst", "signature.replaced-bytes"),
    _wrong(35, "fastapi", "standard", "FirstSignature", "rotation.order"),
    _wrong(36, "wsgi", "standard", "KeepsLeakedSecret", "rotation.retired-secret"),
    _wrong(37, "express", "slack", "challenge-first", "provider.challenge-unsigned"),
    _wrong(38, "express", "discord", "answers-400", "provider.exactly-401"),
    _wrong(39, "flask", "standard", "UnknownTypeFails", "valid.unknown-type"),
    _wrong(41, "wsgi", "github", "DefaultSecret", "signature.default-secret"),
    _wrong(42, "flask", "standard", "KeyOfOrder", "duplicate.same-object"),
)

PROVIDERS = (
    Receiver(name="provider-octokit", way="providers", scheme="github"),
    Receiver(name="provider-stripe", way="providers", scheme="stripe"),
)


def by_name(name: str) -> Receiver:
    return next(one for one in (*RIGHT, *WRONG, *PROVIDERS) if one.name == name)
