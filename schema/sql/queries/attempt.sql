-- Registrations and launches: node/store/people/registration.c, node/store/people/launch.c.

-- name: registration_get
SELECT id, uuid, person, course, cohort, lang, version, status, progress, score, seconds, created_ms, started_ms, completed_ms, certified_ms,
    mark_status, mark_score, mark_reason, mark_by, marked_ms, is_due
FROM registration WHERE id = ?1;

-- name: registration_find
SELECT id FROM registration WHERE person = ?1 AND course = ?2 AND cohort = ?3;

-- The latest of a person in a course, whatever the cohort.
-- name: registration_find_latest
SELECT id FROM registration WHERE person = ?1 AND course = ?2 ORDER BY id DESC LIMIT 1;

-- Is anybody registered in a course?
-- name: registration_any
SELECT 1 FROM registration WHERE course = ?1 LIMIT 1;

-- name: registration_find_uuid
SELECT id FROM registration WHERE uuid = ?1;

-- name: registration_list_of
SELECT id FROM registration WHERE person = ?1 ORDER BY id;

-- name: registration_list_in
SELECT id FROM registration WHERE course = ?1 AND cohort = ?2 ORDER BY id;

-- name: registration_list_due
-- scan: of the partial index, which holds the due ones alone
SELECT id FROM registration WHERE is_due = 1 ORDER BY id LIMIT ?1;

-- Of one human being in a course and cohort: those of the kept person, and of all that were merged into them; the kept one's first.
-- name: registration_list_twins
SELECT id FROM registration WHERE course = ?2 AND cohort = ?3 AND person IN (SELECT ?1 UNION ALL SELECT p.id FROM person p WHERE p.merged_into = ?1)
ORDER BY person <> ?1, id;

-- name: registration_set_due
UPDATE registration SET is_due = 1 WHERE id = ?1;

-- name: registration_set_due_of
UPDATE registration SET is_due = 1 WHERE person = ?1;

-- name: registration_insert
INSERT INTO registration (uuid, person, course, cohort, lang, version, status, progress, score, seconds, created_ms, started_ms, completed_ms,
    certified_ms, mark_status, mark_score, mark_reason, mark_by, marked_ms, is_due)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20);

-- name: registration_update
UPDATE registration SET lang = ?2, version = ?3, status = ?4, progress = ?5, score = ?6, seconds = ?7, created_ms = ?8, started_ms = ?9,
    completed_ms = ?10, certified_ms = ?11, mark_status = ?12, mark_score = ?13, mark_reason = ?14, mark_by = ?15, marked_ms = ?16, is_due = ?17
WHERE id = ?1;

-- name: registration_delete_of
DELETE FROM registration WHERE person = ?1;

-- Above all others, at a distance: what a browser kept for a launch that was lost with an older database must not fall on another one.
-- name: launch_insert
INSERT INTO launch (id, token, registration, person, course, item, attempt, runtime, created_ms, expires_ms, ended_ms, seq, completion, success, score, progress,
    seconds, completed_ms, session, state)
VALUES ((SELECT coalesce(max(id), 0) FROM launch) + ?19, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, '');

-- name: launch_get
SELECT id, token, registration, person, course, item, attempt, runtime, created_ms, expires_ms, ended_ms, seq, completion, success, score, progress,
    seconds, completed_ms, session
FROM launch WHERE id = ?1;

-- name: launch_find_token
SELECT id, course, expires_ms, ended_ms FROM launch WHERE token = ?1;

-- The numbers of all launches of a registration, item by item.
-- name: launch_sum
SELECT item, id, course, attempt, created_ms, completion, success, score, progress, seconds, completed_ms, token FROM launch
WHERE registration = ?1 ORDER BY item, id;

-- name: launch_update
UPDATE launch SET expires_ms = ?2, ended_ms = ?3, seq = ?4, completion = ?5, success = ?6, score = ?7, progress = ?8, seconds = ?9, completed_ms = ?10,
    session = ?11
WHERE id = ?1;

-- name: launch_put_state
UPDATE launch SET state = ?2 WHERE id = ?1;

-- State of other launches of the same attempt is not handed on any more.
-- name: launch_drop_state
UPDATE launch SET state = '' WHERE registration = ?1 AND item = ?2 AND attempt = ?3 AND id <> ?4 AND state <> '';

-- What a launch of an attempt left behind. (One of them has it; of what older programs left, the latest.)
-- name: launch_state
SELECT state, id FROM launch WHERE registration = ?1 AND item = ?2 AND attempt = ?3 AND state <> '' ORDER BY id DESC LIMIT 1;

-- name: launch_attempt
SELECT coalesce(max(attempt), 0) FROM launch WHERE registration = ?1 AND item = ?2;

-- name: launch_delete_of
-- scan: erasing a person is rare
DELETE FROM launch WHERE person = ?1;
