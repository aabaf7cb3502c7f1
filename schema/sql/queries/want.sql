-- Objects still needed.

-- name: want_put
INSERT INTO want (object, size, rank) VALUES (?1, ?2, ?3) ON CONFLICT (object) DO UPDATE SET rank = min(rank, excluded.rank), size = max(size, excluded.size);

-- name: want_delete
DELETE FROM want WHERE object = ?1;

-- name: want_find
SELECT 1 FROM want WHERE object = ?1;

-- name: want_delete_all
-- scan: deletes everything
DELETE FROM want;

-- name: want_scan
-- scan: in the order of its index, a page at a time
SELECT object, size FROM want ORDER BY rank, size, object LIMIT ?2 OFFSET ?1;

-- name: want_totals
-- scan: counts for status
SELECT count(*), coalesce(sum(size), 0) FROM want;

-- name: want_base_put
INSERT OR REPLACE INTO want_base (object, number, base) VALUES (?1, ?2, ?3);

-- name: want_base_scan
SELECT base FROM want_base WHERE object = ?1 ORDER BY number;
