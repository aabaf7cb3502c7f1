-- Transfer windows: node/store/operation/window.c.

-- name: window_add
INSERT INTO transfer_window (peer, text) VALUES (?1, ?2);

-- name: window_find
SELECT id FROM transfer_window WHERE peer = ?1 AND text = ?2;

-- name: window_after
SELECT id, peer, text FROM transfer_window WHERE id > ?1 ORDER BY id LIMIT 1;

-- name: window_remove
DELETE FROM transfer_window WHERE id = ?1;

-- name: window_used_get
SELECT bytes FROM transfer_used WHERE window = ?1 AND start_ms = ?2;

-- name: window_used_add
INSERT INTO transfer_used (window, start_ms, bytes) VALUES (?1, ?2, ?3)
ON CONFLICT (window, start_ms) DO UPDATE SET bytes = bytes + excluded.bytes;

-- Old periods go, but never the one that is counted now.
-- name: window_used_trim
DELETE FROM transfer_used WHERE window = ?1 AND start_ms <> ?2 AND start_ms NOT IN
    (SELECT start_ms FROM transfer_used WHERE window = ?1 ORDER BY start_ms DESC LIMIT 64);

-- name: window_used_remove
DELETE FROM transfer_used WHERE window = ?1;
