-- The log of what was changed: node/store/operation/act.c.

-- name: act_add
INSERT INTO act (at_ms, who, words, exit) VALUES (?1, ?2, ?3, ?4);

-- name: act_trim
DELETE FROM act WHERE number <= ?1;

-- name: act_before
SELECT number, at_ms, who, words, exit FROM act WHERE number < ?1 ORDER BY number DESC LIMIT 1;

-- name: act_change
UPDATE act SET who = ?2, words = ?3 WHERE number = ?1;
