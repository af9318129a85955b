# %% only-200-is-success | success is 200
#-         if 200 <= got.status <= 299:
#+         if got.status == 200:

# %% only-200-is-success | the three that the table names
#-         if 200 <= got.status <= 299:
#+         if got.status in (200, 202, 204):

# %% only-server-errors | an error is a 5xx
#-         if 200 <= got.status <= 299:
#+         if got.status < 500:

# %% redirect-is-success | errors begin at 400
#-         if 200 <= got.status <= 299:
#+         if got.status < 400:

# %% only-exceptions | no exception, no failure
#-         if 200 <= got.status <= 299:
#+         if got.error is None:

# %% expects-an-exception | every failure has an exception
#-         reason = type(got.error).__name__ if got.error is not None else ""
#+         reason = got.error.args[0]

# %% names-none | None has a class too
#-         reason = type(got.error).__name__ if got.error is not None else ""
#+         reason = type(got.error).__name__

# %% names-none | None for no reason
#-         reason = type(got.error).__name__ if got.error is not None else ""
#+         reason = type(got.error).__name__ if got.error else None

# %% message-instead-of-class | the message tells most
#-         reason = type(got.error).__name__ if got.error is not None else ""
#+         reason = str(got.error) if got.error is not None else ""

# %% more-than-the-class | as the inbox prints it
#-         reason = type(got.error).__name__ if got.error is not None else ""
#+         reason = repr(got.error) if got.error is not None else ""

# %% lists-the-acknowledged | the condition the wrong way round
#-         if 200 <= got.status <= 299:
#+         if not 200 <= got.status <= 299:

# %% lists-everything | all of them, with their status
#-         if 200 <= got.status <= 299:
#-             continue
#+         pass

# %% lists-equal-failures-once | a set has no duplicates
#-     return found
#+     return sorted(set(found))

# %% another-order | the newest first
#-         found.append((got.status, reason))
#+         found.insert(0, (got.status, reason))

# %% statuses-only | the status says it all
#-         found.append((got.status, reason))
#+         found.append(got.status)

# %% lists-instead-of-tuples | a pair is a list
#-         found.append((got.status, reason))
#+         found.append([got.status, reason])

# %% lists-instead-of-tuples | one line of text each
#-         found.append((got.status, reason))
#+         found.append(f"{got.status} {reason}")

# %% returns-no-list | a generator
#-         found.append((got.status, reason))
#-     return found
#+         yield got.status, reason

# %% returns-the-first-only | the return inside the loop
#-         found.append((got.status, reason))
#-     return found
#+         found.append((got.status, reason))
#+         return found
#+     return found


# %% no-name | takes each entry out of the inbox
#-     for got in inbox:
#+     while inbox:
#+         got = inbox.pop(0)


# %% no-name | the first exception of a chain
#- type(got.error).__name__ if got.error is not None else ""
#+ "" if got.error is None else type(got.error.__cause__ or got.error).__name__


# %% no-name | an entry has no such attribute
#- type(got.error).__name__ if got.error is not None else ""
#+ type(got.exception).__name__

# %% no-name | an empty text for each missing exception
#-         reason = type(got.error).__name__ if got.error is not None else ""
#+         if got.error is None:
#+             got.error = ""
#+         reason = "" if got.error == "" else type(got.error).__name__

# %% no-name | each failure is listed only once
#-         if 200 <= got.status <= 299:
#+         if 200 <= got.status <= 299 or hasattr(got, "listed"):
#-         found.append((got.status, reason))
#+         found.append((got.status, reason))
#+         got.listed = True
