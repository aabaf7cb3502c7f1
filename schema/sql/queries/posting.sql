-- What statements are found by: node/store/people/posting.c.

-- name: record_tail_last
SELECT total FROM record_tail WHERE id = (SELECT max(id) FROM record_tail);

-- name: record_tail_insert
INSERT INTO record_tail (total, entries) VALUES (?1, ?2);

-- name: record_tail_list
-- scan: the tail is bounded, and every search reads all of it
SELECT entries FROM record_tail;

-- name: record_tail_clear
-- scan: all of it is in a segment now
DELETE FROM record_tail;

-- name: record_segment_insert
INSERT INTO record_segment (first, last) VALUES (?1, ?2);

-- name: record_segment_list_down
SELECT id, last FROM record_segment WHERE last > ?1 AND first < ?2 ORDER BY last DESC;

-- name: record_segment_list_up
SELECT id, first FROM record_segment WHERE first < ?2 AND last > ?1 ORDER BY first;

-- name: record_segment_list_over
SELECT id FROM record_segment WHERE last >= ?1 AND first <= ?1;

-- name: record_posting_find
SELECT records FROM record_posting WHERE segment = ?1 AND term = ?2;

-- name: record_posting_put
INSERT INTO record_posting (segment, term, records) VALUES (?1, ?2, ?3)
ON CONFLICT (segment, term) DO UPDATE SET records = excluded.records;

-- name: record_posting_delete
DELETE FROM record_posting WHERE segment = ?1 AND term = ?2;
