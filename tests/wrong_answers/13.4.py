# %% two-workers-claim-one-delivery | reads first, then claims
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     row = db.execute(
#+         "SELECT d.* FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#+         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+         " AND e.enabled = 1 ORDER BY d.due LIMIT 1",
#+         (now, now),
#+     ).fetchone()
#+     if row is None:
#+         return None
#+     with db:
#+         db.execute(
#+             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ?",
#+             (worker, now + 60, row["id"]),
#+         )
#+     return {**dict(row), "worker": worker, "leased": now + 60}

# %% two-workers-claim-one-delivery | both in one with block
#-     with db:
#-         row = db.execute(
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#-             " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#-             (worker, now + 60, now, now),
#-         ).fetchone()
#-     return dict(row) if row else None
#+     with db:
#+         row = db.execute(
#+             "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
#+             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " AND e.enabled = 1 ORDER BY d.due LIMIT 1",
#+             (now, now),
#+         ).fetchone()
#+         if row is None:
#+             return None
#+         return dict(
#+             db.execute(
#+                 "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ? RETURNING *",
#+                 (worker, now + 60, row["id"]),
#+             ).fetchone()
#+         )

# %% two-workers-claim-one-delivery | an UPDATE that always succeeds
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
#+                 " WHERE id = ?",
#+                 (worker, now + 60, row["id"]),
#+             ).rowcount
#+         if claimed:
#+             query = "SELECT * FROM deliveries WHERE id = ?"
#+             return dict(db.execute(query, (row["id"],)).fetchone())

# %% claims-too-early | does not look at due
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " WHERE d.state = 'pending' AND ? > 0 AND d.leased <= ?"

# %% claims-what-is-claimed | does not look at the lease
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " WHERE d.state = 'pending' AND d.due <= ? AND ? > 0"

# %% claims-last-forever | only what was never claimed
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " WHERE d.state = 'pending' AND d.due <= ? AND d.worker IS NULL AND ? > 0"

# %% claims-finished-deliveries | everything that is not dead
#-             " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+             " WHERE d.state != 'dead' AND d.due <= ? AND d.leased <= ?"

# %% claims-for-disabled-endpoints | does not look at the endpoint
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " ORDER BY d.due LIMIT 1) RETURNING *",

# %% sets-no-lease | a lease in the past
#-             (worker, now + 60, now, now),
#+             (worker, now, now, now),

# %% sets-no-lease | a duration instead of a time
#-             (worker, now + 60, now, now),
#+             (worker, 60, now, now),

# %% does-not-store-the-worker | no worker
#-             (worker, now + 60, now, now),
#+             (None, now + 60, now, now),

# %% wrong-order | the newest first
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " AND e.enabled = 1 ORDER BY d.due DESC LIMIT 1) RETURNING *",

# %% wrong-order | by id
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " AND e.enabled = 1 ORDER BY d.id LIMIT 1) RETURNING *",

# %% claims-all | no limit
#-             "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
#+             "UPDATE deliveries SET worker = ?, leased = ? WHERE id IN ("
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " AND e.enabled = 1 ORDER BY d.due) RETURNING *",

# %% does-not-commit | no transaction
#-     with db:
#+     if True:

# %% fails-without-work | expects a row
#-     return dict(row) if row else None
#+     return dict(row)

# %% no-name | new deliveries first
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " AND e.enabled = 1 ORDER BY d.made, d.due LIMIT 1) RETURNING *",

# %% no-name | failing endpoints are left out
#-             " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
#+             " AND e.enabled = 1 AND e.failures = 0 ORDER BY d.due LIMIT 1) RETURNING *",


# %% no-name | looks the claim up by its worker and its time
#-         row = db.execute(
#+         claimed = db.execute(
#-     return dict(row) if row else None
#+     if claimed is None:
#+         return None
#+     mine = "SELECT * FROM deliveries WHERE worker = ? AND leased = ?"
#+     return dict(db.execute(mine, (worker, now + 60)).fetchone())


# %% no-name | nothing to commit if nothing was found
#-     with db:
#+     if True:
#-     return dict(row) if row else None
#+     if row is None:
#+         return None
#+     db.commit()
#+     return dict(row)
