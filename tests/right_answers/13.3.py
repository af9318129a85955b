# %% passed | a list of pieces
#-         while len(body) < 65_536:
#-             more = response.read(65_536 - len(body))
#-             if now() - started > 10:
#-                 return nothing
#-             if not more:
#-                 break
#-             body += more
#+         pieces, left = [], 65_536
#+         while left:
#+             more = response.read(min(left, 4_096))
#+             if now() > started + 10:
#+                 return nothing
#+             if not more:
#+                 break
#+             pieces.append(more)
#+             left -= len(more)
#+         body = b"".join(pieces)

# %% passed | a bytearray, and the deadline first
#-         while len(body) < 65_536:
#-             more = response.read(65_536 - len(body))
#-             if now() - started > 10:
#-                 return nothing
#-             if not more:
#-                 break
#-             body += more
#+         buffer, deadline = bytearray(), started + 10
#+         while len(buffer) != 65_536:
#+             more = response.read(65_536 - len(buffer))
#+             if now() > deadline:
#+                 return nothing
#+             buffer.extend(more)
#+             if more == b"":
#+                 break
#+         body = bytes(buffer)

# %% passed | a function for one signature
#-     signatures = []
#-     for secret in delivery["secrets"]:
#-         key = base64.b64decode(secret.removeprefix("whsec_"))
#-         digest = hmac.digest(key, content, "sha256")
#-         signatures.append("v1," + base64.b64encode(digest).decode())
#+     def sign(secret):
#+         key = base64.b64decode(secret[6:])
#+         digest = hmac.new(key, content, "sha256").digest()
#+         return "v1," + base64.b64encode(digest).decode("ascii")
#+
#+     signatures = map(sign, delivery["secrets"])

# %% passed | headers in the usual spelling
#-         "content-type": "application/json",
#-         "webhook-id": event,
#+         "Content-Type": "application/json",
#+         "User-Agent": "provider/1.0",
#+         "webhook-id": event,

# %% passed | catches OSError
#-     try:
#-         response = post(delivery["url"], headers, payload, 10)
#-     except (ConnectionError, TimeoutError):
#-         return nothing
#-
#+     try:
#+         response = post(delivery["url"], headers, payload, 10)
#+     except OSError:
#+         return nothing
#+

# %% passed | one try for all
#-     try:
#-         response = post(delivery["url"], headers, payload, 10)
#-     except (ConnectionError, TimeoutError):
#-         return nothing
#-     try:
#-         body = b""
#+     response = None
#+     try:
#+         response = post(delivery["url"], headers, payload, timeout=10)
#+         body = b""
#-     finally:
#-         response.close()
#-
#+     finally:
#+         if response is not None:
#+             response.close()
#+

# %% passed | contextlib.closing
#-     try:
#-         response = post(delivery["url"], headers, payload, 10)
#-     except (ConnectionError, TimeoutError):
#-         return nothing
#-     try:
#-         body = b""
#+     from contextlib import closing
#+
#+     try:
#+         response = post(delivery["url"], headers, payload, 10.0)
#+     except (TimeoutError, ConnectionError):
#+         return {**nothing}
#+     try:
#+         body = b""
#-             if not more:
#-                 break
#-             body += more
#+             if more:
#+                 body += more
#+             else:
#+                 break
#-     except (ConnectionError, TimeoutError):
#-         return nothing
#-     finally:
#-         response.close()
#-     wish
#+     except (TimeoutError, ConnectionError):
#+         return nothing
#+     finally:
#+         with closing(response):
#+             pass
#+     wish

# %% passed | a list of bytes for the content
#-     content = f"{event}.{timestamp}.".encode() + payload
#+     content = b".".join([event.encode(), timestamp.encode(), payload])
