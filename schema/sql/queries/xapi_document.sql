-- Documents of the learning record store: node/store/people/xapi_document.c.

-- name: xapi_document_find
SELECT id, media_type, etag, updated_ms, body FROM xapi_document
WHERE kind = ?1 AND agent = ?2 AND activity = ?3 AND registration = ?4 AND name = ?5;

-- name: xapi_document_put
INSERT INTO xapi_document (kind, agent, activity, registration, name, media_type, etag, updated_ms, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (kind, agent, activity, registration, name)
DO UPDATE SET media_type = excluded.media_type, etag = excluded.etag, updated_ms = excluded.updated_ms, body = excluded.body;

-- name: xapi_document_delete
DELETE FROM xapi_document WHERE id = ?1;

-- name: xapi_document_list
-- With a registration only its documents, without one those of all (?5 = 0).
SELECT id, name, updated_ms, etag FROM xapi_document
WHERE kind = ?1 AND agent = ?2 AND activity = ?3 AND (?5 = 0 OR registration = ?4) AND updated_ms > ?6
ORDER BY registration, name;

-- name: xapi_document_list_agent
SELECT id FROM xapi_document WHERE kind = ?1 AND agent = ?2;
