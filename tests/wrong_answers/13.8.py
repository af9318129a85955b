# %% only-the-new-secret | switches at once
#-     if old and until is not None and now < until and old != secret:
#+     if False:

# %% only-the-old-secret | the old one until the end
#-         return [secret, old]
#+         return [old]

# %% old-secret-forever | both, as long as there are two
#-     if old and until is not None and now < until and old != secret:
#+     if old and old != secret:

# %% old-secret-forever | does not compare the time
#-     if old and until is not None and now < until and old != secret:
#+     if old and until is not None and old != secret:

# %% one-moment-too-long | up to and including the end
#-     if old and until is not None and now < until and old != secret:
#+     if old and until is not None and now <= until and old != secret:

# %% old-secret-first | the old one first
#-         return [secret, old]
#+         return [old, secret]

# %% old-secret-first | reversed
#-         return [secret, old]
#+         return [secret, old][::-1]

# %% signs-with-an-empty-secret | no check
#-     if not secret:
#-         raise ValueError("the endpoint has no secret")
#+     pass

# %% signs-with-an-empty-secret | only None is refused
#-     if not secret:
#-         raise ValueError("the endpoint has no secret")
#+     if secret is None:
#+         raise ValueError("the endpoint has no secret")

# %% none-in-the-list | does not look at the old secret
#-     if old and until is not None and now < until and old != secret:
#+     if until is not None and now < until and old != secret:

# %% fails-without-rotation | compares with None
#-     if old and until is not None and now < until and old != secret:
#+     if old and now < until and old != secret:

# %% one-secret-twice | does not compare the secrets
#-     if old and until is not None and now < until and old != secret:
#+     if old and until is not None and now < until:

# %% no-name | whole seconds
#-     if old and until is not None and now < until and old != secret:
#+     if old and until is not None and int(now) < int(until) and old != secret:


# %% no-name | an overlap that ended at 0 never ends
#-     if old and until is not None and now < until and old != secret:
#+     if old and until is not None and (not until or now < until) and old != secret:
