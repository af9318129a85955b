"""The mistakes that answers make in verifying a request that carries its time."""

from labkit.checks import Mistake

WHOLE_SECRET = Mistake(
    "whole-secret-as-key",
    "You used the text of the secret, whsec_ included, as the key. In Standard "
    "Webhooks the key is what stands behind whsec_, decoded from base64. (Stripe does "
    "take the whole text; it is a favourite mix-up.)",
    "Cut whsec_ off, then base64.b64decode the rest.",
)
NOT_DECODED = Mistake(
    "key-not-decoded",
    "You cut whsec_ off and used the base64 text as the key. The key is the bytes that "
    "this text stands for.",
    "Put the text through base64.b64decode.",
)
ID_AND_TIME_UNSIGNED = Mistake(
    "only-the-body-is-signed",
    "You signed the body alone, as in lab 04. If id and timestamp are not in the "
    "signed content, anybody may change them, and the time proves nothing.",
    "Sign the id, a full stop, the timestamp, a full stop, and the body.",
)
ID_UNSIGNED = Mistake(
    "id-is-not-signed",
    "You signed time and body, but not the id. An attacker could then send the same "
    "request under a new id, and your memory of ids would not know it.",
    "Put webhook-id and a full stop in front.",
)
TIME_UNSIGNED = Mistake(
    "timestamp-is-not-signed",
    "You signed id and body, but not the time. An attacker writes today's timestamp on "
    "yesterday's request, and it is fresh again.",
    "Put webhook-timestamp between the id and the body.",
)
OTHER_ORDER = Mistake(
    "signed-in-another-order",
    "You signed the right three things in another order or with other signs between "
    "them. One byte more or less, and the signature is another one.",
    "The order is id, timestamp, body, with one full stop between them and none at the "
    "end.",
)
BYTES_IN_TEXT = Mistake(
    "bytes-in-an-f-string",
    "An f-string writes bytes the way Python shows them, with b'…' around them. You "
    "signed that b and those quotes too.",
    'Make bytes of the front part and add the body: f"{…}.{…}.".encode() + body.',
)
RESERIALISED = Mistake(
    "re-serialised-body",
    "You parsed the body and wrote it as JSON again. That is the same data in other "
    "bytes: a space, an escape, the order of the keys. Only the bytes that came in are "
    "signed.",
    "Leave the body alone until the signature is checked; sign the bytes themselves.",
)
HEX = Mistake(
    "hex-instead-of-base64",
    "You wrote the digest in hexadecimal digits. GitHub and Stripe do that; Standard "
    "Webhooks writes it in base64.",
    "Take .digest(), not .hexdigest(), and put it through base64.b64encode.",
)
URL_SAFE = Mistake(
    "url-safe-base64",
    "There are two alphabets of base64. The one for URLs writes - and _ where the "
    "usual one has + and /, so only some signatures fit, by luck.",
    "Use base64.b64encode and base64.b64decode, without urlsafe.",
)
LABEL = Mistake(
    "label-not-told-from-signature",
    "Each signature in the header begins with its version, `v1,`. You compared "
    "something without it, or with another label, to the whole.",
    'Compare with "v1," and your signature, or cut the label off first.',
)
CLOCK = Mistake(
    "looks-at-another-clock",
    "Signature and time are right, and you refused the request for its age. Your time "
    "does not come from the arguments: `now` is the receiver's clock, and "
    "webhook-timestamp says when this attempt was signed.",
    "Compare `now` with webhook-timestamp, and nothing else.",
)
UNIT = Mistake(
    "window-in-another-unit",
    "All times here are in seconds: now, the timestamp and the tolerance. Yours are "
    "mixed, so the window is a thousand or sixty times too wide or too narrow.",
    "Take the factor out; nothing has to be converted.",
)
TURNED_ROUND = Mistake(
    "window-turned-round",
    "You refuse what is fresh and accept what is stale.",
    "Say it aloud: accept where the distance is at most the tolerance.",
)
HEADER_NAMES = Mistake(
    "other-header-names",
    "A plain dictionary tells upper from lower case. The names are webhook-id, "
    "webhook-timestamp and webhook-signature, in lower case.",
    "Compare the name in your line with those three.",
)
ACCEPTS_ALL = Mistake(
    "accepts-a-forgery",
    "Nobody who knows the secret has signed this, and you let it in.",
    "On which path does your function return True without a signature that fits?",
)
ID_FREE = Mistake(
    "id-may-be-changed",
    "The same signature passes under another id. Whoever captured this request can "
    "send it under a new id as often as they like.",
    "Sign the id that came in the header.",
)
TIME_FREE = Mistake(
    "timestamp-may-be-changed",
    "The same signature passes with another timestamp. A request from last year is "
    "fresh as soon as somebody writes today's time on it.",
    "Sign the very timestamp that you compare with the clock.",
)
NOT_CHECKED = Mistake(
    "time-is-not-checked",
    "The time is signed, and nobody looks at it. Whoever captured this request may "
    "send it again for ever, and each time it is authentic.",
    "Compare webhook-timestamp with `now`.",
)
BACKWARDS = Mistake(
    "refuses-only-the-future",
    "You subtracted the other way round: what is old gives a negative number, and a "
    "negative number is below every tolerance.",
    "The age is now minus the timestamp; bound it on both sides, or take its abs.",
)
OWN_TOLERANCE = Mistake(
    "tolerance-of-its-own",
    "The window has a fixed width, whatever the caller asks for. Whoever needs a "
    "narrower one believes to have it.",
    "Use the argument `tolerance` in the place of your number.",
)
FUTURE = Mistake(
    "future-is-accepted",
    "A timestamp from tomorrow passes until the day after. A sender whose clock runs "
    "ahead gives every thief of a request that much more time.",
    "Bound the age on both sides: abs(now - timestamp).",
)
TOO_NARROW = Mistake(
    "window-too-narrow",
    "The request is within the tolerance. The two clocks are never quite the same, and "
    "a request travels for a while; both is what the tolerance is for.",
    "Accept an age from minus the tolerance to plus the tolerance.",
)
EVENTS_TIME = Mistake(
    "time-of-the-event-instead-of-the-attempt",
    "This is an honest retry: the event is ten hours old, and the provider has signed "
    "the new attempt just now. You looked at the event's created_at, and so every "
    "retry after the first minutes is lost.",
    "Use webhook-timestamp; it is renewed and signed with each attempt.",
)
DECODED = Mistake(
    "body-decoded-to-text",
    "You made text of the body before you signed it. A body that is no UTF-8 then ends "
    "in an exception, or some other bytes are signed than those that came.",
    "Keep the body as bytes, and add it to the bytes of the front part.",
)
TRIMMED = Mistake(
    "body-is-trimmed",
    "White space at the end of the body was sent and signed like every other byte.",
    "Sign the body as it is, without strip.",
)
TWO_BODIES = Mistake(
    "accepts-the-same-data-in-other-bytes",
    "This body was changed on its way. It means the same to a JSON parser, but a "
    "signature that fits two byte strings has stopped to say what was sent.",
    "Check the bytes that came in, and nothing made of them.",
)
ONE_ONLY = Mistake(
    "expects-one-signature",
    "The header may hold several signatures, parted by spaces, while the provider "
    "changes its secret. You compared with the header as a whole.",
    "Split the header at its spaces, and accept if any of the parts fits.",
)
FIRST_ONLY = Mistake(
    "only-the-first-signature",
    "Yours was among the signatures, and you looked at the first alone. During a "
    "rotation the order is the provider's business.",
    "Go through all parts of the header before you say False.",
)
LAST_ONLY = Mistake(
    "only-the-last-signature",
    "Yours was among the signatures, and you looked at the last alone. During a "
    "rotation the order is the provider's business. (A released library keeps only the "
    "last, too, and refuses honest requests whenever the one that fits comes first.)",
    "Go through all parts of the header, and stop at the first that fits.",
)
NO_COMMA = Mistake(
    "part-without-comma-raises",
    "A part of the header had no comma, and your unpacking raised an exception: a 500 "
    "for the provider, made by anybody who can send you a request.",
    'Use partition(","), or compare the part as a whole with "v1," and your signature.',
)
VERSION = Mistake(
    "takes-any-version",
    "You did not look at the version in front of the signature. v1 is HMAC-SHA256; "
    "another version is another recipe, and a receiver that takes every label for v1 "
    "lets others choose how it verifies.",
    'Pass over parts that do not begin with "v1,".',
)
ANYWHERE = Mistake(
    "finds-the-signature-anywhere",
    "You looked whether the signature stands somewhere in the header. That takes a "
    "header that is no list of signatures, and the search stops at the first "
    "difference, which can be measured.",
    "Split the header at its spaces and compare part by part, in constant time.",
)
MISSING = Mistake(
    "missing-header-raises",
    "A request without one of the headers is nothing special: anybody can send one. "
    "Your exception makes it a 500, and the provider's own alarm goes off.",
    "Use headers.get(name), and return False where nothing came.",
)
SKIPPED = Mistake(
    "checks-the-time-only-if-present",
    "Without a timestamp you leave the check of the window out. A request that was "
    "once signed without one is then valid for ever, and an attacker only has to "
    "leave a header out to try.",
    "No timestamp means False, before anything is computed.",
)
NO_ID = Mistake(
    "does-without-the-id",
    "Without an id you went on. There is nothing to remember this request by then, so "
    "it can be sent again at will.",
    "No webhook-id means False.",
)
NAN = Mistake(
    "nan-switches-the-check-off",
    "float reads NaN, and no comparison with NaN is ever true: neither older than the "
    "tolerance nor younger. A check that asks for a reason to refuse finds none.",
    "Read whole seconds with int, or write the check so that it asks for a reason to "
    "accept.",
)
FRACTIONS = Mistake(
    "reads-more-than-whole-seconds",
    "The header holds whole seconds in decimal digits, and nothing else. float also "
    "takes fractions, powers of ten and NaN; each of them is a door you did not mean "
    "to build.",
    "Read the timestamp with int.",
)
PREFIX = Mistake(
    "reads-digits-and-ignores-the-rest",
    "You took the digits at the start and passed over what follows. Other programs "
    "read the same header otherwise, and disagreements are where attacks live.",
    "Let the whole header be digits: re.fullmatch, or int, which refuses the rest.",
)
MILLISECONDS = Mistake(
    "guesses-the-unit",
    "You took a large number for milliseconds and divided it. The scheme says seconds; "
    "a receiver that guesses gives one moment two spellings.",
    "Take the number as seconds; milliseconds are then far in the future, and refused.",
)
NEGATIVE = Mistake(
    "negative-time-passes",
    "A negative timestamp is a moment before 1970. You let it pass without comparing "
    "it.",
    "Let no special case jump over the comparison with the clock.",
)
GARBAGE_TIME = Mistake(
    "garbage-timestamp-raises",
    "The timestamp is no number, and your exception makes that a 500. A header is what "
    "anybody may write; a request that makes no sense is refused, not crashed on.",
    "Catch ValueError around the conversion, and return False.",
)
HUGE_TIME = Mistake(
    "huge-timestamp-raises",
    "Nobody has signed this request, and it still made your code raise: you read the "
    "timestamp before you knew whose it is, and Python could not calculate with a "
    "number of that size.",
    "Check the signature first; or refuse a timestamp of more than 15 digits.",
)
NON_ASCII = Mistake(
    "non-ascii-signature-raises",
    "compare_digest takes text only if all of it is ASCII, and a header may hold any "
    "byte. Your receiver answers 500 to whoever sends an é.",
    "Encode both sides, and compare bytes.",
)
GARBAGE = Mistake(
    "garbage-raises",
    "Anybody can send you headers that make no sense. An exception makes a 500 of "
    "them, an alarm in the night, and in some receivers the end of the process.",
    "Look at the line above: which value did it not expect? Refuse that one.",
)
STRIPS = Mistake(
    "strips-letters-instead-of-the-prefix",
    "strip and lstrip take a set of letters, not a word: they went on cutting as long "
    "as the letters were among w, h, s, e, c and _. Secrets that begin with one of "
    "them then lose a part, and every request is refused.",
    'Use secret.removeprefix("whsec_").',
)
EQUALS = Mistake(
    "compares-with-equals",
    "`==` stops at the first difference, and an attacker can measure how far it came. "
    "(The check handed you a text that notes how it is compared.)",
    "Use hmac.compare_digest on bytes.",
)
