# %% passed | counts in Python
#-     row = db.execute(
#-         "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-         " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#-         " ORDER BY d.due LIMIT 1",
#-         (now, now, now),
#-     ).fetchone()
#-     return row["id"] if row else None
#+     busy = {}
#+     for row in db.execute(
#+         "SELECT endpoint, count(*) FROM deliveries"
#+         " WHERE state = 'pending' AND leased > ? GROUP BY endpoint",
#+         (now,),
#+     ):
#+         busy[row[0]] = row[1]
#+     for row in db.execute(
#+         "SELECT d.id, d.endpoint FROM deliveries d"
#+         " JOIN endpoints e ON e.id = d.endpoint WHERE e.enabled"
#+         " AND d.state = 'pending' AND d.due <= ? AND d.leased <= ? ORDER BY d.due",
#+         (now, now),
#+     ):
#+         if busy.get(row["endpoint"], 0) < 2:
#+             return row["id"]
#+     return None

# %% passed | all in Python
#-     row = db.execute(
#-         "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-         " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#-         " ORDER BY d.due LIMIT 1",
#-         (now, now, now),
#-     ).fetchone()
#-     return row["id"] if row else None
#+     enabled = {row[0] for row in db.execute("SELECT id FROM endpoints WHERE enabled")}
#+     rows = db.execute("SELECT * FROM deliveries WHERE state = 'pending'").fetchall()
#+     flying = [row["endpoint"] for row in rows if row["leased"] > now]
#+     free = [
#+         (row["due"], row["id"])
#+         for row in rows
#+         if row["due"] <= now
#+         and row["leased"] <= now
#+         and row["endpoint"] in enabled
#+         and flying.count(row["endpoint"]) < 2
#+     ]
#+     return min(free)[1] if free else None

# %% passed | NOT IN the busy endpoints
#-     row = db.execute(
#-         "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-         " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#-         " ORDER BY d.due LIMIT 1",
#-         (now, now, now),
#-     ).fetchone()
#-     return row["id"] if row else None
#+     row = db.execute(
#+         "SELECT id FROM deliveries WHERE state = 'pending' AND due <= :now"
#+         " AND leased <= :now"
#+         " AND endpoint IN (SELECT id FROM endpoints WHERE enabled = 1)"
#+         " AND endpoint NOT IN (SELECT endpoint FROM deliveries"
#+         " WHERE state = 'pending' AND leased > :now"
#+         " GROUP BY endpoint HAVING count(*) >= 2)"
#+         " ORDER BY due LIMIT 1",
#+         {"now": now},
#+     ).fetchone()
#+     return row[0] if row else None

# %% passed | at most one
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) <= 1"

# %% passed | a loop over the only row
#-     ).fetchone()
#-     return row["id"] if row else None
#+     ).fetchall()
#+     return next((each["id"] for each in row), None)

# %% passed | a common table expression
#-     row = db.execute(
#-         "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-         " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#-         " ORDER BY d.due LIMIT 1",
#-         (now, now, now),
#-     ).fetchone()
#-     return row["id"] if row else None
#+     query = """
#+         WITH flying AS (
#+             SELECT endpoint, count(*) AS many FROM deliveries
#+             WHERE state = 'pending' AND leased > :now GROUP BY endpoint
#+         )
#+         SELECT d.id FROM deliveries d
#+         JOIN endpoints e ON e.id = d.endpoint AND e.enabled = 1
#+         LEFT JOIN flying f ON f.endpoint = d.endpoint
#+         WHERE d.state = 'pending' AND d.due <= :now AND d.leased <= :now
#+         AND coalesce(f.many, 0) < 2
#+         ORDER BY d.due LIMIT 1
#+     """
#+     found = db.execute(query, {"now": now}).fetchone()
#+     return None if found is None else found["id"]

# %% passed | unpacks the row
#-     return row["id"] if row else None
#+     if row is None:
#+         return None
#+     (number,) = row
#+     return number

# %% passed | asks for each endpoint
#-     row = db.execute(
#-         "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-         " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#-         " ORDER BY d.due LIMIT 1",
#-         (now, now, now),
#-     ).fetchone()
#-     return row["id"] if row else None
#+     best = None
#+     for (endpoint,) in db.execute("SELECT id FROM endpoints WHERE enabled = 1"):
#+         (busy,) = db.execute(
#+             "SELECT count(*) FROM deliveries"
#+             " WHERE endpoint = ? AND state = 'pending' AND leased > ?",
#+             (endpoint, now),
#+         ).fetchone()
#+         if busy > 1:
#+             continue
#+         row = db.execute(
#+             "SELECT due, id FROM deliveries WHERE endpoint = ? AND due <= ?"
#+             " AND leased <= ? AND state = 'pending' ORDER BY due LIMIT 1",
#+             (endpoint, now, now),
#+         ).fetchone()
#+         if row is not None and (best is None or row["due"] < best["due"]):
#+             best = row
#+     return best["id"] if best is not None else None
