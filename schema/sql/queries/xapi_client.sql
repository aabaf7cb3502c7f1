-- Who may speak xAPI: node/store/people/xapi_client.c.

-- name: xapi_key_insert
INSERT OR IGNORE INTO xapi_key (key, name, secret, rights, made_ms) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: xapi_key_find
SELECT key, name, secret, rights, made_ms FROM xapi_key WHERE key = ?1;

-- name: xapi_key_list
-- scan: a handful of keys, all of them shown
SELECT key, name, secret, rights, made_ms FROM xapi_key ORDER BY name, key;

-- name: xapi_key_delete
DELETE FROM xapi_key WHERE key = ?1;

-- name: xapi_session_insert
INSERT INTO xapi_session (uuid, token, secret, launch, person, registration, activity, said, was_fetched, initialized_ms, last_ms,
    expires_ms, volume, details)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, ?13);

-- name: xapi_session_get
SELECT id, uuid, secret, launch, person, registration, activity, said, was_fetched, initialized_ms, last_ms, expires_ms, volume, details
FROM xapi_session WHERE id = ?1;

-- name: xapi_session_find_token
SELECT id FROM xapi_session WHERE token = ?1;

-- name: xapi_session_find_uuid
SELECT id FROM xapi_session WHERE uuid = ?1;

-- name: xapi_session_newest
SELECT id FROM xapi_session WHERE registration = ?1 AND activity = ?2 ORDER BY id DESC LIMIT 1;

-- name: xapi_session_living
-- Of a registration, the newest before `?2` whose authorization is worth something.
SELECT id FROM xapi_session WHERE registration = ?1 AND id < ?2 AND expires_ms > ?3 ORDER BY id DESC LIMIT 1;

-- name: xapi_session_said
-- What all sessions of an activity and registration have said.
SELECT said FROM xapi_session WHERE registration = ?1 AND activity = ?2 AND id <> ?3;

-- name: xapi_session_update
UPDATE xapi_session SET said = ?2, was_fetched = ?3, initialized_ms = ?4, last_ms = ?5, expires_ms = ?6, volume = ?7, secret = ?8 WHERE id = ?1;

-- name: xapi_session_delete_person
DELETE FROM xapi_session WHERE person = ?1;
