# %% passed | one function per action
def portal(db, now, request):
    def endpoint_of(name):
        row = db.execute("SELECT * FROM endpoints WHERE id = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return row

    def add(event, endpoint):
        cursor = db.execute(
            "INSERT INTO deliveries (event, endpoint, state, made, due)"
            " VALUES (?, ?, 'pending', 0, ?)",
            (event, endpoint, now),
        )
        return cursor.lastrowid

    def states(event, endpoint):
        rows = db.execute(
            "SELECT state FROM deliveries WHERE event = ? AND endpoint = ?",
            (event, endpoint),
        )
        return {row["state"] for row in rows}

    def listed(endpoint, state):
        endpoint_of(endpoint)
        found = []
        for row in db.execute(
            "SELECT * FROM deliveries WHERE endpoint = ? ORDER BY id DESC", (endpoint,)
        ).fetchall():
            last = db.execute(
                "SELECT status FROM attempts WHERE delivery = ? ORDER BY number DESC",
                (row["id"],),
            ).fetchone()
            if state is None or row["state"] == state:
                status = last["status"] if last else None
                found.append({**dict(row), "status": status})
        return found

    def resend(number):
        row = db.execute("SELECT * FROM deliveries WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        if not endpoint_of(row["endpoint"])["enabled"]:
            raise ValueError("disabled")
        if "pending" in states(row["event"], row["endpoint"]):
            raise ValueError("pending")
        return add(row["event"], row["endpoint"])

    def resend_all(endpoint, since):
        if not endpoint_of(endpoint)["enabled"]:
            raise ValueError("disabled")
        events = db.execute(
            "SELECT id FROM events WHERE created >= ?", (since,)
        ).fetchall()
        missed = [e["id"] for e in events if states(e["id"], endpoint) == {"dead"}]
        for event in missed:
            add(event, endpoint)
        return len(missed)

    def notice(endpoint, event):
        endpoint_of(endpoint)
        new = db.execute(
            "SELECT count(*) FROM notices WHERE endpoint = ? AND NOT seen", (endpoint,)
        ).fetchone()[0]
        if not new:
            db.execute(
                "INSERT INTO notices VALUES (?, ?, ?, 0)", (endpoint, event, now)
            )

    action = request["action"]
    with db:
        if action == "list":
            return listed(request["endpoint"], request["state"])
        if action == "resend":
            return resend(request["delivery"])
        if action == "resend_all":
            return resend_all(request["endpoint"], request["since"])
        if action == "notice":
            return notice(request["endpoint"], request["event"])
        endpoint_of(request["endpoint"])
        one = (request["endpoint"],)
        if action == "disable":
            db.execute("UPDATE endpoints SET enabled = 0 WHERE id = ?", one)
        elif action == "enable":
            db.execute("UPDATE endpoints SET enabled = 1 WHERE id = ?", one)
            db.execute("UPDATE endpoints SET failures = 0 WHERE id = ?", one)
        else:
            db.execute("UPDATE notices SET seen = 1 WHERE endpoint = ?", one)
    return None


# %% passed | match
def portal(db, now, request):
    def one(query, *values):
        return db.execute(query, values).fetchone()

    def demand(endpoint, enabled=False):
        row = one("SELECT enabled FROM endpoints WHERE id = ?", endpoint)
        if row is None:
            raise LookupError(f"no endpoint {endpoint}")
        if enabled and not row["enabled"]:
            raise ValueError("the endpoint is disabled")

    with db:
        db.execute("BEGIN IMMEDIATE")
        match request:
            case {"action": "list", "endpoint": endpoint, "state": state}:
                demand(endpoint)
                where = "" if state is None else " AND d.state = :state"
                rows = db.execute(
                    "SELECT d.id, d.event, d.state, d.made, a.status FROM deliveries d"
                    " LEFT JOIN attempts a ON a.delivery = d.id AND a.number ="
                    " (SELECT max(number) FROM attempts WHERE delivery = d.id)"
                    f" WHERE d.endpoint = :endpoint{where} ORDER BY d.id DESC",
                    request,
                )
                return [dict(row) for row in rows]
            case {"action": "resend", "delivery": number}:
                old = one("SELECT * FROM deliveries WHERE id = ?", number)
                if old is None:
                    raise LookupError(f"no delivery {number}")
                event, endpoint = old["event"], old["endpoint"]
                demand(endpoint, enabled=True)
                if one(
                    "SELECT 1 FROM deliveries"
                    " WHERE event = ? AND endpoint = ? AND state = 'pending'",
                    event,
                    endpoint,
                ):
                    raise ValueError("it is pending")
                db.execute(
                    "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, ?)",
                    (event, endpoint, now),
                )
                return one("SELECT max(id) FROM deliveries")[0]
            case {"action": "resend_all", "endpoint": endpoint, "since": since}:
                demand(endpoint, enabled=True)
                missed = db.execute(
                    "SELECT event FROM deliveries d JOIN events e ON e.id = d.event"
                    " WHERE endpoint = ? AND created >= ? GROUP BY event"
                    " HAVING sum(state = 'dead') = count(*)",
                    (endpoint, since),
                ).fetchall()
                db.executemany(
                    "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, ?)",
                    [(row["event"], endpoint, now) for row in missed],
                )
                return len(missed)
            case {"action": "notice", "endpoint": endpoint, "event": event}:
                demand(endpoint)
                if one(
                    "SELECT 1 FROM notices WHERE endpoint = ? AND seen = 0", endpoint
                ):
                    return False
                db.execute(
                    "INSERT INTO notices (endpoint, event, at) VALUES (?, ?, ?)",
                    (endpoint, event, now),
                )
                return True
            case {"action": action, "endpoint": endpoint}:
                demand(endpoint)
                query = {
                    "disable": "UPDATE endpoints SET enabled = 0 WHERE id = ?",
                    "enable": "UPDATE endpoints SET enabled = 1, failures = 0"
                    " WHERE id = ?",
                    "seen": "UPDATE notices SET seen = 1"
                    " WHERE seen = 0 AND endpoint = ?",
                }[action]
                db.execute(query, (endpoint,))


# %% passed | NOT IN
#-         " AND EXISTS (SELECT 1 FROM deliveries"
#-         " WHERE event = e.id AND endpoint = :endpoint)"
#-         " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = e.id"
#-         " AND endpoint = :endpoint AND state IN ('pending', 'delivered'))",
#+         " AND id IN (SELECT event FROM deliveries"
#+         " WHERE endpoint = :endpoint AND state = 'dead')"
#+         " AND id NOT IN (SELECT event FROM deliveries"
#+         " WHERE endpoint = :endpoint AND state != 'dead')",

# %% passed | EXCEPT
#-         " SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
#-         " AND EXISTS (SELECT 1 FROM deliveries"
#-         " WHERE event = e.id AND endpoint = :endpoint)"
#-         " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = e.id"
#-         " AND endpoint = :endpoint AND state IN ('pending', 'delivered'))",
#+         " SELECT event, :endpoint, :now FROM (SELECT d.event FROM deliveries d"
#+         " JOIN events e ON e.id = d.event WHERE d.endpoint = :endpoint"
#+         " AND e.created >= :since AND d.state = 'dead' EXCEPT"
#+         " SELECT event FROM deliveries WHERE endpoint = :endpoint"
#+         " AND state IN ('pending', 'delivered'))",

# %% passed | a condition for each filter
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         " AND (:state IS NULL OR state = :state) ORDER BY id DESC",

# %% passed | sorts and filters in Python
#-         " AND state = coalesce(:state, state) ORDER BY id DESC",
#+         "",
#-             return [dict(row) for row in done]
#+             rows = [dict(row) for row in done]
#+             rows.sort(key=lambda row: row["id"], reverse=True)
#+             return [row for row in rows if request["state"] in (None, row["state"])]

# %% passed | looks at the pending delivery first
#-         " SELECT :event, :endpoint, :now WHERE NOT EXISTS (SELECT 1 FROM deliveries"
#-         " WHERE event = :event AND endpoint = :endpoint AND state = 'pending')",
#+         " VALUES (:event, :endpoint, :now)",
#-         done = db.execute(statements[action], ask)
#+         if action == "resend":
#+             (pending,) = db.execute(
#+                 "SELECT count(*) FROM deliveries WHERE event = :event"
#+                 " AND endpoint = :endpoint AND state = 'pending'",
#+                 ask,
#+             ).fetchone()
#+             if pending:
#+                 raise ValueError("this event is still pending")
#+         done = db.execute(statements[action], ask)
#-         if action == "resend" and done.rowcount == 0:
#-             raise ValueError("this event is still pending")

# %% passed | commits and rolls back itself
#-     with db:
#-         if action == "resend":
#+     db.execute("BEGIN IMMEDIATE")
#+     try:
#+         if action == "resend":
#-         return done.lastrowid if action == "resend" else done.rowcount
#+         db.commit()
#+         return done.lastrowid if action == "resend" else done.rowcount
#+     finally:
#+         db.rollback()

# %% passed | IndexError is a LookupError
#-             delivery = db.execute(
#-                 "SELECT event, endpoint FROM deliveries WHERE id = :delivery", ask
#-             ).fetchone()
#-             if delivery is None:
#-                 raise LookupError("there is no such delivery")
#-             ask |= dict(delivery)
#+             ask |= dict(
#+                 db.execute(
#+                     "SELECT event, endpoint FROM deliveries WHERE id = :delivery", ask
#+                 ).fetchall()[0]
#+             )
