# %% gives-up-on-temporary-failures | only no response
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = status is None

# %% gives-up-on-temporary-failures | only 5xx
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = status is None or status >= 500

# %% fails-without-response | compares None
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = status >= 500 or status in (408, 425, 429)

# %% retries-what-cannot-succeed | all 4xx
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = status is None or status >= 400

# %% retries-what-cannot-succeed | everything
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = True

# %% keeps-a-gone-endpoint | 410 is a 4xx like any other
#-         if status == 410:
#+         if False:

# %% no-end | no end of the schedule
#-         elif again and made < len(SCHEDULE):
#+         elif again:

# %% one-attempt-too-few | as many attempts as delays
#-         elif again and made < len(SCHEDULE):
#+         elif again and made + 1 < len(SCHEDULE):

# %% another-delay | counts this attempt
#-             delay = rng.uniform(0, SCHEDULE[made])
#+             delay = rng.uniform(0, SCHEDULE[min(made + 1, 8)])

# %% another-delay | always the first delay
#-             delay = rng.uniform(0, SCHEDULE[made])
#+             delay = rng.uniform(0, SCHEDULE[0])

# %% no-jitter | the bound itself
#-             delay = rng.uniform(0, SCHEDULE[made])
#+             delay = SCHEDULE[made]

# %% ignores-retry-after | the schedule decides
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#+             if False:

# %% no-cap-on-retry-after | any number
#-                 delay = max(delay, min(int(wish), 86_400))
#+                 delay = max(delay, int(wish))

# %% retry-after-replaces-the-delay | the wish decides
#-                 delay = max(delay, min(int(wish), 86_400))
#+                 delay = min(int(wish), 86_400)

# %% fails-on-retry-after | expects a number
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#+             if status in (429, 503) and wish:

# %% retry-after-for-any-status | any status
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#+             if wish and wish.isascii() and wish.isdigit():

# %% ignores-a-lost-claim | does not look at the worker
#-             " WHERE id = ? AND worker = ?",
#-             (number, delivery["worker"]),
#+             " WHERE id = ?",
#+             (number,),

# %% ignores-a-lost-claim | looks at the worker before the transaction
#-     with db:
#-         ended = db.execute(
#-             "UPDATE deliveries SET worker = NULL, leased = 0, made = made + 1"
#-             " WHERE id = ? AND worker = ?",
#-             (number, delivery["worker"]),
#-         )
#-         if ended.rowcount == 0:
#-             return
#+     query = "SELECT worker FROM deliveries WHERE id = ?"
#+     if db.execute(query, (number,)).fetchall()[0]["worker"] != delivery["worker"]:
#+         return
#+     with db:
#+         db.execute(
#+             "UPDATE deliveries SET worker = NULL, leased = 0, made = made + 1"
#+             " WHERE id = ?",
#+             (number,),
#+         )

# %% keeps-the-claim | leaves the lease
#-             "UPDATE deliveries SET worker = NULL, leased = 0, made = made + 1"
#+             "UPDATE deliveries SET made = made + 1"

# %% no-row-in-attempts | no log
#-         db.execute(
#-             "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)",
#-             (*attempt, result["body"]),
#-         )
#+         pass

# %% numbers-from-zero | made is the number
#-         attempt = (number, delivery["event"], endpoint, made + 1, now, status)
#+         attempt = (number, delivery["event"], endpoint, made, now, status)

# %% does-not-count | leaves made
#-             "UPDATE deliveries SET worker = NULL, leased = 0, made = made + 1"
#+             "UPDATE deliveries SET worker = NULL, leased = 0"

# %% does-not-reset-failures | a success changes nothing
#-             state, failures = "delivered", "failures = 0"
#+             state, failures = "delivered", "failures = failures"

# %% does-not-count-failures | no failures
#-         state, due, failures = "dead", now, "failures = failures + 1"
#+         state, due, failures = "dead", now, "failures = failures"

# %% several-transactions | commits after the claim
#-         if ended.rowcount == 0:
#-             return
#+         if ended.rowcount == 0:
#+             return
#+         db.commit()

# %% does-not-commit | no transaction
#-     with db:
#+     if True:

# %% only-200-is-success | only 200
#-         if status is not None and 200 <= status < 300:
#+         if status == 200:

# %% no-name | a conflict is temporary
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = status is None or status in (408, 409, 425, 429) or status >= 500

# %% no-name | spaces around the number
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#+             wish = (wish or "").strip()
#+             if status in (429, 503) and wish.isascii() and wish.isdigit():

# %% no-name | a claim that has expired
#-         if ended.rowcount == 0:
#+         if ended.rowcount == 0 or delivery["leased"] <= now:

# %% no-name | the start of the body
#-             (*attempt, result["body"]),
#+             (*attempt, result["body"][:500]),

# %% no-name | all deliveries of the event
#-             "UPDATE deliveries SET state = ?, due = ? WHERE id = ?",
#-             (state, due, number),
#+             "UPDATE deliveries SET state = ?, due = ? WHERE event = ?",
#+             (state, due, delivery["event"]),

# %% no-name | many failures disable
#-         if status == 410:
#+         count = "SELECT failures FROM endpoints WHERE id = ?"
#+         if status == 410 or db.execute(count, (endpoint,)).fetchone()[0] > 9:


# %% no-name | an endpoint that responds is enabled again
#-             state, failures = "delivered", "failures = 0"
#+             state, failures = "delivered", "failures = 0, enabled = 1"


# %% no-name | another worker has it, so nothing to commit
#-     with db:
#+     if True:
#-             db.execute("UPDATE endpoints SET enabled = 0 WHERE id = ?", (endpoint,))
#+             db.execute("UPDATE endpoints SET enabled = 0 WHERE id = ?", (endpoint,))
#+         db.commit()
