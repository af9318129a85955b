# %% lists-other-endpoints | all deliveries
#-         " FROM deliveries d WHERE endpoint = :endpoint"
#+         " FROM deliveries d WHERE :endpoint IS NOT NULL"

# %% ignores-the-filter | the page can filter
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         " ORDER BY id DESC",

# %% filters-by-none | compares with None
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         " AND state = :state ORDER BY id DESC",

# %% oldest-first | the order of the table
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         " AND state = coalesce(:state, state)",

# %% status-of-another-attempt | any attempt
#-         " WHERE delivery = d.id ORDER BY number DESC LIMIT 1) AS status"
#+         " WHERE delivery = d.id) AS status"

# %% status-of-another-attempt | the attempts of the event
#-         " WHERE delivery = d.id ORDER BY number DESC LIMIT 1) AS status"
#+         " WHERE event = d.event ORDER BY number DESC LIMIT 1) AS status"

# %% hides-untried-deliveries | joins the last attempt
#-         "list": "SELECT id, event, state, made, (SELECT status FROM attempts"
#-         " WHERE delivery = d.id ORDER BY number DESC LIMIT 1) AS status"
#-         " FROM deliveries d WHERE endpoint = :endpoint"
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         "list": "SELECT d.id, d.event, d.state, d.made, a.status"
#+         " FROM deliveries d JOIN attempts a ON a.delivery = d.id"
#+         " WHERE d.endpoint = :endpoint AND state = coalesce(:state, state)"
#+         " AND a.number = (SELECT max(number) FROM attempts WHERE delivery = d.id)"
#+         " ORDER BY d.id DESC",

# %% one-row-per-attempt | joins all attempts
#-         "list": "SELECT id, event, state, made, (SELECT status FROM attempts"
#-         " WHERE delivery = d.id ORDER BY number DESC LIMIT 1) AS status"
#-         " FROM deliveries d WHERE endpoint = :endpoint"
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         "list": "SELECT d.id, d.event, d.state, d.made, a.status"
#+         " FROM deliveries d LEFT JOIN attempts a ON a.delivery = d.id"
#+         " WHERE d.endpoint = :endpoint AND state = coalesce(:state, state)"
#+         " ORDER BY d.id DESC, a.number DESC",

# %% returns-rows | the rows themselves
#-             return [dict(row) for row in done]
#+             return list(done)

# %% reopens-the-old-delivery | pending again
#-         "resend": "INSERT INTO deliveries (event, endpoint, due)"
#-         " SELECT :event, :endpoint, :now WHERE NOT EXISTS (SELECT 1 FROM deliveries"
#-         " WHERE event = :event AND endpoint = :endpoint AND state = 'pending')",
#+         "resend": "UPDATE deliveries SET state = 'pending', due = :now, made = 0"
#+         " WHERE id = :delivery AND state != 'pending'",
#-         return done.lastrowid if action == "resend" else done.rowcount
#+         return request["delivery"] if action == "resend" else done.rowcount

# %% copies-the-attempts | copies the row
#-                 "SELECT event, endpoint FROM deliveries WHERE id = :delivery", ask
#+                 "SELECT event, endpoint, made FROM deliveries WHERE id = :delivery", ask
#-         "resend": "INSERT INTO deliveries (event, endpoint, due)"
#-         " SELECT :event, :endpoint, :now WHERE NOT EXISTS (SELECT 1 FROM deliveries"
#+         "resend": "INSERT INTO deliveries (event, endpoint, due, made)"
#+         " SELECT :event, :endpoint, :now, :made WHERE NOT EXISTS (SELECT 1 FROM deliveries"

# %% due-at-another-time | due when the event was created
#-         " SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
#+         " SELECT id, :endpoint, created FROM events e WHERE created >= :since"

# %% resends-to-a-disabled-endpoint | does not look at enabled
#-         if action in ("resend", "resend_all") and not endpoint["enabled"]:
#-             raise ValueError("the endpoint is disabled")

# %% resends-to-a-disabled-endpoint | forgets resend_all
#-         if action in ("resend", "resend_all") and not endpoint["enabled"]:
#+         if action == "resend" and not endpoint["enabled"]:

# %% resends-what-is-pending | every click
#-         " SELECT :event, :endpoint, :now WHERE NOT EXISTS (SELECT 1 FROM deliveries"
#-         " WHERE event = :event AND endpoint = :endpoint AND state = 'pending')",
#+         " VALUES (:event, :endpoint, :now)",

# %% resends-what-was-delivered | all but the pending
#-         " AND endpoint = :endpoint AND state IN ('pending', 'delivered'))",
#+         " AND endpoint = :endpoint AND state = 'pending')",

# %% one-resend-per-dead-letter | selects the deliveries
#-         " SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
#-         " AND EXISTS (SELECT 1 FROM deliveries"
#-         " WHERE event = e.id AND endpoint = :endpoint)"
#+         " SELECT d.event, d.endpoint, :now FROM deliveries d"
#+         " JOIN events e ON e.id = d.event WHERE e.created >= :since"
#+         " AND d.endpoint = :endpoint AND d.state = 'dead'"

# %% since-is-exclusive | after since
#-         " SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
#+         " SELECT id, :endpoint, :now FROM events e WHERE created > :since"

# %% ignores-since | all events
#-         " SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
#-         " AND EXISTS (SELECT 1 FROM deliveries"
#+         " SELECT id, :endpoint, :now FROM events e WHERE EXISTS (SELECT 1 FROM deliveries"

# %% looks-at-other-endpoints | delivered anywhere
#-         " AND endpoint = :endpoint AND state IN ('pending', 'delivered'))",
#+         " AND state IN ('pending', 'delivered'))",

# %% keeps-the-failures | only enabled
#-         "enable": "UPDATE endpoints SET enabled = 1, failures = 0 WHERE id = :endpoint",
#+         "enable": "UPDATE endpoints SET enabled = 1 WHERE id = :endpoint",

# %% switches-all-endpoints | no condition
#-         "disable": "UPDATE endpoints SET enabled = 0 WHERE id = :endpoint",
#+         "disable": "UPDATE endpoints SET enabled = 0",

# %% drops-what-is-pending | nothing is left to send
#-         done = db.execute(statements[action], ask)
#+         done = db.execute(statements[action], ask)
#+         if action == "disable":
#+             db.execute(
#+                 "DELETE FROM deliveries"
#+                 " WHERE endpoint = :endpoint AND state = 'pending'",
#+                 ask,
#+             )

# %% one-notice-per-dead-letter | each time
#-         " SELECT :endpoint, :event, :now WHERE NOT EXISTS"
#-         " (SELECT 1 FROM notices WHERE endpoint = :endpoint AND seen = 0)",
#+         " VALUES (:endpoint, :event, :now)",

# %% never-notifies-again | one notice in a lifetime
#-         " (SELECT 1 FROM notices WHERE endpoint = :endpoint AND seen = 0)",
#+         " (SELECT 1 FROM notices WHERE endpoint = :endpoint)",

# %% one-notice-per-event | the same event
#-         " (SELECT 1 FROM notices WHERE endpoint = :endpoint AND seen = 0)",
#+         " (SELECT 1 FROM notices WHERE endpoint = :endpoint AND event = :event)",

# %% marks-all-notices | all notices
#-         "seen": "UPDATE notices SET seen = 1 WHERE endpoint = :endpoint",
#+         "seen": "UPDATE notices SET seen = 1",

# %% accepts-unknown-ids | nothing to do
#-                 raise LookupError("there is no such delivery")
#+                 return None
#-             raise LookupError("there is no such endpoint")
#+             return None

# %% accepts-unknown-ids | uses what is not there
#-             if delivery is None:
#-                 raise LookupError("there is no such delivery")

# %% returns-no-result | the rows are enough
#-         return done.lastrowid if action == "resend" else done.rowcount

# %% does-not-commit | no transaction
#-     with db:
#+     if True:


# %% no-name | nothing was written before the exception
#-     with db:
#+     if db.execute("BEGIN IMMEDIATE"):
#-         if action == "list":
#-             return [dict(row) for row in done]
#-         if action == "resend" and done.rowcount == 0:
#+         if action == "list":
#+             found = [dict(row) for row in done]
#+             db.commit()
#+             return found
#+         if action != "resend" or done.rowcount:
#+             db.commit()
#+         else:
