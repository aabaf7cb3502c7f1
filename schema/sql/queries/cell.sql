-- Cells and the terms of their keys.

-- name: term_find
SELECT number FROM term WHERE text = ?1;

-- name: term_text
SELECT text FROM term WHERE number = ?1;

-- name: term_add
INSERT INTO term (text) VALUES (?1);

-- name: cell_add
INSERT INTO cell (dot, key, value) VALUES (?1, ?2, ?3);

-- name: cell_find
SELECT dot, value FROM cell WHERE key = ?1;

-- The cell at dot ?1 changed: it moves to the end of its stream.
-- name: cell_move
UPDATE cell SET dot = ?2, value = ?3 WHERE dot = ?1;

-- name: cell_scan
SELECT dot, key, value FROM cell WHERE dot > ?1 AND dot <= ?2 ORDER BY dot LIMIT ?3;

-- The same, for whole streams (a reader may scan inside such a walk).
-- name: cell_walk
SELECT dot, key, value FROM cell WHERE dot > ?1 AND dot <= ?2 ORDER BY dot;

-- The first cell above a dot, of any stream.
-- name: cell_dot_after
SELECT dot FROM cell WHERE dot > ?1 ORDER BY dot LIMIT 1;

-- A row that had rotted, as it was.
-- name: cell_mend
UPDATE cell SET key = ?2, value = ?3 WHERE dot = ?1;

-- Every cell of one stream.
-- name: cell_drop
DELETE FROM cell WHERE dot > ?1 AND dot <= ?2;

-- Where a part of ?3 cells more than one ends.
-- name: cell_part
SELECT dot FROM cell WHERE dot > ?1 AND dot <= ?2 ORDER BY dot LIMIT 1 OFFSET ?3;
