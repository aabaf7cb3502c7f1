-- Dealings with peers: status, receipts, invitations, demand.

-- name: peer_status_put
INSERT INTO peer_status (node, state, endpoint, error, last_attempt_ms, last_success_ms,
    we_lack_cells, we_lack_bytes, they_lack_cells, they_lack_bytes, sessions, bytes_in, bytes_out, refused, rate_bits, software)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT (node) DO UPDATE SET state = excluded.state, endpoint = excluded.endpoint, error = excluded.error,
    last_attempt_ms = excluded.last_attempt_ms, last_success_ms = excluded.last_success_ms, we_lack_cells = excluded.we_lack_cells,
    we_lack_bytes = excluded.we_lack_bytes, they_lack_cells = excluded.they_lack_cells, they_lack_bytes = excluded.they_lack_bytes,
    sessions = excluded.sessions, bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out, refused = excluded.refused,
    rate_bits = excluded.rate_bits, software = excluded.software;

-- name: peer_status_get
SELECT node, state, endpoint, error, last_attempt_ms, last_success_ms,
    we_lack_cells, we_lack_bytes, they_lack_cells, they_lack_bytes, sessions, bytes_in, bytes_out, refused, rate_bits, software
FROM peer_status WHERE node = ?1;

-- name: peer_status_after
SELECT node, state, endpoint, error, last_attempt_ms, last_success_ms,
    we_lack_cells, we_lack_bytes, they_lack_cells, they_lack_bytes, sessions, bytes_in, bytes_out, refused, rate_bits, software
FROM peer_status WHERE node > ?1 ORDER BY node LIMIT 1;

-- An older receipt never replaces a newer one.
-- name: held_put
INSERT INTO held (stream, holder, seq, at_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (stream, holder) DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms
WHERE excluded.seq > seq OR (excluded.seq = seq AND excluded.at_ms > at_ms);

-- Of one holder and one writer, up to a number.
-- name: held_crowd
-- scan: of the inner rows, which are found by their key and limited
SELECT count(*) FROM (SELECT 1 FROM held WHERE stream BETWEEN ?1 AND ?2 AND holder = ?3 LIMIT ?4);

-- name: held_get
SELECT seq FROM held WHERE stream = ?1 AND holder = ?2;

-- name: held_drop
DELETE FROM held WHERE stream = ?1;

-- name: held_drop_one
DELETE FROM held WHERE stream = ?1 AND holder = ?2;

-- name: held_after
SELECT stream, holder, seq, at_ms FROM held WHERE (stream, holder) > (?1, ?2) ORDER BY stream, holder LIMIT 1;

-- name: invite_put
INSERT INTO invite (token, name, kind, country, region, created_ms, expires_ms, used_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, x'');

-- name: invite_get
SELECT token, name, kind, country, region, created_ms, expires_ms, used_by FROM invite WHERE token = ?1;

-- name: invite_after
SELECT token, name, kind, country, region, created_ms, expires_ms, used_by FROM invite WHERE token > ?1 ORDER BY token LIMIT 1;

-- name: invite_use
UPDATE invite SET used_by = ?2 WHERE token = ?1;

-- It is said again and again: less than a day (86400000) longer is not written.
-- name: demand_put
INSERT INTO demand (object, until_ms) VALUES (?1, ?2)
ON CONFLICT (object) DO UPDATE SET until_ms = excluded.until_ms WHERE excluded.until_ms > until_ms + 86400000;

-- How many objects are wanted for others: the bound of demand.h.
-- name: demand_count
-- scan: at most DEMANDS_MAX narrow rows, and only for an object that is not held here
SELECT count(*) FROM demand;

-- name: demand_find
SELECT until_ms FROM demand WHERE object = ?1;

-- name: demand_after
SELECT object FROM demand WHERE object > ?1 AND until_ms > ?2 ORDER BY object LIMIT 1;

-- name: demand_drop
DELETE FROM demand WHERE object = ?1;

-- name: demand_expire
DELETE FROM demand WHERE until_ms <= ?1;

-- Invitations that nobody has used.
-- name: invite_drop_open
-- scan: a few rows, once in the life of a restored node
DELETE FROM invite WHERE used_by = x'';

-- An older one does not replace a newer one, unless it is known to be the newer (?4), or what stands there is of a clock ahead of this one (?5).
-- name: inventory_put
INSERT INTO inventory (node, at_ms, body) VALUES (?1, ?2, ?3)
ON CONFLICT (node) DO UPDATE SET at_ms = excluded.at_ms, body = excluded.body WHERE ?4 OR excluded.at_ms >= at_ms OR at_ms > ?5;

-- name: inventory_at
SELECT at_ms FROM inventory WHERE node = ?1;

-- name: inventory_get
SELECT body FROM inventory WHERE node = ?1;
