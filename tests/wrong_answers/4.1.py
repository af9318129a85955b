# %% bare-hex | the digits are the signature
#- "sha256=" + mac.hexdigest()
#+ mac.hexdigest()

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
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, body, hashlib.sha1)

# %% hash-without-hmac | secret and body, hashed together
#- hmac.new(secret, body, hashlib.sha256)
#+ hashlib.sha256(secret + body)

# %% hash-without-hmac | the secret at the end, and piece by piece
import hashlib

def sign(secret, body):
    hashed = hashlib.sha256(body)
    hashed.update(secret)
    return f"sha256={hashed.hexdigest()}"

# %% no-key-in-it | a checksum of the body
#- hmac.new(secret, body, hashlib.sha256)
#+ hashlib.sha256(body)

# %% key-and-body-swapped | the body is what matters, so it comes first
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(body, secret, hashlib.sha256)

# %% upper-case | capital letters look tidier
#- "sha256=" + mac.hexdigest()
#+ "sha256=" + mac.hexdigest().upper()

# %% bytes-written-as-text | the digest in an f-string
#- "sha256=" + mac.hexdigest()
#+ f"sha256={mac.digest()}"

# %% hashes-twice | hash the body, then sign the hash
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, hashlib.sha256(body).digest(), hashlib.sha256)

# %% hashes-twice | hash what comes out, for safety
#- "sha256=" + mac.hexdigest()
#+ "sha256=" + hashlib.sha256(mac.digest()).hexdigest()

# %% signs-the-repr | str makes text of the body
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, str(body).encode(), hashlib.sha256)

# %% signs-the-repr | both as text, both encoded
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(str(secret).encode(), str(body).encode(), hashlib.sha256)

# %% re-serialised-json | sign the JSON, tidied up
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(
#+         secret,
#+         __import__("json").dumps(__import__("json").loads(body), sort_keys=True).encode(),
#+         hashlib.sha256,
#+     )

# %% body-decoded-to-text | text first, for safety
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(
#+         secret, body.decode("utf-8", errors="replace").encode(), hashlib.sha256
#+     )

# %% body-decoded-to-text | latin-1 never fails
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, body.decode("latin-1").encode(), hashlib.sha256)

# %% secret-decoded-to-text | a secret is a password
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret.decode(errors="ignore").encode(), body, hashlib.sha256)

# %% secret-decoded-to-text | a password, and nothing else
import hashlib, hmac

def sign(secret, body):
    key = secret.decode().strip().encode()
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()

# %% adds-a-line-end | as echo does it in the shell
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, body + b"\n", hashlib.sha256)

# %% strips-the-body | white space can't matter
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, body.strip(), hashlib.sha256)

# %% secret-in-the-message | twice is safer
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, secret + body, hashlib.sha256)

# %% other-prefix | a colon reads better
#- "sha256=" + mac.hexdigest()
#+ "sha256: " + mac.hexdigest()

# %% other-prefix | no prefix that I have heard of
#- "sha256=" + mac.hexdigest()
#+ "v1," + mac.hexdigest()

# %% cuts-the-digest | half of it is plenty
#- "sha256=" + mac.hexdigest()
#+ "sha256=" + mac.hexdigest()[:32]

# %% bytes-instead-of-text | the network wants bytes
#- "sha256=" + mac.hexdigest()
#+ b"sha256=" + mac.hexdigest().encode()

# %% forgets-the-digits | hmac.new is the signature
#- "sha256=" + mac.hexdigest()
#+ mac

# %% returns-nothing | seeing it is enough
#-     return "sha256=" + mac.hexdigest()
#+     print("sha256=" + mac.hexdigest())

# %% encodes-bytes | everything must be encoded
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret.encode(), body, hashlib.sha256)

# %% body-as-text | the body is text
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, body.decode(), hashlib.sha256)

# %% text-where-bytes-belong | bytes join text
#- "sha256=" + mac.hexdigest()
#+ "sha256=" + mac.digest()

# %% names-no-hash-function | it will know which
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret, body)

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
#- "sha256=" + mac.hexdigest()
#+ "sha256=" + mac

# %% forgets-the-digits | an f-string takes anything
#- "sha256=" + mac.hexdigest()
#+ f"sha256={mac}"

# %% fixed-key | the secret of this lab
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(b"blue-kite-42", body, hashlib.sha256)

# %% repeats-the-example | mac is there already
import hashlib, hmac

mac = hmac.new(b"blue-kite-43", b"one parcel for Ada", hashlib.sha256)

def sign(secret, body):
    return "sha256=" + mac.hexdigest()

# %% strips-the-secret | white space is never meant
#- hmac.new(secret, body, hashlib.sha256)
#+ hmac.new(secret.strip(), body, hashlib.sha256)

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
