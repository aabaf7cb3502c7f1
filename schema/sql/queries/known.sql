-- What was counted once, by fingerprint: node/store/stream/known.c.

-- name: known_add
INSERT OR IGNORE INTO known (kind, fingerprint, life, number, change, subject, count, is_due) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: known_net
SELECT coalesce(sum(change), 0), coalesce(max(subject), 0), coalesce(max(count), 0) FROM known WHERE kind = ?1 AND fingerprint = ?2;

-- name: known_changes
SELECT life, change FROM known WHERE kind = ?1 AND fingerprint = ?2;

-- name: known_claim
UPDATE known SET subject = ?3 WHERE kind = ?1 AND fingerprint = ?2;

-- name: known_due
-- scan: one row of a partial index that is empty but after a loss
SELECT kind, fingerprint FROM known WHERE is_due = 1 LIMIT 1;

-- name: known_settle
UPDATE known SET is_due = 0 WHERE kind = ?1 AND fingerprint = ?2 AND is_due = 1;

-- name: known_lives
-- scan: a node that becomes another one, once
SELECT life FROM known UNION SELECT life FROM share;

-- name: known_void
-- scan: a node that becomes another one, once for each of its lives
UPDATE OR REPLACE known SET change = 0, is_due = 1 WHERE life = ?1;

-- name: known_batch_lost
-- scan: the partial index holds large batches that came back and were not imported again: few
SELECT 1 FROM known WHERE kind = 2 AND subject = 0 GROUP BY fingerprint HAVING sum(change) > 0 LIMIT 1;
