-- Contents, their chunks, and the files to sweep.

-- name: blob_get
SELECT id, size, is_whole FROM blob WHERE hash = ?1;

-- name: blob_get_by_id
SELECT hash, size, is_whole FROM blob WHERE id = ?1;

-- name: blob_after
SELECT id, hash, size, is_whole FROM blob WHERE id > ?1 ORDER BY id LIMIT 1;

-- name: blob_unfinished_after
SELECT id, hash, size, is_whole FROM blob WHERE id > ?1 AND is_whole = 0 ORDER BY id LIMIT 1;

-- All chunks are there, and it is not whole: the check is under way, or was lost.
-- name: blob_complete_after
SELECT id, hash, size, is_whole FROM blob b WHERE id > ?1 AND is_whole = 0 AND EXISTS (SELECT 1 FROM blob_chunk c WHERE c.blob = b.id)
    AND NOT EXISTS (SELECT 1 FROM blob_chunk c WHERE c.blob = b.id AND c.is_held = 0) ORDER BY id LIMIT 1;

-- name: blob_insert
INSERT INTO blob (hash, size, is_whole) VALUES (?1, ?2, ?3);

-- name: blob_set_whole
UPDATE blob SET is_whole = 1 WHERE id = ?1;

-- name: blob_set_lost
UPDATE blob SET is_whole = 0 WHERE id = ?1;

-- name: blob_delete
DELETE FROM blob WHERE id = ?1;

-- name: blob_chunk_insert
INSERT INTO blob_chunk (blob, number, hash, start, size, is_held) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- The chunks of one blob, one after the other.
-- name: blob_chunk_next
SELECT number, hash, start, size, is_held FROM blob_chunk WHERE blob = ?1 AND number > ?2 ORDER BY number LIMIT 1;

-- name: blob_chunk_set_held
UPDATE blob_chunk SET is_held = ?3 WHERE blob = ?1 AND number = ?2;

-- name: blob_chunk_set_all_held
UPDATE blob_chunk SET is_held = ?2 WHERE blob = ?1;

-- One place where a chunk is still missing.
-- name: blob_chunk_missing
SELECT blob, number, start, size FROM blob_chunk WHERE hash = ?1 AND is_held = 0 LIMIT 1;

-- Is any chunk of a blob missing?
-- name: blob_chunk_any_missing
SELECT 1 FROM blob_chunk WHERE blob = ?1 AND is_held = 0 LIMIT 1;

-- One place where a chunk can be read.
-- name: blob_chunk_held
SELECT c.blob, c.number, c.start, c.size, b.hash, b.size, b.is_whole FROM blob_chunk c JOIN blob b ON b.id = c.blob WHERE c.hash = ?1 AND c.is_held = 1 LIMIT 1;

-- name: blob_stray_insert
INSERT OR IGNORE INTO blob_stray (hash) VALUES (?1);

-- name: blob_stray_delete
DELETE FROM blob_stray WHERE hash = ?1;

-- name: blob_stray_next
SELECT hash FROM blob_stray WHERE hash > ?1 ORDER BY hash LIMIT 1;

-- name: blob_totals
-- scan: counts for status, seldom asked
SELECT count(*), coalesce(sum(size), 0) FROM blob WHERE is_whole = 1;

-- What all contents weigh, those under way by the chunks that are here.
-- name: blob_weight
-- scan: sums for a clean-up, asked by a person
SELECT (SELECT coalesce(sum(size), 0) FROM blob WHERE is_whole = 1)
    + (SELECT coalesce(sum(c.size), 0) FROM blob b JOIN blob_chunk c ON c.blob = b.id WHERE b.is_whole = 0 AND c.is_held = 1);
