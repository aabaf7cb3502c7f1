-- Heads, states and staged batches of streams.

-- name: stream_after
SELECT number, id, seq, count, digest, stamp, signature, at_ms, adopted FROM stream WHERE id > ?1 AND seq > adopted ORDER BY id LIMIT 1;

-- name: stream_walk
-- scan: all heads are read once for each commit
SELECT number, id, seq, count, digest, stamp, signature, at_ms, adopted FROM stream WHERE seq > adopted ORDER BY id;

-- name: stream_get
SELECT number, id, seq, count, digest, stamp, signature, at_ms, adopted FROM stream WHERE id = ?1;

-- name: stream_by_number
SELECT number, id, seq, count, digest, stamp, signature, at_ms, adopted FROM stream WHERE number = ?1;

-- The streams with ids above ?1, up to ?2.
-- name: stream_numbers
SELECT number, id FROM stream WHERE id > ?1 AND id <= ?2 ORDER BY id;

-- name: stream_number_after
SELECT number FROM stream WHERE number > ?1 ORDER BY number LIMIT 1;

-- name: stream_drop
DELETE FROM stream WHERE number = ?1;

-- name: stream_add
INSERT INTO stream (id, seq, count, digest, stamp, signature, at_ms, adopted) VALUES (?1, 0, 0, x'', 0, x'', 0, 0);

-- Puts a stream behind all others.
-- name: stream_to_end
UPDATE stream SET number = (SELECT max(number) + 1 FROM stream) WHERE number = ?1 RETURNING number;

-- name: stream_put
UPDATE stream SET seq = ?2, count = ?3, digest = ?4, stamp = ?5, signature = ?6, at_ms = ?7 WHERE number = ?1;

-- The next stream with id above ?1, up to ?2, of which another says something.
-- name: stream_said_after
SELECT number, id, seq, count, digest, stamp, signature, at_ms, adopted FROM stream WHERE id > ?1 AND id <= ?2 AND adopted > 0 ORDER BY id LIMIT 1;

-- The next stream with id above ?1, up to ?2, that counts and was certified between the stamps ?3 and ?4.
-- name: stream_between
SELECT number, id, seq, count, digest, stamp, signature, at_ms, adopted FROM stream WHERE id > ?1 AND id <= ?2 AND seq > adopted AND stamp > ?3 AND stamp < ?4 ORDER BY id LIMIT 1;

-- name: stream_adopt
UPDATE stream SET adopted = ?2 WHERE number = ?1;

-- Covered streams beyond the ?1 latest: what this node adopted of its own.
-- name: stream_retained
-- scan: an adoption is rare
SELECT number FROM stream WHERE seq > 0 AND seq <= adopted ORDER BY at_ms DESC, number DESC LIMIT 1 OFFSET ?1;

-- The cells of stream ?1 are those at the number ?2 from now on.
-- name: stream_renumber
UPDATE stream SET number = ?2 WHERE number = ?1;

-- A row for cells that belong to no stream (node/store/stream/beside.h); ?1 NULL: a number behind all others.
-- name: beside_add
INSERT INTO stream (number, id, seq, count, digest, stamp, signature, at_ms, adopted) VALUES (?1, ?2, 0, 1, x'', 0, x'', 0, 0);

-- name: beside_all
-- scan: once in the life of a process
SELECT number FROM stream WHERE seq = 0 AND count > 0 AND length(digest) = 0 AND length(signature) = 0;

-- name: stream_state_get
SELECT state FROM stream_state WHERE number = ?1;

-- name: stream_state_put
INSERT INTO stream_state (number, state) VALUES (?1, ?2) ON CONFLICT (number) DO UPDATE SET state = excluded.state;

-- name: stream_state_drop
DELETE FROM stream_state WHERE number = ?1;

-- name: staging_last
SELECT seq FROM staging WHERE stream = ?1 ORDER BY seq DESC LIMIT 1;

-- What staged batches take of the disk, about.
-- name: staging_size
-- scan: there are 131,072 rows at most, of which the sizes are read (STAGED_ROW_SIZE)
SELECT coalesce(sum(length(body) + 4096), 0) FROM staging;

-- name: staging_oldest
-- scan: the first row of the table, no more
SELECT stream FROM staging ORDER BY number LIMIT 1;

-- name: staging_add
INSERT INTO staging (stream, after_seq, seq, body, size) VALUES (?1, ?2, ?3, ?4, ?5);

-- The next staged batch of stream ?1 above seq ?2.
-- name: staging_after
SELECT after_seq, seq, body, size FROM staging WHERE stream = ?1 AND seq > ?2 ORDER BY seq LIMIT 1;

-- The staged batches of stream ?1 are now those of ?2.
-- name: staging_move
UPDATE staging SET stream = ?2 WHERE stream = ?1;

-- name: staging_drop
DELETE FROM staging WHERE stream = ?1;
