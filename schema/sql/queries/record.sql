-- Statements of the learning record store: node/store/people/record.c.

-- name: record_last_below
SELECT max(id) FROM record WHERE id < ?1;

-- name: record_insert
INSERT OR IGNORE INTO record (id, uuid, is_voided, body) VALUES (?1, ?2, ?3, ?4);

-- name: record_find
SELECT id, uuid, is_voided, body FROM record WHERE uuid = ?1;

-- name: record_get
SELECT id, uuid, is_voided, body FROM record WHERE id = ?1;

-- name: record_void
UPDATE record SET is_voided = 1 WHERE id = ?1;

-- name: record_delete
DELETE FROM record WHERE id = ?1;

-- name: record_count
-- scan: counts all, for status and tests
SELECT count(*) FROM record;

-- name: record_page_down
SELECT id FROM record WHERE id > ?1 AND id < ?2 AND is_voided = 0 ORDER BY id DESC;

-- name: record_page_up
SELECT id FROM record WHERE id > ?1 AND id < ?2 AND is_voided = 0 ORDER BY id;

-- name: record_reference_insert
INSERT OR IGNORE INTO record_reference (target, record, is_voiding) VALUES (?1, ?2, ?3);

-- name: record_reference_list
SELECT record, is_voiding FROM record_reference WHERE target = ?1 AND record > ?2 ORDER BY record;

-- name: record_reference_delete
DELETE FROM record_reference WHERE target = ?1 AND record = ?2;

-- name: xapi_attachment_insert
INSERT OR IGNORE INTO xapi_attachment (sha2, media_type, body) VALUES (?1, ?2, ?3);

-- name: xapi_attachment_find
SELECT media_type, body FROM xapi_attachment WHERE sha2 = ?1;

-- name: xapi_attachment_use_insert
INSERT OR IGNORE INTO xapi_attachment_use (record, sha2) VALUES (?1, ?2);

-- name: xapi_attachment_use_delete
DELETE FROM xapi_attachment_use WHERE record = ?1;

-- name: xapi_attachment_use_list
SELECT sha2 FROM xapi_attachment_use WHERE record = ?1;

-- name: xapi_attachment_delete_unused
DELETE FROM xapi_attachment WHERE sha2 = ?1 AND NOT EXISTS (SELECT 1 FROM xapi_attachment_use u WHERE u.sha2 = ?1);

-- name: xapi_activity_find
SELECT last, definition FROM xapi_activity WHERE activity = ?1;

-- name: xapi_activity_put
INSERT INTO xapi_activity (activity, last, definition) VALUES (?1, ?2, ?3)
ON CONFLICT (activity) DO UPDATE SET last = excluded.last, definition = excluded.definition;

-- name: xapi_name_insert
INSERT OR IGNORE INTO xapi_name (agent, name) VALUES (?1, ?2);

-- name: xapi_name_list
SELECT name FROM xapi_name WHERE agent = ?1 ORDER BY name LIMIT 100;

-- name: xapi_name_delete
DELETE FROM xapi_name WHERE agent = ?1;
