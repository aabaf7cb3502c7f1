-- Figures that can hardly be right: node/store/stream/doubt.c.

-- name: doubt_list
-- scan: at most 64
SELECT node, kind, period, figure, bound, since_ms FROM doubt;

-- name: doubt_put
INSERT INTO doubt (node, kind, period, figure, bound, since_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (node, kind, period) DO UPDATE SET figure = excluded.figure, bound = excluded.bound;

-- name: doubt_drop
DELETE FROM doubt WHERE node = ?1 AND kind = ?2 AND period = ?3;
