# %% no-limit-per-endpoint | no limit
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) >= 0"

# %% another-limit | up to and including two
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) <= 2"

# %% another-limit | one at a time
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 1"

# %% counts-all-endpoints | counts everything in flight
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.state = 'pending' AND f.leased > ?) < 2"

# %% counts-old-claims | a worker is enough
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.worker IS NOT NULL AND ? > 0) < 2"

# %% counts-old-claims | any lease
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > 0 AND ? > 0) < 2"

# %% counts-finished-deliveries | no state in the subquery
#-         " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
#+         " f.endpoint = d.endpoint AND f.leased > ?) < 2"

# %% wrong-order | the newest first
#-         " ORDER BY d.due LIMIT 1",
#+         " ORDER BY d.due DESC LIMIT 1",

# %% wrong-order | by id
#-         " ORDER BY d.due LIMIT 1",
#+         " ORDER BY d.id LIMIT 1",

# %% chooses-what-cannot-be-claimed | does not look at due
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+         " WHERE d.state = 'pending' AND ? > 0 AND d.leased <= ?"

# %% chooses-what-cannot-be-claimed | does not look at the lease
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+         " WHERE d.state = 'pending' AND d.due <= ? AND ? > 0"

# %% chooses-what-cannot-be-claimed | does not look at the endpoint
#-         " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
#+         " AND (SELECT count(*) FROM deliveries f WHERE"

# %% chooses-what-cannot-be-claimed | finished deliveries too
#-         " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
#+         " WHERE 1 AND d.due <= ? AND d.leased <= ?"

# %% returns-a-row | returns the row
#-     return row["id"] if row else None
#+     return row

# %% no-name | new deliveries first
#-         " ORDER BY d.due LIMIT 1",
#+         " ORDER BY d.made, d.due LIMIT 1",


# %% no-name | ends the claims of crashed workers on the way
#-     row = db.execute(
#+     with db:
#+         db.execute("UPDATE deliveries SET worker = NULL WHERE leased <= ?", (now,))
#+     row = db.execute(


# %% no-name | no other worker may write between
#-     row = db.execute(
#+     db.execute("BEGIN IMMEDIATE")
#+     row = db.execute(
