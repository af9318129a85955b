# %% echoes-without-the-token | whoever asks gets the challenge
#- not hmac.compare_digest(given.encode(), token.encode()) or challenge is None
#+ challenge is None

# %% echoes-without-the-token | only a wrong token is wrong
#- not hmac.compare_digest(given.encode(), token.encode())
#+ given and given != token

# %% needs-no-challenge | the token is enough
#-         if not hmac.compare_digest(given.encode(), token.encode()) or challenge is None:
#+         challenge = challenge or ""
#+         if given != token:

# %% echoes-as-html | a string is a response
#-         return challenge, 200, {"Content-Type": "text/plain"}
#+         return challenge

# %% signs-before-verifying | the handshake comes before everything else
#-         body = request.get_data()  # read the raw body
#+         body = request.get_data()
#+         early = json.loads(body)
#+         if early["event"] == "endpoint.challenge":
#+             asked = early["data"]["challenge"]
#+             if isinstance(asked, str) and re.fullmatch("[A-Za-z0-9]{1,64}", asked):
#+                 return {"response": digest(asked.encode())}
#+             return "", 400

# %% signs-before-verifying | and signs whatever it contains
#-         body = request.get_data()  # read the raw body
#+         body = request.get_data()
#+         early = json.loads(body)
#+         if early["event"] == "endpoint.challenge":
#+             if isinstance(early["data"]["challenge"], str):
#+                 return {"response": digest(early["data"]["challenge"].encode())}
#+             return "", 400

# %% signs-any-text | the request is verified, so its content is fine
#- re.fullmatch("[A-Za-z0-9]{1,64}", text)
#+ text

# %% signs-any-text | the length is enough
#- re.fullmatch("[A-Za-z0-9]{1,64}", text)
#+ 1 <= len(text) <= 64

# %% signs-long-challenges | letters and digits, as many as you like
#- {1,64}
#+ +

# %% signs-other-letters | isalnum sounds right
#- re.fullmatch("[A-Za-z0-9]{1,64}", text)
#+ text.isalnum() and len(text) < 65

# %% accepts-a-line-break-at-the-end | match and a dollar sign
#- re.fullmatch("[A-Za-z0-9]{1,64}", text)
#+ re.match("^[a-zA-Z0-9]{1,64}$", text)

# %% signs-the-empty-text | at most 64
#- {1,64}
#+ {,64}

# %% confirms-before-verifying | a confirmation cannot be signed yet
#-         body = request.get_data()  # read the raw body
#+         body = request.get_data()
#+         early = json.loads(body)
#+         if early["event"] == "subscription.confirm":
#+             asked = early["data"]["url"]
#+             if isinstance(asked, str) and asked.startswith("https://confirm.payco.example/"):
#+                 confirm(asked)
#+                 return "", 204
#+             return "", 400

# %% confirms-any-url | the request is verified
#- url.startswith("https://confirm.payco.example/")
#+ url is not None

# %% confirms-any-url | https is safe
#- url.startswith("https://confirm.payco.example/")
#+ url.startswith("https://")

# %% host-that-looks-alike | without the slash
#- url.startswith("https://confirm.payco.example/")
#+ url.startswith("https://confirm.payco.example")

# %% host-that-looks-alike | the name occurs in it
#- url.startswith("https://confirm.payco.example/")
#+ "confirm.payco.example" in url

# %% confirms-over-http | with or without TLS
#- url.startswith("https://confirm.payco.example/")
#+ url.split("://")[-1].startswith("confirm.payco.example/") and url.startswith("http")

# %% does-not-confirm | the acknowledgement is enough
#-             confirm(url)
#+             pass

# %% accepts-unsigned-events | checks what is there
#-         if not hmac.compare_digest(expected.encode(), given.encode()):
#+         if given and not hmac.compare_digest(expected.encode(), given.encode()):

# %% signs-something-else | the body, as always
#- digest(text.encode())}
#+ digest(body)}

# %% response-with-prefix | the same form as the header
#- {"response": digest(text.encode())}
#+ {"response": f"sha256={digest(text.encode())}"}


# %% compares-texts-that-are-not-ascii | texts, as they came
#- expected.encode(), given.encode()
#+ expected, given


# %% no-name | dots in a regular expression
#- url.startswith("https://confirm.payco.example/")
#+ re.match("https://confirm.payco.example/", url)


# %% no-name | the digits are enough
#- expected = "sha256=" + digest(body)
#+ given, expected = given.removeprefix("sha256="), digest(body)


# %% no-name | the event's type first
#- body = request.get_data()  # read the raw body
#+ body = request.get_data()
#+         kind = json.loads(body)["event"]


# %% no-name | without white space
#- return challenge, 200
#+ return challenge.strip(), 200


# %% no-name | the first secret for all
#- def make_app(secret, token, confirm):
#+ _KEPT = {}
#+
#+
#+ def make_app(secret, token, confirm):
#+     secret = _KEPT.setdefault("secret", secret)

# %% no-name | signs the challenge of the GET as well
#- {"Content-Type": "text/plain"}
#+ {"Content-Type": "text/plain", "X-Signature": digest(challenge.encode())}


# %% accepts-user-or-port | the hostname of the trimmed URL
#- url.startswith("https://confirm.payco.example/")
#+ re.match(r"https://([^/@]*@)?confirm\.payco\.example(:\d+)?([/?#]|$)", url.strip())
