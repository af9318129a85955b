# %% passed | appends to a list
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     live = [secret]
#+     if old and until is not None and now < until and old not in live:
#+         live.append(old)
#+     return live

# %% passed | returns early
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     if not old or old == secret:
#+         return [secret]
#+     if until is None or now >= until:
#+         return [secret]
#+     return [secret, old]

# %% passed | a dictionary keeps the order
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     live = {secret: None}
#+     if old and until is not None and until > now:
#+         live[old] = None
#+     return list(live)

# %% passed | no end means long ago
#-     if old and until is not None and now < until and old != secret:
#+     if old and now < (until or 0) and old != secret:

# %% passed | an expression
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     both = bool(old) and until is not None and now < until and old != secret
#+     return [secret] + [old] * both

# %% passed | a function for the overlap
#-     secret, old = endpoint["secret"], endpoint["old_secret"]
#-     until = endpoint["old_until"]
#-     if not secret:
#-         raise ValueError("the endpoint has no secret")
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     def in_overlap():
#+         if endpoint["old_until"] is None or endpoint["old_secret"] is None:
#+             return False
#+         return now < endpoint["old_until"]
#+
#+     secret = endpoint["secret"]
#+     if secret is None or secret == "":
#+         raise ValueError("no secret, no signature")
#+     if in_overlap() and endpoint["old_secret"] != secret:
#+         return [secret, endpoint["old_secret"]]
#+     return [secret]

# %% passed | filters candidates
#-     secret, old = endpoint["secret"], endpoint["old_secret"]
#-     until = endpoint["old_until"]
#-     if not secret:
#-         raise ValueError("the endpoint has no secret")
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     candidates = [
#+         (endpoint["secret"], None),
#+         (endpoint["old_secret"], endpoint["old_until"] or float("-inf")),
#+     ]
#+     live = []
#+     for secret, until in candidates:
#+         if secret and (until is None or now < until) and secret not in live:
#+             live.append(secret)
#+     if not endpoint["secret"]:
#+         raise ValueError("an endpoint needs a secret")
#+     return live

# %% passed | get with defaults
#-     secret, old = endpoint["secret"], endpoint["old_secret"]
#-     until = endpoint["old_until"]
#-     if not secret:
#-         raise ValueError("the endpoint has no secret")
#-     if old and until is not None and now < until and old != secret:
#-         return [secret, old]
#-     return [secret]
#+     if not endpoint.get("secret"):
#+         raise ValueError("empty secret")
#+     keys = [endpoint["secret"]]
#+     old, end = endpoint.get("old_secret"), endpoint.get("old_until")
#+     if None not in (old, end) and end > now and keys != [old]:
#+         keys += [old]
#+     return keys
