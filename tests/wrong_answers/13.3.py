# %% sends-other-bytes | strips the payload
#-         response = post(delivery["url"], headers, payload, 10)
#+         response = post(delivery["url"], headers, payload.strip(), 10)

# %% sends-other-bytes | decodes and encodes it
#-         response = post(delivery["url"], headers, payload, 10)
#+         response = post(delivery["url"], headers, payload.decode("utf-8", "replace").strip().encode(), 10)

# %% key-is-the-text-of-the-secret | the whole text
#-         key = base64.b64decode(secret.removeprefix("whsec_"))
#+         key = secret.encode()

# %% key-is-the-text-of-the-secret | the text after the prefix
#-         key = base64.b64decode(secret.removeprefix("whsec_"))
#+         key = secret.removeprefix("whsec_").encode()

# %% signs-the-payload-alone | only the payload
#-     content = f"{event}.{timestamp}.".encode() + payload
#+     content = payload

# %% signs-with-one-secret | the first secret
#-     for secret in delivery["secrets"]:
#+     for secret in delivery["secrets"][:1]:

# %% secret-on-the-wire | a header for debugging
#-         "webhook-signature": " ".join(signatures),
#+         "webhook-signature": " ".join(signatures),
#+         "x-secret": delivery["secrets"][0],

# %% raises-without-response | no try around post
#-     try:
#-         response = post(delivery["url"], headers, payload, 10)
#-     except (ConnectionError, TimeoutError):
#-         return nothing
#-
#+     response = post(delivery["url"], headers, payload, 10)
#+

# %% raises-without-response | catches only timeouts
#-     try:
#-         response = post(delivery["url"], headers, payload, 10)
#-     except (ConnectionError, TimeoutError):
#-         return nothing
#-
#+     try:
#+         response = post(delivery["url"], headers, payload, 10)
#+     except TimeoutError:
#+         return nothing
#+

# %% reads-without-limit | reads all
#-         while len(body) < 65_536:
#-             more = response.read(65_536 - len(body))
#-             if now() - started > 10:
#-                 return nothing
#-             if not more:
#-                 break
#-             body += more
#+         body = response.read()
#+         if now() - started > 10:
#+             return nothing

# %% reads-without-limit | reads to the end
#-         while len(body) < 65_536:
#+         while True:
#-             more = response.read(65_536 - len(body))
#+             more = response.read(8_192)

# %% no-deadline | trusts the timeout
#-             if now() - started > 10:
#-                 return nothing
#-             if not more:
#+             if not more:

# %% counts-an-unfinished-response | stops at the deadline and returns the status
#-                 return nothing
#-             if not more:
#+                 break
#+             if not more:

# %% does-not-close | no finally
#-     finally:
#-         response.close()
#-     wish
#+     wish

# %% does-not-close | closes at the end
#-     finally:
#-         response.close()
#-     wish
#+     response.close()
#+     wish

# %% another-timeout | half a minute
#-         response = post(delivery["url"], headers, payload, 10)
#+         response = post(delivery["url"], headers, payload, 60)

# %% drops-the-status | only a success has a status
#-     return {"status": response.status, "retry_after": wish, "body": body}
#+     if response.status >= 300:
#+         return nothing
#+     return {"status": response.status, "retry_after": wish, "body": body}

# %% no-name | a delay only after a 429
#-     wish = response.headers.get("retry-after")
#+     wish = response.headers.get("retry-after") if response.status == 429 else None
