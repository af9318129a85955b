# %% passed | a set of statuses
#-     again = status is None or status in (408, 425, 429) or status >= 500
#+     again = status in {None, 408, 425, 429, *range(500, 600)}

# %% passed | branches
#-         state, due, failures = "dead", now, "failures = failures + 1"
#-         if status is not None and 200 <= status < 300:
#-             state, failures = "delivered", "failures = 0"
#-         elif again and made < len(SCHEDULE):
#-             delay = rng.uniform(0, SCHEDULE[made])
#-             wish = result["retry_after"]
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#-                 delay = max(delay, min(int(wish), 86_400))
#-             state, due, failures = "pending", now + delay, "failures = failures"
#-         db.execute(
#-             "UPDATE deliveries SET state = ?, due = ? WHERE id = ?",
#-             (state, due, number),
#-         )
#-         db.execute(f"UPDATE endpoints SET {failures} WHERE id = ?", (endpoint,))
#-         if status == 410:
#-             db.execute("UPDATE endpoints SET enabled = 0 WHERE id = ?", (endpoint,))
#+         def set_state(state, due=now):
#+             db.execute(
#+                 "UPDATE deliveries SET state = ?, due = ? WHERE id = ?",
#+                 (state, due, number),
#+             )
#+
#+         if status is not None and 200 <= status <= 299:
#+             set_state("delivered")
#+             db.execute("UPDATE endpoints SET failures = 0 WHERE id = ?", (endpoint,))
#+             return
#+         if again and made < len(SCHEDULE):
#+             delay = rng.uniform(0, SCHEDULE[made])
#+             wish = result["retry_after"] or ""
#+             if status in (429, 503) and wish.isascii() and wish.isdigit():
#+                 delay = max(delay, min(float(wish), 86_400.0))
#+             set_state("pending", now + delay)
#+             return
#+         set_state("dead")
#+         db.execute(
#+             "UPDATE endpoints SET failures = failures + 1, enabled = enabled AND ?"
#+             " WHERE id = ?",
#+             (status != 410, endpoint),
#+         )

# %% passed | rng.random
#-             delay = rng.uniform(0, SCHEDULE[made])
#+             delay = rng.random() * SCHEDULE[made]

# %% passed | a function for the wish
#-             wish = result["retry_after"]
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#-                 delay = max(delay, min(int(wish), 86_400))
#+
#+             def wished():
#+                 text = result["retry_after"]
#+                 if status not in (429, 503) or text is None:
#+                     return 0
#+                 if not all(letter in "0123456789" for letter in text) or not text:
#+                     return 0
#+                 return min(int(text), 86_400)
#+
#+             delay = max(delay, wished())

# %% passed | looks at the row first
#-         if ended.rowcount == 0:
#-             return
#+         if ended.rowcount != 1:
#+             db.rollback()
#+             return

# %% passed | a SELECT inside of the transaction
#-         ended = db.execute(
#-             "UPDATE deliveries SET worker = NULL, leased = 0, made = made + 1"
#-             " WHERE id = ? AND worker = ?",
#-             (number, delivery["worker"]),
#-         )
#-         if ended.rowcount == 0:
#-             return
#+         db.execute("BEGIN IMMEDIATE")
#+         row = db.execute(
#+             "SELECT worker FROM deliveries WHERE id = ?", (number,)
#+         ).fetchone()
#+         if row is None or row["worker"] != delivery["worker"]:
#+             return
#+         db.execute(
#+             "UPDATE deliveries SET worker = ?, leased = ?, made = ? WHERE id = ?",
#+             (None, 0, made + 1, number),
#+         )

# %% passed | names the columns
#-         db.execute(
#-             "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)",
#-             (*attempt, result["body"]),
#-         )
#+         db.execute(
#+             "INSERT INTO attempts (body, status, at, number, endpoint, event, delivery)"
#+             " VALUES (?, ?, ?, ?, ?, ?, ?)",
#+             (result["body"], *reversed(attempt)),
#+         )

# %% passed | a regular expression
#-             if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
#+             import re
#+
#+             if status in (429, 503) and re.fullmatch("[0-9]+", wish or ""):
