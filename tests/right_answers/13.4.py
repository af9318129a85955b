# %% passed | BEGIN IMMEDIATE, then SELECT and UPDATE
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     db.execute("BEGIN IMMEDIATE")
#+     with db:
#+         row = db.execute(
#+             "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#+             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " AND e.enabled = 1 ORDER BY d.due LIMIT 1",
#+             (now, now),
#+         ).fetchone()
#+         if row is None:
#+             return None
#+         claimed = db.execute(
#+             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ? RETURNING *",
#+             (worker, now + 60, row["id"]),
#+         ).fetchone()
#+         return dict(claimed)

# %% passed | an UPDATE that checks again, in a loop
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     while True:
#+         row = db.execute(
#+             "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#+             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " AND e.enabled = 1 ORDER BY d.due LIMIT 1",
#+             (now, now),
#+         ).fetchone()
#+         if row is None:
#+             return None
#+         with db:
#+             claimed = db.execute(
#+                 "UPDATE deliveries SET worker = ?, leased = ?"
#+                 " WHERE id = ? AND leased <= ? AND state = 'pending'",
#+                 (worker, now + 60, row["id"], now),
#+             ).rowcount
#+         if claimed:
#+             query = "SELECT * FROM deliveries WHERE id = ?"
#+             return dict(db.execute(query, (row["id"],)).fetchone())

# %% passed | IN instead of JOIN
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " SELECT id FROM deliveries WHERE state = 'pending' AND due <= ?"
#+             " AND leased <= ? AND endpoint IN (SELECT id FROM endpoints WHERE enabled)"
#+             " ORDER BY due LIMIT 1) RETURNING *",

# %% passed | commits by hand
#-     with db:
#-         row
#+     if True:
#+         row
#-     return dict(row) if row else None
#+     db.commit()
#+     return dict(row) if row else None

# %% passed | returns inside of the block
#-     return dict(row) if row else None
#+         if row is None:
#+             return None
#+         return {name: row[name] for name in row.keys()}

# %% passed | named parameters
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     query = """
#+         UPDATE deliveries SET worker = :worker, leased = :now + 60
#+         WHERE id = (
#+             SELECT d.id FROM deliveries AS d, endpoints AS e
#+             WHERE e.id = d.endpoint AND e.enabled
#+             AND d.state = 'pending' AND d.due <= :now AND d.leased <= :now
#+             ORDER BY d.due ASC LIMIT 1
#+         )
#+         RETURNING *
#+     """
#+     with db:
#+         rows = db.execute(query, {"worker": worker, "now": now}).fetchall()
#+     return dict(rows[0]) if rows else None

# %% passed | min(due) in a subquery
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     free = (
#+         "state = 'pending' AND due <= ? AND leased <= ?"
#+         " AND endpoint IN (SELECT id FROM endpoints WHERE enabled = 1)"
#+     )
#+     with db:
#+         found = db.execute(
#+             f"UPDATE deliveries SET worker = ?, leased = ? WHERE rowid = ("
#+             f"SELECT rowid FROM deliveries WHERE {free} AND due = ("
#+             f"SELECT min(due) FROM deliveries WHERE {free}) LIMIT 1) RETURNING *",
#+             (worker, now + 60, now, now, now, now),
#+         ).fetchall()
#+     for row in found:
#+         return dict(row)
#+     return None

# %% passed | an exclusive transaction by hand
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     db.execute("BEGIN EXCLUSIVE")
#+     try:
#+         row = db.execute(
#+             "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#+             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " AND e.enabled = 1 ORDER BY d.due LIMIT 1",
#+             (now, now),
#+         ).fetchone()
#+         if row is None:
#+             return None
#+         claimed = db.execute(
#+             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ? RETURNING *",
#+             (worker, now + 60, row["id"]),
#+         ).fetchone()
#+         return dict(claimed)
#+     finally:
#+         db.commit()
