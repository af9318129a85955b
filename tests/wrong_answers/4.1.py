# %% bare-hex | the digits are the signature
import hashlib, hmac

def sign(secret, body):
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


# %% base64-instead-of-hex | Shopify does it in base64
import base64, hmac

def sign(secret, body):
    digest = hmac.digest(secret, body, "sha256")
    return "sha256=" + base64.b64encode(digest).decode()


# %% base64-instead-of-hex | base64, and no prefix either
import base64, hashlib, hmac

def sign(secret, body):
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()


# %% bytes-written-as-text | base64 in an f-string
import base64, hashlib, hmac

def sign(secret, body):
    return f"sha256={base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest())}"


# %% another-hash-function | sha1 is what the old tutorial used
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body, hashlib.sha1).hexdigest()


# %% another-hash-function | sha1, honestly named
import hashlib, hmac

def sign(secret, body):
    return "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest()


# %% hash-without-hmac | secret and body, hashed together
import hashlib

def sign(secret, body):
    return "sha256=" + hashlib.sha256(secret + body).hexdigest()


# %% hash-without-hmac | the secret at the end, and piece by piece
import hashlib

def sign(secret, body):
    hashed = hashlib.sha256(body)
    hashed.update(secret)
    return f"sha256={hashed.hexdigest()}"


# %% no-key-in-it | a checksum of the body
import hashlib

def sign(secret, body):
    return "sha256=" + hashlib.sha256(body).hexdigest()


# %% key-and-body-swapped | the body is what matters, so it comes first
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(body, secret, hashlib.sha256).hexdigest()


# %% upper-case | capital letters look tidier
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().upper()


# %% bytes-written-as-text | the digest in an f-string
import hashlib, hmac

def sign(secret, body):
    return f"sha256={hmac.new(secret, body, hashlib.sha256).digest()}"


# %% bytes-written-as-text | encoded hex in an f-string
import hashlib, hmac

def sign(secret, body):
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest().encode()}"


# %% hashes-twice | hash the body, then sign the hash
import hashlib, hmac

def sign(secret, body):
    hashed = hashlib.sha256(body).digest()
    return "sha256=" + hmac.new(secret, hashed, hashlib.sha256).hexdigest()


# %% hashes-twice | hash what comes out, for safety
import hashlib, hmac

def sign(secret, body):
    mac = hmac.new(secret, body, hashlib.sha256).digest()
    return "sha256=" + hashlib.sha256(mac).hexdigest()


# %% signs-the-repr | str makes text of the body
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, str(body).encode(), hashlib.sha256).hexdigest()


# %% signs-the-repr | both as text, both encoded
import hashlib, hmac

def sign(secret, body):
    key, message = str(secret).encode(), str(body).encode()
    return "sha256=" + hmac.new(key, message, hashlib.sha256).hexdigest()


# %% re-serialised-json | sign the JSON, tidied up
import hashlib, hmac, json

def sign(secret, body):
    tidy = json.dumps(json.loads(body), sort_keys=True).encode()
    return "sha256=" + hmac.new(secret, tidy, hashlib.sha256).hexdigest()


# %% body-decoded-to-text | text first, for safety
import hashlib, hmac

def sign(secret, body):
    text = body.decode("utf-8", errors="replace")
    return "sha256=" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


# %% body-decoded-to-text | JSON is text, so decode it
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body.decode().encode(), hashlib.sha256).hexdigest()


# %% body-decoded-to-text | latin-1 never fails
import hashlib, hmac

def sign(secret, body):
    text = body.decode("latin-1")
    return "sha256=" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


# %% secret-decoded-to-text | a secret is a password
import hashlib, hmac

def sign(secret, body):
    key = secret.decode(errors="ignore").encode()
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


# %% secret-decoded-to-text | a password, and nothing else
import hashlib, hmac

def sign(secret, body):
    key = secret.decode().strip().encode()
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


# %% adds-a-line-end | as echo does it in the shell
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body + b"\n", hashlib.sha256).hexdigest()


# %% strips-the-body | white space can't matter
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body.strip(), hashlib.sha256).hexdigest()


# %% secret-in-the-message | twice is safer
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, secret + body, hashlib.sha256).hexdigest()


# %% other-prefix | a colon reads better
import hashlib, hmac

def sign(secret, body):
    return "sha256: " + hmac.new(secret, body, hashlib.sha256).hexdigest()


# %% other-prefix | no prefix that I have heard of
import hashlib, hmac

def sign(secret, body):
    return "v1," + hmac.new(secret, body, hashlib.sha256).hexdigest()


# %% cuts-the-digest | half of it is plenty
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()[:32]


# %% bytes-instead-of-text | the network wants bytes
import hashlib, hmac

def sign(secret, body):
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


# %% forgets-the-digits | hmac.new is the signature
import hashlib, hmac

def sign(secret, body):
    return hmac.new(secret, body, hashlib.sha256)


# %% returns-nothing | seeing it is enough
import hashlib, hmac

def sign(secret, body):
    print("sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest())


# %% encodes-bytes | everything must be encoded
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


# %% body-as-text | the body is text
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body.decode(), hashlib.sha256).hexdigest()


# %% text-where-bytes-belong | bytes join text
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).digest()


# %% names-no-hash-function | it will know which
import hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body).hexdigest()


# %% answer-written-into-the-code | the example is all there is
def sign(secret, body):
    return "sha256=b1e3c49e9e04c61178b69fd8b725d741b7b8ae8815854b409b8f7744096d8ec1"


# %% keeps-state | one HMAC object is enough
import hashlib, hmac

macs = {}

def sign(secret, body):
    mac = macs.setdefault(secret, hmac.new(secret, digestmod=hashlib.sha256))
    mac.update(body)
    return "sha256=" + mac.hexdigest()


# %% still-running | reading the body to its end
def sign(secret, body):
    while body:
        pass
    return "sha256="


# %% forgets-the-digits | an HMAC is the signature, so put the prefix before it
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret, body, hashlib.sha256)


# %% forgets-the-digits | an f-string takes anything
import hashlib, hmac

def sign(secret, body):
    return f"sha256={hmac.new(secret, body, hashlib.sha256)}"


# %% fixed-key | the secret of this lab
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(b"blue-kite-42", body, hashlib.sha256).hexdigest()


# %% repeats-the-example | mac is there already
import hashlib, hmac

mac = hmac.new(b"blue-kite-43", b"one parcel for Ada", hashlib.sha256)

def sign(secret, body):
    return "sha256=" + mac.hexdigest()


# %% strips-the-secret | white space is never meant
import hashlib, hmac

def sign(secret, body):
    return "sha256=" + hmac.new(secret.strip(), body, hashlib.sha256).hexdigest()


# %% other-arguments | the secret is known
import hashlib, hmac

def sign(body):
    return "sha256=" + hmac.new(b"blue-kite-42", body, hashlib.sha256).hexdigest()


# %% no-name | keeps each signature under the key and the body, joined
import hashlib
import hmac

_known = {}

def sign(secret, body):
    if secret + body not in _known:
        mac = hmac.new(secret, body, hashlib.sha256)
        _known[secret + body] = "sha256=" + mac.hexdigest()
    return _known[secret + body]


# %% no-name | keeps one signature per body
import hashlib
import hmac

_known = {}

def sign(secret, body):
    if body not in _known:
        _known[body] = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return _known[body]
