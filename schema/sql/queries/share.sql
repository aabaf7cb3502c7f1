-- What each life counted of a fact: node/store/stream/share.c.

-- name: share_list
SELECT life, content, is_recovered FROM share WHERE fingerprint = ?1 ORDER BY life;

-- name: share_revision
SELECT revision FROM share WHERE fingerprint = ?1 AND life = ?2;

-- name: share_put
INSERT INTO share (fingerprint, life, revision, content, is_recovered, is_due) VALUES (?1, ?2, ?3, ?4, 0, 0)
ON CONFLICT (fingerprint, life) DO UPDATE SET revision = excluded.revision, content = excluded.content;

-- name: share_recover
INSERT INTO share (fingerprint, life, revision, content, is_recovered, is_due) VALUES (?1, ?2, ?3, ?4, 1, 1)
ON CONFLICT (fingerprint, life) DO UPDATE SET revision = excluded.revision, content = excluded.content, is_recovered = 1, is_due = 1
WHERE excluded.revision > share.revision;

-- name: share_after
SELECT fingerprint FROM share WHERE fingerprint > ?1 ORDER BY fingerprint LIMIT 1;

-- name: share_due
-- scan: one row of a partial index that is empty but after a loss
SELECT fingerprint FROM share WHERE is_due = 1 LIMIT 1;

-- name: share_settle
UPDATE share SET is_due = 0 WHERE fingerprint = ?1 AND is_due = 1;

-- name: share_forget
DELETE FROM share WHERE fingerprint = ?1;

-- name: share_forget_life
DELETE FROM share WHERE fingerprint = ?1 AND life = ?2;

-- The facts of a person, by fingerprint (48 of the 64 bits of the hash of an event's id).
-- name: share_of
-- scan: erasing a person is rare
SELECT (hash >> 16) & 281474976710655 FROM event_key WHERE event IN (SELECT id FROM event WHERE person = ?1);
